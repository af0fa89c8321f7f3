//! Builds by cargo: the call, its messages, and its programs.

use super::child::{BuildChild, Cancel};
use super::wrapper::Wrapper;
use super::{Built, Output, Program, Progress, Report, ScriptPhase, dep_info, named, progress};
use crate::status::BuiltBy;
use crate::supervisor::paths::canonical;
use crate::supervisor::{
    read::Read,
    scripts::Scripts,
    workspace::{Workspace, build_arguments, cargo, guarded},
};
use cargo_metadata::diagnostic::DiagnosticLevel;
use cargo_metadata::{Artifact, Message};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

/// Builds these parts in one call. `changed` are the files whose content has changed since the last
/// good build; cargo may take one of them for unchanged because of its modification time.
pub(super) fn build(
    parts: &[&Workspace],
    profile: &str,
    changed: &BTreeSet<PathBuf>,
    wrapper: Option<&Wrapper>,
    progress: Progress,
) -> (Vec<Built>, Read) {
    let Progress { cancel, scripts, report } = progress;
    let watched = (&cancel, &scripts);
    let all = |built: Built| (vec![built; parts.len()], Read::default());
    let report = Arc::new(Mutex::new(report));
    let cargo = match cargo() {
        Ok(cargo) => cargo,
        Err(message) => return all(Built::CannotBuild { message }),
    };
    let mut outcome = run(&cargo, parts, profile, wrapper, watched, &report);
    if let CargoOutcome::Done { messages, .. } | CargoOutcome::Failed { messages, .. } = &outcome {
        let stale =
            parts.iter().flat_map(|part| stale_packages(part, &messages.artifacts, changed));
        let stale = stale.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>();
        if let (false, Some(workspace)) = (stale.is_empty(), parts.first()) {
            crate::log::info!(
                "cargo takes {} for unchanged because of its time: building it again",
                stale.join(", ")
            );
            if let Err(message) = clean(&cargo, workspace, profile, &stale) {
                return all(Built::CannotBuild { message });
            }
            outcome = run(&cargo, parts, profile, wrapper, watched, &report);
        }
    }
    match outcome {
        CargoOutcome::Done { messages, compiled } => {
            let built = parts.iter().map(|part| program(part, &messages.artifacts, compiled));
            let built = built.collect();
            (built, messages.read(parts, None))
        }
        CargoOutcome::Failed { messages, cargo, compiled } => {
            let built = parts.iter().map(|part| match artifact(part, &messages.artifacts) {
                // Another part has failed.
                Some(_) if parts.len() > 1 => program(part, &messages.artifacts, compiled),
                _ => messages.failure(part, &cargo, parts.len() == 1),
            });
            let built = built.collect();
            (built, messages.read(parts, Some(&cargo)))
        }
        CargoOutcome::CannotBuild { message } => all(Built::CannotBuild { message }),
        CargoOutcome::Cancelled => all(Built::Cancelled),
    }
}

enum CargoOutcome {
    Done {
        messages: Messages,
        compiled: Option<(Instant, Instant)>,
    },
    /// Messages about what does not compile, and cargo's own output.
    Failed {
        messages: Messages,
        cargo: String,
        compiled: Option<(Instant, Instant)>,
    },
    CannotBuild {
        message: String,
    },
    Cancelled,
}

