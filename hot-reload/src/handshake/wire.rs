//! What owner and renderer tell each other at a generation's start and at a cut, as JSON in the
//! segment.

use super::CommitShape;
#[cfg(feature = "renderer")]
use super::{CanvasMode, Needs, PartRole};
#[cfg(feature = "owner")]
use crate::segment::Segment;
#[cfg(feature = "renderer")]
use hot_reload_pod::MigrationReport;
#[cfg(feature = "renderer")]
use hot_reload_pod::OwnedLayout;
#[cfg(feature = "owner")]
use hot_reload_pod::internal::escaped;
use serde::{Deserialize, Serialize};

/// Arrangement of a commit that a view reads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct FeedHeader {
    pub(crate) shape: CommitShape,
    /// Number of parked bytes.
    pub(crate) parked: usize,
}

/// The owner's message to the renderer.
#[cfg(feature = "renderer")]
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LaunchParams {
    /// Value of `App::Arguments`.
    pub(crate) arguments: serde_json::Value,
    /// Types that the owner was compiled with.
    pub(crate) tick: OwnedLayout,
    pub(crate) to_renderer: OwnedLayout,
    pub(crate) to_owner: OwnedLayout,
    /// False if there is no canvas to draw on.
    pub(crate) canvas: bool,
    /// Set if the contents of the canvas are kept.
    pub(crate) keep_canvas: bool,
    /// Set if the canvas is drawn over another one.
    pub(crate) layer: bool,
    /// Current size of the canvas in pixels, for the rehearsal.
    pub(crate) size: (u32, u32),
    /// Commit to continue from; for a rehearsal, the one that existed when it began.
    pub(crate) handover: HandoverParams,
    /// Set if only a rehearsal is wanted, and the owner wants to see its picture and its changes to
    /// the state.
    pub(crate) shows_rehearsal: bool,
    /// Number of asset changes recorded so far.
    pub(crate) assets: u64,
    pub(crate) role: PartRole,
    /// Package of the part that it should be, if there are several.
    pub(crate) part: Option<String>,
}

#[cfg(feature = "renderer")]
impl LaunchParams {
    pub(crate) fn mode(&self) -> CanvasMode {
        CanvasMode { canvas: self.canvas, keep: self.keep_canvas, layer: self.layer }
    }
}

/// Data that a generation continues from: sent at its start, and again at its cut.
#[cfg(feature = "renderer")]
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct HandoverParams {
    /// Description of the commit in the owner's slot.
    pub(crate) carried: Option<CarriedBody>,
    /// Generation that has left the newest kept values.
    pub(crate) kept: Option<u32>,
}

/// The commit that a generation continues from.
#[cfg(feature = "renderer")]
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct CarriedBody {
    pub(crate) shape: CommitShape,
    /// Number of parked bytes.
    pub(crate) parked: usize,
    pub(crate) canvas: (u32, u32),
    /// Tick after which it was committed.
    pub(crate) tick: u64,
    pub(crate) received: u64,
}

/// The renderer's message to the owner.
#[cfg(feature = "renderer")]
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct RendererInfo {
    /// Reason why it cannot run.
    pub(crate) refused: Option<String>,
    pub(crate) body: Option<CommitShape>,
    /// Room that its segment needs.
    pub(crate) needs: Needs,
    /// True if messages to the renderer, and to the owner, reach the other side.
    pub(crate) channels: (bool, bool),
    /// Report on the fields of a state that had another layout.
    pub(crate) report: Option<MigrationReport>,
    /// Notices for the user, such as a state that could not be taken over.
    pub(crate) notices: Vec<String>,
}

#[cfg(feature = "renderer")]
impl RendererInfo {
    /// Returns whether ticks and commits of one fit the other.
    #[cfg(feature = "owner")]
    pub(crate) fn agrees(&self, other: &RendererInfo) -> bool {
        self.body == other.body && self.channels == other.channels
    }

    pub(crate) fn refused(reason: String) -> Self {
        RendererInfo { refused: Some(reason), ..RendererInfo::default() }
    }

    /// Returns what a generation has written about itself; `None` if that is invalid.
    #[cfg(feature = "owner")]
    pub(crate) fn read(segment: &Segment) -> Option<RendererInfo> {
        let description: RendererInfo = serde_json::from_slice(&segment.description()?).ok()?;
        description.bounded()
    }

    /// Returns the description with its texts shortened to what a person reads and escaped for a
    /// terminal. Returns `None` if it mentions sizes that exceed any address space.
    #[cfg(feature = "owner")]
    fn bounded(mut self) -> Option<Self> {
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
            // Escaping makes the text longer.
            *text = plain.chars().take(Self::WORDS).collect();
        }
        Some(self)
    }

    #[cfg(feature = "owner")]
    const NOTICES: usize = 32;
    #[cfg(feature = "owner")]
    const FIELDS: usize = 100_000;
    /// Limit on each text, in characters.
    #[cfg(feature = "owner")]
    const WORDS: usize = 2000;
}
