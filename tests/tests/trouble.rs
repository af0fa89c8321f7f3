//! Tests of failures: each is reported clearly, and the picture stays.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use hot_reload::{
    App, Deadlines, Event, Frame, Key, Owner,
    status::{Doing, Problem, ReloadEvent},
};
use std::fs;
use std::process::Command;
use std::time::Duration;
use support::{Driver, Workbench, renderers, segments};
use two_process_tests::big::{self, Big};
use two_process_tests::{Arguments, COLOR, render};

fn problem<A: App>(driver: &mut Driver<A>) -> Problem {
    driver.until("a problem", |driver| driver.owner.status().problem.is_some());
    driver.owner.status().problem.clone().unwrap()
}

/// Checks after a bad edit that the picture stays and the last good build draws again, and then
/// undoes the edit.
fn mended(bench: &Workbench, driver: &mut Driver<two_process_tests::Probe>, bad: &str) {
    let frames = driver.owner.state().unwrap().frames;
    driver.until(&format!("the build before {bad}"), |driver| {
        assert_eq!(driver.color(), COLOR, "the last good picture stays");
        driver.owner.state().unwrap().frames > frames + 10
    });
    let source = bench.read("src/lib.rs").replace(bad, "").replace("0x0011_2233", "0x81");
    bench.write("src/lib.rs", &source);
    driver.until_color(0x81);
    assert_eq!(driver.owner.status().problem, None);
    let state = driver.owner.state().unwrap();
    assert!(state.frames > frames, "the state is kept");
    assert_eq!(state.gaps, 0, "ticks that no commit covers are given again, and each once");
}

#[test]
fn a_renderer_that_panics_gives_way_to_the_build_before_it() {
    let (bench, mut driver) = Workbench::running();
    let bad = "    panic!(\"at the first frame\");\n";
    bench.edit("src/lib.rs", "    observe(frame);\n", &format!("{bad}    observe(frame);\n"));
    let Problem::Crashed { generation: 2, crash, .. } = problem(&mut driver) else {
        panic!("{:?}", driver.owner.status())
    };
    let panic = crash.panic.clone().unwrap();
    assert_eq!(panic.message, "at the first frame");
    assert!(panic.place.contains("src/lib.rs:"), "{crash:?}");
    mended(&bench, &mut driver, bad);
}

#[test]
fn a_renderer_that_aborts_says_by_which_signal() {
    let (bench, mut driver) = Workbench::running();
    let bad = "    std::process::abort();\n";
    bench.edit("src/lib.rs", "    observe(frame);\n", &format!("{bad}    observe(frame);\n"));
    let Problem::Crashed { crash, .. } = problem(&mut driver) else {
        panic!("{:?}", driver.owner.status())
    };
    assert!(crash.how.contains("SIGABRT"), "{crash:?}");
    mended(&bench, &mut driver, bad);
}

#[test]
fn a_program_that_is_no_renderer_is_named_as_such() {
    let (bench, mut driver) = Workbench::running();
    let main = bench.read("src/main.rs");
    bench.write("src/main.rs", "fn main() {}");
    let Problem::CannotStart { message } = problem(&mut driver) else {
        panic!("{:?}", driver.owner.status())
    };
    assert!(message.contains("exit code 0") && message.contains("hot_reload::run"), "{message}");
    bench.write("src/main.rs", &main);
    bench.color(COLOR, 0x82);
    driver.until_color(0x82);
}

#[test]
fn an_endless_loop_is_found_in_the_rehearsal_and_the_old_code_draws_on() {
    let bench = Workbench::new();
    let deadlines = Deadlines { rehearsal: Duration::from_millis(300), ..Deadlines::default() };
    let builder = bench.builder(Arguments::default()).deadlines(deadlines);
    let mut driver = Driver::new(builder.start(render).unwrap());
    driver.until_color(COLOR);
    let bad = "    while COLOR > 0 {}\n";
    bench.edit("src/lib.rs", "    observe(frame);\n", &format!("{bad}    observe(frame);\n"));
    let found = problem(&mut driver);
    assert!(matches!(found, Problem::NotResponding { doing: Doing::Rehearsing, .. }), "{found:?}");
    assert_eq!((driver.color(), driver.drawn_by()), (COLOR, 1));
    let frames = driver.owner.state().unwrap().frames;
    driver.until("frames", |driver| driver.owner.state().unwrap().frames > frames + 20);
    let source = bench.read("src/lib.rs").replace(bad, "").replace("0x0011_2233", "0x83");
    bench.write("src/lib.rs", &source);
    driver.until_color(0x83);
    assert_eq!(driver.owner.status().problem, None);
}

