//! An application with a state that fits on no stack.

use hot_reload::{App, Frame, SharedState};

/// 64 MiB.
pub const CELLS: usize = 16 << 20;

/// The application.
#[derive(Debug, Clone, Copy)]
pub struct Big;

/// A large state.
#[derive(Debug, Clone, Copy, SharedState)]
#[repr(C)]
pub struct World {
    /// Most of it.
    pub cells: [u32; CELLS],
    /// Ticks answered.
    pub frames: u64,
}

impl Default for World {
    fn default() -> Self {
        unreachable!("made in place by `App::init`")
    }
}

impl App for Big {
    const RENDERER: &'static str = "two-process-tests";
    type Arguments = ();
    type State = World;
    type ToRenderer = ();
    type ToOwner = ();

    fn init(state: &mut World, (): &()) {
        for (number, cell) in (0..).zip(&mut state.cells) {
            *cell = number;
        }
    }
}

/// One turn.
pub fn render(frame: &mut Frame<'_, Big>) {
    frame.state.frames += 1;
    let (last, first) = (frame.state.cells[CELLS - 1], frame.state.cells[1]);
    frame.canvas.fill(if (first, last as usize) == (1, CELLS - 1) { super::COLOR } else { 0 });
    frame.canvas.set(0, 0, frame.generation);
}
