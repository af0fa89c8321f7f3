//! The state, which survives every edit of the renderer.

use hot_reload::{App, SharedState};

/// The application.
#[derive(Debug)]
pub struct Count;

impl App for Count {
    const RENDERER: &'static str = "{{name}}-renderer"; // the package that is rebuilt
    type Arguments = (); // passed to every generation with serde
    type State = State; // survives every reload
    type ToRenderer = (); // messages to the renderer
    type ToOwner = (); // messages to the owner
}

/// Plain old data: fields are carried over by name when they are edited.
#[derive(Debug, Clone, Copy, Default, SharedState)]
#[repr(C)]
pub struct State {
    pub steps: u64,
}
