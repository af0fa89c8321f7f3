//! Tests of what counts as a save: builds follow the changes that people make, and nothing else.
#![allow(clippy::unwrap_used, reason = "tests")]
#![cfg(unix)]

mod support;

use hot_reload::status::{Activity, BuiltBy, Problem, ReloadEvent};
use std::time::{Duration, Instant};
use support::{Driver, Workbench, constant};
use two_process_tests::{COLOR, Probe};

/// Time without a build after which no more builds are expected.
const REST: Duration = Duration::from_secs(3);

/// Counts the builds until there are no more.
///
/// # Panics
/// Panics if the builds do not end.
fn builds_until_rest(driver: &mut Driver<Probe>) -> usize {
    let (mut builds, mut last) = (0, Instant::now());
    while last.elapsed() < REST {
        driver.tick();
        let events = driver.owner.reload_events();
        let begun = events.filter(|event| matches!(event, ReloadEvent::BuildStarted { .. }));
        let begun = begun.count();
        builds += begun;
        if begun > 0 || driver.owner.status().activity != Activity::Idle {
            last = Instant::now();
        }
        assert!(builds < 20, "it builds and builds");
    }
    builds
}

/// Build script that names its inputs.
const NAMING: &str = "fn main() {\n    println!(\"cargo::rerun-if-changed=build.rs\");\n}\n";

/// Makes the renderer append a line to a file in its own package in each tick.
fn with_log(bench: &Workbench) {
    let log = "    let log = std::path::Path::new(env!(\"CARGO_MANIFEST_DIR\")).join(\"run.log\");\n    \
        let mut log = std::fs::File::options().create(true).append(true).open(log).unwrap();\n    \
        std::io::Write::write_all(&mut log, b\"line\\n\").unwrap();\n    answer(frame);\n";
    bench.edit("src/lib.rs", "    answer(frame);\n", log);
}

/// Returns the builder of the last build that made a program.
fn last_builder(driver: &mut Driver<Probe>) -> Option<BuiltBy> {
    let built = driver.owner.reload_events().filter_map(|event| match event {
        ReloadEvent::BuildFinished { by, .. } => Some(by),
        _ => None,
    });
    built.last()
}

/// Edits a color repeatedly until a build does not need cargo.
fn until_needs_no_cargo(driver: &mut Driver<Probe>, mut edit: impl FnMut(u32)) {
    for color in 1..40 {
        edit(color);
        driver.until_color(color);
        if last_builder(driver) == Some(BuiltBy::Compiler) {
            return;
        }
    }
    panic!("every edit was cargo's: {:?}", driver.owner.status().by_cargo);
}

fn until_broken(driver: &mut Driver<Probe>, words: &str) {
    driver.until(words, |driver| match &driver.owner.status().problem {
        Some(Problem::BuildFailed { message } | Problem::CannotBuild { message }) => {
            message.contains(words)
        }
        _ => false,
    });
}

#[test]
fn a_source_that_a_build_script_writes_is_no_save() {
    let bench = Workbench::new();
    bench.write(
        "build.rs",
        "fn main() {\n    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos();\n    \
         let text = format!(\"pub const STAMP: u128 = {now};\");\n    \
         std::fs::write(\"src/stamped.rs\", text).unwrap();\n}\n",
    );
    bench.edit("src/lib.rs", "pub mod big;", "pub mod stamped;\npub mod big;");
    let mut driver = bench.start();
    driver.until_color(COLOR);
    assert_eq!(builds_until_rest(&mut driver), 1, "the first");
    bench.color(COLOR, 0x21);
    driver.until_color(0x21);
    assert_eq!(builds_until_rest(&mut driver), 1, "one edit");
}

