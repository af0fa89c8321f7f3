//! Escaping untrusted text for a terminal.

use std::borrow::Cow;
use std::fmt::Write;

/// Escapes what a terminal would act on: control characters, which begin its commands, and
/// characters that change the text direction. Names in a file or a layout may contain anything.
pub fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match acts(character) {
            // Writing to a string cannot fail.
            true => _ = write!(plain, "{}", character.escape_default()),
            false => plain.push(character),
        }
    }
    Cow::Owned(plain)
}

fn acts(character: char) -> bool {
    const MARKS: [char; 5] = ['\u{61c}', '\u{200e}', '\u{200f}', '\u{2028}', '\u{2029}'];
    let turns = matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    character.is_control() || turns || MARKS.contains(&character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_acts_upon_is_spelled_out_and_the_rest_stays() {
        assert!(matches!(escaped("größe<Vec2, 3> = €"), Cow::Borrowed("größe<Vec2, 3> = €")));
        assert_eq!(escaped("\u{1b}[31mred\u{7}"), "\\u{1b}[31mred\\u{7}");
        assert_eq!(escaped("a\nb\tc\u{7f}\u{9b}0m"), "a\\nb\\tc\\u{7f}\\u{9b}0m");
        assert_eq!(escaped("user\u{202e}cod.exe"), "user\\u{202e}cod.exe");
    }
}
