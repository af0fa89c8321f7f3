//! Orderly ends in spite of a library that calls `exit` on the owner's thread, as Xlib does when
//! its server is gone.
//!
//! If the system then runs that thread's destructors (glibc does), the supervisors that the thread
//! has started end in order and leave their state. Elsewhere the next owner's sweep does what it
//! can.

use super::machine::Event;
use super::message::Message;
use std::cell::RefCell;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Weak};
use std::thread;
use std::time::{Duration, Instant};

/// Limit on the time that the application's end waits for builds and renderer to end in order.
pub(super) const LAST_WAIT: Duration = Duration::from_secs(5);

thread_local! {
    static RUNNING: RefCell<Running> = const { RefCell::new(Running(Vec::new())) };
}

/// Supervisors started by this thread, each with a sign that its own thread is alive.
struct Running(Vec<(Sender<Message>, Weak<()>)>);

/// Registers a supervisor to be ended in order if this thread ends first. The supervisor's thread
/// must keep the returned value for as long as it runs.
pub(super) fn register(events: &Sender<Message>) -> Arc<()> {
    let lives = Arc::new(());
    let entry = (events.clone(), Arc::downgrade(&lives));
    // Fails in a thread that is already ending.
    let _ = RUNNING.try_with(|running| {
        let running = &mut running.borrow_mut().0;
        running.retain(|(_, lives)| lives.strong_count() > 0);
        running.push(entry);
    });
    lives
}

impl Drop for Running {
    fn drop(&mut self) {
        for (events, _) in &self.0 {
            let _ = events.send(Message::LeaveState);
            let _ = events.send(Message::Event(Event::Quit));
        }
        let deadline = Instant::now() + LAST_WAIT;
        let live = || self.0.iter().any(|(_, lives)| lives.strong_count() > 0);
        while live() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(1));
        }
    }
}
