//! A build by cargo: in its own profile, its messages, its program.

use super::child::{BuildChild, Cancel};
use super::wrapper::Wrapper;
use super::{Built, Program, Report, dep_info, progress};
use crate::status::BuiltBy;
use crate::supervisor::workspace::{Workspace, build_arguments, canonical, cargo, guarded};
use cargo_metadata::diagnostic::DiagnosticLevel;
use cargo_metadata::{Artifact, Message};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

/// Builds these parts in one call. `changed` are the files whose content has changed since the last good
/// build, of which cargo may take one for unchanged because of its time.
pub(super) fn build(
    parts: &[&Workspace],
    profile: &str,
    changed: &BTreeSet<PathBuf>,
    wrapper: Option<&Wrapper>,
    cancel: &Cancel,
    report: Report,
) -> Vec<Built> {
    let all = |built: Built| vec![built; parts.len()];
    let report = Arc::new(Mutex::new(report));
    let cargo = match cargo() {
        Ok(cargo) => cargo,
        Err(message) => return all(Built::CannotBuild { message }),
    };
    let mut outcome = run(&cargo, parts, profile, wrapper, cancel, &report);
    if let Outcome::Done { messages, .. } | Outcome::Failed { messages, .. } = &outcome {
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
            outcome = run(&cargo, parts, profile, wrapper, cancel, &report);
        }
    }
    match outcome {
        Outcome::Done { messages, compiled } => {
            let built = parts.iter().map(|part| program(part, &messages.artifacts, compiled));
            built.collect()
        }
        Outcome::Failed { messages, cargo, compiled } => {
            let built = parts.iter().map(|part| match artifact(part, &messages.artifacts) {
                // What is wrong is another part.
                Some(_) if parts.len() > 1 => program(part, &messages.artifacts, compiled),
                _ => messages.failure(part, &cargo, parts.len() == 1),
            });
            built.collect()
        }
        Outcome::CannotBuild { message } => all(Built::CannotBuild { message }),
        Outcome::Cancelled => all(Built::Cancelled),
    }
}

enum Outcome {
    Done {
        messages: Messages,
        compiled: Option<(Instant, Instant)>,
    },
    /// Of what does not compile, and what cargo itself has said.
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
    cancel: &Cancel,
    report: &Arc<Mutex<Report>>,
) -> Outcome {
    let Some(workspace) = parts.first() else { return Outcome::Cancelled };
    let cannot = |error: &dyn std::fmt::Display| Outcome::CannotBuild {
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
        messages.read(BufReader::new(stdout));
    }
    let Some(status) = child.wait() else { return Outcome::Cancelled };
    let (errors, compiling) = errors.and_then(|thread| thread.join().ok()).unwrap_or_default();
    let compiled = compiling.zip(messages.compiled);
    match status {
        Ok(status) if status.success() => Outcome::Done { messages, compiled },
        Ok(_) => Outcome::Failed { messages, cargo: errors, compiled },
        Err(error) => cannot(&error),
    }
}

/// cargo's messages.
#[derive(Default)]
struct Messages {
    artifacts: Vec<Artifact>,
    /// When the last of them came that had to be compiled.
    compiled: Option<Instant>,
    errors: Vec<Said>,
    warnings: Vec<Said>,
}

/// What the compiler has said.
struct Said {
    /// The root of the crate that it was compiling.
    of: PathBuf,
    rendered: String,
    files: Vec<PathBuf>,
}

impl Messages {
    fn read(&mut self, stdout: impl BufRead) {
        for message in Message::parse_stream(stdout).map_while(Result::ok) {
            match message {
                Message::CompilerArtifact(artifact) => {
                    if !artifact.fresh {
                        self.compiled = Some(Instant::now());
                    }
                    self.artifacts.push(artifact);
                }
                Message::CompilerMessage(message) => {
                    let of = message.target.src_path.into_std_path_buf();
                    let folder = of.parent().map(PathBuf::from);
                    let message = message.message;
                    let spans = message.spans.iter().map(|span| PathBuf::from(&span.file_name));
                    let mut files = spans.collect::<Vec<_>>();
                    files.extend(missing_files(&message.message, folder));
                    let said = Said { of, rendered: message.rendered.unwrap_or_default(), files };
                    match message.level {
                        DiagnosticLevel::Error | DiagnosticLevel::Ice => self.errors.push(said),
                        _ => self.warnings.push(said),
                    }
                }
                _ => {}
            }
        }
    }

    /// Why this part was not built.
    fn failure(&self, part: &Workspace, cargo: &str, alone: bool) -> Built {
        let all = || self.errors.iter().chain(&self.warnings);
        let files = all().flat_map(|said| said.files.iter().cloned()).collect::<BTreeSet<_>>();
        let of_part = |said: &&Said| part.owner_of(&canonical(&said.of)).is_some();
        // A crate from elsewhere, say, belongs to nobody.
        let whole = alone || !self.errors.iter().any(|said| of_part(&said));
        let said = all().filter(|said| whole || of_part(said));
        let said = said.map(|said| said.rendered.as_str()).filter(|text| !text.is_empty());
        if self.errors.is_empty() {
            return Built::CannotBuild { message: format!("cargo says:\n{}", cargo.trim_end()) };
        }
        let message = said.collect::<Vec<_>>().join("\n");
        Built::Failed { message, files: files.into_iter().collect() }
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
    let read =
        dep_info::sources(&executable.with_extension("d")).into_iter().map(|file| canonical(&file));
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

/// What there is of local packages.
fn local_outputs(workspace: &Workspace, artifacts: &[Artifact]) -> Vec<PathBuf> {
    let local = artifacts.iter().filter(|artifact| {
        let folder = artifact.manifest_path.parent();
        let folder = folder.map(|folder| canonical(folder.as_std_path()));
        workspace.packages.iter().any(|package| Some(&package.folder) == folder.as_ref())
    });
    let files = local.flat_map(|artifact| &artifact.filenames);
    files.map(|file| file.clone().into_std_path_buf()).collect()
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
        sources: dep_info::sources(&binary.with_extension("d")),
        outputs: local_outputs(workspace, artifacts),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

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
