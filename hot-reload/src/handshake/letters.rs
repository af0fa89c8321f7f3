//! What owner and renderer tell each other once, at a generation's start; JSON in the segment.

use super::BodyShape;
#[cfg(feature = "renderer")]
use super::{Needs, Role};
#[cfg(feature = "renderer")]
use crate::state::MigrationReport;
#[cfg(feature = "renderer")]
use crate::state::OwnedLayout;
#[cfg(feature = "owner")]
use crate::state::escaped;
use serde::{Deserialize, Serialize};

/// How a commit is arranged that a view looks at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct FeedLetter {
    pub(crate) shape: BodyShape,
    /// Bytes that are parked.
    pub(crate) parked: usize,
}

/// What the owner tells the renderer.
#[cfg(feature = "renderer")]
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Briefing {
    /// `App::Arguments`.
    pub(crate) arguments: serde_json::Value,
    /// The types as the owner was compiled with.
    pub(crate) tick: OwnedLayout,
    pub(crate) to_renderer: OwnedLayout,
    pub(crate) to_owner: OwnedLayout,
    /// Without a canvas there is nothing to draw to.
    pub(crate) canvas: bool,
    /// The contents of the canvas are kept.
    pub(crate) keep_canvas: bool,
    /// It lies over another.
    pub(crate) layer: bool,
    /// The canvas as it is now, in pixels, for the rehearsal.
    pub(crate) size: (u32, u32),
    /// What to go on from; a rehearsal gets what there was when it began.
    pub(crate) letter: Letter,
    /// There is nothing but a rehearsal, and the owner wants to see what it has drawn and done to
    /// the state.
    pub(crate) shows_rehearsal: bool,
    /// Changes of assets written down by now.
    pub(crate) assets: u64,
    pub(crate) role: Role,
    /// Which part of the application it is to be, where there are several.
    pub(crate) part: Option<String>,
}

/// What a generation goes on from: at its start, and again at its cut.
#[cfg(feature = "renderer")]
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Letter {
    /// What lies in the owner's commit slot.
    pub(crate) carried: Option<CarriedBody>,
    /// The generation that has left the newest kept values.
    pub(crate) kept: Option<u32>,
}

/// The commit that a generation goes on from.
#[cfg(feature = "renderer")]
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct CarriedBody {
    pub(crate) shape: BodyShape,
    /// Bytes that are parked.
    pub(crate) parked: usize,
    pub(crate) canvas: (u32, u32),
    /// The tick after which it was committed.
    pub(crate) tick: u64,
    pub(crate) received: u64,
}

/// What the renderer tells the owner.
#[cfg(feature = "renderer")]
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Description {
    /// Why it cannot run.
    pub(crate) refused: Option<String>,
    pub(crate) body: Option<BodyShape>,
    /// What its segment must have room for.
    pub(crate) needs: Needs,
    /// Whether messages to the renderer, and to the owner, reach the other side.
    pub(crate) channels: (bool, bool),
    /// What became of the fields of a state of another layout.
    pub(crate) report: Option<MigrationReport>,
    /// What the user must know, like a state that could not be taken over.
    pub(crate) notices: Vec<String>,
}

#[cfg(feature = "renderer")]
impl Description {
    /// Whether ticks and commits of the one fit the other.
    #[cfg(feature = "owner")]
    pub(crate) fn agrees(&self, other: &Description) -> bool {
        self.body == other.body && self.channels == other.channels
    }

    pub(crate) fn refused(reason: String) -> Self {
        Description { refused: Some(reason), ..Description::default() }
    }

    /// Returns the description with no more words than a person reads, and none that a terminal acts upon. Returns `None`
    /// when it tells of sizes that no address space holds.
    #[cfg(feature = "owner")]
    pub(crate) fn bounded(mut self) -> Option<Self> {
        if self.body.as_ref().is_some_and(|body| !body.is_possible()) {
            return None;
        }
        let fields = self.report.iter_mut().flat_map(|report| {
            report.fields.truncate(Self::FIELDS);
            report.fields.iter_mut().flat_map(|field| [&mut field.path, &mut field.note])
        });
        self.notices.truncate(Self::NOTICES);
        let texts = self.notices.iter_mut().chain(&mut self.refused).chain(fields);
        for text in texts {
            let short: String = text.chars().take(Self::WORDS).collect();
            let plain = short.split('\n').map(escaped).collect::<Vec<_>>().join("\n");
            // What is spelled out is longer.
            *text = plain.chars().take(Self::WORDS).collect();
        }
        Some(self)
    }

    #[cfg(feature = "owner")]
    const NOTICES: usize = 32;
    #[cfg(feature = "owner")]
    const FIELDS: usize = 100_000;
    /// In characters.
    #[cfg(feature = "owner")]
    const WORDS: usize = 2000;
}
