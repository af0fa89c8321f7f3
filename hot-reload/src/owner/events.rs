//! Status and events for the application: to read, to wait for; and holds, which pause reloads.

use crate::status::{ReloadEvent, Status};
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Limit on the events that are kept until they are taken.
const EVENTS: usize = 1024;

/// Board on which the supervisor posts its status and events. Its lock is held only to exchange
/// pointers.
#[derive(Debug, Default)]
pub(crate) struct StatusBoard {
    written: Mutex<Written>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Written {
    status: Arc<Status>,
    events: VecDeque<ReloadEvent>,
    /// Set when the owner has ended: nothing will change any more.
    closed: bool,
}

impl StatusBoard {
    fn lock(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn latest(&self) -> Arc<Status> {
        self.lock().status.clone()
    }

    pub(crate) fn post(&self, status: Status) {
        self.lock().status = Arc::new(status);
        self.changed.notify_all();
    }

    pub(crate) fn tell(&self, event: ReloadEvent) {
        let events = &mut self.lock().events;
        if events.len() == EVENTS {
            events.pop_front();
        }
        events.push_back(event);
    }

    pub(crate) fn take_events(&self) -> VecDeque<ReloadEvent> {
        std::mem::take(&mut self.lock().events)
    }

    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }
}

/// Waits for a status while another thread ticks; made by
/// [`Owner::status_watch`](crate::Owner::status_watch).
#[derive(Debug, Clone)]
pub struct StatusWatch {
    board: Arc<StatusBoard>,
}

impl StatusWatch {
    pub(super) fn new(board: Arc<StatusBoard>) -> Self {
        StatusWatch { board }
    }

    /// Returns the current status.
    #[must_use]
    pub fn status(&self) -> Arc<Status> {
        self.board.latest()
    }

    /// Waits until `wanted` returns true for the status. Returns `None` if it did not within
    /// `limit`, or if the owner has ended.
    #[must_use]
    pub fn wait_for(
        &self,
        limit: Duration,
        mut wanted: impl FnMut(&Status) -> bool,
    ) -> Option<Arc<Status>> {
        let deadline = Instant::now() + limit;
        let mut written = self.board.lock();
        let mut seen: Option<Arc<Status>> = None;
        loop {
            let status = written.status.clone();
            if seen.as_ref().is_none_or(|seen| !Arc::ptr_eq(seen, &status)) {
                // Called without the lock, because `wanted` may take any time.
                drop(written);
                if wanted(&status) {
                    return Some(status);
                }
                seen = Some(status);
                written = self.board.lock();
                continue;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || written.closed {
                return None;
            }
            let waited = self.board.changed.wait_timeout(written, left);
            written = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// Pauses reloads until it is dropped; made by [`Owner::hold`](crate::Owner::hold).
#[derive(Debug)]
#[must_use = "reloads resume when this is dropped"]
pub struct Hold {
    /// One count for each part of the application.
    holds: Vec<Arc<HoldCount>>,
}

/// Number of holds that exist.
pub(crate) struct HoldCount {
    count: Mutex<u32>,
    /// Called when the first hold begins and when the last one ends.
    tell: Box<dyn Fn(bool) + Send + Sync>,
}

impl HoldCount {
    pub(crate) fn new(tell: impl Fn(bool) + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(HoldCount { count: Mutex::new(0), tell: Box::new(tell) })
    }

    pub(crate) fn hold(self: &Arc<Self>) -> Hold {
        let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        *count += 1;
        if *count == 1 {
            (self.tell)(true);
        }
        Hold { holds: vec![self.clone()] }
    }
}

impl std::fmt::Debug for HoldCount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HoldCount({:?})", self.count)
    }
}

impl Hold {
    /// Returns a hold without effect, for one process.
    pub(super) fn of_nothing() -> Self {
        Hold { holds: Vec::new() }
    }

    /// Adds the holds of `other`.
    pub(super) fn with(mut self, mut other: Hold) -> Self {
        self.holds.append(&mut other.holds);
        self
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        for holds in &self.holds {
            let mut count = holds.count.lock().unwrap_or_else(PoisonError::into_inner);
            *count -= 1;
            if *count == 0 {
                (holds.tell)(false);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn a_watch_sees_what_it_waits_for_and_ends_with_the_owner() {
        let board = Arc::new(StatusBoard::default());
        let watch = StatusWatch::new(board.clone());
        assert!(watch.wait_for(Duration::ZERO, |status| status.build == 3).is_none());
        let waiting = std::thread::spawn(move || {
            let seen = watch.wait_for(Duration::from_secs(60), |status| status.build == 3);
            let after = watch.wait_for(Duration::from_secs(60), |status| status.build == 4);
            (seen.map(|status| status.build), after.is_none())
        });
        for build in 1..=3 {
            board.post(Status { build, ..Status::default() });
        }
        board.close();
        assert_eq!(waiting.join().unwrap(), (Some(3), true));
    }

    #[test]
    fn of_several_holds_the_first_and_the_last_are_told() {
        let (sender, told) = channel();
        let holds = HoldCount::new(move |held| sender.send(held).unwrap());
        let (first, second) = (holds.hold(), holds.hold());
        drop(first);
        assert_eq!(told.try_iter().collect::<Vec<_>>(), [true]);
        drop(second);
        assert_eq!(told.try_iter().collect::<Vec<_>>(), [false]);
    }

    #[test]
    fn events_that_nobody_takes_do_not_pile_up() {
        let board = StatusBoard::default();
        for build in 0..5000 {
            board.tell(ReloadEvent::BuildStarted { build });
        }
        let events = board.take_events();
        assert_eq!(events.len(), EVENTS);
        assert_eq!(events.back(), Some(&ReloadEvent::BuildStarted { build: 4999 }));
    }
}
