//! Status and events for the application: to read, and to wait for.

use super::{ReloadEvent, Status};
use crate::lock::lock;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
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
    pub(crate) fn latest(&self) -> Arc<Status> {
        lock(&self.written).status.clone()
    }

    pub(crate) fn post(&self, status: Status) {
        lock(&self.written).status = Arc::new(status);
        self.changed.notify_all();
    }

    pub(crate) fn tell(&self, event: ReloadEvent) {
        let events = &mut lock(&self.written).events;
        if events.len() == EVENTS {
            events.pop_front();
        }
        events.push_back(event);
    }

    pub(crate) fn take_events(&self) -> VecDeque<ReloadEvent> {
        std::mem::take(&mut lock(&self.written).events)
    }

    pub(crate) fn close(&self) {
        lock(&self.written).closed = true;
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
    pub(crate) fn new(board: Arc<StatusBoard>) -> Self {
        StatusWatch { board }
    }

    /// Returns the current status.
    #[must_use]
    pub fn status(&self) -> Arc<Status> {
        self.board.latest()
    }

    /// Waits until `wanted` returns true for the status. Returns `None` if it did not within
    /// `limit`, or if the owner has ended.
    ///
    /// ```no_run
    /// # use hot_reload::{App, Owner};
    /// # use std::time::Duration;
    /// # fn on_another_thread<Demo: App>(owner: &Owner<Demo>) {
    /// let watch = owner.status_watch();
    /// std::thread::spawn(move || {
    ///     let drawn = watch.wait_for(Duration::from_secs(60), |status| status.drawing);
    ///     println!("{}", if drawn.is_some() { "it draws" } else { "no picture in a minute" });
    /// });
    /// # }
    /// ```
    #[must_use]
    pub fn wait_for(
        &self,
        limit: Duration,
        mut wanted: impl FnMut(&Status) -> bool,
    ) -> Option<Arc<Status>> {
        let deadline = Instant::now() + limit;
        let mut written = lock(&self.board.written);
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
                written = lock(&self.board.written);
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

#[cfg(test)]
mod tests {
    use super::*;

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
