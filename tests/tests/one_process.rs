//! Tests of one process, with the renderer on a thread: the application behaves the same.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use hot_reload::{App, Event, Frame, Key, Owner, Render, Renderer, Request, WindowInput};
use std::time::{Duration, Instant};
use two_process_tests::{Arguments, COLOR, FIRST_TICK, Ping, Probe, State, render};

fn until<A: App>(owner: &mut Owner<A>, input: &mut WindowInput, holds: impl Fn(&Owner<A>) -> bool) {
    let begin = Instant::now();
    while !holds(owner) {
        assert!(begin.elapsed() < Duration::from_secs(60), "{owner:?}");
        owner.tick(input);
        input.events.clear();
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn start() -> (Owner<Probe>, WindowInput) {
    let builder = Owner::<Probe>::builder(Arguments::default()).size(64, 48).one_process();
    (builder.start(render).unwrap(), WindowInput::idle(64, 48))
}

#[test]
fn a_program_without_hot_mode_says_that_nothing_is_reloaded_unless_it_was_asked_for() {
    // The package has only the renderer's features, but its program here is an owner.
    let bench = support::Workbench::new();
    let main = "use two_process_tests::{Arguments, Probe, render};\n\
        fn main() -> hot_reload::Result<()> {\n\
        let mut builder = hot_reload::Owner::<Probe>::builder(Arguments::default());\n\
        if std::env::args().any(|it| it == \"asked\") { builder = builder.one_process(); }\n\
        builder.start(render).map(drop)\n}\n";
    bench.write("src/main.rs", main);
    let said = |arguments: &[&str]| {
        let output = std::process::Command::new("cargo")
            .args(["run", "--quiet", "--profile", "hot"])
            .args(["--config", "profile.hot.inherits=\"dev\"", "--"])
            .args(arguments)
            .current_dir(&bench.folder)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        said
    };
    let line = said(&[]);
    assert!(line.lines().count() == 1 && line.contains("`hot-reload/owner`"), "{line}");
    assert_eq!(said(&["asked"]), "");
}

#[test]
fn frames_state_messages_and_requests_cross_the_threads() {
    let (mut owner, mut input) = start();
    owner.send(Ping { number: 1 }).unwrap();
    input.events = vec![Event::KeyDown(Key::T), Event::KeyDown(Key::A), Event::KeyUp(Key::A)];
    until(&mut owner, &mut input, |owner| owner.picture().pixels()[1] == COLOR);
    until(&mut owner, &mut input, |owner| owner.state().is_some_and(|it| it.last_ping == 1));
    assert_eq!(owner.messages().map(|pong| pong.number).collect::<Vec<_>>(), [1]);
    assert!(owner.requests().any(|request| matches!(request, Request::Title(_))));
    let state = owner.state().unwrap();
    assert_eq!((state.presses, state.releases, state.magic), (1, 1, 0x5eed));
    assert_eq!((owner.picture().generation(), owner.status().generation), (1, 1));
}

#[test]
fn the_end_hook_sees_the_last_state() {
    use std::sync::{Arc, Mutex};
    let last = Arc::new(Mutex::new(None));
    let saved = last.clone();
    let owner = Owner::<Probe>::builder(Arguments::default()).size(64, 48).one_process();
    let owner = owner.at_end(move |state| *saved.lock().unwrap() = Some(state.frames));
    let (mut owner, mut input) = (owner.start(render).unwrap(), WindowInput::idle(64, 48));
    until(&mut owner, &mut input, |owner| owner.state().is_some_and(|it| it.frames > 10));
    let seen = owner.state().unwrap().frames;
    drop(owner);
    assert!(last.lock().unwrap().expect("called") >= seen);
}

#[test]
#[should_panic(expected = "on the renderer's thread")]
fn a_panic_of_the_renderer_is_raised_again_by_the_next_tick() {
    let owner = Owner::<Probe>::builder(Arguments::default()).one_process();
    let mut owner =
        owner.start(|_: &mut Frame<'_, Probe>| panic!("on the renderer's thread")).unwrap();
    until(&mut owner, &mut WindowInput::idle(64, 48), |_| false);
}

fn play(mut renderer: Renderer<Probe>) -> hot_reload::Result<()> {
    let mut cache = 0;
    while let Some(mut frame) = renderer.next_frame() {
        cache += 1;
        frame.canvas.fill(cache);
        if frame.input.is_key_down(Key::Q) {
            return Ok(());
        }
        renderer.present();
    }
    Ok(())
}

#[test]
fn a_renderer_with_its_own_loop_keeps_what_it_likes_and_may_end() {
    let owner = Owner::<Probe>::builder(Arguments::default()).size(64, 48).one_process();
    let mut owner = owner.start_with(play).unwrap();
    let mut input = WindowInput::idle(64, 48);
    until(&mut owner, &mut input, |owner| owner.picture().pixels()[0] > 10);
    assert!(owner.is_running());
    input.events = vec![Event::KeyDown(Key::Q)];
    until(&mut owner, &mut input, |owner| !owner.is_running());
}

#[test]
fn on_demand_a_frame_is_drawn_for_input_only() {
    let owner = Owner::<Probe>::builder(Arguments::default()).size(64, 48).one_process();
    let mut owner = owner.on_demand().start(render).unwrap();
    let mut input = WindowInput::idle(64, 48);
    until(&mut owner, &mut input, |owner| owner.state().is_some_and(|it| it.frames >= 1));
    let state = *owner.state().unwrap();
    assert_eq!((state.first, state.last_tick), (FIRST_TICK, 1), "as in hot mode");
    let frames = state.frames;
    for _ in 0..50 {
        owner.tick(&input);
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(owner.state().unwrap().frames, frames, "nothing happened, nothing drawn");
    input.events = vec![Event::KeyDown(Key::A)];
    until(&mut owner, &mut input, |owner| owner.state().unwrap().presses == 1);
    assert_eq!(owner.state().unwrap().frames, frames + 1);
    assert!(owner.state().unwrap().merged >= 49, "the ticks between are counted");
    let State { time, lost, stepped, .. } = *owner.state().unwrap();
    assert!(time.abs_diff(stepped) <= 2 * FIRST_TICK.0, "{time} measured, {stepped} in steps");
    assert!(time + lost >= 50_000_000, "the time between is not lost without a word");
}

#[test]
fn on_demand_a_frame_is_drawn_if_the_mouse_has_moved_or_if_one_was_asked_for() {
    let owner = Owner::<Probe>::builder(Arguments::default()).size(64, 48).one_process();
    let asks_twice = |frame: &mut Frame<'_, Probe>| {
        frame.state.frames += 1;
        if frame.state.frames < 3 {
            frame.owner.request(Request::Redraw(Duration::from_millis(5)));
        }
    };
    let mut owner = owner.on_demand().start(asks_twice).unwrap();
    let mut input = WindowInput::idle(64, 48);
    let frames = |owner: &Owner<Probe>| owner.state().map_or(0, |it| it.frames);
    until(&mut owner, &mut input, |owner| frames(owner) == 3);
    let nothing_more = |owner: &mut Owner<Probe>, input: &WindowInput, expected| {
        for _ in 0..50 {
            owner.tick(input);
            std::thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(frames(owner), expected);
    };
    nothing_more(&mut owner, &input, 3);
    input.mouse = Some((3.0, 4.0));
    until(&mut owner, &mut input, |owner| frames(owner) == 4);
    nothing_more(&mut owner, &input, 4);
}

#[test]
fn without_a_canvas_there_is_nothing_to_draw_on_and_ticks_go_on() {
    let owner = Owner::<Probe>::builder(Arguments::default()).without_canvas().one_process();
    let count = |frame: &mut Frame<'_, Probe>| {
        assert_eq!((frame.canvas.width(), frame.canvas.pixels().len()), (0, 0));
        frame.state.frames += 1;
    };
    let mut owner = owner.start(count).unwrap();
    until(&mut owner, &mut WindowInput::idle(64, 48), |owner| {
        owner.state().is_some_and(|it| it.frames > 10)
    });
}

/// Keeps a value, takes it back in the next tick, and marks the state at the end.
#[derive(Default)]
struct Own {
    mine: Vec<String>,
}

impl Render<Probe> for Own {
    fn render(&mut self, frame: &mut Frame<'_, Probe>) {
        assert!(!frame.rehearsal, "there is nothing to rehearse for");
        self.mine = frame.kept.take("mine").unwrap().unwrap_or_default();
        self.mine.push(frame.input.tick.to_string());
        frame.kept.keep("mine", &self.mine).unwrap();
        render(frame);
    }

    fn on_drain(&mut self, frame: &mut Frame<'_, Probe>) {
        assert!(self.mine.len() > 10, "{:?}", self.mine);
        frame.state.magic = 0xd4a1;
    }
}

#[test]
fn a_renderer_with_values_of_its_own_is_told_of_the_end_before_the_last_commit() {
    use std::sync::{Arc, Mutex};
    let last = Arc::new(Mutex::new(None));
    let saved = last.clone();
    let owner = Owner::<Probe>::builder(Arguments::default()).size(64, 48).one_process();
    let owner = owner.at_end(move |state| *saved.lock().unwrap() = Some(state.magic));
    let mut owner = owner.start_with(|renderer| renderer.run_with(Own::default())).unwrap();
    let mut input = WindowInput::idle(64, 48);
    until(&mut owner, &mut input, |owner| owner.state().is_some_and(|it| it.frames > 20));
    // In one process, holding and reloading have no effect.
    let _hold = owner.hold();
    owner.reload();
    assert_eq!(owner.reload_events().count(), 0);
    drop(owner);
    assert_eq!(*last.lock().unwrap(), Some(0xd4a1));
}
