//! What a renderer starts with.

use super::kept::Kept;
use super::memory::{KeptCanvas, Memory};
use crate::App;
use crate::handshake::{BodyShape, CanvasMode};
use crate::segment::Segment;
use std::sync::Arc;

/// What a renderer starts with.
pub(crate) struct Start<A: App> {
    pub(crate) segment: Arc<Segment>,
    pub(crate) generation: u32,
    pub(crate) arguments: A::Arguments,
    pub(crate) mode: CanvasMode,
    /// Size of the canvas in the rehearsal, in pixels.
    pub(crate) size: (u32, u32),
    /// Whether owner and renderer agree about the messages to the renderer, and to the owner.
    pub(crate) channels: (bool, bool),
    pub(crate) memory: Memory<A>,
    pub(crate) kept_canvas: Option<KeptCanvas>,
    pub(crate) shape: BodyShape,
    pub(crate) fresh: bool,
    /// The tick to go on from.
    pub(crate) tick: u64,
    /// Messages received before.
    pub(crate) received: u64,
    pub(crate) kept: Kept,
}

impl<A: App> Start<A> {
    /// A renderer of this process, with a state of its own.
    pub(crate) fn in_process(
        segment: Arc<Segment>,
        arguments: A::Arguments,
        mode: CanvasMode,
    ) -> Self {
        let (memory, shape) = Memory::fresh(&arguments);
        Start {
            segment,
            generation: 1,
            arguments,
            mode,
            size: (0, 0),
            channels: (true, true),
            memory,
            kept_canvas: mode.keep.then(KeptCanvas::default),
            shape,
            fresh: true,
            tick: 0,
            received: 0,
            kept: Kept::default(),
        }
    }
}
