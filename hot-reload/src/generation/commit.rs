//! A committed state, as the owner keeps it.

use crate::handshake::CommitShape;
use crate::segment::CommitHead;
use hot_reload_pod::SharedState;
use hot_reload_pod::internal::Image;
use std::sync::Arc;

/// A committed state, in the owner's private memory.
#[derive(Debug)]
pub(crate) struct Committed {
    /// Generation that made it; 0 before the first.
    pub(crate) generation: u32,
    pub(crate) head: CommitHead,
    pub(crate) shape: Arc<CommitShape>,
    pub(crate) image: Image,
}

impl Committed {
    /// Returns whether there is a state to continue from: a commit, or a restored state.
    pub(crate) fn exists(&self) -> bool {
        self.generation > 0 || self.head.body > 0
    }

    pub(crate) fn state<S: SharedState>(&self) -> Option<&S> {
        self.image.view::<S>()
    }
}
