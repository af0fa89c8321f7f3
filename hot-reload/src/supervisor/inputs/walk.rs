//! A walk over the sources that finds every file that may matter and every folder to watch.

use super::names::{is_left_alone, is_left_by_an_editor};
use super::roots::Roots;
use crate::supervisor::paths::canonical;
use crate::supervisor::{
    paths::{nearest_folder, places},
    scripts::Reruns,
};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The files and folders that a walk has found.
#[derive(Debug, Default)]
pub(super) struct Walked {
    /// Files, each with true if it counts.
    pub(super) files: BTreeMap<PathBuf, bool>,
    pub(super) folders: BTreeSet<PathBuf>,
}

/// The part of a folder that a walk looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum View {
    /// Files that are not hidden, without linked folders.
    Visible,
    /// Everything that cargo scans for a build script: hidden files and linked folders too.
    Scanned,
}

/// A walk through one folder.
struct Walk<'r> {
    roots: &'r Roots,
    /// True if every file counts, not only sources.
    whole: bool,
    view: View,
    walked: Walked,
    /// Linked folders that were followed.
    linked: BTreeSet<PathBuf>,
}

impl Roots {
    /// Looks at every folder that may hold an input.
    pub(super) fn walk(&self) -> Walked {
        let mut all = Walked::default();
        for (package, has_build_script) in &self.packages {
            let whole = self.is_whole(package, *has_build_script);
            let view = if whole && *has_build_script { View::Scanned } else { View::Visible };
            all.add(self.walk_folder(package, whole, view));
        }
        // Walked one by one: a folder inside another, or inside a package, was already walked with
        // other rules, but its files still count.
        for folder in &self.ingredients {
            match () {
                () if folder.is_dir() => all.add(self.walk_folder(folder, false, View::Visible)),
                () if folder.is_file() => all.add_file(folder),
                () => all.folders.extend(nearest_folder(folder)),
            }
        }
        for folder in &self.assets {
            all.add(self.walk_folder(folder, true, View::Visible));
            // The parent folder is watched too, so that a removed folder is noticed when it
            // returns.
            all.folders.extend(folder.parent().filter(|above| above.is_dir()).map(PathBuf::from));
        }
        let named = self.scripts.0.values().filter_map(|reruns| match reruns {
            Reruns::Named(paths) => Some(paths),
            Reruns::AnyFile => None,
        });
        for path in named.flatten().filter(|path| !self.is_built(path)) {
            if path.is_dir() {
                all.add(self.walk_folder(path, true, View::Scanned));
            }
            all.add_file(path);
        }
        for path in &self.missing {
            all.add_file(path);
        }
        for file in self.files.iter().chain(&self.known).chain(&self.artifacts).chain(&self.owner) {
            // Watch the file's folder, where a save by rename happens, and that of a link's target.
            for file in [file.clone(), canonical(file)] {
                let folder = file.parent().filter(|folder| folder.is_dir());
                all.folders.extend(folder.map(PathBuf::from));
            }
            // A built file may be the first in its folder.
            if self.artifacts.contains(file) {
                all.folders.extend(file.parent().and_then(nearest_folder));
            }
            if file.is_file() {
                all.files.insert(file.clone(), true);
            }
        }
        all
    }

    fn walk_folder(&self, folder: &Path, whole: bool, view: View) -> Walked {
        let walked = Walked::default();
        let mut walk = Walk { roots: self, whole, view, walked, linked: BTreeSet::new() };
        walk.enter(folder, true);
        walk.walked.folders.retain(|folder| folder.is_dir());
        walk.walked
    }
}

impl Walked {
    fn add(&mut self, other: Walked) {
        for (file, counts) in other.files {
            *self.files.entry(file).or_default() |= counts;
        }
        self.folders.extend(other.folders);
    }

    /// Adds a file that counts, whether it exists or not.
    fn add_file(&mut self, file: &Path) {
        self.folders.extend(places(file));
        let real = canonical(file);
        if real.is_file() {
            self.files.insert(real, true);
        }
    }
}

impl Walk<'_> {
    fn enter(&mut self, folder: &Path, top: bool) {
        let made = !top && self.roots.left_out.iter().any(|it| it == folder);
        let real = canonical(folder);
        if made || self.roots.is_built(&real) || !self.walked.folders.insert(folder.to_path_buf()) {
            return;
        }
        // A build command may well build packages.
        let nested =
            !top && !self.roots.is_ingredient(folder) && folder.join("Cargo.toml").is_file();
        let known = || self.roots.packages.iter().any(|(package, _)| package == folder);
        if nested && self.view == View::Visible && !known() {
            return; // another package, which is not ours to build
        }
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let alone = match self.view {
                View::Visible => is_left_alone(&path),
                View::Scanned => is_left_by_an_editor(&path) || entry.file_name() == ".git",
            };
            if alone {
                continue;
            }
            let linked = entry.file_type().is_ok_and(|kind| kind.is_symlink());
            if linked {
                self.walked.folders.extend(canonical(&path).parent().map(PathBuf::from));
            }
            if path.is_dir() {
                let follows = !linked || self.follows(&path);
                if follows && !path.join("CACHEDIR.TAG").is_file() {
                    self.enter(&path, false);
                }
            } else {
                let counts = self.roots.counts(&path, self.whole);
                self.walked.files.insert(path, counts);
            }
        }
    }

    /// Returns true if a linked folder is to be followed: only once each, since it may contain
    /// itself.
    fn follows(&mut self, link: &Path) -> bool {
        self.view == View::Scanned && self.linked.insert(canonical(link))
    }
}
