//! Tests of builds without cargo: after any change, the picture is that of the newest source.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use hot_reload::status::{Activity, BuiltBy, ReloadEvent};
use std::fs::{self, File, FileTimes};
use std::path::Path;
use std::process::Command;
use support::{Driver, Workbench, constant, edits};
use two_process_tests::{Arguments, COLOR, render};

/// Number of edits of the random test in an ordinary run.
const EDITS: u32 = 14;

/// End of a manifest: results of builds without cargo are compared with cargo's.
const CHECK: &str = "\n[workspace.metadata.hot-reload]\ncheck = true\n";

/// A workspace in which every kind of source contributes one digit of the color.
struct Sources {
    bench: Workbench,
    /// Digits; the first is that of the renderer's own source.
    digits: [u32; 8],
    /// Number of the module that holds a digit; `None` if there is no module.
    module: Option<u32>,
    modules: u32,
}

/// Places of the digits, in order.
const OWN: usize = 0;
const INCLUDED: usize = 1;
const MODULE: usize = 2;
const DEPENDENCY: usize = 3;
const FEATURE: usize = 4;
const SCRIPT: usize = 5;
const MACRO: usize = 6;
const PROGRAM: usize = 7;

impl Sources {
    fn new() -> Self {
        let bench = Workbench::new();
        let manifest = bench.read("Cargo.toml").replace(
            "[dependencies]\n",
            "[features]\nbright = []\ndefault = []\n\n[dependencies]\nshade = { path = \"shade\" }\n",
        );
        bench.write("Cargo.toml", &(manifest + CHECK));
        let package = |name: &str, rest: &str| {
            format!(
                "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n{rest}"
            )
        };
        let needs = "[dependencies]\nscript = { path = \"../script\" }\n\
                     spell = { path = \"../spell\" }\n";
        bench.write("shade/Cargo.toml", &package("shade", needs));
        bench.write("script/Cargo.toml", &package("script", ""));
        bench.write("spell/Cargo.toml", &package("spell", "[lib]\nproc-macro = true\n"));
        bench.write(
            "script/build.rs",
            "fn main() {\n    println!(\"cargo::rerun-if-changed=digit.txt\");\n    \
             let digit = std::fs::read_to_string(\"digit.txt\").unwrap();\n    \
             let out = std::env::var(\"OUT_DIR\").unwrap();\n    \
             std::fs::write(out + \"/digit.rs\", format!(\"pub const DIGIT: u32 = {};\", \
             digit.trim())).unwrap();\n}\n",
        );
        bench.write("script/src/lib.rs", "include!(concat!(env!(\"OUT_DIR\"), \"/digit.rs\"));\n");
        bench.edit("src/lib.rs", "canvas.fill(COLOR)", "canvas.fill(digits::all())");
        bench.edit(
            "src/lib.rs",
            "pub const COLOR",
            "pub mod digits;\n\n/// Unused.\npub const COLOR",
        );
        let mut sources = Sources { bench, digits: [0; 8], module: None, modules: 0 };
        for place in 0..sources.digits.len() {
            if place != MODULE {
                sources.set(place, 1);
            }
        }
        sources
    }

    /// Writes a digit to a place.
    fn set(&mut self, place: usize, digit: u32) {
        self.digits[place] = digit;
        let bench = &self.bench;
        match place {
            OWN | MODULE => self.write_own(),
            INCLUDED => bench.write("src/digit.txt", &digit.to_string()),
            DEPENDENCY => bench.write(
                "shade/src/lib.rs",
                &format!(
                    "spell::digit!();\npub fn own() -> u32 {{ {digit} }}\n\
                     pub fn script() -> u32 {{ script::DIGIT }}\npub fn spelled() -> u32 {{ SPELLED }}\n"
                ),
            ),
            FEATURE => {
                let manifest = bench.read("Cargo.toml");
                let (off, on) = ("default = []", "default = [\"bright\"]");
                let (from, to) = if digit > 1 { (off, on) } else { (on, off) };
                self.digits[place] = digit.clamp(1, 2);
                bench.write("Cargo.toml", &manifest.replace(from, to));
            }
            SCRIPT => bench.write("script/digit.txt", &digit.to_string()),
            MACRO => bench.write(
                "spell/src/lib.rs",
                &format!(
                    "#[proc_macro]\npub fn digit(_: proc_macro::TokenStream) -> \
                     proc_macro::TokenStream {{\n    \"const SPELLED: u32 = {digit};\".parse()\
                     .unwrap()\n}}\n"
                ),
            ),
            PROGRAM => bench.write("src/main.rs", &main(digit)),
            _ => unreachable!("there are eight places"),
        }
    }

