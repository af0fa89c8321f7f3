//! Tests of what a person who develops asks of the owner: a pause, single ticks, a new state, the
//! build before.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use hot_reload::{Event, Frame, InitialState, Key, Owner, SharedState, Sketch, WindowInput};
use rustix::process::{Pid, Signal, kill_process};
use std::time::Duration;
use support::{Driver, LIMIT, Workbench, renderers};
use two_process_tests::{Arguments, COLOR, Probe, State, render};

fn in_one_process() -> Driver<Probe> {
    let owner = Owner::<Probe>::builder(Arguments::default()).size(64, 48).one_process();
    let mut driver = Driver::new(owner.start(render).unwrap());
    driver.until("a state", |driver| driver.owner.state().is_some());
    driver
}

/// Makes some turns of a paused owner, and waits until the renderer has answered every tick that it
/// was given. Returns the number of ticks answered.
fn settle(driver: &mut Driver<Probe>) -> u64 {
    for _ in 0..20 {
        driver.tick();
    }
    driver.until("an answer to each tick", |driver| {
        driver.owner.state().unwrap().last_tick == driver.owner.ticks()
    });
    driver.owner.state().unwrap().frames
}

#[test]
fn a_paused_application_gets_no_ticks_and_no_time() {
    let mut driver = in_one_process();
    driver.input.events = vec![Event::KeyDown(Key::A)];
    driver.until("a press", |driver| driver.owner.state().unwrap().presses == 1);
    driver.owner.set_paused(true);
    let frames = settle(&mut driver);
    let before = *driver.owner.state().unwrap();
    // Of the input during the pause, only the release counts.
    driver.input.events = vec![Event::KeyUp(Key::A), Event::Text('x')];
    driver.tick();
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(settle(&mut driver), frames);

    driver.owner.advance();
    driver.until("one tick", |driver| driver.owner.state().unwrap().frames > frames);
    assert_eq!(settle(&mut driver), frames + 1);
    let after = *driver.owner.state().unwrap();
    let period = 16_666_666;
    assert_eq!((after.time - before.time, after.stepped - before.stepped), (period, period));
    assert_eq!((after.releases, after.text.as_str(), after.gaps), (1, "", 0));
    assert!(driver.owner.is_paused());

    driver.owner.set_paused(false);
    driver.until("more ticks", |driver| driver.owner.state().unwrap().frames > frames + 2);
    let later = driver.owner.state().unwrap();
    assert!(later.time - after.time < 20 * period * (later.frames - after.frames), "{later:?}");
    assert_eq!((later.lost, later.gaps), (0, 0), "{later:?}");
}

#[test]
fn a_running_application_advances_by_one_period() {
    let mut driver = in_one_process();
    let period = 16_666_666;
    for _ in 0..3 {
        driver.owner.set_paused(true);
        let before = settled(&mut driver);
        driver.owner.set_paused(false);
        driver.tick();
        // The tick of an advance has one period, however long ago the last one was.
        std::thread::sleep(Duration::from_millis(100));
        driver.owner.advance();
        let after = settled(&mut driver);
        let frames = after.frames - before.frames;
        assert_eq!((frames, after.time - before.time, after.gaps), (2, 2 * period, 0));
    }
}

/// Returns the state once the renderer is idle.
fn settled(driver: &mut Driver<Probe>) -> State {
    settle(driver);
    *driver.owner.state().unwrap()
}

/// A state whose beginning relies on what is blank.
#[derive(Clone, Copy, SharedState)]
#[repr(C)]
struct Sparse {
    begun: u32,
    frames: u32,
}

impl InitialState for Sparse {
    fn init(&mut self, (): &()) {
        self.begun = 7;
    }
}

#[test]
fn a_reset_in_one_process_begins_with_a_blank_state() {
    let builder = Owner::<Sketch<Sparse>>::builder(()).size(8, 4).one_process();
    let count = |frame: &mut Frame<'_, Sketch<Sparse>>| frame.state.frames += 1;
    let mut owner = builder.start(count).unwrap();
    let input = WindowInput::idle(8, 4);
    for _ in 0..10 {
        owner.step(&input, LIMIT).unwrap();
    }
    assert_eq!(owner.state().map(|state| (state.begun, state.frames)), Some((7, 10)));
    owner.reset();
    owner.step(&input, LIMIT).unwrap();
    assert_eq!(owner.state().map(|state| (state.begun, state.frames)), Some((7, 1)));
}