fn run(
    cargo: &Path,
    parts: &[&Workspace],
    profile: &str,
    wrapper: Option<&Wrapper>,
    (cancel, scripts): (&Cancel, &ScriptPhase),
    report: &Arc<Mutex<Report>>,
) -> CargoOutcome {
    let Some(workspace) = parts.first() else { return CargoOutcome::Cancelled };
    let cannot = |error: &dyn std::fmt::Display| CargoOutcome::CannotBuild {
        message: format!("`{} build` cannot be run: {error}", cargo.display()),
    };
    let mut command = guarded(cargo, Some(&workspace.target));
    command.args(build_arguments(parts, profile)).current_dir(&workspace.root);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    progress::ask_for(&mut command);
    if let Some(wrapper) = wrapper {
        wrapper.listen(&mut command);
    }
    let mut child = match BuildChild::spawn(&mut command, cancel) {
        Ok(child) => child,
        Err(error) => return cannot(&error),
    };
    let report = report.clone();
    let errors = child.child.stderr.take();
    let errors = errors.map(|pipe| thread::spawn(move || progress::forward(pipe, &report)));
    let mut messages = Messages::default();
    if let Some(stdout) = child.child.stdout.take() {
        let packages = parts.iter().flat_map(|part| &part.packages);
        let mut awaited = scripts.begin_of(packages);
        messages.take(BufReader::new(stdout), parts, |folder| {
            awaited.remove(folder);
            if awaited.is_empty() {
                scripts.end();
            }
        });
        scripts.end();
    }
    let Some(status) = child.wait() else { return CargoOutcome::Cancelled };
    let (errors, compiling) = errors.and_then(|thread| thread.join().ok()).unwrap_or_default();
    let compiled = compiling.zip(messages.compiled);
    match status {
        Ok(status) if status.success() => CargoOutcome::Done { messages, compiled },
        Ok(_) => CargoOutcome::Failed { messages, cargo: errors, compiled },
        Err(error) => cannot(&error),
    }
}

/// cargo's messages.
#[derive(Default)]
pub(super) struct Messages {
    pub(super) artifacts: Vec<Artifact>,
    /// Time of the last artifact that had to be compiled.
    compiled: Option<Instant>,
    pub(super) errors: Vec<Said>,
    pub(super) warnings: Vec<Said>,
    scripts: Scripts,
}

/// One message of the compiler.
pub(super) struct Said {
    /// Root file of the crate that was being compiled.
    of: PathBuf,
    pub(super) rendered: String,
    pub(super) files: Vec<PathBuf>,
}

impl Messages {
    /// Reads cargo's messages. Calls `ran` with the package of each build script that has run, now
    /// or in an earlier build.
    pub(super) fn take(
        &mut self,
        stdout: impl BufRead,
        parts: &[&Workspace],
        mut ran: impl FnMut(&Path),
    ) {
        for line in stdout.split(b'\n').map_while(Result::ok) {
            let Some(message) = message(&line) else { continue };
            match message {
                Message::CompilerArtifact(artifact) => {
                    if !artifact.fresh {
                        self.compiled = Some(Instant::now());
                    }
                    self.artifacts.push(artifact);
                }
                Message::CompilerMessage(message) => {
                    let of = message.target.src_path.into_std_path_buf();
                    let message = message.message;
                    let spans = message.spans.iter().map(|span| PathBuf::from(&span.file_name));
                    let files = spans.collect::<Vec<_>>();
                    let said = Said { of, rendered: message.rendered.unwrap_or_default(), files };
                    match message.level {
                        DiagnosticLevel::Error | DiagnosticLevel::Ice => self.errors.push(said),
                        _ => self.warnings.push(said),
                    }
                }
                Message::BuildScriptExecuted(script) => {
                    let mut packages = parts.iter().flat_map(|part| &part.packages);
                    let package = packages.find(|package| package.id == script.package_id);
                    if let Some(package) = package {
                        self.scripts.ran(&script, package);
                        ran(&package.folder);
                    }
                }
                _ => {}
            }
        }
    }

    /// Returns what the build has read. `failure` is cargo's own output if the build failed.
    fn read(self, parts: &[&Workspace], failure: Option<&str>) -> Read {
        let mut read = Read::default();
        for part in parts {
            if let Some(program) = executable(part, &self.artifacts) {
                read.files.extend(dep_info::sources(&program.with_extension("d")));
            }
        }
        let Some(root) = parts.first().map(|part| part.root.as_path()) else { return read };
        let said = self.errors.iter().chain(&self.warnings);
        for file in said.flat_map(|said| &said.files) {
            read.files.insert(root.join(file));
        }
        if let Some(cargo) = failure {
            // The compiler names paths relative to cargo's working folder; its help texts name them
            // relative to the crate, and build scripts relative to their package.
            let packages = parts.iter().flat_map(|part| &part.packages);
            let packages = packages.map(|package| package.folder.as_path()).collect::<Vec<_>>();
            for error in &self.errors {
                let beside = error.of.parent().unwrap_or(root);
                let owner = packages.iter().filter(|folder| error.of.starts_with(folder));
                let owner = owner.max_by_key(|folder| folder.as_os_str().len());
                let bases = [Some(root), owner.copied(), Some(beside)];
                let bases = bases.into_iter().flatten().collect::<Vec<_>>();
                read.missing.extend(named::missing(&error.rendered, &bases));
            }
            let bases = packages.into_iter().chain([root]).collect::<Vec<_>>();
            read.missing.extend(named::missing(cargo, &bases));
        }
        read.scripts = self.scripts;
        read
    }