    fn write_own(&self) {
        let (module, value) = match self.module {
            Some(name) => {
                let digit = self.digits[MODULE];
                let text = format!("pub fn digit() -> u32 {{ {digit} }}\n");
                self.bench.write(&format!("src/digits/module_{name}.rs"), &text);
                (format!("mod module_{name};\n"), format!("module_{name}::digit()"))
            }
            None => (String::new(), "0".to_owned()),
        };
        let own = self.digits[OWN];
        let text = format!(
            "{module}use std::sync::atomic::{{AtomicU32, Ordering}};\n\
             pub static PROGRAM: AtomicU32 = AtomicU32::new(0);\n\
             pub fn all() -> u32 {{\n    \
             let included: u32 = include_str!(\"digit.txt\").trim().parse().unwrap_or(0);\n    \
             let bright = if cfg!(feature = \"bright\") {{ 2 }} else {{ 1 }};\n    \
             {own} + (included << 4) + ({value} << 8) + (shade::own() << 12) + (bright << 16)\n        \
             + (shade::script() << 20) + (shade::spelled() << 24) + \
             (PROGRAM.load(Ordering::Relaxed) << 28)\n}}\n"
        );
        self.bench.write("src/digits.rs", &text);
    }

    fn color(&self) -> u32 {
        let used = |(place, digit): (usize, &u32)| match place {
            MODULE if self.module.is_none() => 0,
            _ => digit << (4 * place),
        };
        self.digits.iter().enumerate().map(used).sum()
    }

    /// Makes the change with this number, and returns a description of it.
    fn change(&mut self, kind: u32, digit: u32) -> String {
        match kind {
            0..3 => {
                self.set(OWN, digit);
                format!("own digit {digit}")
            }
            3 => {
                self.set(INCLUDED, digit);
                format!("included digit {digit}")
            }
            4 | 5 => {
                self.set(DEPENDENCY, digit);
                format!("digit {digit} of the dependency")
            }
            6 => {
                self.set(FEATURE, digit);
                format!("features {digit}")
            }
            7 => {
                self.set(SCRIPT, digit);
                format!("digit {digit} that a build script reads")
            }
            8 => {
                self.set(MACRO, digit);
                format!("digit {digit} of a macro")
            }
            9 => {
                self.set(PROGRAM, digit);
                format!("digit {digit} of the program")
            }
            10 | 11 => {
                // Adds a file that the compiler does not know, or removes one.
                let before = self.module.take();
                if before.is_none() || digit.is_multiple_of(2) {
                    self.modules += 1;
                    self.module = Some(self.modules);
                }
                self.set(MODULE, digit);
                if let Some(before) = before {
                    let _ = fs::remove_file(self.bench.path(&format!("src/module_{before}.rs")));
                }
                format!("module {before:?} becomes {:?} with digit {digit}", self.module)
            }
            _ => {
                let lib = self.bench.path("src/digits.rs");
                let time = fs::metadata(&lib).unwrap().modified().unwrap();
                self.set(OWN, digit);
                let file = File::options().write(true).open(&lib).unwrap();
                file.set_times(FileTimes::new().set_modified(time)).unwrap();
                format!("own digit {digit} with the file's old time")
            }
        }
    }
}

