//! Tests of the worst renderer imaginable: every way to die or hang, recovered from the last
//! commit.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use hot_reload::{
    Deadlines, Event, Key,
    status::{Doing, Problem, ReloadEvent},
};
use std::time::Duration;
use support::{Driver, Workbench, renderers, segments};
use two_process_tests::{Arguments, COLOR, Ping, Probe, render};

/// Code in which each key is a way to end.
const WAYS: &str = r#"    die(frame);
    observe(frame);
"#;

const DIE: &str = r#"
fn die(frame: &mut Frame<'_, Probe>) {
    let pressed = |key| frame.input.is_key_pressed(key);
    let this = || std::process::id().to_string();
    let signal = |name: &str| std::process::Command::new("kill").args([name, this().as_str()]).status();
    if pressed(Key::P) {
        panic!("a panic in words");
    }
    if pressed(Key::S) {
        unsafe { std::ptr::null_mut::<u32>().write_volatile(1) };
    }
    if pressed(Key::A) {
        std::process::abort();
    }
    if pressed(Key::E) {
        std::process::exit(0);
    }
    if pressed(Key::M) {
        let _ = std::hint::black_box(vec![1_u8; usize::MAX / 4]);
    }
    if pressed(Key::O) {
        std::hint::black_box(deeper(1));
    }
    if pressed(Key::L) {
        loop {
            std::hint::spin_loop();
        }
    }
    if pressed(Key::W) {
        let _ = signal("-STOP");
        std::thread::sleep(std::time::Duration::from_secs(1000));
    }
    if pressed(Key::K) {
        let _ = signal("-KILL");
        std::thread::sleep(std::time::Duration::from_secs(1000));
    }
    if pressed(Key::C) {
        use std::os::fd::{FromRawFd, OwnedFd};
        for descriptor in 0..64 {
            drop(unsafe { OwnedFd::from_raw_fd(descriptor) });
        }
        std::thread::sleep(std::time::Duration::from_secs(1000));
    }
}

#[allow(unconditional_recursion)]
fn deeper(depth: u64) -> u64 {
    let stack = std::hint::black_box([depth; 512]);
    deeper(depth + 1) + stack[7]
}
"#;

fn bench() -> Workbench {
    let bench = Workbench::new();
    bench.edit("src/lib.rs", "    observe(frame);\n", WAYS);
    let source = bench.read("src/lib.rs");
    bench.write("src/lib.rs", &format!("{source}{DIE}"));
    bench
}

fn start(bench: &Workbench) -> Driver<Probe> {
    let deadlines = Deadlines { tick: Duration::from_secs(2), ..Deadlines::default() };
    let builder = bench.builder(Arguments::default()).deadlines(deadlines);
    let mut driver = Driver::new(builder.start(render).unwrap());
    driver.until_color(COLOR);
    driver.until("a commit", |driver| driver.owner.state().is_some());
    driver.until("its status", |driver| driver.owner.status().generation == 1);
    driver
}

/// Ticks until `wanted` accepts an event, and returns all events up to it.
fn events_until(
    driver: &mut Driver<Probe>,
    what: &str,
    wanted: impl Fn(&ReloadEvent) -> bool,
) -> Vec<ReloadEvent> {
    let mut events = Vec::new();
    driver.until(what, |driver| {
        events.extend(driver.owner.reload_events());
        events.iter().any(&wanted)
    });
    events
}

#[test]
fn every_way_to_die_is_named_and_recovered_without_the_input_that_killed_two() {
    let bench = bench();
    let mut driver = start(&bench);
    let table = [
        (Key::P, "it panicked at src/lib.rs"),
        (Key::S, "SIGSEGV"),
        (Key::A, "SIGABRT"),
        (Key::E, "exit code 0"),
        (Key::M, "SIGABRT"),
        (Key::O, "SIGABRT"),
        (Key::L, "does not respond"),
        (Key::W, "does not respond"),
        (Key::K, "SIGKILL"),
        (Key::C, "it was killed by SIG"),
    ];
    let mut sent = 0;
    for (key, words) in table {
        // First the renderer must keep up, so that no other ticks are merged into the key's:
        // messages that come with a fatal tick are left out with it.
        driver.until("the renderer keeps up", |driver| {
            driver.owner.state().unwrap().last_tick + 1 >= driver.ticks
        });
        let frames = driver.owner.state().unwrap().frames;
        driver.input.events = vec![Event::KeyDown(key), Event::KeyUp(key)];
        driver.tick();
        for _ in 0..20 {
            sent += 1;
            driver.owner.send(Ping { number: sent }).unwrap();
            driver.tick();
        }
        let events = events_until(&mut driver, &format!("what {key:?} did is left out"), |event| {
            matches!(event, ReloadEvent::InputSkipped { .. })
        });
        let failures = events.iter().filter_map(|event| match event {
            ReloadEvent::Failed { problem, .. } => Some(problem.to_string()),
            _ => None,
        });
        let failures = failures.collect::<Vec<_>>();
        assert_eq!(failures.len(), 2, "{key:?}: {failures:?}");
        assert!(failures.iter().all(|it| it.contains(words)), "{key:?}: {failures:?}");
        let what = events.iter().find_map(|event| match event {
            ReloadEvent::InputSkipped { what, .. } => Some(what.as_str()),
            _ => None,
        });
        let what = what.unwrap();
        assert!(what.contains(&format!("KeyDown({key:?})")), "{what}");
        driver.until("the picture moves again", |driver| {
            driver.owner.state().unwrap().frames > frames + 40
                && driver.owner.status().problem.is_none()
        });
        let state = *driver.owner.state().unwrap();
        assert_eq!((state.gaps, state.disorder), (0, 0), "{key:?}");
        driver.until("all messages", |driver| driver.owner.state().unwrap().last_ping == sent);
        // A reload after each, so that the failures do not add up.
        let generation = driver.owner.status().generation;
        driver.owner.reload();
        driver.until("the reload", |driver| driver.owner.status().generation > generation);
        driver.until("one renderer", |_| renderers().len() == 1);
    }
    let pongs = driver.owner.messages().map(|pong| pong.number).collect::<Vec<_>>();
    assert_eq!(pongs, (1..=sent).collect::<Vec<_>>(), "each answer once and in order");
    driver.until("no segment of those before is left", |_| segments().is_empty());
}

