//! Tests of the program as a user runs it, with edits of the library in C and of its caller.
#![allow(missing_docs, reason = "a program of its own")]
#![cfg(unix)]

use examples_support::{Program, Workspace};
use std::path::Path;

const SOURCE: &str = "examples/c-library/native/foo.c";

fn workspace(name: &str) -> Workspace {
    let all = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (calls, native) = ("examples/c-library/calls", "examples/c-library/native");
    Workspace::new(all, name, &[calls], &[native], env!("CARGO_BIN_EXE_c-library-app"))
}

/// Returns the round of the next line with this ending.
fn round(program: &Program, ending: &str) -> u64 {
    let line = program.until(|line| line.ends_with(ending));
    line.split(':').next().and_then(|round| round.parse().ok()).expect("a round")
}

#[test]
fn a_library_in_c_is_edited_extended_broken_and_crashed_and_the_program_goes_on() {
    let workspace = workspace("edits");
    let program = workspace.run(&[]);
    let mut rounds = vec![round(&program, ": foo() -> 4, bar() is not defined")];

    workspace.edit(SOURCE, "return 4", "return 5");
    rounds.push(round(&program, ": foo() -> 5, bar() is not defined"));

    let text = std::fs::read_to_string(workspace.path(SOURCE)).expect("the source");
    let extended = format!("{text}\nint bar(void) {{ return foo() * 2; }}\n");
    workspace.write(SOURCE, &extended);
    rounds.push(round(&program, ": foo() -> 5, bar() -> 10"));

    // A library that does not compile or crashes leaves the last good one in use.
    workspace.write(SOURCE, "int foo(void) { return }\n");
    rounds.push(round(&program, ": foo() -> 5, bar() -> 10"));
    workspace.write(SOURCE, "int foo(void) { volatile int *none = 0; return *none; }\n");
    for _ in 0..3 {
        rounds.push(round(&program, ": foo() -> 5, bar() -> 10"));
    }
    workspace.write(SOURCE, &extended.replace("* 2", "* 3"));
    rounds.push(round(&program, ": foo() -> 5, bar() -> 15"));

    // The Rust code that calls it can still be edited.
    workspace.edit("examples/c-library/calls/src/lib.rs", "is not defined", "is missing");
    workspace.write(SOURCE, &text);
    rounds.push(round(&program, ": foo() -> 5, bar() is missing"));
    assert!(rounds.is_sorted(), "the count continues: {rounds:?}");
}

#[test]
fn what_is_built_is_no_part_of_the_repository() {
    let native = Path::new(env!("CARGO_MANIFEST_DIR")).join("../native");
    let ignored = std::fs::read_to_string(native.join(".gitignore")).expect("what git leaves out");
    let built = c_library_calls::library();
    let built = built.strip_prefix("examples/c-library/native").expect("beside the source");
    let folder = built.iter().next().expect("a folder").to_string_lossy();
    assert!(ignored.lines().any(|line| line == format!("/{folder}")), "{folder} in:\n{ignored}");
}
