//! Output that a renderer prints during its rehearsal: held back, since the first frame prints it
//! again. It is shown if the renderer ends in its rehearsal.
//!
//! The renderer puts marks around the rehearsal into its streams, so this does not depend on
//! timing.

use crate::handshake::{REHEARSED, REHEARSES};
use std::borrow::Cow;

/// Limit on the bytes held back. The first ones are kept, since they usually explain most.
const MOST: usize = 64 << 10;

/// One stream of a renderer.
#[derive(Debug, Default)]
pub(super) struct Rehearsed {
    rehearses: bool,
    held: Vec<u8>,
    /// Bytes that may be the beginning of a mark.
    begun: Vec<u8>,
}

/// A piece of a stream.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Passed<'b> {
    /// Everything that was printed, without marks.
    pub(super) printed: Cow<'b, [u8]>,
    /// The part of it to show.
    pub(super) shown: Cow<'b, [u8]>,
}

impl Rehearsed {
    /// Takes the next bytes of the stream.
    pub(super) fn pass<'b>(&mut self, bytes: &'b [u8]) -> Passed<'b> {
        if !self.rehearses && self.begun.is_empty() && !bytes.contains(&REHEARSES[0]) {
            return Passed { printed: Cow::Borrowed(bytes), shown: Cow::Borrowed(bytes) };
        }
        let (mut printed, mut shown) = (Vec::new(), Vec::new());
        for &byte in bytes {
            self.begun.push(byte);
            let begins = |mark: &[u8]| mark.starts_with(&self.begun);
            if self.begun == REHEARSES || self.begun == REHEARSED {
                self.rehearses = self.begun == REHEARSES;
                (self.held, self.begun) = (Vec::new(), Vec::new());
            } else if !begins(REHEARSES) && !begins(REHEARSED) {
                // The first byte of a mark occurs nowhere else in it.
                let again = byte == REHEARSES[0];
                let end = self.begun.len() - usize::from(again);
                let plain = &self.begun[..end];
                printed.extend_from_slice(plain);
                match self.rehearses {
                    true if self.held.len() < MOST => self.held.extend_from_slice(plain),
                    true => {}
                    false => shown.extend_from_slice(plain),
                }
                self.begun.drain(..end);
            }
        }
        Passed { printed: Cow::Owned(printed), shown: Cow::Owned(shown) }
    }

    /// Returns the bytes that are still held back at the end of the stream.
    pub(super) fn rest(mut self) -> Vec<u8> {
        self.held.append(&mut self.begun);
        self.held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(parts: &[&[u8]]) -> Vec<u8> {
        parts.concat()
    }

    /// Passes a stream in chunks of a given size; returns what was printed and what was shown.
    fn passed(stream: &[u8], chunk: usize) -> (String, String) {
        let (mut rehearsed, mut printed, mut shown) = (Rehearsed::default(), vec![], vec![]);
        for bytes in stream.chunks(chunk) {
            let passed = rehearsed.pass(bytes);
            printed.extend_from_slice(&passed.printed);
            shown.extend_from_slice(&passed.shown);
        }
        shown.extend(rehearsed.rest());
        (String::from_utf8(printed).unwrap(), String::from_utf8(shown).unwrap())
    }

    #[test]
    fn what_a_rehearsal_prints_is_held_back_and_shown_if_it_does_not_end() {
        let frame: &[u8] = b"frame \x1b[31mred\x1b[0m\n";
        let whole = stream(&[b"set up\n", REHEARSES, frame, REHEARSED, frame, b"more\n"]);
        let cut = stream(&[b"set up\n", REHEARSES, frame, b"panicked\n"]);
        for chunk in [1, 2, 7, 23, 1000] {
            let red = "frame \x1b[31mred\x1b[0m\n";
            assert_eq!(
                passed(&whole, chunk),
                (format!("set up\n{red}{red}more\n"), format!("set up\n{red}more\n"))
            );
            let all = format!("set up\n{red}panicked\n");
            assert_eq!(passed(&cut, chunk), (all.clone(), all));
        }
    }

    #[test]
    fn what_looks_like_a_mark_and_is_none_is_passed_on() {
        let almost =
            stream(&[b"\x1b", &REHEARSES[..9], b"\x1b", REHEARSES, b"in", &REHEARSED[..5]]);
        for chunk in [1, 3, 1000] {
            let half = String::from_utf8(stream(&[b"\x1b", &REHEARSES[..9], b"\x1b"])).unwrap();
            let end = String::from_utf8(REHEARSED[..5].to_vec()).unwrap();
            assert_eq!(passed(&almost, chunk).1, format!("{half}in{end}"));
        }
        let plain = b"nothing else";
        let passed = Rehearsed::default().pass(plain);
        assert!(matches!(passed.shown, Cow::Borrowed(shown) if shown == plain));
    }
}
