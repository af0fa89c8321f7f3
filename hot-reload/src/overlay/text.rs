//! Text of other programs as colored letters that the fonts contain.
//!
//! The text is not trusted. Its length and number of lines are bounded, control characters and all
//! escapes but colors are dropped, and characters that the fonts lack are spelled with other
//! letters.

use super::palette::{self, MUTED};
use anstyle_parse::{Params, Parser, Perform};
use std::ops::Range;

/// Limit on the bytes read of a text, and on its letters, which tabs multiply.
const MOST_BYTES: usize = 64 << 10;
const MOST_LINES: usize = 2_000;
const TAB: &[u8] = b"    ";

/// A letter's appearance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Style {
    pub(super) color: u32,
    pub(super) bold: bool,
}

impl Style {
    pub(super) fn plain(color: u32) -> Style {
        Style { color, bold: false }
    }

    pub(super) fn bold(color: u32) -> Style {
        Style { color, bold: true }
    }
}

/// A character of ISO 8859-1 and its appearance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Letter {
    pub(super) code: u8,
    pub(super) style: Style,
}

/// Converts one line of our own words into letters.
pub(super) fn letters(words: &str, style: Style) -> impl Iterator<Item = Letter> {
    words.chars().map(move |character| Letter {
        code: u8::try_from(u32::from(character)).unwrap_or(b'?'),
        style,
    })
}

/// Lines of letters.
#[derive(Debug, Default)]
pub(super) struct Text {
    letters: Vec<Letter>,
    /// Index in `letters` at which each line ends.
    ends: Vec<usize>,
    /// Number of bytes read so far, and whether the text was cut.
    bytes: usize,
    cut: bool,
}

impl Text {
    pub(super) fn clear(&mut self) {
        self.letters.clear();
        self.ends.clear();
        (self.bytes, self.cut) = (0, false);
    }

    pub(super) fn letters(&self) -> &[Letter] {
        &self.letters
    }

    /// Returns the lines as ranges of the letters.
    pub(super) fn lines(&self) -> impl Iterator<Item = Range<usize>> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| start..end)
    }

    /// Appends lines in `style`, except where they choose another style themselves.
    pub(super) fn add(&mut self, text: &str, style: Style) {
        if self.cut {
            return;
        }
        let mut end = text.len().min(MOST_BYTES - self.bytes);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.cut = end < text.len();
        self.bytes += end;
        let mut reader = Reader { text: self, base: style, style, dim: false };
        for line in text[..end].lines() {
            if reader.text.ends.len() >= MOST_LINES || reader.text.letters.len() >= MOST_BYTES {
                reader.text.cut = true;
                break;
            }
            // Each line has its own parser, so that an unterminated escape swallows only its line.
            let mut parser = Parser::<anstyle_parse::DefaultCharAccumulator>::new();
            for &byte in line.as_bytes() {
                parser.advance(&mut reader, byte);
            }
            reader.text.end_line();
        }
        if self.cut {
            self.letters.extend(letters("(the rest is cut)", Style::plain(MUTED)));
            self.end_line();
        }
    }

    fn push(&mut self, codes: &[u8], style: Style) {
        if self.letters.len() < MOST_BYTES {
            self.letters.extend(codes.iter().map(|&code| Letter { code, style }));
        }
    }

    /// Ends a line and removes its trailing spaces, which would only be wrapped.
    fn end_line(&mut self) {
        let start = self.ends.last().copied().unwrap_or(0);
        while self.letters.len() > start && self.letters.last().is_some_and(|it| it.code == b' ') {
            self.letters.pop();
        }
        self.ends.push(self.letters.len());
    }
}

/// Receives what the parser finds in a text.
struct Reader<'t> {
    text: &'t mut Text,
    base: Style,
    style: Style,
    dim: bool,
}

impl Reader<'_> {
    fn style(&self) -> Style {
        let Style { color, bold } = self.style;
        Style { color: if self.dim { palette::faint(color) } else { color }, bold }
    }
}

impl Perform for Reader<'_> {
    fn print(&mut self, character: char) {
        let style = self.style();
        match (spelling(character), u8::try_from(u32::from(character))) {
            (Some(codes), _) => self.text.push(codes, style),
            (None, Ok(code)) => self.text.push(&[code], style),
            (None, Err(_)) => self.text.push(b"?", style),
        }
    }

    fn execute(&mut self, byte: u8) {
        if byte == b'\t' {
            self.text.push(TAB, self.style());
        }
    }

    fn csi_dispatch(&mut self, params: &Params, intermediates: &[u8], ignore: bool, action: u8) {
        if action != b'm' || ignore || !intermediates.is_empty() {
            return;
        }
        let mut codes = params.iter().flatten().copied();
        while let Some(code) = codes.next() {
            match code {
                0 => (self.style, self.dim) = (self.base, false),
                1 => self.style.bold = true,
                2 => self.dim = true,
                22 => (self.style.bold, self.dim) = (self.base.bold, false),
                30..=37 => self.style.color = palette::indexed(code - 30),
                90..=97 => self.style.color = palette::indexed(code - 90 + 8),
                39 => self.style.color = self.base.color,
                38 | 48 | 58 => {
                    let color = extended(&mut codes);
                    // Background and underline colors are not shown, but their numbers must be
                    // skipped.
                    self.style.color = color.filter(|_| code == 38).unwrap_or(self.style.color);
                }
                _ => {}
            }
        }
    }
}

/// Reads the color after a 38: `5;n` or `2;r;g;b`.
fn extended(codes: &mut impl Iterator<Item = u16>) -> Option<u32> {
    match codes.next()? {
        5 => Some(palette::indexed(codes.next()?)),
        2 => {
            let mut channel = || Some(u32::from(codes.next()?.min(255)));
            let (red, green, blue) = (channel()?, channel()?, channel()?);
            Some(palette::legible(red << 16 | green << 8 | blue))
        }
        _ => None,
    }
}

