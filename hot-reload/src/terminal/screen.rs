//! The characters of a terminal, of which only those that have changed are written.

use crossterm::style::{Attribute, Color, Colors, Print, ResetColor, SetAttribute, SetColors};
use crossterm::terminal::{Clear, ClearType};
use crossterm::{cursor, queue};
use std::borrow::Cow;
use std::io::{self, Write};
use unicode_width::UnicodeWidthChar;

/// A rectangle of characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) x: u16,
    pub(super) y: u16,
    pub(super) width: u16,
    pub(super) height: u16,
}

impl Area {
    pub(super) fn is_empty(&self) -> bool {
        self.width == 0 || self.height == 0
    }
}

/// Colors and weight of a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Style {
    pub(super) foreground: Color,
    pub(super) background: Color,
    pub(super) bold: bool,
}

impl Style {
    /// The terminal's own colors.
    pub(super) const PLAIN: Style =
        Style { foreground: Color::Reset, background: Color::Reset, bold: false };

    pub(super) fn colored(foreground: Color) -> Self {
        Style { foreground, ..Style::PLAIN }
    }
}

/// One character of the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell {
    /// A character with what combines with it, or the escapes of an image. Empty where the
    /// character or image to the left or above extends to.
    pub(super) symbol: Cow<'static, str>,
    pub(super) style: Style,
}

const BLANK: Cell = Cell { symbol: Cow::Borrowed(" "), style: Style::PLAIN };
const COVERED: Cell = Cell { symbol: Cow::Borrowed(""), style: Style::PLAIN };

/// The characters to show, and those that the terminal shows.
#[derive(Debug, Default)]
pub(super) struct Screen {
    size: (u16, u16),
    cells: Vec<Cell>,
    shown: Vec<Cell>,
    /// True if the terminal shows something unknown.
    is_unknown: bool,
}

impl Screen {
    /// Sets the number of columns and rows; everything is written again if it changes. Blanks all
    /// characters.
    pub(super) fn begin(&mut self, size: (u16, u16)) {
        self.is_unknown |= self.size != size;
        self.size = size;
        self.cells.clear();
        self.cells.resize(usize::from(size.0) * usize::from(size.1), BLANK);
    }

    pub(super) fn area(&self) -> Area {
        Area { x: 0, y: 0, width: self.size.0, height: self.size.1 }
    }

    /// Returns the character at a position; `None` outside of the screen.
    pub(super) fn cell(&mut self, x: u16, y: u16) -> Option<&mut Cell> {
        let index = (x < self.size.0).then(|| usize::from(y) * usize::from(self.size.0))?;
        self.cells.get_mut(index + usize::from(x))
    }

    /// Writes a line of text from its left end, and cuts off what does not fit.
    pub(super) fn write_line(&mut self, y: u16, text: &str, style: Style) {
        let (mut end, mut last) = (0_u16, None);
        for character in text.chars() {
            // A control character has no width, and must not reach the terminal.
            let Some(width) = character.width().and_then(|width| u16::try_from(width).ok()) else {
                continue;
            };
            if width == 0 {
                // Combines with the character before it, if there is one.
                if let Some(cell) = last.and_then(|x| self.cell(x, y)) {
                    cell.symbol.to_mut().push(character);
                }
                continue;
            }
            if end + width > self.size.0 {
                break;
            }
            for x in end..end + width {
                let symbol = if x == end { character.to_string().into() } else { COVERED.symbol };
                if let Some(cell) = self.cell(x, y) {
                    *cell = Cell { symbol, style };
                }
            }
            (end, last) = (end + width, Some(end));
        }
    }

