//! Captures what the program prints while the terminal shows pictures, and prints it afterwards.

use crate::lines::LastLines;
use crate::lock::lock;
use crate::threads::spawn;
use std::fs::File;
use std::io::{self, IsTerminal, PipeReader, Read, Write};
use std::os::fd::OwnedFd;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Number of lines kept.
const LINES: usize = 200;
/// Limit on the wait for the end of the pipe: a child process may hold it open for longer.
const REST: Duration = Duration::from_millis(50);

/// Redirection of standard output and error into a pipe, as far as they are a terminal. Dropping it
/// undoes the redirection.
#[derive(Debug)]
pub(super) struct CapturedStdout {
    stdout: Option<OwnedFd>,
    stderr: Option<OwnedFd>,
    printed: Arc<Mutex<Printed>>,
    /// Disconnected once the pipe has been read to its end.
    done: Option<Receiver<()>>,
}

#[derive(Debug)]
struct Printed {
    last: LastLines,
    /// The last line that has not been shown yet.
    newest: Option<String>,
}

/// Returns a second handle of the terminal, which is independent of later redirections.
pub(super) fn duplicate_of_stdout() -> io::Result<File> {
    Ok(File::from(rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdout(), 3)?))
}

impl CapturedStdout {
    /// Starts the capture; returns `None` if neither stream is a terminal.
    pub(super) fn start() -> io::Result<Option<Self>> {
        if !io::stdout().is_terminal() && !io::stderr().is_terminal() {
            return Ok(None);
        }
        let (read, write) = io::pipe()?;
        let printed = Arc::new(Mutex::new(Printed { last: LastLines::new(LINES), newest: None }));
        let (heard, (finished, done)) = (printed.clone(), channel::<()>());
        spawn("hot-reload printed", move || {
            listen(read, &heard);
            drop(finished);
        })?;
        let mut diverted = CapturedStdout { stdout: None, stderr: None, printed, done: Some(done) };
        if io::stdout().is_terminal() {
            diverted.stdout = Some(rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdout(), 3)?);
            rustix::stdio::dup2_stdout(&write)?;
        }
        if io::stderr().is_terminal() {
            diverted.stderr = Some(rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stderr(), 3)?);
            rustix::stdio::dup2_stderr(&write)?;
        }
        Ok(Some(diverted))
    }

    /// Returns the value to be dropped after the terminal is restored; `None` if called again.
    pub(super) fn afterwards(&mut self) -> Option<Afterwards> {
        let to_stdout = self.stderr.is_none();
        Some(Afterwards { printed: self.printed.clone(), done: self.done.take()?, to_stdout })
    }

    /// Takes the last line printed since the previous call.
    pub(super) fn take_newest(&self) -> Option<String> {
        lock(&self.printed).newest.take()
    }
}

impl Drop for CapturedStdout {
    fn drop(&mut self) {
        let _ = io::stdout().flush();
        if let Some(stdout) = &self.stdout {
            let _ = rustix::stdio::dup2_stdout(stdout);
        }
        if let Some(stderr) = &self.stderr {
            let _ = rustix::stdio::dup2_stderr(stderr);
        }
    }
}

/// The captured lines; dropping this prints them to the stream that was captured.
#[derive(Debug)]
pub(super) struct Afterwards {
    printed: Arc<Mutex<Printed>>,
    done: Receiver<()>,
    /// True if standard error is not a terminal and was therefore not captured.
    to_stdout: bool,
}

impl Drop for Afterwards {
    fn drop(&mut self) {
        let _ = self.done.recv_timeout(REST);
        let mut printed = lock(&self.printed);
        printed.last.end_line(|_| ());
        let mut terminal: Box<dyn Write> =
            if self.to_stdout { Box::new(io::stdout()) } else { Box::new(io::stderr()) };
        for line in printed.last.take_all() {
            let _ = writeln!(terminal, "{line}");
        }
    }
}

fn listen(mut pipe: PipeReader, printed: &Mutex<Printed>) {
    let mut bytes = vec![0; 16 << 10];
    loop {
        match pipe.read(&mut bytes) {
            Ok(0) => return,
            Ok(count) => {
                let mut printed = lock(printed);
                let Printed { last, newest } = &mut *printed;
                last.take(&bytes[..count], |line| *newest = Some(line.to_owned()));
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}
