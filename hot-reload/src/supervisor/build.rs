//! One hot build: `cargo build` in its own profile, its messages, its program.

mod progress;

use super::workspace::{Workspace, build_arguments, canonical, cargo, guarded_cargo};
use crate::sys;
use cargo_metadata::diagnostic::DiagnosticLevel;
use cargo_metadata::{Artifact, Message};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// What a build has come to.
#[derive(Debug)]
pub(super) enum Built {
    /// A program, and whether it is another than before.
    Program {
        program: Program,
        fresh: bool,
    },
    /// The compiler's messages, and the files they name.
    Failed {
        message: String,
        files: Vec<PathBuf>,
    },
    /// cargo could not begin.
    CannotBuild {
        message: String,
    },
    Cancelled,
}

/// What a build leaves to be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Program {
    pub(super) binary: PathBuf,
    /// Dynamic libraries of local packages, which must lie beside it.
    pub(super) libraries: Vec<PathBuf>,
}

/// Lets another thread end a build.
#[derive(Debug, Default)]
pub(super) struct Cancel {
    wanted: AtomicBool,
    /// The process group of the cargo that runs; 0 when none does.
    group: AtomicU32,
}

impl Cancel {
    pub(super) fn cancel(&self) {
        self.wanted.store(true, Ordering::SeqCst);
        let group = self.group.load(Ordering::SeqCst);
        if group != 0 {
            sys::kill_group(group);
        }
    }

    fn is_wanted(&self) -> bool {
        self.wanted.load(Ordering::SeqCst)
    }
}

/// Told how many crates are done, how many there are to do, and which are at work.
pub(super) type Report = Box<dyn Fn(u32, u32, String) + Send>;

/// Takes a program that somebody else builds, when it is written to its end.
pub(super) fn take(artifact: &Path, cancel: &Cancel) -> Built {
    const SETTLED: Duration = Duration::from_millis(20);
    let look = || {
        let metadata = std::fs::metadata(artifact)?;
        Ok((metadata.len(), metadata.modified()?))
    };
    let mut before: Option<(u64, std::time::SystemTime)> = None;
    loop {
        if cancel.is_wanted() {
            return Built::Cancelled;
        }
        match look() {
            Ok(now) if before == Some(now) => break,
            Ok(now) => before = Some(now),
            Err(error) => {
                let error: std::io::Error = error;
                let message = format!(
                    "there is no program {}: {error}; build it, and it is started",
                    artifact.display()
                );
                return Built::CannotBuild { message };
            }
        }
        thread::sleep(SETTLED);
    }
    let program = Program { binary: artifact.to_path_buf(), libraries: Vec::new() };
    Built::Program { program, fresh: true }
}

/// Builds. `changed` are the files whose content has changed since the last good build, of which
/// cargo may take one for unchanged because of its time.
pub(super) fn build(
    workspace: &Workspace,
    profile: &str,
    changed: &BTreeSet<PathBuf>,
    cancel: &Cancel,
    report: Report,
) -> Built {
    let report = Arc::new(Mutex::new(report));
    let cargo = match cargo() {
        Ok(cargo) => cargo,
        Err(message) => return Built::CannotBuild { message },
    };
    let mut outcome = run(&cargo, workspace, profile, cancel, &report);
    if let Outcome::Done { artifacts } = &outcome {
        let stale = stale_packages(workspace, artifacts, changed);
        if !stale.is_empty() {
            tracing::info!(
                "cargo takes {} for unchanged because of its time: building it again",
                stale.join(", ")
            );
            if let Err(message) = clean(&cargo, workspace, profile, &stale) {
                return Built::CannotBuild { message };
            }
            outcome = run(&cargo, workspace, profile, cancel, &report);
        }
    }
    match outcome {
        Outcome::Done { artifacts } => program(workspace, &artifacts),
        Outcome::Failed { message, files } => Built::Failed { message, files },
        Outcome::CannotBuild { message } => Built::CannotBuild { message },
        Outcome::Cancelled => Built::Cancelled,
    }
}

enum Outcome {
    Done { artifacts: Vec<Artifact> },
    Failed { message: String, files: Vec<PathBuf> },
    CannotBuild { message: String },
    Cancelled,
}