    /// Returns the reason why this part was not built.
    fn failure(&self, part: &Workspace, cargo: &str, alone: bool) -> Built {
        let all = || self.errors.iter().chain(&self.warnings);
        let of_part = |said: &&Said| part.owner_of(&canonical(&said.of)).is_some();
        // An error in a crate from elsewhere, for example, belongs to no part.
        let whole = alone || !self.errors.iter().any(|said| of_part(&said));
        let said = all().filter(|said| whole || of_part(said));
        let said = said.map(|said| said.rendered.as_str()).filter(|text| !text.is_empty());
        if self.errors.is_empty() {
            return Built::CannotBuild { message: format!("cargo says:\n{}", cargo.trim_end()) };
        }
        let message = said.collect::<Vec<_>>().join("\n");
        Built::Failed { message }
    }
}

/// Parses a message from cargo. Returns `None` for lines printed by programs that run during a
/// build.
fn message(line: &[u8]) -> Option<Message> {
    /// Limit on nesting. Each macro within a macro adds two levels; serde's own limit of 128 is too
    /// low for the compiler's message about a macro that never ends.
    const DEEPEST: usize = 512;
    if !line.starts_with(b"{") || depth(line) > DEEPEST {
        return None;
    }
    let mut message = serde_json::Deserializer::from_slice(line);
    message.disable_recursion_limit();
    Message::deserialize(&mut message).ok()
}

/// Returns the largest number of brackets that are open at once, not counting those in strings.
fn depth(json: &[u8]) -> usize {
    let (mut depth, mut deepest, mut text, mut escaped) = (0_usize, 0, false, false);
    for &byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = text,
            b'"' => text = !text,
            b'[' | b'{' if !text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// Returns the packages with changed sources of which nothing was compiled.
fn stale_packages(
    workspace: &Workspace,
    artifacts: &[Artifact],
    changed: &BTreeSet<PathBuf>,
) -> Vec<String> {
    let Some(executable) = executable(workspace, artifacts) else { return Vec::new() };
    // A package's tests and benchmarks may change without anything to compile here. A link that was
    // changed counts as changed, even if its target was not.
    let read = dep_info::sources(&executable.with_extension("d")).into_iter();
    let read = read.flat_map(|file| [canonical(&file), file]);
    let changed = read.filter(|file| changed.contains(file)).collect::<Vec<_>>();
    let compiled = |folder: &Path| {
        let of_package = artifacts.iter().filter(|artifact| {
            let manifest = artifact.manifest_path.parent();
            manifest.is_some_and(|it| canonical(it.as_std_path()) == folder)
        });
        of_package.into_iter().any(|artifact| !artifact.fresh)
    };
    let packages = workspace.packages.iter().filter(|package| {
        let mut owners = changed.iter().map(|file| workspace.owner_of(file));
        owners.any(|owner| owner == Some(*package)) && !compiled(&package.folder)
    });
    packages.map(|package| package.name.clone()).collect()
}

/// Returns the outputs of local packages.
fn local_outputs(workspace: &Workspace, artifacts: &[Artifact]) -> Vec<Output> {
    let of = |artifact: &Artifact| {
        let mut packages = workspace.packages.iter();
        packages.find(|package| package.id == artifact.package_id).map(|it| it.folder.clone())
    };
    let local = artifacts.iter().filter_map(|artifact| Some((of(artifact)?, artifact)));
    let files = local.flat_map(|(package, artifact)| {
        let files = artifact.filenames.iter().map(|file| file.clone().into_std_path_buf());
        files.map(move |file| Output { package: package.clone(), file })
    });
    files.collect()
}

fn clean(
    cargo: &Path,
    workspace: &Workspace,
    profile: &str,
    packages: &[String],
) -> Result<(), String> {
    let mut command: Command = guarded(cargo, Some(&workspace.target));
    command.args(["clean", "--quiet", "--profile", profile]).current_dir(&workspace.root);
    command.args(packages.iter().flat_map(|package| ["--package", package]));
    command.args(workspace.configuration.iter().flat_map(|config| ["--config", config]));
    let status = command.stdout(Stdio::null()).spawn().and_then(|mut child| {
        // `wait` would close the pipe first, and the guard kills when it is closed.
        let _guard = child.stdin.take();
        child.wait()
    });
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`cargo clean` of {} failed: {status}", packages.join(", "))),
        Err(error) => Err(format!("`cargo clean` cannot be run: {error}")),
    }
}

