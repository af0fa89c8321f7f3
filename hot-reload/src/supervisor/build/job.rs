//! A build as a whole: the user's command, then the renderer's program, then what lies beside it.

use super::artifact::{Artifact, Kind};
use super::{
    Built, Cancel, Changed, DirectBuilds, Program, Progress, Report, ScriptPhase, command,
    dep_info, named,
};
use crate::supervisor::{
    inputs::Roots,
    read::Read,
    watch::Watcher,
    workspace::{Search, canonical},
    workspaces::Workspaces,
};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// What is built beside cargo's work, or in its place.
#[derive(Debug, Clone, Default)]
pub(in crate::supervisor) struct Recipe {
    /// The renderer's program, where cargo does not build it.
    pub(in crate::supervisor) program: Option<PathBuf>,
    /// Files that are run with it.
    pub(in crate::supervisor) artifacts: Vec<PathBuf>,
    /// What builds them; run by a shell.
    pub(in crate::supervisor) command: Option<OsString>,
    /// What the command reads.
    pub(in crate::supervisor) sources: Vec<PathBuf>,
    /// How long it may take.
    pub(in crate::supervisor) limit: Duration,
}

/// What a build must do beside what the changed sources ask for.
#[derive(Debug, Clone, Copy)]
pub(in crate::supervisor) struct Due {
    /// The watcher knows nothing of what is built here yet.
    pub(in crate::supervisor) watch: bool,
    /// What the command reads has changed since it last ran to its end.
    pub(in crate::supervisor) command: bool,
    /// What the program is made from has changed since it was last made.
    pub(in crate::supervisor) program: bool,
}

/// One build.
pub(in crate::supervisor) struct Job {
    pub(in crate::supervisor) recipe: Arc<Recipe>,
    pub(in crate::supervisor) search: Search,
    pub(in crate::supervisor) assets: Vec<PathBuf>,
    /// What cargo has said of the workspace, as long as it holds.
    pub(in crate::supervisor) workspaces: Option<Workspaces>,
    pub(in crate::supervisor) changed: Changed,
    pub(in crate::supervisor) due: Due,
    /// The program of each part's last good build, the renderer's own first.
    pub(in crate::supervisor) newest: Vec<Option<PathBuf>>,
    pub(in crate::supervisor) direct: Arc<DirectBuilds>,
    pub(in crate::supervisor) scripts: ScriptPhase,
    pub(in crate::supervisor) watcher: Arc<Watcher>,
    pub(in crate::supervisor) cancel: Cancel,
}

/// What makes the programs of the parts.
trait Builder {
    /// Makes them, in the order of [`Job::newest`].
    fn build(&self, job: &Job, report: Report) -> (Vec<Built>, Read);
}

/// What a job has come to.
#[derive(Debug)]
pub(in crate::supervisor) struct Done {
    /// For each part, the renderer's own first.
    pub(in crate::supervisor) built: Vec<Built>,
    pub(in crate::supervisor) read: Read,
    pub(in crate::supervisor) workspaces: Option<Box<Workspaces>>,
    /// Whether the command is still due.
    pub(in crate::supervisor) command_due: bool,
}

impl Job {
    /// Builds; what is known of the workspace by then, and whether the command is still due.
    pub(in crate::supervisor) fn run(mut self, report: Report) -> Done {
        if let Err(message) = self.look() {
            // A package that a manifest names and that is not there, for one.
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

    /// What a build by cargo tells others, and is told.
    fn progress(&self, report: Report) -> Progress {
        Progress { cancel: self.cancel.clone(), scripts: self.scripts.clone(), report }
    }

    /// The same for each part.
    fn all(&self, built: Built) -> Vec<Built> {
        vec![built; self.newest.len()]
    }

    /// Asks cargo what there is, and watches it; when cargo cannot say, also where the mistake may be.
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

    /// Where paths begin, and the command runs.
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
            _ if self.recipe.program.is_some() => &SomebodyElse,
            false if there_are_all => &Nobody,
            _ => &Cargo,
        };
        let (mut built, read) = builder.build(self, report);
        let mut programs = built.iter_mut().filter_map(|built| match built {
            Built::Program(program) => Some(program),
            _ => None,
        });
        let Some(first) = programs.next() else { return Ok((built, read)) };
        let taken = self.recipe.artifacts.iter();
        let taken = taken.map(|file| Artifact::take(&root.join(file), Kind::Part, &self.cancel));
        let taken = taken.collect::<Result<Vec<_>, _>>()?;
        for program in std::iter::once(first).chain(programs) {
            lay_beside(program, &taken)?;
        }
        Ok((built, read))
    }
}

/// What this very program was compiled from, which cargo writes down beside it.
fn owner_sources() -> Vec<PathBuf> {
    let program = std::env::current_exe().unwrap_or_default();
    dep_info::sources(&program.with_extension("d"))
}

/// Adds what is run with a program and cargo does not build.
fn lay_beside(program: &mut Program, taken: &[Artifact]) -> Result<(), Built> {
    for artifact in taken {
        let same = |other: &&PathBuf| other.file_name() == artifact.file.file_name();
        let others = program.artifacts.iter().map(|other| &other.file);
        if let Some(other) = others.chain(&program.libraries).chain([&program.binary]).find(same) {
            let message = format!(
                "{} and {} would lie beside each other, and have the same name; rename one",
                other.display(),
                artifact.file.display()
            );
            return Err(Built::CannotBuild { message });
        }
        program.artifacts.push(artifact.clone());
    }
    Ok(())
}

/// The compiler, or cargo.
struct Cargo;

impl Builder for Cargo {
    fn build(&self, job: &Job, report: Report) -> (Vec<Built>, Read) {
        let Some(workspaces) = &job.workspaces else {
            let gone = Built::CannotBuild { message: "the workspace has gone".to_owned() };
            return (job.all(gone), Read::default());
        };
        let Job { search, changed, newest, .. } = job;
        let known = |index: usize| index == 0 || workspaces.modules[index - 1].is_ok();
        let unchanged = newest.iter().enumerate().filter(|(index, _)| known(*index));
        let unchanged = unchanged.map(|(_, newest)| {
            let newest = newest.as_deref()?;
            // What lies beside it may be another.
            let alone = job.recipe.artifacts.is_empty();
            Some(if alone { Built::Unconcerned } else { nobody(job, newest) })
        });
        let unchanged = unchanged.collect::<Vec<_>>();
        let profile = &search.profile;
        let (built, read) = super::build(
            workspaces,
            profile,
            changed,
            &job.direct,
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

/// The application has named the program; whoever builds it, or the command, has been at work.
struct SomebodyElse;

impl Builder for SomebodyElse {
    fn build(&self, job: &Job, _: Report) -> (Vec<Built>, Read) {
        let file = job.root().join(job.recipe.program.as_deref().unwrap_or(Path::new("")));
        let built = match Artifact::take(&file, Kind::Program, &job.cancel) {
            Ok(program) => Program::found(file, Vec::new(), vec![program]).into(),
            Err(without) => without,
        };
        (vec![built], Read::default())
    }
}

/// Nothing that the programs are made from has changed: they are those that there are.
struct Nobody;

impl Builder for Nobody {
    fn build(&self, job: &Job, _: Report) -> (Vec<Built>, Read) {
        let newest =
            job.newest.iter().map(|newest| nobody(job, newest.as_deref().unwrap_or(Path::new(""))));
        (newest.collect(), Read::default())
    }
}

/// The program that there is.
fn nobody(job: &Job, binary: &Path) -> Built {
    // Beside it are its libraries.
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