#[test]
fn a_file_that_a_program_writes_is_no_save() {
    let bench = Workbench::new();
    bench.write("build.rs", NAMING);
    with_log(&bench);
    let mut driver = bench.start();
    driver.until_color(COLOR);
    assert_eq!(builds_until_rest(&mut driver), 1, "the script names what it reads: not the log");

    // A script that names no inputs may read the file, so each line is a save, as for cargo.
    bench.write("build.rs", "fn main() {}\n");
    driver.until("a word about it", |driver| {
        let notices = &driver.owner.status().notices;
        notices.iter().any(|notice| notice.contains("run.log changes with every build"))
    });
    builds_until_rest(&mut driver);
    bench.color(COLOR, 0x22);
    driver.until_color(0x22);
    assert!(builds_until_rest(&mut driver) <= 3, "it is known by now");
}

#[test]
fn a_command_that_writes_what_it_reads_comes_to_rest() {
    let bench = Workbench::new();
    bench.write("assets/source.txt", "1");
    let script = "date +%N >assets/made.txt\n";
    bench.write("make.sh", script);
    let builder = bench.builder(two_process_tests::Arguments::default());
    let builder = builder.build_command("sh make.sh").watch_sources("assets");
    let mut driver = Driver::new(builder.start(two_process_tests::render).unwrap());
    driver.until_color(COLOR);
    builds_until_rest(&mut driver);
    bench.write("assets/source.txt", "2");
    driver.until("a build", |driver| driver.owner.status().activity == Activity::Building);
    assert!(builds_until_rest(&mut driver) <= 3);
}

#[test]
fn a_missing_file_is_noticed_when_it_comes_wherever_that_is() {
    let bench = Workbench::new();
    std::fs::create_dir_all(bench.path("../elsewhere")).unwrap();
    let _ = std::fs::remove_dir_all(bench.path("../elsewhere/deep"));
    let _ = std::fs::remove_dir_all(bench.path("../late-package"));
    let mut driver = bench.start();
    driver.until_color(COLOR);
    let own = constant(COLOR);
    let include = "COLOR: u32 = include_bytes!(\"../../elsewhere/deep/color.bin\")[0] as u32";
    bench.edit("src/lib.rs", &own, include);
    until_broken(&mut driver, "couldn't read");
    builds_until_rest(&mut driver);
    bench.write("../elsewhere/deep/color.bin", "1");
    driver.until_color(u32::from(b'1'));

    let module = "COLOR: u32 = late::COLOR;\n#[path = \"../../elsewhere/deep/late.rs\"]\nmod late;\n\
        /// Unused.\npub const UNUSED: u32 = 1";
    bench.edit("src/lib.rs", include, module);
    until_broken(&mut driver, "couldn't read");
    builds_until_rest(&mut driver);
    bench.write("../elsewhere/deep/late.rs", "pub const COLOR: u32 = 0x31;\n");
    driver.until_color(0x31);

    bench.edit(
        "Cargo.toml",
        "[dependencies]\n",
        "[dependencies]\nlate-package = { path = \"../late-package\" }\n",
    );
    until_broken(&mut driver, "late-package");
    builds_until_rest(&mut driver);
    bench.write("../late-package/src/lib.rs", "");
    bench.write(
        "../late-package/Cargo.toml",
        "[package]\nname = \"late-package\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
    );
    driver.until("no problem", |driver| driver.owner.status().problem.is_none());
}

#[test]
fn a_folder_that_a_build_script_names_is_looked_at_and_sources_beside_it_need_no_cargo() {
    let bench = Workbench::new();
    bench.write("../shaders/deep/color.txt", "33");
    bench.write(
        "build.rs",
        "fn main() {\n    println!(\"cargo::rerun-if-changed=../shaders\");\n    \
         let color = std::fs::read_to_string(\"../shaders/deep/color.txt\").unwrap();\n    \
         println!(\"cargo::rustc-env=COLOR={}\", color.trim());\n}\n",
    );
    let own = constant(COLOR);
    bench.edit("src/lib.rs", &own, "COLOR: u32 = env!(\"COLOR\").as_bytes()[1] as u32 + 0x100");
    let mut driver = bench.start();
    driver.until_color(0x133);
    builds_until_rest(&mut driver);
    bench.write("../shaders/deep/color.txt", "34");
    driver.until_color(0x134);
    assert_eq!(builds_until_rest(&mut driver), 1);

    let mut before = "+ 0x100".to_owned();
    until_needs_no_cargo(&mut driver, |color| {
        let next = format!("- 0x34 + {color}");
        bench.edit("src/lib.rs", &before, &next);
        before = next;
    });
}

