//! What the renderer is built from, as contents: what changed is what hashes differently.

use super::workspace::{Workspace, canonical, configurations};
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::hash::Hasher;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Which files count.
#[derive(Debug, Clone, Default)]
pub(super) struct Roots {
    /// Folders of packages, and whether every file in them counts (there is a build script).
    packages: Vec<(PathBuf, bool)>,
    /// Files outside of packages: manifests, lock file, configuration, toolchain; they need not
    /// exist.
    files: BTreeSet<PathBuf>,
    /// Files that the compiler is known to have read, wherever they are.
    known: BTreeSet<PathBuf>,
    /// Folders of which every file counts, but is no source.
    assets: Vec<PathBuf>,
    /// What is built, and must not be looked at.
    target: PathBuf,
}

/// Files whose contents have changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Saved {
    /// What the renderer is built from.
    pub(super) sources: BTreeSet<PathBuf>,
    /// What it reads at run time, each with its folder.
    pub(super) assets: Vec<(PathBuf, PathBuf)>,
}

impl Saved {
    pub(super) fn is_empty(&self) -> bool {
        self.sources.is_empty() && self.assets.is_empty()
    }
}

impl Roots {
    pub(super) fn new(workspace: &Workspace) -> Self {
        let root = &workspace.root;
        let mut files = BTreeSet::from_iter(configurations(root));
        for name in ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "rust-toolchain"] {
            files.insert(root.join(name));
        }
        let packages = workspace.packages.iter();
        let packages = packages.map(|package| (package.folder.clone(), package.has_build_script));
        let target = canonical(&workspace.target);
        Roots { packages: packages.collect(), files, target, ..Roots::default() }
    }

    /// Where to look when cargo could not say what there is: the manifests above some folders.
    pub(super) fn manifests(folders: &[PathBuf]) -> Self {
        let above = folders.iter().flat_map(|folder| folder.ancestors());
        let files = above.map(|folder| folder.join("Cargo.toml")).filter(|file| file.is_file());
        Roots { files: files.collect(), ..Roots::default() }
    }

    /// One file, which somebody else builds.
    pub(super) fn artifact(program: &Path) -> Self {
        Roots { files: BTreeSet::from([program.to_path_buf()]), ..Roots::default() }
    }

    /// Adds the folders of assets, which may be named from the root.
    pub(super) fn with_assets(mut self, root: &Path, folders: &[PathBuf]) -> Self {
        for folder in folders {
            let folder = canonical(&root.join(folder));
            if !folder.is_dir() {
                tracing::warn!(
                    "the asset folder {} is not there: what is put there is told from then on",
                    folder.display()
                );
            }
            self.assets.push(folder);
        }
        self
    }

    /// Tells assets from sources; a file can be both.
    pub(super) fn tell_apart(&self, files: BTreeSet<PathBuf>) -> Saved {
        let mut saved = Saved::default();
        for file in files {
            let folder = self.assets.iter().find(|folder| file.starts_with(folder));
            let whole = |(package, whole): &(PathBuf, bool)| *whole && file.starts_with(package);
            let read = self.known.contains(&file) || self.files.contains(&file);
            // Also one that the compiler has not met yet; assets can be anything else, `.toml` for one.
            let rust = file.extension().is_some_and(|ending| ending == "rs");
            let rust = rust || file.file_name().is_some_and(|name| name == "Cargo.toml");
            let built = read || rust && self.is_of_package(&file);
            if folder.is_none() || built || self.packages.iter().any(whole) {
                saved.sources.insert(file.clone());
            }
            if let Some(folder) = folder {
                saved.assets.push((file, folder.clone()));
            }
        }
        saved
    }

    /// Adds what the compiler says that it has read, or failed to.
    pub(super) fn know(&mut self, files: impl IntoIterator<Item = PathBuf>) {
        let target = self.target.clone();
        let files = files.into_iter().map(|file| canonical(&file));
        // Everything starts with an empty path.
        let built = |file: &Path| !target.as_os_str().is_empty() && file.starts_with(&target);
        self.known.extend(files.filter(|file| !built(file)));
    }

    /// Whether a file lies in a package, where it is seen from its first moment on.
    pub(super) fn is_of_package(&self, file: &Path) -> bool {
        self.packages.iter().any(|(folder, _)| file.starts_with(folder))
    }

    /// Whether a change of this file starts a build.
    fn counts(&self, file: &Path, whole_package: bool) -> bool {
        let source = file.extension().is_some_and(|it| it == "rs" || it == "toml" || it == "lock");
        source || whole_package || self.known.contains(file) || self.files.contains(file)
    }

    /// Every file that may matter with whether it counts, and every folder to watch.
    fn walk(&self) -> (BTreeMap<PathBuf, bool>, BTreeSet<PathBuf>) {
        let (mut files, mut folders) = (BTreeMap::new(), BTreeSet::new());
        for (package, whole) in &self.packages {
            self.walk_folder(package, *whole, true, &mut files, &mut folders);
        }
        for folder in &self.assets {
            // One that is inside of another, or of a package, was walked already: it counts all the same.
            let (mut own, mut beneath) = (BTreeMap::new(), BTreeSet::new());
            self.walk_folder(folder, true, true, &mut own, &mut beneath);
            files.extend(own);
            folders.extend(beneath.into_iter().filter(|folder| folder.is_dir()));
            // Where it is made again when it is gone.
            folders.extend(folder.parent().filter(|above| above.is_dir()).map(PathBuf::from));
        }
        for file in self.files.iter().chain(&self.known) {
            // The folder that a save by rename happens in, and that of the file behind a link.
            for file in [file.clone(), canonical(file)] {
                folders.extend(file.parent().filter(|folder| folder.is_dir()).map(PathBuf::from));
            }
            if file.is_file() {
                files.insert(file.clone(), true);
            }
        }
        (files, folders)
    }

    fn walk_folder(
        &self,
        folder: &Path,
        whole: bool,
        top: bool,
        files: &mut BTreeMap<PathBuf, bool>,
        folders: &mut BTreeSet<PathBuf>,
    ) {
        if canonical(folder) == self.target || !folders.insert(folder.to_path_buf()) {
            return;
        }
        let nested = !top && folder.join("Cargo.toml").is_file();
        if nested && !self.packages.iter().any(|(package, _)| package == folder) {
            return; // another package, which is not ours to build
        }
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if is_left_alone(&path) {
                continue;
            }
            let linked = entry.file_type().is_ok_and(|kind| kind.is_symlink());
            if linked {
                folders.extend(canonical(&path).parent().map(PathBuf::from));
            }
            if path.is_dir() {
                // A linked folder is not followed: it may lead back to where it lies.
                if !linked && !path.join("CACHEDIR.TAG").is_file() {
                    self.walk_folder(&path, whole, false, files, folders);
                }
            } else {
                let counts = self.counts(&path, whole);
                files.insert(path, counts);
            }
        }
    }
}

/// Hidden files, and what editors leave beside the file that they save.
fn is_left_alone(path: &Path) -> bool {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return true;
    };
    let swap = [".swp", ".swo", ".swx", ".bak", ".orig", ".rs.bk"];
    name.starts_with('.')
        || name.starts_with('#')
        || name.ends_with('~')
        || name == "4913"
        || name.contains("___jb_")
        || swap.iter().any(|ending| name.ends_with(ending))
}

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
