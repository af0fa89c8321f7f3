//! The user's build command: `cmake --build build`, `just renderer`, or anything else that a shell
//! runs.

use super::Built;
use super::child::{BuildChild, Cancel};
use crate::lines::LastLines;
use crate::lock::lock;
use crate::supervisor::workspace::guarded;
use std::ffi::OsStr;
use std::io::{self, PipeReader, Read};
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Number of lines of its output that are kept.
const LINES: usize = 200;
/// Limit on the wait, after the end, for a pipe that is held open by a process that the command has
/// left behind.
const LINGER: Duration = Duration::from_secs(1);

/// Runs a command to its end.
///
/// # Errors
/// Returns the build's result if the command fails, takes longer than `limit`, or is cancelled.
pub(super) fn run(
    command: &OsStr,
    folder: &Path,
    limit: Duration,
    cancel: &Cancel,
) -> Result<(), Built> {
    let shown = command.to_string_lossy();
    let cannot = |error: io::Error| Built::CannotBuild {
        message: format!("`{shown}` cannot be run in {}: {error}", folder.display()),
    };
    let (program, option) = if cfg!(windows) { ("cmd", "/C") } else { ("/bin/sh", "-c") };
    // One pipe for both streams keeps related messages together.
    let (output, input) = io::pipe().map_err(cannot)?;
    let mut shell = guarded(Path::new(program), None);
    shell.arg(option).arg(command).current_dir(folder);
    shell.stdout(input.try_clone().map_err(cannot)?).stderr(input);
    let spawned = BuildChild::spawn(&mut shell, cancel);
    drop(shell); // and its ends of the pipe
    let mut child = spawned.map_err(cannot)?;
    let words = Arc::new(Mutex::new(LastLines::new(LINES)));
    let (tell, read) = channel::<()>();
    let heard = words.clone();
    thread::spawn(move || {
        listen(output, &heard);
        drop(tell);
    });
    let (done, ended) = channel::<()>();
    let expiry = child.expiry();
    let clock = thread::spawn(move || match ended.recv_timeout(limit) {
        Err(RecvTimeoutError::Timeout) => expiry.expire(),
        _ => false,
    });
    let status = child.wait();
    drop(done);
    let late = clock.join().unwrap_or_default();
    let Some(status) = status else { return Err(Built::Cancelled) };
    let status = status.map_err(cannot)?;
    if status.success() {
        return Ok(());
    }
    let how = match late {
        true => format!("has not ended within {limit:.0?} (`Deadlines::build`), and was killed"),
        false => format!("failed: {}", crate::sys::describe_exit(status)),
    };
    let _ = read.recv_timeout(LINGER);
    let mut words = lock(&words);
    words.end_line(|_| ());
    let words: Vec<_> = words.take_all();
    let message = format!("`{shown}` {how}\n{}", words.join("\n"));
    Err(Built::Failed { message })
}

fn listen(mut output: PipeReader, words: &Mutex<LastLines>) {
    let mut bytes = [0; 4096];
    loop {
        match output.read(&mut bytes) {
            Ok(0) => return,
            Ok(count) => {
                let mut words = lock(words);
                words.take(&bytes[..count], |_| ());
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::time::Instant;

    const LONG: Duration = Duration::from_secs(60);

    fn failure(command: &str, limit: Duration) -> String {
        let folder = std::env::temp_dir();
        match run(OsStr::new(command), &folder, limit, &Cancel::default()) {
            Err(Built::Failed { message }) => message,
            other => panic!("{command}: {other:?}"),
        }
    }

    #[test]
    fn a_command_that_succeeds_says_nothing() {
        let folder = std::env::temp_dir();
        let ran = run(OsStr::new("echo said; cd . && true"), &folder, LONG, &Cancel::default());
        assert!(ran.is_ok(), "{ran:?}");
    }

    #[test]
    fn a_command_that_fails_is_shown_with_how_and_its_last_words() {
        let message = failure("echo first; echo foo.c:3: error >&2; exit 3", LONG);
        assert!(message.contains("exit 3` failed:") && message.contains("3"), "{message}");
        assert!(message.ends_with("first\nfoo.c:3: error"), "both streams, in order: {message}");
        let message = failure("no-such-compiler --version", LONG);
        assert!(message.contains("no-such-compiler"), "{message}");
    }

    #[test]
    fn garbage_without_end_leaves_printable_last_lines() {
        let message =
            failure("head -c 3000000 /dev/urandom; printf '\\n\\033]0;title\\007end'; false", LONG);
        assert!(message.len() < 200_000, "{} bytes", message.len());
        let odd = |character: char| character.is_control() && character != '\n';
        assert!(!message.contains(odd) && message.ends_with("end"));
    }

    #[test]
    fn a_command_that_hangs_is_killed_with_all_that_it_has_started() {
        let mark = format!("7{:05}.5", std::process::id() % 100_000);
        let begun = Instant::now();
        let message = failure(&format!("sleep {mark} & sleep {mark}"), Duration::from_millis(300));
        assert!(message.contains("has not ended within 300ms"), "{message}");
        assert!(begun.elapsed() < LONG, "nobody waits for what it has started");
        let lives = || {
            let processes = std::fs::read_dir("/proc").unwrap().flatten();
            let lines = processes.map(|it| std::fs::read(it.path().join("cmdline")));
            lines.flatten().any(|line| String::from_utf8_lossy(&line).contains(&mark))
        };
        while cfg!(target_os = "linux") && lives() {
            assert!(begun.elapsed() < LONG, "it is still there");
            thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn a_command_that_is_cancelled_ends_at_once() {
        let cancel = Cancel::default();
        let other = cancel.clone();
        let canceller = thread::spawn(move || {
            thread::sleep(Duration::from_millis(50));
            other.cancel();
        });
        let ran = run(OsStr::new("sleep 1000"), &std::env::temp_dir(), LONG, &cancel);
        assert!(matches!(ran, Err(Built::Cancelled)), "{ran:?}");
        canceller.join().unwrap();
    }
}
