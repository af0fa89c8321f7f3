//! The files that count, and their roles.

use super::Changes;
use super::names::{is_left_alone, is_made, is_rust};
use crate::supervisor::paths::canonical;
use crate::supervisor::{
    paths::resolved,
    read::Read,
    scripts::{Reruns, Scripts},
    workspace::{Workspace, configurations, read_small},
    workspaces::Workspaces,
};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The files that count.
#[derive(Debug, Clone, Default)]
pub(in crate::supervisor) struct Roots {
    /// Folders of packages, each with true if it has a build script.
    pub(super) packages: Vec<(PathBuf, bool)>,
    /// Inputs of the build scripts that have run.
    pub(super) scripts: Scripts,
    /// Files outside of packages: manifests, lock file, configuration, toolchain. They need not
    /// exist.
    pub(super) files: BTreeSet<PathBuf>,
    /// Files that the compiler is known to have read, wherever they are.
    pub(super) known: BTreeSet<PathBuf>,
    /// Paths that the last build has looked for in vain, as written.
    pub(super) missing: BTreeSet<PathBuf>,
    /// True if the last build failed: every file of a package may be the one that fixes it.
    pub(super) failed: bool,
    /// Sources of the owner, which no reload replaces.
    pub(super) owner: BTreeSet<PathBuf>,
    /// Folders whose files all count, but not as sources.
    pub(super) assets: Vec<PathBuf>,
    /// Files that other tools build and that are run with the renderer's program.
    pub(super) artifacts: BTreeSet<PathBuf>,
    /// Folders and files that a build command reads; every file in them counts, except its
    /// products.
    pub(super) ingredients: Vec<PathBuf>,
    /// Folders that a build command writes to.
    pub(super) left_out: Vec<PathBuf>,
    /// Folders that cargo builds in; they are not looked at.
    pub(super) built: Vec<PathBuf>,
}

/// Files whose contents have changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::supervisor) struct Saved {
    /// Sources of the renderer.
    pub(in crate::supervisor) sources: BTreeSet<PathBuf>,
    /// Files that the renderer reads at run time, each with its asset folder.
    pub(in crate::supervisor) assets: Vec<(PathBuf, PathBuf)>,
    /// Files that a build command reads.
    pub(in crate::supervisor) ingredients: BTreeSet<PathBuf>,
    /// Files built by other tools.
    pub(in crate::supervisor) artifacts: BTreeSet<PathBuf>,
    /// Sources of the owner, which no reload replaces.
    pub(in crate::supervisor) owner: BTreeSet<PathBuf>,
    /// Files among all of these whose old content is a prefix of the new one.
    pub(in crate::supervisor) appended: BTreeSet<PathBuf>,
}

impl Saved {
    pub(in crate::supervisor) fn is_empty(&self) -> bool {
        self.builds_nothing() && self.assets.is_empty() && self.owner.is_empty()
    }

    /// Returns all files that have changed.
    pub(super) fn changed(&self) -> impl Iterator<Item = &PathBuf> {
        let assets = self.assets.iter().map(|(file, _)| file);
        let others = [&self.sources, &self.ingredients, &self.artifacts, &self.owner];
        others.into_iter().flatten().chain(assets)
    }

    /// Returns all files that something is built from.
    pub(in crate::supervisor) fn files(&self) -> BTreeSet<PathBuf> {
        let files = self.sources.iter().chain(&self.ingredients).chain(&self.artifacts);
        files.cloned().collect()
    }

    /// Keeps only these of the files that something is built from.
    pub(in crate::supervisor) fn only(mut self, files: &BTreeSet<PathBuf>) -> Self {
        for kept in [&mut self.sources, &mut self.ingredients, &mut self.artifacts] {
            kept.retain(|file| files.contains(file));
        }
        self
    }

    /// Adds later changes.
    pub(in crate::supervisor) fn extend(&mut self, later: Saved) {
        self.sources.extend(later.sources);
        self.ingredients.extend(later.ingredients);
        self.artifacts.extend(later.artifacts);
    }

    /// Returns true if no program has to be built for these changes.
    pub(in crate::supervisor) fn builds_nothing(&self) -> bool {
        self.sources.is_empty() && self.ingredients.is_empty() && self.artifacts.is_empty()
    }
}

