//! The state, which survives every edit of the renderer.

use hot_reload::{App, FixedVec, SharedState};

/// The application.
#[derive(Debug)]
pub struct Game;

impl App for Game {
    const RENDERER: &'static str = "{{name}}-renderer"; // the package that is rebuilt
    type Arguments = (); // passed to every generation with serde
    type State = State; // survives every reload
    type ToRenderer = (); // messages to the renderer
    type ToOwner = (); // messages to the owner
}

/// Plain old data: fields are carried over by name when they are edited.
#[derive(Debug, Clone, Copy, SharedState)]
#[repr(C)]
pub struct State {
    /// Positions of the mouse while its button was down, in pixels.
    pub spots: FixedVec<(f32, f32), 256>,
    /// Position of the ball in pixels, and its speed in pixels per second.
    pub ball: (f32, f32),
    pub speed: (f32, f32),
}

impl Default for State {
    fn default() -> Self {
        State { spots: FixedVec::new(), ball: (100.0, 100.0), speed: (160.0, 110.0) }
    }
}
