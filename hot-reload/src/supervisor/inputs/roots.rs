//! Which files count, and what for.

use crate::supervisor::workspace::{Workspace, canonical, configurations};
use crate::supervisor::workspaces::Workspaces;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Which files count.
#[derive(Debug, Clone, Default)]
pub(in crate::supervisor) struct Roots {
    /// Folders of packages, and whether every file in them counts (there is a build script).
    pub(super) packages: Vec<(PathBuf, bool)>,
    /// Files outside of packages: manifests, lock file, configuration, toolchain; they need not
    /// exist.
    pub(super) files: BTreeSet<PathBuf>,
    /// Files that the compiler is known to have read, wherever they are.
    pub(super) known: BTreeSet<PathBuf>,
    /// Folders of which every file counts, but is no source.
    pub(super) assets: Vec<PathBuf>,
    /// Files that somebody builds beside the renderer's program, and which are run with it.
    pub(super) artifacts: BTreeSet<PathBuf>,
    /// Folders and files that a build command reads; every file counts but what it makes.
    pub(super) ingredients: Vec<PathBuf>,
    /// Where a build command writes to.
    pub(super) left_out: Vec<PathBuf>,
    /// What is built, and must not be looked at.
    pub(super) target: PathBuf,
}

/// Files whose contents have changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::supervisor) struct Saved {
    /// What the renderer is built from.
    pub(in crate::supervisor) sources: BTreeSet<PathBuf>,
    /// What it reads at run time, each with its folder.
    pub(in crate::supervisor) assets: Vec<(PathBuf, PathBuf)>,
    /// Something that a build command reads.
    pub(in crate::supervisor) ingredients: BTreeSet<PathBuf>,
    /// What is built by somebody else.
    pub(in crate::supervisor) artifacts: BTreeSet<PathBuf>,
}

impl Saved {
    pub(in crate::supervisor) fn is_empty(&self) -> bool {
        self.builds_nothing() && self.assets.is_empty()
    }

    /// Whether no program is another for it.
    pub(in crate::supervisor) fn builds_nothing(&self) -> bool {
        self.sources.is_empty() && self.ingredients.is_empty() && self.artifacts.is_empty()
    }
}

