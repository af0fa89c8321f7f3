//! One hot build: by cargo, by the compiler directly if that is certain to give the same result, or
//! by another tool.

mod artifact;
mod cargo;
mod child;
mod command;
mod dep_info;
#[cfg(any(test, fuzzing))]
pub(crate) mod hostile;
mod job;
mod named;
mod phase;
mod progress;
mod rustc_replay;
mod script;
mod wrapper;

pub(super) use artifact::Artifact;
pub(super) use child::Cancel;
pub(super) use job::{Done, Due, Job, Recipe};
pub(super) use phase::ScriptPhase;
pub(super) use rustc_replay::SharedReplay;

use super::read::Read;
use super::workspace::Workspace;
use super::workspaces::Workspaces;
use crate::status::BuiltBy;
use rustc_replay::Lesson;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Instant;
use wrapper::Wrapper;

/// The result of a build for one part of the application.
#[derive(Debug, Clone)]
pub(super) enum Built {
    Program(Box<Program>),
    /// The compiler's messages.
    Failed {
        message: String,
    },
    /// The build could not begin, or left no program to take.
    CannotBuild {
        message: String,
    },
    Cancelled,
    /// The changes concern other parts.
    Unconcerned,
}

impl From<Program> for Built {
    fn from(program: Program) -> Self {
        Built::Program(Box::new(program))
    }
}

/// The files that a build leaves to be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Program {
    pub(super) binary: PathBuf,
    /// Dynamic libraries of local packages, which must be in the program's folder.
    pub(super) libraries: Vec<PathBuf>,
    /// Files built by other tools, possibly including the program itself, as they were found; they
    /// are put into the program's folder as well.
    pub(super) artifacts: Vec<Artifact>,
    /// Builder of the program. Files that the compiler has made are not shared and may be moved.
    pub(super) builder: BuiltBy,
    /// True if this may be the program that was built last.
    pub(super) fresh: bool,
    /// Time at which the first compiler began and the last one finished, if known.
    pub(super) compiled: Option<(Instant, Instant)>,
    /// Files of local packages that cargo has built or found up to date.
    pub(super) outputs: Vec<Output>,
}

/// A file that cargo has made for a local package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Output {
    /// Folder of the package.
    pub(super) package: PathBuf,
    pub(super) file: PathBuf,
}

impl Program {
    /// Creates a program that was found rather than compiled now.
    fn found(binary: PathBuf, libraries: Vec<PathBuf>, artifacts: Vec<Artifact>) -> Self {
        Program {
            binary,
            libraries,
            artifacts,
            builder: BuiltBy::Other,
            fresh: true,
            compiled: None,
            outputs: Vec::new(),
        }
    }
}

/// Files whose contents have changed by the time a build begins.
#[derive(Debug, Clone, Default)]
pub(super) struct Changed {
    /// Files changed since the last good build.
    pub(super) since_build: BTreeSet<PathBuf>,
    /// Files changed since the last good build by cargo, which may take one of them for unchanged
    /// because of its modification time.
    pub(super) since_cargo: BTreeSet<PathBuf>,
}

impl Changed {
    /// Adds the files of a build that begins.
    pub(super) fn extend(&mut self, files: BTreeSet<PathBuf>) {
        self.since_cargo.extend(files.iter().cloned());
        self.since_build.extend(files);
    }

    /// Records a good build.
    pub(super) fn built_by(&mut self, builder: BuiltBy) {
        self.since_build.clear();
        if builder == BuiltBy::Cargo {
            self.since_cargo.clear();
        }
    }

    /// Records that cargo has built these parts, but not others.
    pub(super) fn built_in_part(&mut self, parts: &[&Workspace]) {
        let good = |file: &PathBuf| parts.iter().any(|part| part.owner_of(file).is_some());
        self.since_cargo.retain(|file| !good(file));
    }
}

/// Callback with the number of crates that are done, their total, and the names of those at work.
pub(super) type Report = Box<dyn Fn(u32, u32, String) + Send>;

