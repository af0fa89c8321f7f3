//! A copy of the workspace that the tests may edit; the repository itself is never written to.
//!
//! The copy has its own `target` folder, like a user's workspace, and is kept from run to run.

use super::program::users_command;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// Path of the file that the tests edit.
const EDITED: &str = "example-impl/src/lib.rs";
/// Beginning of the line with the ground's color.
const GROUND: &str = "const GROUND: u32 = 0x";

/// Cargo settings of the copy and the projects. The tests do not measure speed, and debug information
/// and optimisation would take most of their build time.
const CONFIG: &str = r#"
[profile.dev]
debug = "line-tables-only"

[profile.dev.package."*"]
debug = false

[profile.hot]
inherits = "dev"
"#;

/// Source that keeps the compiler busy longer than any test waits.
const FOR_EVER: &str = "#[allow(long_running_const_eval)]\n\
    const _: () = { let mut i = 0_u64; while i < 1 << 50 { i += 1; } };\n";

/// The copy, used by one test at a time.
#[derive(Debug)]
pub(super) struct Copy {
    pub(super) root: PathBuf,
    /// Folder for the logs and pictures of the tests.
    pub(super) results: PathBuf,
    /// Saves so far; every second one is a save by rename.
    saves: u32,
    _turn: File,
}

