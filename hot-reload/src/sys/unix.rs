//! Unix: pipes, process groups, signals; all through rustix, without unsafe code.

use crate::error::{Error, Result};
use rustix::fs::{Mode, OFlags, open};
use rustix::process::{Signal, getpid, getppid, kill_process, kill_process_group};
use std::fs::File;
use std::os::fd::OwnedFd;

/// Takes the wake pipe off standard input, and ties this process to its owner's life.
///
/// A helper program that inherits the pipe, or user code that reads its standard input, would take
/// some of the wakes: both get the null device instead.
pub(crate) fn take_wake_pipe(owner: u32) -> Result<File> {
    let damaged = |reason: String| Error::Segment { name: "standard input".to_owned(), reason };
    let stdin = rustix::stdio::stdin();
    let wakes = rustix::io::fcntl_dupfd_cloexec(stdin, 3)
        .map_err(|error| damaged(format!("the wake pipe cannot be moved: {error}")))?;
    let null: OwnedFd = open("/dev/null", OFlags::RDONLY, Mode::empty())
        .map_err(|error| damaged(format!("/dev/null cannot be opened: {error}")))?;
    rustix::stdio::dup2_stdin(&null)
        .map_err(|error| damaged(format!("it cannot be closed: {error}")))?;
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_parent_process_death_signal(Some(Signal::KILL));
    // The owner may have died before the line above; then the parent is already another process.
    let parent = getppid().map(|pid| pid.as_raw_nonzero().get().unsigned_abs());
    if parent != Some(owner) {
        die();
    }
    Ok(File::from(wakes))
}

/// True if `is_debugged` works on this system.
#[cfg(feature = "renderer")]
pub(crate) const CAN_SEE_DEBUGGERS: bool = cfg!(target_os = "linux");

/// Reads a file of the system as text, lossily: the name of a process may be invalid UTF-8, or cut
/// within a character.
fn text_of(file: impl AsRef<std::path::Path>) -> Option<String> {
    Some(String::from_utf8_lossy(&std::fs::read(file).ok()?).into_owned())
}

/// Returns whether a debugger is attached to a process.
pub(crate) fn is_debugged(id: u32) -> bool {
    let status = text_of(format!("/proc/{id}/status")).unwrap_or_default();
    let tracer = status.lines().find_map(|line| line.strip_prefix("TracerPid:"));
    tracer.is_some_and(|tracer| tracer.trim() != "0")
}

/// Lets debuggers of the same user attach. Many Linux systems allow this to parents only, and a
/// renderer's parent is its owner, not the debugger.
pub(crate) fn allow_debuggers() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_ptracer(rustix::process::PTracer::Any);
}

/// Ends this process without a message, for fail points.
#[cfg(feature = "fail-points")]
pub(crate) fn kill_myself() {
    let _ = kill_process(getpid(), Signal::KILL);
}

/// Stops this process until it is killed, for fail points.
#[cfg(feature = "fail-points")]
pub(crate) fn stop_myself() {
    let _ = kill_process(getpid(), Signal::STOP);
}

/// Ends this process and the programs that it has started at once, without `atexit` handlers.
pub(super) fn die() -> ! {
    let own = getpid();
    if rustix::process::getpgrp() == own {
        let _ = kill_process_group(own, Signal::KILL);
    }
    let _ = kill_process(own, Signal::KILL);
    std::process::abort()
}

