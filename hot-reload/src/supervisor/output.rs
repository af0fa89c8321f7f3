//! What renderers print: passed on to the terminal, and the last words kept for the overlay.
//!
//! A renderer must never wait for the terminal, and the owner never for a renderer: each stream is
//! read by a thread of its own, and what the terminal does not take in time is dropped with a note.

use crate::lines::LastLines;
use crate::status::{Crash, Panic};
use crate::supervisor::rehearsed::Rehearsed;
use crate::sys;
use std::io::{Read, Write};
use std::process::{ChildStderr, ChildStdout};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Lines of standard error that are kept.
const LINES: usize = 20;
/// Lines of a panic's message that are kept.
const PANIC: usize = 12;
/// Bytes that are read at once.
const CHUNK: usize = 16 << 10;
/// Chunks that wait for the terminal.
const WAITING: usize = 64;
/// A pipe that nobody closes (a program that the renderer has started holds it) is given up so long
/// after the end.
const LINGER: Duration = Duration::from_millis(20);

/// A pipe that is still written to after the end is read for so long.
const REST: Duration = Duration::from_secs(2);

/// The streams of one generation.
#[derive(Debug)]
pub(super) struct Output {
    words: Arc<Mutex<Words>>,
    /// Raised when the process has ended.
    ended: Arc<AtomicBool>,
    /// Disconnected when standard error has been read to its end.
    done: Receiver<()>,
}

impl Output {
    /// Passes on what a process prints.
    pub(super) fn forward(stdout: Option<ChildStdout>, stderr: Option<ChildStderr>) -> Self {
        let words = Arc::new(Mutex::new(Words::default()));
        let ended = Arc::new(AtomicBool::new(false));
        let (finished, done) = sync_channel::<()>(0);
        if let Some(stdout) = stdout {
            let ended = ended.clone();
            spawn(move || read(stdout, &ended, &STDOUT, |_| ()));
        }
        if let Some(stderr) = stderr {
            let (ended, words) = (ended.clone(), words.clone());
            spawn(move || {
                read(stderr, &ended, &STDERR, |bytes| lock(&words).take(bytes));
                drop(finished);
            });
        }
        Output { words, ended, done }
    }

    /// The last words of a process that has ended in a way.
    pub(super) fn last_words(self, how: String) -> Crash {
        self.ended.store(true, Ordering::Relaxed);
        let deadline = Instant::now() + LINGER;
        let _ = self.done.recv_timeout(deadline.saturating_duration_since(Instant::now()));
        let mut words = lock(&self.words);
        words.end_line();
        Crash { how, panic: words.found.told(), stderr: words.last.take_all() }
    }
}

fn spawn(turn: impl FnOnce() + Send + 'static) {
    // Without the thread the renderer's pipe fills up in the end, and it waits: no worse than a
    // system that has no threads left deserves.
    let _ = thread::Builder::new().name("hot-reload output".to_owned()).spawn(turn);
}

