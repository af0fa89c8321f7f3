//! One hot build: by cargo, or by the compiler directly where that is certain to be the same.

mod cargo;
mod child;
mod dep_info;
mod direct;
mod progress;
mod script;
mod wrapper;

pub(super) use child::Cancel;
pub(super) use direct::Direct;

use super::workspace::Workspace;
use crate::status::BuiltBy;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// What a build has come to.
#[derive(Debug)]
pub(super) enum Built {
    Program(Program),
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
    /// What the compiler has made is nobody else's, and may be moved.
    pub(super) builder: BuiltBy,
    /// Whether it may be the one that was built last.
    pub(super) fresh: bool,
    /// When the first compiler began and the last was through, as far as that is known.
    pub(super) compiled: Option<(Instant, Instant)>,
    /// What it was compiled from.
    pub(super) sources: Vec<PathBuf>,
    /// What cargo has made, or found made, of local packages.
    pub(super) outputs: Vec<PathBuf>,
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
}

/// Told how many crates are done, how many there are to do, and which are at work.
pub(super) type Report = Box<dyn Fn(u32, u32, String) + Send>;

/// Builds.
pub(super) fn build(
    workspace: &Workspace,
    profile: &str,
    changed: &Changed,
    direct: &mut Direct,
    cancel: &Cancel,
    report: Report,
) -> Built {
    match direct.build(workspace, &changed.since_build, cancel) {
        Ok(program) => return Built::Program(program),
        Err(doubt) => tracing::debug!("building by cargo: {doubt}"),
    }
    if cancel.is_wanted() {
        return Built::Cancelled;
    }
    let wrapper = direct.wrapper(workspace, profile);
    let built = cargo::build(workspace, profile, &changed.since_cargo, wrapper, cancel, report);
    direct.learn(workspace, &built);
    built
}

/// Builds by cargo alone, and learns nothing from it.
pub(super) fn cargo_alone(
    workspace: &Workspace,
    profile: &str,
    changed: &Changed,
    cancel: &Cancel,
) -> Built {
    cargo::build(workspace, profile, &changed.since_cargo, None, cancel, Box::new(|_, _, _| {}))
}

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
    Built::Program(Program {
        binary: artifact.to_path_buf(),
        libraries: Vec::new(),
        builder: BuiltBy::Other,
        fresh: true,
        compiled: None,
        sources: Vec::new(),
        outputs: Vec::new(),
    })
}
