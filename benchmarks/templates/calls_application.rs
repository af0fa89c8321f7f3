//! Application whose renderer calls a function in a loop, or on request.

use hot_reload::{App, SharedState};

/// Application of the call benchmark.
#[derive(Debug, Clone, Copy)]
pub struct Calls;

impl App for Calls {
    const RENDERER: &'static str = "renderer";
    type Arguments = ();
    type State = State;
    /// Index of the requested Fibonacci number; 0 requests the function that does nothing.
    type ToRenderer = u64;
    type ToOwner = u64;
}

/// Results of the renderer's measurements.
#[derive(Debug, Clone, Copy, Default, SharedState)]
#[repr(C)]
pub struct State {
    /// Number of rounds measured.
    pub rounds: u64,
    /// Nanoseconds of a call with an empty body, in the last round.
    pub empty: f64,
    /// Nanoseconds of a call with the Fibonacci body, in the last round.
    pub fibonacci: f64,
}
