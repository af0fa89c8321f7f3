//! Tests of malicious renderers: the owner keeps ticking, its memory does not grow, and the next
//! renderer works.
#![allow(clippy::unwrap_used, reason = "tests")]
#![cfg(target_os = "linux")]

mod support;

use hot_reload::{
    Event, Key,
    status::{Crash, Problem, ReloadEvent},
};
use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};
use support::{Driver, Workbench};
use two_process_tests::{Arguments, COLOR, Probe, render};

/// Edits the renderer so that it executes code when the key H is pressed.
fn hostile(bench: &Workbench, code: &str) {
    let observe = "    observe(frame);\n";
    let struck = format!("{observe}    if frame.input.is_key_pressed(Key::H) {{\n{code}\n    }}\n");
    bench.edit("src/lib.rs", observe, &struck);
}

fn strike(driver: &mut Driver<Probe>) {
    driver.until_color(COLOR);
    driver.input.events = vec![Event::KeyDown(Key::H), Event::KeyUp(Key::H)];
    driver.tick();
}

/// Restores the source with another color, and checks that it draws and works.
fn mended(bench: &Workbench, driver: &mut Driver<Probe>, good: &str, color: u32) {
    bench.write("src/lib.rs", good);
    bench.color(COLOR, color);
    driver.until_color(color);
    let generation = driver.drawn_by();
    driver.until("a state", |driver| driver.owner.state().is_some());
    let pressed = driver.owner.state().unwrap().presses;
    driver.until("input and commits of the good renderer", |driver| {
        driver.input.events = vec![Event::KeyDown(Key::A), Event::KeyUp(Key::A)];
        driver.owner.state().is_some_and(|state| state.presses > pressed.saturating_add(3))
    });
    assert!(driver.owner.is_running(), "something has asked to quit");
    assert!(driver.drawn_by() >= generation);
}

/// Ticks until a generation has failed, and returns its crash.
fn crash(driver: &mut Driver<Probe>) -> Crash {
    let mut found = None;
    driver.until("a crash", |driver| {
        let crashes = driver.owner.reload_events().filter_map(|event| match event {
            ReloadEvent::Failed { problem: Problem::Crashed { crash, .. }, .. } => Some(crash),
            _ => None,
        });
        found = crashes.last();
        found.is_some()
    });
    found.unwrap()
}

/// Runs a test in a separate process. Its output is discarded except for the end, because the
/// renderer's output goes to the terminal and is as hostile as the rest.
fn aside(test: &str, inner: impl FnOnce()) {
    const INSIDE: &str = "HOT_RELOAD_TEST_INSIDE";
    if std::env::var_os(INSIDE).is_some() {
        return inner();
    }
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--nocapture"]).env(INSIDE, "1");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let stdout = std::thread::spawn(move || end_of(stdout));
    let (stderr, stdout) = (end_of(stderr), stdout.join().unwrap());
    let status = child.wait().unwrap();
    assert!(status.success() && stdout.contains("1 passed"), "{status}\n{stdout}\n{stderr}");
}

/// Returns the end of the output, with characters escaped that a terminal would act upon.
fn end_of(mut stream: impl Read) -> String {
    const KEPT: usize = 4000;
    let (mut kept, mut chunk) = (Vec::new(), vec![0; 1 << 16]);
    while let Ok(count @ 1..) = stream.read(&mut chunk) {
        kept.extend_from_slice(&chunk[..count]);
        kept.drain(..kept.len().saturating_sub(KEPT));
    }
    let shown = |character: &char| *character == '\n' || !character.is_control();
    String::from_utf8_lossy(&kept).chars().filter(shown).collect()
}

/// Returns the memory of this process in MiB.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().trim().parse::<u64>().unwrap() >> 10
}

