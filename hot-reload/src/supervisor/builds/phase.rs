//! The phase of a build in which build scripts run, which may write any file.

use crate::lock::lock;
use crate::supervisor::{packages::LocalPackage, paths::changed_at};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

/// The state of local build scripts, and of the user's build command, in the current build.
#[derive(Debug, Clone, Default)]
pub(in crate::supervisor) struct ScriptPhase(Arc<Mutex<Phase>>);

#[derive(Debug, Default)]
struct Phase {
    runs: bool,
    /// Time at which the last of them ended.
    ended: Option<SystemTime>,
    /// Packages with build scripts in the last build.
    packages: BTreeSet<PathBuf>,
    /// Packages whose scripts that build did not need.
    unused: BTreeSet<PathBuf>,
}

impl ScriptPhase {
    pub(super) fn begin(&self) {
        self.with(|phase| phase.runs = true);
    }

    /// Begins a build of these packages, and returns those whose scripts are awaited.
    pub(super) fn begin_of<'p>(
        &self,
        packages: impl Iterator<Item = &'p LocalPackage>,
    ) -> BTreeSet<PathBuf> {
        let packages = packages.filter(|package| package.has_build_script);
        let mut awaited = packages.map(|package| package.folder.clone()).collect::<BTreeSet<_>>();
        self.with(|phase| {
            phase.packages.clone_from(&awaited);
            awaited.retain(|folder| !phase.unused.contains(folder));
            phase.runs |= !awaited.is_empty();
        });
        awaited
    }

    pub(super) fn end(&self) {
        self.with(|phase| {
            if std::mem::take(&mut phase.runs) {
                phase.ended = Some(SystemTime::now());
            }
        });
    }

    /// Notes that a good build has run the scripts of these packages and of no others.
    pub(in crate::supervisor) fn ran<'p>(&self, packages: impl Iterator<Item = &'p PathBuf>) {
        let ran = packages.collect::<BTreeSet<_>>();
        self.with(|phase| {
            let unused = phase.packages.iter().filter(|folder| !ran.contains(folder));
            phase.unused = unused.cloned().collect();
        });
    }

    /// Begins a build in which no script has run yet.
    pub(in crate::supervisor) fn reset(&self) {
        self.with(|phase| (phase.runs, phase.ended) = (false, None));
    }

    /// Returns true if a script may have written a file that has changed during the build.
    pub(in crate::supervisor) fn may_have_written(&self, file: &Path) -> bool {
        let changed = changed_at(file);
        self.with(|phase| {
            // A file that is gone has no time.
            let written_by = |ended| changed.is_none_or(|changed| changed <= ended);
            phase.runs || phase.ended.is_some_and(written_by)
        })
    }

    fn with<T>(&self, read: impl FnOnce(&mut Phase) -> T) -> T {
        read(&mut lock(&self.0))
    }
}