impl Roots {
    pub(in crate::supervisor) fn new(workspaces: &Workspaces) -> Self {
        let Workspace { root, target, build_folder, .. } = &workspaces.own;
        let mut files = BTreeSet::from_iter(configurations(root));
        files.extend(["Cargo.toml", "Cargo.lock"].map(|name| root.join(name)));
        // rustup searches for these upwards, as cargo does for its configuration.
        for folder in root.ancestors() {
            files.extend(["rust-toolchain.toml", "rust-toolchain"].map(|name| folder.join(name)));
        }
        files.extend(workspaces.suspects.iter().cloned());
        let packages = workspaces.packages();
        let packages = packages.map(|package| (package.folder.clone(), package.has_build_script));
        let packages = packages.collect::<Vec<_>>();
        for (folder, _) in packages.iter().filter(|(folder, _)| !folder.starts_with(root)) {
            files.extend(manifest_of_workspace(folder));
        }
        let built = [target, build_folder].map(|folder| resolved(folder)).to_vec();
        Roots { packages, files, built, ..Roots::default() }
    }

    /// Takes over the knowledge gained from builds, after the workspace's description has changed.
    pub(in crate::supervisor) fn inherit(&mut self, before: Roots) {
        let Roots { scripts, missing, failed, .. } = before;
        (self.scripts, self.missing, self.failed) = (scripts, missing, failed);
    }

    /// Adds the sources of the owner.
    pub(in crate::supervisor) fn with_owner(mut self, sources: Vec<PathBuf>) -> Self {
        let sources = sources.into_iter().map(|file| resolved(&file));
        self.owner = sources.filter(|file| is_rust(file) && !self.is_built(file)).collect();
        self
    }

