//! Tests of `cargo hot-reload` as a program.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::process::{Command, Stdio};

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-hot-reload"));
    command.args(arguments);
    command
}

#[test]
fn a_reader_that_has_read_enough_ends_nothing() {
    let folder = std::env::temp_dir().join(format!("generator-{}", std::process::id()));
    let new = folder.join("pipes").display().to_string();
    for (arguments, code) in
        [(&["new", &*new][..], 0), (&["--help"], 0), (&["--version"], 0), (&["x"], 2)]
    {
        // As with `| head -0`: neither output has a reader.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = program(arguments);
        let status = command.stdout(writer.try_clone().unwrap()).stderr(writer).status().unwrap();
        assert_eq!(status.code(), Some(code), "{arguments:?}");
    }
    assert!(folder.join("pipes/Cargo.toml").is_file());
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_library_that_is_named_is_written_into_the_manifest_or_refused_before_anything_is() {
    let folder = std::env::temp_dir().join(format!("generator-named-{}", std::process::id()));
    let project = |name: &str| folder.join(name).display().to_string();
    let refused = program(&["new", &project("gone"), "--library", &project("nowhere")])
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.contains("nowhere") && !folder.exists(), "{said}");
    let library = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let made = program(&["new", &project("there"), "--text", "--library", library])
        .stdout(Stdio::null())
        .status();
    assert!(made.unwrap().success());
    let manifest = std::fs::read_to_string(folder.join("there/Cargo.toml")).unwrap();
    assert!(manifest.contains(&format!("hot-reload = {{ path = {library:?}")), "{manifest}");
    std::fs::remove_dir_all(folder).unwrap();
}
