//! The paths that the system's events named, and when a save began.

use super::Saved;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The paths that events named, each with the time of its first event.
#[derive(Debug, Default)]
pub(in crate::supervisor) struct Touched {
    first: BTreeMap<PathBuf, Instant>,
}

impl Touched {
    /// Adds an event. Events arrive in order, so the first one of a path stands.
    pub(in crate::supervisor) fn add(&mut self, path: PathBuf, at: Instant) {
        self.first.entry(path).or_insert(at);
    }

    pub(super) fn contains(&self, path: &Path) -> bool {
        self.first.contains_key(path)
    }

    pub(super) fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.first.keys()
    }

    /// Returns the time of the first event of any of the saved files, or `None` if no event named
    /// one. Events of other files in the same folders do not count: they may have nothing to do
    /// with the save.
    pub(in crate::supervisor) fn begun(&self, saved: &Saved) -> Option<Instant> {
        saved.changed().filter_map(|file| self.first_of(file)).min()
    }

    /// Returns the time of the first event of a file, or else of a folder that contains it: a
    /// folder that is moved into place has a single event for all of its files.
    fn first_of(&self, file: &Path) -> Option<Instant> {
        file.ancestors().find_map(|path| self.first.get(path)).copied()
    }
}