    /// Returns the manifests that may be at fault if cargo could not describe the workspace: those
    /// above these folders up to the workspace's, and those below that.
    pub(in crate::supervisor) fn manifests(folders: &[PathBuf]) -> BTreeSet<PathBuf> {
        let mut files = BTreeSet::new();
        for folder in folders {
            let above = folder.ancestors().filter(|above| above.join("Cargo.toml").is_file());
            for folder in above {
                let manifest = folder.join("Cargo.toml");
                files.insert(canonical(&manifest));
                if is_of_workspace(&manifest) {
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

    /// Adds what is built without cargo, by a command or by other tools.
    ///
    /// The command leaves its other products next to its artifacts. If an artifact is inside an
    /// ingredient folder, the top-level subfolder that contains it therefore holds no sources.
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

    /// Adds asset folders; relative ones are relative to `root`.
    pub(in crate::supervisor) fn with_assets(mut self, root: &Path, folders: &[PathBuf]) -> Self {
        for folder in folders {
            let folder = canonical(&root.join(folder));
            if !folder.is_dir() {
                crate::log::warn!(
                    "the asset folder {} does not exist; its files are watched once it does",
                    folder.display()
                );
            }
            self.assets.push(folder);
        }
        self
    }

    /// Sorts changes by the role of each file; a file can be both an asset and a source.
    pub(in crate::supervisor) fn tell_apart(&self, changes: Changes) -> Saved {
        let Changes { altered, new, appended, .. } = changes;
        let mut saved = Saved { appended, ..Saved::default() };
        for file in altered.into_iter().chain(new) {
            if self.artifacts.contains(&file) {
                saved.artifacts.insert(file);
                continue;
            }
            let asset = self.assets.iter().find(|folder| file.starts_with(folder));
            let foreign = self.ingredients.iter().any(|folder| file.starts_with(folder));
            if foreign && !is_made(&file) {
                saved.ingredients.insert(file.clone());
            }
            if self.is_owners(&file) {
                saved.owner.insert(file);
                continue;
            }
            // This includes Rust files that the compiler has not seen yet. Files that other tools
            // read can have any ending, such as `.toml`.
            let built = self.is_read(&file) || is_rust(&file) && self.is_of_package(&file);
            let whole = || self.is_of_whole_package(&file);
            if asset.is_none() && !foreign || built || whole() {
                saved.sources.insert(file.clone());
            }
            if let Some(folder) = asset {
                saved.assets.push((file, folder.clone()));
            }
        }
        saved
    }

    /// Returns true if the compiler, cargo, or a build script is known to read a file, or if the
    /// last build missed it.
    fn is_read(&self, file: &Path) -> bool {
        let named = |(_, reruns): (&PathBuf, &Reruns)| match reruns {
            Reruns::AnyFile => false,
            Reruns::Named(paths) => paths.iter().any(|path| file.starts_with(path)),
        };
        self.known.contains(file)
            || self.files.contains(file)
            || self.is_missed(file)
            || self.scripts.0.iter().any(named)
    }

    /// Returns true if the last build failed.
    #[cfg(all(test, unix))]
    pub(in crate::supervisor) fn has_failed(&self) -> bool {
        self.failed
    }

    /// Returns true if the last build has looked for a file in vain.
    pub(in crate::supervisor) fn is_missed(&self, file: &Path) -> bool {
        self.missing.iter().any(|path| path == file || resolved(path) == file)
    }

    /// Returns true if a file belongs to the owner alone.
    fn is_owners(&self, file: &Path) -> bool {
        let is_renderers = || match self.known.is_empty() {
            // The files that the renderer's compiler reads are not known yet.
            true => self.is_of_package(file),
            false => self.is_read(file) || self.is_of_whole_package(file),
        };
        self.owner.contains(file) && !is_renderers()
    }

    /// Returns true if every file of a package counts: its build script names no inputs, or the
    /// last build failed.
    pub(super) fn is_whole(&self, package: &Path, has_build_script: bool) -> bool {
        let names = matches!(self.scripts.0.get(package), Some(Reruns::Named(_)));
        self.failed || has_build_script && !names
    }

    fn is_of_whole_package(&self, file: &Path) -> bool {
        let mut packages = self.packages.iter();
        packages.any(|(folder, script)| file.starts_with(folder) && self.is_whole(folder, *script))
    }

    /// Returns true if cargo builds in this folder.
    pub(super) fn is_built(&self, path: &Path) -> bool {
        self.built.iter().any(|folder| path.starts_with(folder))
    }

    /// Returns true if a build command may read this file.
    pub(super) fn is_ingredient(&self, file: &Path) -> bool {
        self.ingredients.iter().any(|folder| file.starts_with(folder)) && !is_made(file)
    }

    /// Takes over what a build has read, and what it has looked for in vain.
    pub(in crate::supervisor) fn know(&mut self, read: Read) {
        let Read { files, missing, scripts, failed, .. } = read;
        let files = files.into_iter().map(|file| resolved(&file));
        let files = files.filter(|file| !self.is_built(file)).collect::<Vec<_>>();
        self.known.extend(files);
        self.scripts.extend(scripts);
        self.missing = missing.into_iter().filter(|path| !self.is_built(path)).collect();
        self.failed = failed;
    }

    /// Returns true if a file is built by another tool, or is an asset.
    pub(in crate::supervisor) fn is_delivered(&self, file: &Path) -> bool {
        let of = |folders: &[PathBuf]| folders.iter().any(|folder| file.starts_with(folder));
        self.artifacts.contains(file) || of(&self.assets)
    }

    /// Returns true if a file is in a package, where it is seen from its first moment on.
    pub(in crate::supervisor) fn is_of_package(&self, file: &Path) -> bool {
        self.packages.iter().any(|(folder, _)| file.starts_with(folder))
    }

    /// Returns true if a change of this file would be reported.
    pub(in crate::supervisor) fn is_watched(&self, file: &Path) -> bool {
        self.is_delivered(file) || self.counts(file, self.is_of_whole_package(file))
    }

    /// Returns true if a change of this file starts a build.
    pub(super) fn counts(&self, file: &Path, whole_package: bool) -> bool {
        let source = file.extension().is_some_and(|it| it == "rs" || it == "toml" || it == "lock");
        let foreign = self.is_ingredient(file) || self.artifacts.contains(file);
        source || foreign || whole_package || self.is_read(file)
    }
}

/// Returns the workspace manifest of a package outside of our workspace, which the package may
/// inherit from.
fn manifest_of_workspace(package: &Path) -> Option<PathBuf> {
    let manifests = package.ancestors().map(|folder| folder.join("Cargo.toml"));
    manifests.into_iter().find(|manifest| is_of_workspace(manifest))
}

fn is_of_workspace(manifest: &Path) -> bool {
    read_small(manifest).is_some_and(|text| text.contains("[workspace"))
}

/// Limit on the depth below a workspace's root at which packages are looked for.
const DEPTH: u32 = 6;

/// Collects the manifests in the folders below this one, except in build folders.
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