/// Returns a spelling for a character that the fonts lack. Returns `None` for a character that they
/// contain, or that has no good spelling.
fn spelling(character: char) -> Option<&'static [u8]> {
    Some(match character {
        ' '..='~' => return None,
        '\u{a0}' => b" ",
        '…' => b"...",
        '’' | '‘' | '‚' | '‛' | '′' => b"'",
        '“' | '”' | '„' | '‟' | '″' => b"\"",
        '–' | '—' | '‐' | '‑' | '‒' | '―' | '−' | '─' | '━' | '╴' | '╶' | '┄' | '┈' => {
            b"-"
        }
        '•' | '∙' | '●' | '▪' => b"\xb7",
        '│' | '┃' | '┆' | '┊' | '╷' | '╵' => b"|",
        '┌' | '┐' | '└' | '┘' | '├' | '┤' | '┬' | '┴' | '┼' | '╭' | '╮' | '╰' | '╯' => {
            b"+"
        }
        '→' | '⟶' => b"->",
        '←' | '⟵' => b"<-",
        '⇒' => b"=>",
        '▸' | '▶' | '❯' | '›' => b">",
        '‹' | '❮' => b"<",
        '≤' => b"<=",
        '≥' => b">=",
        '≠' => b"!=",
        '€' => b"EUR",
        // Zero-width characters: joiners, direction marks, variation selectors, combining accents.
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' => b"",
        '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{300}'..='\u{36f}' => b"",
        _ if character.is_control() => b"",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BASE: Style = Style { color: 0x0012_3456, bold: false };

    fn read(text: &str) -> Text {
        let mut read = Text::default();
        read.add(text, BASE);
        read
    }

    fn spelled(text: &str) -> String {
        read(text).letters().iter().map(|letter| char::from(letter.code)).collect()
    }

    #[test]
    fn characters_are_spelled_in_letters_of_the_fonts() {
        let table = [
            ("plain ~ text", "plain ~ text"),
            ("caf\u{e9} \u{df} \u{b7}", "caf\u{e9} \u{df} \u{b7}"),
            ("it’s “so” – or…", "it's \"so\" - or..."),
            ("│ ─ • →", "| - \u{b7} ->"),
            ("\ta\u{7}b\u{0}\u{85}\u{7f}", "    ab"),
            ("日本 🦀", "?? ?"),
            ("e\u{301}\u{200b}", "e"),
            ("\x1b]8;;https://a.b/\x1b\\link\x1b]8;;\x1b\\", "link"),
            ("\x1b[2J\x1b[3;4Hgone\x1b[K\x1bc", "gone"),
            ("\x1b]never ending\nnext", "next"),
            ("\x1b[31", ""),
        ];
        for (text, expected) in table {
            assert_eq!(spelled(text), expected, "{text:?}");
        }
    }

    #[test]
    fn colors_are_kept_and_reset() {
        let red = palette::indexed(1);
        let table = [
            ("\x1b[31mx", red, false),
            ("\x1b[1;91mx", palette::indexed(9), true),
            ("\x1b[1m\x1b[38;5;9mx", palette::indexed(9), true),
            ("\x1b[38;2;200;100;50mx", 0x00c8_6432, false),
            ("\x1b[38:5:12mx", palette::indexed(12), false),
            ("\x1b[38;5;231mx", 0x00ff_ffff, false),
            ("\x1b[1;31m\x1b[0mx", BASE.color, false),
            ("\x1b[1;31m\x1b[mx", BASE.color, false),
            ("\x1b[31m\x1b[39mx", BASE.color, false),
            ("\x1b[31;48;5;4mx", red, false),
            ("\x1b[31;44;7mx", red, false),
            ("\x1b[31;38mx", red, false),
            ("\x1b[31;38;2;1mx", red, false),
            ("\x1b[?31mx", BASE.color, false),
            ("\x1b[31m\nx", red, false),
        ];
        for (text, color, bold) in table {
            let read = read(text);
            let expected = Letter { code: b'x', style: Style { color, bold } };
            assert_eq!(read.letters(), [expected], "{text:?}");
        }
    }

    #[test]
    fn long_texts_are_cut_and_say_so() {
        for text in ["x".repeat(1 << 20), "\n".repeat(1 << 20), "x\t\n".repeat(9_999)] {
            let read = read(&text);
            assert!(read.ends.len() <= MOST_LINES + 1);
            assert!(read.letters().len() <= MOST_BYTES + 100);
            assert!(read.letters().last().is_some_and(|last| last.code == b')'));
        }
        // The limits hold for the sum of many calls as well.
        let mut text = Text::default();
        (0..9_999).for_each(|_| text.add("one\ntwo", BASE));
        assert_eq!(text.ends.len(), MOST_LINES + 1);
        text.clear();
        (0..99).for_each(|_| text.add(&"\x1b[m".repeat(9_999), BASE));
        assert!(text.cut && text.bytes <= MOST_BYTES);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
            let text = read(&String::from_utf8_lossy(&bytes));
            for letter in text.letters() {
                prop_assert!(!char::from(letter.code).is_control());
            }
            prop_assert_eq!(text.lines().map(|line| line.len()).sum::<usize>(), text.letters().len());
        }

        #[test]
        fn any_escapes_are_read(text in "(\x1b\\[[0-9;:]{0,40}[mKH]|\x1b[\\]P_][^\x1b]{0,9}|[a-z\n\t]){0,80}") {
            read(&text);
        }
    }
}
