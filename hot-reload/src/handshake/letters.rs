//! What owner and renderer tell each other once, at a generation's start; JSON in the segment.

use super::{BodyShape, TypeShape};
use serde::{Deserialize, Serialize};

/// What the owner tells the renderer.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Briefing {
    /// `App::Arguments`.
    pub(crate) arguments: serde_json::Value,
    /// The types as the owner was compiled with.
    pub(crate) input: TypeShape,
    pub(crate) to_renderer: TypeShape,
    pub(crate) to_owner: TypeShape,
    /// Without a canvas there is nothing to draw to.
    pub(crate) canvas: bool,
    /// The contents of the canvas are kept.
    pub(crate) keep_canvas: bool,
    /// The canvas as it is now, in pixels, for the rehearsal.
    pub(crate) size: (u32, u32),
    /// What to go on from; a rehearsal gets what there was when it began.
    pub(crate) letter: Letter,
}

/// What a generation goes on from: at its start, and again at its cut.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Letter {
    /// What lies in the owner's commit slot.
    pub(crate) carried: Option<CarriedBody>,
    /// The generation that has left the newest kept values.
    pub(crate) kept: Option<u32>,
}

/// The commit that a generation goes on from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct CarriedBody {
    pub(crate) shape: BodyShape,
    pub(crate) canvas: (u32, u32),
    /// The tick after which it was committed.
    pub(crate) tick: u64,
    pub(crate) received: u64,
}

/// What the renderer tells the owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Description {
    /// Why it cannot run.
    pub(crate) refused: Option<String>,
    pub(crate) body: Option<BodyShape>,
    pub(crate) to_renderer: Option<TypeShape>,
    pub(crate) to_owner: Option<TypeShape>,
    /// What the user must know, like a state that could not be taken over.
    pub(crate) notices: Vec<String>,
}

impl Description {
    /// Whether ticks and commits of the one fit the other.
    #[cfg(feature = "owner")]
    pub(crate) fn agrees(&self, other: &Description) -> bool {
        let channels = |it: &Description| (it.to_renderer.clone(), it.to_owner.clone());
        self.body == other.body && channels(self) == channels(other)
    }

    pub(crate) fn refused(reason: String) -> Self {
        let notices = Vec::new();
        let refused = Some(reason);
        Description { refused, body: None, to_renderer: None, to_owner: None, notices }
    }

    /// The description with no more words than a person reads; `None` when it tells of sizes that no
    /// address space holds. Whoever keeps, compares or draws it later need not think of either.
    #[cfg(feature = "owner")]
    pub(crate) fn bounded(mut self) -> Option<Self> {
        if self.body.as_ref().is_some_and(|body| !body.is_possible()) {
            return None;
        }
        self.notices.truncate(Self::NOTICES);
        for text in self.notices.iter_mut().chain(&mut self.refused) {
            *text = text.chars().take(Self::WORDS).collect();
        }
        Some(self)
    }

    #[cfg(feature = "owner")]
    const NOTICES: usize = 32;
    /// In characters.
    #[cfg(feature = "owner")]
    const WORDS: usize = 2000;
}
