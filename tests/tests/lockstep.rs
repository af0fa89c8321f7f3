//! Tests of lockstep: a step is one tick and its picture, whatever happens around it.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use hot_reload::status::ReloadEvent;
use hot_reload::{Error, Event, Frame, Key, Owner, OwnerBuilder, WindowInput};
use rustix::process::{Pid, Signal, kill_process};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use support::{FIRST_LIMIT, LIMIT, Workbench, renderers};
use two_process_tests::{Arguments, Ping, Probe, State, render};

/// What a step shows: the pixels, but for the first, which names the generation, and the state.
type Shown = (Vec<u32>, Option<State>);

/// Returns the input of a tick: keys, text, and now and then another size.
fn input(tick: u32) -> WindowInput {
    let mut input = WindowInput::idle(64 + tick / 50, 48);
    match tick % 7 {
        1 => input.events.extend([Event::KeyDown(Key::A), Event::Text('a')]),
        4 => input.events.push(Event::KeyUp(Key::A)),
        5 => input.events.extend([Event::KeyDown(Key::T), Event::KeyUp(Key::T)]),
        _ => {}
    }
    input
}

/// Runs steps, before each of which `disturb` is called.
fn steps(
    builder: OwnerBuilder<Probe>,
    count: u32,
    mut disturb: impl FnMut(&mut Owner<Probe>, u32),
) -> Vec<Shown> {
    let mut owner = builder.seed(7).start(render).unwrap();
    let step = |tick| {
        disturb(&mut owner, tick);
        owner.send(Ping { number: tick }).unwrap();
        let picture = owner.step(&input(tick), FIRST_LIMIT).unwrap_or_else(|it| panic!("{it}"));
        assert_eq!(picture.tick(), u64::from(tick));
        let pixels = picture.frame()[1..].to_vec();
        (pixels, owner.state().copied())
    };
    (1..=count).map(step).collect()
}

fn in_one_process(count: u32) -> Vec<Shown> {
    steps(Owner::builder(Arguments::default()).size(64, 48).one_process(), count, |_, _| {})
}

/// Keeps a processor busy until it is dropped.
struct Load(Arc<AtomicBool>);

