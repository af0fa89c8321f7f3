//! What the program prints while the terminal shows pictures: kept, and printed afterwards.

use crate::lines::LastLines;
use std::fs::File;
use std::io::{self, IsTerminal, PipeReader, Read, Write};
use std::os::fd::OwnedFd;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// Lines that are kept.
const LINES: usize = 200;
/// What was started meanwhile may hold the pipe for longer.
const REST: Duration = Duration::from_millis(50);

/// Standard output and error, where they are a terminal, lead into a pipe as long as this lives.
#[derive(Debug)]
pub(super) struct Diverted {
    stdout: Option<OwnedFd>,
    stderr: Option<OwnedFd>,
    printed: Arc<Mutex<Printed>>,
    /// Disconnected when everything was read.
    done: Option<Receiver<()>>,
}

#[derive(Debug)]
struct Printed {
    last: LastLines,
    /// What was not shown yet.
    newest: Option<String>,
}

/// Another handle of the terminal, whatever becomes of standard output.
pub(super) fn duplicate_of_stdout() -> io::Result<File> {
    Ok(File::from(rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdout(), 3)?))
}

impl Diverted {
    /// `None` where neither is a terminal.
    pub(super) fn start() -> io::Result<Option<Self>> {
        if !io::stdout().is_terminal() && !io::stderr().is_terminal() {
            return Ok(None);
        }
        let (read, write) = io::pipe()?;
        let printed = Arc::new(Mutex::new(Printed { last: LastLines::new(LINES), newest: None }));
        let (heard, (finished, done)) = (printed.clone(), channel::<()>());
        thread::Builder::new().name("hot-reload printed".to_owned()).spawn(move || {
            listen(read, &heard);
            drop(finished);
        })?;
        let mut diverted = Diverted { stdout: None, stderr: None, printed, done: Some(done) };
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

    /// What is to be dropped when the terminal was given back; once.
    pub(super) fn afterwards(&mut self) -> Option<Afterwards> {
        let to_stdout = self.stderr.is_none();
        Some(Afterwards { printed: self.printed.clone(), done: self.done.take()?, to_stdout })
    }

    /// The last line that was printed since the last call.
    pub(super) fn take_newest(&self) -> Option<String> {
        lock(&self.printed).newest.take()
    }
}

impl Drop for Diverted {
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

/// What was printed; dropped, it is printed where it should have been.
#[derive(Debug)]
pub(super) struct Afterwards {
    printed: Arc<Mutex<Printed>>,
    done: Receiver<()>,
    /// Standard error leads elsewhere, and was not taken.
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

fn lock(printed: &Mutex<Printed>) -> std::sync::MutexGuard<'_, Printed> {
    printed.lock().unwrap_or_else(PoisonError::into_inner)
}
