//! The stack of a generation that has crashed or hangs: read from the file that it wrote, and made
//! readable with the debug information of its program and libraries.

mod symbols;
mod trace;

pub(super) use trace::Trace;

use crate::status::StackFrame;
use std::collections::BTreeMap;
use std::path::Path;
use symbols::{Found, Symbols};

/// Limit on a program or library whose symbols are read.
const MOST_BYTES: u64 = 1 << 30;

/// Finds the functions and lines of a trace, innermost first. Files of the workspace are named by
/// their path within it; without a workspace none is known to be one of it.
pub(super) fn resolve(trace: &Trace, workspace: Option<&Path>) -> Vec<StackFrame> {
    let mut by_file = BTreeMap::<&Path, Vec<(usize, u64)>>::new();
    for (index, address) in trace.addresses.iter().enumerate() {
        if let Some((file, offset)) = trace.place(*address) {
            by_file.entry(file).or_default().push((index, offset));
        }
    }
    let mut found = vec![Vec::new(); trace.addresses.len()];
    for (file, places) in by_file {
        let Some(bytes) = trace::read_file(file, MOST_BYTES) else { continue };
        let Some(symbols) = Symbols::read(&bytes) else { continue };
        for (index, offset) in places {
            found[index] = symbols.find(offset);
        }
    }
    let frames = trace.addresses.iter().zip(found).flat_map(|(address, found)| {
        if found.is_empty() {
            vec![unknown(trace, *address)]
        } else {
            found.into_iter().map(|it| frame(it, workspace)).collect()
        }
    });
    frames.collect()
}

/// Describes a function of which nothing is known but its place in memory.
fn unknown(trace: &Trace, address: u64) -> StackFrame {
    let function = match trace.place(address) {
        Some((file, offset)) => {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            format!("{name}+{offset:#x}")
        }
        None => format!("{address:#x}"),
    };
    StackFrame { function, place: None, is_own: false }
}

fn frame(Found { function, file, line }: Found, workspace: Option<&Path>) -> StackFrame {
    let library = ["hot_reload::", "hot_reload_pod::", "<hot_reload::", "<hot_reload_pod::"];
    let of_library = library.iter().any(|prefix| function.starts_with(prefix));
    let file = file.map(std::path::PathBuf::from);
    let own = file.as_deref().and_then(|file| file.strip_prefix(workspace?).ok());
    let own = own.filter(|own| !own.starts_with("target") && !of_library);
    let place = own.or(file.as_deref()).map(|file| match line {
        Some(line) => format!("{}:{line}", file.display()),
        None => file.display().to_string(),
    });
    StackFrame { function, place, is_own: own.is_some() }
}
