//! A whole build: the user's command, then the renderer's program, then the files beside it.

use super::artifact::{Artifact, ArtifactKind};
use super::{
    Built, Cancel, Changed, Program, Progress, Report, ScriptPhase, SharedReplay, command,
    dep_info, named,
};
use crate::supervisor::paths::canonical;
use crate::supervisor::{
    inputs::Roots, read::Read, search::Search, watch::Watcher, workspaces::Workspaces,
};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The files that are built in addition to cargo's output, or instead of it.
#[derive(Debug, Clone, Default)]
pub(in crate::supervisor) struct Recipe {
    /// The renderer's program, if cargo does not build it.
    pub(in crate::supervisor) program: Option<PathBuf>,
    /// Files that are run with the program.
    pub(in crate::supervisor) artifacts: Vec<PathBuf>,
    /// Shell command that builds them.
    pub(in crate::supervisor) command: Option<OsString>,
    /// Folders and files that the command reads.
    pub(in crate::supervisor) sources: Vec<PathBuf>,
    /// Limit on the command's run time.
    pub(in crate::supervisor) limit: Duration,
}

/// The work that a build must do in addition to what the changed sources require.
#[derive(Debug, Clone, Copy)]
pub(in crate::supervisor) struct Due {
    /// True if the watcher does not know the inputs yet.
    pub(in crate::supervisor) watch: bool,
    /// True if the command's inputs have changed since it last ran to its end.
    pub(in crate::supervisor) command: bool,
    /// True if the program's inputs have changed since it was last built.
    pub(in crate::supervisor) program: bool,
}

/// One build.
pub(in crate::supervisor) struct Job {
    pub(in crate::supervisor) recipe: Arc<Recipe>,
    pub(in crate::supervisor) search: Search,
    pub(in crate::supervisor) assets: Vec<PathBuf>,
    /// The workspace as cargo has described it, while that is valid.
    pub(in crate::supervisor) workspaces: Option<Workspaces>,
    pub(in crate::supervisor) changed: Changed,
    pub(in crate::supervisor) due: Due,
    /// Program of each part's last good build, the renderer's own first.
    pub(in crate::supervisor) newest: Vec<Option<PathBuf>>,
    pub(in crate::supervisor) replay: Arc<SharedReplay>,
    pub(in crate::supervisor) scripts: ScriptPhase,
    pub(in crate::supervisor) watcher: Arc<Watcher>,
    pub(in crate::supervisor) cancel: Cancel,
}

/// A way to make the programs of the parts.
trait Builder {
    /// Makes them, in the order of [`Job::newest`].
    fn build(&self, job: &Job, report: Report) -> (Vec<Built>, Read);
}

/// The result of a job.
#[derive(Debug)]
pub(in crate::supervisor) struct Done {
    /// Result for each part, the renderer's own first.
    pub(in crate::supervisor) built: Vec<Built>,
    pub(in crate::supervisor) read: Read,
    pub(in crate::supervisor) workspaces: Option<Box<Workspaces>>,
    /// True if the command is still due.
    pub(in crate::supervisor) command_due: bool,
}

impl Job {
    /// Builds. The result includes the description of the workspace, and whether the command is
    /// still due.
    pub(in crate::supervisor) fn run(mut self, report: Report) -> Done {
        if let Err(message) = self.look() {
            // For example, a manifest may name a package that does not exist.
            let folders = self.search.folders();
            let bases = folders.iter().map(PathBuf::as_path).collect::<Vec<_>>();
            let read = Read { missing: named::missing(&message, &bases), ..Read::default() };
            let read = Read { failed: true, ..read };
            let built = self.all(Built::CannotBuild { message });
            return Done { built, read, workspaces: None, command_due: self.due.command };
        }
        let made = self.make(report);
        let (built, read) = made.unwrap_or_else(|without| {
            let mut read = Read::default();
            if let Built::Failed { message } | Built::CannotBuild { message } = &without {
                read.missing = named::missing(message, &[&self.root()]);
            }
            (self.all(without), read)
        });
        let has_failed =
            |built: &Built| matches!(built, Built::Failed { .. } | Built::CannotBuild { .. });
        let read = Read { failed: built.iter().any(has_failed), ..read };
        let workspaces = self.workspaces.map(Box::new);
        Done { built, read, workspaces, command_due: self.due.command }
    }

