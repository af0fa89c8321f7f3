//! Tests of states that outlive an owner that did not end in order.
#![allow(clippy::unwrap_used, reason = "tests")]
#![cfg(unix)]

mod support;

use hot_reload::{Owner, Snapshot, WindowInput};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use support::{Driver, LIMIT, Workbench};
use two_process_tests::{Arguments, Probe, render};

/// Environment variable with the workspace of an owner in a separate process.
const WORKSPACE: &str = "RESCUE_WORKSPACE";
/// Environment variable that selects how it ends once the workspace contains a file `end`.
const END: &str = "RESCUE_END";

fn owners(bench: &Workbench) -> PathBuf {
    bench.target().join(".hot-reload-owners")
}

/// Returns the states in a folder from which no owner has resumed.
fn rescued(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let named =
        entries.filter(|it| it.file_name().to_string_lossy().starts_with("rescued-two-process-"));
    named.map(|entry| entry.path()).collect()
}

fn frames(path: &Path) -> u64 {
    Snapshot::load(path).unwrap().get::<u64>("frames").unwrap()
}

/// Waits for a condition, with a generous limit.
fn wait<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        // The first build of the first owner compiles all dependencies.
        assert!(begun.elapsed() < 5 * LIMIT, "not within {:?}: {what}", 5 * LIMIT);
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Acts as the owner that the other tests start in a separate process, and that does not end in
/// order.
#[test]
fn owner() {
    let Some(folder) = env::var_os(WORKSPACE).map(PathBuf::from) else { return };
    let builder = Owner::<Probe>::builder(Arguments::default()).size(64, 48);
    let mut owner = builder.workspace(&folder).program_arguments([]).start(render).unwrap();
    loop {
        owner.tick(&WindowInput::idle(64, 48));
        let seen = owner.state().map_or(0, |state| state.frames);
        if seen > 20 && folder.join("end").exists() {
            fs::write(folder.join("seen"), seen.to_string()).unwrap();
            match &*env::var(END).unwrap() {
                "panic" => panic!("as the test wants it"),
                // As Xlib does when its server is gone.
                _ => std::process::exit(1),
            }
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn start_owner(bench: &Workbench, end: &str) -> Child {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "owner", "--nocapture"]).stdout(Stdio::null()).stderr(Stdio::null());
    command.env(WORKSPACE, &bench.folder).env(END, end).spawn().unwrap()
}

/// Waits for a state with some frames in the folder of an owner, and returns its path.
fn written(bench: &Workbench, owner: &Child) -> PathBuf {
    let begin = format!("{}-", owner.id());
    wait("a state in the owner's folder", || {
        let entries = fs::read_dir(owners(bench)).into_iter().flatten().flatten();
        let mut own = entries.filter(|it| it.file_name().to_string_lossy().starts_with(&begin));
        // The next state may replace it at any time.
        let state = rescued(&own.next()?.path()).pop()?;
        let frames = Snapshot::load(&state).ok()?.get::<u64>("frames")?;
        (frames > 20).then_some(state)
    })
}

#[test]
fn a_killed_owners_state_is_resumed_from_once_and_stays_to_be_loaded() {
    let bench = Workbench::new();
    // An earlier run that was killed may have left states.
    let _ = fs::remove_dir_all(owners(&bench));
    let mut killed = start_owner(&bench, "kill");
    written(&bench, &killed);
    killed.kill().unwrap();
    killed.wait().unwrap();

    // The next owner finds the state, and leaves it where it can be loaded.
    let mut driver = bench.start();
    driver.until("a state", |driver| driver.owner.state().is_some());
    assert!(driver.owner.state().unwrap().frames < 20, "it was not asked to resume");
    let [left] = &rescued(&owners(&bench))[..] else { panic!("{:?}", rescued(&owners(&bench))) };
    let before = frames(left);
    drop(driver);
    assert!(left.exists(), "it ends in order and takes only its own along");

    let resuming = || bench.builder(Arguments::default()).resume(true).start(render).unwrap();
    let mut driver = Driver::new(resuming());
    driver.until("the state", |driver| {
        driver.owner.state().is_some_and(|state| state.frames > before)
    });
    assert!(driver.owner.snapshot().unwrap().time() > Duration::from_millis(40), "and its clock");
    assert!(rescued(&owners(&bench)).is_empty(), "nobody resumes from it a second time");
    let name = left.file_name().unwrap().to_string_lossy().replace("rescued-", "resumed-");
    assert_eq!(frames(&left.with_file_name(name)), before, "but it is still there");
    assert!(driver.owner.finish().unwrap().get::<u64>("frames").unwrap() > before);
    assert!(rescued(&owners(&bench)).is_empty(), "an end in order leaves none");

    let mut driver = Driver::new(resuming());
    driver.until("a state", |driver| driver.owner.state().is_some());
    assert!(driver.owner.state().unwrap().frames < before, "there was nothing to resume from");
}

#[test]
fn an_owner_that_is_ended_by_a_library_or_panics_leaves_its_last_commit() {
    let bench = Workbench::new();
    for end in ["exit", "panic"] {
        let _ = fs::remove_dir_all(owners(&bench));
        let mut owner = start_owner(&bench, end);
        let _ = fs::remove_file(bench.path("seen"));
        written(&bench, &owner);
        bench.write("end", "");
        let status = wait("the end", || owner.try_wait().unwrap());
        assert!(!status.success(), "{end}: {status}");
        fs::remove_file(bench.path("end")).unwrap();
        if end == "exit" && !cfg!(all(target_os = "linux", target_env = "gnu")) {
            continue;
        }
        let [left] = &rescued(&owners(&bench))[..] else { panic!("{end}: no state") };
        let seen = bench.read("seen").parse::<u64>().unwrap();
        assert!(frames(left) >= seen, "{end}: {} frames of {seen}", frames(left));
        let begin = format!("{}-", owner.id());
        let folders = fs::read_dir(owners(&bench)).unwrap().flatten();
        let mut own = folders.filter(|it| it.file_name().to_string_lossy().starts_with(&begin));
        assert!(own.next().is_none(), "{end}: its folder is gone as at any end in order");
    }
}
