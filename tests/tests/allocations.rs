//! Tests that an ordinary turn of the owner allocates no memory.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use hot_reload::{App, Event, Frame, Key, Owner, WindowInput, status::Activity};
use std::time::Duration;
use support::{Driver, Workbench};
use two_process_tests::{Arguments, COLOR, Probe, render};

const TURNS: u64 = 400;

/// Returns this thread's allocations in `TURNS` turns, nearly all of which have a frame.
fn allocations(owner: &mut Owner<Probe>, input: &mut WindowInput) -> u64 {
    input.events = vec![Event::KeyDown(Key::A), Event::KeyUp(Key::A)];
    let frames = owner.state().map_or(0, |state| state.frames);
    let counted = allocation_counter::measure(|| {
        for _ in 0..TURNS {
            owner.tick(input);
            std::thread::sleep(Duration::from_millis(1));
        }
    });
    let drawn = owner.state().map_or(0, |state| state.frames) - frames;
    assert!(drawn > TURNS / 10, "{drawn} frames in {TURNS} turns");
    counted.count_total
}

/// Returns the fewest allocations of several runs: queues grow in the first turns, and the
/// supervisor can send news in any turn.
fn fewest(owner: &mut Owner<Probe>, input: &mut WindowInput) -> u64 {
    (0..4).map(|_| allocations(owner, input)).min().unwrap()
}

#[test]
fn a_turn_of_the_owner_asks_for_no_memory() {
    let builder = Owner::<Probe>::builder(Arguments::default()).size(64, 48).one_process();
    let mut owner = builder.start(render).unwrap();
    let mut input = WindowInput::idle(64, 48);
    assert_eq!(fewest(&mut owner, &mut input), 0, "in one process");
    drop(owner);

    // Two layers on top of each other.
    struct Above;
    impl App for Above {
        const RENDERER: &'static str = "above";
        type Arguments = Arguments;
        type State = two_process_tests::State;
        type ToRenderer = ();
        type ToOwner = ();
    }
    let draw = |frame: &mut Frame<'_, Above>| frame.canvas.fill(0x8000_0000);
    let builder = Owner::<Probe>::builder(Arguments::default()).size(64, 48).one_process();
    let mut owner = builder.module::<Above>(draw).start(render).unwrap();
    assert_eq!(fewest(&mut owner, &mut input), 0, "with a module");
    drop(owner);

    let bench = Workbench::new();
    let mut driver: Driver<Probe> = bench.start();
    driver.until_color(COLOR);
    driver.until("idle", |driver| driver.owner.status().activity == Activity::Idle);
    assert_eq!(fewest(&mut driver.owner, &mut input), 0, "in hot mode");
}
