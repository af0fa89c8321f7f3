//! Attachment of a renderer's program to its owner.

use super::Prepared;
use super::cut::take_handed_over;
use super::erased::{AppData, ErasedApp, Types};
use super::feed::Feed;
use super::kept_values::KeptValues;
use super::memory::{AppMemory, KeptCanvas};
use super::runtime::{Held, Runtime};
use super::start::Translators;
use super::takeover::{Taken, Takeover};
use crate::app::App;
use crate::assets::Assets;
use crate::error::{Error, Result};
use crate::fail;
use crate::handshake::{CommitShape, LaunchParams, Needs, PartRole, RendererInfo, environment};
use crate::segment::{self, CommitWriter, OpenError, Phase, Rejected, Segment};
use crate::stack_trace;
use crate::sys;
use std::ops::DerefMut;
use std::path::PathBuf;
use std::sync::Arc;

/// The owner's segment and its launch parameters.
pub(super) struct Door {
    segment: Arc<Segment>,
    generation: u32,
    launch_params: LaunchParams,
}

/// A door that is dropped by code of this library; see [`Held`].
type AnyDoor = Box<dyn DerefMut<Target = Door>>;

pub(super) fn attach<A: App>() -> Result<(Held, AppData<A>)> {
    let mut door = Door::find()?;
    let arguments = serde_json::from_value(door.arguments());
    let arguments = arguments.map_err(|error| door.other_arguments(&error))?;
    let mut own = AppData::new(arguments);
    Ok((door.enter(&mut own)?, own))
}

impl Door {
    fn find() -> Result<AnyDoor> {
        let name = std::env::var(environment::SEGMENT);
        let owner = std::env::var(environment::OWNER).ok().and_then(|id| id.parse().ok());
        let (Ok(name), Some(owner)) = (name, owner) else {
            return Err(Error::NoOwner { workspace: workspace() });
        };
        // First of all: from here on this process does not outlive its owner.
        let wakes = sys::take_wake_pipe(owner)?;
        let memory = segment::open(&name).map_err(|error| unusable(&name, &error))?;
        let attached = Segment::attach(memory);
        let (generation, segment) = attached.map_err(|rejected| rejection(&name, rejected))?;
        sys::spawn_waker(wakes, std::thread::current())?;
        if let Some(folder) = std::env::var_os(environment::FOLDER) {
            stack_trace::install(&environment::trace_file(folder.as_ref(), generation));
        }
        fail::start(&segment);
        sys::allow_debuggers();
        if std::env::var(environment::WAIT_FOR_DEBUGGER).is_ok_and(|wanted| wanted == "1") {
            wait_for_debugger(&segment);
        }
        let launch_params = serde_json::from_slice(&segment.launch_params()).map_err(|error| {
            let reason = format_args!("the owner's launch parameters cannot be read: {error}");
            end(&segment, *refuse(reason))
        })?;
        Ok(Box::new(Box::new(Door { segment, generation, launch_params })))
    }

    /// Takes the arguments that the owner was started with.
    fn arguments(&mut self) -> serde_json::Value {
        self.launch_params.arguments.take()
    }

    /// Ends because the arguments do not match this build.
    fn other_arguments(&self, error: &serde_json::Error) -> Error {
        let reason = refuse(format_args!(
            "`App::Arguments` of this build cannot be read from what the owner was started with \
             ({error}); give new fields `#[serde(default)]`, or start the owner again"
        ));
        end(&self.segment, *reason)
    }

    fn enter(&self, own: &mut dyn ErasedApp) -> Result<Held> {
        let prepared = prepare(&self.segment, self.generation, &self.launch_params, own);
        prepared.map(Runtime::held).map_err(|ended| end(&self.segment, *ended))
    }
}

/// Reports the reason to the owner, and ends.
fn end(segment: &Segment, (phase, description): Ended) -> Error {
    let reason = description.refused.clone().unwrap_or_default();
    let phase = match describe(segment, phase, &description) {
        Ok(()) => phase,
        Err(too_long) => {
            let (phase, description) = *too_long;
            let _ = describe(segment, phase, &description);
            phase
        }
    };
    if phase == Phase::Misfit {
        // The owner restarts this program at once, with a segment that fits.
        std::process::exit(0);
    }
    Error::Refused(reason)
}