#[test]
fn a_renderer_slower_than_the_tick_gets_merged_ticks_and_every_edge() {
    let bench = Workbench::new();
    let arguments = Arguments { frame_ms: 30, ..Arguments::default() };
    let mut driver = Driver::new(bench.builder(arguments).start(render).unwrap());
    driver.until_color(COLOR);
    let mut taps = 0;
    while taps < 40 {
        driver.input.events = vec![Event::KeyDown(Key::A), Event::KeyUp(Key::A)];
        taps += 1;
        // One at a time, because two taps in one merged tick count as one press.
        driver.until("the tap", |driver| driver.owner.state().unwrap().presses >= taps);
        assert_eq!(driver.owner.state().unwrap().presses, taps);
    }
    let state = driver.owner.state().unwrap();
    assert_eq!((state.releases, state.gaps), (40, 0));
    assert!(state.merged > state.frames, "{} merged in {} frames", state.merged, state.frames);
}

#[test]
fn a_simulation_too_slow_to_catch_up_loses_time_in_place_of_its_renderer() {
    let bench = Workbench::new();
    let arguments = Arguments { step_ms: 60, ..Arguments::default() };
    // Shorter than the longest tick takes, and longer than a single step.
    let deadlines = Deadlines { tick: Duration::from_millis(600), ..Deadlines::default() };
    let builder = bench.builder(arguments).deadlines(deadlines);
    let mut driver = Driver::new(builder.start(render).unwrap());
    let mut events = Vec::new();
    driver.until("a tick that is too long", |driver| {
        events.extend(driver.owner.reload_events());
        events.iter().any(|event| matches!(event, ReloadEvent::TickShortened { .. }))
    });
    let frames = driver.owner.state().map_or(0, |state| state.frames);
    driver.until("frames without another one", |driver| {
        driver.owner.state().is_some_and(|state| state.frames > frames + 40)
    });
    let state = *driver.owner.state().unwrap();
    assert_eq!(state.gaps, 0, "{state:?}");
    assert!(state.lost > 0 && state.time.abs_diff(state.stepped) < 1_000_000_000, "{state:?}");
    let failures = events
        .iter()
        .chain(&driver.owner.reload_events().collect::<Vec<_>>())
        .filter(|event| matches!(event, ReloadEvent::Failed { .. } | ReloadEvent::GivenUp { .. }))
        .count();
    assert_eq!(failures, 1, "it was not killed by the same tick again");
}

#[test]
fn standard_input_is_empty_and_helper_programs_die_with_the_renderer() {
    let bench = Workbench::new();
    bench.edit(
        "src/main.rs",
        "    hot_reload::run::<Probe>(render)",
        "    let mut first = true;\n    hot_reload::run::<Probe>(move |frame| {\n        \
         if std::mem::take(&mut first) {\n            let mut text = String::new();\n            \
         let read = std::io::Read::read_to_string(&mut std::io::stdin(), &mut text);\n            \
         assert_eq!(read.unwrap(), 0);\n            \
         std::process::Command::new(\"sleep\").arg(\"1000\").spawn().unwrap();\n        }\n        \
         render(frame);\n    })",
    );
    let mut driver = bench.start();
    driver.until_color(COLOR);
    assert_eq!(renderers().len(), 2, "the renderer and its helper");
    let frames = driver.owner.state().unwrap().frames;
    driver.until("frames: no wake is taken", |driver| {
        driver.owner.state().unwrap().frames > frames + 50
    });
    drop(driver);
    assert_eq!(renderers(), [0; 0]);
}

struct Missing;

impl App for Missing {
    const RENDERER: &'static str = "no-such-package";
    type Arguments = ();
    type State = u32;
    type ToRenderer = ();
    type ToOwner = ();
}

