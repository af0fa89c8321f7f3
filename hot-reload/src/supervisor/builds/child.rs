//! A program that builds, in its own process group, which ends with us or when the build is
//! cancelled.

use crate::lock::lock;
use crate::sys;
use std::collections::BTreeSet;
use std::io;
use std::process::{Child, ChildStdin, Command, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

/// A handle by which another thread can end a build.
#[derive(Debug, Clone, Default)]
pub(in crate::supervisor) struct Cancel(Arc<Cancelled>);

#[derive(Debug, Default)]
struct Cancelled {
    wanted: AtomicBool,
    /// The build's process groups.
    groups: Mutex<BTreeSet<u32>>,
}

impl Cancel {
    pub(in crate::supervisor) fn cancel(&self) {
        self.0.wanted.store(true, Ordering::SeqCst);
        self.groups().iter().for_each(|&group| sys::kill_group(group));
    }

    pub(in crate::supervisor) fn is_wanted(&self) -> bool {
        self.0.wanted.load(Ordering::SeqCst)
    }

    fn groups(&self) -> MutexGuard<'_, BTreeSet<u32>> {
        lock(&self.0.groups)
    }
}

/// A handle by which another thread can kill a program that takes too long.
pub(super) struct Expiry {
    cancel: Cancel,
    group: u32,
}

impl Expiry {
    /// Kills the program. Returns true if it was still running.
    pub(super) fn expire(self) -> bool {
        // While it is in the set, its id cannot be reused.
        let groups = self.cancel.groups();
        let lives = groups.contains(&self.group);
        if lives {
            sys::kill_group(self.group);
        }
        lives
    }
}

/// A program under a guard (see `sys::guarded`) that can be cancelled. It is killed if dropped
/// before its end.
pub(super) struct BuildChild {
    pub(super) child: Child,
    /// Pipe to the guard, which kills the group when the pipe is closed.
    guard: Option<ChildStdin>,
    cancel: Cancel,
    reaped: bool,
}

impl BuildChild {
    /// Starts a command made by `sys::guarded`.
    pub(super) fn spawn(command: &mut Command, cancel: &Cancel) -> io::Result<Self> {
        let mut child = command.spawn()?;
        let guard = child.stdin.take();
        cancel.groups().insert(child.id());
        if cancel.is_wanted() {
            sys::kill_group(child.id());
        }
        Ok(BuildChild { child, guard, cancel: cancel.clone(), reaped: false })
    }

    /// Waits for the program's end. If it was cancelled, waits for the end of its whole group and
    /// returns `None`.
    pub(super) fn wait(&mut self) -> Option<io::Result<ExitStatus>> {
        let status = self.reap(false);
        if self.cancel.is_wanted() { None } else { Some(status) }
    }

    /// Returns a handle for killing this program without cancelling the build.
    pub(super) fn expiry(&self) -> Expiry {
        Expiry { cancel: self.cancel.clone(), group: self.child.id() }
    }

    fn reap(&mut self, kill: bool) -> io::Result<ExitStatus> {
        let id = self.child.id();
        if kill {
            sys::kill_group(id);
        }
        sys::wait_unreaped(&self.child);
        self.cancel.groups().remove(&id);
        // rustc outlives a killed cargo and would write into the next build's folder.
        let killed = kill || self.cancel.is_wanted();
        if killed {
            sys::kill_group(id);
        }
        let status = self.child.wait();
        self.reaped = true;
        drop(self.guard.take());
        let deadline = Instant::now() + Duration::from_secs(2);
        while killed && sys::group_lives(id) && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(1));
        }
        status
    }
}

impl Drop for BuildChild {
    fn drop(&mut self) {
        if !self.reaped {
            let _ = self.reap(true);
        }
    }
}
