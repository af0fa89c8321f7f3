//! An application whose types the tests change while its owner runs.
//!
//! The owner's own types are then outdated, so the renderer reports its state as text.

use crate::clay_first;
use hot_reload::{App, FixedString, FixedVec, Frame, Key, SharedState, buffers::BufferPlan};
use serde::{Deserialize, Serialize};

/// Color of the picture, which identifies the edit that has drawn it.
pub const EDITION: u32 = 0;

/// The application.
#[derive(Debug, Clone, Copy)]
pub struct Clay;

impl App for Clay {
    const RENDERER: &'static str = "two-process-tests";
    type Arguments = Arguments;
    type State = State;
    type ToRenderer = Ask;
    type ToOwner = Word;

    fn init(state: &mut State, _: &Arguments) {
        *state = State::default();
    }

    fn buffers(arguments: &Arguments, plan: &mut BufferPlan) {
        plan.add::<u32>("heights", arguments.heights);
    }
}

/// Arguments for the renderer.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Arguments {
    /// Length of an extra buffer.
    pub heights: usize,
}

/// The state, which the tests change most.
#[derive(Debug, Clone, Copy, Default, PartialEq, SharedState)]
#[repr(C)]
pub struct State {
    /// Counters of the input, which most edits leave unchanged.
    pub flow: Flow,
    /// A number.
    pub number: u32,
    /// A small number.
    pub small: u8,
    /// A fraction.
    pub ratio: f32,
    /// A switch.
    pub on: bool,
    /// A text.
    pub name: FixedString<8>,
    /// A list.
    pub items: FixedVec<Item, 4>,
    /// An array.
    pub row: [u16; 3],
    /// A choice.
    pub shape: Shape,
    /// Distance to the right.
    pub x: f32,
    /// Distance down.
    pub y: f32,
}

/// An element.
#[derive(Debug, Clone, Copy, Default, PartialEq, SharedState)]
#[repr(C)]
pub struct Item {
    /// A color.
    pub hue: u8,
    /// A weight.
    pub weight: i32,
}

/// A choice with data.
#[derive(Debug, Clone, Copy, Default, PartialEq, SharedState)]
#[repr(C, u8)]
pub enum Shape {
    /// No shape.
    #[default]
    Nothing,
    /// A round shape.
    Circle {
        /// Distance to its edge.
        radius: f32,
    },
    /// A shape that is not round.
    Square(u16),
}

/// Counters of the input: ticks, keys, messages.
#[derive(Clone, Copy, Default, PartialEq, SharedState)]
#[repr(C)]
pub struct Flow {
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
    /// The last number received; numbers arrive in order.
    pub last_number: u32,
    /// Number of messages that arrived out of order.
    pub disorder: u32,
}

/// Prints no values: they change all the time, and must not affect the comparison of texts.
impl std::fmt::Debug for Flow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Flow")
    }
}

/// Messages to the renderer.
#[derive(Debug, Clone, Copy, PartialEq, SharedState)]
#[repr(C, u8)]
pub enum Ask {
    /// Asks for an answer.
    Number {
        /// Number of the question, from 1.
        number: u32,
        /// Ignored by the renderer.
        loud: bool,
    },
    /// Asks for the state.
    Show,
}

/// Messages to the owner.
#[expect(clippy::large_enum_variant, reason = "plain old data has no pointers to a text")]
#[derive(Debug, Clone, Copy, PartialEq, SharedState)]
#[repr(C, u8)]
pub enum Word {
    /// An answer.
    Number {
        /// Number of the question.
        number: u32,
        /// Generation that answers.
        generation: u32,
    },
    /// The state in words.
    Shown {
        /// Generation that owns the state.
        generation: u32,
        /// State and buffers.
        text: FixedString<1000>,
        /// The counters.
        flow: Flow,
    },
}

/// Runs one turn.
///
/// # Panics
/// Panics when the key C is pressed.
pub fn render(frame: &mut Frame<'_, Clay>) {
    if frame.fresh {
        clay_first::fill(frame);
    }
    if frame.input.is_key_pressed(Key::C) {
        panic!("the key C was pressed");
    }
    observe(frame);
    answer(frame);
    frame.canvas.fill(EDITION);
    frame.canvas.set(0, 0, frame.generation);
}

fn observe(frame: &mut Frame<'_, Clay>) {
    let (flow, input) = (&mut frame.state.flow, frame.input);
    flow.frames += 1;
    let merged = u64::from(input.merged + input.lost_ticks);
    flow.merged += merged;
    let follows = input.tick == flow.last_tick + 1 + merged;
    flow.gaps += u32::from(!follows);
    flow.last_tick = input.tick;
    flow.presses += u32::from(input.is_key_pressed(Key::A));
    flow.releases += u32::from(input.is_key_released(Key::A));
}

fn answer(frame: &mut Frame<'_, Clay>) {
    let generation = frame.generation;
    while let Some(ask) = frame.owner.try_recv() {
        match ask {
            Ask::Number { number, .. } => {
                let flow = &mut frame.state.flow;
                flow.disorder += u32::from(number != flow.last_number + 1);
                flow.last_number = number;
                let _ = frame.owner.send(Word::Number { number, generation });
            }
            Ask::Show => {
                let text = FixedString::truncated(&in_words(frame));
                let flow = frame.state.flow;
                let _ = frame.owner.send(Word::Shown { generation, text, flow });
            }
        }
    }
}

fn in_words(frame: &Frame<'_, Clay>) -> String {
    format!("{:?}\nheights {:?}", frame.state, frame.buffers.get::<u32>("heights"))
}