/// Waits until a debugger is attached, so that breakpoints can be set before user code runs.
fn wait_for_debugger(segment: &Segment) {
    if !sys::CAN_SEE_DEBUGGERS {
        eprintln!(
            "hot-reload: {} is not supported on this system; attach while the renderer runs",
            environment::WAIT_FOR_DEBUGGER
        );
        return;
    }
    segment.set_phase(Phase::WaitsForDebugger);
    let id = std::process::id();
    eprintln!(
        "hot-reload: process {id} waits for a debugger: `gdb -p {id}`, set breakpoints, `continue`"
    );
    while !sys::is_debugged(id) {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    // Set again, so that the owner's deadline for the start begins here.
    segment.set_phase(Phase::Starting);
}

/// Phase to end in, and the description to write.
pub(super) type Ended = (Phase, RendererInfo);

fn refuse(reason: impl std::fmt::Display) -> Box<Ended> {
    Box::new((Phase::Refused, RendererInfo::refused(reason.to_string())))
}

/// Creates or takes over state and memory, and answers with the description.
pub(super) fn prepare(
    segment: &Arc<Segment>,
    generation: u32,
    launch_params: &LaunchParams,
    own: &mut dyn ErasedApp,
) -> Result<Prepared, Box<Ended>> {
    other_part(launch_params, own)?;
    let mode = launch_params.mode();
    let (mut memory, shape) = AppMemory::blank(own);
    let view = launch_params.role == PartRole::Follows;
    let shape = if view { CommitShape::empty() } else { shape };
    let types = own.types();
    let translators = translators(launch_params, types)?;
    let commits = CommitWriter::new(segment.clone());
    let needs = |parked| Needs { body: shape.canvas_at(parked), ..Needs::default() };
    let mut description = RendererInfo {
        body: Some(shape.clone()),
        needs: needs(0),
        channels: (!translators.to_renderer.is_off(), !translators.to_owner.is_off()),
        notices: translators.notices(types),
        ..RendererInfo::default()
    };
    if shape.parked_at() > commits.capacity() {
        return Err(Box::new((Phase::Misfit, description)));
    }
    let mut kept_canvas = mode.keep.then(KeptCanvas::default);
    let mut takeover = Takeover::default();
    let handover = &launch_params.handover;
    let mut taken = Taken::default();
    if view {
        // The state of a view arrives with each turn.
        own.init();
    } else {
        let canvas = kept_canvas.as_mut();
        taken = take_handed_over(&mut takeover, &commits, handover, own, &mut memory, canvas);
    }
    description.needs = needs(memory.parked.len());
    // Before the check of the room, because they count for the room that it asks for.
    description.notices.extend(taken.notices);
    description.report = taken.report;
    if description.needs.body > commits.capacity() {
        return Err(Box::new((Phase::Misfit, description)));
    }
    fail::point("attaching");
    describe(segment, Phase::Attached, &description)?;
    fail::point("attached");
    let folder = std::env::var_os(environment::FOLDER).map(PathBuf::from);
    Ok(Prepared {
        segment: segment.clone(),
        generation,
        types,
        mode,
        size: launch_params.size,
        translators,
        memory,
        kept_canvas,
        shape,
        description,
        takeover,
        role: launch_params.role,
        feed: view.then(|| Feed::new(segment)),
        fresh: taken.fresh,
        tick: handover.carried.as_ref().map_or(0, |it| it.tick),
        received: handover.carried.as_ref().map_or(0, |it| it.received),
        kept: KeptValues::new(folder.clone(), handover.kept),
        assets: Assets::new(folder, launch_params.assets),
        shows_rehearsal: launch_params.shows_rehearsal,
        restores: None,
    })
}

/// Returns the translations between the owner's types and those of this program.
fn translators(launch_params: &LaunchParams, types: Types) -> Result<Translators, Box<Ended>> {
    let LaunchParams { tick, to_renderer, to_owner, .. } = launch_params;
    let translators = Translators::new(types, tick, to_renderer, to_owner);
    if translators.tick.is_off() {
        return Err(refuse(
            "owner and renderer were built with different versions of hot-reload: start the owner \
             again",
        ));
    }
    Ok(translators)
}

/// Refuses to run another part of the application than the one built from this package. Otherwise
/// two parts would own the state, or none.
fn other_part(launch_params: &LaunchParams, own: &dyn ErasedApp) -> Result<(), Box<Ended>> {
    let package = own.package();
    match &launch_params.part {
        Some(part) if part != package => Err(refuse(format_args!(
            "package `{part}` runs the `App` of `{package}`: one of the two is run twice, and the \
             other not at all; let `main` of `{part}` run the `App` whose `RENDERER` is `{part}`"
        ))),
        _ => Ok(()),
    }
}

/// Writes the description, or ends if there is no room for it.
fn describe(segment: &Segment, phase: Phase, description: &RendererInfo) -> Result<(), Box<Ended>> {
    let json = serde_json::to_vec(description).unwrap_or_default();
    match segment.write_description(&json) {
        Ok(()) => {
            segment.set_phase(phase);
            Ok(())
        }
        Err(length) => {
            // Doubled: numbers in it may become longer, and the report at the cut may be another
            // one.
            let needs = Needs { description: 2 * length, ..description.needs };
            let short = RendererInfo { needs, ..RendererInfo::default() };
            Err(Box::new((Phase::Misfit, short)))
        }
    }
}

fn unusable(name: &str, error: &OpenError) -> Error {
    let reason = match error {
        OpenError::Open(error) => error.to_string(),
        OpenError::TooShort(len) => format!("{len} bytes are too few for a header"),
    };
    Error::Segment { name: name.to_owned(), reason }
}

fn rejection(name: &str, rejected: Rejected) -> Error {
    let reason = match rejected {
        Rejected::Protocol { owner, renderer } => {
            return Error::Refused(format!(
                "the owner speaks protocol version {owner} and this renderer {renderer}: build both \
                 with one version of hot-reload, and start the owner again"
            ));
        }
        Rejected::TooShort { len, wanted } => format!("{len} bytes where {wanted} were expected"),
        Rejected::Magic(found) => {
            format!("it begins with {found:#x}, not with this library's mark")
        }
    };
    Error::Segment { name: name.to_owned(), reason }
}

/// Returns the workspace above this program, for the message that says what to do.
fn workspace() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    let target = program.ancestors().find(|folder| folder.ends_with("target"))?;
    target.parent().filter(|folder| folder.join("Cargo.toml").exists()).map(PathBuf::from)
}
