//! cargo's progress, read from its standard error: only its progress bar tells the total number of
//! crates.
//!
//! The bar is requested although only this code reads it. If a cargo draws it differently, the
//! number of crates is unknown, and everything else works.

use super::Report;
use crate::lock::lock;
use std::io::{BufReader, IsTerminal, Read};
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Asks cargo for its progress bar, wide enough for the names of the crates at work.
pub(super) fn ask_for(command: &mut Command) {
    command.env("CARGO_TERM_PROGRESS_WHEN", "always").env("CARGO_TERM_PROGRESS_WIDTH", "160");
}

/// Duration from which a build gets a bar in the terminal.
const LONG: Duration = Duration::from_secs(1);

/// Passes cargo's messages to the log and reports its progress. Returns its complaints, and the
/// time at which it began to compile.
pub(super) fn forward(pipe: impl Read, report: &Mutex<Report>) -> (String, Option<Instant>) {
    let (mut errors, mut compiling) = (String::new(), None);
    let mut bar = Bar { begun: Instant::now(), drawn: false };
    for piece in pieces(BufReader::new(pipe)) {
        let text = piece.trim();
        if let Some((done, total, at_work)) = progress(text) {
            bar.draw(done, total, &at_work);
            let report = lock(report);
            report(done, total, at_work);
            continue;
        }
        if text.is_empty() || is_blank(text) {
            continue;
        }
        if text.starts_with("Compiling") {
            compiling.get_or_insert_with(Instant::now);
        }
        let working = ["Compiling", "Downloading", "Downloaded", "Blocking", "Updating", "Locking"];
        if text.starts_with("Compiling") && bar.is_there() {
            crate::log::debug!(target: "cargo", "{text}");
        } else if working.iter().any(|word| text.starts_with(word)) {
            crate::log::info!(target: "cargo", "{text}");
        } else {
            crate::log::debug!(target: "cargo", "{text}");
            errors.push_str(piece.trim_end());
            errors.push('\n');
        }
    }
    bar.clear();
    (errors, compiling)
}

/// Returns the texts between line feeds and carriage returns.
fn pieces(mut pipe: impl Read) -> impl Iterator<Item = String> {
    const LONGEST: usize = 64 << 10;
    let (mut bytes, mut at, mut read) = ([0; 4096], 0, 0);
    std::iter::from_fn(move || {
        let mut piece = Vec::new();
        loop {
            if at == read {
                read = pipe.read(&mut bytes).unwrap_or(0);
                at = 0;
                if read == 0 {
                    let rest = String::from_utf8_lossy(&piece).into_owned();
                    return (!rest.is_empty()).then_some(rest);
                }
            }
            let byte = bytes[at];
            at += 1;
            match byte {
                b'\n' | b'\r' => return Some(String::from_utf8_lossy(&piece).into_owned()),
                _ if piece.len() < LONGEST => piece.push(byte),
                _ => {}
            }
        }
    })
}

/// Limit on the bytes of the names of the crates at work.
const MOST_AT_WORK: usize = 4096;

/// Parses `Building [====>    ] 45/120: serde, syn(build)`. The names are shown in the terminal and
/// the window.
fn progress(text: &str) -> Option<(u32, u32, String)> {
    let (_, rest) = text.strip_prefix("Building [")?.split_once(']')?;
    let (numbers, at_work) = rest.split_once(':').unwrap_or((rest, ""));
    let (done, total) = numbers.trim().split_once('/')?;
    let (done, total) = (done.parse().ok()?, total.parse().ok()?);
    if done > total || total == 0 {
        return None;
    }
    let at_work = at_work.split('\u{1b}').next().unwrap_or_default().trim();
    let mut at_work = at_work.replace(char::is_control, "");
    let end = at_work.char_indices().map(|(at, _)| at).take_while(|&at| at <= MOST_AT_WORK).last();
    if at_work.len() > MOST_AT_WORK {
        at_work.truncate(end.unwrap_or(0));
    }
    Some((done, total, at_work))
}

/// Returns true for the blanks and the escape sequence with which cargo clears its bar.
fn is_blank(text: &str) -> bool {
    text.strip_prefix('\u{1b}').is_some_and(|rest| rest.len() < 4 && rest.starts_with('['))
}

/// The bar in the terminal, if there is one; elsewhere cargo's lines are enough.
struct Bar {
    begun: Instant,
    drawn: bool,
}

impl Bar {
    const WIDTH: u32 = 24;

    fn is_there(&self) -> bool {
        self.drawn
    }

    fn draw(&mut self, done: u32, total: u32, at_work: &str) {
        if self.begun.elapsed() < LONG || total == 0 || !std::io::stderr().is_terminal() {
            return;
        }
        self.drawn = true;
        let full = (Self::WIDTH * done.min(total) / total) as usize;
        let bar = format!("{}{}", "#".repeat(full), ".".repeat(Self::WIDTH as usize - full));
        let at_work = at_work.chars().take(40).collect::<String>();
        crate::log::write(format!("\r  [{bar}] {done}/{total} {at_work}\x1b[K"));
    }

    fn clear(&mut self) {
        if std::mem::take(&mut self.drawn) {
            crate::log::write("\r\x1b[K".to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargos_bar_is_read_back() {
        let bar = "Building [=====>       ] 45/120: serde, syn(build.rs)...";
        assert_eq!(progress(bar), Some((45, 120, "serde, syn(build.rs)...".to_owned())));
        assert_eq!(progress("Building [>  ] 0/3"), Some((0, 3, String::new())));
        assert_eq!(progress("Compiling serde v1.0.0"), None);
        assert_eq!(progress("Building [=] x/3: a"), None);
        assert_eq!(progress("Building [=] 7/3: a"), None, "more than there are");
        assert_eq!(progress("Building [] 0/0: a"), None);
        let odd = progress("Building [=] 1/2: a\u{7}b\tc\u{9b}2J\u{1b}[K");
        assert_eq!(odd, Some((1, 2, "abc2J".to_owned())), "the terminal is told nothing");
        let long = progress(&format!("Building [=] 1/2: {}", "ü".repeat(9999)));
        assert_eq!(long.map(|(_, _, at_work)| at_work.len()), Some(MOST_AT_WORK));
    }

    #[test]
    fn lines_end_at_line_feeds_and_carriage_returns() {
        let text = "   Compiling a\n    Building [>] 0/2: a\r    Building [=>] 1/2: b\r\u{1b}[K";
        let all = pieces(text.as_bytes()).collect::<Vec<_>>();
        assert_eq!(all.len(), 4);
        assert_eq!(progress(all[2].trim()), Some((1, 2, "b".to_owned())));
        assert!(is_blank(&all[3]));
    }
}
