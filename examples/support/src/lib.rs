//! Runs an example as a user does, for its tests: in a copy of its part of the workspace, where the
//! tests can edit sources and read the lines that it prints.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Time limit for a line.
const LIMIT: Duration = Duration::from_secs(300);
/// Time limit for the first line, which includes compiling all dependencies.
const FIRST_LIMIT: Duration = Duration::from_secs(1800);

/// A copy of some folders of the workspace, at the same paths, which uses the original's library.
#[derive(Debug)]
pub struct Workspace {
    folder: PathBuf,
    program: PathBuf,
    /// A lock that makes other workspaces wait: they share a target folder, in which programs have
    /// the same names.
    _turn: File,
}

impl Workspace {
    /// Makes a workspace `all/examples/name` with these packages and other folders of the real one,
    /// for a program that was built there. All workspaces below `all` share a target folder and
    /// take turns.
    ///
    /// # Panics
    /// Panics if something cannot be copied.
    #[must_use]
    pub fn new(all: &Path, name: &str, packages: &[&str], folders: &[&str], program: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the workspace");
        let all = all.join("examples");
        fs::create_dir_all(&all).expect("the folder of the workspaces");
        let turn = File::create(all.join("turn")).expect("the lock of the workspaces");
        turn.lock().expect("the lock of the workspaces");
        let folder = all.join(name);
        let _ = fs::remove_dir_all(&folder);
        let program_name = Path::new(program).file_name().expect("the name of a program");
        let workspace = Workspace { program: folder.join(program_name), folder, _turn: turn };
        let manifest = fs::read_to_string(root.join("Cargo.toml")).expect("a manifest");
        // Keeps the profiles.
        let begin = manifest.find("members = [").expect("members");
        let end = begin + manifest[begin..].find("]\n").expect("their end") + 2;
        let members = format!("members = {packages:?}\n");
        let manifest = manifest.replace(&manifest[begin..end], &members);
        let manifest = manifest.replace("default-members = [\"example-app\"]\n", "");
        let library = format!("path = \"{}", root.join("hot-reload").display());
        workspace.write("Cargo.toml", &manifest.replace("path = \"hot-reload", &library));
        let lock = fs::read_to_string(root.join("Cargo.lock")).expect("a lock file");
        workspace.write("Cargo.lock", &lock);
        // These tests do not measure speed.
        let config = format!(
            "[build]\ntarget-dir = {:?}\n\n\
             [profile.hot]\ninherits = \"dev\"\n",
            all.join("target")
        );
        workspace.write(".cargo/config.toml", &config);
        for folder in packages.iter().chain(folders) {
            copy(&root.join(folder), &workspace.folder.join(folder));
        }
        fs::copy(program, &workspace.program).expect("a copy of the program");
        workspace
    }

    /// Returns the path of a file in the workspace.
    #[must_use]
    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    /// Saves a file.
    ///
    /// # Panics
    /// Panics if the file cannot be written.
    pub fn write(&self, file: &str, text: &str) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("its folder");
        fs::write(path, text).expect("a file that can be written");
    }

    /// Replaces a text in a file and saves it.
    ///
    /// # Panics
    /// Panics if the file does not contain the text.
    pub fn edit(&self, file: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(file)).expect("a source");
        assert!(text.contains(from), "{file} does not contain `{from}`:\n{text}");
        self.write(file, &text.replace(from, to));
    }

    /// Starts the program in the workspace.
    ///
    /// # Panics
    /// Panics if the program cannot be started.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Program {
        let mut command = Command::new(&self.program);
        for (name, _) in std::env::vars_os() {
            // Removes the variables added by `cargo test`, and none that the user has set.
            let name_text = name.to_string_lossy();
            let added = ["CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_BIN_", "CARGO_TARGET_TMPDIR"];
            if name_text == "CARGO" || added.iter().any(|added| name_text.starts_with(added)) {
                command.env_remove(name);
            }
        }
        command.args(arguments).current_dir(&self.folder).env("RUST_LOG", "warn");
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the program");
        let (tell, lines) = channel();
        let output = BufReader::new(child.stdout.take().expect("its output"));
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let _ = tell.send(line);
            }
        });
        Program { child, lines, begun: Cell::new(false) }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder of the workspace").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

/// A running program, which is killed with all its children when dropped.
#[derive(Debug)]
pub struct Program {
    child: Child,
    lines: Receiver<String>,
    /// True once a line has been printed; its renderer is built before that.
    begun: Cell<bool>,
}

impl Program {
    /// Returns the next line printed by the program.
    ///
    /// # Panics
    /// Panics if there is none within five minutes (half an hour for the first), or if the program
    /// has ended.
    #[must_use]
    pub fn line(&self) -> String {
        let limit = if self.begun.get() { LIMIT } else { FIRST_LIMIT };
        let line = self.lines.recv_timeout(limit).unwrap_or_else(|why| match why {
            RecvTimeoutError::Timeout => panic!("no line within {limit:?}"),
            RecvTimeoutError::Disconnected => panic!("the program has ended"),
        });
        self.begun.set(true);
        line
    }

    /// Returns the next line that `wanted` accepts and skips those before it.
    ///
    /// # Panics
    /// Panics like [`line`](Self::line), and if no accepted line is printed within five minutes.
    pub fn until(&self, mut wanted: impl FnMut(&str) -> bool) -> String {
        let mut begun = Instant::now();
        loop {
            let first = !self.begun.get();
            let line = self.line();
            if first {
                begun = Instant::now();
            }
            if wanted(&line) {
                return line;
            }
            assert!(begun.elapsed() < LIMIT, "not within {LIMIT:?}; the last line is: {line}");
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