#[cfg(feature = "owner")]
mod owner {
    use super::{Signal, kill_process_group};
    use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
    use rustix::process::{Pid, WaitId, WaitIdOptions, test_kill_process_group, waitid};
    use std::os::unix::process::{CommandExt, ExitStatusExt};
    use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};

    /// Types that can be waited for.
    pub(crate) trait Waitable: std::os::fd::AsFd {}
    impl<T: std::os::fd::AsFd> Waitable for T {}

    /// Waits until a pipe can be read from or is closed. Returns false if the time is over.
    pub(crate) fn wait_readable(pipe: &impl Waitable, limit: std::time::Duration) -> bool {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let limit = Timespec::try_from(limit).ok();
        let mut pipes = [PollFd::new(pipe, PollFlags::IN)];
        // The read that follows reports an error.
        poll(&mut pipes, limit.as_ref()).map_or(true, |ready| ready > 0)
    }

    /// Returns the bytes that are free for shared memory, if it has its own limit.
    pub(crate) fn free_shared_memory() -> Option<u64> {
        if !cfg!(target_os = "linux") {
            return None;
        }
        let system = rustix::fs::statvfs("/dev/shm").ok()?;
        (system.f_blocks > 0).then(|| system.f_bavail.saturating_mul(system.f_frsize))
    }

    /// Remedy if there is too little of it.
    pub(crate) const MORE_SHARED_MEMORY: &str = match () {
        () if cfg!(target_os = "linux") => {
            "make room in /dev/shm or make it larger (in a container: --shm-size)"
        }
        () => "end programs that use much memory",
    };

    /// Unlinks the name of a segment that a dead owner has left.
    pub(crate) fn unlink_segment(name: &str) {
        if name.starts_with("hr-") && !name.contains('/') {
            let _ = rustix::shm::unlink(format!("/{name}"));
        }
    }

    /// Puts the program into its own process group, so that it can be killed with everything that
    /// it starts, and the terminal's Ctrl+C does not reach it.
    pub(crate) fn own_group(command: &mut Command) {
        command.process_group(0);
    }

    /// Makes writes to the wake pipe return at once; a full pipe means that a wake is pending.
    pub(crate) fn never_block(pipe: &ChildStdin) -> std::io::Result<()> {
        let flags = fcntl_getfl(pipe)?;
        Ok(fcntl_setfl(pipe, flags | OFlags::NONBLOCK)?)
    }

    fn group(id: u32) -> Option<Pid> {
        i32::try_from(id).ok().and_then(Pid::from_raw)
    }

    /// Kills the group whose leader has this process id. The leader must not be reaped yet.
    pub(crate) fn kill_group(id: u32) {
        if let Some(group) = group(id) {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }

    /// Returns whether any process of the group is still running.
    pub(crate) fn group_lives(id: u32) -> bool {
        group(id).is_some_and(|group| test_kill_process_group(group).is_ok()) && !is_of_zombies(id)
    }

    /// Returns whether a group consists of zombies only. Orphaned zombies may wait long for the
    /// system's first process to reap them, in containers forever.
    fn is_of_zombies(group: u32) -> bool {
        if !cfg!(target_os = "linux") {
            return false;
        }
        let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let stats = processes.filter_map(|it| super::text_of(it.path().join("stat")));
        // `12 (a name) Z 1 12 …`: state, parent and group come after the name.
        let mut states = stats.filter_map(|stat| {
            let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
            let (state, group_of) =
                (fields.next()?.to_owned(), fields.nth(1)?.parse::<u32>().ok()?);
            (group_of == group).then_some(state)
        });
        states.all(|state| state == "Z" || state == "X")
    }

    /// Waits until a child has ended, without reaping it: its process id stays taken.
    pub(crate) fn wait_unreaped(child: &Child) {
        let Some(pid) = group(child.id()) else { return };
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while let Err(rustix::io::Errno::INTR) = waitid(WaitId::Pid(pid), options) {}
    }

    /// Describes in words how a process ended.
    pub(crate) fn describe_exit(status: ExitStatus) -> String {
        let Some(signal) = status.signal() else {
            return match status.code() {
                Some(101) => "it panicked (exit code 101)".to_owned(),
                Some(code) => format!("it ended with exit code {code}"),
                None => "it ended".to_owned(),
            };
        };
        let name = match signal {
            4 => "SIGILL",
            6 => "SIGABRT",
            7 => "SIGBUS",
            8 => "SIGFPE",
            9 => "SIGKILL",
            11 => "SIGSEGV",
            15 => "SIGTERM",
            _ => return format!("it was killed by signal {signal}"),
        };
        format!("it was killed by {name}")
    }

    /// Returns a command that runs `program` and dies with us: a shell beside it reads our pipe,
    /// and kills the whole group when the pipe ends, however we die.
    pub(crate) fn guarded(program: &std::path::Path) -> Command {
        const GUARD: &str = "exec 3<&0 </dev/null\n\
            (read -r _ <&3; kill -KILL 0) >/dev/null 2>&1 &\n\
            exec 3<&-\n\
            exec \"$0\" \"$@\"";
        let mut command = Command::new("/bin/sh");
        command.args(["-c", GUARD]).arg(program);
        command.stdin(Stdio::piped());
        own_group(&mut command);
        command
    }

    /// Returns a shell that kills process groups when its standard input ends. The input lists
    /// them: the line `+ 12` adds a group, `- 12` removes it.
    pub(crate) fn group_killer() -> Option<Command> {
        const KILLER: &str = "trap '' HUP INT TERM\n\
            groups=' '\n\
            while read -r sign id; do\n\
            case $sign in\n\
            +) groups=\"$groups$id \" ;;\n\
            -) case $groups in *\" $id \"*) \
            groups=\"${groups%%\" $id \"*} ${groups#*\" $id \"}\" ;; esac ;;\n\
            esac\n\
            done\n\
            for id in $groups; do kill -KILL \"-$id\"; done";
        let mut command = Command::new("/bin/sh");
        // The name and the number show up in process lists.
        command.args(["-c", KILLER, "hot-reload guard"]).arg(std::process::id().to_string());
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        command.current_dir("/");
        own_group(&mut command);
        Some(command)
    }
}

#[cfg(feature = "owner")]
pub(crate) use owner::*;

#[cfg(all(test, feature = "owner", target_os = "linux"))]
mod tests {
    use super::*;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::process::CommandExt;

    #[test]
    fn a_process_whose_name_is_no_text_is_alive() {
        let name = [b"caf\xe9-".as_slice(), std::process::id().to_string().as_bytes()].concat();
        let program = std::env::temp_dir().join(OsStr::from_bytes(&name));
        std::fs::copy("/bin/sleep", &program).unwrap();
        let mut child = std::process::Command::new(&program);
        let mut child = child.arg("600").process_group(0).spawn().unwrap();
        let lives = group_lives(child.id());
        child.kill().unwrap();
        child.wait().unwrap();
        std::fs::remove_file(program).unwrap();
        assert!(lives, "it has not ended");
    }
}