    /// Returns the connections of a build by cargo.
    fn progress(&self, report: Report) -> Progress {
        Progress { cancel: self.cancel.clone(), scripts: self.scripts.clone(), report }
    }

    /// Returns the same result for each part.
    fn all(&self, built: Built) -> Vec<Built> {
        vec![built; self.newest.len()]
    }

    /// Asks cargo for the workspace and watches its files. If cargo cannot describe it, watches the
    /// manifests that may be at fault.
    fn look(&mut self) -> Result<(), String> {
        if self.recipe.program.is_none() && self.workspaces.is_none() {
            self.due.watch = true;
            match self.search.workspaces() {
                Ok(workspaces) => self.workspaces = Some(workspaces),
                Err(message) => {
                    self.watcher.watch_also(Roots::manifests(&self.search.folders()));
                    return Err(message);
                }
            }
        }
        if self.due.watch {
            let root = self.root();
            let roots = match &self.workspaces {
                Some(workspaces) => Roots::new(workspaces),
                None => Roots::default(),
            };
            let artifacts = self.recipe.program.iter().chain(&self.recipe.artifacts);
            let artifacts: BTreeSet<_> = artifacts.map(|file| root.join(file)).collect();
            let sources = self.recipe.sources.iter().map(|folder| root.join(folder));
            let mut sources: Vec<_> = sources.collect();
            let foreign = self.recipe.program.is_some() && self.recipe.command.is_some();
            if foreign && sources.is_empty() {
                sources.push(root.clone());
            }
            let roots = roots.with_assets(&root, &self.assets);
            let roots = roots.with_owner(owner_sources());
            self.watcher.watch(roots.with_recipe(&artifacts, &sources));
        }
        Ok(())
    }

    /// Returns the folder that paths are relative to and in which the command runs.
    fn root(&self) -> PathBuf {
        let workspace = self.workspaces.as_ref().map(|all| all.own.root.clone());
        let here = || std::env::current_dir().unwrap_or_default();
        let root = workspace.or_else(|| self.search.folder.clone()).unwrap_or_else(here);
        canonical(&root)
    }

    fn make(&mut self, report: Report) -> Result<(Vec<Built>, Read), Built> {
        let root = self.root();
        let made = self.recipe.command.as_ref().filter(|_| self.due.command);
        if let Some(line) = made {
            crate::log::info!("running `{}`", line.to_string_lossy());
            report(0, 0, line.to_string_lossy().into_owned());
            self.scripts.begin();
            let run = command::run(line, &root, self.recipe.limit, &self.cancel);
            self.scripts.end();
            run?;
        }
        self.due.command = false;
        let there_are_all = self.newest.iter().all(Option::is_some);
        let builder: &dyn Builder = match self.due.program {
            _ if self.recipe.program.is_some() => &Prebuilt,
            false if there_are_all => &Unchanged,
            _ => &Cargo,
        };
        let (mut built, read) = builder.build(self, report);
        let mut programs = built.iter_mut().filter_map(|built| match built {
            Built::Program(program) => Some(program),
            _ => None,
        });
        let Some(first) = programs.next() else { return Ok((built, read)) };
        let taken = self.recipe.artifacts.iter();
        let taken =
            taken.map(|file| Artifact::take(&root.join(file), ArtifactKind::Part, &self.cancel));
        let taken = taken.collect::<Result<Vec<_>, _>>()?;
        for program in std::iter::once(first).chain(programs) {
            lay_beside(program, &taken)?;
        }
        Ok((built, read))
    }
}

/// Returns the sources of this very program, which cargo records beside it.
fn owner_sources() -> Vec<PathBuf> {
    let program = std::env::current_exe().unwrap_or_default();
    dep_info::sources(&program.with_extension("d"))
}