#[test]
fn a_package_that_does_not_exist_is_named_with_what_to_do() {
    let bench = Workbench::new();
    let owner = Owner::<Missing>::builder(()).workspace(&bench.folder);
    let owner = owner.start(|_: &mut Frame<'_, Missing>| {}).unwrap();
    let mut driver = Driver::new(owner);
    let Problem::CannotBuild { message } = problem(&mut driver) else {
        panic!("{:?}", driver.owner.status())
    };
    assert!(message.contains("no-such-package") && message.contains("App::RENDERER"), "{message}");
}

#[test]
fn a_broken_manifest_is_cargos_own_error_and_its_correction_arrives() {
    let (bench, mut driver) = Workbench::running();
    let manifest = bench.read("Cargo.toml");
    bench.write("Cargo.toml", "[package\n");
    let Problem::CannotBuild { message } = problem(&mut driver) else {
        panic!("{:?}", driver.owner.status())
    };
    assert!(message.contains("Cargo.toml"), "{message}");
    bench.write("Cargo.toml", &manifest);
    driver.until("no problem", |driver| driver.owner.status().problem.is_none());
    bench.color(COLOR, 0x84);
    driver.until_color(0x84);
}

#[test]
fn a_renderer_of_another_protocol_version_is_refused_in_words() {
    let bench = Workbench::new();
    let library = concat!(env!("CARGO_MANIFEST_DIR"), "/../hot-reload");
    let copied = Command::new("cp").args(["-r", library]).arg(bench.path("library")).status();
    assert!(copied.unwrap().success());
    let manifest = fs::read_to_string(bench.path("library/Cargo.toml")).unwrap();
    let workspace = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"));
    let workspace = workspace.unwrap().replace("path = \"hot-reload/", "path = \"library/");
    // The copy inherits its settings from the renderer's workspace.
    let shared = workspace.split("[workspace.package]").nth(1).unwrap();
    let shared = shared.split("[profile.").next().unwrap();
    let package = "[package]\nname = \"two-process-tests\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
        [dependencies]\nserde = { version = \"1\", features = [\"derive\"] }\n\
        hot-reload = { path = \"library\", features = [\"renderer\"] }\n[workspace]\n\
        members = [\"library\", \"library/derive\", \"library/pod\"]\n[workspace.package]";
    bench.write("Cargo.toml", &format!("{package}{shared}"));
    bench.write("library/Cargo.toml", &manifest.replace("readme = \"../README.md\"\n", ""));
    bench.edit("library/src/segment/header.rs", "PROTOCOL: u32 = ", "PROTOCOL: u32 = 4700 + ");
    let mut driver = bench.start();
    let Problem::CannotStart { message } = problem(&mut driver) else {
        panic!("{:?}", driver.owner.status())
    };
    assert!(
        message.contains("protocol version 470") && message.contains("this owner version "),
        "{message}"
    );
    driver.until("no segment of it is left", |_| segments().is_empty());
}

#[test]
fn a_state_of_64_mib_starts_in_place_and_is_handed_over() {
    let bench = Workbench::of("big");
    let owner = Owner::<Big<{ big::CELLS }>>::builder(()).size(64, 48).workspace(&bench.folder);
    let owner = owner.program_arguments(["big".into()]).start(big::render).unwrap();
    let mut driver = Driver::new(owner);
    driver.until_color(COLOR);
    driver.until("a commit", |driver| driver.owner.state().is_some_and(|it| it.frames > 20));
    bench.color(COLOR, 0x85);
    driver.until_color(0x85);
    driver.until("a commit of the next", |driver| {
        let picture = driver.drawn_by();
        picture == 2 && driver.owner.state().is_some_and(|it| it.frames > 40)
    });
    let state = driver.owner.state().unwrap();
    assert_eq!(state.cells[big::CELLS - 1] as usize, big::CELLS - 1);
}

/// Number of bytes beyond the memory of any machine.
const ENDLESS: usize = 1 << 44;

struct Endless;

#[derive(Clone, Copy, hot_reload::SharedState)]
#[repr(C)]
struct Universe([u8; ENDLESS]);

impl Default for Universe {
    fn default() -> Self {
        unreachable!("never made")
    }
}

impl App for Endless {
    const RENDERER: &'static str = "two-process-tests";
    type Arguments = Arguments;
    type State = Universe;
    type ToRenderer = ();
    type ToOwner = ();
}

#[test]
fn a_state_larger_than_memory_is_refused_in_words() {
    let bench = Workbench::new();
    let owner = Owner::<Endless>::builder(Arguments::default()).workspace(&bench.folder);
    let owner = owner.start(|_: &mut Frame<'_, Endless>| {}).unwrap();
    let mut driver = Driver::new(owner);
    let Problem::CannotStart { message } = problem(&mut driver) else {
        panic!("{:?}", driver.owner.status())
    };
    assert!(message.contains("shared memory") && message.contains("MiB"), "{message}");
    driver.until("no segment of it is left", |_| segments().is_empty());
}

#[test]
fn a_renderer_started_by_hand_says_what_to_do() {
    let (bench, _driver) = Workbench::running();
    let program = bench.target().join("hot/two-process-tests");
    let output = Command::new(program).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("started by its owner") && text.contains("cargo run"), "{text}");
}

#[test]
fn a_damaged_segment_ends_its_generation_and_not_the_owner() {
    let (bench, mut driver) = Workbench::running();
    let renderer = renderers()[0];
    // The address of the mapping in the renderer, and the damage of a wild pointer.
    let maps = fs::read_to_string(format!("/proc/{renderer}/maps")).unwrap();
    let mapping = maps.lines().find(|line| line.contains("/dev/shm/hr-")).unwrap();
    let start = u64::from_str_radix(mapping.split('-').next().unwrap(), 16).unwrap();
    let memory = fs::File::options().write(true).open(format!("/proc/{renderer}/mem")).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&memory, &[0xff; 4096 - 128], start + 128).unwrap();
    let Problem::Crashed { crash, .. } = problem(&mut driver) else {
        panic!("{:?}", driver.owner.status())
    };
    let how = &crash.how;
    assert!(how.contains("damaged") || how.contains("exit code"), "{how}");
    assert_eq!(driver.color(), COLOR, "the picture stays");
    bench.color(COLOR, 0x86);
    driver.until_color(0x86);
}
