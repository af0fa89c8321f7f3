//! A test that compares what is noticed with cargo's own verdict, over random edits of a workspace.
//!
//! The workspace has one of everything that can make a program outdated: sources of five packages,
//! included files, modules from elsewhere, build scripts that name files and folders or nothing, a
//! macro, a generated source that includes another, configuration, manifests. After each edit,
//! cargo builds if it considers the program outdated, and then the edit must have been noticed.
//! `HOT_RELOAD_VERDICTS` sets the number of edits, `HOT_RELOAD_SEED` the seed.

#![cfg(unix)]

use super::builds::{Built, Cancel, Changed, cargo_alone};
use super::inputs::{Inputs, Roots, Touched};
use super::read::Read;
use super::search::Search;
use super::workspace::Workspace;
use super::workspaces::Workspaces;
use crate::supervisor::paths::canonical;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// Default number of edits.
const EDITS: u32 = 120;

/// Initial files of the workspace and their texts; `@` stands for a number that each edit changes.
const FILES: [(&str, &str); 29] = [
    (
        "w/Cargo.toml",
        "# comment @\n[workspace]\nresolver = \"3\"\nmembers = [\"renderer\", \"state\", \"spell\", \"helper\"]\n[workspace.package]\nversion = \"0.1.0\"\n[profile.hot]\ninherits = \"dev\"\ndebug = false\n",
    ),
    ("w/.cargo/config.toml", "[env]\nLEVEL = \"@\"\n"),
    ("w/rust-toolchain.txt", "@"),
    ("w/README.md", "@"),
    (
        "w/renderer/Cargo.toml",
        "# comment @\n[package]\nname = \"renderer\"\nedition = \"2024\"\nversion.workspace = true\n[dependencies]\nstate = { path = \"../state\" }\next = { path = \"../../ext\" }\n[dev-dependencies]\nhelper = { path = \"../helper\" }\n",
    ),
    ("w/renderer/build.rs", "mod steps;\nfn main() { steps::run(); } // @"),
    (
        "w/renderer/steps.rs",
        "pub fn run() {\n    println!(\"cargo::rerun-if-changed=build.rs\");\n    println!(\"cargo::rerun-if-changed=../shaders\");\n    println!(\"cargo:rerun-if-changed=notes/one.txt\");\n    println!(\"cargo:rerun-if-env-changed=LEVEL\");\n    let out = std::env::var(\"OUT_DIR\").unwrap();\n    let data = std::fs::canonicalize(\"../data/deep.txt\").unwrap();\n    std::fs::write(out + \"/generated.rs\", format!(\"pub const DEEP: &str = include_str!({data:?});\")).unwrap();\n} // @",
    ),
    ("w/renderer/notes/one.txt", "@"),
    ("w/renderer/notes/two.txt", "@"),
    ("w/renderer/src/main.rs", "fn main() { println!(\"{}\", renderer::text()); } // @"),
    (
        "w/renderer/src/lib.rs",
        "mod deep;\n#[path = \"../../assets/part.rs\"]\nmod part;\nmod made { include!(concat!(env!(\"OUT_DIR\"), \"/generated.rs\")); }\npub fn text() -> String {\n    format!(\"{} {} {} {} {:?} {:?}\", include_str!(\"../../assets/logo.txt\"), part::PART, made::DEEP, deep::DEEP, state::STATE, (ext::EXT, option_env!(\"LEVEL\")))\n} // @",
    ),
    ("w/renderer/src/deep/mod.rs", "pub const DEEP: u32 = @;"),
    ("w/renderer/src/unused.txt", "@"),
    ("w/renderer/run.log", "@"),
    ("w/assets/logo.txt", "@"),
    ("w/assets/part.rs", "pub const PART: u32 = @;"),
    ("w/assets/other.txt", "@"),
    ("w/data/deep.txt", "@"),
    ("w/shaders/main.wgsl", "@"),
    ("w/shaders/deep/part.wgsl", "@"),
    ("w/shaders/.hidden", "@"),
    (
        "w/state/Cargo.toml",
        "# comment @\n[package]\nname = \"state\"\nedition = \"2024\"\nversion = \"0.1.0\"\n[dependencies]\nspell = { path = \"../spell\" }\n",
    ),
    (
        "w/state/build.rs",
        "fn main() { println!(\"cargo::rustc-env=WORD={}\", std::fs::read_to_string(\".env\").unwrap_or_default().trim()); } // @",
    ),
    ("w/state/.env", "@"),
    (
        "w/state/src/lib.rs",
        "pub const STATE: (&str, u32) = (env!(\"WORD\"), spell::number!()); // @",
    ),
    (
        "w/spell/Cargo.toml",
        "[package]\nname = \"spell\"\nedition = \"2024\"\nversion = \"0.1.0\"\n[lib]\nproc-macro = true\n",
    ),
    (
        "w/spell/src/lib.rs",
        "#[proc_macro]\npub fn number(_: proc_macro::TokenStream) -> proc_macro::TokenStream { \"@\".parse().unwrap() }",
    ),
    (
        "ext/Cargo.toml",
        "# comment @\n[workspace]\nmembers = [\"inner\"]\n[workspace.package]\nversion = \"0.1.0\"\n[package]\nname = \"ext\"\nedition = \"2024\"\nversion.workspace = true\n",
    ),
    ("ext/src/lib.rs", "pub const EXT: u32 = @;"),
];

