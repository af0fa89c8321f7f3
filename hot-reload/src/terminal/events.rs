//! What happens in the terminal, read by a thread: half an escape sequence (Alt+[ is one) keeps a reader waiting
//! until the rest of it comes, and a terminal that is gone keeps crossterm's for ever.

use crate::error::{Error, Result};
use crossterm::event::{self, Event};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How often the thread looks whether it shall end.
const LOOK: Duration = Duration::from_millis(50);
/// How long its end is waited for: what it reads then is meant for whoever has the terminal next.
const END: Duration = Duration::from_millis(200);

/// The thread, and what it has read.
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
        let thread = thread::Builder::new().name(NAME.to_owned()).spawn(turn);
        let thread = thread.map_err(|source| Error::Thread { name: NAME, source })?;
        Ok(Events { events, ends, thread })
    }

    /// Whether the terminal can be read.
    pub(super) fn are_coming(&self) -> bool {
        !self.thread.is_finished()
    }

    /// What has happened since the last call.
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