fn lock(words: &Mutex<Words>) -> std::sync::MutexGuard<'_, Words> {
    words.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read(
    mut pipe: impl Read + sys::Waitable,
    ended: &AtomicBool,
    terminal: &Terminal,
    mut see: impl FnMut(&[u8]),
) {
    let mut bytes = vec![0; CHUNK];
    let mut rehearsed = Rehearsed::default();
    let mut end = None;
    loop {
        // Woken now and then, to see whether the process has ended with its pipe held open. Whoever
        // holds it may also write for ever: what is in the pipe at the end is read, and then no more.
        let readable = sys::wait_readable(&pipe, Duration::from_secs(2));
        if ended.load(Ordering::Relaxed) {
            let since = *end.get_or_insert_with(Instant::now);
            if !readable || since.elapsed() >= REST {
                break;
            }
        }
        if !readable {
            continue;
        }
        match pipe.read(&mut bytes) {
            Ok(0) => break,
            Ok(count) => {
                let passed = rehearsed.pass(&bytes[..count]);
                see(&passed.printed);
                if !passed.shown.is_empty() {
                    terminal.write(&passed.shown);
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    let rest = rehearsed.rest();
    if !rest.is_empty() {
        terminal.write(&rest);
    }
}

/// One of this process's streams, written by a thread, so that a terminal that stands still stops
/// nobody.
struct Terminal {
    queue: OnceLock<Option<SyncSender<Vec<u8>>>>,
    dropped: Mutex<usize>,
    open: fn() -> Box<dyn Write>,
}

static STDOUT: Terminal = Terminal {
    queue: OnceLock::new(),
    dropped: Mutex::new(0),
    open: || Box::new(std::io::stdout()),
};
static STDERR: Terminal = Terminal {
    queue: OnceLock::new(),
    dropped: Mutex::new(0),
    open: || Box::new(std::io::stderr()),
};

impl Terminal {
    fn write(&self, bytes: &[u8]) {
        let queue = self.queue.get_or_init(|| {
            let (sender, chunks) = sync_channel::<Vec<u8>>(WAITING);
            let open = self.open;
            let turn = move || {
                let mut stream = open();
                for chunk in chunks {
                    let _ = stream.write_all(&chunk).and_then(|()| stream.flush());
                }
            };
            let name = "hot-reload terminal".to_owned();
            thread::Builder::new().name(name).spawn(turn).ok().map(|_| sender)
        });
        let Some(queue) = queue else { return };
        let mut dropped = self.dropped.lock().unwrap_or_else(PoisonError::into_inner);
        let mut chunk = Vec::with_capacity(bytes.len());
        if *dropped > 0 {
            let note =
                format!("\n[hot-reload: {dropped} bytes of the renderer's output dropped]\n");
            chunk.extend(note.as_bytes());
        }
        chunk.extend(bytes);
        match queue.try_send(chunk) {
            Ok(()) => *dropped = 0,
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => *dropped += bytes.len(),
        }
    }
}

/// The last lines, and the last panic among all.
#[derive(Debug)]
struct Words {
    last: LastLines,
    found: FoundPanic,
}

impl Default for Words {
    fn default() -> Self {
        Words { last: LastLines::new(LINES), found: FoundPanic::default() }
    }
}

impl Words {
    fn take(&mut self, bytes: &[u8]) {
        self.last.take(bytes, |line| self.found.see(line));
    }

    fn end_line(&mut self) {
        self.last.end_line(|line| self.found.see(line));
    }
}

/// The last panic among lines.
#[derive(Debug, Default)]
struct FoundPanic {
    lines: Vec<String>,
    /// Whether the lines that come belong to it.
    goes_on: bool,
}

impl FoundPanic {
    fn see(&mut self, line: &str) {
        if line.starts_with("thread '") && line.contains("panicked at ") {
            self.lines.clear();
            self.goes_on = true;
        } else if line.starts_with("note: ") || line.starts_with("stack backtrace:") {
            self.goes_on = false;
        }
        if self.goes_on && self.lines.len() <= PANIC {
            self.lines.push(line.to_owned());
        }
    }

    /// The panic, as std's hook prints it: the place in the first line, the message in the rest.
    fn told(&self) -> Option<Panic> {
        let (first, rest) = self.lines.split_first()?;
        let (_, place) = first.split_once("panicked at ")?;
        let place = place.trim_end_matches(':').to_owned();
        Some(Panic { message: rest.join("\n"), place })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_found_among_what_is_printed() {
        let mut words = Words::default();
        words
            .take(b"hello\n\nthread 'main' (7) panicked at src/lib.rs:4:5:\nindex out of bounds\n");
        words.take(b"note: run with `RUST_BACKTRACE=1`\nbye");
        words.end_line();
        let panic =
            Panic { message: "index out of bounds".to_owned(), place: "src/lib.rs:4:5".to_owned() };
        assert_eq!(words.found.told(), Some(panic));
        assert_eq!(words.last.newest(), Some("bye"));
    }
}