impl Copy {
    /// Waits for its turn, and restores the original contents of the sources.
    pub(super) fn take() -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("window");
        let (root, results) = (folder.join("workspace"), folder.join("results"));
        for folder in [&root, &results] {
            fs::create_dir_all(folder).expect("the folder of the copy");
        }
        // A file lock excludes other tests of this program, and other runs as well.
        let turn = File::create(folder.join("turn")).expect("the lock of the copy");
        turn.lock().expect("the lock of the copy");
        // In the parent folder, so that the settings apply to the copy and to the projects.
        fs::create_dir_all(folder.join(".cargo")).expect("the folder of cargo's settings");
        fs::write(folder.join(".cargo/config.toml"), CONFIG).expect("cargo's settings");
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
        mirror(repository.expect("a workspace"), &root);
        Copy { root, results, saves: 0, _turn: turn }
    }

    /// Builds the program, so that a later start does not compile.
    pub(super) fn build(&self) {
        self.cargo(&["build"]);
    }

    /// Builds another package's program.
    pub(super) fn build_package(&self, package: &str) {
        self.cargo(&["build", "--package", package]);
    }

    /// Returns the folder of the project with this name.
    pub(super) fn project(&self, name: &str) -> PathBuf {
        self.root.parent().expect("the folder of the copy").join("projects").join(name)
    }

    /// Creates a project as a user does, with the dependency versions of this workspace.
    pub(super) fn new_project(&self, name: &str, kinds: &[&str]) {
        let folder = self.project(name);
        let _ = fs::remove_dir_all(&folder);
        let path = folder.to_str().expect("a path that is text");
        let program = ["run", "-p", "cargo-hot-reload", "--"];
        self.cargo(&[program.as_slice(), &["new", path], kinds].concat());
        let lock = fs::copy(self.root.join("Cargo.lock"), folder.join("Cargo.lock"));
        lock.expect("the lock file");
    }

    /// Builds the renderer as the owner would.
    pub(super) fn build_renderer(&self) {
        self.cargo(&["build", "--package", "example-impl", "--profile", "hot"]);
    }

    fn cargo(&self, arguments: &[&str]) {
        let build = users_command("cargo", &self.root).args(arguments).output();
        let build = build.expect("`cargo` can be run");
        let said = String::from_utf8_lossy(&build.stderr);
        assert!(build.status.success(), "the copy does not compile; cargo says:\n{said}");
    }

    /// Returns the folders of an owner's builds.
    pub(super) fn build_folders(&self, owner: u32) -> Vec<PathBuf> {
        let begin = format!("{owner}-");
        let all = self.root.join("target/.hot-reload-owners");
        let entries = fs::read_dir(all).into_iter().flatten().flatten();
        let own = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(&begin));
        own.map(|entry| entry.path()).collect()
    }

    /// Returns the states of owners that did not end in order, and from which no owner has resumed.
    pub(super) fn rescued(&self) -> Vec<PathBuf> {
        let all = self.root.join("target/.hot-reload-owners");
        let entries = fs::read_dir(all).into_iter().flatten().flatten();
        let left =
            entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("rescued-"));
        left.map(|entry| entry.path()).collect()
    }

    /// Keeps cargo from building the renderer until the lock is dropped, as another cargo would.
    pub(super) fn block_builds(&self) -> File {
        let lock = File::create(self.root.join("target/hot/.cargo-lock")).expect("cargo's lock");
        lock.lock().expect("cargo's lock");
        lock
    }

    /// Saves a source that keeps the compiler busy for hours.
    pub(super) fn build_for_ever(&mut self) {
        self.replace("const GROUND: ", &format!("{FOR_EVER}const GROUND: "));
    }

    /// Removes that source again.
    pub(super) fn build_no_longer(&mut self) {
        self.replace(FOR_EVER, "");
    }

    /// Returns the path of the program that `cargo build` makes.
    pub(super) fn program(&self) -> PathBuf {
        self.root.join("target/debug/example-app")
    }

    /// Returns the ground's color in the source.
    pub(super) fn ground(&self) -> u32 {
        let source = self.source();
        let line = source.lines().find_map(|line| line.strip_prefix(GROUND));
        let number = line.and_then(|rest| rest.split(';').next());
        let color = number.and_then(|it| u32::from_str_radix(&it.replace('_', ""), 16).ok());
        color.unwrap_or_else(|| panic!("{EDITED} has no line that begins with `{GROUND}`"))
    }

    /// Saves the source with another color of the ground.
    pub(super) fn set_ground(&mut self, color: u32) {
        self.set("GROUND: u32", &format!("0x{color:08x}"));
    }

    /// Saves the source with another value of a constant.
    pub(super) fn set(&mut self, constant: &str, value: &str) {
        let begin = format!("const {constant} = ");
        self.edit(|source| {
            let lines = source.lines().map(|line| match line.starts_with(&begin) {
                true => format!("{begin}{value};\n"),
                false => format!("{line}\n"),
            });
            lines.collect()
        });
    }

    /// Saves the source with a text replaced.
    pub(super) fn replace(&mut self, before: &str, after: &str) {
        self.edit(|source| source.replace(before, after));
    }

    /// Replaces a text in another file than the renderer's source, before the program is built.
    pub(super) fn set_up(&self, file: &str, before: &str, after: &str) {
        let path = self.root.join(file);
        let text = fs::read_to_string(&path).expect("a file of the workspace");
        assert!(text.contains(before), "{file} has no `{before}`");
        fs::write(path, text.replace(before, after)).expect("the copy can be written");
    }

    /// Returns the number of the first line of the renderer's source that contains a text.
    pub(super) fn line_of(&self, text: &str) -> usize {
        let source = self.source();
        let line = source.lines().position(|line| line.contains(text));
        1 + line.unwrap_or_else(|| panic!("{EDITED} has no `{text}`"))
    }

    /// Returns the text of a file.
    pub(super) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.root.join(file)).expect("a file of the workspace")
    }

    /// Saves a file as editors do: some write into it, others rename a new file over it.
    pub(super) fn save(&mut self, file: &str, text: &str) {
        let file = self.root.join(file);
        self.saves += 1;
        if self.saves.is_multiple_of(2) {
            let beside = file.with_extension("rs.new");
            fs::write(&beside, text).expect("the copy can be written");
            fs::rename(&beside, &file).expect("the copy can be written");
        } else {
            fs::write(&file, text).expect("the copy can be written");
        }
    }

    fn edit(&mut self, edit: impl FnOnce(&str) -> String) {
        let before = self.source();
        let after = edit(&before);
        assert_ne!(before, after, "an edit that changes nothing shows nothing");
        self.save(EDITED, &after);
    }

    fn source(&self) -> String {
        self.read(EDITED)
    }
}

/// Makes `to` equal to `from`. Files that are equal already keep their times, so that cargo does
/// not rebuild them.
fn mirror(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the copy can be written");
    let wanted = entries(from);
    for name in entries(to).difference(&wanted) {
        let path = to.join(name);
        let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        removed.expect("the copy can be written");
    }
    for name in wanted {
        let (source, copy) = (from.join(&name), to.join(&name));
        if source.is_dir() {
            mirror(&source, &copy);
            continue;
        }
        let text = fs::read(&source).expect("the repository can be read");
        if fs::read(&copy).ok().as_ref() != Some(&text) {
            fs::write(&copy, text).expect("the copy can be written");
        }
    }
}

/// Returns the names in a folder, except hidden ones and `target`.
fn entries(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).expect("a folder of the workspace");
    let names = entries.flatten().map(|entry| entry.file_name());
    let names = names.map(|name| name.to_string_lossy().into_owned());
    names.filter(|name| name != "target" && !name.starts_with('.')).collect()
}
