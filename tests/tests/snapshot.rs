//! Tests of saving and restoring, with the renderer in its own process and in one process.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use hot_reload::{
    Error, Owner, Snapshot, WindowInput, migration::Outcome, snapshot::SnapshotError,
};
use std::path::PathBuf;
use std::time::Duration;
use support::{Driver, Workbench, renderers};
use two_process_tests::{Arguments, Ping, Probe, render};

/// Returns the path of a test's own file.
fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}.state", std::process::id()))
}

/// Returns the number of ticks answered in the last commit.
fn frames(driver: &Driver<Probe>) -> u64 {
    driver.owner.state().map_or(0, |state| state.frames)
}

fn heights(snapshot: &Snapshot) -> Option<u64> {
    snapshot.to_json()["buffers"]["heights"][2].as_u64()
}

#[test]
fn a_saved_state_opens_in_a_later_build_of_another_layout_and_in_this_one_again() {
    let bench = Workbench::new();
    let (path, later) = (file("saved"), file("later"));
    let arguments = || Arguments { heights: 5, ..Arguments::default() };
    let mut driver = Driver::new(bench.builder(arguments()).start(render).unwrap());
    driver.until("frames", |driver| frames(driver) > 30);
    driver.owner.send(Ping { number: 1 }).unwrap();
    driver.until("a message", |driver| driver.owner.state().unwrap().last_ping == 1);
    driver.owner.save(&path).unwrap();
    let saved = Snapshot::load(&path).unwrap();
    let before = saved.get::<u64>("frames").unwrap();
    assert!(before > 30 && heights(&saved) == Some(before), "{saved}");
    drop(driver);
    assert_eq!(renderers(), [0; 0]);

    // Last week's file in today's build: one new field, one wider, one removed.
    bench.edit("src/lib.rs", "    pub frames: u64,", "    pub added: u8,\n    pub frames: u64,");
    bench.edit(
        "src/lib.rs",
        "            frames: 0,",
        "            added: 9,\n            frames: 0,",
    );
    bench.edit("src/lib.rs", "    pub magic: u32,", "    pub magic: u64,");
    bench.edit("src/lib.rs", "    /// Releases of the key A.\n    pub releases: u32,\n", "");
    bench.edit("src/lib.rs", "            releases: 0,\n", "");
    bench.edit(
        "src/lib.rs",
        "    state.releases += u32::from(input.is_key_released(Key::A));\n",
        "",
    );
    let builder = bench.builder(arguments()).restore(saved.clone());
    let mut driver = Driver::new(builder.start(render).unwrap());
    driver.until("a report", |driver| driver.owner.status().migration.is_some());
    let report = driver.owner.status().migration.clone().unwrap();
    let outcome = |path: &str| report.field(path).map(|field| field.outcome);
    assert_eq!(outcome("frames"), Some(Outcome::Kept), "{report}");
    assert_eq!(outcome("added"), Some(Outcome::Defaulted), "{report}");
    assert_eq!(outcome("magic"), Some(Outcome::Converted), "{report}");
    assert_eq!(outcome("releases"), Some(Outcome::Parked), "{report}");
    driver.until("commits of the new layout", |driver| {
        let snapshot = driver.owner.snapshot();
        snapshot.is_some_and(|it| it.get::<u64>("frames").unwrap_or(0) > before + 10)
    });
    let last = driver.owner.finish().unwrap();
    assert_eq!((last.get("added"), last.get("magic")), (Some(9_u8), Some(0x5eed_u64)));
    assert_eq!(last.get::<u32>("last_ping"), Some(1));
    assert_eq!(heights(&last), last.get::<u64>("frames"), "the buffer has gone on with the state");
    assert!(last.time() > saved.time(), "the clock has gone on: {:?}", last.time());
    last.save(&later).unwrap();

    // And back, in one process with the types of this program: the parked value is restored.
    let mut owner = Owner::<Probe>::builder(arguments())
        .one_process()
        .restore(Snapshot::load(&later).unwrap())
        .start(render)
        .unwrap();
    let goal = last.get::<u64>("frames").unwrap() + 5;
    let limit = std::time::Instant::now() + support::LIMIT;
    while owner.state().is_none_or(|state| state.frames < goal) {
        assert!(std::time::Instant::now() < limit, "{:?} {:?}", owner.state(), owner.status());
        owner.tick(&WindowInput::idle(64, 48));
        std::thread::sleep(Duration::from_millis(1));
    }
    let (state, report) = (owner.state().unwrap(), owner.status().migration.clone().unwrap());
    assert_eq!((state.magic, state.last_ping, state.releases), (0x5eed, 1, 0));
    let releases = report.field("releases").map(|field| field.outcome);
    assert_eq!(releases, Some(Outcome::Restored), "{report}");
    for path in [path, later] {
        std::fs::remove_file(path).unwrap();
    }
}

