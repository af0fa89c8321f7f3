//! What the renderer is built from, as contents: what changed is what hashes differently.

mod names;
mod roots;
mod stamp;
mod walk;

pub(super) use roots::{Roots, Saved};

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

/// What a look has found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    /// Files that were there before and are other now, or gone.
    pub(super) altered: BTreeSet<PathBuf>,
    /// Files that were not there before.
    pub(super) new: BTreeSet<PathBuf>,
    /// Those of the altered files that begin with what they held before.
    pub(super) appended: BTreeSet<PathBuf>,
    /// A file that has just become empty: it is probably being written.
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
    /// Whether this file was there at the last look.
    pub(super) fn knows(&self, file: &Path) -> bool {
        self.files.contains_key(file)
    }

    /// Looks at everything; `touched` files are read whatever their times say.
    pub(super) fn look(&mut self, roots: &Roots, touched: &BTreeSet<PathBuf>) -> Changes {
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
                // One that nobody is known to read is nobody's save: a log, say.
                None if counts => {
                    changes.emptied |= stamp.len == 0;
                    changes.new.insert(path.clone());
                }
                None => {}
                Some(Stamp { hash: Some(hash), .. }) if counts && stamp.hash != Some(hash) => {
                    changes.altered(&path, &stamp);
                }
                // It came between the build that has missed it and the word about that.
                Some(Stamp { hash: None, .. }) if counts && roots.is_missed(&path) => {
                    changes.new.insert(path.clone());
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
                    let counts = before.hash.is_some();
                    stamps.push((path, before, Stamp::of(path, counts, Some(before), true)?));
                }
                // What an editor writes first, and then moves to its place.
                None if is_left_by_an_editor(path) || !path.exists() => {}
                None => return None,
            }
        }
        // Only now: what is taken for known here is no change for a look at everything.
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
mod tests;
