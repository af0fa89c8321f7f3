//! The last lines of a text that arrives in pieces, made safe to show.

use std::collections::VecDeque;

/// Number of bytes of a line that are kept.
const WIDTH: usize = 400;

/// The last lines of a text that arrives in pieces.
#[derive(Debug)]
pub(crate) struct LastLines {
    lines: VecDeque<String>,
    line: Vec<u8>,
    most: usize,
}

impl LastLines {
    /// Creates a buffer that keeps the last `most` lines.
    pub(crate) fn new(most: usize) -> Self {
        LastLines { lines: VecDeque::new(), line: Vec::new(), most }
    }

    /// Adds a piece; calls `see` with each line that it ends.
    pub(crate) fn take(&mut self, bytes: &[u8], mut see: impl FnMut(&str)) {
        for &byte in bytes {
            if byte == b'\n' {
                self.end_line(&mut see);
            } else if self.line.len() < WIDTH {
                self.line.push(byte);
            }
        }
    }

    /// Ends the current line, unless it is empty.
    pub(crate) fn end_line(&mut self, mut see: impl FnMut(&str)) {
        if self.line.is_empty() {
            return;
        }
        let line = printable(&self.line);
        self.line.clear();
        see(&line);
        if self.lines.len() == self.most {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
    }

    /// Returns the last complete line.
    #[cfg(test)]
    pub(crate) fn newest(&self) -> Option<&str> {
        self.lines.back().map(String::as_str)
    }

    /// Removes and returns the kept lines.
    pub(crate) fn take_all(&mut self) -> Vec<String> {
        self.lines.drain(..).collect()
    }
}

/// Returns the text of a line without escape sequences and control characters, which could do more
/// than color it where it is shown.
pub(crate) fn printable(line: &[u8]) -> String {
    let line = String::from_utf8_lossy(line);
    let text = anstream::adapter::strip_str(&line).to_string().replace('\t', "    ");
    let text: String = text.chars().filter(|character| !character.is_control()).collect();
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: usize = 20;

    fn last_lines(pieces: &[&[u8]]) -> LastLines {
        let mut last = LastLines::new(MOST);
        pieces.iter().for_each(|piece| last.take(piece, |_| ()));
        last.end_line(|_| ());
        last
    }

    #[test]
    fn escapes_controls_and_broken_text_become_printable() {
        let last = last_lines(&[
            b"\x1b[31mred\x1b[0m \x1b]0;title\x07\xff\xfe\r",
            b"\x00\x08\tend\x1b[2J\xc2\x9b5m",
        ]);
        let line = last.newest().unwrap();
        assert!(line.starts_with("red ") && line.contains("end"), "{line:?}");
        assert!(!line.contains(char::is_control) && !line.contains("title"), "{line:?}");
    }

    #[test]
    fn a_flood_leaves_the_last_lines_only() {
        let flood = (0..10_000).map(|number| format!("\nline {number}")).collect::<String>();
        let mut last = last_lines(&[&[b'x'; 100_000], flood.as_bytes()]);
        assert_eq!(last.newest(), Some("line 9999"));
        let lines = last.take_all();
        assert_eq!(lines.len(), MOST);
        let mut long = last_lines(&[&[b'x'; 100_000]]);
        assert_eq!(long.take_all(), ["x".repeat(WIDTH)]);
    }
}
