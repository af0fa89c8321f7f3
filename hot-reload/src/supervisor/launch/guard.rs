//! The guard of this process's renderers: a shell that kills everything they have started when this
//! process ends, in whatever way.
//!
//! A renderer whose owner is gone kills its process group itself, but the system may kill the
//! renderer first. The guard is told of each group as soon as it exists, and of its end before the
//! number can be reused. One guard serves all owners of this process, and costs two writes to a
//! pipe per generation.
//!
//! A program that leaves the group (`setsid`, a daemon, a shell with job control) is not covered.

use crate::lock::lock;
use crate::sys;
use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Child, ChildStdin, Command};
use std::sync::{Arc, Mutex, Weak};

/// The guard, which ends with the last of its users.
#[derive(Debug, Default)]
pub(in crate::supervisor) struct Guard {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    groups: BTreeSet<u32>,
    shell: Option<Shell>,
    /// Set once it could not be started; that is logged once.
    failed: bool,
}

#[derive(Debug)]
struct Shell {
    child: Child,
    pipe: ChildStdin,
}

/// A process group under guard until this is dropped, which must happen before its leader is
/// reaped.
#[derive(Debug)]
pub(super) struct Guarded {
    guard: Arc<Guard>,
    group: u32,
}

impl Guard {
    /// Returns the running guard of this process.
    pub(in crate::supervisor) fn shared() -> Arc<Guard> {
        static SHARED: Mutex<Weak<Guard>> = Mutex::new(Weak::new());
        let mut shared = lock(&SHARED);
        let guard = shared.upgrade().unwrap_or_else(|| {
            let guard = Arc::new(Guard::default());
            *shared = Arc::downgrade(&guard);
            guard
        });
        lock(&guard.state).start();
        guard
    }

    /// Puts a process group under guard.
    pub(super) fn over(self: &Arc<Self>, group: u32) -> Guarded {
        let mut state = lock(&self.state);
        state.groups.insert(group);
        state.tell(&format!("+ {group}\n"));
        Guarded { guard: self.clone(), group }
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        let mut state = lock(&self.guard.state);
        state.groups.remove(&self.group);
        state.tell(&format!("- {}\n", self.group));
    }
}

impl State {
    /// Starts the shell if there is none, and tells it every group.
    fn start(&mut self) {
        if self.shell.is_some() || self.failed {
            return;
        }
        let Some(mut command) = sys::group_killer() else {
            self.failed = true;
            return;
        };
        match Shell::start(&mut command) {
            Ok(mut shell) => {
                let all = self.groups.iter().map(|group| format!("+ {group}\n"));
                let _ = shell.tell(&all.collect::<String>());
                self.shell = Some(shell);
            }
            Err(error) => {
                self.failed = true;
                crate::log::warn!(
                    "/bin/sh cannot be started ({error}): a program that a renderer has started may \
                     outlive an owner that is killed"
                );
            }
        }
    }

    /// Sends a line to the shell. Replaces a shell that has been killed or no longer reads.
    fn tell(&mut self, line: &str) {
        let told = self.shell.as_mut().map(|shell| shell.tell(line));
        if !matches!(told, Some(Ok(()))) {
            self.shell = None;
            self.start();
        }
    }
}

impl Shell {
    fn start(command: &mut Command) -> std::io::Result<Self> {
        let mut child = command.spawn()?;
        let pipe = child.stdin.take().ok_or(std::io::ErrorKind::BrokenPipe)?;
        sys::never_block(&pipe)?;
        Ok(Shell { child, pipe })
    }

    fn tell(&mut self, lines: &str) -> std::io::Result<()> {
        self.pipe.write_all(lines.as_bytes())
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        // Killed rather than left to read the end of the pipe: it must kill nothing now, and may be
        // stopped.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::process::CommandExt;
    use std::time::{Duration, Instant};

    fn sleeper() -> Child {
        Command::new("sleep").arg("1000").process_group(0).spawn().unwrap()
    }

    fn ends(child: &mut Child) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(60) {
            if child.try_wait().unwrap().is_some() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        false
    }

    #[test]
    fn groups_that_are_known_at_the_end_are_killed_and_no_others() {
        let [mut known, mut reaped] = [sleeper(), sleeper()];
        let mut shell = sys::group_killer().unwrap().spawn().unwrap();
        let mut pipe = shell.stdin.take().unwrap();
        let lines = format!("+ {0}\n+ {1}\n- {0}\n", reaped.id(), known.id());
        pipe.write_all(lines.as_bytes()).unwrap();
        drop(pipe);
        assert!(ends(&mut known), "what is known is killed");
        assert!(ends(&mut shell));
        assert!(reaped.try_wait().unwrap().is_none(), "what was taken out is not");
        reaped.kill().unwrap();
        reaped.wait().unwrap();
    }

    #[test]
    fn a_guard_that_was_killed_is_replaced_by_one_that_knows_every_group() {
        let guard = Arc::new(Guard::default());
        let mut sleepers = [sleeper(), sleeper()];
        let first = guard.over(sleepers[0].id());
        let mut state = lock(&guard.state);
        let shell = state.shell.as_mut().unwrap();
        shell.child.kill().unwrap();
        shell.child.wait().unwrap();
        drop(state);
        let second = guard.over(sleepers[1].id());
        let mut other = Command::new("true").stdin(std::process::Stdio::piped()).spawn().unwrap();
        let mut state = lock(&guard.state);
        // Simulates the end of this process: the pipe is closed while both groups are still
        // guarded.
        let shell = state.shell.as_mut().unwrap();
        drop(std::mem::replace(&mut shell.pipe, other.stdin.take().unwrap()));
        drop(state);
        assert!(sleepers.iter_mut().all(ends), "both are killed");
        drop((first, second));
        other.wait().unwrap();
    }
}
