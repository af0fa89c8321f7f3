//! An application whose types the tests change while its owner runs.
//!
//! The owner's own types are yesterday's then, so the renderer says in words what its state is.

use crate::clay_first;
use hot_reload::{App, BufferPlan, FixedString, FixedVec, Frame, Key, SharedState};
use serde::{Deserialize, Serialize};

/// The color of the picture, which says which edit has drawn it.
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

/// What the renderer is started with.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Arguments {
    /// Length of an extra buffer.
    pub heights: usize,
}

/// What is changed most.
#[derive(Debug, Clone, Copy, Default, PartialEq, SharedState)]
#[repr(C)]
pub struct State {
    /// What has come in; it stays as it is.
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
    /// One of several.
    pub shape: Shape,
    /// To the right.
    pub x: f32,
    /// Down.
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
    /// None.
    #[default]
    Nothing,
    /// Round.
    Circle {
        /// To its edge.
        radius: f32,
    },
    /// Not round.
    Square(u16),
}

/// What has come in: ticks, keys, messages.
#[derive(Clone, Copy, Default, PartialEq, SharedState)]
#[repr(C)]
pub struct Flow {
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
    /// The last number received; they come in order.
    pub last_number: u32,
    /// Numbers that came out of order.
    pub disorder: u32,
}

/// It changes all the time, and is no part of what is compared.
impl std::fmt::Debug for Flow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Flow")
    }
}

/// Messages to the renderer.
#[derive(Debug, Clone, Copy, PartialEq, SharedState)]
#[repr(C, u8)]
pub enum Ask {
    /// Wants an answer.
    Number {
        /// Counts from 1.
        number: u32,
        /// Nobody listens to that.
        loud: bool,
    },
    /// Wants to know what the state is.
    Show,
}

/// Messages to the owner.
#[expect(clippy::large_enum_variant, reason = "plain old data has no pointers to a text")]
#[derive(Debug, Clone, Copy, PartialEq, SharedState)]
#[repr(C, u8)]
pub enum Word {
    /// An answer.
    Number {
        /// The question's.
        number: u32,
        /// The generation that answers.
        generation: u32,
    },
    /// The state in words.
    Shown {
        /// The generation whose state it is.
        generation: u32,
        /// State and buffers.
        text: FixedString<1000>,
        /// The counters.
        flow: Flow,
    },
}

/// One turn.
///
/// # Panics
/// When the key C is pressed.
pub fn render(frame: &mut Frame<'_, Clay>) {
    if frame.is_fresh() {
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
