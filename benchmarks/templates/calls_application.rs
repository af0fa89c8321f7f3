//! The application whose renderer calls a function in a loop, or when it is asked to.

use hot_reload::{App, SharedState};

/// The application.
#[derive(Debug, Clone, Copy)]
pub struct Calls;

impl App for Calls {
    const RENDERER: &'static str = "renderer";
    type Arguments = ();
    type State = State;
    /// The number whose Fibonacci number is asked for; 0 for the function that does nothing.
    type ToRenderer = u64;
    type ToOwner = u64;
}

/// What the renderer has measured.
#[derive(Debug, Clone, Copy, Default, SharedState)]
#[repr(C)]
pub struct State {
    /// How often.
    pub rounds: u64,
    /// Nanoseconds of a call with an empty body, in the last round.
    pub empty: f64,
    /// Nanoseconds of a call with the fibonacci body, in the last round.
    pub fibonacci: f64,
}
