//! What owner and renderer must agree on: tick records, types, the shape of a commit.

use crate::segment::{Geometry, MAX_PIXELS, Sizes};
use crate::state::{AlignedBytes, BufferShape, BufferStore, round_up};
use crate::{App, Error, Input, SharedState, request::RequestRecord};
use serde::{Deserialize, Serialize};

#[cfg(feature = "renderer")]
mod letters;
#[cfg(feature = "renderer")]
pub(crate) use letters::{Briefing, CarriedBody, Description, Letter};

/// One tick on its way to the renderer.
#[derive(Debug, Clone, Copy, SharedState)]
#[repr(C)]
pub(crate) struct TickRecord {
    pub(crate) input: Input,
    /// Messages sent to the renderer by then, since the owner's start: these are visible.
    pub(crate) messages: u64,
}

/// A type as the other side must know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TypeShape {
    pub(crate) name: String,
    pub(crate) fingerprint: u64,
    pub(crate) size: usize,
}

impl TypeShape {
    pub(crate) fn of<T: SharedState>() -> Self {
        let layout = T::LAYOUT;
        let fingerprint = layout.fingerprint();
        TypeShape { name: layout.name.to_owned(), fingerprint, size: layout.size }
    }

    /// Whether bytes of the one mean the same as bytes of the other.
    pub(crate) fn agrees(&self, other: &TypeShape) -> bool {
        self.fingerprint == other.fingerprint && self.size == other.size
    }
}

/// What a commit's body consists of: the state, then the buffers, then the kept canvas; each
/// starts at a multiple of a cache line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BodyShape {
    pub(crate) state: TypeShape,
    pub(crate) buffers: Vec<BufferShape>,
}

impl BodyShape {
    pub(crate) fn of<A: App>(buffers: Vec<BufferShape>) -> Self {
        BodyShape { state: TypeShape::of::<A::State>(), buffers }
    }

    /// Where the buffers begin.
    pub(crate) fn buffers_at(&self) -> usize {
        round_up(self.state.size, AlignedBytes::ALIGN)
    }

    /// Whether all of it fits into an address space: a shape that comes from elsewhere is asked this
    /// before it is computed with.
    #[cfg(feature = "owner")]
    pub(crate) fn is_possible(&self) -> bool {
        const LIMIT: usize = isize::MAX as usize / 8;
        let sizes = self.buffers.iter().map(|buffer| buffer.bytes).chain([self.state.size]);
        let mut sum = 0_usize;
        sizes.into_iter().all(|size| {
            sum = sum.saturating_add(size.saturating_add(AlignedBytes::ALIGN));
            sum < LIMIT
        })
    }

    /// Where the canvas begins: the length of everything else.
    pub(crate) fn canvas_at(&self) -> usize {
        self.buffers_at() + BufferStore::arranged(&self.buffers)
    }
}

/// The canvas of a generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CanvasMode {
    pub(crate) canvas: bool,
    pub(crate) keep: bool,
}

/// The segment's geometry for an application, with room for `body` bytes of commit at least.
pub(crate) fn geometry<A: App>(
    shape: &BodyShape,
    body: usize,
    briefing: usize,
    mode: CanvasMode,
) -> Result<Geometry, Error> {
    let too_large = || Error::TooLarge {
        state: shape.state.size,
        buffers: BufferStore::arranged(&shape.buffers),
    };
    let largest = MAX_PIXELS * 4;
    let kept_canvas = if mode.keep { largest } else { 0 };
    let fixed =
        body.max(shape.canvas_at()).checked_add(AlignedBytes::ALIGN).ok_or_else(too_large)?;
    let sizes = Sizes {
        tick: size_of::<TickRecord>(),
        to_renderer: size_of::<A::ToRenderer>(),
        // The tick that a message belongs to comes before it.
        to_owner: size_of::<u64>() + size_of::<A::ToOwner>(),
        request: size_of::<RequestRecord>(),
        commit: fixed.checked_add(kept_canvas).ok_or_else(too_large)?,
        kept_canvas,
        briefing,
        frame: if mode.canvas { largest + AlignedBytes::ALIGN } else { 0 },
    };
    Geometry::new(sizes).ok_or_else(too_large)
}
