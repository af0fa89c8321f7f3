//! How a renderer's program finds its owner, and takes over what the last generation left.

use super::Start;
use super::kept::Kept;
use super::memory::{KeptCanvas, Memory};
use crate::fail;
use crate::handshake::{
    BodyShape, Briefing, CanvasMode, CarriedBody, Description, Letter, TypeShape,
};
use crate::segment::{self, CommitWriter, OpenError, Phase, Rejected, Segment};
use crate::state::{BufferStore, Carried, load};
use crate::{App, Error, Input, Result, sys};
use std::path::PathBuf;
use std::sync::Arc;

/// The environment variables by which an owner starts a renderer.
pub(crate) mod environment {
    /// The name of the segment.
    pub(crate) const SEGMENT: &str = "HOT_RELOAD_SEGMENT";
    /// The owner's process id.
    pub(crate) const OWNER: &str = "HOT_RELOAD_OWNER";
    /// The owner's folder, for kept values.
    pub(crate) const FOLDER: &str = "HOT_RELOAD_FOLDER";
    /// Set to 1 by the user: wait for a debugger before anything of the user's runs.
    pub(crate) const WAIT_FOR_DEBUGGER: &str = "HOT_RELOAD_WAIT_FOR_DEBUGGER";
}

pub(super) fn attach<A: App>() -> Result<Start<A>> {
    let name = std::env::var(environment::SEGMENT);
    let owner = std::env::var(environment::OWNER).ok().and_then(|id| id.parse().ok());
    let (Ok(name), Some(owner)) = (name, owner) else {
        return Err(Error::NoOwner { workspace: workspace() });
    };
    // Before anything else: from here on this process does not outlive its owner.
    let wakes = sys::take_wake_pipe(owner)?;
    let memory = segment::open(&name).map_err(|error| unusable(&name, &error))?;
    let attached = Segment::attach(memory);
    let (generation, segment) = attached.map_err(|rejected| rejection(&name, rejected))?;
    sys::spawn_waker(wakes, std::thread::current())?;
    fail::start(&segment);
    sys::allow_debuggers();
    if std::env::var(environment::WAIT_FOR_DEBUGGER).is_ok_and(|wanted| wanted == "1") {
        wait_for_debugger(&segment);
    }
    match prepare::<A>(&segment, generation) {
        Ok(start) => Ok(start),
        Err(ended) => {
            let (phase, description) = *ended;
            let reason = description.refused.clone().unwrap_or_default();
            describe(&segment, phase, &description);
            if phase == Phase::Misfit {
                // The owner starts this program again at once, with a segment that fits.
                std::process::exit(0);
            }
            Err(Error::Refused(reason))
        }
    }
}

