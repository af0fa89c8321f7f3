//! The application whose renderer times its own turns, and says so in its picture.

use hot_reload::{App, BufferPlan, SharedState};

/// The application.
#[derive(Debug, Clone, Copy)]
pub struct SelfTimed;

impl App for SelfTimed {
    const RENDERER: &'static str = "renderer";
    /// Bytes beside the state, which are part of each commit. Without any, the renderer is busy
    /// drawing for a while.
    type Arguments = u64;
    type State = State;
    type ToRenderer = ();
    type ToOwner = ();

    fn buffers(bytes: &u64, plan: &mut BufferPlan) {
        if let Ok(bytes @ 1..) = usize::try_from(*bytes) {
            plan.add::<u8>(BYTES, bytes);
        }
    }
}

/// What survives a reload.
#[derive(Debug, Clone, Copy, Default, SharedState)]
#[repr(C)]
pub struct State {
    /// Frames drawn: the number of a turn.
    pub turns: u64,
}

/// The name of the buffer with the bytes.
pub const BYTES: &str = "bytes";

/// The picture is large enough for all words below.
pub const SIZE: (u32, u32) = (32, 16);

/// So many turns are told again in each picture, for the owner sees only the newest.
pub const TOLD: u64 = 64;

/// What stands in a picture, 64 bits each.
#[derive(Debug, Clone, Copy)]
pub enum Word {
    /// The turn that has drawn it.
    Number,
    /// The renderer's process.
    Process,
    /// How long `present` took in one of the last turns, in nanoseconds.
    Present(u64),
    /// What the renderer's process used the processor for from the end of that turn's drawing until the
    /// next could begin, in nanoseconds.
    Runtime(u64),
    /// How long that was on the clock, from the end of `present` on.
    Gap(u64),
}

impl Word {
    /// Where it stands: the lower half is this pixel, the upper half the next.
    pub fn place(self) -> usize {
        let word = match self {
            Word::Number => 0,
            Word::Process => 1,
            Word::Present(turn) => 2 + turn % TOLD,
            Word::Runtime(turn) => 2 + TOLD + turn % TOLD,
            Word::Gap(turn) => 2 + 2 * TOLD + turn % TOLD,
        };
        usize::try_from(2 * word).unwrap_or(0)
    }
}
