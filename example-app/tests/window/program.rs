//! The example's program, started as a user starts it, with its log in a file.

use super::copy::Copy;
use super::processes;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Time limit for conditions. It only catches hangs; the tests claim nothing about speed.
const LIMIT: Duration = Duration::from_secs(180);
/// Time limit for the first picture of a new copy, which includes compiling the renderer's
/// dependencies.
const FIRST_LIMIT: Duration = Duration::from_secs(900);
/// Interval between two checks.
const POLL: Duration = Duration::from_millis(30);

/// Way of starting the program.
#[derive(Debug, Clone, Copy)]
pub(super) enum Start {
    /// `cargo run` in the workspace.
    Cargo,
    /// `cargo run` of another package in the workspace.
    Package(&'static str),
    /// `cargo run` in a separate project, which shares the target folder.
    Project(&'static str),
    /// The program that cargo has built, started directly.
    ByHand,
}

/// Generations are counted from the first hot build; tests of projects begin as people do.
pub(super) const AWAIT_BUILD: &str = "--await-build";

/// The running program; killed when dropped.
#[derive(Debug)]
pub(super) struct Program {
    child: Child,
    log: PathBuf,
    workspace: PathBuf,
}

impl Program {
    /// Starts the program with or without a display; `name` is the name of its log.
    pub(super) fn start(
        copy: &Copy,
        start: Start,
        display: Option<&str>,
        name: &str,
        arguments: &[&str],
    ) -> Self {
        let display = display.map(|display| ("DISPLAY", display));
        Self::start_in(copy, start, display.as_slice(), name, arguments)
    }

    /// Starts the program with additional environment variables.
    pub(super) fn start_in(
        copy: &Copy,
        start: Start,
        environment: &[(&str, &str)],
        name: &str,
        arguments: &[&str],
    ) -> Self {
        let mut command = match start {
            Start::Cargo | Start::Package(_) => users_command("cargo", &copy.root),
            Start::Project(name) => users_command("cargo", &copy.project(name)),
            Start::ByHand => users_command(copy.program(), &copy.root),
        };
        match start {
            Start::Cargo => command.args(["run", "--", AWAIT_BUILD]),
            Start::Package(name) => command.args(["run", "--package", name, "--"]),
            Start::Project(_) => {
                command.env("CARGO_TARGET_DIR", copy.root.join("target")).args(["run", "--"])
            }
            Start::ByHand => command.arg(AWAIT_BUILD),
        };
        command.envs(environment.iter().copied());
        let log = copy.results.join(format!("{name}.log"));
        let file = File::create(&log).expect("the log can be written");
        command.args(arguments).env("RUST_LOG", "info").env("RUST_BACKTRACE", "0");
        // A stand-in, if a test writes one.
        command.env("VISUAL", copy.results.join("code"));
        command.stdin(Stdio::null()).stdout(file.try_clone().expect("the log"));
        let child = command.stderr(file).spawn();
        Program {
            child: child.unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}")),
            log,
            workspace: copy.root.clone(),
        }
    }

    /// Returns the owner's process id: `cargo run` replaces itself by the program that it runs.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Describes everything that remains of the owner or works for it.
    pub(super) fn rest(&self) -> Vec<String> {
        processes::rest_of(self.id(), &self.workspace)
    }

    /// Returns the file that the process executes.
    pub(super) fn executable(&self) -> PathBuf {
        fs::read_link(format!("/proc/{}/exe", self.id())).unwrap_or_default()
    }

    pub(super) fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// Returns the number of lines of the log that contain a text.
    pub(super) fn times_logged(&self, text: &str) -> usize {
        let log = self.log();
        log.lines().filter(|line| line.contains(text)).count()
    }

    /// Waits until `look` returns `Ok`; its errors describe what it sees instead.
    pub(super) fn wait<T>(&mut self, what: &str, look: impl FnMut() -> Result<T, String>) -> T {
        self.wait_up_to(LIMIT, what, look)
    }

    /// Waits for the first result, which may include compiling.
    pub(super) fn wait_first<T>(
        &mut self,
        what: &str,
        look: impl FnMut() -> Result<T, String>,
    ) -> T {
        self.wait_up_to(FIRST_LIMIT, what, look)
    }

    /// Waits for a line of the log.
    pub(super) fn wait_for_log(&mut self, text: &str) {
        let log = self.log.clone();
        self.wait_first(&format!("`{text}` in the log"), || {
            let log = fs::read_to_string(&log).unwrap_or_default();
            let last = || log.lines().last().unwrap_or_default().to_owned();
            log.contains(text).then_some(()).ok_or_else(last)
        });
    }

    /// Waits until the program ends on its own. That is an orderly end, so nothing may remain.
    pub(super) fn wait_exit(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                let rest = self.rest();
                assert!(rest.is_empty(), "the owner has ended and leaves {}", rest.join(", "));
                return status;
            }
            assert!(
                begun.elapsed() < FIRST_LIMIT,
                "the program does not end within {FIRST_LIMIT:?}"
            );
            thread::sleep(POLL);
        }
    }

    /// Kills the owner, as the system does when memory runs out, waits until nothing remains of it,
    /// and returns how long that took.
    pub(super) fn kill(&mut self) -> Duration {
        self.child.kill().expect("a child can be killed");
        self.child.wait().expect("a child can be waited for");
        self.wait_for_nothing()
    }

    /// Waits until the program ends in any way, and until nothing remains of it.
    pub(super) fn wait_end(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                self.wait_for_nothing();
                return status;
            }
            assert!(begun.elapsed() < LIMIT, "the program does not end within {LIMIT:?}");
            thread::sleep(POLL);
        }
    }

    /// Waits until nothing remains of the owner that has ended, and returns how long that took.
    fn wait_for_nothing(&self) -> Duration {
        let begun = Instant::now();
        loop {
            let rest = self.rest();
            if rest.is_empty() {
                return begun.elapsed();
            }
            assert!(
                begun.elapsed() < LIMIT,
                "{LIMIT:?} after the owner has ended, there is still {}",
                rest.join(", ")
            );
            thread::sleep(POLL);
        }
    }

    fn wait_up_to<T>(
        &mut self,
        limit: Duration,
        what: &str,
        mut look: impl FnMut() -> Result<T, String>,
    ) -> T {
        let begun = Instant::now();
        loop {
            let seen = match look() {
                Ok(found) => return found,
                Err(seen) => seen,
            };
            if let Ok(Some(status)) = self.child.try_wait() {
                panic!("waiting for {what}: the program has ended ({status}); seen before: {seen}");
            }
            assert!(begun.elapsed() < limit, "waited {limit:?} for {what}; seen instead: {seen}");
            thread::sleep(POLL);
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        // Needed only if the product has failed to do so itself.
        for process in processes::started_by(self.child.id(), &self.workspace) {
            processes::signal("KILL", process);
        }
        if thread::panicking() {
            let log = self.log();
            let lines = log.lines().collect::<Vec<_>>();
            let tail = lines[lines.len().saturating_sub(40)..].join("\n");
            eprintln!("the end of {}:\n{tail}\n", self.log.display());
        }
    }
}

/// Returns a command as in a new terminal: without a display, and without the variables added by
/// the `cargo test` that runs this.
pub(super) fn users_command(program: impl AsRef<std::ffi::OsStr>, folder: &Path) -> Command {
    const ADDED: [&str; 12] = [
        "CARGO",
        "CARGO_BIN_",
        "CARGO_CRATE_NAME",
        "CARGO_MAKEFLAGS",
        "CARGO_MANIFEST_",
        "CARGO_PKG_",
        "CARGO_PRIMARY_PACKAGE",
        "CARGO_TARGET_",
        "DISPLAY",
        "LD_LIBRARY_PATH",
        "RUSTUP_TOOLCHAIN",
        "WAYLAND_DISPLAY",
    ];
    let is_added = |name: &str| {
        let same =
            |added: &&str| name == *added || added.ends_with('_') && name.starts_with(*added);
        ADDED.iter().any(same)
    };
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_added) {
            command.env_remove(name);
        }
    }
    command.current_dir(folder);
    command
}
