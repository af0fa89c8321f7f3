//! Calls a library in C by name, once a second.
//!
//! Each generation loads the library once and never unloads it. Another version of the library
//! means another process, so nothing of the old one remains.

#![allow(clippy::print_stdout, reason = "a text program prints")]

use hot_reload::{App, Frame, SharedState};
use libloading::{Library, Symbol};
use std::path::{Path, PathBuf};

/// Application type of the program.
#[derive(Debug)]
pub struct Calling;

impl App for Calling {
    const RENDERER: &'static str = "c-library-calls";
    type Arguments = ();
    type State = Calls;
    type ToRenderer = ();
    type ToOwner = ();
}

/// State that survives every replacement of the library.
#[derive(Debug, Clone, Copy, Default, SharedState)]
#[repr(C)]
pub struct Calls {
    /// Number of rounds so far.
    pub rounds: u64,
}

/// Returns the path of the built library, relative to the workspace's root.
#[must_use]
pub fn library() -> PathBuf {
    Path::new("examples/c-library/native/build").join(libloading::library_filename("foo"))
}

/// Loads the library, and returns a function that calls it in every turn.
pub fn caller() -> impl FnMut(&mut Frame<'_, Calling>) {
    let library = load(&hot_reload::artifact(library()));
    move |frame| {
        let answers = ["foo", "bar"].map(|function| match &library {
            Ok(library) => call(library, function),
            Err(error) => error.clone(),
        });
        // A library that crashes when called does so during the rehearsal, which is not shown.
        if !frame.rehearsal {
            frame.state.rounds += 1;
            println!("{}: {}", frame.state.rounds, answers.join(", "));
        }
    }
}

fn load(path: &Path) -> Result<Library, String> {
    #[expect(unsafe_code, reason = "a library may do anything when it is loaded")]
    // SAFETY: the library is our own and runs no code when loaded; misbehavior would harm only this
    // process.
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
