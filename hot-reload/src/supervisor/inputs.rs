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
    /// What is built, and must not be looked at.
    target: PathBuf,
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
        Roots { packages: packages.collect(), files, known: BTreeSet::new(), target }
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

    /// Adds what the compiler says that it has read, or failed to.
    pub(super) fn know(&mut self, files: impl IntoIterator<Item = PathBuf>) {
        let target = self.target.clone();
        let files = files.into_iter().map(|file| canonical(&file));
        // Everything starts with an empty path.
        let built = |file: &Path| !target.as_os_str().is_empty() && file.starts_with(&target);
        self.known.extend(files.filter(|file| !built(file)));
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
mod tests {
    use super::*;
    use std::fs::{File, FileTimes};

    /// A package in a folder of its own, which goes when the test ends.
    struct Package(PathBuf);

    impl Package {
        fn new(name: &str) -> Self {
            let folder =
                std::env::temp_dir().join(format!("hot-reload-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&folder);
            fs::create_dir_all(folder.join("src/deep")).unwrap();
            fs::create_dir_all(folder.join("target/hot")).unwrap();
            let package = Package(canonical(&folder));
            package.write("Cargo.toml", "[package]");
            package.write("src/lib.rs", "one");
            package.write("src/notes.txt", "read by nobody");
            package
        }

        fn write(&self, file: &str, text: &str) {
            fs::write(self.0.join(file), text).unwrap();
        }

        fn roots(&self) -> Roots {
            Roots {
                packages: vec![(self.0.clone(), false)],
                target: self.0.join("target"),
                ..Roots::default()
            }
        }
    }

    impl Drop for Package {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn names(package: &Package, changes: &Changes) -> Vec<String> {
        let relative =
            |path: &PathBuf| path.strip_prefix(&package.0).unwrap().display().to_string();
        changes.altered.union(&changes.new).map(relative).collect()
    }

    #[test]
    fn contents_decide_and_never_times() {
        let package = Package::new("contents");
        let mut inputs = Inputs::default();
        let look =
            |inputs: &mut Inputs| names(&package, &inputs.look(&package.roots(), &BTreeSet::new()));
        look(&mut inputs);
        assert_eq!(look(&mut inputs), [""; 0], "nothing was done");
        let lib = package.0.join("src/lib.rs");
        let old = fs::metadata(&lib).unwrap().modified().unwrap();
        let later = FileTimes::new().set_modified(old + std::time::Duration::from_secs(5));
        File::options().write(true).open(&lib).unwrap().set_times(later).unwrap();
        assert_eq!(look(&mut inputs), [""; 0], "a touch");
        package.write("src/lib.rs", "two");
        assert_eq!(look(&mut inputs), ["src/lib.rs"], "an edit");
        package.write("src/lib.rs", "one");
        let restored = FileTimes::new().set_modified(old);
        File::options().write(true).open(&lib).unwrap().set_times(restored).unwrap();
        assert_eq!(look(&mut inputs), ["src/lib.rs"], "restored with its old time");
    }

    #[test]
    fn an_event_makes_a_file_be_read_although_size_and_time_are_the_same() {
        let package = Package::new("event");
        let mut inputs = Inputs::default();
        inputs.look(&package.roots(), &BTreeSet::new());
        let lib = package.0.join("src/lib.rs");
        let time = fs::metadata(&lib).unwrap().modified().unwrap();
        package.write("src/lib.rs", "two");
        let same = FileTimes::new().set_modified(time);
        File::options().write(true).open(&lib).unwrap().set_times(same).unwrap();
        let touched = BTreeSet::from([lib]);
        assert_eq!(names(&package, &inputs.look(&package.roots(), &touched)), ["src/lib.rs"]);
    }

    #[test]
    fn new_and_removed_files_count_and_others_only_when_the_compiler_reads_them() {
        let package = Package::new("files");
        let mut inputs = Inputs::default();
        let mut roots = package.roots();
        let none = BTreeSet::new();
        inputs.look(&roots, &none);
        package.write("src/notes.txt", "changed");
        assert_eq!(names(&package, &inputs.look(&roots, &none)), [""; 0], "of no interest");
        package.write("src/deep/shader.wgsl", "new");
        assert_eq!(names(&package, &inputs.look(&roots, &none)), ["src/deep/shader.wgsl"], "new");
        roots.know([package.0.join("src/notes.txt")]);
        inputs.look(&roots, &none);
        package.write("src/notes.txt", "changed again");
        assert_eq!(names(&package, &inputs.look(&roots, &none)), ["src/notes.txt"], "include_str!");
        fs::remove_file(package.0.join("src/lib.rs")).unwrap();
        assert_eq!(names(&package, &inputs.look(&roots, &none)), ["src/lib.rs"], "removed");
    }

    #[test]
    fn what_editors_leave_and_what_is_built_does_not_count() {
        let package = Package::new("editors");
        let mut inputs = Inputs::default();
        inputs.look(&package.roots(), &BTreeSet::new());
        for file in ["src/.lib.rs.swp", "src/lib.rs~", "src/4913", "src/#lib.rs#", "src/.#lib.rs"] {
            package.write(file, "left by an editor");
        }
        package.write("target/hot/new.rs", "built");
        let changes = inputs.look(&package.roots(), &BTreeSet::new());
        assert_eq!(names(&package, &changes), [""; 0]);
    }

    #[test]
    fn a_file_that_becomes_empty_is_said_so() {
        let package = Package::new("empty");
        let mut inputs = Inputs::default();
        inputs.look(&package.roots(), &BTreeSet::new());
        package.write("src/lib.rs", "");
        assert!(inputs.look(&package.roots(), &BTreeSet::new()).emptied);
    }
}
