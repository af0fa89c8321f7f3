//! A thread that does blocking work on behalf of threads that must not block.

use crate::lock::lock;
use crate::threads::spawn;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

/// A job; its argument is the weight of the jobs that were dropped before it.
type Job = Box<dyn FnOnce(usize) + Send>;

/// A queue of jobs that its own thread runs in order. The thread starts with the first job. Jobs
/// that do not fit into the queue are dropped and counted.
pub(crate) struct Outlet {
    name: &'static str,
    most: usize,
    queue: OnceLock<Option<SyncSender<(usize, Job)>>>,
    dropped: Mutex<usize>,
}

impl Outlet {
    /// Creates an outlet that lets at most `most` jobs wait.
    pub(crate) const fn new(name: &'static str, most: usize) -> Self {
        Outlet { name, most, queue: OnceLock::new(), dropped: Mutex::new(0) }
    }

    /// Hands over a job without ever waiting. The job is told the total weight of the jobs dropped
    /// before it; if it is dropped itself, it counts as `weight`.
    pub(crate) fn hand_over(&self, weight: usize, job: Job) {
        let queue = self.queue.get_or_init(|| {
            let (queue, jobs) = sync_channel::<(usize, Job)>(self.most);
            let turn = move || jobs.into_iter().for_each(|(dropped, job)| job(dropped));
            let thread = spawn(self.name, turn);
            thread.ok().map(|_| queue)
        });
        let Some(queue) = queue else { return };
        let mut dropped = lock(&self.dropped);
        let before = *dropped;
        match queue.try_send((before, job)) {
            Ok(()) => *dropped = 0,
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => *dropped += weight,
        }
    }

    /// Waits until every job handed over so far is done, for at most `limit`.
    pub(crate) fn flush(&self, limit: Duration) {
        let Some(Some(queue)) = self.queue.get() else { return };
        let deadline = Instant::now() + limit;
        let (done, last) = sync_channel(1);
        let mut last_job: (usize, Job) =
            (0, Box::new(move |_| done.try_send(()).unwrap_or_default()));
        while let Err(TrySendError::Full(unsent)) = queue.try_send(last_job) {
            if Instant::now() >= deadline {
                return;
            }
            thread::sleep(Duration::from_millis(1));
            last_job = unsent;
        }
        let _ = last.recv_timeout(deadline.saturating_duration_since(Instant::now()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn nobody_waits_for_a_job_that_waits_and_what_does_not_fit_is_counted() {
        static OUTLET: Outlet = Outlet::new("test", 2);
        let (begins, begun) = channel();
        let (release, gate) = channel::<()>();
        let (done, order) = channel();
        let report = |number: u32| -> Job {
            let done = done.clone();
            Box::new(move |dropped| done.send((number, dropped)).unwrap())
        };
        let waits = move |_| {
            begins.send(()).unwrap();
            let _ = gate.recv();
        };
        OUTLET.hand_over(1, Box::new(waits));
        begun.recv().unwrap();
        (1..=4).for_each(|number| OUTLET.hand_over(10, report(number)));
        // Returns although the first job is still waiting at the gate.
        OUTLET.flush(Duration::from_millis(1));
        drop(release);
        assert_eq!([order.recv(), order.recv()], [Ok((1, 0)), Ok((2, 0))]);
        OUTLET.flush(Duration::from_secs(60));
        OUTLET.hand_over(10, report(5));
        OUTLET.flush(Duration::from_secs(60));
        assert_eq!(order.try_recv(), Ok((5, 20)), "two of weight ten were dropped");
    }
}