/// Adds the files that are run with a program but not built by cargo.
fn lay_beside(program: &mut Program, taken: &[Artifact]) -> Result<(), Built> {
    for artifact in taken {
        let same = |other: &&PathBuf| other.file_name() == artifact.file.file_name();
        let others = program.artifacts.iter().map(|other| &other.file);
        if let Some(other) = others.chain(&program.libraries).chain([&program.binary]).find(same) {
            let message = format!(
                "{} and {} would be in the same folder under the same name; rename one",
                other.display(),
                artifact.file.display()
            );
            return Err(Built::CannotBuild { message });
        }
        program.artifacts.push(artifact.clone());
    }
    Ok(())
}

/// A builder that calls the compiler or cargo.
struct Cargo;

impl Builder for Cargo {
    fn build(&self, job: &Job, report: Report) -> (Vec<Built>, Read) {
        let Some(workspaces) = &job.workspaces else {
            let gone = Built::CannotBuild { message: "the workspace is gone".to_owned() };
            return (job.all(gone), Read::default());
        };
        let Job { search, changed, newest, .. } = job;
        let known = |index: usize| index == 0 || workspaces.modules[index - 1].is_ok();
        let unchanged = newest.iter().enumerate().filter(|(index, _)| known(*index));
        let unchanged = unchanged.map(|(_, newest)| {
            let newest = newest.as_deref()?;
            // The files beside it may have changed.
            let alone = job.recipe.artifacts.is_empty();
            Some(if alone { Built::Unconcerned } else { current(job, newest) })
        });
        let unchanged = unchanged.collect::<Vec<_>>();
        let profile = &search.profile;
        let (built, read) = super::build(
            workspaces,
            profile,
            changed,
            &job.replay,
            job.progress(report),
            &unchanged,
        );
        let mut built = built.into_iter();
        let mut parts = vec![built.next()];
        parts.extend(workspaces.modules.iter().map(|module| match module {
            Ok(_) => built.next(),
            Err(message) => Some(Built::CannotBuild { message: message.clone() }),
        }));
        let parts = parts.into_iter().map(|built| built.unwrap_or(Built::Cancelled));
        (parts.collect(), read)
    }
}

/// A builder that takes the program named by the application, which another tool or the command has
/// built.
struct Prebuilt;

impl Builder for Prebuilt {
    fn build(&self, job: &Job, _: Report) -> (Vec<Built>, Read) {
        let file = job.root().join(job.recipe.program.as_deref().unwrap_or(Path::new("")));
        let built = match Artifact::take(&file, ArtifactKind::Program, &job.cancel) {
            Ok(program) => Program::found(file, Vec::new(), vec![program]).into(),
            Err(without) => without,
        };
        (vec![built], Read::default())
    }
}

/// A builder that returns the current programs, because none of their inputs have changed.
struct Unchanged;

impl Builder for Unchanged {
    fn build(&self, job: &Job, _: Report) -> (Vec<Built>, Read) {
        let newest = job
            .newest
            .iter()
            .map(|newest| current(job, newest.as_deref().unwrap_or(Path::new(""))));
        (newest.collect(), Read::default())
    }
}

/// Returns the current program.
fn current(job: &Job, binary: &Path) -> Built {
    // Its libraries are beside it.
    let beside = binary.parent().and_then(|folder| std::fs::read_dir(folder).ok());
    let ending = std::env::consts::DLL_EXTENSION;
    let is_artifact = |file: &Path| {
        let mut artifacts = job.recipe.artifacts.iter();
        artifacts.any(|artifact| artifact.file_name() == file.file_name())
    };
    let libraries = beside.into_iter().flatten().flatten().map(|entry| entry.path());
    let libraries = libraries.filter(|file| file.extension().is_some_and(|it| it == ending));
    let libraries = libraries.filter(|file| !is_artifact(file)).collect();
    Program::found(binary.to_path_buf(), libraries, Vec::new()).into()
}
