//! The application that owner and renderer share.

use hot_reload::{App, SharedState};

/// The application.
#[derive(Debug, Clone, Copy)]
pub struct Contest;

impl App for Contest {
    const RENDERER: &'static str = "renderer";
    type Arguments = ();
    type State = State;
    type ToRenderer = ();
    type ToOwner = ();
}

/// What survives a reload.
#[derive(Debug, Clone, Copy, Default, SharedState)]
#[repr(C)]
pub struct State {
    /// Frames drawn.
    pub frames: u64,
}
