//! Application whose renderer times its own turns and writes the times into its picture.

use hot_reload::{App, SharedState, buffers::BufferPlan};

/// Application of the self-timed benchmarks.
#[derive(Debug, Clone, Copy)]
pub struct SelfTimed;

impl App for SelfTimed {
    const RENDERER: &'static str = "renderer";
    /// Size in bytes of the extra buffer, which is part of each commit. If it is 0, there is no
    /// buffer, and each drawing keeps the processor busy for a while.
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

/// State that survives a reload.
#[derive(Debug, Clone, Copy, Default, SharedState)]
#[repr(C)]
pub struct State {
    /// Number of frames drawn, and thus the number of the current turn.
    pub turns: u64,
}

/// Name of the extra buffer.
pub const BYTES: &str = "bytes";

/// Size of the picture, large enough for all words below.
pub const SIZE: (u32, u32) = (32, 16);

/// Number of past turns that each picture reports, because the owner sees only the newest picture.
pub const TOLD: u64 = 64;

/// Value in a picture, of 64 bits.
#[derive(Debug, Clone, Copy)]
pub enum Word {
    /// Number of the turn that has drawn the picture.
    Number,
    /// Process ID of the renderer.
    Process,
    /// Duration of `present` in one of the last turns, in nanoseconds.
    Present(u64),
    /// Processor time of the renderer's process from the end of that turn's drawing until the next
    /// drawing could begin, in nanoseconds.
    Runtime(u64),
    /// Elapsed time from the end of `present` until the next drawing could begin, in nanoseconds.
    Gap(u64),
}

impl Word {
    /// Returns the index of the pixel with the lower half; the upper half is in the next pixel.
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
