//! What a saved state holds, without a renderer and without the types that it was saved from.

use crate::Failure;
use crate::arguments::Form;
use hot_reload::Snapshot;
use std::io::{ErrorKind, Write};
use std::path::Path;

/// Prints a saved state, in one form or as both.
pub(crate) fn print(file: &Path, form: Option<Form>) -> Result<(), Failure> {
    let snapshot = Snapshot::load(file)?;
    match write(&snapshot, form, &mut std::io::stdout().lock()) {
        // Whoever has closed the pipe (`| head`) has read enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

fn write(snapshot: &Snapshot, form: Option<Form>, out: &mut impl Write) -> std::io::Result<()> {
    if form != Some(Form::Json) {
        writeln!(out, "{snapshot}")?;
    }
    if form != Some(Form::Tree) {
        writeln!(out, "{:#}", snapshot.to_json())?;
    }
    Ok(())
}
