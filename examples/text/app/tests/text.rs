//! The program as a user runs it: its next line is that of the newest source, and it goes on counting.
#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(missing_docs, reason = "a program of its own")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// How long a line may take; the first one waits until all dependencies are compiled.
const LIMIT: Duration = Duration::from_secs(600);

/// A workspace with the renderer alone, and the program in it.
struct Workspace(PathBuf);

impl Workspace {
    fn new(name: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3).unwrap();
        // All tests share what is compiled.
        let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join("text");
        let workspace = Workspace(all.join(name));
        let _ = fs::remove_dir_all(&workspace.0);
        let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
        // With the same profiles; the library lies where it lies.
        let begin = manifest.find("members = [").unwrap();
        let end = begin + manifest[begin..].find("]\n").unwrap() + 2;
        let manifest = manifest.replace(&manifest[begin..end], "members = [\"step\"]\n");
        let manifest = manifest.replace("default-members = [\"example-app\"]\n", "");
        let manifest = manifest.replace(
            "path = \"hot-reload",
            &format!("path = \"{}", root.join("hot-reload").display()),
        );
        workspace.write("Cargo.toml", &manifest);
        workspace.write("Cargo.lock", &fs::read_to_string(root.join("Cargo.lock")).unwrap());
        let target = format!("[build]\ntarget-dir = {:?}\n", all.join("target"));
        workspace.write(".cargo/config.toml", &target);
        for file in ["Cargo.toml", "src/lib.rs", "src/main.rs"] {
            let text = fs::read_to_string(root.join("examples/text/step").join(file)).unwrap();
            workspace.write(&format!("step/{file}"), &text);
        }
        let program = workspace.0.join("text-app");
        fs::copy(env!("CARGO_BIN_EXE_text-app"), program).unwrap();
        workspace
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.0.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn edit(&self, from: &str, to: &str) {
        let text = fs::read_to_string(self.0.join("step/src/lib.rs")).unwrap();
        assert!(text.contains(from), "{text}");
        self.write("step/src/lib.rs", &text.replace(from, to));
    }

    fn run(&self, arguments: &[&str]) -> Program {
        let mut command = Command::new(self.0.join("text-app"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("CARGO") {
                command.env_remove(name);
            }
        }
        command.args(arguments).current_dir(&self.0).env("RUST_LOG", "warn");
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let (tell, lines) = channel();
        let output = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let _ = tell.send(line);
            }
        });
        Program { child, lines }
    }
}

/// Killed when dropped; nothing outlives it.
struct Program {
    child: Child,
    lines: Receiver<String>,
}

impl Program {
    fn line(&self) -> String {
        self.lines.recv_timeout(LIMIT).expect("a line in time")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_next_line_is_that_of_the_newest_source_and_the_count_goes_on() {
    let workspace = Workspace::new("steps");
    let program = workspace.run(&[]);
    assert_eq!(program.line(), "step 1");
    assert_eq!(program.line(), "step 2");
    workspace.edit("\"step {}\"", "\"and now {}\"");
    let mut last = 2;
    let first = loop {
        let line = program.line();
        match line.strip_prefix("step ") {
            Some(number) => {
                assert_eq!(number.parse(), Ok(last + 1), "no step is left out or done twice");
                last += 1;
            }
            None => break line,
        }
    };
    assert_eq!(first, format!("and now {}", last + 1));
}

#[test]
fn a_question_is_answered_by_the_newest_source() {
    let workspace = Workspace::new("questions");
    let program = workspace.run(&["--ask"]);
    // The first may have been asked before there was somebody to answer.
    let line = loop {
        let line = program.line();
        if line.rsplit(' ').next().is_some_and(|answer| answer.parse::<u64>().is_ok()) {
            break line;
        }
    };
    let (number, answer) = line.split_once(": ").unwrap();
    let number = number.parse::<u64>().unwrap();
    assert_eq!(answer.parse(), Ok(number * (number + 1) / 2), "{line}");
    workspace.edit("(1..=number).sum()", "1000 + number");
    loop {
        let line = program.line();
        let (number, answer) = line.split_once(": ").unwrap();
        if answer.parse() == Ok(1000 + number.parse::<u64>().unwrap()) {
            break;
        }
    }
}
