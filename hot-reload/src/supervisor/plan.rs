//! Configuration of a supervisor.

use super::builds::Recipe;
use super::parts::Part;
use super::search::Search;
use crate::app::{App, package};
use crate::error::Result;
use crate::generation::{Deadlines, Supervised};
use crate::handshake::{CanvasMode, CommitShape, Needs, TickRecord, geometry};
use crate::segment::Geometry;
use hot_reload_pod::{OwnedLayout, SharedState};
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

/// Everything the supervisor must know about the application.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(super) part: Part,
    pub(super) search: Search,
    pub(super) recipe: Arc<Recipe>,
    /// Asset folders, as the application named them.
    pub(super) assets: Vec<PathBuf>,
    pub(super) program_arguments: Vec<OsString>,
    pub(super) program_environment: Vec<(OsString, OsString)>,
    pub(super) rehearsal: bool,
    /// True if the application starts from a rescued state.
    pub(super) resume: bool,
    pub(super) deadlines: Deadlines,
    pub(super) arguments: serde_json::Value,
    pub(super) shape: CommitShape,
    pub(super) mode: CanvasMode,
    pub(super) canvas: (u32, u32),
    pub(super) tick: OwnedLayout,
    pub(super) to_renderer: OwnedLayout,
    pub(super) to_owner: OwnedLayout,
    pub(super) geometry: fn(&CommitShape, Needs, usize, CanvasMode) -> Result<Geometry>,
}

impl Plan {
    pub(crate) fn new<A: App>(
        supervised: &Supervised,
        deadlines: Deadlines,
        arguments: serde_json::Value,
        shape: CommitShape,
        mode: CanvasMode,
        canvas: (u32, u32),
        part: Part,
    ) -> Self {
        let modules = part.followers().iter().map(|module| module.package().to_owned());
        let modules = modules.collect();
        Plan {
            part,
            search: Search {
                folder: supervised.workspace.clone(),
                package: package::<A>().to_owned(),
                by_crate: A::RENDERER.is_empty(),
                modules,
                profile: supervised.profile.clone(),
            },
            recipe: Arc::new(Recipe {
                program: supervised.artifact.clone(),
                artifacts: supervised.watched_artifacts.clone(),
                command: supervised.build_command.clone(),
                sources: supervised.sources.clone(),
                limit: deadlines.build,
            }),
            assets: supervised.assets.clone(),
            program_arguments: supervised.program_arguments.clone(),
            program_environment: supervised.program_environment.clone(),
            rehearsal: supervised.rehearsal,
            resume: supervised.resume,
            deadlines,
            arguments,
            shape,
            mode,
            canvas,
            tick: TickRecord::LAYOUT.into(),
            to_renderer: A::ToRenderer::LAYOUT.into(),
            to_owner: A::ToOwner::LAYOUT.into(),
            geometry: geometry::<A>,
        }
    }
}