/// Connections of a build by cargo with other threads.
pub(super) struct Progress {
    pub(super) cancel: Cancel,
    pub(super) scripts: ScriptPhase,
    pub(super) report: Report,
}

/// Builds every part by cargo, or the only changed part by the compiler. `unchanged` holds the
/// current program of each part that can be built.
fn build(
    workspaces: &Workspaces,
    profile: &str,
    changed: &Changed,
    replay: &SharedReplay,
    progress: Progress,
    unchanged: &[Option<Built>],
) -> (Vec<Built>, Read) {
    let parts = workspaces.known();
    let cancel = &progress.cancel.clone();
    let only = match parts.as_slice() {
        [only] => Some(*only),
        _ => workspaces.only_part_with(&changed.since_build),
    };
    let others_are_there = |only: &Workspace| {
        let mut others =
            parts.iter().zip(unchanged).filter(|(part, _)| part.package != only.package);
        others.all(|(_, built)| built.is_some())
    };
    let mut known = replay.try_lock();
    let only = only.filter(|only| others_are_there(only));
    let needs_cargo = match (only, &mut known) {
        (Some(only), Some(replay)) => match replay.build(only, &changed.since_build, cancel) {
            Ok((program, files)) => {
                let mut program = Some(program);
                let built = parts.iter().zip(unchanged).map(|(part, unchanged)| {
                    let new = (part.package == only.package).then(|| program.take()).flatten();
                    let built = new.map(Built::from).or_else(|| unchanged.clone());
                    built.unwrap_or(Built::Cancelled)
                });
                return (built.collect(), Read { files, ..Read::default() });
            }
            Err(needs_cargo) => needs_cargo.to_string(),
        },
        (None, _) => "the changes concern several parts".to_owned(),
        (_, None) => "the compiler is still being primed".to_owned(),
    };
    if cancel.is_wanted() {
        return (vec![Built::Cancelled; parts.len()], Read::default());
    }
    let wrapper = match &mut known {
        Some(known) => known.wrapper(&workspaces.own, profile),
        None => replay.wrapper(&workspaces.own),
    };
    replay.remember(wrapper.as_ref());
    let since_cargo = &changed.since_cargo;
    let begun = Instant::now();
    let (built, mut read) = cargo::build(&parts, profile, since_cargo, wrapper.as_ref(), progress);
    replay.took(begun.elapsed());
    let lesson = Lesson {
        parts: parts.into_iter().cloned().collect(),
        built: built.clone(),
        scripts: read.scripts.clone(),
        calls: wrapper.as_ref().map(Wrapper::take).unwrap_or_default(),
        wrapper,
    };
    match &mut known {
        Some(known) => {
            known.learn(lesson);
            read.read_at = known.read_at();
        }
        None => replay.learn_later(lesson),
    }
    read.by_cargo = Some(needs_cargo);
    (built, read)
}

/// Builds by cargo alone, without learning from it. Returns the result and the files that cargo has
/// read.
pub(super) fn cargo_alone(
    workspace: &Workspace,
    profile: &str,
    changed: &Changed,
    cancel: &Cancel,
) -> (Built, Read) {
    let report = Box::new(|_, _, _: String| {});
    let progress = Progress { cancel: cancel.clone(), scripts: ScriptPhase::default(), report };
    let (mut built, read) =
        cargo::build(&[workspace], profile, &changed.since_cargo, None, progress);
    (built.pop().unwrap_or(Built::Cancelled), read)
}

/// Returns the parts that cargo has built successfully; `built` has one result for each part.
pub(super) fn built_by_cargo<'a>(
    workspaces: &'a Workspaces,
    built: &[Built],
) -> Vec<&'a Workspace> {
    let parts = std::iter::once(Some(&workspaces.own))
        .chain(workspaces.modules.iter().map(|it| it.as_ref().ok()));
    let good = parts.zip(built).filter(|(_, built)| match built {
        Built::Program(program) => program.builder == BuiltBy::Cargo,
        _ => false,
    });
    good.filter_map(|(part, _)| part).collect()
}
