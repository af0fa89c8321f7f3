//! What survives every edit of the renderer.

use hot_reload::{App, FixedVec, SharedState};

/// The application.
#[derive(Debug)]
pub struct Sketch;

impl App for Sketch {
    const RENDERER: &'static str = "{{name}}-renderer"; // the package that is rebuilt
    type Arguments = (); // handed to every generation, by serde
    type State = State; // survives every reload
    type ToRenderer = (); // messages to the renderer
    type ToOwner = (); // messages to the owner
}

/// Plain old data: fields are carried over by name when they are edited.
#[derive(Debug, Clone, Copy, SharedState)]
#[repr(C)]
pub struct State {
    /// Where the mouse was while its button was down, in pixels.
    pub spots: FixedVec<(f32, f32), 256>,
    /// Where the ball is, in pixels, and its speed in pixels a second.
    pub ball: (f32, f32),
    pub speed: (f32, f32),
}

impl Default for State {
    fn default() -> Self {
        State { spots: FixedVec::new(), ball: (100.0, 100.0), speed: (160.0, 110.0) }
    }
}