/// Returns the number of threads of this process that read the output of renderers.
fn readers() -> usize {
    let threads = fs::read_dir("/proc/self/task").unwrap().flatten();
    let names = threads.map(|it| fs::read_to_string(it.path().join("comm")).unwrap_or_default());
    names.filter(|name| name.starts_with("hot-reload outp")).count()
}

#[test]
fn a_renderer_that_scribbles_over_its_segment_loses_its_generation_and_no_more() {
    let bench = Workbench::new();
    let (good, manifest) = (bench.read("src/lib.rs"), bench.read("Cargo.toml"));
    let bench = bench.with_features(&["fail-points"]);
    let builder = bench.builder(Arguments::default());
    let builder = builder.program_environment("HOT_RELOAD_FAIL", "drawn:20:scribble");
    let mut driver = Driver::new(builder.start(render).unwrap());
    driver.until_color(COLOR);
    let (mut failed, before) = (0, resident());
    // Every generation scribbles from its twentieth frame on, until the build is given up or keeps
    // running in spite of its own damage.
    for _ in 0..2000 {
        driver.tick();
        let picture = driver.owner.picture();
        assert_eq!(picture.frame().len(), picture.width() * picture.height());
        let events = driver.owner.reload_events();
        failed += events.filter(|it| matches!(it, ReloadEvent::Failed { .. })).count();
        let _ = (driver.owner.messages().count(), driver.owner.requests().count());
    }
    assert!(failed > 0, "no generation has failed: {:?}", driver.owner.status());
    assert!(resident() <= before + 100, "{} MiB, after {before}", resident());
    bench.write("Cargo.toml", &manifest);
    mended(&bench, &mut driver, &good, 0xa1);
}

#[test]
fn a_renderer_that_closes_its_descriptors_is_replaced_or_goes_on() {
    let bench = Workbench::new();
    let good = bench.read("src/lib.rs");
    let close = |from: u32, to: u32| {
        format!(
            "for fd in {from}..{to} {{\n            \
             if std::fs::exists(format!(\"/proc/self/fd/{{fd}}\")).unwrap_or(false) {{\n        \
             drop(unsafe {{ <std::os::fd::OwnedFd as std::os::fd::FromRawFd>::from_raw_fd(fd) }});\n\
             }}\n        }}"
        )
    };
    hostile(&bench, &close(3, 64));
    let mut driver = bench.start();
    strike(&mut driver);
    let frames = driver.owner.state().map_or(0, |state| state.frames);
    driver.until("frames without descriptors, or of the next generation", |driver| {
        driver.owner.state().is_some_and(|state| state.frames > frames + 50)
    });
    mended(&bench, &mut driver, &good, 0xa2);
    bench.write("src/lib.rs", &good);
    hostile(&bench, &close(0, 3));
    strike(&mut driver);
    let frames = driver.owner.state().map_or(0, |state| state.frames);
    driver.until("frames without standard streams, or of the next generation", |driver| {
        driver.owner.state().is_some_and(|state| state.frames > frames + 50)
    });
    mended(&bench, &mut driver, &good, 0xa3);
}

/// Returns code that prints 100 MB, twice what the owner may take, from a thread while the renderer keeps drawing.
fn flood(stream: &str, text: &str, done: &str) -> String {
    format!(
        "std::thread::spawn(|| {{\n            let text = {text:?}.repeat(2000);\n            \
         for _ in 0..100_000_000 / text.len() {{\n                \
         let _ = std::io::Write::write_all(&mut std::io::{stream}(), text.as_bytes());\n            \
         }}\n            std::fs::write({done:?}, \"\").unwrap();\n        }});"
    )
}

fn a_flood_passes(stream: &str, text: &str) {
    let bench = Workbench::new();
    let good = bench.read("src/lib.rs");
    let done = bench.path("flooded");
    hostile(&bench, &flood(stream, text, done.to_str().unwrap()));
    let mut driver = bench.start();
    strike(&mut driver);
    let (before, mut most) = (resident(), 0);
    let frames = driver.owner.state().map_or(0, |state| state.frames);
    driver.until("the end of the flood", |_| {
        most = most.max(resident());
        done.exists()
    });
    assert!(most <= before + 50, "{most} MiB, after {before}");
    driver.until("frames", |driver| driver.owner.state().is_some_and(|it| it.frames > frames));
    mended(&bench, &mut driver, &good, 0xa4);
}

