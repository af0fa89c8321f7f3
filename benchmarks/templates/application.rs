//! Application shared by owner and renderer.

use hot_reload::{App, SharedState};

/// Application of the contest.
#[derive(Debug, Clone, Copy)]
pub struct Contest;

impl App for Contest {
    const RENDERER: &'static str = "renderer";
    type Arguments = ();
    type State = State;
    type ToRenderer = ();
    type ToOwner = ();
}

/// State that survives a reload.
#[derive(Debug, Clone, Copy, Default, SharedState)]
#[repr(C)]
pub struct State {
    /// Number of frames drawn.
    pub frames: u64,
}
