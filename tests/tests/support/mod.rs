//! A separate workspace for the renderer under test, and an owner that drives it.

#![allow(dead_code, reason = "each test file uses its part")]

use hot_reload::{App, Owner, OwnerBuilder, Status, WindowInput, status::Activity};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use two_process_tests::{Arguments, COLOR, Probe, render};

/// Cargo settings: tests need no debug information of dependencies. Tests add lines to the last section.
const CONFIG: &str = r#"
[profile.dev]
debug = "line-tables-only"

[profile.dev.package."*"]
debug = false

[profile.hot]
inherits = "dev"

[build]
target-dir = "../target"
"#;

/// Time limit for any condition, from the end of the first build on.
pub(crate) const LIMIT: Duration = Duration::from_secs(120);
/// Time limit for the first build, which compiles all dependencies.
pub(crate) const FIRST_LIMIT: Duration = Duration::from_secs(1800);

/// Returns the number of edits of a test that makes many; `just nightly` sets another.
pub(crate) fn edits(usual: u32) -> u32 {
    std::env::var("HOT_RELOAD_EDITS").map_or(usual, |text| text.parse().unwrap())
}

/// A limit that begins when the first build has ended.
pub(crate) struct Patience {
    start: Instant,
    begin: Instant,
}

impl Patience {
    pub(crate) fn new() -> Self {
        Patience { start: Instant::now(), begin: Instant::now() }
    }

    pub(crate) fn is_over(&mut self, status: &Status) -> bool {
        if status.build == 0 && status.activity == Activity::Building {
            self.begin = Instant::now();
            return self.start.elapsed() > FIRST_LIMIT;
        }
        self.begin.elapsed() > LIMIT
    }
}

/// A copy of the renderer's sources.
pub(crate) struct Workbench {
    pub(crate) folder: PathBuf,
    /// Lock of the folder; `None` for an owner that a test has started for its own workbench.
    _turn: Option<File>,
}

impl Workbench {
    /// Waits for its turn, and restores the original contents of the sources. The program has only
    /// the default application.
    pub(crate) fn new() -> Self {
        Workbench::of("")
    }

    /// Does the same, with another application in the program. Code for all of them would be compiled
    /// with every edit.
    pub(crate) fn of(application: &str) -> Self {
        let (all, turn) = turn();
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.parent().unwrap();
        let folder = all.join("renderer");
        let _ = fs::remove_dir_all(&folder);
        let bench = Workbench { folder, _turn: Some(turn) };
        bench.write("Cargo.toml", &manifest(&root.join("hot-reload")));
        bench.write(".cargo/config.toml", CONFIG);
        bench.write("Cargo.lock", &fs::read_to_string(root.join("Cargo.lock")).unwrap());
        for source in fs::read_dir(here.join("src")).unwrap().flatten() {
            let mut text = fs::read_to_string(source.path()).unwrap();
            if source.file_name() == "main.rs" {
                text = only(&text, application);
            }
            bench.write(&format!("src/{}", source.file_name().display()), &text);
        }
        bench
    }

    /// Starts an owner, and waits for its first picture.
    pub(crate) fn running() -> (Self, Driver<Probe>) {
        let bench = Workbench::new();
        let mut driver = bench.start();
        driver.until_color(COLOR);
        (bench, driver)
    }

    /// Returns the workbench of the test that has started this process.
    pub(crate) fn of_parent(folder: PathBuf) -> Self {
        Workbench { folder, _turn: None }
    }

    /// Returns the folder into which cargo and the owner build the renderer.
    pub(crate) fn target(&self) -> PathBuf {
        self.folder.parent().unwrap().join("target")
    }

