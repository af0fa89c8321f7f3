//! What the renderer is built from, as contents: what changed is what hashes differently.

mod roots;

pub(super) use roots::{Roots, Saved};

use roots::is_left_alone;
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::hash::Hasher;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The contents as of the last look.
#[derive(Debug, Default)]
pub(super) struct Inputs {
    files: BTreeMap<PathBuf, Stamp>,
    pub(super) folders: BTreeSet<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    len: u64,
    modified: Option<SystemTime>,
    /// `None` for a file that only counts by being there.
    hash: Option<u64>,
}

/// What a look has found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    /// Files that were there before and are other now, or gone.
    pub(super) altered: BTreeSet<PathBuf>,
    /// Files that were not there before.
    pub(super) new: BTreeSet<PathBuf>,
    /// A file that has just become empty: it is probably being written.
    pub(super) emptied: bool,
}

impl Changes {
    pub(super) fn extend(&mut self, later: Changes) {
        self.emptied = later.emptied;
        self.altered.extend(later.altered);
        self.new.extend(later.new);
    }

    pub(super) fn all(self) -> BTreeSet<PathBuf> {
        let Changes { mut altered, new, .. } = self;
        altered.extend(new);
        altered
    }
}

impl Inputs {
    /// Whether this file was there at the last look.
    pub(super) fn knows(&self, file: &Path) -> bool {
        self.files.contains_key(file)
    }

    /// Looks at everything; `touched` files are read whatever their times say.
    pub(super) fn look(&mut self, roots: &Roots, touched: &BTreeSet<PathBuf>) -> Changes {
        let (files, folders) = roots.walk();
        self.folders = folders;
        let mut changes = Changes::default();
        let mut stamps = BTreeMap::new();
        for (path, counts) in files {
            let before = self.files.get(&path).copied();
            let Some(stamp) = stamp(&path, counts, before, touched) else {
                continue;
            };
            match before {
                None => {
                    changes.emptied |= stamp.len == 0;
                    changes.new.insert(path.clone());
                }
                Some(Stamp { hash: Some(hash), .. }) if counts && stamp.hash != Some(hash) => {
                    changes.emptied |= stamp.len == 0;
                    changes.altered.insert(path.clone());
                }
                // A file that has just become known: what it was before, nobody has looked at.
                Some(_) => {}
            }
            stamps.insert(path, stamp);
        }
        let gone = self
            .files
            .iter()
            .filter(|(path, stamp)| stamp.hash.is_some() && !stamps.contains_key(*path));
        changes.altered.extend(gone.map(|(path, _)| path.clone()));
        self.files = stamps;
        changes
    }
}

impl Inputs {
    /// Looks at these files alone. `None` where that is not enough: one of them is new, gone, or a
    /// folder.
    pub(super) fn look_at(&mut self, touched: &BTreeSet<PathBuf>) -> Option<Changes> {
        let mut stamps = Vec::new();
        for path in touched {
            match self.files.get(path) {
                Some(&before) => {
                    stamps.push((
                        path,
                        before,
                        stamp(path, before.hash.is_some(), Some(before), touched)?,
                    ));
                }
                // What an editor writes first, and then moves to its place.
                None if is_left_alone(path) || !path.exists() => {}
                None => return None,
            }
        }
        // Only now: what is taken for known here is no change for a look at everything.
        let mut changes = Changes::default();
        for (path, before, now) in stamps {
            if now.hash != before.hash {
                changes.emptied |= now.len == 0;
                changes.altered.insert(path.clone());
            }
            self.files.insert(path.clone(), now);
        }
        Some(changes)
    }
}

/// Reads a file only when its times or an event say that it may have changed.
fn stamp(
    path: &Path,
    counts: bool,
    before: Option<Stamp>,
    touched: &BTreeSet<PathBuf>,
) -> Option<Stamp> {
    let metadata = fs::metadata(path).ok()?;
    let (len, modified) = (metadata.len(), metadata.modified().ok());
    if !counts {
        return Some(Stamp { len, modified, hash: None });
    }
    let same = before.filter(|it| it.len == len && it.modified == modified && it.hash.is_some());
    if same.is_some() && !touched.contains(path) {
        return same;
    }
    let mut hasher = DefaultHasher::new();
    hasher.write(&fs::read(path).ok()?);
    Some(Stamp { len, modified, hash: Some(hasher.finish()) })
}

#[cfg(test)]
mod tests;
