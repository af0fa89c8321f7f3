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

#[test]
fn a_library_that_was_moved_is_reported_with_what_to_do() {
    let folder = std::env::temp_dir().join(format!("generator-moved-{}", std::process::id()));
    let library = folder.join("library");
    std::fs::create_dir_all(library.join("src")).unwrap();
    let manifest = "[package]\nname = \"hot-reload\"\nedition = \"2024\"\n[features]\nhot = []\nminifb = []\n[workspace]\n";
    std::fs::write(library.join("Cargo.toml"), manifest).unwrap();
    std::fs::write(library.join("src/lib.rs"), "").unwrap();
    let project = folder.join("project");
    let arguments = ["new", project.to_str().unwrap(), "--library", library.to_str().unwrap()];
    assert!(program(&arguments).stdout(Stdio::null()).status().unwrap().success());
    std::fs::rename(&library, folder.join("moved")).unwrap();
    let output = program(&["run"]).current_dir(&project).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("has been moved or deleted; correct its path"), "{said}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_package_is_given_what_it_lacks_once() {
    let folder = std::env::temp_dir().join(format!("generator-init-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("src")).unwrap();
    let manifest = "[package]\nname = \"old-game\"\nedition = \"2024\"\n\n[workspace]\n";
    std::fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    std::fs::write(folder.join("src/main.rs"), "fn main() {}\n").unwrap();
    let init = || {
        let output = program(&["init"]).current_dir(&folder).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        String::from_utf8(output.stdout).unwrap()
    };
    let said = init();
    assert!(
        said.contains("added: the dependency") && said.contains("added: the feature"),
        "{said}"
    );
    let text = || std::fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    let added = text();
    for part in ["hot-reload = {", "features = [\"minifb\"]", "hot = [\"hot-reload/hot\"]"] {
        assert!(added.contains(part), "no `{part}` in:\n{added}");
    }
    let said = init();
    assert!(!said.contains("added"), "{said}");
    assert_eq!(text(), added, "a second time");
    std::fs::remove_dir_all(folder).unwrap();
}
