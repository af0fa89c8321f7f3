//! Calls a library in C by name, once a second.
//!
//! The library is loaded once a generation and never unloaded: another library is another process, so
//! that nothing is left of what it was.

#![allow(clippy::print_stdout, reason = "a text program prints")]

use hot_reload::{App, Frame, SharedState};
use libloading::{Library, Symbol};
use std::path::{Path, PathBuf};

/// The program, for the owner.
#[derive(Debug)]
pub struct Calling;

impl App for Calling {
    const RENDERER: &'static str = "c-library-calls";
    type Arguments = ();
    type State = Calls;
    type ToRenderer = ();
    type ToOwner = ();
}

/// What survives every library.
#[derive(Debug, Clone, Copy, Default, SharedState)]
#[repr(C)]
pub struct Calls {
    /// Rounds so far.
    pub rounds: u64,
}

/// Where the library is built, from the workspace's root.
#[must_use]
pub fn library() -> PathBuf {
    Path::new("examples/c-library/native/build").join(libloading::library_filename("foo"))
}

/// Loads the library, and calls it in every turn.
pub fn caller() -> impl FnMut(&mut Frame<'_, Calling>) {
    let library = load(&hot_reload::artifact(library()));
    move |frame| {
        let answers = ["foo", "bar"].map(|function| match &library {
            Ok(library) => call(library, function),
            Err(error) => error.clone(),
        });
        // A library that crashes when it is called does so in the rehearsal, which nobody sees.
        if !frame.is_rehearsal() {
            frame.state.rounds += 1;
            println!("{}: {}", frame.state.rounds, answers.join(", "));
        }
    }
}

fn load(path: &Path) -> Result<Library, String> {
    #[expect(unsafe_code, reason = "a library may do anything when it is loaded")]
    // SAFETY: it is ours, and does nothing then; what it did otherwise would hurt this process alone.
    let library = unsafe { Library::new(path) };
    library.map_err(|error| format!("{} cannot be loaded: {error}", path.display()))
}

/// Calls `int function(void)`.
fn call(library: &Library, function: &str) -> String {
    #[expect(unsafe_code, reason = "nobody checks the signature of a symbol")]
    // SAFETY: the functions of the library are all `int name(void)`.
    let answer = unsafe {
        let symbol: Result<Symbol<'_, extern "C" fn() -> i32>, _> = library.get(function);
        symbol.map(|symbol| symbol())
    };
    match answer {
        Ok(number) => format!("{function}() -> {number}"),
        Err(_) => format!("{function}() is not defined"),
    }
}