    /// Writes the characters that differ from those that the terminal shows.
    ///
    /// # Errors
    /// Fails if the terminal does not accept them; nothing is known about its content then.
    pub(super) fn flush(&mut self, out: &mut impl Write) -> io::Result<()> {
        if std::mem::replace(&mut self.is_unknown, true) {
            queue!(out, Clear(ClearType::All))?;
            self.shown.clear();
            self.shown.resize(self.cells.len(), BLANK);
        }
        let (mut style, mut cursor) = (None, None);
        let columns = usize::from(self.size.0.max(1));
        for (index, (cell, shown)) in self.cells.iter().zip(&self.shown).enumerate() {
            // The character or image to the left or above covers this one.
            if cell == shown || cell.symbol.is_empty() {
                continue;
            }
            if cursor != Some(index) {
                let place = |number| u16::try_from(number).unwrap_or(u16::MAX);
                queue!(out, cursor::MoveTo(place(index % columns), place(index / columns)))?;
            }
            if style != Some(cell.style) {
                let Style { foreground, background, bold } = cell.style;
                let weight = if bold { Attribute::Bold } else { Attribute::NormalIntensity };
                queue!(out, SetAttribute(weight))?;
                queue!(out, SetColors(Colors::new(foreground, background)))?;
                style = Some(cell.style);
            }
            queue!(out, Print(&cell.symbol))?;
            // After anything but a plain character, and at the end of a row, terminals differ.
            let is_plain = matches!(&*cell.symbol, "▀" | "─") || cell.symbol.len() == 1;
            cursor = (is_plain && !(index + 1).is_multiple_of(columns)).then_some(index + 1);
        }
        if style.is_some() {
            queue!(out, SetAttribute(Attribute::NormalIntensity), ResetColor)?;
        }
        out.flush()?;
        self.shown.clone_from(&self.cells);
        self.is_unknown = false;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns what is written for these lines, with a screen that shows `shown`.
    fn written(shown: &[&str], lines: &[&str]) -> String {
        let mut screen = Screen::default();
        let mut out = Vec::new();
        for lines in [shown, lines] {
            out.clear();
            screen.begin((6, 2));
            for (y, line) in (0..).zip(lines) {
                screen.write_line(y, line, Style::PLAIN);
            }
            screen.flush(&mut out).unwrap();
        }
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn only_what_has_changed_is_written() {
        assert_eq!(written(&["abc", "def"], &["abc", "def"]), "");
        let one = written(&["abc", "def"], &["abc", "dxf"]);
        assert!(one.contains("\x1b[2;2H") && one.contains('x'), "{one:?}");
        assert!(!one.contains('a') && !one.contains('f'), "{one:?}");
        let neighbours = written(&["abc"], &["xyc"]);
        assert!(neighbours.contains("xy"), "one move for both: {neighbours:?}");
        let gone = written(&["abc"], &["a"]);
        assert!(gone.contains("\x1b[1;2H") && gone.contains("  "), "{gone:?}");
    }

    #[test]
    fn wide_and_combining_characters_take_the_columns_that_the_terminal_gives_them() {
        let mut screen = Screen::default();
        screen.begin((6, 1));
        screen.write_line(0, "日\u{302}e\u{301}xyz", Style::PLAIN);
        let symbols = screen.cells.iter().map(|cell| &*cell.symbol).collect::<Vec<_>>();
        assert_eq!(symbols, ["日\u{302}", "", "e\u{301}", "x", "y", "z"]);
        screen.begin((2, 1));
        screen.write_line(0, "\u{301}a日", Style::PLAIN);
        let symbols = screen.cells.iter().map(|cell| &*cell.symbol).collect::<Vec<_>>();
        assert_eq!(symbols, ["a", " "], "what does not fit is cut off");
        assert!(!written(&[""], &["a\x1b[2Jb"]).contains("\x1b[2J"), "no control characters");
        // The narrow characters replace both halves of the wide one.
        let replaced = written(&["日x"], &["abx"]);
        assert!(replaced.contains("ab") && !replaced.contains('x'), "{replaced:?}");
    }

    #[test]
    fn a_screen_of_another_size_is_written_again() {
        let mut screen = Screen::default();
        let mut out = Vec::new();
        for size in [(6, 2), (6, 3)] {
            out.clear();
            screen.begin(size);
            screen.write_line(0, "abc", Style::colored(Color::Red));
            screen.flush(&mut out).unwrap();
        }
        let text = String::from_utf8(out).unwrap();
        assert!(text.starts_with("\x1b[2J") && text.contains("abc"), "{text:?}");
    }

    #[test]
    fn a_terminal_that_refused_is_written_again() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::Error::other("full"))
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut screen = Screen::default();
        screen.begin((3, 1));
        screen.write_line(0, "abc", Style::PLAIN);
        assert!(screen.flush(&mut Full).is_err());
        let mut out = Vec::new();
        screen.flush(&mut out).unwrap();
        assert!(String::from_utf8(out).unwrap().contains("abc"));
    }
}
