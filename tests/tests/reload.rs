//! Tests of start, edit and replacement: the owner's loop never stalls, and the state survives.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use hot_reload::{
    Event, Key,
    status::{Activity, Problem},
};
use std::fs::{self, File, FileTimes};
use support::{Workbench, renderers, segments};
use two_process_tests::{COLOR, FIRST_TICK};

#[test]
fn a_renderer_is_built_started_and_ended() {
    let bench = Workbench::new();
    let mut driver = bench.start();
    assert_eq!(driver.color(), 0x0010_1418, "plain before the first frame, never empty");
    driver.until_color(COLOR);
    assert_eq!(driver.drawn_by(), 1);
    assert_eq!(driver.owner.picture().generation(), 1);
    driver.until("a committed state", |driver| driver.owner.state().is_some());
    assert_eq!(driver.owner.state().unwrap().magic, 0x5eed, "initialised from its default");
    driver.until("idle", |driver| driver.owner.status().activity == Activity::Idle);
    assert_eq!(driver.owner.status().problem, None);
    assert_eq!(segments(), [""; 0], "unlinked as soon as the renderer has attached");
    assert_eq!(renderers().len(), 1);
    drop(driver);
    assert_eq!(renderers(), [0; 0], "nothing outlives the owner");
    let builds = bench.target().join(".hot-reload-owners");
    let left = fs::read_dir(builds).unwrap().flatten().filter(|entry| entry.path().is_dir());
    assert_eq!(left.count(), 0, "the folder of the builds is gone");
}

#[test]
fn twenty_edits_in_a_row_arrive_and_every_edge_is_delivered_once() {
    let (bench, mut driver) = Workbench::running();
    let mut color = COLOR;
    let mut pressed = 0;
    for edit in 1..=20 {
        let next = 0x0010_0000 + edit;
        bench.color(color, next);
        color = next;
        driver.until(&format!("edit {edit}"), |driver| {
            // A tap with every third tick, before, during and after the replacement.
            if driver.ticks.is_multiple_of(3) {
                driver.input.events = vec![Event::KeyDown(Key::A), Event::KeyUp(Key::A)];
                pressed += 1;
                driver.tick();
            }
            driver.color() == color
        });
    }
    // Taps that are merged into one tick count as one press, but none is lost.
    driver.until("every tick answered", |driver| {
        let ticks = driver.ticks;
        let state = driver.owner.state().unwrap();
        state.frames + state.merged + 5 >= ticks
    });
    let state = *driver.owner.state().unwrap();
    assert_eq!(driver.drawn_by(), 21, "one generation an edit");
    assert!(state.presses > 0 && state.presses <= pressed, "{} of {pressed}", state.presses);
    assert_eq!((state.presses, state.gaps), (state.releases, 0));
    assert_eq!(state.magic, 0x5eed);
}

#[test]
fn every_tick_is_answered_exactly_once_over_reloads() {
    let (bench, mut driver) = Workbench::running();
    for (from, to) in [(COLOR, 0x1), (0x1, 0x2), (0x2, 0x3)] {
        bench.color(from, to);
        driver.until_color(to);
    }
    let state = *driver.owner.state().unwrap();
    assert_eq!(state.first, FIRST_TICK, "whatever the first build took");
    assert_eq!(state.gaps, 0, "{state:?}");
    assert_eq!(state.last_tick, state.frames + state.merged, "{state:?}");
    assert!(state.last_tick <= driver.ticks && state.last_tick > driver.ticks / 2, "{state:?}");
}