fn run(
    cargo: &Path,
    workspace: &Workspace,
    profile: &str,
    cancel: &Cancel,
    report: &Arc<Mutex<Report>>,
) -> Outcome {
    let cannot = |error: &dyn std::fmt::Display| Outcome::CannotBuild {
        message: format!("`{} build` cannot be run: {error}", cargo.display()),
    };
    let mut command = guarded_cargo(cargo, Some(&workspace.target));
    command.args(build_arguments(workspace, profile)).current_dir(&workspace.root);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    progress::ask_for(&mut command);
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => return cannot(&error),
    };
    let guard = child.stdin.take();
    let report = report.clone();
    let errors =
        child.stderr.take().map(|pipe| thread::spawn(move || progress::forward(pipe, &report)));
    cancel.group.store(child.id(), Ordering::SeqCst);
    if cancel.is_wanted() {
        sys::kill_group(child.id());
    }
    let mut messages = Messages::default();
    if let Some(stdout) = child.stdout.take() {
        messages.read(BufReader::new(stdout));
    }
    sys::wait_unreaped(&child);
    cancel.group.store(0, Ordering::SeqCst);
    // rustc outlives a killed cargo, and would write into the folder of the next build.
    let id = child.id();
    if cancel.is_wanted() {
        sys::kill_group(id);
    }
    let status = child.wait();
    drop(guard);
    if cancel.is_wanted() {
        let deadline = Instant::now() + Duration::from_secs(2);
        while sys::group_lives(id) && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(1));
        }
        return Outcome::Cancelled;
    }
    let errors = errors.and_then(|thread| thread.join().ok()).unwrap_or_default();
    match status {
        Ok(status) if status.success() => Outcome::Done { artifacts: messages.artifacts },
        Ok(_) => messages.failure(&errors),
        Err(error) => cannot(&error),
    }
}

/// cargo's messages.
#[derive(Default)]
struct Messages {
    artifacts: Vec<Artifact>,
    errors: Vec<String>,
    warnings: Vec<String>,
    files: BTreeSet<PathBuf>,
}

impl Messages {
    fn read(&mut self, stdout: impl BufRead) {
        for message in Message::parse_stream(stdout).map_while(Result::ok) {
            match message {
                Message::CompilerArtifact(artifact) => self.artifacts.push(artifact),
                Message::CompilerMessage(message) => {
                    let folder = message.target.src_path.parent().map(PathBuf::from);
                    let message = message.message;
                    let spans = message.spans.iter().map(|span| PathBuf::from(&span.file_name));
                    self.files.extend(spans);
                    self.files.extend(missing_files(&message.message, folder));
                    let Some(rendered) = message.rendered else {
                        continue;
                    };
                    match message.level {
                        DiagnosticLevel::Error | DiagnosticLevel::Ice => self.errors.push(rendered),
                        _ => self.warnings.push(rendered),
                    }
                }
                _ => {}
            }
        }
    }

    fn failure(self, cargo: &str) -> Outcome {
        if self.errors.is_empty() {
            return Outcome::CannotBuild { message: format!("cargo says:\n{}", cargo.trim_end()) };
        }
        let message = self.errors.into_iter().chain(self.warnings).collect::<Vec<_>>().join("\n");
        Outcome::Failed { message, files: self.files.into_iter().collect() }
    }
}

/// A file that `include_str!` does not find is named only in the text.
fn missing_files(message: &str, folder: Option<PathBuf>) -> Option<PathBuf> {
    let rest = message.strip_prefix("couldn't read `")?;
    let file = Path::new(rest.split('`').next()?);
    Some(folder.filter(|_| file.is_relative()).map_or(file.into(), |folder| folder.join(file)))
}

/// Packages with changed sources of which nothing was compiled.
fn stale_packages(
    workspace: &Workspace,
    artifacts: &[Artifact],
    changed: &BTreeSet<PathBuf>,
) -> Vec<String> {
    let Some(executable) = executable(workspace, artifacts) else { return Vec::new() };
    // A package's tests and benchmarks may change without anything to be compiled here.
    let read = dep_info(executable).into_iter().map(|file| canonical(&file));
    let changed = read.filter(|file| changed.contains(file)).collect::<Vec<_>>();
    let compiled = |folder: &Path| {
        let of_package = artifacts.iter().filter(|artifact| {
            let manifest = artifact.manifest_path.parent();
            manifest.is_some_and(|it| canonical(it.as_std_path()) == folder)
        });
        of_package.into_iter().any(|artifact| !artifact.fresh)
    };
    let packages = workspace.packages.iter().filter(|package| {
        let mut owners = changed.iter().map(|file| owner_of(workspace, file));
        owners.any(|owner| owner == Some(&package.folder)) && !compiled(&package.folder)
    });
    packages.map(|package| package.name.clone()).collect()
}

