//! Initial values of a renderer.

use super::erased::{ErasedApp, Types};
use super::feed::Feed;
use super::kept_values::KeptValues;
use super::memory::{AppMemory, KeptCanvas};
use super::takeover::{Taken, Takeover};
use crate::assets::Assets;
#[cfg(feature = "renderer")]
use crate::handshake::RendererInfo;
use crate::handshake::{CanvasMode, CommitBody, CommitShape, PartRole, TickRecord};
use crate::segment::Segment;
use hot_reload_pod::OwnedLayout;
use hot_reload_pod::SharedState;
use hot_reload_pod::internal::Translator;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};

/// Translators between owner and renderer, which may have been compiled at different times.
#[derive(Debug)]
pub(crate) struct Translators {
    pub(crate) tick: Translator,
    pub(crate) to_renderer: Translator,
    pub(crate) to_owner: Translator,
}

impl Translators {
    /// Builds the translators to and from the types that the owner was compiled with.
    pub(crate) fn new(
        types: Types,
        tick: &OwnedLayout,
        to_renderer: &OwnedLayout,
        to_owner: &OwnedLayout,
    ) -> Self {
        Translators {
            tick: Translator::new(tick, &TickRecord::LAYOUT.into()),
            to_renderer: Translator::new(to_renderer, &types.to_renderer.into()),
            to_owner: Translator::back(&types.to_owner.into(), to_owner),
        }
    }

    fn within_one_program(types: Types) -> Self {
        let (to_renderer, to_owner) = (types.to_renderer.into(), types.to_owner.into());
        Translators::new(types, &TickRecord::LAYOUT.into(), &to_renderer, &to_owner)
    }

    /// Returns notices for the user about messages between programs of different versions.
    #[cfg(feature = "renderer")]
    pub(crate) fn notices(&self, types: Types) -> Vec<String> {
        let channels = [
            ("App::ToRenderer", types.to_renderer.name, &self.to_renderer),
            ("App::ToOwner", types.to_owner.name, &self.to_owner),
        ];
        let notices = channels.into_iter().filter_map(|(channel, name, translator)| {
            let differences = translator.differences();
            if translator.is_off() {
                return Some(format!(
                    "`{channel}` (`{name}`) has nothing in common with what the owner was compiled \
                     with: the channel is off until the types are compatible or the owner restarts"
                ));
            }
            (!differences.is_empty()).then(|| {
                format!(
                    "`{channel}` (`{name}`) has been changed since the owner was compiled, and is \
                     translated:\n    {}",
                    differences.join("\n    ")
                )
            })
        });
        notices.collect()
    }
}

/// Initial values of a renderer, beside the application's own.
pub(crate) struct Prepared {
    pub(crate) segment: Arc<Segment>,
    pub(crate) generation: u32,
    pub(crate) types: Types,
    pub(crate) mode: CanvasMode,
    /// Size of the canvas in the rehearsal, in pixels.
    pub(crate) size: (u32, u32),
    /// Translators from the owner's ticks and messages to ours, and from our messages to the
    /// owner's.
    pub(crate) translators: Translators,
    pub(crate) memory: AppMemory,
    pub(crate) kept_canvas: Option<KeptCanvas>,
    pub(crate) shape: CommitShape,
    /// Description that it has sent to the owner.
    #[cfg(feature = "renderer")]
    pub(crate) description: RendererInfo,
    pub(crate) takeover: Takeover,
    /// Role among the parts of its application.
    pub(crate) role: PartRole,
    /// The leading part's state, if this is a module.
    pub(crate) feed: Option<Feed>,
    pub(crate) fresh: bool,
    /// Tick to continue from.
    pub(crate) tick: u64,
    /// Number of messages received before.
    pub(crate) received: u64,
    pub(crate) kept: KeptValues,
    pub(crate) assets: Assets,
    /// Set if the owner wants the picture and the state of the rehearsal.
    pub(crate) shows_rehearsal: bool,
    /// Source of restored states, in one process.
    pub(crate) restores: Option<Restores>,
}

/// The renderer's end of the channels for restored states, in one process.
#[derive(Debug)]
pub(crate) struct Restores {
    pub(crate) bodies: Receiver<Arc<CommitBody>>,
    pub(crate) taken: Sender<Taken>,
}

impl Prepared {
    /// Returns the values for a renderer of this process, with a new state.
    pub(crate) fn in_process(
        segment: Arc<Segment>,
        own: &mut dyn ErasedApp,
        mode: CanvasMode,
        restores: Restores,
        role: PartRole,
    ) -> Self {
        let view = role == PartRole::Follows;
        let (memory, shape) = AppMemory::blank(own);
        let shape = if view { CommitShape::empty() } else { shape };
        own.init();
        Prepared {
            role,
            feed: view.then(|| Feed::new(&segment)),
            segment,
            generation: 1,
            types: own.types(),
            mode,
            size: (0, 0),
            translators: Translators::within_one_program(own.types()),
            memory,
            kept_canvas: mode.keep.then(KeptCanvas::default),
            shape,
            #[cfg(feature = "renderer")]
            description: RendererInfo::default(),
            takeover: Takeover::default(),
            fresh: !view,
            tick: 0,
            received: 0,
            shows_rehearsal: false,
            kept: KeptValues::new(None, None),
            assets: Assets::default(),
            restores: Some(restores),
        }
    }
}
