//! Tests of artifacts that cargo does not build: made by a command, or from elsewhere.
#![allow(clippy::unwrap_used, reason = "tests")]
#![cfg(unix)]

mod support;

use hot_reload::{
    Deadlines, Owner, OwnerBuilder,
    status::{BuiltBy, Problem, ReloadEvent},
};
use std::fs;
use std::time::Duration;
use support::{Driver, Workbench};
use two_process_tests::{Arguments, COLOR, Probe, render};

/// Returns an owner that builds only with `build.sh`.
fn by_script(bench: &Workbench, script: &str) -> OwnerBuilder<Probe> {
    bench.write("build.sh", script);
    bench
        .builder(Arguments::default())
        .artifact("out/renderer")
        .watch_sources("src")
        .watch_sources("build.sh")
        .build_command("sh build.sh")
}

/// Script that builds like the tests' other renderers, into a separate folder.
const SCRIPT: &str = "set -e\ncargo build --quiet --profile hot \
    --config 'profile.hot.inherits=\"dev\"'\nmkdir -p out\n\
    cp ../target/hot/two-process-tests out/renderer.new\n\
    mv out/renderer.new out/renderer\n";

fn message(driver: &mut Driver<Probe>, words: &str) {
    driver.until(words, |driver| match &driver.owner.status().problem {
        Some(Problem::BuildFailed { message } | Problem::CannotBuild { message }) => {
            message.contains(words)
        }
        _ => false,
    });
}

#[test]
fn a_renderer_that_a_command_builds_is_replaced_when_its_sources_change() {
    let bench = Workbench::new();
    let mut driver = Driver::new(by_script(&bench, SCRIPT).start(render).unwrap());
    driver.until_color(COLOR);
    bench.color(COLOR, 0x61);
    driver.until_color(0x61);
    let frames = driver.owner.state().unwrap().frames;

    bench.write("build.sh", "echo making ready\necho 'no rule to make it' >&2\nexit 2\n");
    message(&mut driver, "making ready\nno rule to make it");
    assert_eq!(driver.color(), 0x61, "the last good one draws on");

    bench.write("build.sh", SCRIPT);
    driver.until("no problem", |driver| driver.owner.status().problem.is_none());
    bench.color(0x61, 0x62);
    driver.until_color(0x62);
    let state = driver.owner.state().unwrap();
    assert!(state.frames > frames, "the state is kept");
    assert_eq!((state.gaps, state.disorder), (0, 0), "no tick left out or given twice");
}

#[test]
fn a_command_that_hangs_is_killed_and_its_correction_builds() {
    let bench = Workbench::new();
    let deadlines = Deadlines { build: Duration::from_secs(10), ..Deadlines::default() };
    let owner = by_script(&bench, "exec sleep 1000\n").deadlines(deadlines);
    let mut driver = Driver::new(owner.start(render).unwrap());
    message(&mut driver, "has not ended within 10s");
    // Built elsewhere in the meantime, and found once the command has ended.
    let built = std::process::Command::new("cargo")
        .args(["build", "--quiet", "--profile", "hot", "--config", "profile.hot.inherits=\"dev\""])
        .current_dir(&bench.folder)
        .status();
    assert!(built.unwrap().success());
    bench.write("build.sh", "mkdir -p out && cp ../target/hot/two-process-tests out/renderer\n");
    driver.until_color(COLOR);
}

#[test]
fn what_is_no_program_of_this_machine_is_refused_and_the_old_one_draws_on() {
    let bench = Workbench::new();
    let mut driver = Driver::new(by_script(&bench, SCRIPT).start(render).unwrap());
    driver.until_color(COLOR);
    bench.write("build.sh", "echo 'not a program' > out/renderer\n");
    message(&mut driver, "is not a whole program");
    bench.write("build.sh", "rm -f out/renderer\n");
    message(&mut driver, "there is no program");
    assert_eq!(driver.color(), COLOR, "the last good one draws on");
    bench.color(COLOR, 0x63);
    bench.write("build.sh", SCRIPT);
    driver.until_color(0x63);
}

/// Starts a renderer whose color comes from a file that is written elsewhere.
fn with_part(bench: &Workbench) -> Driver<Probe> {
    let read = "    if let Ok(text) = std::fs::read_to_string(hot_reload::artifact(\"out/color.txt\")) {\n        \
        frame.canvas.parts().0.fill(text.trim().parse().unwrap());\n    }\n}\n";
    let source = bench.read("src/lib.rs");
    let begin = source.find("pub fn render(").unwrap();
    let end = begin + source[begin..].find("\n}\n").unwrap() + 1;
    let source = format!("{}{read}{}", &source[..end], &source[end + 2..]);
    bench.write("src/lib.rs", &source);
    let owner = Owner::builder(Arguments::default()).size(64, 48).workspace(&bench.folder);
    let owner = owner.program_arguments([]).watch_artifact("out/color.txt");
    Driver::new(owner.start(render).unwrap())
}

fn until_filled(driver: &mut Driver<Probe>, color: u32) {
    driver.until(&format!("a picture of {color}"), |driver| driver.color() == color);
}

#[test]
fn a_file_beside_the_program_is_another_generation_and_no_build() {
    let bench = Workbench::new();
    bench.write("out/color.txt", "71");
    let mut driver = with_part(&bench);
    until_filled(&mut driver, 71);
    driver.until("a commit", |driver| driver.owner.state().is_some());
    let frames = driver.owner.state().unwrap().frames;
    driver.owner.reload_events().for_each(drop);
    bench.write("out/color.txt", "72");
    until_filled(&mut driver, 72);
    assert!(driver.owner.state().unwrap().frames > frames, "the state is kept");
    let built = driver.owner.reload_events().filter_map(|event| match event {
        ReloadEvent::BuildFinished { by, .. } => Some(by),
        _ => None,
    });
    assert_eq!(built.collect::<Vec<_>>(), [BuiltBy::Other], "nobody has compiled anything");

    fs::remove_file(bench.path("out/color.txt")).unwrap();
    message(&mut driver, "there is no file");
    assert_eq!(driver.color(), 72, "its copy is still there");
    // Both at once: the program built by cargo or the compiler, and the file beside it.
    bench.edit(
        "src/lib.rs",
        "text.trim().parse().unwrap()",
        "100 + text.trim().parse::<u32>().unwrap()",
    );
    bench.write("out/color.txt", "73");
    until_filled(&mut driver, 173);
    driver.until("no problem", |driver| driver.owner.status().problem.is_none());
    assert!(bench.path("out/color.txt").exists(), "copied, not moved");
}