#[test]
fn a_hang_is_counted_and_then_replaced_and_the_picture_stays() {
    let bench = bench();
    let mut driver = start(&bench);
    let generation = driver.owner.status().generation;
    driver.input.events = vec![Event::KeyDown(Key::L), Event::KeyUp(Key::L)];
    driver.until("a word about it", |driver| driver.owner.status().unanswered.is_some());
    assert_eq!(driver.owner.status().generation, generation);
    driver.until("the watchdog", |driver| driver.owner.status().problem.is_some());
    assert_eq!(driver.color(), COLOR, "the last good picture");
    let problem = driver.owner.status().problem.clone();
    assert!(
        matches!(problem, Some(Problem::NotResponding { doing: Doing::Drawing, .. })),
        "{problem:?}"
    );
    driver.until("recovered", |driver| {
        let status = driver.owner.status();
        status.problem.is_none() && status.unanswered.is_none() && status.recovered.is_some()
    });
}

#[test]
fn a_build_that_keeps_crashing_gives_way_to_the_build_before_it() {
    let bench = Workbench::new();
    let mut driver = start(&bench);
    bench.color(COLOR, 0x91);
    driver.until_color(0x91);
    // Each generation dies from its own ticks, after it has answered enough of them to be accepted.
    let bad = "    static TICKS: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);\n    \
               let ticks = TICKS.fetch_add(1, std::sync::atomic::Ordering::Relaxed);\n    \
               assert!(ticks < 100, \"again\");\n";
    let source = bench.read("src/lib.rs");
    let source = source.replace("    observe(frame);\n", &format!("{bad}    observe(frame);\n"));
    bench.write("src/lib.rs", &source.replace("0x0000_0091", "0x92"));
    let events = events_until(&mut driver, "it is given up", |event| {
        matches!(event, ReloadEvent::GivenUp { .. })
    });
    let crashes = events.iter().filter(|it| matches!(it, ReloadEvent::Failed { .. })).count();
    assert_eq!(crashes, 3, "{events:?}");
    driver.until_color(0x91);
    assert!(driver.owner.status().problem.is_some(), "the newest source is not what draws");
    bench.write("src/lib.rs", &source.replace(bad, "").replace("0x0000_0091", "0x93"));
    driver.until_color(0x93);
    assert_eq!(driver.owner.status().problem, None);
    assert_eq!(driver.owner.state().unwrap().gaps, 0);
}

#[test]
fn a_crash_loop_pauses_and_a_save_is_tried_at_once() {
    let bench = Workbench::new();
    let bad = "    panic!(\"always\");\n";
    bench.edit("src/lib.rs", "    observe(frame);\n", &format!("{bad}    observe(frame);\n"));
    let builder = bench.builder(Arguments::default());
    let mut driver = Driver::new(builder.start(render).unwrap());
    let events =
        events_until(&mut driver, "the end", |it| matches!(it, ReloadEvent::GivenUp { .. }));
    let launched = events.iter().filter(|it| matches!(it, ReloadEvent::WarmingUp { .. })).count();
    assert_eq!(launched, 2, "{events:?}");
    for _ in 0..200 {
        driver.tick();
    }
    assert_eq!(driver.owner.reload_events().count(), 0, "nothing is tried any more");
    assert!(matches!(driver.owner.status().problem, Some(Problem::Crashed { .. })));
    bench.edit("src/lib.rs", bad, "");
    driver.until_color(COLOR);
    assert_eq!(driver.owner.status().problem, None);
}
