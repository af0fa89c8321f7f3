//! The state, which one part of the program changes and the others read.

#![forbid(unsafe_code)]

use hot_reload::{FixedVec, SharedState};

/// Limit on the number of bodies.
pub const MOST: usize = 64;

/// A moving body; places are in pixels from the sun, velocities in pixels per tick.
#[derive(Debug, Clone, Copy, PartialEq, SharedState)]
#[repr(C)]
pub struct Body {
    /// Position of the body.
    pub place: (f32, f32),
    /// Velocity of the body.
    pub velocity: (f32, f32),
}

/// A sun and the bodies around it.
#[derive(Debug, Clone, Copy, SharedState)]
#[repr(C)]
pub struct World {
    /// Bodies in orbit.
    pub bodies: FixedVec<Body, MOST>,
    /// Number of ticks so far.
    pub turns: u64,
}

impl Default for World {
    fn default() -> Self {
        let mut bodies = FixedVec::new();
        for (distance, speed) in [(60.0, 1.8), (110.0, 1.35), (170.0, 1.08)] {
            let body = Body { place: (distance, 0.0), velocity: (0.0, speed) };
            // There is room for sixty more.
            let _ = bodies.push(body);
        }
        World { bodies, turns: 0 }
    }
}