/// Waits until a debugger is attached, so that breakpoints can be set before the user's code runs.
fn wait_for_debugger(segment: &Segment) {
    if !sys::CAN_SEE_DEBUGGERS {
        eprintln!(
            "hot-reload: {} is not there on this system; attach while the renderer runs",
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
    // Back, so that the owner counts the time of the start from here.
    segment.set_phase(Phase::Starting);
}

/// The phase to end in, and what to say.
type Ended = (Phase, Description);

fn refuse(reason: impl std::fmt::Display) -> Box<Ended> {
    Box::new((Phase::Refused, Description::refused(reason.to_string())))
}

/// Reads the briefing, makes or takes over the memory, and answers with the description.
fn prepare<A: App>(segment: &Arc<Segment>, generation: u32) -> Result<Start<A>, Box<Ended>> {
    let briefing: Briefing = serde_json::from_slice(&segment.briefing())
        .map_err(|error| refuse(format_args!("the owner's briefing cannot be read: {error}")))?;
    if !briefing.input.agrees(&TypeShape::of::<Input>()) {
        return Err(refuse(
            "owner and renderer were built with different versions of hot-reload: start the owner \
             again",
        ));
    }
    let arguments: A::Arguments = serde_json::from_value(briefing.arguments).map_err(|error| {
        refuse(format_args!(
            "`App::Arguments` of this build cannot be read from what the owner was started with \
             ({error}); give new fields `#[serde(default)]`, or start the owner again"
        ))
    })?;
    let mode = CanvasMode { canvas: briefing.canvas, keep: briefing.keep_canvas };
    let (mut memory, shape) = Memory::<A>::blank(&arguments);
    let (to_renderer, to_owner) = (TypeShape::of::<A::ToRenderer>(), TypeShape::of::<A::ToOwner>());
    let channels = (to_renderer.agrees(&briefing.to_renderer), to_owner.agrees(&briefing.to_owner));
    let mut description = Description {
        refused: None,
        body: Some(shape.clone()),
        to_renderer: Some(to_renderer),
        to_owner: Some(to_owner),
        notices: Vec::new(),
    };
    let commits = CommitWriter::new(segment.clone());
    if shape.canvas_at() > commits.capacity() {
        return Err(Box::new((Phase::Misfit, description)));
    }
    let mut kept_canvas = mode.keep.then(KeptCanvas::default);
    let notices = &mut description.notices;
    let letter = &briefing.letter;
    let canvas = kept_canvas.as_mut();
    let taken = take_over(&commits, letter, &arguments, &shape, &mut memory, canvas, notices);
    fail::point("attaching");
    describe(segment, Phase::Attached, &description);
    fail::point("attached");
    let folder = std::env::var_os(environment::FOLDER).map(PathBuf::from);
    Ok(Start {
        segment: segment.clone(),
        generation,
        arguments,
        mode,
        size: briefing.size,
        channels,
        memory,
        kept_canvas,
        shape,
        fresh: taken.fresh,
        tick: taken.tick,
        received: taken.received,
        kept: Kept::new(folder, taken.kept),
    })
}

/// Where a generation goes on.
pub(super) struct Taken {
    /// The state is a new one.
    pub(super) fresh: bool,
    pub(super) tick: u64,
    pub(super) received: u64,
    pub(super) kept: Option<u32>,
}

/// Takes over what the letter of the cut says, in place of what was rehearsed with; `None` when
/// the letter makes no sense.
pub(super) fn take_over_again<A: App>(
    segment: &Segment,
    commits: &CommitWriter,
    arguments: &A::Arguments,
    shape: &BodyShape,
    memory: &mut Memory<A>,
    kept_canvas: Option<&mut KeptCanvas>,
) -> Option<Taken> {
    let letter: Letter = serde_json::from_slice(&segment.letter()?).ok()?;
    memory.blank_buffers(arguments);
    let carries_state = |carried: &CarriedBody| carried.shape.state.agrees(&shape.state);
    if !letter.carried.as_ref().is_some_and(carries_state) {
        memory.blank_state();
    }
    // The description said at the warm-up what could not be taken over.
    let mut notices = Vec::new();
    Some(take_over(commits, &letter, arguments, shape, memory, kept_canvas, &mut notices))
}

/// Takes over what fits, and initialises the state where it does not.
fn take_over<A: App>(
    commits: &CommitWriter,
    letter: &Letter,
    arguments: &A::Arguments,
    shape: &BodyShape,
    memory: &mut Memory<A>,
    kept_canvas: Option<&mut KeptCanvas>,
    notices: &mut Vec<String>,
) -> Taken {
    let carried = letter.carried.as_ref();
    let taken = carried
        .is_some_and(|carried| take_body(commits, carried, shape, memory, kept_canvas, notices));
    if !taken {
        A::init(&mut memory.state, arguments);
    }
    Taken {
        fresh: !taken,
        tick: carried.map_or(0, |it| it.tick),
        received: carried.map_or(0, |it| it.received),
        kept: letter.kept,
    }
}

/// Takes over what fits; whether the state was among it.
fn take_body<A: App>(
    commits: &CommitWriter,
    carried: &CarriedBody,
    shape: &BodyShape,
    memory: &mut Memory<A>,
    kept: Option<&mut KeptCanvas>,
    notices: &mut Vec<String>,
) -> bool {
    let mut offset = carried.shape.buffers_at();
    for buffer in &carried.shape.buffers {
        let taken = memory.buffers.take_over(buffer, |to| commits.copy_handed_over(offset, to));
        let name = &buffer.name;
        match taken {
            Some(Carried::Whole) => {}
            Some(Carried::Resized) => {
                notices.push(format!(
                    "extra buffer `{name}` has another length: the common part is kept"
                ));
            }
            Some(Carried::Blank) => {
                notices.push(format!("extra buffer `{name}` has another layout: it starts blank"));
            }
            None => {
                notices.push(format!("extra buffer `{name}` is gone, and its contents with it"))
            }
        }
        offset += BufferStore::arranged(std::slice::from_ref(buffer));
    }
    if let Some(kept) = kept {
        let (width, height) = carried.canvas;
        kept.size = carried.canvas;
        kept.pixels = vec![0; width as usize * height as usize];
        let canvas_at = carried.shape.canvas_at();
        commits.copy_handed_over(canvas_at, bytemuck::cast_slice_mut(&mut kept.pixels));
    }
    if !carried.shape.state.agrees(&shape.state) {
        notices.push(format!(
            "the layout of the state `{}` has changed ({} bytes before, {} now): it starts anew \
             from its default",
            shape.state.name, carried.shape.state.size, shape.state.size
        ));
        return false;
    }
    let mut bytes = vec![0; shape.state.size];
    commits.copy_handed_over(0, &mut bytes);
    match load(&mut *memory.state, &bytes) {
        Ok(()) => true,
        Err(invalid) => {
            notices
                .push(format!("the state carried over is not valid ({invalid}): it starts anew"));
            memory.blank_state();
            false
        }
    }
}

fn describe(segment: &Segment, phase: Phase, description: &Description) {
    let json = serde_json::to_vec(description).unwrap_or_default();
    if let Err(length) = segment.write_description(&json) {
        eprintln!("hot-reload: a description of {length} bytes is too long for the segment");
        let short = Description::refused("too many extra buffers to describe".to_owned());
        let json = serde_json::to_vec(&short).unwrap_or_default();
        if segment.write_description(&json).is_ok() {
            segment.set_phase(Phase::Refused);
        }
        return;
    }
    segment.set_phase(phase);
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

/// The workspace above this program, for the sentence that says what to do.
fn workspace() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    let target = program.ancestors().find(|folder| folder.ends_with("target"))?;
    target.parent().filter(|folder| folder.join("Cargo.toml").exists()).map(PathBuf::from)
}