#[test]
fn a_reload_during_a_pause_draws_the_picture_again_without_time() {
    let (bench, mut driver) = Workbench::running();
    driver.owner.set_paused(true);
    let frames = settle(&mut driver);
    let before = *driver.owner.state().unwrap();
    bench.color(COLOR, COLOR + 1);
    driver.until("the new color", |driver| {
        // Input during the pause is dropped, also by the tick that draws again.
        driver.input.events = vec![Event::KeyDown(Key::A), Event::KeyUp(Key::A)];
        driver.color() == COLOR + 1
    });
    driver.input.events.clear();
    assert_eq!(settle(&mut driver), frames + 1);
    let after = driver.owner.state().unwrap();
    assert_eq!((after.time, after.stepped, after.gaps), (before.time, before.stepped, 0));
    assert_eq!((after.presses, after.releases), (0, 0));
}

#[test]
fn a_reset_begins_with_the_state_of_todays_code_in_both_modes() {
    let mut driver = in_one_process();
    driver.until("some frames", |driver| driver.owner.state().unwrap().frames > 20);
    driver.owner.reset();
    driver.until("a new state", |driver| driver.owner.state().unwrap().frames < 10);
    assert_eq!(driver.owner.state().unwrap().magic, 0x5eed);

    let (bench, mut driver) = Workbench::running();
    driver.owner.send(two_process_tests::Ping { number: 1 }).unwrap();
    driver.until("some frames", |driver| {
        let state = driver.owner.state().unwrap();
        state.frames > 20 && state.last_ping == 1
    });
    bench.edit("src/lib.rs", "magic: 0x5eed", "magic: 0xbeef");
    driver.until("another build", |driver| driver.owner.status().build == 2);
    driver.until("more frames", |driver| driver.owner.state().unwrap().frames > 40);
    assert_eq!(driver.owner.state().unwrap().magic, 0x5eed, "an edit does not reset it");
    driver.owner.reset();
    driver.until("a new state", |driver| driver.owner.state().unwrap().magic == 0xbeef);
    let state = driver.owner.state().unwrap();
    assert!(state.frames < 40, "{state:?}");
    // Messages that were received are not delivered again.
    driver.owner.send(two_process_tests::Ping { number: 1 }).unwrap();
    driver.until("a message", |driver| driver.owner.state().unwrap().last_ping == 1);
    assert_eq!(driver.owner.state().unwrap().pings, 1);
}

#[test]
fn a_person_goes_back_to_the_build_before_and_forward_again() {
    let (bench, mut driver) = Workbench::running();
    // There is no other build yet.
    driver.owner.go_back();
    driver.owner.go_forward();
    for _ in 0..50 {
        driver.tick();
    }
    assert_eq!(driver.owner.status().generation, 1);
    bench.color(COLOR, COLOR + 1);
    driver.until_color(COLOR + 1);
    let proven = |driver: &mut Driver<Probe>| {
        driver.until("a build that has proved itself", |driver| {
            driver.drawn_by() == driver.owner.status().generation
        });
        // The one before it is parked until then.
        driver.until("only one renderer", |_| renderers().len() == 1);
    };
    proven(&mut driver);
    let frames = driver.owner.state().unwrap().frames;
    driver.owner.go_back();
    driver.until_color(COLOR);
    driver.until("build 1", |driver| driver.owner.status().build == 1);
    assert!(driver.owner.state().unwrap().frames >= frames, "the state stays");
    proven(&mut driver);
    // A crash of the build before is recovered from; the build stays.
    let generation = driver.owner.status().generation;
    let renderer = renderers().into_iter().max().unwrap();
    let renderer = Pid::from_raw(i32::try_from(renderer).unwrap()).unwrap();
    kill_process(renderer, Signal::KILL).unwrap();
    driver.until("a recovery", |driver| {
        let status = driver.owner.status();
        status.generation > generation && status.drawing && status.recovered.is_some()
    });
    assert_eq!((driver.color(), &driver.owner.status().problem), (COLOR, &None));
    let generation = driver.owner.status().generation;
    driver.owner.reset();
    driver.until("a new state of the same build", |driver| {
        driver.owner.status().generation > generation
    });
    driver.until("build 1", |driver| driver.owner.status().build == 1);
    assert_eq!(driver.color(), COLOR);
    proven(&mut driver);
    driver.owner.go_forward();
    driver.until_color(COLOR + 1);
    driver.until("build 2", |driver| driver.owner.status().build == 2);
    proven(&mut driver);
    driver.owner.go_back();
    driver.until_color(COLOR);
    // A save takes over as usual.
    bench.color(COLOR + 1, COLOR + 2);
    driver.until_color(COLOR + 2);
    assert_eq!(driver.owner.status().problem, None);
}
