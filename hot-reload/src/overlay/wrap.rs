//! Wraps lines of text into rows of a given width.

use super::text::Text;
use std::ops::Range;

/// Limit on rows: no panel is this high, and a narrow panel could turn every letter into a row.
const MOST_ROWS: usize = 8_000;
/// Indent of continued rows, which shows where each line begins.
const INDENT: usize = 4;

/// A part of a line that fits into the width.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) letters: Range<usize>,
    pub(super) indent: usize,
}

impl Row {
    pub(super) fn columns(&self) -> usize {
        self.indent + self.letters.len()
    }
}

/// Wraps all lines. Long ones are broken at a space if there is one not too far back.
pub(super) fn wrap(text: &Text, columns: usize) -> Vec<Row> {
    let columns = columns.max(1);
    let mut rows = Vec::new();
    for line in text.lines() {
        let (mut start, mut indent) = (line.start, 0);
        while line.end - start > columns - indent && rows.len() < MOST_ROWS {
            let room = start + columns - indent;
            let spaces = start + (columns - indent) / 2..=room;
            let space = spaces.rev().find(|&at| text.letters()[at].code == b' ');
            let end = space.unwrap_or(room);
            rows.push(Row { letters: start..end, indent });
            start = end + usize::from(space.is_some());
            indent = if columns > 4 * INDENT { INDENT } else { 0 };
        }
        if rows.len() >= MOST_ROWS {
            break;
        }
        rows.push(Row { letters: start..line.end, indent });
    }
    rows
}

/// Lays out all lines, one row each, and cuts what does not fit.
pub(super) fn cut(text: &Text, columns: usize) -> Vec<Row> {
    let fit = |line: Range<usize>| line.start..line.end.min(line.start + columns);
    text.lines().map(|line| Row { letters: fit(line), indent: 0 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlay::text::Style;
    use proptest::prelude::*;

    fn text(words: &str) -> Text {
        let mut text = Text::default();
        text.add(words, Style::plain(0));
        text
    }

    fn rows(text: &Text, rows: &[Row]) -> Vec<String> {
        let letters = |row: &Row| text.letters()[row.letters.clone()].iter().map(|it| it.code);
        let row =
            |row: &Row| " ".repeat(row.indent) + &letters(row).map(char::from).collect::<String>();
        rows.iter().map(row).collect()
    }

    #[test]
    fn long_lines_go_on_below() {
        let table: [(&str, usize, &[&str]); 6] = [
            ("short", 20, &["short"]),
            ("", 20, &[]),
            ("a\n\nb", 20, &["a", "", "b"]),
            ("some words and then some more", 18, &["some words and", "    then some more"]),
            ("abcdefgh", 3, &["abc", "def", "gh"]),
            ("ab", 0, &["a", "b"]),
        ];
        for (words, columns, expected) in table {
            let text = text(words);
            assert_eq!(rows(&text, &wrap(&text, columns)), expected, "{words:?}");
        }
        let text = text("abc\ndefgh");
        assert_eq!(rows(&text, &cut(&text, 4)), ["abc", "defg"]);
    }

    proptest! {
        #[test]
        fn no_row_is_too_long_and_no_letter_is_lost(words in "[a-d \n]{0,200}", columns in 1usize..40) {
            let text = text(&words);
            let rows = wrap(&text, columns);
            prop_assert!(rows.iter().all(|row| row.columns() <= columns));
            let letters = |range: Range<usize>| text.letters()[range].iter().filter(|it| it.code != b' ');
            let laid_out: usize = rows.iter().map(|row| letters(row.letters.clone()).count()).sum();
            prop_assert_eq!(laid_out, letters(0..text.letters().len()).count());
        }
    }
}
