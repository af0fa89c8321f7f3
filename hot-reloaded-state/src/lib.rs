//! What the example's owner and renderer share: the state that survives every reload, the arguments
//! and the messages.

#![forbid(unsafe_code)]

use hot_reload::{App, FixedVec, SharedState};
use serde::{Deserialize, Serialize};

/// The example.
#[derive(Debug, Clone, Copy)]
pub struct Demo;

impl App for Demo {
    const RENDERER: &'static str = "example-impl";
    type Arguments = Arguments;
    type State = State;
    type ToRenderer = Command;
    type ToOwner = Report;

    fn init(state: &mut State, arguments: &Arguments) {
        *state = State::default();
        for number in 0..arguments.balls {
            let ball = Ball::thrown(number);
            if state.balls.push(ball).is_err() {
                break;
            }
        }
    }
}

/// What every generation of the renderer is given at its start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Arguments {
    /// Balls at the start.
    pub balls: u32,
}

/// What survives every reload.
#[derive(Debug, Clone, Copy, PartialEq, SharedState)]
#[repr(C)]
pub struct State {
    /// The balls that fly around.
    pub balls: FixedVec<Ball, 64>,
    /// Where the balls were, the oldest first.
    pub trail: FixedVec<Spot, 1024>,
    /// Clicks since the start.
    pub clicks: u32,
    /// Ticks since the start.
    pub ticks: u64,
    /// How strongly balls fall; the wheel changes it.
    pub gravity: f32,
    /// Whether time stands still.
    pub paused: bool,
}

impl Default for State {
    fn default() -> Self {
        State {
            balls: FixedVec::new(),
            trail: FixedVec::new(),
            clicks: 0,
            ticks: 0,
            gravity: 1.0,
            paused: false,
        }
    }
}

/// A ball; lengths are in pixels, velocities in pixels a second.
#[derive(Debug, Clone, Copy, PartialEq, SharedState)]
#[repr(C)]
pub struct Ball {
    /// Where its middle is.
    pub position: (f32, f32),
    /// Where it flies.
    pub velocity: (f32, f32),
    /// Its place in the circle of colors, from 0 to 1.
    pub hue: f32,
}

impl Ball {
    /// The ball of a number, thrown from its own place in its own direction.
    #[must_use]
    pub fn thrown(number: u32) -> Self {
        // Steps of the golden ratio fill the unit interval evenly, whatever their number.
        let spread = |step: u32| (number as f32 + 1.0) * 0.618_034 * step as f32 % 1.0;
        Ball {
            position: (80.0 + 640.0 * spread(1), 60.0 + 200.0 * spread(2)),
            velocity: (500.0 * (spread(3) - 0.5), -200.0 * spread(5)),
            hue: spread(1),
        }
    }
}

/// A place where a ball was.
#[derive(Debug, Clone, Copy, PartialEq, SharedState)]
#[repr(C)]
pub struct Spot {
    /// Where.
    pub position: (f32, f32),
    /// The ball's hue.
    pub hue: f32,
}

/// Messages to the renderer.
#[derive(Debug, Clone, Copy, PartialEq, SharedState)]
#[repr(C, u8)]
pub enum Command {
    /// Throw everything up; the owner says so when the window is shaken by a resize.
    Shake {
        /// How strongly, in pixels a second.
        strength: f32,
    },
    /// Begin anew.
    Reset,
}

/// Messages to the owner.
#[derive(Debug, Clone, Copy, PartialEq, SharedState)]
#[repr(C, u8)]
pub enum Report {
    /// A click has thrown a new ball.
    Clicked {
        /// Clicks since the start.
        clicks: u32,
    },
    /// The state was begun anew.
    Begun,
}