/// A dev-dependency, and a package of another workspace.
const HELPER: [(&str, &str); 3] = [
    (
        "w/helper/Cargo.toml",
        "[package]\nname = \"helper\"\nedition = \"2024\"\nversion = \"0.1.0\"\n[dependencies]\nrenderer = { path = \"../renderer\" }\n",
    ),
    ("w/helper/src/lib.rs", "// @"),
    (
        "ext/inner/Cargo.toml",
        "[package]\nname = \"inner\"\nedition = \"2024\"\nversion = \"0.1.0\"\n[lib]\npath = \"lib.rs\"\n",
    ),
];

/// Files that cargo never builds for; noticing one would cause a useless build.
const OF_NO_INTEREST: [&str; 7] = [
    "w/README.md",
    "w/rust-toolchain.txt",
    "w/renderer/src/unused.txt",
    "w/renderer/run.log",
    "w/renderer/notes/two.txt",
    "w/assets/other.txt",
    "w/helper/src/lib.rs",
];

struct World {
    folder: PathBuf,
    random: u64,
    roots: Roots,
    inputs: Inputs,
    workspace: Workspace,
    /// Files that edits have created.
    made: BTreeSet<PathBuf>,
    /// A file that an edit has removed, and its text.
    taken: Option<(PathBuf, String)>,
    number: u32,
    /// Message of the last build that failed.
    said: String,
}