/// Returns the artifact with the renderer's program.
fn artifact<'a>(workspace: &Workspace, artifacts: &'a [Artifact]) -> Option<&'a Artifact> {
    let named = |it: &&Artifact| it.target.name == workspace.binary && it.executable.is_some();
    artifacts.iter().find(named)
}

fn executable<'a>(workspace: &Workspace, artifacts: &'a [Artifact]) -> Option<&'a Path> {
    Some(artifact(workspace, artifacts)?.executable.as_ref()?.as_std_path())
}

fn program(
    workspace: &Workspace,
    artifacts: &[Artifact],
    compiled: Option<(Instant, Instant)>,
) -> Built {
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
    Program {
        binary: binary.to_path_buf(),
        libraries,
        artifacts: Vec::new(),
        builder: BuiltBy::Cargo,
        fresh: artifact.fresh,
        compiled,
        outputs: local_outputs(workspace, artifacts),
    }
    .into()
}

/// A message from cargo about a program, for tests and fuzzing.
#[cfg(any(test, fuzzing))]
pub(super) const ARTIFACT: &str = concat!(
    r#"{"reason":"compiler-artifact","package_id":"path+file:///w#a@0.1.0","#,
    r#""manifest_path":"/w/Cargo.toml","target":{"kind":["bin"],"crate_types":["bin"],"#,
    r#""name":"a","src_path":"/w/src/main.rs","edition":"2024","doc":true,"doctest":false,"#,
    r#""test":true},"profile":{"opt_level":"1","debuginfo":1,"debug_assertions":true,"#,
    r#""overflow_checks":true,"test":false},"features":[],"filenames":[],"#,
    r#""executable":"/w/target/hot/a","fresh":false}"#
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_else_is_printed_hides_no_message() {
        let deep = |depth: usize| {
            let (open, close) = (r#"{"a":["#.repeat(depth), "]}".repeat(depth));
            format!(r#"{{"reason":"build-finished","success":true,"x":[{open}{close}]}}"#)
        };
        let (deeper, deepest) = (deep(100_000), "[".repeat(1_000_000));
        let lines: [&[u8]; 6] = [
            b"caf\xe9 from a procedural macro",
            b"",
            b"{",
            br#"{"reason":"none that there is"}"#,
            deeper.as_bytes(),
            deepest.as_bytes(),
        ];
        for line in lines {
            let mut messages = Messages::default();
            let said = [line, b"\n", ARTIFACT.as_bytes(), b"\r\n"].concat();
            messages.take(&said[..], &[], |_| ());
            let start = String::from_utf8_lossy(&line[..line.len().min(40)]);
            assert_eq!(messages.artifacts.len(), 1, "{start}");
        }
        // The nesting that the compiler reaches.
        assert!(message(deep(250).as_bytes()).is_some());
        assert_eq!(depth(br#"{"a":"[[\"[[","b":[{}]}"#), 3);
    }
}
