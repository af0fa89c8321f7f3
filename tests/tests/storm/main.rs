//! The storm: generations are killed at any moment and at every step, handovers overlap, and
//! nothing may be torn, lost, delivered twice or left behind.
//!
//! 150 rounds run with the other tests. This runs another number:
//!
//!
//! ```text
//! HOT_RELOAD_STORM=10000 cargo test -p two-process-tests --release --test storm -- --nocapture
//! ```
//!
//! Each round kills at least one generation. `naive.rs` is the negative control.
// Processes are looked up in `/proc`, and killed by a handle that only Linux has.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod killer;
mod report;
mod resources;
mod rounds;
#[path = "../support/mod.rs"]
mod support;
mod watch;

use resources::Resources;
use rounds::Rounds;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use support::{Workbench, renderers, segments};

/// Number of rounds, unless `HOT_RELOAD_STORM` sets another one.
const ROUNDS: u32 = 150;

#[test]
fn generations_killed_at_any_moment_and_at_every_step_lose_nothing() {
    let rounds = std::env::var("HOT_RELOAD_STORM").map_or(ROUNDS, |text| text.parse().unwrap());
    let points = fail_points();
    assert!(points.len() >= 13, "the fail points are found in the sources: {points:?}");
    let bench = Workbench::of("storm");
    let program = program(&bench);
    let nobody = Resources::now();

    let mut storm = Rounds::begin(&bench, &program, points);
    let before = Resources::now();
    for number in 0..rounds {
        storm.round(number);
    }
    storm.settle();
    Resources::shrink_to(&before, "before the storm", || storm.watch.turn());
    storm.judge(rounds);
    drop(storm);

    assert_eq!(renderers(), [0; 0], "no renderer outlives its owner");
    assert_eq!(segments(), [""; 0], "no segment outlives its owner");
    Resources::shrink_to(&nobody, "before there was an owner", std::thread::yield_now);
}

/// Builds the renderer with fail points, and copies it to a place where no other test builds.
fn program(bench: &Workbench) -> std::path::PathBuf {
    let features = "features = [\"renderer\", \"fail-points\"]";
    bench.edit("Cargo.toml", "features = [\"renderer\"]", features);
    // The library builds it, so that the renderers of all tests share their dependencies.
    let mut driver = bench.start();
    driver.until_color(two_process_tests::COLOR);
    let program = bench.path("storm/two-process-tests");
    fs::create_dir_all(program.parent().unwrap()).unwrap();
    fs::copy(format!("/proc/{}/exe", renderers()[0]), &program).unwrap();
    program
}

/// Returns all places where a renderer can be made to fail, found in the library's sources.
fn fail_points() -> Vec<String> {
    let mut points = BTreeSet::new();
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("../hot-reload/src");
    let mut open = vec![library];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(path).unwrap().flatten().map(|entry| entry.path()));
            continue;
        }
        let text = fs::read_to_string(path).unwrap();
        let calls = text.split("fail::point(\"").skip(1);
        points.extend(calls.filter_map(|call| Some(call.split_once('"')?.0.to_owned())));
    }
    points.into_iter().collect()
}