#[test]
fn what_is_built_elsewhere_or_in_several_ways_is_no_reason_for_cargo() {
    let bench = Workbench::new();
    let package = "[package]\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    let up = "[dependencies]\ntwo-process-tests = { path = \"..\" }\n";
    bench.write("helper/Cargo.toml", &format!("{package}name = \"helper\"\n{up}"));
    bench.write("helper/src/lib.rs", "");
    bench.write("foreign/Cargo.toml", &format!("{package}name = \"foreign\"\n"));
    bench.write("foreign/src/lib.rs", "");
    bench.edit(
        "Cargo.toml",
        "[dependencies]\n",
        "[lib]\ncrate-type = [\"rlib\", \"cdylib\"]\n\n[dependencies]\n",
    );
    let rest = "\n[dev-dependencies]\nhelper = { path = \"helper\" }\n\n\
        [target.'cfg(windows)'.dependencies]\nforeign = { path = \"foreign\" }\n";
    bench.write("Cargo.toml", &(bench.read("Cargo.toml") + rest));
    let mut driver = bench.start();
    driver.until_color(COLOR);
    builds_until_rest(&mut driver);
    let mut before = COLOR;
    until_needs_no_cargo(&mut driver, |color| {
        bench.color(before, color);
        before = color;
    });
    builds_until_rest(&mut driver);
    bench.write("foreign/src/lib.rs", "// edited");
    bench.write("helper/src/lib.rs", "// edited");
    assert_eq!(builds_until_rest(&mut driver), 0, "neither is built");
}

#[test]
fn a_link_that_is_re_pointed_to_an_older_file_is_one_build() {
    let bench = Workbench::new();
    for (name, color) in [("one", 0x61), ("two", 0x62)] {
        let text = format!("pub const COLOR: u32 = {color:#x};\n");
        bench.write(&format!("../elsewhere/{name}.rs"), &text);
    }
    let point_to = |name: &str| {
        let new = bench.path("src/linked.new");
        let target = bench.path(&format!("../elsewhere/{name}.rs"));
        std::os::unix::fs::symlink(target, &new).unwrap();
        std::fs::rename(new, bench.path("src/linked.rs")).unwrap();
    };
    point_to("one");
    let own = constant(COLOR);
    bench.edit("src/lib.rs", &own, "COLOR: u32 = linked::COLOR");
    bench.edit("src/lib.rs", "pub mod big;", "pub mod linked;\npub mod big;");
    let mut driver = bench.start();
    driver.until_color(0x61);
    builds_until_rest(&mut driver);
    point_to("two");
    driver.until_color(0x62);
    assert_eq!(builds_until_rest(&mut driver), 1);
}

#[test]
fn edits_without_a_pause_need_no_cargo_in_the_end() {
    let (bench, mut driver) = Workbench::running();
    // Without pauses, so that nothing can be compiled ahead in between.
    let mut before = COLOR;
    until_needs_no_cargo(&mut driver, |color| {
        bench.color(before, color);
        before = color;
    });
}

#[test]
fn why_a_build_is_cargos_is_told() {
    let (bench, mut driver) = Workbench::running();
    builds_until_rest(&mut driver);
    assert_eq!(driver.owner.status().by_cargo, None, "the first build is cargo's in any case");
    bench.write("src/unused.rs", "");
    bench.color(COLOR, 0x42);
    driver.until_color(0x42);
    builds_until_rest(&mut driver);
    let reason = driver.owner.status().by_cargo.clone().unwrap_or_default();
    assert!(reason.contains("unused.rs"), "{reason}");
}
