//! Tests of several parts of an application in one process. Threads, mailboxes and layers are the
//! same as in hot mode, which `examples/modules` tests with real processes.
#![allow(clippy::unwrap_used, reason = "tests")]

use hot_reload::{
    App, Error, Event, Frame, Key, Owner, OwnerBuilder, Request, SharedState, WindowInput,
    buffers::BufferPlan,
};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

#[derive(Debug, Clone, Copy, Default, PartialEq, SharedState)]
#[repr(C)]
struct World {
    turns: u32,
    pressed: u32,
}

fn plan(plan: &mut BufferPlan) {
    plan.add::<u32>("heights", 100);
}

macro_rules! part {
    ($name:ident, $package:literal) => {
        struct $name;

        impl App for $name {
            const RENDERER: &'static str = $package;
            type Arguments = ();
            type State = World;
            type ToRenderer = u32;
            type ToOwner = u32;

            fn buffers(_: &(), buffers: &mut BufferPlan) {
                plan(buffers);
            }
        }
    };
}

part!(Update, "update");
part!(View, "view");
part!(Hud, "hud");

/// Counts its turns and presses, and repeats the turns in the buffer.
fn update(frame: &mut Frame<'_, Update>) {
    frame.state.turns += 1;
    frame.state.pressed += u32::from(frame.input.is_key_pressed(Key::A));
    let turns = frame.state.turns;
    frame.buffers.get_mut::<u32>("heights")[99] = turns;
}

fn builder() -> OwnerBuilder<Update> {
    Owner::builder(()).size(8, 4).one_process()
}

struct Bench {
    owner: Owner<Update>,
    input: WindowInput,
}

impl Bench {
    fn new(builder: OwnerBuilder<Update>) -> Self {
        Bench { owner: builder.start(update).unwrap(), input: WindowInput::idle(8, 4) }
    }

    fn tick(&mut self) {
        self.owner.tick(&self.input);
        self.input.events.clear();
        std::thread::sleep(Duration::from_millis(1));
    }

    fn until(&mut self, what: &str, mut holds: impl FnMut(&mut Owner<Update>) -> bool) {
        let begun = Instant::now();
        while !holds(&mut self.owner) {
            assert!(begun.elapsed() < Duration::from_secs(60), "not {what}: {:?}", self.pixel());
            self.tick();
        }
    }

    fn pixel(&self) -> u32 {
        self.owner.picture().pixels()[0]
    }
}

/// Shows the state, after checking that turns and buffer belong to the same tick.
fn show(frame: &mut Frame<'_, View>) {
    let height = frame.buffers.get::<u32>("heights")[99];
    let same = height == frame.state.turns && frame.state.turns > 0 && !frame.fresh;
    frame.canvas.fill(if same { frame.state.turns } else { 0x00ff_0000 });
    // Discarded, because the leading part owns the state.
    frame.state.turns = 0x7777;
    frame.buffers.get_mut::<u32>("heights").fill(3);
}

#[test]
fn a_view_sees_the_last_commit_whole_and_what_it_writes_is_discarded() {
    let mut bench = Bench::new(builder().without_canvas().module::<View>(show));
    let (mut last, mut seen) = (0, 0);
    while seen < 50 {
        bench.until("another picture", |owner| {
            let picture = owner.picture();
            picture.generation() > 0 && picture.pixels()[0] != last
        });
        let pixel = bench.pixel();
        assert!((last..0x7777).contains(&pixel), "{pixel} after {last}");
        assert_eq!(bench.owner.picture().pixels(), [pixel; 32]);
        (last, seen) = (pixel, seen + 1);
    }
    // By its next turn the owner has the state that the view received.
    bench.until("that state", |owner| owner.state().unwrap().turns >= last);
}

