//! The renderers' output: passed on to the terminal, with the last words kept for the overlay.
//!
//! A renderer must never wait for the terminal, and the owner never for a renderer. Each stream
//! therefore has its own reader thread, and output that the terminal does not take in time is
//! dropped with a note.

use crate::lines::LastLines;
use crate::lock::lock;
use crate::outlet::Outlet;
use crate::status::{Crash, Panic};
use crate::supervisor::rehearsed::Rehearsed;
use crate::sys;
use crate::threads::spawn;
use std::io::{Read, Write};
use std::process::{ChildStderr, ChildStdout};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Number of lines of standard error that are kept.
const LINES: usize = 20;
/// Number of lines of a panic's message that are kept.
const PANIC: usize = 12;
/// Number of bytes read at once.
const CHUNK: usize = 16 << 10;
/// Number of chunks that may wait for the terminal.
const WAITING: usize = 64;
/// Limit on the wait for more of standard error after the process has ended. Another program, for
/// example one that the renderer has started, may hold the pipe open.
const LINGER: Duration = Duration::from_millis(100);

/// Limit on the time after the process's end for which a pipe that is still written to is read.
const REST: Duration = Duration::from_secs(2);

/// The output streams of one generation.
#[derive(Debug)]
pub(super) struct Output {
    words: Arc<Mutex<Words>>,
    /// Set when the process has ended.
    ended: Arc<AtomicBool>,
    /// Disconnected once standard error has been read to its end.
    done: Receiver<()>,
}

impl Output {
    /// Passes on a process's output, and reports each panic that does not end the process: those of
    /// all threads but the main one.
    pub(super) fn forward(
        stdout: Option<ChildStdout>,
        stderr: Option<ChildStderr>,
        panicked: impl Fn(Panic) + Send + 'static,
    ) -> Self {
        let words = Arc::new(Mutex::new(Words::default()));
        let ended = Arc::new(AtomicBool::new(false));
        let (finished, done) = sync_channel::<()>(0);
        if let Some(stdout) = stdout {
            let ended = ended.clone();
            start(move || read(stdout, &ended, &STDOUT, |_| ()));
        }
        if let Some(stderr) = stderr {
            let (ended, words) = (ended.clone(), words.clone());
            start(move || {
                read(stderr, &ended, &STDERR, |bytes| {
                    let found = lock(&words).take(bytes);
                    found.into_iter().for_each(&panicked);
                });
                drop(finished);
            });
        }
        Output { words, ended, done }
    }

    /// Returns the last words of a process that has ended, with `how` it ended.
    pub(super) fn last_words(self, how: String) -> Crash {
        self.ended.store(true, Ordering::Relaxed);
        let deadline = Instant::now() + REST;
        let mut taken = lock(&self.words).taken;
        // On a busy machine reading takes longer than the process lived.
        while self.done.recv_timeout(LINGER) == Err(RecvTimeoutError::Timeout) {
            let before = std::mem::replace(&mut taken, lock(&self.words).taken);
            if taken == before || Instant::now() >= deadline {
                break;
            }
        }
        let mut words = lock(&self.words);
        words.end_line();
        let (panic, stderr) = (words.found.told(), words.last.take_all());
        Crash { how, panic, stderr, ..Crash::default() }
    }
}

