//! The agreement between owner and renderer: tick records, types, the shape of a commit.

use crate::app::App;
use crate::error::Error;
use crate::input::Input;
use crate::request::RequestRecord;
use crate::segment::{DESCRIPTION, Geometry, MAX_PIXELS, Sizes};
use hot_reload_pod::internal::{AlignedBytes, BufferShape, BufferStore, round_up};
use hot_reload_pod::{OwnedLayout, SharedState};
use serde::{Deserialize, Serialize};

mod commit_body;
pub(crate) mod environment;
mod wire;
pub(crate) use commit_body::{CommitBody, snapshot};
pub(crate) use wire::FeedHeader;
#[cfg(feature = "renderer")]
pub(crate) use wire::{CarriedBody, HandoverParams, LaunchParams, RendererInfo};

/// A tick as it is sent to the renderer.
#[derive(Debug, Clone, Copy, SharedState)]
#[repr(C)]
pub(crate) struct TickRecord {
    pub(crate) input: Input,
    /// Number of messages sent to the renderer so far, since the owner's start; these are visible.
    pub(crate) messages: u64,
    /// Number of asset changes recorded so far, since the owner's start.
    pub(crate) assets: u64,
    /// True if the state must be committed with this tick, whatever that costs.
    pub(crate) settles: bool,
}

/// Mark that a renderer prints to both of its streams before a rehearsal, for its owner alone. It
/// is an application program command (APC), which a terminal ignores.
#[cfg(feature = "renderer")]
pub(crate) const REHEARSES: &[u8] = b"\x1b_hot-reload rehearses\x07";
/// Mark after a rehearsal.
#[cfg(feature = "renderer")]
pub(crate) const REHEARSED: &[u8] = b"\x1b_hot-reload rehearsed\x07";

/// Length of the head of a message to the owner, in bytes: the tick that it belongs to, and the
/// message to the renderer that it answers, counted from 1 since the owner's start; 0 for none.
pub(crate) const MESSAGE_HEAD: usize = 2 * size_of::<u64>();

/// The shape of a commit's body: the state, then the buffers, then the parked values, then the kept
/// canvas. Each starts at a multiple of a cache line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct CommitShape {
    pub(crate) state: OwnedLayout,
    pub(crate) buffers: Vec<BufferShape>,
}

impl CommitShape {
    /// Returns the empty shape, which a view commits. What is handed over in it leaves the next
    /// generation with a new state.
    pub(crate) fn empty() -> Self {
        CommitShape { state: <()>::LAYOUT.into(), buffers: Vec::new() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.state.size() == 0 && self.buffers.is_empty()
    }

    pub(crate) fn of<A: App>(buffers: Vec<BufferShape>) -> Self {
        CommitShape { state: A::State::LAYOUT.into(), buffers }
    }

    /// Returns the offset of the buffers.
    pub(crate) fn buffers_at(&self) -> usize {
        round_up(self.state.size(), AlignedBytes::ALIGN)
    }

    /// Returns whether everything fits into an address space. Check this before computing with a
    /// shape that another program sent.
    pub(crate) fn is_possible(&self) -> bool {
        const LIMIT: usize = isize::MAX as usize / 8;
        let sizes = self.buffers.iter().map(BufferShape::bytes).chain([self.state.size()]);
        let mut sum = 0_usize;
        sizes.into_iter().all(|size| {
            sum = sum.saturating_add(size.saturating_add(AlignedBytes::ALIGN));
            sum < LIMIT
        })
    }

    /// Returns the offset of the parked values: the length of state and buffers.
    pub(crate) fn parked_at(&self) -> usize {
        self.buffers_at() + BufferStore::arranged(&self.buffers)
    }

    /// Returns the offset of the canvas behind `parked` bytes; `usize::MAX` if it overflows.
    pub(crate) fn canvas_at(&self, parked: usize) -> usize {
        let parked = parked.checked_next_multiple_of(AlignedBytes::ALIGN);
        parked.map_or(usize::MAX, |parked| self.parked_at().saturating_add(parked))
    }

    /// Returns whether a commit of this shape fits into `bytes` bytes, with the parked values and a
    /// canvas behind them. Safe for values that another program sent.
    pub(crate) fn lies_within(&self, bytes: usize, parked: usize, canvas: (u32, u32)) -> bool {
        let pixels = u64::from(canvas.0).saturating_mul(u64::from(canvas.1)).saturating_mul(4);
        let pixels = usize::try_from(pixels).unwrap_or(usize::MAX);
        self.is_possible() && self.canvas_at(parked).saturating_add(pixels) <= bytes
    }
}

/// The canvas of a generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CanvasMode {
    pub(crate) canvas: bool,
    pub(crate) keep: bool,
    /// Set if it is drawn over another canvas.
    pub(crate) layer: bool,
}

/// Role of a renderer among the parts of its application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum PartRole {
    /// The only part.
    Whole,
    /// The part that owns the state, which others read.
    Leads,
    /// A part that reads the state of the leading one: its segment has a feed.
    Follows,
}

/// Room that a segment needs beyond what follows from the application's types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Needs {
    /// Body of a commit without its canvas, in bytes.
    pub(crate) body: usize,
    /// The renderer's description of itself, in bytes.
    pub(crate) description: usize,
    /// State that a view reads, with the header that describes its arrangement, in bytes; 0 if
    /// there is none.
    pub(crate) feed: usize,
}

impl Needs {
    /// Returns the larger of the two for each field.
    #[cfg(feature = "owner")]
    pub(crate) fn max(self, other: Needs) -> Needs {
        let body = self.body.max(other.body);
        let description = self.description.max(other.description);
        Needs { body, description, feed: self.feed.max(other.feed) }
    }
}

/// Spare room for an added field and for parked values, so that a renderer need not be started
/// twice.
pub(crate) const SPARE: usize = 64 << 10;

/// Returns the segment's geometry for an application, with room for at least `needs`.
pub(crate) fn geometry<A: App>(
    shape: &CommitShape,
    needs: Needs,
    launch_params: usize,
    mode: CanvasMode,
) -> Result<Geometry, Error> {
    let too_large = || Error::TooLarge {
        state: shape.state.size(),
        buffers: BufferStore::arranged(&shape.buffers),
    };
    let largest = MAX_PIXELS * 4;
    let kept_canvas = if mode.keep { largest } else { 0 };
    let body = needs.body.max(shape.parked_at());
    let fixed = body.checked_add(AlignedBytes::ALIGN + SPARE).ok_or_else(too_large)?;
    let sizes = Sizes {
        tick: size_of::<TickRecord>(),
        to_renderer: size_of::<A::ToRenderer>(),
        to_owner: MESSAGE_HEAD + size_of::<A::ToOwner>(),
        request: size_of::<RequestRecord>(),
        commit: fixed.checked_add(kept_canvas).ok_or_else(too_large)?,
        kept_canvas,
        launch_params,
        description: needs.description.max(DESCRIPTION),
        frame: if mode.canvas { largest + AlignedBytes::ALIGN } else { 0 },
        feed: if needs.feed > 0 {
            needs.feed.checked_add(SPARE).ok_or_else(too_large)?
        } else {
            0
        },
    };
    Geometry::new(sizes).ok_or_else(too_large)
}