#[test]
fn a_flood_of_standard_error_costs_the_owner_no_memory() {
    let name = "a_flood_of_standard_error_costs_the_owner_no_memory";
    aside(name, || a_flood_passes("stderr", "what is wrong here?\n"));
}

#[test]
fn a_flood_of_standard_output_without_a_line_s_end_costs_the_owner_no_memory() {
    let name = "a_flood_of_standard_output_without_a_line_s_end_costs_the_owner_no_memory";
    aside(name, || a_flood_passes("stdout", "yes, and "));
}

#[test]
fn last_words_of_any_bytes_are_few_and_printable() {
    aside("last_words_of_any_bytes_are_few_and_printable", || {
        let bench = Workbench::new();
        let good = bench.read("src/lib.rs");
        let print = "let bytes: Vec<u8> = (0..=255).cycle().step_by(7).take(100_000).collect();\n        \
            let mut stderr = std::io::stderr();\n        \
            std::io::Write::write_all(&mut stderr, &bytes).unwrap();\n        \
            eprint!(\"\\x1b[2J\\x1b[31m\\x1b]0;owned\\x07\\n\\u{9b}5m\\x1b[1mlast words\\x1b[0m\\n\");\n        \
            std::process::abort();";
        hostile(&bench, print);
        let mut driver = bench.start();
        strike(&mut driver);
        let crash = crash(&mut driver);
        assert!(crash.how.contains("SIGABRT"), "{crash:?}");
        assert!(crash.stderr.len() <= 20, "{} lines", crash.stderr.len());
        assert!(crash.stderr.iter().any(|line| line.contains("last words")), "{crash:?}");
        for line in &crash.stderr {
            assert!(line.len() <= 4000 && !line.contains(char::is_control), "{line:?}");
            assert!(!line.contains("owned"), "the title of a terminal: {line:?}");
        }
        mended(&bench, &mut driver, &good, 0xa5);
    });
}

#[test]
fn a_program_that_outlives_its_renderer_with_its_pipes_keeps_nothing_of_the_owner() {
    let name = "a_program_that_outlives_its_renderer_with_its_pipes_keeps_nothing_of_the_owner";
    aside(name, || {
        let bench = Workbench::new();
        let good = bench.read("src/lib.rs");
        let ids = bench.path("ids");
        let held = |script: &str| {
            let script = format!("echo $$ >> {}; {script}", ids.display());
            format!(
                "let script = {script:?};\n        \
                 std::process::Command::new(\"setsid\").args([\"sh\", \"-c\", script]).spawn().unwrap();\n        \
                 while !std::fs::exists({ids:?}).unwrap_or(false) {{}}\n        \
                 std::process::abort();"
            )
        };
        // One process only holds the pipes, and one writes forever.
        hostile(&bench, &held("exec sleep 300"));
        let mut driver = bench.start();
        strike(&mut driver);
        assert!(crash(&mut driver).how.contains("SIGABRT"));
        mended(&bench, &mut driver, &good, 0xa6);
        driver.until("the readers of one generation", |_| readers() <= 2);
        bench.write("src/lib.rs", &good);
        hostile(&bench, &held("while echo again; do echo again >&2; sleep 0.01; done"));
        strike(&mut driver);
        assert!(crash(&mut driver).how.contains("SIGABRT"));
        mended(&bench, &mut driver, &good, 0xa7);
        driver.until("the readers of one generation", |_| readers() <= 2);
        for id in fs::read_to_string(&ids).unwrap().lines() {
            let _ = Command::new("kill").arg(id).stderr(Stdio::null()).status();
        }
    });
}
