//! Tests of the flight recorder with real reloads, from the save to the picture.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use hot_reload::history::{Cause, Reload, Step};
use std::time::{Duration, Instant};
use support::{Driver, Workbench};
use two_process_tests::{COLOR, Probe};

/// Returns the newest reload once the picture belongs to its generation and has been presented.
fn newest(driver: &mut Driver<Probe>) -> Reload {
    driver.until("the reload in the history", |driver| {
        let generation = driver.owner.picture().generation();
        let history = driver.owner.history();
        let newest = history.last().filter(|reload| reload.generation() == generation);
        newest.is_some_and(|reload| reload.at(Step::Presented).is_some())
    });
    *driver.owner.history().last().unwrap()
}

/// Checks that a reload has all steps except the missing ones, in order.
fn assert_steps(reload: &Reload, missing: &[Step]) {
    let steps = reload.steps().map(|(step, _)| step).collect::<Vec<_>>();
    let expected = Step::ALL.into_iter().filter(|step| !missing.contains(step));
    assert_eq!(steps, expected.collect::<Vec<_>>(), "{reload:?}");
    assert!(reload.steps().is_sorted_by_key(|(_, at)| at), "{reload:?}");
    assert_eq!(reload.steps().next().unwrap().1, Duration::ZERO);
    assert_eq!(Some(reload.total()), reload.at(Step::Presented));
}

#[test]
fn a_saved_edit_is_a_reload_with_every_step_in_order() {
    let bench = Workbench::new();
    let mut driver = bench.start();
    assert!(driver.owner.history().is_empty());
    driver.until_color(COLOR);
    let first = newest(&mut driver);
    assert_eq!((first.generation(), first.build(), first.cause()), (1, 1, Cause::Start));
    let compiled = [Step::CompilerStarted, Step::CompilerFinished];
    // The first build may find an existing program.
    let found = compiled.map(|step| first.at(step).is_none());
    assert_eq!(found[0], found[1]);
    let not_compiled = if found[0] { &compiled[..] } else { &[] };
    assert_steps(&first, &[&[Step::Noticed, Step::Cut], not_compiled].concat());

    let before = Instant::now();
    bench.color(COLOR, 0x51);
    driver.until_color(0x51);
    let after = Instant::now();
    let reload = newest(&mut driver);
    assert_eq!((reload.generation(), reload.build(), reload.cause()), (2, 2, Cause::Save));
    assert_steps(&reload, &[]);
    assert!(reload.begun() >= before, "no earlier than the save");
    assert!(reload.begun() + reload.total() <= after, "the color was seen in the pixels");
    let compiled = reload.at(Step::CompilerFinished).unwrap();
    assert!(compiled > reload.at(Step::CompilerStarted).unwrap());
    assert_eq!(driver.owner.history().len(), 2);
    let table = driver.owner.history().to_string();
    assert!(table.starts_with("reloads of a save: 1; "), "{table}");
    assert!(table.ends_with("not counted: 1 × start"), "{table}");
}

#[test]
fn a_failed_build_leaves_no_reload_and_the_fixed_one_has_its_own_clock() {
    let (bench, mut driver) = Workbench::running();
    newest(&mut driver);
    bench.edit("src/lib.rs", "pub const COLOR", "pub cnst COLOR");
    driver.until("the error", |driver| driver.owner.status().problem.is_some());
    let frames = driver.owner.state().unwrap().frames;
    driver.until("frames", |driver| driver.owner.state().unwrap().frames > frames + 20);
    assert_eq!(driver.owner.history().len(), 1, "{:?}", driver.owner.history());

    let fixed = Instant::now();
    bench.edit("src/lib.rs", "pub cnst COLOR: u32 = 0x0011_2233", "pub const COLOR: u32 = 0x9");
    driver.until_color(9);
    let reload = newest(&mut driver);
    assert_eq!((reload.generation(), reload.build(), reload.cause()), (2, 3, Cause::Save));
    assert!(reload.begun() >= fixed, "the time to mend it does not count");
    assert_steps(&reload, &[]);
    assert_eq!(driver.owner.history().len(), 2);
}

#[test]
fn a_save_that_cancels_a_build_restarts_the_clock() {
    let (bench, mut driver) = Workbench::running();
    newest(&mut driver);
    // In one step: a file that is seen while it is written is a save of its own.
    let source =
        bench.read("src/lib.rs").replace(&support::constant(COLOR), &support::constant(0x61));
    bench.write("src/lib.next", &source);
    std::fs::rename(bench.path("src/lib.next"), bench.path("src/lib.rs")).unwrap();
    driver.until("a build", |driver| driver.owner.status().progress.is_some());
    // On a busy machine the system reports the rest of the first save only now.
    (0..10).for_each(|_| driver.tick());
    let second = Instant::now();
    bench.color(0x61, 0x62);
    driver.until_color(0x62);
    let reload = newest(&mut driver);
    assert_eq!((reload.build(), reload.cause()), (3, Cause::Save));
    assert!(reload.begun() >= second, "the first save's build never drew");
    assert_steps(&reload, &[]);
    let history = driver.owner.history();
    assert_eq!(history.len(), 2, "{history:?}");
}

#[test]
fn what_was_asked_for_and_what_crashed_is_no_reload_of_a_save() {
    let (_bench, mut driver) = Workbench::running();
    newest(&mut driver);
    driver.owner.reload();
    driver.until("another generation", |driver| driver.drawn_by() == 2);
    let asked = newest(&mut driver);
    assert_eq!((asked.build(), asked.cause()), (1, Cause::Asked));
    let built = [Step::BuildStarted, Step::CompilerStarted, Step::CompilerFinished];
    assert_steps(&asked, &[&built[..], &[Step::BuildFinished]].concat());

    driver.until("settled", |driver| support::renderers().len() == 1 && driver.drawn_by() == 2);
    let renderer = support::renderers()[0];
    let kill = std::process::Command::new("kill").arg("-KILL").arg(renderer.to_string()).status();
    assert!(kill.unwrap().success());
    driver.until("a recovery", |driver| driver.drawn_by() == 3);
    let crash = newest(&mut driver);
    assert_eq!((crash.generation(), crash.build(), crash.cause()), (3, 1, Cause::Crash));
    assert_steps(&crash, &[&built[..], &[Step::BuildFinished, Step::Cut]].concat());
    let table = driver.owner.history().to_string();
    assert!(table.starts_with("no reload of a save"), "{table}");
}
