//! An application whose state has a selectable size.

use hot_reload::{App, FixedVec, Frame, InitialState, SharedState};

/// Number of cells of a state that is too large for any stack: 64 MiB.
pub const CELLS: usize = 16 << 20;

/// The application; its state has about 4 × `CELLS` bytes.
#[derive(Debug, Clone, Copy)]
pub struct Big<const CELLS: usize>;

/// A large state.
#[derive(Debug, Clone, Copy, SharedState)]
#[repr(C)]
pub struct World<const CELLS: usize> {
    /// Cells, which take most of the space.
    pub cells: [u32; CELLS],
    /// Number of ticks answered.
    pub frames: u64,
    /// Number of the last tick.
    pub last_tick: u64,
    /// Number of ticks that did not follow the previous one: lost, or delivered twice.
    pub gaps: u64,
}

impl<const CELLS: usize> InitialState for World<CELLS> {
    fn init(&mut self, (): &()) {
        for (number, cell) in (0..).zip(&mut self.cells) {
            *cell = number;
        }
    }
}

impl<const CELLS: usize> App for Big<CELLS> {
    const RENDERER: &'static str = "two-process-tests";
    type Arguments = ();
    type State = World<CELLS>;
    type ToRenderer = ();
    type ToOwner = ();
}

/// Runs one turn. The picture contains the tick's number, the generation and a color.
pub fn render<const CELLS: usize>(frame: &mut Frame<'_, Big<CELLS>>) {
    let (state, input) = (&mut *frame.state, frame.input);
    state.frames += 1;
    let follows = input.tick == state.last_tick + 1 + u64::from(input.merged + input.lost_ticks);
    state.gaps += u64::from(!follows && !frame.rehearsal);
    state.last_tick = input.tick;
    let (last, first) = (state.cells[CELLS - 1], state.cells[1]);
    let whole = (first, last as usize) == (1, CELLS - 1);
    frame.canvas.fill(u32::try_from(input.tick).unwrap_or(0));
    frame.canvas.set(0, 0, frame.generation);
    frame.canvas.set(1, 0, if whole { super::COLOR } else { 0 });
}

/// An application whose state comes from `Default`, without `App::init`.
#[derive(Debug, Clone, Copy)]
pub struct Plain<const GRAINS: usize>;

/// A large collection and a small field.
#[derive(Debug, Clone, Copy, SharedState)]
#[repr(C)]
pub struct Sand<const GRAINS: usize> {
    /// Grains, which take most of the space: 4 bytes each.
    pub grains: FixedVec<u32, GRAINS>,
    /// Number of grains that did not fit.
    pub spilt: u32,
}

impl<const GRAINS: usize> Default for Sand<GRAINS> {
    fn default() -> Self {
        Sand { grains: FixedVec::new(), spilt: 7 }
    }
}

/// The state: a struct around the collection, as in real programs.
#[derive(Debug, Clone, Copy, Default, SharedState)]
#[repr(C)]
pub struct Desert<const GRAINS: usize> {
    /// The largest part.
    pub sand: Sand<GRAINS>,
    /// Number of ticks answered.
    pub frames: u64,
}

impl<const GRAINS: usize> App for Plain<GRAINS> {
    const RENDERER: &'static str = "two-process-tests";
    type Arguments = ();
    type State = Desert<GRAINS>;
    type ToRenderer = ();
    type ToOwner = ();
}

/// An application whose own `App::init` assigns a state by value, as most programs do.
#[derive(Debug, Clone, Copy)]
pub struct Assigned<const GRAINS: usize>;

impl<const GRAINS: usize> App for Assigned<GRAINS> {
    const RENDERER: &'static str = "two-process-tests";
    type Arguments = ();
    type State = Desert<GRAINS>;
    type ToRenderer = ();
    type ToOwner = ();

    fn init(state: &mut Desert<GRAINS>, (): &()) {
        *state = Desert::default();
    }
}

/// Runs one turn: adds a grain, and draws the number of grains.
pub fn pour<const GRAINS: usize, A>(frame: &mut Frame<'_, A>)
where
    A: App<State = Desert<GRAINS>>,
{
    let Desert { sand, frames } = &mut *frame.state;
    *frames += 1;
    if sand.grains.push(u32::try_from(*frames).unwrap_or(0)).is_err() {
        sand.spilt += 1;
    }
    frame.canvas.fill(super::COLOR);
}