fn main(digit: u32) -> String {
    format!(
        "fn main() -> hot_reload::Result<()> {{\n    \
         two_process_tests::digits::PROGRAM.store({digit}, std::sync::atomic::Ordering::Relaxed);\n    \
         hot_reload::run::<two_process_tests::Probe>(two_process_tests::render)\n}}\n"
    )
}

/// A sequence of numbers that is the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(self.0 >> 33).unwrap() % limit
    }
}

/// Returns true if there are three builds of each kind, and three comparisons of them.
fn is_enough<T>(by: &[BuiltBy], checked: &[T]) -> bool {
    let count = |kind| by.iter().filter(|it| **it == kind).count();
    count(BuiltBy::Cargo) >= 3 && count(BuiltBy::Compiler) >= 3 && checked.len() >= 3
}

#[test]
fn whatever_is_changed_the_picture_is_that_of_the_newest_source() {
    let mut sources = Sources::new();
    let owner = sources.bench.builder(Arguments::default()).start(render).unwrap();
    let mut driver = Driver::new(owner);
    driver.until_color(sources.color());
    let mut random = Random(5);
    let (mut made, mut by, mut checked) = (Vec::new(), Vec::new(), Vec::new());
    let mut unchecked = None;
    let mut edit = 0;
    // On a busy machine more edits come before priming ends, and cargo builds those.
    while edit < edits(EDITS) || edit < 10 * EDITS && !is_enough(&by, &checked) {
        edit += 1;
        let what = sources.change(random.below(13), 1 + random.below(7));
        made.push(what);
        let expected = sources.color();
        driver.until(&format!("edit {edit}, {made:#?}: {expected:#010x}"), |driver| {
            driver.color() == expected && driver.owner.status().problem.is_none()
        });
        let mut hear = |driver: &mut Driver<two_process_tests::Probe>| {
            for event in driver.owner.reload_events() {
                match event {
                    ReloadEvent::BuildFinished { build, by: one, .. } => {
                        by.push(one);
                        unchecked = (one == BuiltBy::Compiler).then_some(build);
                    }
                    ReloadEvent::Checked { build, difference } => {
                        checked.push(difference);
                        unchecked = unchecked.filter(|it| *it != build);
                    }
                    _ => {}
                }
            }
            unchecked.is_none() || checked.len() >= 3
        };
        // The first builds are compared with cargo's, however long that takes; later ones if there
        // is time.
        driver.until("the check", &mut hear);
        // Sometimes long enough that the next edit does not need cargo.
        for _ in 0..random.below(1500) {
            driver.tick();
        }
        hear(&mut driver);
    }
    assert!(checked.iter().all(Option::is_none), "{checked:?} of {made:#?}");
    assert!(is_enough(&by, &checked), "{by:?} of {made:#?}");
    // cargo in the user's own terminal is not confused by what was built without it.
    let arguments = ["build", "--profile", "hot", "--config", "profile.hot.inherits=\"dev\""];
    let status = cargo(&sources.bench.folder).args(arguments).status().unwrap();
    assert!(status.success());
}

#[test]
fn the_fix_of_an_error_needs_no_cargo() {
    let (bench, mut driver) = Workbench::running();
    let color = until_built_without_cargo(&bench, &mut driver);
    bench.edit("src/lib.rs", "pub const COLOR", "pub cnst COLOR");
    driver.until("the error", |driver| driver.owner.status().problem.is_some());
    let text = bench.read("src/lib.rs").replace("pub cnst COLOR", "pub const COLOR");
    bench.write("src/lib.rs", &text.replace(&constant(color), &constant(0x77)));
    driver.until_color(0x77);
    assert_eq!(last_builder(&mut driver), Some(BuiltBy::Compiler));
}