/// The folder of the package that a file belongs to: the innermost.
fn owner_of<'w>(workspace: &'w Workspace, file: &Path) -> Option<&'w PathBuf> {
    let folders = workspace.packages.iter().map(|package| &package.folder);
    folders.filter(|folder| file.starts_with(folder)).max_by_key(|folder| folder.as_os_str().len())
}

fn clean(
    cargo: &Path,
    workspace: &Workspace,
    profile: &str,
    packages: &[String],
) -> Result<(), String> {
    let mut command: Command = guarded_cargo(cargo, Some(&workspace.target));
    command.args(["clean", "--quiet", "--profile", profile]).current_dir(&workspace.root);
    command.args(packages.iter().flat_map(|package| ["--package", package]));
    if let Some(config) = &workspace.profile_config {
        command.args(["--config", config]);
    }
    let status = command.stdout(Stdio::null()).spawn().and_then(|mut child| {
        // `wait` would close the pipe first, at whose end the guard kills.
        let _guard = child.stdin.take();
        child.wait()
    });
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`cargo clean` of {} failed: {status}", packages.join(", "))),
        Err(error) => Err(format!("`cargo clean` cannot be run: {error}")),
    }
}

/// The renderer's program among what cargo has built.
fn artifact<'a>(workspace: &Workspace, artifacts: &'a [Artifact]) -> Option<&'a Artifact> {
    let named = |it: &&Artifact| it.target.name == workspace.binary && it.executable.is_some();
    artifacts.iter().find(named)
}

fn executable<'a>(workspace: &Workspace, artifacts: &'a [Artifact]) -> Option<&'a Path> {
    Some(artifact(workspace, artifacts)?.executable.as_ref()?.as_std_path())
}

fn program(workspace: &Workspace, artifacts: &[Artifact]) -> Built {
    let (Some(artifact), Some(binary)) =
        (artifact(workspace, artifacts), executable(workspace, artifacts))
    else {
        let message = format!(
            "cargo built package `{}` but names no program; is its `[[bin]]` left out by \
             `required-features`?",
            workspace.package
        );
        return Built::CannotBuild { message };
    };
    let ending = std::env::consts::DLL_EXTENSION;
    let libraries = artifacts.iter().filter(|artifact| !artifact.target.is_proc_macro());
    let libraries = libraries.flat_map(|artifact| &artifact.filenames);
    let libraries = libraries.filter(|file| file.extension() == Some(ending));
    let libraries = libraries.map(|file| file.clone().into_std_path_buf()).collect();
    let program = Program { binary: binary.to_path_buf(), libraries };
    Built::Program { program, fresh: artifact.fresh }
}

/// Everything that a program was compiled from, by the dep-info beside it.
pub(super) fn dep_info(binary: &Path) -> Vec<PathBuf> {
    let text = std::fs::read_to_string(binary.with_extension("d")).unwrap_or_default();
    text.lines()
        .flat_map(|line| line.split_once(": ").into_iter().flat_map(|(_, it)| paths(it)))
        .collect()
}

/// Paths of a make rule: separated by spaces, with a backslash before a space that is part of one.
fn paths(rule: &str) -> Vec<PathBuf> {
    let (mut paths, mut path, mut escaped) = (Vec::new(), String::new(), false);
    for character in rule.chars() {
        match character {
            ' ' if escaped => path.push(' '),
            ' ' => paths.push(std::mem::take(&mut path)),
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            other => {
                if escaped {
                    path.push('\\');
                }
                path.push(other);
            }
        }
        escaped = false;
    }
    paths.push(path);
    paths.into_iter().filter(|path| !path.is_empty()).map(PathBuf::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_with_spaces_are_one_path() {
        let expected = ["/a/my project/lib.rs", "/b.rs"].map(PathBuf::from);
        assert_eq!(paths("/a/my\\ project/lib.rs /b.rs"), expected);
    }

    #[test]
    fn a_file_that_include_str_misses_is_found_in_the_message() {
        let message = "couldn't read `src/../shader.wgsl`: No such file or directory (os error 2)";
        assert_eq!(
            missing_files(message, Some("/w/impl/src".into())),
            Some("/w/impl/src/src/../shader.wgsl".into())
        );
        assert_eq!(missing_files("mismatched types", None), None);
    }
}
