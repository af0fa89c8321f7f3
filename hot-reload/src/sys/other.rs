//! Windows and others: what `std` alone can do. Not run, see the README.
//!
//! The wake pipe stays on standard input, so that user code must not read it; there are no process
//! groups, so that programs which a renderer or a compiler has started may outlive it.

use crate::Result;
use std::io::Stdin;

pub(crate) fn take_wake_pipe(_owner: u32) -> Result<Stdin> {
    Ok(std::io::stdin())
}

/// Ends this process at once.
pub(super) fn die() -> ! {
    std::process::abort()
}

#[cfg(feature = "owner")]
mod owner {
    use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};

    pub(crate) fn own_group(_command: &mut Command) {}

    /// A pipe of Windows takes some 4 KiB of wakes before it blocks; at most one is pending.
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

    pub(crate) fn wait_unreaped(_child: &Child) {}

    /// Whether a child has ended; `std` keeps what it has reaped for the later `wait`.
    pub(crate) fn has_ended(child: &mut Child) -> bool {
        !matches!(child.try_wait(), Ok(None))
    }

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
}

#[cfg(feature = "owner")]
pub(crate) use owner::*;
