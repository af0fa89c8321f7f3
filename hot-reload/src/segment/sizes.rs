//! The sizes on which both sides agree before they share memory.

/// Sizes that determine the geometry, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Sizes {
    /// One tick record.
    pub(crate) tick: usize,
    /// One message to the renderer.
    pub(crate) to_renderer: usize,
    /// One message to the owner.
    pub(crate) to_owner: usize,
    /// One request.
    pub(crate) request: usize,
    /// One commit: head, state, extra buffers, kept canvas.
    pub(crate) commit: usize,
    /// Part of a commit reserved for the largest kept canvas.
    pub(crate) kept_canvas: usize,
    /// The owner's launch parameters for the renderer (JSON).
    pub(crate) launch_params: usize,
    /// The renderer's description of itself (JSON).
    pub(crate) description: usize,
    /// Pixels of the largest frame; 0 without a canvas.
    pub(crate) frame: usize,
    /// One state for a view: head, state, extra buffers; 0 for a renderer with its own state.
    pub(crate) feed: usize,
}
