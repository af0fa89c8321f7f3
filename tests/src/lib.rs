//! A small application whose renderer the tests build, edit and replace.
//!
//! What it sees it writes into its state, and the picture says which code drew it.

use hot_reload::{App, BufferPlan, FixedString, Frame, Key, Request, SharedState};
use serde::{Deserialize, Serialize};

pub mod big;
pub mod clay;
pub mod clay_first;
pub mod naive;
pub mod storm;

/// The color of the picture; the tests edit it.
pub const COLOR: u32 = 0x0011_2233;

/// What [`State::first`] is at the default rate: one period, and nothing merged.
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

/// How the renderer behaves.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Arguments {
    /// Length of an extra buffer.
    pub heights: usize,
    /// How long a frame takes, in milliseconds.
    pub frame_ms: u64,
    /// How long a fixed step takes beside that, in milliseconds.
    pub step_ms: u64,
    /// Whether messages are left in their queue.
    pub deaf: bool,
    /// Whether to draw one pixel a tick only, over what is there.
    pub incremental: bool,
}

/// What the renderer has seen.
#[derive(Debug, Clone, Copy, PartialEq, SharedState)]
#[repr(C)]
pub struct State {
    /// Ticks answered.
    pub frames: u64,
    /// Ticks that were merged into these, or whose time was lost.
    pub merged: u64,
    /// The number of the last tick.
    pub last_tick: u64,
    /// Ticks that did not follow the one before: lost, or given twice.
    pub gaps: u32,
    /// Edges of the key A.
    pub presses: u32,
    /// Edges of the key A.
    pub releases: u32,
    /// The sum of the numbers received.
    pub pings: u64,
    /// The last number received; they come in order.
    pub last_ping: u32,
    /// Numbers that came out of order.
    pub disorder: u32,
    /// Nanoseconds of all ticks.
    pub time: u64,
    /// Nanoseconds of all fixed steps.
    pub stepped: u64,
    /// Nanoseconds of the first tick, and the ticks merged into it.
    pub first: (u64, u32),
    /// Nanoseconds that were in no tick.
    pub lost: u64,
    /// A value that no zeroed memory has.
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

/// A number to the renderer.
#[derive(Debug, Clone, Copy, PartialEq, SharedState)]
#[repr(C)]
pub struct Ping {
    /// Counts from 1.
    pub number: u32,
}

/// A number back.
#[derive(Debug, Clone, Copy, PartialEq, SharedState)]
#[repr(C)]
pub struct Pong {
    /// The ping's.
    pub number: u32,
    /// The generation that answered.
    pub generation: u32,
}

/// One turn.
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
