//! Programs of the contest, each in its own process group, which ends when its value is dropped.

use crate::Failure;
use rustix::process::{Pid, Signal, kill_process_group};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Handles Ctrl+C: the run ends at its next wait, so that everything it has started is ended.
pub(crate) fn listen() -> Result<(), Failure> {
    ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::Relaxed))
        .map_err(|error| format!("signals cannot be handled: {error}"))
}

/// Returns an error after Ctrl+C.
pub(crate) fn go_on() -> Result<(), Failure> {
    if INTERRUPTED.load(Ordering::Relaxed) { Err("interrupted".to_owned()) } else { Ok(()) }
}

/// A program and its child processes.
#[derive(Debug)]
pub(crate) struct Group {
    child: Child,
    name: String,
    log: PathBuf,
    /// Set once its end has been observed: its process id may then belong to another process.
    is_over: bool,
}

impl Group {
    /// Starts a program with its standard error in a file, and with a pipe as its standard input.
    /// The pipe's end tells the program that this process is gone.
    pub(crate) fn spawn(mut command: Command, log: &Path) -> Result<Self, Failure> {
        let name = command.get_program().to_string_lossy().into_owned();
        let name = name.rsplit('/').next().unwrap_or_default().to_owned();
        let say = |error: std::io::Error| format!("`{name}` cannot be started: {error}");
        let errors = File::create(log).map_err(say)?;
        command.stdin(Stdio::piped()).stderr(errors).process_group(0);
        let child = command.spawn().map_err(say)?;
        Ok(Group { child, name, log: log.to_owned(), is_over: false })
    }

    /// Returns the lines of its standard output, which must be a pipe.
    pub(crate) fn lines(&mut self) -> Result<Lines, Failure> {
        let pipe = self.child.stdout.take().ok_or("the output is read twice")?;
        let (sender, receiver) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                if sender.send((Instant::now(), line)).is_err() {
                    break;
                }
            }
        });
        Ok(Lines { receiver })
    }

    /// Writes to its standard input.
    pub(crate) fn say(&mut self, text: &str) -> Result<(), Failure> {
        let pipe = self.child.stdin.as_mut().ok_or("the input is closed")?;
        pipe.write_all(text.as_bytes()).map_err(|error| format!("`{}`: {error}", self.name))
    }

    /// Stops it, so that it uses no processor.
    pub(crate) fn pause(&self) {
        self.signal(Signal::STOP);
    }

    /// Continues it.
    pub(crate) fn resume(&self) {
        self.signal(Signal::CONT);
    }

    /// Waits until it ends successfully.
    pub(crate) fn finish(mut self, limit: Duration) -> Result<(), Failure> {
        let end = Instant::now() + limit;
        loop {
            if let Some(status) = self.ended()? {
                return if status.success() { Ok(()) } else { Err(self.failed(status)) };
            }
            go_on()?;
            if Instant::now() > end {
                let log = fs::read_to_string(&self.log).unwrap_or_default();
                let last = log.lines().last().unwrap_or("nothing");
                return Err(format!("`{}` took longer than {limit:?}; it said: {last}", self.name));
            }
            std::thread::sleep(Duration::from_micros(500));
        }
    }

    /// Returns its exit status if it has ended.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>, Failure> {
        let ended = self.child.try_wait();
        self.is_over |= matches!(ended, Ok(Some(_)));
        ended.map_err(|error| format!("`{}` is lost: {error}", self.name))
    }

    /// Describes an unexpected end.
    pub(crate) fn failed(&self, status: ExitStatus) -> Failure {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = log.lines().filter(|line| !line.trim().is_empty()).collect();
        let errors: Vec<_> = lines.iter().filter(|line| line.contains("error")).take(3).collect();
        let last = lines.last().map(|line| (*line).to_owned()).unwrap_or_default();
        let said = if errors.is_empty() { last } else { format!("{errors:?}") };
        format!("`{}` ended with {status}: {said}", self.name)
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // Fails for a group that has ended, which needs no signal.
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if !self.is_over {
            self.signal(Signal::KILL);
            let _ = self.child.wait();
        }
    }
}

/// Output of a program.
#[derive(Debug)]
pub(crate) struct Lines {
    receiver: Receiver<(Instant, String)>,
}

impl Lines {
    /// Returns the next line.
    pub(crate) fn next(&self, limit: Duration) -> Result<String, Failure> {
        let line = self.receiver.recv_timeout(limit);
        line.map(|(_, line)| line).map_err(|_| "the program prints nothing".to_owned())
    }

    /// Returns all remaining lines of a program that has ended.
    pub(crate) fn rest(&self) -> Vec<String> {
        self.receiver.iter().map(|(_, line)| line).collect()
    }

    /// Returns the time at which a wanted line was printed, if that is within the limit.
    pub(crate) fn until(
        &self,
        wanted: impl Fn(&str) -> bool,
        limit: Duration,
    ) -> Result<Instant, Failure> {
        let end = Instant::now() + limit;
        while Instant::now() < end {
            go_on()?;
            match self.receiver.recv_timeout(Duration::from_millis(100)) {
                Ok((time, line)) if wanted(&line) => return Ok(time),
                Ok(_) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err("the program has closed its output".to_owned());
                }
            }
        }
        Err(format!("not seen within {limit:?}"))
    }
}

/// Returns a command that runs cargo in a folder. A build prints nothing; its messages are in the
/// log.
pub(crate) fn cargo(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.args(arguments).current_dir(folder).stdout(Stdio::null());
    command
}