#[test]
fn a_running_program_goes_back_to_an_earlier_state() {
    let (_bench, mut driver) = Workbench::running();
    driver.until("frames", |driver| frames(driver) > 20);
    let snapshot = driver.owner.snapshot().unwrap();
    let then = snapshot.get::<u64>("frames").unwrap();
    driver.until("more frames", |driver| frames(driver) > then + 200);
    driver.owner.restore(&snapshot).unwrap();
    driver.until("fewer frames", |driver| {
        driver.drawn_by() == 2 && (then + 5..then + 150).contains(&frames(driver))
    });
    // The restored state had last seen an earlier tick, which counts as one gap; after that none is
    // lost.
    assert_eq!(driver.owner.state().unwrap().gaps, 1);
    driver.until("frames", |driver| frames(driver) > then + 150);
    assert_eq!(driver.owner.state().unwrap().gaps, 1);
}

#[test]
fn in_one_process_it_goes_back_as_well() {
    let arguments = Arguments { heights: 3, ..Arguments::default() };
    let mut driver =
        Driver::new(Owner::<Probe>::builder(arguments).one_process().start(render).unwrap());
    driver.until("frames", |driver| frames(driver) > 20);
    let snapshot = driver.owner.snapshot().unwrap();
    let then = snapshot.get::<u64>("frames").unwrap();
    driver.until("more frames", |driver| frames(driver) > then + 200);
    driver.owner.restore(&snapshot).unwrap();
    driver.until("fewer frames", |driver| (then + 1..then + 100).contains(&frames(driver)));
    let last = driver.owner.finish().unwrap();
    assert_eq!(heights(&last), last.get::<u64>("frames"), "the buffer went back with the state");
}

#[test]
fn what_cannot_be_restored_changes_nothing() {
    let (bench, mut driver) = Workbench::running();
    driver.until("frames", |driver| frames(driver) > 20);
    let foreign = Snapshot::of(&7_u32, "another-renderer");
    let error = driver.owner.restore(&foreign).unwrap_err();
    assert!(matches!(error, Error::OtherApplication { .. }), "{error}");
    assert!(error.to_string().contains("another-renderer"), "{error}");
    assert!(bench.builder(Arguments::default()).restore(foreign).start(render).is_err());

    // A file of its own with one bit flipped: loading rejects it.
    let path = file("damaged");
    driver.owner.save(&path).unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    let last = bytes.len() / 2;
    bytes[last] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let error = Snapshot::load(&path).unwrap_err();
    assert!(error.to_string().contains("damaged"), "{error}");
    std::fs::remove_file(&path).unwrap();

    let before = frames(&driver);
    driver.until("frames", |driver| frames(driver) > before + 50);
    assert_eq!((driver.drawn_by(), driver.owner.state().unwrap().gaps), (1, 0));
}

#[test]
fn nothing_is_there_to_save_before_the_first_commit() {
    let owner = Owner::<Probe>::builder(Arguments::default()).one_process().start(render).unwrap();
    let path = file("nothing");
    assert!(owner.snapshot().is_none());
    assert!(
        matches!(owner.save(&path), Err(Error::Snapshot(SnapshotError::Save { .. })))
            && !path.exists()
    );
    drop(owner);
    let nothing = Owner::<Probe>::builder(Arguments::default()).one_process().start(render);
    assert!(nothing.unwrap().finish().is_none());
}