#[test]
#[cfg(unix)]
fn a_wrapper_of_the_users_is_called_by_cargo_and_without_it_and_may_be_another_later() {
    let bench = Workbench::new();
    let configuration = bench.read(".cargo/config.toml");
    // A wrapper that logs its arguments.
    let wrap = |name: &str| {
        let (log, script) = (bench.path(name), format!("{name}.sh"));
        let text = format!("#!/bin/sh\necho \"$@\" >>'{}'\nexec \"$@\"\n", log.display());
        bench.write(&script, &text);
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(bench.path(&script), executable).unwrap();
        let wrapper = format!("{configuration}rustc-wrapper = \"./{script}\"\n");
        bench.write(".cargo/config.toml", &wrapper);
    };
    let calls = |name: &str| {
        let log = fs::read_to_string(bench.path(name)).unwrap_or_default();
        log.lines().filter(|line| line.contains("--crate-name two_process_tests")).count()
    };
    wrap("first");
    let mut driver = bench.start();
    driver.until_color(COLOR);
    let cargos = calls("first");
    assert!(cargos > 0, "by cargo");
    let color = until_built_without_cargo(&bench, &mut driver);
    assert!(calls("first") > cargos, "and without it");

    wrap("second");
    bench.color(color, 0x79);
    driver.until_color(0x79);
    let first = calls("first");
    let color = until_built_without_cargo_from(0x79, &bench, &mut driver);
    assert!(color > 0x79 && calls("second") > 1, "the other one, by cargo and without it");
    assert_eq!(calls("first"), first, "nobody calls the first any more");
}

/// Returns the builder of the last build.
fn last_builder(driver: &mut Driver<two_process_tests::Probe>) -> Option<BuiltBy> {
    let by = driver.owner.reload_events().filter_map(|event| match event {
        ReloadEvent::BuildFinished { by, .. } => Some(by),
        _ => None,
    });
    by.last()
}

/// Saves one color after another until the compiler has its incremental data, and returns the last
/// color. An edit that comes earlier interrupts the compiler's work on them.
fn until_built_without_cargo(
    bench: &Workbench,
    driver: &mut Driver<two_process_tests::Probe>,
) -> u32 {
    until_built_without_cargo_from(COLOR, bench, driver)
}

/// Does the same, starting from another color.
fn until_built_without_cargo_from(
    begin: u32,
    bench: &Workbench,
    driver: &mut Driver<two_process_tests::Probe>,
) -> u32 {
    let mut color = begin;
    while last_builder(driver) != Some(BuiltBy::Compiler) {
        assert!(color < begin + 20, "no build without cargo");
        bench.color(color, color + 1);
        color += 1;
        driver.until_color(color);
        pause(driver, color - begin);
    }
    color
}

#[test]
#[cfg(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64"))]
fn a_build_without_cargo_is_linked_without_cc_where_that_is_wanted() {
    for (wanted, option) in [(true, ""), (false, "without-cc = false")] {
        let bench = Workbench::new();
        let option = format!("\n[workspace.metadata.hot-reload]\n{option}\n");
        bench.write("Cargo.toml", &(bench.read("Cargo.toml") + &option));
        // The `cc` that the compilers find logs each call.
        let log = bench.path("cc/log");
        let real = Command::new("sh").args(["-c", "command -v cc"]).output().unwrap();
        let real = String::from_utf8(real.stdout).unwrap();
        let script = format!("#!/bin/sh\necho >>{log:?}\nexec {} \"$@\"\n", real.trim());
        bench.write("cc/cc", &script);
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(bench.path("cc/cc"), executable).unwrap();
        let path = std::env::var("PATH").unwrap();
        let path = format!("{}:{path}", bench.path("cc").display());
        let config = bench.read(".cargo/config.toml");
        let path = format!("\n[env]\nPATH = {{ value = {path:?}, force = true }}\n");
        bench.write(".cargo/config.toml", &(config + &path));
        let calls = || fs::read_to_string(&log).unwrap_or_default().lines().count();
        let mut driver = bench.start();
        driver.until_color(COLOR);
        assert!(calls() > 0, "cargo links with it");
        let mut color = until_built_without_cargo(&bench, &mut driver);
        // The data for linking without `cc` are collected between the edits.
        let mut without = 0;
        for times in 1..5 {
            pause(&mut driver, times);
            let before = calls();
            bench.color(color, color + 1);
            color += 1;
            driver.until_color(color);
            assert_eq!(last_builder(&mut driver), Some(BuiltBy::Compiler));
            without += u32::from(calls() == before);
        }
        assert_eq!(without > 0, wanted, "{without} of 4 edits without cc; option: {option}");
    }
}

