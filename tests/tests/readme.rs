//! Tests of the tutorial in `docs`: its files form a workspace that builds in both modes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Returns the files of the tutorial: a bold path, then a fenced block.
fn files(tutorial: &str) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut lines = tutorial.lines();
    while let Some(line) = lines.next() {
        let path = line.strip_prefix("**").and_then(|rest| rest.strip_suffix("**"));
        let Some(path) = path.filter(|path| path.ends_with(".rs") || path.ends_with(".toml"))
        else {
            continue;
        };
        let mut block = lines.by_ref().skip_while(|line| !line.starts_with("```"));
        assert!(block.next().is_some(), "{path} is not followed by a block");
        let text = lines.by_ref().take_while(|line| *line != "```").collect::<Vec<_>>();
        files.push((path.to_owned(), text.join("\n") + "\n"));
    }
    files
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace above").to_path_buf()
}

fn cargo(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", folder.with_extension("target"))
        .output()
        .expect("cargo runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo {arguments:?}\n{errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn the_tutorial_compiles_as_it_stands_in_both_modes() {
    let page = root().join("docs/tutorial.md");
    let tutorial = fs::read_to_string(page).expect("docs/tutorial.md");
    let files = files(&tutorial);
    assert_eq!(files.len(), 10, "{:?}", files.iter().map(|file| &file.0).collect::<Vec<_>>());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tutorial");
    let library = format!("{:?}", root().join("hot-reload"));
    for (path, text) in files {
        let file = folder.join(path);
        fs::create_dir_all(file.parent().expect("within the folder")).expect("a folder");
        // The checkout is not beside this folder.
        fs::write(file, text.replace("\"../hot-reload/hot-reload\"", &library)).expect("a file");
    }
    for workspace in [folder.clone(), folder.join("paint")] {
        let lock = fs::copy(root().join("Cargo.lock"), workspace.join("Cargo.lock"));
        lock.expect("a lock file");
    }
    let target = folder.with_extension("target");
    let one_file = |more: &[&str]| {
        let arguments = [&["check", "--target-dir", target.to_str().expect("text")], more];
        cargo(&folder.join("paint"), &arguments.concat());
    };
    one_file(&[]);
    one_file(&["--no-default-features"]);
    one_file(&["--no-default-features", "--features", "hot-reload/renderer"]);
    // cargo removes unused packages from the lock file.
    cargo(&folder, &["check", "--workspace"]);
    cargo(&folder, &["check", "--package", "my-app", "--no-default-features"]);
    let tree = cargo(&folder, &["tree", "--package", "my-app", "--no-default-features"]);
    for hot in ["notify", "shared_memory", "raw_sync", "cargo_metadata"] {
        assert!(!tree.contains(hot), "{hot} in\n{tree}");
    }
}

#[test]
fn one_process_builds_contain_nothing_of_hot_mode_and_renderers_nothing_of_the_owner() {
    let tree = |arguments: &[&str]| {
        let mut all = vec!["tree", "--locked", "--edges", "normal,build"];
        all.extend(arguments);
        let output = Command::new(env!("CARGO")).args(all).current_dir(root()).output();
        String::from_utf8(output.expect("cargo runs").stdout).expect("a tree")
    };
    let one_process = tree(&["--package", "example-app", "--no-default-features"]);
    for hot in ["notify", "shared_memory", "raw_sync", "cargo_metadata", "toml"] {
        assert!(!one_process.contains(&format!("{hot} v")), "{hot} in\n{one_process}");
    }
    let renderer = tree(&["--package", "example-impl"]);
    assert!(renderer.contains("shared_memory"), "{renderer}");
    for owner in ["notify", "cargo_metadata", "tracing", "toml", "minifb", "clap"] {
        assert!(!renderer.contains(&format!("{owner} v")), "{owner} in\n{renderer}");
    }
}
