//! Types shared by the example's owner and renderer: the state that survives every reload, the
//! arguments and the messages.

#![forbid(unsafe_code)]

use hot_reload::{App, FixedVec, SharedState};
use serde::{Deserialize, Serialize};

/// The example application.
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

/// Arguments passed to every generation of the renderer at its start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Arguments {
    /// Balls at the start.
    pub balls: u32,
}

/// State that survives every reload.
#[derive(Debug, Clone, Copy, PartialEq, SharedState)]
#[repr(C)]
pub struct State {
    /// Balls in flight.
    pub balls: FixedVec<Ball, 64>,
    /// Past positions of the balls, oldest first.
    pub trail: FixedVec<Spot, 1024>,
    /// Clicks since the start.
    pub clicks: u32,
    /// Ticks since the start.
    pub ticks: u64,
    /// Factor on gravity; the wheel changes it.
    pub gravity: f32,
    /// True while time stands still.
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

/// A ball; lengths are in pixels, velocities in pixels per second.
#[derive(Debug, Clone, Copy, PartialEq, SharedState)]
#[repr(C)]
pub struct Ball {
    /// Position of its center.
    pub position: (f32, f32),
    /// Velocity on both axes.
    pub velocity: (f32, f32),
    /// Position on the color circle, from 0 to 1.
    pub hue: f32,
}

impl Ball {
    /// Returns the ball with this number, thrown from its own place in its own direction.
    #[must_use]
    pub fn thrown(number: u32) -> Self {
        // Steps of the golden ratio fill the unit interval evenly for any number of balls.
        let spread = |step: u32| (number as f32 + 1.0) * 0.618_034 * step as f32 % 1.0;
        Ball {
            position: (80.0 + 640.0 * spread(1), 60.0 + 200.0 * spread(2)),
            velocity: (500.0 * (spread(3) - 0.5), -200.0 * spread(5)),
            hue: spread(1),
        }
    }
}

/// A past position of a ball.
#[derive(Debug, Clone, Copy, PartialEq, SharedState)]
#[repr(C)]
pub struct Spot {
    /// Position of the ball's center.
    pub position: (f32, f32),
    /// The ball's hue.
    pub hue: f32,
}

/// Messages to the renderer.
#[derive(Debug, Clone, Copy, PartialEq, SharedState)]
#[repr(C, u8)]
pub enum Command {
    /// Throws all balls up. The owner sends this when a resize shakes the window.
    Shake {
        /// Upward speed in pixels per second.
        strength: f32,
    },
    /// Resets the state.
    Reset,
}

/// Messages to the owner.
#[derive(Debug, Clone, Copy, PartialEq, SharedState)]
#[repr(C, u8)]
pub enum Report {
    /// Reports that a click has thrown a new ball.
    Clicked {
        /// Number of clicks since the start.
        clicks: u32,
    },
    /// Reports that the state was reset.
    Begun,
}