#[test]
fn a_step_shows_the_state_of_its_own_tick_in_every_part() {
    let mut owner = builder()
        .without_canvas()
        .module::<View>(show)
        .module::<Hud>(|frame| frame.canvas.fill(0))
        .start(update)
        .unwrap();
    for turn in 1..=200 {
        let picture = owner.step(&WindowInput::idle(8, 4), Duration::from_secs(60)).unwrap();
        assert_eq!((picture.tick(), picture.pixels()), (u64::from(turn), &[turn; 32][..]));
        assert_eq!(owner.state().unwrap().turns, turn);
    }
}

#[test]
fn layers_lie_over_each_other_in_the_order_of_their_parts() {
    let lowest = |frame: &mut Frame<'_, Update>| frame.canvas.fill(0x0000_00ff);
    let middle = |frame: &mut Frame<'_, View>| {
        frame.canvas.fill(0);
        frame.canvas.set(1, 0, 0xff00_ff00);
        frame.canvas.set(2, 0, 0xff00_ff00);
    };
    let highest = |frame: &mut Frame<'_, Hud>| {
        frame.canvas.fill(0);
        frame.canvas.set(2, 0, 0x80ff_0000);
    };
    let owner = builder().module::<View>(middle).module::<Hud>(highest).start(lowest).unwrap();
    let mut bench = Bench { owner, input: WindowInput::idle(8, 4) };
    let wanted = [0x0000_00ff, 0x0000_ff00, 0x0080_7f00, 0x0000_00ff];
    bench.until("the three layers", |owner| {
        let picture = owner.picture();
        let colors = picture.pixels()[..4].iter().map(|pixel| pixel & 0x00ff_ffff);
        colors.eq(wanted)
    });
    // All canvases follow the window.
    bench.input.size = (20, 10);
    bench.until("a larger picture", |owner| {
        let picture = owner.picture();
        (picture.width(), picture.height()) == (20, 10)
            && picture.pixels()[2] & 0x00ff_ffff == wanted[2]
            && picture.pixels()[199] & 0x00ff_ffff == wanted[0]
    });
}

#[test]
fn each_part_has_messages_requests_and_input_of_its_own() {
    static PRESSES: AtomicU32 = AtomicU32::new(0);
    let view = |frame: &mut Frame<'_, View>| {
        PRESSES.fetch_add(u32::from(frame.input.is_key_pressed(Key::A)), Ordering::Relaxed);
        while let Some(number) = frame.owner.try_recv() {
            let _ = frame.owner.send(number + 1);
            frame.owner.request(Request::Title(format!("view {number}")));
        }
    };
    let hud = |frame: &mut Frame<'_, Hud>| {
        if frame.input.is_key_pressed(Key::Q) {
            frame.owner.request(Request::Quit);
        }
    };
    let mut bench = Bench::new(builder().without_canvas().module::<View>(view).module::<Hud>(hud));
    bench.until("a state", |owner| owner.state().is_some_and(|world| world.turns > 2));
    bench.owner.module_mut::<View>().unwrap().send(41).unwrap();
    bench.input.events = vec![Event::KeyDown(Key::A)];
    let mut answers = Vec::new();
    let mut titles = Vec::new();
    bench.until("an answer and a title", |owner| {
        answers.extend(owner.module_mut::<View>().unwrap().messages());
        titles.extend(owner.requests());
        !answers.is_empty() && !titles.is_empty()
    });
    assert_eq!((answers, titles), (vec![42], vec![Request::Title("view 41".into())]));
    assert_eq!(bench.owner.messages().count(), 0, "the leading part has said nothing");
    bench.until("a press in both", |owner| {
        owner.state().unwrap().pressed == 1 && PRESSES.load(Ordering::Relaxed) == 1
    });
    struct Nobody;
    impl App for Nobody {
        const RENDERER: &'static str = "nobody";
        type Arguments = ();
        type State = World;
        type ToRenderer = ();
        type ToOwner = ();
    }
    assert!(bench.owner.module::<Nobody>().is_none() && bench.owner.module::<Hud>().is_some());
    bench.input.events = vec![Event::KeyDown(Key::Q)];
    bench.until("its end", |owner| !owner.is_running());
}