impl Load {
    fn new() -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let load = Load(is_over.clone());
        std::thread::spawn(move || {
            while !is_over.load(Ordering::Relaxed) {
                std::hint::spin_loop();
            }
        });
        load
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn assert_equal(one: &[Shown], other: &[Shown]) {
    assert_eq!(one.len(), other.len());
    for (tick, (one, other)) in (1..).zip(one.iter().zip(other)) {
        assert_eq!(one.1, other.1, "the state after step {tick}");
        assert!(one.0 == other.0, "the picture of step {tick}");
    }
}

#[test]
fn the_same_steps_give_the_same_in_both_modes_and_under_load() {
    let expected = in_one_process(300);
    let last = expected[299].1.unwrap();
    assert_eq!((last.frames, last.merged, last.gaps, last.lost), (300, 0, 0, 0));
    assert_eq!((last.stepped, last.time), (300 * 16_666_666, 300 * 16_666_666));
    let loads = [(); 4].map(|()| Load::new());
    assert_equal(&expected, &in_one_process(300));
    let bench = Workbench::new();
    assert_equal(&expected, &steps(bench.builder(Arguments::default()), 300, |_, _| {}));
    drop(loads);
    assert_equal(&expected, &steps(bench.builder(Arguments::default()), 300, |_, _| {}));
}

/// Gives no tick until a generation is asked to make room for the next one.
fn wait_for_cut(owner: &mut Owner<Probe>) {
    let begun = Instant::now();
    while !owner.reload_events().any(|event| matches!(event, ReloadEvent::Draining { .. })) {
        assert!(begun.elapsed() < LIMIT, "no cut: {}", owner.status());
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_reload_a_crash_and_a_hang_between_two_steps_change_nothing() {
    let expected = in_one_process(100);
    let bench = Workbench::new();
    let mut generations = 0;
    let shown = steps(bench.builder(Arguments::default()), 100, |owner, tick| {
        let edit = |from, to| bench.edit("src/lib.rs", from, to);
        match tick {
            10 => edit("/// Runs one turn.", "/// Runs a turn."),
            // The new generation takes over between two steps, and in one of them.
            20 => wait_for_cut(owner),
            30 => owner.reload(),
            40 => wait_for_cut(owner),
            50 => kill_process(renderer(), Signal::KILL).unwrap(),
            60 => kill_process(renderer(), Signal::STOP).unwrap(),
            70 => {
                edit("    pub magic: u32,", "    pub magic: u32,\n    /// New.\n    pub new: u8,")
            }
            71 => edit(
                "            magic: 0x5eed,",
                "            magic: 0x5eed,\n            new: 1,",
            ),
            90 => wait_for_cut(owner),
            _ => {}
        }
        generations = owner.status().generation;
    });
    assert!(generations >= 6, "{generations}");
    for (tick, (shown, expected)) in (1..).zip(shown.iter().zip(&expected)) {
        assert!(shown.0 == expected.0, "the picture of step {tick}");
        // This program does not know the new layout.
        assert!(shown.1.is_none_or(|_| shown.1 == expected.1), "the state after step {tick}");
        assert!(shown.1.is_some() || tick > 71, "no state after step {tick}");
    }
    assert!(shown[99].1.is_none(), "the new layout is in use");
}

fn renderer() -> Pid {
    let newest = renderers().into_iter().max().unwrap();
    Pid::from_raw(i32::try_from(newest).unwrap()).unwrap()
}

#[test]
fn a_step_without_a_picture_says_what_the_renderer_does_and_the_next_one_follows_it() {
    let bench = Workbench::new();
    bench.edit("src/lib.rs", "observe(frame);", "observe(frame)");
    let mut owner = bench.builder(Arguments::default()).start(render).unwrap();
    let begun = Instant::now();
    let error = loop {
        let error = owner.step(&input(1), Duration::from_millis(50)).unwrap_err();
        if !error.to_string().contains("being built") {
            break error;
        }
        assert!(begun.elapsed() < FIRST_LIMIT, "{error}");
    };
    let told = error.to_string();
    assert!(matches!(error, Error::NoPicture { tick: 1, .. }), "{told}");
    assert!(told.contains("the renderer does not compile"), "{told}");
    bench.edit("src/lib.rs", "observe(frame)", "observe(frame);");
    // The first step was given once, however often its picture was waited for.
    assert_eq!(owner.step(&input(2), FIRST_LIMIT).unwrap().tick(), 2);
    let state = owner.state().unwrap();
    assert_eq!((state.frames, state.presses, state.merged), (2, 1, 0));
}

#[test]
fn a_renderer_that_has_asked_to_end_gives_no_further_picture() {
    let mut owner =
        Owner::<Probe>::builder(Arguments::default()).one_process().start(render).unwrap();
    let quit = [Event::KeyDown(Key::Q)].to_vec();
    let last = owner.step(&WindowInput { events: quit, ..WindowInput::idle(8, 8) }, LIMIT);
    assert_eq!(last.unwrap().tick(), 1);
    assert!(!owner.is_running());
    let none = owner.step(&WindowInput::idle(8, 8), LIMIT);
    assert!(matches!(none, Err(Error::Ended)), "{none:?}");
}

#[test]
fn a_slow_step_is_waited_for_before_the_next_one() {
    fn slow(frame: &mut Frame<'_, Probe>) {
        std::thread::sleep(Duration::from_millis(200));
        render(frame);
    }
    let mut owner =
        Owner::<Probe>::builder(Arguments::default()).one_process().start(slow).unwrap();
    let late = owner.step(&input(1), Duration::from_millis(20));
    assert!(matches!(late, Err(Error::NoPicture { tick: 1, .. })), "{late:?}");
    assert_eq!(owner.step(&input(2), LIMIT).unwrap().tick(), 2);
    let state = owner.state().unwrap();
    assert_eq!((state.frames, state.merged, state.presses), (2, 0, 1));
}
