//! Tests of owners in separate processes, which can be killed or have little memory. Each test runs
//! its own program again as the owner.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use hot_reload::status::ReloadEvent;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use support::{Driver, LIMIT, Workbench, renderers, renderers_of};
use two_process_tests::{Arguments, COLOR, render};

/// Environment variable of the owner with the folder of the renderer's sources.
const SOURCES: &str = "HOT_RELOAD_TEST_SOURCES";

/// Runs a test of this program as an owner, through a command that ends by running its arguments if
/// `through` names one.
fn owner(test: &str, bench: &Workbench, through: &[&str]) -> Child {
    let program = std::env::current_exe().unwrap();
    let mut words = through.iter().map(std::ffi::OsString::from).collect::<Vec<_>>();
    words.extend([program.into(), "--exact".into(), test.into(), "--nocapture".into()]);
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).env(SOURCES, &bench.folder).stdout(Stdio::null());
    command.spawn().unwrap()
}

/// Returns whether this process is such an owner.
fn is_owner() -> bool {
    std::env::var_os(SOURCES).is_some()
}

fn signal(name: &str, processes: &[u32]) {
    let ids = processes.iter().map(u32::to_string);
    let mut kill = Command::new("kill");
    // Fails for a process that has ended, which needs no signal.
    let _ = kill.arg(name).args(ids).stderr(Stdio::null()).status();
}

fn until<T: std::fmt::Debug>(what: &str, look: impl Fn() -> T, wanted: impl Fn(&T) -> bool) -> T {
    let begun = Instant::now();
    loop {
        let found = look();
        if wanted(&found) {
            return found;
        }
        assert!(begun.elapsed() < LIMIT, "not within {LIMIT:?}: {what}; found {found:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn what_a_renderer_has_started_ends_with_a_killed_owner() {
    if is_owner() {
        let bench = Workbench::of_parent(std::env::var_os(SOURCES).unwrap().into());
        let mut driver = bench.start();
        return driver.until("this process is killed", |_| false);
    }
    let bench = Workbench::new();
    let start = "    if frame.first {\n        \
                 let _ = std::process::Command::new(\"sleep\").arg(\"1000\").spawn();\n    }\n";
    let turn = "    observe(frame);\n";
    bench.edit("src/lib.rs", turn, &format!("{start}{turn}"));
    bench.build();
    for round in 0..6 {
        let test = "what_a_renderer_has_started_ends_with_a_killed_owner";
        let mut owner = owner(test, &bench, &[]);
        let id = owner.id();
        let group = until("a renderer and its helper", || renderers_of(id), |it| it.len() == 2);
        if round % 2 == 1 {
            // A stopped renderer cannot kill its group with any thread.
            signal("-STOP", &group);
        }
        owner.kill().unwrap();
        owner.wait().unwrap();
        until(
            "nothing is left",
            || (renderers_of(id), guards(id)),
            |(it, guards)| it.is_empty() && guards.is_empty(),
        );
    }
}

/// Returns the shells that would kill the children of an owner's renderers.
fn guards(owner: u32) -> Vec<u32> {
    let end = format!("hot-reload guard\0{owner}\0");
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let arguments = |id: &u32| std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
    ids.filter(|id| arguments(id).ends_with(end.as_bytes())).collect()
}

#[test]
fn where_two_segments_do_not_fit_the_old_one_ends_first_and_nothing_is_lost() {
    if is_owner() {
        return reload_in_little_memory();
    }
    let bench = Workbench::new();
    bench.build();
    // Three pictures of 800 × 600 take 6 MB.
    let mount = "mount -t tmpfs -o size=9m tmpfs /dev/shm && exec \"$0\" \"$@\"";
    let root = Command::new("id").arg("-u").output().unwrap().stdout.starts_with(b"0");
    let through = ["unshare", if root { "-m" } else { "-rm" }, "sh", "-c", mount];
    let test = "where_two_segments_do_not_fit_the_old_one_ends_first_and_nothing_is_lost";
    let status = owner(test, &bench, &through).wait().unwrap();
    assert!(
        status.success(),
        "{status}; where mount namespaces are not allowed, nothing is tested"
    );
}

fn reload_in_little_memory() {
    let bench = Workbench::of_parent(std::env::var_os(SOURCES).unwrap().into());
    let builder = bench.builder(Arguments::default()).canvas_size(800, 600);
    let mut driver = Driver::new(builder.start(render).unwrap());
    driver.until_color(COLOR);
    for (from, to) in [(COLOR, 0x51), (0x51, 0x52)] {
        let frames = driver.owner.state().map_or(0, |state| state.frames);
        bench.color(from, to);
        driver.until_color(to);
        driver.until("the state is kept", |it| it.owner.state().unwrap().frames > frames + 10);
        let failed =
            driver.owner.reload_events().find(|it| matches!(it, ReloadEvent::Failed { .. }));
        assert_eq!((failed, driver.owner.status().problem.clone()), (None, None));
    }
    // A build has proven itself when it has drawn for a quarter of a second. Until then, a crash
    // brings back the build before it.
    let begun = Instant::now();
    driver.until("a proven build", |_| begun.elapsed() > Duration::from_secs(2));
    // After a crash, another generation takes over the memory.
    let generation = driver.owner.status().generation;
    let frames = driver.owner.state().unwrap().frames;
    signal("-KILL", &renderers());
    driver.until("the recovery", |driver| {
        let status = driver.owner.status();
        status.generation > generation
            && status.problem.is_none()
            && driver.owner.state().unwrap().frames > frames + 10
    });
    assert_eq!(driver.owner.state().unwrap().gaps, 0, "no tick is left out or given twice");
}
