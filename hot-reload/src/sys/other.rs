//! Windows and others, with `std` alone. Not run: see "Platforms" in the README.
//!
//! The wake pipe stays on standard input, so user code must not read it. There are no process
//! groups, so programs that a renderer or a compiler has started may outlive it.

use crate::error::Result;
use std::io::Stdin;

pub(crate) fn take_wake_pipe(_owner: u32) -> Result<Stdin> {
    Ok(std::io::stdin())
}

/// False: there is no way to see whether a debugger is attached.
pub(crate) const CAN_SEE_DEBUGGERS: bool = false;

pub(crate) fn is_debugged(_id: u32) -> bool {
    false
}

/// Does nothing: debuggers may always attach.
pub(crate) fn allow_debuggers() {}

#[cfg(feature = "fail-points")]
pub(crate) fn kill_myself() {
    std::process::abort()
}

#[cfg(feature = "fail-points")]
pub(crate) fn stop_myself() {
    std::thread::park()
}

/// Ends this process at once.
pub(super) fn die() -> ! {
    std::process::abort()
}

#[cfg(feature = "owner")]
mod owner {
    use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};

    pub(crate) fn own_group(_command: &mut Command) {}

    /// Does nothing: a pipe on Windows takes about 4 KiB of wakes before it blocks, and at most one
    /// is pending.
    pub(crate) fn never_block(_pipe: &ChildStdin) -> std::io::Result<()> {
        Ok(())
    }

    pub(crate) fn kill_group(id: u32) {
        let id = id.to_string();
        let mut kill = Command::new("taskkill");
        let _ = kill
            .args(["/F", "/T", "/PID", &id])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }

    pub(crate) fn group_lives(_id: u32) -> bool {
        false
    }

    /// Does nothing: there is no wait without reaping; the wait that follows does both.
    pub(crate) fn wait_unreaped(_child: &Child) {}

    /// Types that can be waited for.
    pub(crate) trait Waitable {}
    impl<T> Waitable for T {}

    /// Returns true: the read that follows waits.
    pub(crate) fn wait_readable(_pipe: &impl Waitable, _limit: std::time::Duration) -> bool {
        true
    }

    /// Returns `None`: shared memory is limited only by memory as a whole.
    pub(crate) fn free_shared_memory() -> Option<u64> {
        None
    }

    /// Remedy if there is too little of it.
    pub(crate) const MORE_SHARED_MEMORY: &str = "end programs that use much memory";

    /// Does nothing: segments are files that are removed with their last handle.
    pub(crate) fn unlink_segment(_name: &str) {}

    pub(crate) fn describe_exit(status: ExitStatus) -> String {
        match status.code() {
            Some(101) => "it panicked (exit code 101)".to_owned(),
            Some(code) => format!("it ended with exit code {code}"),
            None => "it ended".to_owned(),
        }
    }

    pub(crate) fn guarded(program: &std::path::Path) -> Command {
        let mut command = Command::new(program);
        command.stdin(Stdio::piped());
        command
    }

    /// Returns `None`: there are no process groups to kill.
    pub(crate) fn group_killer() -> Option<Command> {
        None
    }
}

#[cfg(feature = "owner")]
pub(crate) use owner::*;