impl Roots {
    pub(in crate::supervisor) fn new(workspaces: &Workspaces) -> Self {
        let Workspace { root, target, .. } = &workspaces.own;
        let mut files = BTreeSet::from_iter(configurations(root));
        for name in ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "rust-toolchain"] {
            files.insert(root.join(name));
        }
        files.extend(workspaces.suspects.iter().cloned());
        let packages = workspaces.packages();
        let packages = packages.map(|package| (package.folder.clone(), package.has_build_script));
        let target = canonical(target);
        Roots { packages: packages.collect(), files, target, ..Roots::default() }
    }

    /// Where to look when cargo could not say what there is: the manifests above some folders up to the
    /// workspace's, and those below that.
    pub(in crate::supervisor) fn manifests(folders: &[PathBuf]) -> BTreeSet<PathBuf> {
        let mut files = BTreeSet::new();
        for folder in folders {
            let above = folder.ancestors().filter(|above| above.join("Cargo.toml").is_file());
            for folder in above {
                let manifest = folder.join("Cargo.toml");
                let text = fs::read_to_string(&manifest).unwrap_or_default();
                files.insert(canonical(&manifest));
                if text.contains("[workspace") {
                    manifests_below(folder, DEPTH, &mut files);
                    break;
                }
            }
        }
        files
    }

    /// Adds files outside of packages.
    pub(in crate::supervisor) fn extend(&mut self, files: BTreeSet<PathBuf>) {
        self.files.extend(files);
    }

    /// Adds what is built without cargo, by a command or by somebody else.
    ///
    /// Where an artifact lies is where the command leaves everything else that it makes: the folder
    /// among the ingredients that it is in, however deep, holds no source.
    pub(in crate::supervisor) fn with_recipe(
        mut self,
        artifacts: &BTreeSet<PathBuf>,
        ingredients: &[PathBuf],
    ) -> Self {
        self.artifacts.extend(artifacts.iter().map(|file| {
            let folder = file.parent().map(canonical);
            folder.zip(file.file_name()).map_or(file.clone(), |(folder, name)| folder.join(name))
        }));
        self.ingredients.extend(ingredients.iter().map(|folder| canonical(folder)));
        for artifact in &self.artifacts {
            for ingredient in &self.ingredients {
                let within = artifact.strip_prefix(ingredient).ok().and_then(Path::parent);
                let first = within.and_then(|folder| folder.components().next());
                self.left_out.extend(first.map(|first| ingredient.join(first)));
            }
        }
        self
    }

    /// Adds the folders of assets, which may be named from the root.
    pub(in crate::supervisor) fn with_assets(mut self, root: &Path, folders: &[PathBuf]) -> Self {
        for folder in folders {
            let folder = canonical(&root.join(folder));
            if !folder.is_dir() {
                crate::log::warn!(
                    "the asset folder {} is not there: what is put there is told from then on",
                    folder.display()
                );
            }
            self.assets.push(folder);
        }
        self
    }

    /// Tells assets from sources; a file can be both.
    pub(in crate::supervisor) fn tell_apart(&self, files: BTreeSet<PathBuf>) -> Saved {
        let mut saved = Saved::default();
        for file in files {
            if self.artifacts.contains(&file) {
                saved.artifacts.insert(file);
                continue;
            }
            let asset = self.assets.iter().find(|folder| file.starts_with(folder));
            let foreign = self.ingredients.iter().any(|folder| file.starts_with(folder));
            if foreign && !is_made(&file) {
                saved.ingredients.insert(file.clone());
            }
            let whole = |(package, whole): &(PathBuf, bool)| *whole && file.starts_with(package);
            let read = self.known.contains(&file) || self.files.contains(&file);
            // Also one that the compiler has not met yet; what is read by others can be anything else,
            // `.toml` for one.
            let built = read || is_rust(&file) && self.is_of_package(&file);
            if asset.is_none() && !foreign || built || self.packages.iter().any(whole) {
                saved.sources.insert(file.clone());
            }
            if let Some(folder) = asset {
                saved.assets.push((file, folder.clone()));
            }
        }
        saved
    }

    /// Whether a build command may read it.
    fn is_ingredient(&self, file: &Path) -> bool {
        self.ingredients.iter().any(|folder| file.starts_with(folder)) && !is_made(file)
    }

    /// Adds what the compiler says that it has read, or failed to.
    pub(in crate::supervisor) fn know(&mut self, files: impl IntoIterator<Item = PathBuf>) {
        let target = self.target.clone();
        let files = files.into_iter().map(|file| canonical(&file));
        // Everything starts with an empty path.
        let built = |file: &Path| !target.as_os_str().is_empty() && file.starts_with(&target);
        self.known.extend(files.filter(|file| !built(file)));
    }

    /// Whether a file is somebody else's work, or an asset.
    pub(in crate::supervisor) fn is_delivered(&self, file: &Path) -> bool {
        let of = |folders: &[PathBuf]| folders.iter().any(|folder| file.starts_with(folder));
        self.artifacts.contains(file) || of(&self.assets)
    }

    /// Whether a file lies in a package, where it is seen from its first moment on.
    pub(in crate::supervisor) fn is_of_package(&self, file: &Path) -> bool {
        self.packages.iter().any(|(folder, _)| file.starts_with(folder))
    }

    /// Whether a change of this file starts a build.
    fn counts(&self, file: &Path, whole_package: bool) -> bool {
        let source = file.extension().is_some_and(|it| it == "rs" || it == "toml" || it == "lock");
        let foreign = self.is_ingredient(file) || self.artifacts.contains(file);
        source || foreign || whole_package || self.known.contains(file) || self.files.contains(file)
    }

    /// Every file that may matter with whether it counts, and every folder to watch.
    pub(super) fn walk(&self) -> (BTreeMap<PathBuf, bool>, BTreeSet<PathBuf>) {
        let (mut files, mut folders) = (BTreeMap::new(), BTreeSet::new());
        for (package, whole) in &self.packages {
            self.walk_folder(package, *whole, true, &mut files, &mut folders);
        }
        // Each on its own: one that is inside of another, or of a package, was walked already, and counts
        // all the same.
        for folder in &self.ingredients {
            let (mut own, mut beneath) = (BTreeMap::new(), BTreeSet::new());
            if folder.is_dir() {
                self.walk_folder(folder, false, true, &mut own, &mut beneath);
            } else if folder.is_file() {
                own.insert(folder.clone(), true);
                beneath.extend(folder.parent().map(PathBuf::from));
            } else {
                beneath.extend(nearest_folder(folder));
            }
            for (file, counts) in own {
                *files.entry(file).or_default() |= counts;
            }
            folders.extend(beneath.into_iter().filter(|folder| folder.is_dir()));
        }
        for folder in &self.assets {
            let (mut own, mut beneath) = (BTreeMap::new(), BTreeSet::new());
            self.walk_folder(folder, true, true, &mut own, &mut beneath);
            files.extend(own);
            folders.extend(beneath.into_iter().filter(|folder| folder.is_dir()));
            // Where it is made again when it is gone.
            folders.extend(folder.parent().filter(|above| above.is_dir()).map(PathBuf::from));
        }
        for file in self.files.iter().chain(&self.known).chain(&self.artifacts) {
            // The folder that a save by rename happens in, and that of the file behind a link.
            for file in [file.clone(), canonical(file)] {
                folders.extend(file.parent().filter(|folder| folder.is_dir()).map(PathBuf::from));
            }
            // What is built may be the first in its folder.
            if self.artifacts.contains(file) {
                folders.extend(file.parent().and_then(nearest_folder));
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
        let made = !top && self.left_out.iter().any(|it| it == folder);
        if made || canonical(folder) == self.target || !folders.insert(folder.to_path_buf()) {
            return;
        }
        // What a command builds may well be packages.
        let nested = !top && !self.is_ingredient(folder) && folder.join("Cargo.toml").is_file();
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

/// So deep below a workspace's root are its packages looked for.
const DEPTH: u32 = 6;

/// The manifests in the folders below this one, but for what is built.
fn manifests_below(folder: &Path, depth: u32, files: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if depth == 0 || !is_folder || is_left_alone(&path) || path.join("CACHEDIR.TAG").is_file() {
            continue;
        }
        let manifest = path.join("Cargo.toml");
        if manifest.is_file() {
            files.insert(canonical(&manifest));
        }
        manifests_below(&path, depth - 1, files);
    }
}

/// Hidden files, and what editors leave beside the file that they save.
pub(super) fn is_left_alone(path: &Path) -> bool {
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

/// The folder, or the nearest above it that is there.
fn nearest_folder(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().find(|above| above.is_dir()).map(PathBuf::from)
}

fn is_rust(file: &Path) -> bool {
    file.extension().is_some_and(|ending| ending == "rs")
        || file.file_name().is_some_and(|name| name == "Cargo.toml")
}

/// What a compiler leaves beside its sources, where it is told nothing else.
fn is_made(file: &Path) -> bool {
    const ENDINGS: [&str; 12] =
        ["o", "obj", "d", "a", "lib", "pdb", "ilk", "exp", "so", "dylib", "dll", "tmp"];
    file.extension().is_some_and(|ending| ENDINGS.iter().any(|made| ending == *made))
}
