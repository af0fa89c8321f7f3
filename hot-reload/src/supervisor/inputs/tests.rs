//! Tests of what counts as a change.

use super::*;
use crate::supervisor::paths::canonical;
use crate::supervisor::{
    read::Read,
    scripts::{Reruns, Scripts},
};
use std::fs::{self, File, FileTimes};

/// A package in its own folder, which is removed when the test ends.
pub(in crate::supervisor) struct Package(pub(in crate::supervisor) PathBuf);

impl Package {
    pub(in crate::supervisor) fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("hot-reload-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("src/deep")).unwrap();
        fs::create_dir_all(folder.join("target/hot")).unwrap();
        let package = Package(canonical(&folder));
        package.write("Cargo.toml", "[package]");
        package.write("src/lib.rs", "one");
        package.write("src/notes.txt", "read by nobody");
        package
    }

    pub(in crate::supervisor) fn write(&self, file: &str, text: &str) {
        fs::write(self.0.join(file), text).unwrap();
    }

    pub(in crate::supervisor) fn roots(&self) -> Roots {
        Roots {
            packages: vec![(self.0.clone(), false)],
            built: vec![self.0.join("target")],
            ..Roots::default()
        }
    }
}

impl Drop for Package {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn altered(package: &Package, file: &str) -> Changes {
    Changes { altered: BTreeSet::from([package.0.join(file)]), ..Changes::default() }
}

fn touched(files: impl IntoIterator<Item = PathBuf>) -> Touched {
    let mut touched = Touched::default();
    files.into_iter().for_each(|file| touched.add(file, std::time::Instant::now()));
    touched
}

/// Returns the record of a good build that has read these files.
fn read(package: &Package, files: &[&str]) -> Read {
    let files = files.iter().map(|file| package.0.join(file)).collect();
    Read { files, ..Read::default() }
}

fn names(package: &Package, changes: &Changes) -> Vec<String> {
    let relative = |path: &PathBuf| path.strip_prefix(&package.0).unwrap().display().to_string();
    changes.altered.union(&changes.new).map(relative).collect()
}

#[test]
fn contents_decide_and_never_times() {
    let package = Package::new("contents");
    let mut inputs = Inputs::default();
    let look =
        |inputs: &mut Inputs| names(&package, &inputs.look(&package.roots(), &Touched::default()));
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
    inputs.look(&package.roots(), &Touched::default());
    let lib = package.0.join("src/lib.rs");
    let time = fs::metadata(&lib).unwrap().modified().unwrap();
    package.write("src/lib.rs", "two");
    let same = FileTimes::new().set_modified(time);
    File::options().write(true).open(&lib).unwrap().set_times(same).unwrap();
    let touched = touched([lib]);
    assert_eq!(names(&package, &inputs.look(&package.roots(), &touched)), ["src/lib.rs"]);
}

#[test]
fn a_look_at_some_files_finds_what_a_look_at_all_does_or_leaves_it_to_that() {
    let package = Package::new("some");
    package.write("src/lib.rs", "one");
    package.write("src/part.rs", "one");
    let mut inputs = Inputs::default();
    inputs.look(&package.roots(), &Touched::default());
    let touched = |files: &[&str]| touched(files.iter().map(|it| package.0.join(it)));
    let mut look_at =
        |files: &[&str]| inputs.look_at(&touched(files)).map(|changes| names(&package, &changes));
    assert_eq!(look_at(&["src/lib.rs", "src/part.rs"]), Some(vec![]));
    package.write("src/lib.rs", "two");
    assert_eq!(look_at(&["src/lib.rs", "src/lib.rs~"]), Some(vec!["src/lib.rs".to_owned()]));
    assert_eq!(look_at(&["src/lib.rs"]), Some(vec![]), "once");
    package.write("src/lib.rs", "three");
    package.write("src/new.rs", "one");
    assert_eq!(look_at(&["src/lib.rs", "src/new.rs"]), None, "a new file");
    let all = inputs.look(&package.roots(), &Touched::default());
    assert_eq!(names(&package, &all), ["src/lib.rs", "src/new.rs"], "nothing was lost by that");
    fs::remove_file(package.0.join("src/part.rs")).unwrap();
    assert_eq!(inputs.look_at(&touched(&["src/part.rs"])), None, "a file is gone");
}

#[test]
fn new_and_removed_files_count_and_others_only_when_the_compiler_reads_them() {
    let package = Package::new("files");
    let mut inputs = Inputs::default();
    let mut roots = package.roots();
    let none = Touched::default();
    inputs.look(&roots, &none);
    package.write("src/notes.txt", "changed");
    assert_eq!(names(&package, &inputs.look(&roots, &none)), [""; 0], "of no interest");
    package.write("src/deep/run.log", "new");
    package.write("src/deep/new.rs", "new");
    assert_eq!(names(&package, &inputs.look(&roots, &none)), ["src/deep/new.rs"], "new");
    roots.know(read(&package, &["src/notes.txt"]));
    inputs.look(&roots, &none);
    package.write("src/notes.txt", "changed again");
    assert_eq!(names(&package, &inputs.look(&roots, &none)), ["src/notes.txt"], "include_str!");
    fs::remove_file(package.0.join("src/lib.rs")).unwrap();
    assert_eq!(names(&package, &inputs.look(&roots, &none)), ["src/lib.rs"], "removed");
}

#[test]
fn assets_are_told_from_sources_and_a_file_can_be_both() {
    let package = Package::new("assets");
    let table = [
        ("assets/level.toml", (false, true)),
        ("assets/included.txt", (true, true)),
        ("assets/part.rs", (true, true)),
        ("src/lib.rs", (true, false)),
    ];
    let mut roots = package.roots().with_assets(&package.0, &["assets".into()]);
    roots.know(read(&package, &["assets/included.txt"]));
    for (file, expected) in table {
        let saved = roots.tell_apart(altered(&package, file));
        assert_eq!((!saved.sources.is_empty(), !saved.assets.is_empty()), expected, "{file}");
    }
    // A build script may read all of its package, so everything in it is a source too.
    roots.packages[0].1 = true;
    let saved = roots.tell_apart(altered(&package, "assets/level.toml"));
    assert_eq!((saved.sources.len(), saved.assets.len()), (1, 1));
}

#[test]
fn what_editors_leave_and_what_is_built_does_not_count() {
    let package = Package::new("editors");
    let mut inputs = Inputs::default();
    inputs.look(&package.roots(), &Touched::default());
    for file in ["src/.lib.rs.swp", "src/lib.rs~", "src/4913", "src/#lib.rs#", "src/.#lib.rs"] {
        package.write(file, "left by an editor");
    }
    package.write("target/hot/new.rs", "built");
    let changes = inputs.look(&package.roots(), &Touched::default());
    assert_eq!(names(&package, &changes), [""; 0]);
}

#[test]
fn a_file_that_becomes_empty_is_said_so() {
    let package = Package::new("empty");
    let mut inputs = Inputs::default();
    inputs.look(&package.roots(), &Touched::default());
    package.write("src/lib.rs", "");
    assert!(inputs.look(&package.roots(), &Touched::default()).emptied);
}

#[test]
fn what_a_command_reads_counts_and_what_it_makes_does_not() {
    let package = Package::new("recipe");
    for folder in ["native/deep", "native/build/lib", "native/tool/src", "loose"] {
        fs::create_dir_all(package.0.join(folder)).unwrap();
    }
    package.write("native/build/lib/libfoo.so", "library");
    // The last two are where nothing is built: in the package's own folder, and in one that does
    // not exist.
    let artifacts = ["native/build/lib/libfoo.so", "loose.so", "loose/out/program"];
    let artifacts = artifacts.map(|file| package.0.join(file));
    let roots = package.roots();
    let roots = roots.with_recipe(&BTreeSet::from(artifacts), &[package.0.join("native")]);
    let roots = roots.with_assets(&package.0, &["native/deep".into()]);
    let mut inputs = Inputs::default();
    inputs.look(&roots, &Touched::default());
    // Each with three numbers: whether it is an input of the command, an artifact, and in the
    // renderer's package. An asset folder among them makes no difference.
    let files = [
        ("native/foo.c", (1, 0, 0)),
        ("native/deep/foo.h", (1, 0, 0)),
        ("native/deep/foo.o", (0, 0, 0)),
        ("native/.hidden", (0, 0, 0)),
        ("native/foo.c~", (0, 0, 0)),
        ("native/build/CMakeCache.txt", (0, 0, 0)),
        ("native/build/lib/libfoo.so", (0, 1, 0)),
        ("loose.so", (0, 1, 0)),
        // A separate package, which cargo does not build here.
        ("native/tool/Cargo.toml", (1, 0, 1)),
        ("native/tool/src/notes.txt", (1, 0, 0)),
        ("src/lib.rs", (0, 0, 1)),
        ("src/new.rs", (0, 0, 1)),
    ];
    for (file, expected) in files {
        package.write(file, "changed");
        let changes = inputs.look(&roots, &Touched::default());
        let saved = roots.tell_apart(changes);
        let found = (saved.ingredients.len(), saved.artifacts.len(), saved.sources.len());
        assert_eq!(found, expected, "{file}: {saved:?}");
        assert_eq!(saved.assets.len(), usize::from(file.contains("/deep/")), "{file}: {saved:?}");
    }
    // Its folder is created later; the nearest existing one is watched for that.
    assert!(inputs.folders.contains(&package.0.join("loose")), "{:?}", inputs.folders);
    fs::create_dir_all(package.0.join("loose/out")).unwrap();
    package.write("loose/out/program", "first");
    let saved = roots.tell_apart(inputs.look(&roots, &Touched::default()));
    assert_eq!(saved.artifacts.len(), 1, "{saved:?}");
}

/// Makes the package's build script depend on the paths that it names.
fn with_script(package: &Package, names: &[&str]) -> Roots {
    let paths = names.iter().map(|name| package.0.join(name)).collect();
    let scripts = Scripts([(package.0.clone(), Reruns::Named(paths))].into());
    let mut roots = package.roots();
    roots.packages[0].1 = true;
    roots.know(Read { scripts, ..Read::default() });
    roots
}

#[test]
fn a_build_script_counts_what_it_names_and_only_one_that_names_nothing_counts_all() {
    let package = Package::new("script");
    for folder in ["shaders/deep", "shaders/target", "elsewhere"] {
        fs::create_dir_all(package.0.join(folder)).unwrap();
    }
    fs::write(package.0.join("shaders/target/CACHEDIR.TAG"), "").unwrap();
    let mut silent = package.roots();
    silent.packages[0].1 = true;
    let says_nothing = |_: &str| silent.clone();
    let named = |file: &str| with_script(&package, &["shaders", "later", file]);
    // Each with whether it counts if the script names nothing, and if it names a folder and a file.
    let table = [
        ("run.log", true, false),
        (".env", true, false),
        ("shaders/deep/main.wgsl", true, true),
        ("shaders/.hidden", true, true),
        ("shaders/main.wgsl~", false, false),
        ("shaders/target/made.wgsl", false, false),
        ("elsewhere/named.txt", true, true),
        ("elsewhere/other.txt", true, false),
        ("src/lib.rs", true, true),
    ];
    for (file, all, some) in table {
        for (roots, expected) in [(says_nothing(file), all), (named("elsewhere/named.txt"), some)] {
            package.write(file, "one");
            let mut inputs = Inputs::default();
            inputs.look(&roots, &Touched::default());
            package.write(file, "another");
            let saved = roots.tell_apart(inputs.look(&roots, &Touched::default()));
            let found = saved.sources.contains(&package.0.join(file));
            assert_eq!(found, expected, "{file}: {saved:?} by {:?}", roots.scripts);
        }
    }
    // A named folder that is created later.
    let roots = named("x");
    let mut inputs = Inputs::default();
    inputs.look(&roots, &Touched::default());
    fs::create_dir_all(package.0.join("later/deep")).unwrap();
    package.write("later/deep/new.txt", "new");
    assert_eq!(names(&package, &inputs.look(&roots, &Touched::default())), ["later/deep/new.txt"]);
}

#[test]
#[cfg(unix)]
fn a_silent_build_script_counts_what_is_behind_links_as_well() {
    let (package, other) = (Package::new("linking"), Package::new("linked"));
    std::os::unix::fs::symlink(&other.0, package.0.join("shared")).unwrap();
    std::os::unix::fs::symlink(&package.0, package.0.join("round")).unwrap();
    let mut roots = package.roots();
    roots.packages[0].1 = true;
    let mut inputs = Inputs::default();
    inputs.look(&roots, &Touched::default());
    fs::write(other.0.join("level.txt"), "new").unwrap();
    let saved = roots.tell_apart(inputs.look(&roots, &Touched::default()));
    assert!(saved.sources.contains(&package.0.join("shared/level.txt")), "{saved:?}");
}

#[test]
fn what_a_failed_build_has_missed_counts_as_soon_as_it_is_there() {
    let package = Package::new("missed");
    let outside = Package::new("outside");
    let missed = [
        package.0.join("src/../../").join(outside.0.file_name().unwrap()).join("assets/new.bin"),
        outside.0.join("extra/Cargo.toml"),
    ];
    let mut roots = package.roots();
    let missing = missed.iter().cloned().collect();
    roots.know(Read { missing, failed: true, ..Read::default() });
    let mut inputs = Inputs::default();
    inputs.look(&roots, &Touched::default());
    assert!(inputs.folders.contains(&outside.0), "{:?}", inputs.folders);
    fs::create_dir_all(outside.0.join("assets")).unwrap();
    fs::create_dir_all(outside.0.join("extra")).unwrap();
    inputs.look(&roots, &Touched::default());
    assert!(inputs.folders.contains(&outside.0.join("assets")), "{:?}", inputs.folders);
    for file in ["assets/new.bin", "extra/Cargo.toml"] {
        outside.write(file, "here");
        let saved = roots.tell_apart(inputs.look(&roots, &Touched::default()));
        assert!(saved.sources.contains(&outside.0.join(file)), "{file}: {saved:?}");
    }
    // While the build fails, any file of a package may be the one that fixes it.
    package.write("src/notes.txt", "changed");
    let saved = roots.tell_apart(inputs.look(&roots, &Touched::default()));
    assert!(saved.sources.contains(&package.0.join("src/notes.txt")), "{saved:?}");
    roots.know(Read::default());
    inputs.look(&roots, &Touched::default());
    assert!(!inputs.folders.contains(&outside.0), "it is not looked for any more");
}

#[test]
fn sources_of_the_owner_alone_are_told_and_built_by_nobody() {
    let package = Package::new("owner");
    for file in ["src/owner.rs", "src/shared.rs", "app.rs"] {
        package.write(file, "one");
    }
    let files = ["src/owner.rs", "src/shared.rs", "app.rs"].map(|file| package.0.join(file));
    let mut roots = package.roots().with_owner(files.to_vec());
    roots.know(read(&package, &["src/shared.rs", "src/lib.rs"]));
    for (file, of_owner) in [("src/owner.rs", true), ("src/shared.rs", false), ("app.rs", true)] {
        let saved = roots.tell_apart(altered(&package, file));
        assert_eq!(
            (saved.owner.len(), saved.sources.len()),
            match of_owner {
                true => (1, 0),
                false => (0, 1),
            },
            "{file}"
        );
    }
}

#[test]
fn where_cargo_builds_is_not_looked_at() {
    let package = Package::new("built");
    fs::create_dir_all(package.0.join("made")).unwrap();
    let mut roots = package.roots();
    roots.packages[0].1 = true;
    roots.built.push(package.0.join("made"));
    let mut inputs = Inputs::default();
    inputs.look(&roots, &Touched::default());
    package.write("made/fingerprint.rs", "built");
    assert_eq!(names(&package, &inputs.look(&roots, &Touched::default())), [""; 0]);
}

#[test]
#[cfg(unix)]
fn a_pipe_among_the_sources_holds_nothing_up() {
    let package = Package::new("pipe");
    let pipe = package.0.join("src/pipe.rs");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RWXU).unwrap();
    let mut inputs = Inputs::default();
    inputs.look(&package.roots(), &Touched::default());
    package.write("src/lib.rs", "two");
    assert_eq!(
        names(&package, &inputs.look(&package.roots(), &Touched::default())),
        ["src/lib.rs"]
    );
    assert!(inputs.look_at(&touched([pipe])).is_none());
}
