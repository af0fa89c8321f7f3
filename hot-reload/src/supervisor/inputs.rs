//! The contents that the renderer is built from: a file has changed if its hash has.

mod names;
mod roots;
mod stamp;
mod touched;
mod walk;

pub(super) use roots::{Roots, Saved};
pub(super) use touched::Touched;

use names::is_left_by_an_editor;
use stamp::Stamp;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use walk::Walked;

/// The contents as of the last look.
#[derive(Debug, Default)]
pub(super) struct Inputs {
    files: BTreeMap<PathBuf, Stamp>,
    pub(super) folders: BTreeSet<PathBuf>,
}

/// The changes that a look has found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    /// Files that existed before and have changed or are gone.
    pub(super) altered: BTreeSet<PathBuf>,
    /// Files that did not exist before.
    pub(super) new: BTreeSet<PathBuf>,
    /// Altered files whose old content is a prefix of the new one.
    pub(super) appended: BTreeSet<PathBuf>,
    /// True if a file has just become empty: it is probably being written.
    pub(super) emptied: bool,
}

impl Changes {
    pub(super) fn extend(&mut self, later: Changes) {
        self.emptied = later.emptied;
        self.appended.retain(|file| !later.altered.contains(file));
        self.appended.extend(later.appended);
        self.altered.extend(later.altered);
        self.new.extend(later.new);
    }

    fn altered(&mut self, path: &Path, now: &Stamp) {
        self.emptied |= now.len == 0;
        self.altered.insert(path.to_path_buf());
        if now.appended {
            self.appended.insert(path.to_path_buf());
        }
    }
}

impl Inputs {
    /// Returns true if this file existed at the last look.
    pub(super) fn knows(&self, file: &Path) -> bool {
        self.files.contains_key(file)
    }

    /// Looks at all files; reads `touched` files whatever their times say.
    pub(super) fn look(&mut self, roots: &Roots, touched: &Touched) -> Changes {
        let Walked { files, folders } = roots.walk();
        self.folders = folders;
        let mut changes = Changes::default();
        let mut stamps = BTreeMap::new();
        for (path, counts) in files {
            let before = self.files.get(&path).copied();
            let Some(stamp) = Stamp::of(&path, counts, before, touched.contains(&path)) else {
                continue;
            };
            match before {
                // A new file that no build is known to read is not a save: it may be a log.
                None if counts => {
                    changes.emptied |= stamp.len == 0;
                    changes.new.insert(path.clone());
                }
                None => {}
                Some(Stamp { hash: Some(hash), .. }) if counts && stamp.hash != Some(hash) => {
                    changes.altered(&path, &stamp);
                }
                // The file appeared between the build that missed it and the report of that.
                Some(Stamp { hash: None, .. }) if counts && roots.is_missed(&path) => {
                    changes.new.insert(path.clone());
                }
                // The file has just become relevant: its earlier content was never read.
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
    /// Looks at these files only. Returns `None` if that is not enough because one of them is new,
    /// gone, or a folder.
    pub(super) fn look_at(&mut self, touched: &Touched) -> Option<Changes> {
        let mut stamps = Vec::new();
        for path in touched.paths() {
            match self.files.get(path) {
                Some(&before) => {
                    let counts = before.hash.is_some();
                    stamps.push((path, before, Stamp::of(path, counts, Some(before), true)?));
                }
                // A temporary file that an editor writes and then moves into place.
                None if is_left_by_an_editor(path) || !path.exists() => {}
                None => return None,
            }
        }
        // Updated only at the end: a later full look must still find these changes if this one
        // gives up.
        let mut changes = Changes::default();
        for (path, before, now) in stamps {
            if now.hash != before.hash {
                changes.altered(path, &now);
            }
            self.files.insert(path.clone(), now);
        }
        Some(changes)
    }
}

#[cfg(test)]
pub(super) mod tests;