fn start(turn: impl FnOnce() + Send + 'static) {
    // Without the thread the pipe fills up in the end and the renderer blocks, which is acceptable
    // on a system that has no threads left.
    let _ = spawn("hot-reload output", turn);
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
        // The timeout allows a look at whether the process has ended while something else holds its
        // pipe open. That program may write forever, so only a limited time is spent on the rest.
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

/// One of this process's streams, written by a thread, so that a paused terminal blocks no other
/// thread.
struct Terminal {
    outlet: Outlet,
    open: fn() -> Box<dyn Write>,
}

const NAME: &str = "hot-reload terminal";
static STDOUT: Terminal =
    Terminal { outlet: Outlet::new(NAME, WAITING), open: || Box::new(std::io::stdout()) };
static STDERR: Terminal =
    Terminal { outlet: Outlet::new(NAME, WAITING), open: || Box::new(std::io::stderr()) };

impl Terminal {
    fn write(&self, bytes: &[u8]) {
        let (open, chunk) = (self.open, bytes.to_vec());
        let job = move |dropped| {
            let mut stream = open();
            if dropped > 0 {
                let note =
                    format!("\n[hot-reload: {dropped} bytes of the renderer's output dropped]\n");
                let _ = stream.write_all(note.as_bytes());
            }
            let _ = stream.write_all(&chunk).and_then(|()| stream.flush());
        };
        self.outlet.hand_over(bytes.len(), Box::new(job));
    }
}

/// The last lines of the output, and the last panic in all of it.
#[derive(Debug)]
struct Words {
    last: LastLines,
    found: FoundPanic,
    /// Number of bytes taken.
    taken: usize,
}

impl Default for Words {
    fn default() -> Self {
        Words { last: LastLines::new(LINES), found: FoundPanic::default(), taken: 0 }
    }
}

impl Words {
    /// Takes a piece of output, and returns the panics of threads other than the main one, each
    /// once, as soon as it has a message.
    fn take(&mut self, bytes: &[u8]) -> Vec<Panic> {
        let mut beside = Vec::new();
        self.taken += bytes.len();
        self.last.take(bytes, |line| {
            // A panic ends where the next one begins, or at the end of the piece.
            if is_panic(line) {
                beside.extend(self.found.beside());
            }
            self.found.see(line);
        });
        beside.extend(self.found.beside());
        beside
    }

    fn end_line(&mut self) {
        self.last.end_line(|line| self.found.see(line));
    }
}

/// The last panic in the output.
#[derive(Debug, Default)]
struct FoundPanic {
    lines: Vec<String>,
    /// True while the following lines belong to it.
    goes_on: bool,
    /// True if it was already reported while the process lives, as a panic of a thread other than
    /// the main one.
    told_beside: bool,
}

/// Returns true if this line begins a panic message, in the form that std's hook prints.
fn is_panic(line: &str) -> bool {
    line.starts_with("thread '") && line.contains("panicked at ")
}

impl FoundPanic {
    fn see(&mut self, line: &str) {
        if is_panic(line) {
            self.lines.clear();
            self.told_beside = false;
            self.goes_on = true;
        } else if line.starts_with("note: ") || line.starts_with("stack backtrace:") {
            self.goes_on = false;
        }
        if self.goes_on && self.lines.len() <= PANIC {
            self.lines.push(line.to_owned());
        }
    }

    /// Returns the panic, once it has a message, if it is not the main thread's.
    fn beside(&mut self) -> Option<Panic> {
        let [first, _, ..] = self.lines.as_slice() else { return None };
        if self.told_beside || first.starts_with("thread 'main'") {
            return None;
        }
        // The hook prints a panic in one piece: later lines are not part of it.
        (self.told_beside, self.goes_on) = (true, false);
        self.told()
    }

    /// Returns the panic, parsed from what std's hook prints: the place is in the first line, the
    /// message in the rest.
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

    #[test]
    fn a_panic_of_another_thread_than_the_main_one_is_told_while_the_process_lives() {
        let mut words = Words::default();
        let panic = |message: &str, place: &str| Panic {
            message: message.to_owned(),
            place: place.to_owned(),
        };
        let main = b"thread 'main' panicked at src/lib.rs:1:1:\nwhat ends the process\n";
        assert_eq!(words.take(main), []);
        // Not reported while its message is missing.
        assert_eq!(words.take(b"\nthread 'loader' (7) panicked at src/load.rs:4:5:\n"), []);
        let first = panic("no such file", "src/load.rs:4:5");
        assert_eq!(words.take(b"no such file\nnote: run with `RUST_BACKTRACE=1`\n"), [first]);
        assert_eq!(words.take(b"nothing of the kind\n"), [], "once");
        let two = b"thread '<unnamed>' panicked at a.rs:1:1:\none\nthread 'b' panicked at b.rs:2:2:\ntwo\n";
        assert_eq!(words.take(two), [panic("one", "a.rs:1:1"), panic("two", "b.rs:2:2")]);
    }
}
