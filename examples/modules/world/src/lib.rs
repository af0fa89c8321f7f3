//! The state that one part of the program changes and the others look at.

#![forbid(unsafe_code)]

use hot_reload::{FixedVec, SharedState};

/// So many bodies there may be.
pub const MOST: usize = 64;

/// Something that moves; places in pixels from the sun, velocities in pixels a tick.
#[derive(Debug, Clone, Copy, PartialEq, SharedState)]
#[repr(C)]
pub struct Body {
    /// Where it is.
    pub place: (f32, f32),
    /// Where it goes.
    pub velocity: (f32, f32),
}

/// A sun and what circles it.
#[derive(Debug, Clone, Copy, SharedState)]
#[repr(C)]
pub struct World {
    /// What circles.
    pub bodies: FixedVec<Body, MOST>,
    /// Ticks so far.
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