impl World {
    fn new(seed: u64) -> Self {
        let name = format!("hot-reload-verdicts-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&folder);
        for (file, text) in FILES.iter().chain(&HELPER) {
            write(&folder.join(file), &text.replace('@', "1"));
        }
        write(&folder.join("ext/inner/lib.rs"), "");
        write(&folder.join("far/linked.txt"), "1");
        let folder = canonical(&folder);
        symlink(folder.join("far"), folder.join("w/state/linked")).unwrap();
        let workspaces = search(&folder);
        let roots = Roots::new(&workspaces);
        let (inputs, workspace) = (Inputs::default(), workspaces.own);
        let (made, taken, number) = (BTreeSet::new(), None, 1);
        let said = String::new();
        World { folder, random: seed, roots, inputs, workspace, made, taken, number, said }
    }

    /// Returns a random number below `end`, by SplitMix64 (Steele, Lea and Flood, "Fast Splittable
    /// Pseudorandom Number Generators", 2014).
    fn below(&mut self, end: usize) -> usize {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.random;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((bits ^ (bits >> 31)) % end as u64).unwrap()
    }

    /// Makes an edit. Returns its description, and true if it concerns only files of no interest.
    fn edit(&mut self) -> (String, bool) {
        self.number += 1;
        if let Some((file, text)) = self.taken.take() {
            write(&file, &text);
            return (format!("{} is back", file.display()), false);
        }
        let number = self.number.to_string();
        match self.below(12) {
            0 => {
                const FOLDERS: [&str; 7] = [
                    "w/shaders",
                    "w/shaders/new/deeper",
                    "w/state",
                    "w/state/.hidden",
                    "far",
                    "w/renderer/notes",
                    "w/assets",
                ];
                let folder = FOLDERS[self.below(FOLDERS.len())];
                let folder = self.folder.join(folder);
                let file = folder.join(format!("made_{number}.txt"));
                write(&file, &number);
                self.made.insert(file.clone());
                (format!("{} is new", file.display()), false)
            }
            1 if !self.made.is_empty() => {
                let at = self.below(self.made.len());
                let file = self.made.iter().nth(at).unwrap().clone();
                self.made.remove(&file);
                fs::remove_file(&file).unwrap();
                (format!("{} is removed", file.display()), false)
            }
            2 if !self.made.is_empty() => {
                let at = self.below(self.made.len());
                let file = self.made.iter().nth(at).unwrap().clone();
                write(&file, &number);
                (format!("{} has changed", file.display()), false)
            }
            3 => {
                const NEEDED: [&str; 6] = [
                    "w/assets/logo.txt",
                    "w/assets/part.rs",
                    "w/data/deep.txt",
                    "w/renderer/src/deep/mod.rs",
                    "w/renderer/steps.rs",
                    "ext/src/lib.rs",
                ];
                let file = NEEDED[self.below(NEEDED.len())];
                let file = self.folder.join(file);
                let text = fs::read_to_string(&file).unwrap();
                fs::remove_file(&file).unwrap();
                self.taken = Some((file.clone(), text));
                (format!("{} is gone", file.display()), false)
            }
            4 => {
                let file = self.folder.join("far/linked.txt");
                write(&file, &number);
                ("far/linked.txt, behind a linked folder".to_owned(), false)
            }
            _ => {
                let (file, text) = FILES[self.below(FILES.len())];
                write(&self.folder.join(file), &text.replace('@', &number));
                (format!("{file} has changed"), OF_NO_INTEREST.contains(&file))
            }
        }
    }

    /// Lets cargo build. Returns true if it had anything to do, and the files that it has read.
    fn build(&mut self) -> (bool, Read) {
        let changed = Changed::default();
        let cancel = Cancel::default();
        let (built, read) = cargo_alone(&self.workspace, "hot", &changed, &cancel);
        let (builds, failed) = match built {
            Built::Program(program) => (!program.fresh, false),
            Built::Failed { message } | Built::CannotBuild { message } => {
                self.said = message;
                (true, true)
            }
            other => panic!("{other:?}"),
        };
        (builds, Read { failed, ..read })
    }

    /// Returns true if the watcher reports a save.
    fn notices(&mut self) -> bool {
        let changes = self.inputs.look(&self.roots, &Touched::default());
        !self.roots.tell_apart(changes).sources.is_empty()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn write(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

fn search(folder: &Path) -> Workspaces {
    let search = Search {
        by_crate: false,
        folder: Some(folder.join("w")),
        package: "renderer".to_owned(),
        modules: Vec::new(),
        profile: "hot".to_owned(),
    };
    search.workspaces().unwrap()
}

#[test]
fn whatever_makes_cargo_build_is_noticed() {
    let edits = std::env::var("HOT_RELOAD_VERDICTS").ok().map_or(EDITS, |it| it.parse().unwrap());
    let seed = std::env::var("HOT_RELOAD_SEED").ok().map_or(14, |it| it.parse().unwrap());
    let mut world = World::new(seed);
    let (builds, read) = world.build();
    assert!(builds && !read.failed, "the first build fails: {}", world.said);
    world.roots.know(read);
    world.notices();
    let (mut built, mut for_nothing) = (0, 0);
    for edit in 1..=edits {
        let (what, of_no_interest) = world.edit();
        let notices = world.notices();
        let (builds, read) = world.build();
        assert!(
            notices || !builds,
            "edit {edit} of seed {seed}, {what}: cargo builds and nothing is noticed\n{:#?}",
            world.roots
        );
        let silent = of_no_interest && !world.roots.has_failed();
        assert!(!(silent && notices), "edit {edit} of seed {seed}, {what}: a build for nothing");
        built += u32::from(builds);
        for_nothing += u32::from(notices && !builds);
        world.roots.know(read);
        // Files that have become known through this build do not count as changed.
        world.notices();
    }
    println!(
        "{edits} edits: cargo has built {built} times, {for_nothing} builds would be for nothing"
    );
    assert!(built > edits / 4, "{built} of {edits} edits were one");
}
