//! Reads the terminal's events on a separate thread. A reader can block: on half an escape sequence
//! (Alt+[ is one) until the rest arrives, and inside crossterm forever if the terminal is gone.

use crate::error::{Error, Result};
use crate::threads::spawn;
use crossterm::event::{self, Event};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Interval at which the thread checks whether it should stop.
const LOOK: Duration = Duration::from_millis(50);
/// Limit on the wait for the thread's end. Input that the thread still reads would be lost for the
/// next program in the terminal.
const END: Duration = Duration::from_millis(200);

/// The reading thread and its events.
#[derive(Debug)]
pub(super) struct Events {
    events: Receiver<Event>,
    ends: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Events {
    pub(super) fn start() -> Result<Self> {
        const NAME: &str = "hot-reload terminal input";
        let (tell, events) = channel();
        let ends = Arc::new(AtomicBool::new(false));
        let ended = ends.clone();
        let turn = move || {
            while !ended.load(Ordering::Relaxed) {
                match event::poll(LOOK) {
                    Ok(false) => continue,
                    Ok(true) => {}
                    Err(_) => return,
                }
                let Ok(event) = event::read() else { return };
                if tell.send(event).is_err() {
                    return;
                }
            }
        };
        let thread = spawn(NAME, turn).map_err(Error::thread(NAME))?;
        Ok(Events { events, ends, thread })
    }

    /// Returns true while the terminal can be read.
    pub(super) fn are_coming(&self) -> bool {
        !self.thread.is_finished()
    }

    /// Takes the events since the last call.
    pub(super) fn take(&self) -> Vec<Event> {
        self.events.try_iter().collect()
    }

    pub(super) fn stop(&self) {
        self.ends.store(true, Ordering::Relaxed);
        let deadline = Instant::now() + END;
        while !self.thread.is_finished() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(1));
        }
    }
}
