//! A committed state, as the owner keeps it.

use crate::handshake::BodyShape;
use crate::segment::CommitHead;
use crate::state::{Image, SharedState};
use std::sync::Arc;

/// A committed state, in memory of the owner's own.
#[derive(Debug)]
pub(crate) struct Committed {
    /// The generation that made it; 0 before the first.
    pub(crate) generation: u32,
    pub(crate) head: CommitHead,
    pub(crate) shape: Arc<BodyShape>,
    pub(crate) image: Image,
}

/// The owner's view of its state.
impl Committed {
    /// Whether there is anything to go on from: a commit, or a state that was restored.
    pub(crate) fn exists(&self) -> bool {
        self.generation > 0 || self.head.body > 0
    }

    pub(crate) fn state<S: SharedState>(&self) -> Option<&S> {
        self.image.view::<S>()
    }
}