#[test]
fn a_compile_error_changes_nothing_and_its_correction_arrives() {
    let (bench, mut driver) = Workbench::running();
    bench.edit("src/lib.rs", "pub const COLOR", "pub cnst COLOR");
    driver.until("the error", |driver| driver.owner.status().problem.is_some());
    let Some(Problem::BuildFailed { message }) = &driver.owner.status().problem else {
        panic!("{:?}", driver.owner.status())
    };
    assert!(message.contains("cnst") && message.contains("src/lib.rs"), "{message}");
    let frames = driver.owner.state().unwrap().frames;
    driver.until("frames of the old code", |driver| {
        driver.owner.state().unwrap().frames > frames + 20
    });
    assert_eq!((driver.color(), driver.drawn_by()), (COLOR, 1));
    bench.edit("src/lib.rs", "pub cnst COLOR: u32 = 0x0011_2233", "pub const COLOR: u32 = 0x9");
    driver.until_color(9);
    assert_eq!(driver.owner.status().problem, None, "the error goes away by itself");
}

#[test]
fn going_back_to_the_source_that_runs_takes_the_error_away() {
    let (bench, mut driver) = Workbench::running();
    let good = bench.read("src/lib.rs");
    bench.write("src/lib.rs", "not rust");
    driver.until("the error", |driver| driver.owner.status().problem.is_some());
    bench.write("src/lib.rs", &good);
    driver.until("no error", |driver| driver.owner.status().problem.is_none());
    driver.until_color(COLOR);
}

#[test]
fn a_source_restored_with_its_old_time_is_the_one_that_runs() {
    let (bench, mut driver) = Workbench::running();
    let lib = bench.path("src/lib.rs");
    let old = fs::metadata(&lib).unwrap().modified().unwrap();
    let source = bench.read("src/lib.rs");
    bench.color(COLOR, 0x5);
    driver.until_color(0x5);
    // As with `cp -p`: written and dated before the owner looks.
    let draft = bench.path("draft");
    fs::write(&draft, source).unwrap();
    File::options()
        .write(true)
        .open(&draft)
        .unwrap()
        .set_times(FileTimes::new().set_modified(old))
        .unwrap();
    fs::rename(&draft, &lib).unwrap();
    driver.until_color(COLOR);
}

#[test]
fn a_save_during_a_build_is_not_lost() {
    let (bench, mut driver) = Workbench::running();
    let mut color = COLOR;
    for edit in 0x21..0x27 {
        bench.color(color, edit);
        color = edit;
        driver.until("a build", |driver| driver.owner.status().activity == Activity::Building);
    }
    driver.until_color(color);
}

#[test]
fn a_touch_and_files_that_editors_leave_start_nothing() {
    let (bench, mut driver) = Workbench::running();
    let lib = bench.path("src/lib.rs");
    let source = bench.read("src/lib.rs");
    bench.write("src/lib.rs", &source);
    File::options()
        .write(true)
        .open(&lib)
        .unwrap()
        .set_modified(std::time::SystemTime::now())
        .unwrap();
    for file in ["src/.lib.rs.swp", "src/lib.rs~", "src/4913"] {
        bench.write(file, "left");
    }
    // A real edit follows. If the others had started a build, it would not be the second one.
    bench.color(COLOR, 0x31);
    driver.until_color(0x31);
    // The picture can arrive before the supervisor's status.
    driver.until("the status", |driver| driver.owner.status().generation == driver.drawn_by());
    assert_eq!(driver.owner.status().build, 2, "{:?}", driver.owner.status());
}

#[test]
fn a_file_that_include_str_misses_is_waited_for() {
    let (bench, mut driver) = Workbench::running();
    bench.edit("src/lib.rs", "0x0011_2233;", "include_str!(\"../color.txt\").len() as u32;");
    driver.until("the error", |driver| driver.owner.status().problem.is_some());
    bench.write("color.txt", "1234567");
    driver.until_color(7);
    bench.write("color.txt", "123456789");
    driver.until_color(9);
}

#[test]
fn a_save_by_rename_is_noticed_every_time() {
    let (bench, mut driver) = Workbench::running();
    let source = bench.read("src/lib.rs");
    for edit in [0x41, 0x42, 0x43] {
        let text = source.replace("0x0011_2233", &format!("{edit:#x}"));
        fs::write(bench.path("lib.rs.new"), text).unwrap();
        fs::rename(bench.path("lib.rs.new"), bench.path("src/lib.rs")).unwrap();
        driver.until_color(edit);
    }
}
