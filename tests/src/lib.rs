//! A small application whose renderer the tests build, edit and replace.
//!
//! The renderer records its input in its state, and its picture identifies the code that drew it.

use hot_reload::{App, FixedString, Frame, Key, Request, SharedState, buffers::BufferPlan};
use serde::{Deserialize, Serialize};

pub mod big;
pub mod clay;
pub mod clay_first;
pub mod naive;
pub mod storm;

/// Color of the picture; the tests edit it.
pub const COLOR: u32 = 0x0011_2233;

/// Value of [`State::first`] at the default rate: one period, and nothing merged.
pub const FIRST_TICK: (u64, u32) = (16_666_666, 0);

/// The application.
#[derive(Debug, Clone, Copy)]
pub struct Probe;

impl App for Probe {
    const RENDERER: &'static str = "two-process-tests";
    type Arguments = Arguments;
    type State = State;
    type ToRenderer = Ping;
    type ToOwner = Pong;

    fn buffers(arguments: &Arguments, plan: &mut BufferPlan) {
        plan.add::<u32>("heights", arguments.heights);
        plan.add::<(u8, u16)>("padded", 3);
    }
}

/// Settings for the renderer's behavior.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Arguments {
    /// Length of an extra buffer.
    pub heights: usize,
    /// Duration of a frame in milliseconds.
    pub frame_ms: u64,
    /// Additional duration of each fixed step in milliseconds.
    pub step_ms: u64,
    /// True if messages are left in their queue.
    pub deaf: bool,
    /// True if each tick draws only one pixel over the existing picture.
    pub incremental: bool,
}

/// Input that the renderer has received.
#[derive(Debug, Clone, Copy, PartialEq, SharedState)]
#[repr(C)]
pub struct State {
    /// Number of ticks answered.
    pub frames: u64,
    /// Number of ticks that were merged into these, or whose time was lost.
    pub merged: u64,
    /// Number of the last tick.
    pub last_tick: u64,
    /// Number of ticks that did not follow the previous one: lost, or delivered twice.
    pub gaps: u32,
    /// Presses of the key A.
    pub presses: u32,
    /// Releases of the key A.
    pub releases: u32,
    /// Sum of the numbers received.
    pub pings: u64,
    /// The last number received; numbers arrive in order.
    pub last_ping: u32,
    /// Number of messages that arrived out of order.
    pub disorder: u32,
    /// Time of all ticks in nanoseconds.
    pub time: u64,
    /// Time of all fixed steps in nanoseconds.
    pub stepped: u64,
    /// Time of the first tick in nanoseconds, and the number of ticks merged into it.
    pub first: (u64, u32),
    /// Time in nanoseconds that was in no tick.
    pub lost: u64,
    /// A value that differs from zeroed memory.
    pub magic: u32,
    /// The newest text.
    pub text: FixedString<16>,
}

impl Default for State {
    fn default() -> Self {
        State {
            frames: 0,
            merged: 0,
            last_tick: 0,
            gaps: 0,
            presses: 0,
            releases: 0,
            pings: 0,
            last_ping: 0,
            disorder: 0,
            time: 0,
            stepped: 0,
            first: (0, 0),
            lost: 0,
            magic: 0x5eed,
            text: FixedString::new(),
        }
    }
}

/// A message with a number to the renderer.
#[derive(Debug, Clone, Copy, PartialEq, SharedState)]
#[repr(C)]
pub struct Ping {
    /// Number of the message, from 1.
    pub number: u32,
}

/// An answer with the same number.
#[derive(Debug, Clone, Copy, PartialEq, SharedState)]
#[repr(C)]
pub struct Pong {
    /// Number of the ping.
    pub number: u32,
    /// Generation that answered.
    pub generation: u32,
}

/// Runs one turn.
pub fn render(frame: &mut Frame<'_, Probe>) {
    observe(frame);
    answer(frame);
    let Arguments { frame_ms, step_ms, .. } = *frame.arguments;
    let taken = frame_ms + step_ms * u64::from(frame.input.steps);
    std::thread::sleep(std::time::Duration::from_millis(taken));
    if frame.input.is_key_pressed(Key::T) {
        frame.owner.request(Request::Title("first".into()));
        frame.owner.request(Request::Title(format!("ticks {}", frame.state.frames)));
        frame.owner.request(Request::Cursor(false));
    }
    if frame.input.is_key_pressed(Key::Q) {
        frame.owner.request(Request::Quit);
    }
    if frame.arguments.incremental {
        let at = usize::try_from(frame.state.frames).unwrap_or(0);
        frame.canvas.set(at, 0, COLOR);
        return;
    }
    if frame.input.is_key_down(Key::U) {
        frame.canvas.fill(0x00ff_0000);
        frame.canvas.unchanged();
        return;
    }
    frame.canvas.fill(COLOR);
    frame.canvas.set(0, 0, frame.generation);
    frame.canvas.set(2, 0, u32::try_from(frame.input.seed >> 40).unwrap_or(0));
}

fn observe(frame: &mut Frame<'_, Probe>) {
    let (state, input) = (&mut *frame.state, frame.input);
    state.frames += 1;
    let merged = u64::from(input.merged + input.lost_ticks);
    state.merged += merged;
    let follows = input.tick == state.last_tick + 1 + merged;
    state.gaps += u32::from(!follows);
    state.last_tick = input.tick;
    state.presses += u32::from(input.is_key_pressed(Key::A));
    state.releases += u32::from(input.is_key_released(Key::A));
    state.time += u64::try_from(input.dt().as_nanos()).unwrap_or(0);
    state.stepped += u64::try_from(input.fixed_dt().as_nanos()).unwrap_or(0);
    state.lost += u64::try_from(input.lost().as_nanos()).unwrap_or(0);
    if frame.fresh {
        let first = input.dt().max(input.fixed_dt());
        state.first = (u64::try_from(first.as_nanos()).unwrap_or(0), input.merged);
    }
    if !input.text.is_empty() {
        state.text = FixedString::truncated(&input.text);
    }
    for height in frame.buffers.get_mut::<u32>("heights") {
        *height += 1;
    }
    frame.buffers.get_mut::<(u8, u16)>("padded")[1] = (7, 700);
}

fn answer(frame: &mut Frame<'_, Probe>) {
    while !frame.arguments.deaf {
        let Some(Ping { number }) = frame.owner.try_recv() else {
            break;
        };
        let state = &mut *frame.state;
        state.disorder += u32::from(number != state.last_ping + 1);
        (state.pings, state.last_ping) = (state.pings + u64::from(number), number);
        let pong = Pong { number, generation: frame.generation };
        assert!(frame.owner.send(pong).is_ok(), "the owner takes its messages");
    }
}
