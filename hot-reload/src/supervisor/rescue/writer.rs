//! A thread that writes the last commit to a file.

use super::next;
use crate::error::Result;
use crate::generation::{CommitStore, Committed};
use crate::handshake::snapshot;
use crate::lock::lock;
use crate::threads::spawn;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Minimum pause between two states.
const REST: Duration = Duration::from_secs(3);
/// Pause after a write, as a multiple of the time it took: writing takes at most 2 % of the time.
const RESTS: u32 = 50;
/// Limit on the average number of bytes written per second; a disk cannot sustain more.
const PER_SECOND: u64 = 1 << 20;
/// Limit on the wait for a running build or a starting generation.
const PATIENCE: Duration = Duration::from_secs(30);
/// Interval at which the thread checks whether that is over.
const LOOK: Duration = Duration::from_millis(250);

/// Writes the last commit into the owner's folder while nothing else is running; ends when dropped.
#[derive(Debug)]
pub(in crate::supervisor) struct Writer {
    turn: Arc<Turn>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Turn {
    now: Mutex<Now>,
    changed: Condvar,
}

#[derive(Debug, Default, Clone, Copy)]
struct Now {
    busy: bool,
    ends: bool,
    /// True if a last state is written at the end.
    finishes: bool,
}

impl Writer {
    /// Starts the thread. If that fails, no state is rescued.
    pub(in crate::supervisor) fn start(
        commit_store: Arc<CommitStore>,
        folder: PathBuf,
        application: String,
    ) -> Self {
        let turn = Arc::<Turn>::default();
        let mut work = Work { commit_store, folder, application, last: None, written: None };
        let own = turn.clone();
        let thread = spawn("hot-reload rescue", move || work.turn(&own));
        let thread = thread.inspect_err(|error| crate::log::debug!("no state is rescued: {error}"));
        Writer { turn, thread: thread.ok() }
    }

    /// Writes the last commit and ends.
    pub(in crate::supervisor) fn finish(self) {
        self.turn.now().finishes = true;
    }

    /// Sets whether other work is running that must not be disturbed.
    pub(in crate::supervisor) fn set_busy(&self, busy: bool) {
        self.turn.now().busy = busy;
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.turn.now().ends = true;
        self.turn.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // A panic has already been printed.
            let _ = thread.join();
        }
    }
}

impl Turn {
    fn now(&self) -> MutexGuard<'_, Now> {
        lock(&self.now)
    }

    /// Waits for `rest`; returns true if the thread should end.
    fn rests(&self, rest: Duration) -> bool {
        let waited = self.changed.wait_timeout_while(self.now(), rest, |now| !now.ends);
        waited.map_or_else(|error| error.into_inner().0.ends, |(now, _)| now.ends)
    }
}

/// The data that the thread works with.
struct Work {
    commit_store: Arc<CommitStore>,
    folder: PathBuf,
    application: String,
    /// Generation and tick of the last commit seen.
    last: Option<(u32, u64)>,
    /// Path of the newest file.
    written: Option<PathBuf>,
}

impl Work {
    fn turn(&mut self, turn: &Turn) {
        self.rounds(turn);
        if turn.now().finishes {
            self.write();
        }
    }

    fn rounds(&mut self, turn: &Turn) {
        let mut rest = REST;
        while !turn.rests(rest) {
            let due = Instant::now();
            while turn.now().busy && due.elapsed() < PATIENCE {
                if turn.rests(LOOK) {
                    return;
                }
            }
            let begun = Instant::now();
            rest = match self.write() {
                Some(bytes) => pause(begun.elapsed(), bytes),
                None => REST,
            };
        }
    }

    /// Writes the last commit if it is new. Returns the size of a new commit in bytes, even if
    /// writing fails.
    fn write(&mut self) -> Option<u64> {
        let latest = self.commit_store.latest();
        let commit = (latest.generation, latest.head.tick);
        if latest.generation == 0 || self.last == Some(commit) {
            return None;
        }
        self.last = Some(commit);
        match self.write_new(&latest) {
            Ok(path) => {
                let before = self.written.replace(path.clone());
                if let Some(before) = before.filter(|before| *before != path) {
                    let _ = fs::remove_file(before);
                }
            }
            Err(error) => crate::log::debug!("no state is rescued: {error}"),
        }
        Some(latest.image.bytes().len() as u64)
    }

    fn write_new(&self, latest: &Committed) -> Result<PathBuf> {
        let Committed { shape, head, image, .. } = latest;
        let path = next(&self.folder, &self.application);
        let time = self.commit_store.time();
        match snapshot(&self.application, shape, head, image.bytes(), time) {
            Some(snapshot) => snapshot.save_in_passing(&path)?,
            None => debug_assert!(false, "the commit copier has checked its length"),
        }
        Ok(path)
    }
}

/// Returns the pause after a write.
fn pause(took: Duration, bytes: u64) -> Duration {
    let spread = Duration::from_millis(bytes.saturating_mul(1000) / PER_SECOND);
    REST.max(took.saturating_mul(RESTS)).max(spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_states_and_slow_disks_are_written_less_often() {
        let pause = |millis, bytes| pause(Duration::from_millis(millis), bytes).as_secs();
        assert_eq!(pause(2, 1 << 10), 3, "a small one");
        assert_eq!(pause(200, 64 << 20), 64, "a mebibyte a second");
        assert_eq!(pause(2_000, 1 << 20), 100, "a fiftieth of the time");
        assert!(pause(1, u64::MAX) > 3, "no overflow");
    }
}
