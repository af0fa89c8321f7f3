//! One hot build: by cargo, by the compiler directly where that is certain to be the same, or by
//! somebody else.

mod artifact;
mod cargo;
mod child;
mod command;
mod dep_info;
mod direct;
#[cfg(any(test, fuzzing))]
pub(crate) mod hostile;
mod job;
mod named;
mod phase;
mod progress;
mod script;
mod wrapper;

pub(super) use artifact::Artifact;
pub(super) use child::Cancel;
pub(super) use direct::DirectBuilds;
pub(super) use job::{Done, Due, Job, Recipe};
pub(super) use phase::ScriptPhase;

use super::read::Read;
use super::workspace::Workspace;
use super::workspaces::Workspaces;
use crate::status::BuiltBy;
use direct::Lesson;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Instant;
use wrapper::Wrapper;

/// What a build has come to for one part of the application.
#[derive(Debug, Clone)]
pub(super) enum Built {
    Program(Box<Program>),
    /// The compiler's messages.
    Failed {
        message: String,
    },
    /// There is nothing to build with, or nothing to take.
    CannotBuild {
        message: String,
    },
    Cancelled,
    /// What has changed is of other parts.
    Unconcerned,
}

impl From<Program> for Built {
    fn from(program: Program) -> Self {
        Built::Program(Box::new(program))
    }
}

/// What a build leaves to be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Program {
    pub(super) binary: PathBuf,
    /// Dynamic libraries of local packages, which must lie beside it.
    pub(super) libraries: Vec<PathBuf>,
    /// What somebody else has built, the program itself perhaps, as it was found; it lies beside it as
    /// well.
    pub(super) artifacts: Vec<Artifact>,
    /// What the compiler has made is nobody else's, and may be moved.
    pub(super) builder: BuiltBy,
    /// Whether it may be the one that was built last.
    pub(super) fresh: bool,
    /// When the first compiler began and the last was through, as far as that is known.
    pub(super) compiled: Option<(Instant, Instant)>,
    /// What cargo has made, or found made, of local packages.
    pub(super) outputs: Vec<Output>,
}

/// A file that cargo has made of a local package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Output {
    /// The package's folder.
    pub(super) package: PathBuf,
    pub(super) file: PathBuf,
}

impl Program {
    /// A program that was not compiled now.
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

/// Files whose contents have changed, as of a build's begin.
#[derive(Debug, Clone, Default)]
pub(super) struct Changed {
    /// Since the last good build.
    pub(super) since_build: BTreeSet<PathBuf>,
    /// Since the last good build by cargo, which may take one of them for unchanged because of its
    /// time.
    pub(super) since_cargo: BTreeSet<PathBuf>,
}

impl Changed {
    /// A build begins that contains these as well.
    pub(super) fn extend(&mut self, files: BTreeSet<PathBuf>) {
        self.since_cargo.extend(files.iter().cloned());
        self.since_build.extend(files);
    }

    /// That build was good.
    pub(super) fn built_by(&mut self, builder: BuiltBy) {
        self.since_build.clear();
        if builder == BuiltBy::Cargo {
            self.since_cargo.clear();
        }
    }

    /// These parts were good, by cargo, and others were not.
    pub(super) fn built_in_part(&mut self, parts: &[&Workspace]) {
        let good = |file: &PathBuf| parts.iter().any(|part| part.owner_of(file).is_some());
        self.since_cargo.retain(|file| !good(file));
    }
}

/// Told how many crates are done, how many there are to do, and which are at work.
pub(super) type Report = Box<dyn Fn(u32, u32, String) + Send>;

/// What a build by cargo tells others, and is told.
pub(super) struct Progress {
    pub(super) cancel: Cancel,
    pub(super) scripts: ScriptPhase,
    pub(super) report: Report,
}

/// Builds every part by cargo, or the only one that has changed by the compiler. `unchanged` is what there is
/// of each part that can be built.
fn build(
    workspaces: &Workspaces,
    profile: &str,
    changed: &Changed,
    direct: &DirectBuilds,
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
    let mut known = direct.try_lock();
    let only = only.filter(|only| others_are_there(only));
    let doubt = match (only, &mut known) {
        (Some(only), Some(direct)) => match direct.build(only, &changed.since_build, cancel) {
            Ok((program, files)) => {
                let mut program = Some(program);
                let built = parts.iter().zip(unchanged).map(|(part, unchanged)| {
                    let new = (part.package == only.package).then(|| program.take()).flatten();
                    let built = new.map(Built::from).or_else(|| unchanged.clone());
                    built.unwrap_or(Built::Cancelled)
                });
                return (built.collect(), Read { files, ..Read::default() });
            }
            Err(doubt) => doubt.to_string(),
        },
        (None, _) => "what has changed concerns several parts".to_owned(),
        (_, None) => "the compiler is still being primed".to_owned(),
    };
    if cancel.is_wanted() {
        return (vec![Built::Cancelled; parts.len()], Read::default());
    }
    let wrapper = match &mut known {
        Some(known) => known.wrapper(&workspaces.own, profile),
        None => direct.wrapper(&workspaces.own),
    };
    direct.remember(wrapper.as_ref());
    let since_cargo = &changed.since_cargo;
    let begun = Instant::now();
    let (built, mut read) = cargo::build(&parts, profile, since_cargo, wrapper.as_ref(), progress);
    direct.took(begun.elapsed());
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
        None => direct.learn_later(lesson),
    }
    read.by_cargo = Some(doubt);
    (built, read)
}

/// Builds by cargo alone, and learns nothing from it; also what it has read.
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