#[test]
fn on_demand_a_view_draws_what_a_press_has_changed_and_no_more() {
    static DRAWN: AtomicU32 = AtomicU32::new(0);
    let view = |frame: &mut Frame<'_, View>| {
        DRAWN.fetch_add(1, Ordering::Relaxed);
        frame.canvas.fill(frame.state.pressed + 1);
    };
    let mut bench = Bench::new(builder().without_canvas().on_demand().module::<View>(view));
    bench.input.events = vec![Event::KeyDown(Key::A), Event::KeyUp(Key::A)];
    bench.until("the press", |owner| owner.picture().pixels()[0] == 2);
    bench.input.events = vec![Event::KeyDown(Key::A)];
    bench.until("the second press", |owner| owner.picture().pixels()[0] == 3);
    // Work in progress ends, and then nothing changes any more.
    bench.until("quiet", |owner| {
        let drawn = DRAWN.load(Ordering::Relaxed);
        for _ in 0..50 {
            owner.tick(&WindowInput::idle(8, 4));
            std::thread::sleep(Duration::from_millis(1));
        }
        DRAWN.load(Ordering::Relaxed) == drawn
    });
}

#[test]
fn a_restored_state_is_what_a_view_sees() {
    let path = std::env::temp_dir().join(format!("hot-reload-modules-{}", std::process::id()));
    let view = |frame: &mut Frame<'_, View>| frame.canvas.fill(frame.state.pressed + 1);
    let mut bench = Bench::new(builder().without_canvas().module::<View>(view));
    let shows = |color: u32| move |owner: &mut Owner<Update>| owner.picture().pixels()[0] == color;
    bench.until("no press", shows(1));
    bench.owner.save(&path).unwrap();
    bench.input.events = vec![Event::KeyDown(Key::A)];
    bench.until("a press", shows(2));
    bench.owner.restore(&hot_reload::Snapshot::load(&path).unwrap()).unwrap();
    bench.until("the time before it", shows(1));
    std::fs::remove_file(path).unwrap();
}

#[test]
fn a_view_gets_a_state_that_is_slow_to_commit_and_never_the_canvas_that_is_kept_beside_it() {
    // Larger than the room in a view's segment beside the state.
    let update = |frame: &mut Frame<'_, Update>| {
        frame.state.pressed += u32::from(frame.input.is_key_pressed(Key::A));
        frame.canvas.set(0, 0, 0x0000_00ff);
    };
    let view = |frame: &mut Frame<'_, View>| {
        frame.canvas.fill(0);
        frame.canvas.set(1, 0, 0xff00_0000 | (frame.state.pressed + 1));
    };
    let builder = Owner::<Update>::builder(()).size(1920, 1080).one_process().keep_canvas();
    let owner = builder.on_demand().module::<View>(view).start(update).unwrap();
    let mut bench = Bench { owner, input: WindowInput::idle(1920, 1080) };
    let shows = |color: u32| {
        move |owner: &mut Owner<Update>| {
            let pixels = owner.picture().pixels();
            [pixels[0], pixels[1]].map(|pixel| pixel & 0x00ff_ffff) == [0x0000_00ff, color]
        }
    };
    for presses in 1..=5 {
        bench.input.events = vec![Event::KeyDown(Key::A), Event::KeyUp(Key::A)];
        bench.until("that press, on demand", shows(presses + 1));
    }
}

#[test]
fn a_package_is_one_part_only_and_modules_are_built_by_cargo() {
    part!(Again, "view");
    part!(Claims, "update");
    let error = |builder: OwnerBuilder<Update>| match builder.start(update) {
        Err(error) => error,
        Ok(owner) => panic!("{owner:?}"),
    };
    let twice = error(builder().module::<View>(show).module::<Again>(|_| {}));
    assert!(matches!(twice, Error::SamePackage { package: "view" }), "{twice:?}");
    let claims = error(builder().module::<Claims>(|_| {}));
    assert!(matches!(claims, Error::SamePackage { package: "update" }), "{claims:?}");
    let built = error(builder().artifact("out/program").module::<View>(show));
    assert!(matches!(built, Error::ModulesOfArtifact), "{built:?}");
}