/// Tests a program that draws another picture when built without cargo, which it detects by the
/// standard library: that is then a dynamic one.
#[test]
#[cfg(target_os = "linux")]
fn what_behaves_otherwise_than_cargos_is_told_and_replaced() {
    let bench = Workbench::new();
    bench.write("Cargo.toml", &(bench.read("Cargo.toml") + CHECK));
    let mut driver = bench.start();
    driver.until_color(COLOR);
    let mut events = Vec::new();
    let mut color = COLOR;
    // Until the compiler has its incremental data, and its result has been compared with cargo's.
    while !events.iter().any(|it| matches!(it, ReloadEvent::Checked { difference: None, .. })) {
        assert!(color < COLOR + 20, "no build without cargo was checked: {events:#?}");
        bench.color(color, color + 1);
        color += 1;
        driver.until_color(color);
        pause(&mut driver, color - COLOR);
        events.extend(driver.owner.reload_events());
    }
    let dynamic = "std::fs::read_to_string(\"/proc/self/maps\").is_ok_and(|it| \
                   it.contains(\"/libstd-\"))";
    let drawn = format!("if {dynamic} {{ 0x77 }} else {{ 0x78 }}");
    let text = bench.read("src/lib.rs");
    assert!(text.contains(&constant(color)));
    let place = "fill(COLOR)";
    assert!(text.contains(place), "{text}");
    bench.write("src/lib.rs", &text.replace(place, &format!("fill({drawn})")));
    driver.until_color(0x78);
    events.extend(driver.owner.reload_events());
    let difference = events.iter().find_map(|event| match event {
        ReloadEvent::Checked { difference, .. } => difference.clone(),
        _ => None,
    });
    assert!(difference.as_ref().is_some_and(|it| it.contains("another picture")), "{events:#?}");
    // From now on every build is done by cargo.
    events.clear();
    for next in [0x79, 0x7a] {
        bench.edit("src/lib.rs", &format!("{:#x} }})", next - 1), &format!("{next:#x} }})"));
        driver.until_color(next);
        pause(&mut driver, 2);
        events.extend(driver.owner.reload_events());
    }
    let by_cargo = |it: &ReloadEvent| match it {
        ReloadEvent::BuildFinished { by, .. } => *by == BuiltBy::Cargo,
        _ => true,
    };
    assert!(events.iter().all(by_cargo), "{events:#?}");
}

/// Ticks for a while, longer with each try, so that the compiler can work in the background.
fn pause(driver: &mut Driver<two_process_tests::Probe>, times: u32) {
    for _ in 0..times * 300 {
        driver.tick();
    }
}

fn cargo(folder: &Path) -> Command {
    let mut command = Command::new("cargo");
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO") {
            command.env_remove(name);
        }
    }
    command.current_dir(folder);
    command
}

#[test]
fn a_cleaned_target_folder_is_filled_again() {
    let (bench, mut driver) = Workbench::running();
    for (from, to) in [(COLOR, 0x31), (0x31, 0x32), (0x32, 0x33)] {
        // As after `cargo clean`, but without what takes long to compile.
        let own = bench.target().join("hot/.hot-reload-builds");
        // The compiler may still write to it in the background.
        while own.exists() {
            let _ = fs::remove_dir_all(&own);
        }
        bench.color(from, to);
        driver.until_color(to);
        driver.until("idle", |driver| driver.owner.status().activity == Activity::Idle);
    }
}