    /// Adds features of the library to the renderer's build.
    pub(crate) fn with_features(self, features: &[&str]) -> Self {
        let all: Vec<_> = ["renderer"].iter().chain(features).collect();
        self.edit("Cargo.toml", "[\"renderer\"]", &format!("{all:?}"));
        self
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    pub(crate) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap()
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Replaces a text in a file and saves it.
    pub(crate) fn edit(&self, file: &str, from: &str, to: &str) {
        let text = self.read(file);
        assert!(text.contains(from), "{file} does not contain `{from}`");
        self.write(file, &text.replace(from, to));
    }

    /// Builds as an owner does, so that the owner's first build has nothing left to compile.
    pub(crate) fn build(&self) {
        let built = std::process::Command::new("cargo")
            .args(["build", "--quiet", "--profile", "hot"])
            .current_dir(&self.folder)
            .status();
        assert!(built.unwrap().success(), "the renderer does not compile");
    }

    /// Saves another color.
    pub(crate) fn color(&self, from: u32, to: u32) {
        self.edit("src/lib.rs", &constant(from), &constant(to));
    }

    pub(crate) fn builder(&self, arguments: Arguments) -> OwnerBuilder<Probe> {
        Owner::builder(arguments).size(64, 48).workspace(&self.folder).program_arguments([])
    }

    pub(crate) fn start(&self) -> Driver<Probe> {
        Driver::new(self.builder(Arguments::default()).start(render).unwrap())
    }
}

/// Returns the program without the other applications.
fn only(main: &str, application: &str) -> String {
    let wanted = format!("[\"{application}\"");
    let is_kept = |line: &&str| {
        let line = line.trim_start();
        !line.starts_with("[\"") || line.starts_with(&wanted)
    };
    let lines = main.lines().filter(is_kept).map(|line| format!("{line}\n"));
    "#![allow(unused_imports)]\n".to_owned() + &lines.collect::<String>()
}

/// Number of tests that can have a workbench at the same time; `.config/nextest.toml` has the same.
const LANES: u32 = 2;

/// Waits for a folder that no other test uses, in this process or another: sources and build
/// results, with the compiled dependencies, are kept there from test to test.
fn turn() -> (PathBuf, File) {
    loop {
        for lane in 0..LANES {
            let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("workbench-{lane}"));
            fs::create_dir_all(&folder).unwrap();
            // Opened for reading only: owners watch the folders above their sources for writes.
            let path = folder.join("turn");
            let turn = File::open(&path)
                .or_else(|_| File::create_new(&path))
                .or_else(|_| File::open(&path))
                .unwrap();
            if turn.try_lock().is_ok() {
                return (folder, turn);
            }
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

pub(crate) fn constant(color: u32) -> String {
    format!("COLOR: u32 = 0x{:04x}_{:04x}", color >> 16, color & 0xffff)
}

fn manifest(library: &Path) -> String {
    format!(
        "[package]\nname = \"two-process-tests\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
         [workspace]\n\n[dependencies]\nserde = {{ version = \"1\", features = [\"derive\"] }}\n\
         hot-reload = {{ path = {library:?}, features = [\"renderer\"] }}\n"
    )
}

/// An owner and its loop.
pub(crate) struct Driver<A: App> {
    pub(crate) owner: Owner<A>,
    pub(crate) input: WindowInput,
    /// Number of the last tick.
    pub(crate) ticks: u64,
}

impl<A: App> Driver<A> {
    pub(crate) fn new(owner: Owner<A>) -> Self {
        Driver { owner, input: WindowInput::idle(64, 48), ticks: 0 }
    }

    pub(crate) fn tick(&mut self) {
        self.owner.tick(&self.input);
        self.input.events.clear();
        self.ticks = self.owner.ticks();
        std::thread::sleep(Duration::from_millis(2));
    }

    /// Ticks until a condition holds.
    pub(crate) fn until(&mut self, what: &str, mut holds: impl FnMut(&mut Self) -> bool) {
        let mut patience = Patience::new();
        while !holds(self) {
            assert!(
                !patience.is_over(self.owner.status()),
                "not within {LIMIT:?}: {what}\nstatus: {:#?}\npicture: {:08x?}",
                self.owner.status(),
                &self.owner.picture().frame()[..4],
            );
            self.tick();
        }
    }

    /// Ticks until the picture has a color.
    pub(crate) fn until_color(&mut self, color: u32) {
        self.until(&format!("the color {color:#x}"), |driver| {
            let begun = driver.owner.state().is_some() || driver.drawn_by() > 1;
            driver.color() == color && begun
        });
    }

    /// Returns the picture's color, which is the second pixel.
    pub(crate) fn color(&self) -> u32 {
        self.owner.picture().frame()[1]
    }

    /// Returns the generation that has drawn the picture, which it writes into the first pixel.
    pub(crate) fn drawn_by(&self) -> u32 {
        self.owner.picture().frame()[0]
    }
}

/// Returns the processes whose owner is this process.
pub(crate) fn renderers() -> Vec<u32> {
    renderers_of(std::process::id())
}

/// Returns the processes whose owner is the given process, and their children.
pub(crate) fn renderers_of(owner: u32) -> Vec<u32> {
    let mine = format!("HOT_RELOAD_OWNER={owner}\0");
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter(|id: &u32| {
        let environment = fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
        *id != owner && String::from_utf8_lossy(&environment).contains(&mine)
    })
    .collect()
}

/// Returns the segments of this process.
pub(crate) fn segments() -> Vec<String> {
    let mine = format!("hr-{:x}-", std::process::id() & 0xfff_ffff);
    let files = fs::read_dir("/dev/shm").unwrap().flatten();
    let names = files.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| name.starts_with(&mine)).collect()
}
