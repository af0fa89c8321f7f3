//! Prints the contents of a saved state, without a renderer and without the types that it was saved
//! from.

use super::options::Form;
use crate::error::{Error, Result};
use hot_reload_pod::Snapshot;
use std::io::{ErrorKind, Write};
use std::path::Path;

/// Prints a saved state in the given form, or in both.
pub(super) fn print(file: &Path, form: Option<Form>) -> Result<()> {
    let snapshot = Snapshot::load(file)?;
    match write(&snapshot, form, &mut std::io::stdout().lock()) {
        // The reader has closed the pipe (`| head`) and needs no more.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(Error::Print),
    }
}

fn write(snapshot: &Snapshot, form: Option<Form>, out: &mut impl Write) -> std::io::Result<()> {
    if form != Some(Form::Json) {
        writeln!(out, "{snapshot}")?;
    }
    if form != Some(Form::Tree) {
        writeln!(out, "{}", escaped(&format!("{:#}", snapshot.to_json())))?;
    }
    Ok(())
}

/// Escapes JSON for a terminal: JSON permits raw control characters beyond ASCII, and characters
/// that change the writing direction.
fn escaped(json: &str) -> String {
    let mut plain = String::with_capacity(json.len());
    for character in json.chars() {
        let turns = matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        match character {
            '\n' => plain.push('\n'),
            _ if turns || character.is_control() => {
                plain.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            _ => plain.push(character),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_acts_upon_is_printed_of_a_file() {
        let application = "demo\u{1b}[2J\u{9b}31m\u{202e}";
        let state = hot_reload_pod::FixedString::<32>::truncated("\u{1b}]0;title\u{7}\u{9b}2J");
        let mut said = Vec::new();
        write(&Snapshot::of(&state, application), None, &mut said).expect("memory takes it");
        let said = String::from_utf8(said).expect("text");
        let odd = |it: char| it.is_control() && it != '\n' || it == '\u{202e}';
        assert!(!said.contains(odd), "{said:?}");
        assert!(said.contains("`demo\\u{1b}[2J\\u{9b}31m\\u{202e}` at tick 0"), "{said}");
        assert!(said.contains("\"application\": \"demo\\u001b[2J\\u009b31m\\u202e\""), "{said}");
    }
}
