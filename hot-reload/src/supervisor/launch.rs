//! The process of one generation: segment, start, orders, end.

mod command;
mod guard;
mod process;
mod rehearsal;

use super::machine::{Event, Start};
use super::message::Message;
use super::monitor::Monitor;
use super::parts::look_at;
use super::plan::Plan;
use super::run_dir::RunDir;
use crate::generation::{Closing, CommitStore, Committed, NewSession, Subscription, Wake};
use crate::handshake::{
    CarriedBody, CommitShape, HandoverParams, LaunchParams, Needs, RendererInfo,
};
use crate::segment::{
    self, Command as Order, Commander, CommitHead, CommitReader, FrameReader, MAX_PIXELS, Nonsense,
    Segment,
};
use crate::sys;
use command::command;
pub(super) use guard::Guard;
use hot_reload_pod::internal::Image;
use process::{Process, spawn, watch};
pub(super) use rehearsal::Rehearsal;
use std::hash::{BuildHasher, RandomState};
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::time::Instant;

/// A generation that was launched.
#[derive(Debug)]
pub(super) struct Launched {
    pub(super) generation: u32,
    pub(super) build: u32,
    pub(super) segment: Arc<Segment>,
    pub(super) begun: Instant,
    /// Time of the last order.
    pub(super) asked: Instant,
    wake: Arc<Wake>,
    process: Arc<Process>,
    commander: Commander,
    monitor: Monitor,
    /// The owner's end of its commits, until the generation is opened.
    reader: Option<CommitReader>,
    /// Tick and message count of the commit that it continues from.
    from: (u64, u64),
    pixels: usize,
    /// Tick after which the events of one tick are left out.
    skip: Option<u64>,
    accepted: Arc<AtomicBool>,
    ready: Arc<AtomicBool>,
    pub(super) described: Option<RendererInfo>,
    name: String,
    /// Places where its threads have panicked, each with the message about it.
    pub(super) panics: Vec<(String, String)>,
    /// Subscription to the state that it looks at, which ends when this is dropped.
    _feed: Option<Subscription>,
}

/// The parameters of a launch, in addition to the plan.
pub(super) struct Launch<'l> {
    pub(super) generation: u32,
    pub(super) build: u32,
    pub(super) program: &'l Path,
    pub(super) start: Start,
    /// Largest sizes that a generation has asked for.
    pub(super) needs: Needs,
    /// Current size of the canvas, in pixels.
    pub(super) size: (u32, u32),
    pub(super) committed: &'l Committed,
    pub(super) kept: Option<u32>,
    pub(super) folder: &'l RunDir,
    /// True if it only rehearses, for its result to be compared.
    pub(super) shows_rehearsal: bool,
    /// Number of asset changes written down so far.
    pub(super) assets: u64,
    pub(super) events: Sender<Message>,
}

/// The reason why a generation was not launched.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotLaunched {
    /// Memory is short; there may be enough once another generation has ended.
    #[error("{0}")]
    NoRoom(String),
    #[error("{0}")]
    Failed(String),
}

impl From<String> for NotLaunched {
    fn from(reason: String) -> Self {
        NotLaunched::Failed(reason)
    }
}

/// The commit that the next generation continues from.
pub(super) enum LastCommit<'c> {
    /// The owner's own copy.
    Copied(&'c Committed),
    /// The commit in the previous generation's segment; the owner's copy is taken later.
    InSegment(&'c Closing),
}

impl Launched {
    pub(super) fn kill(&self) {
        self.process.kill();
    }

    /// Asks for a stack trace.
    pub(super) fn ask_for_trace(&self) {
        self.wake.ask_for_trace();
    }

    /// Asks the renderer to finish its tick, commit, and end.
    pub(super) fn stop(&self) {
        self.segment.stop().set();
        self.wake.wake(&self.segment);
    }

    /// Returns true if it is given ticks and was not asked to end.
    pub(super) fn draws(&self) -> bool {
        self.is_open() && !self.is_ending()
    }

    /// Returns true if it was asked to end.
    pub(super) fn is_ending(&self) -> bool {
        self.segment.stop().is_set()
    }

    /// Returns the last tick that was answered, by this generation or the ones before it.
    pub(super) fn answered(&self) -> u64 {
        self.segment.answered().max(self.from.0)
    }

    /// Reserves the pages of the canvas, and lets the renderer begin.
    ///
    /// Reserving takes longest (some 10 ms at 1080p). In the meantime the program loads, and the
    /// main thread may give it ticks; it draws only when it is ordered to.
    pub(super) fn begin(&mut self, start: Start) -> Result<(), NotLaunched> {
        let reserved = self.segment.reserve_canvas(self.pixels);
        reserved.map_err(|error| not_reserved(&self.name, self.pixels * 4 * 3, &error))?;
        self.order(match start {
            Start::Warm => Order::Rehearse,
            Start::Direct { .. } => Order::Draw,
        });
        Ok(())
    }

    /// Returns the approximate number of bytes of shared memory that a generation like this one
    /// takes.
    pub(super) fn memory(&self) -> u64 {
        self.segment.needed(self.pixels) as u64
    }

    /// Returns the segment's name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Gives the renderer an order.
    pub(super) fn order(&mut self, order: Order) {
        self.asked = Instant::now();
        self.monitor.parking = order == Order::Park;
        self.segment.command(&mut self.commander, order);
        self.wake.wake(&self.segment);
    }

    /// Returns its new signs since the last look.
    pub(super) fn look(&mut self) -> Vec<Event> {
        self.monitor.look(self.generation, &self.segment, &self.commander)
    }

    pub(super) fn awaits(&self) -> bool {
        self.monitor.awaits()
    }

    /// Returns the picture and state after a rehearsal that was started for a comparison.
    ///
    /// # Errors
    /// Fails if the renderer has written something invalid.
    pub(super) fn rehearsed(&mut self) -> Result<Rehearsal, String> {
        let nonsense = |Nonsense(word)| format!("its rehearsal is not valid (read {word:#x})");
        let shape = RendererInfo::read(&self.segment).and_then(|described| described.body);
        let shape = shape.ok_or_else(|| "it does not describe itself".to_owned())?;
        let mut pixels = Vec::new();
        let mut frames = FrameReader::new(self.segment.clone());
        let head = frames.acquire(&mut pixels, self.pixels, self.from.0).map_err(nonsense)?;
        let commit = match &mut self.reader {
            Some(reader) => reader.acquire(Image::zeroed).map_err(nonsense)?,
            None => None,
        };
        let frame = head.map(|head| ((head.width, head.height), pixels));
        Ok(Rehearsal { shape, frame, commit })
    }

    /// Removes the segment's name, which is no longer needed.
    pub(super) fn unname(&self, folder: &RunDir) {
        if let Some(mapping) = self.segment.mapping() {
            mapping.unlink();
        }
        folder.strike_out(&self.name);
    }

    /// Returns a refusal if it has ended because its protocol version differs.
    pub(super) fn refused_protocol(&self) -> Option<Event> {
        let reason = self.monitor.refused_protocol(&self.segment)?;
        Some(Event::Refused { generation: self.generation, reason })
    }

    /// Returns true if a debugger is attached to it, or it waits for one.
    pub(super) fn is_debugged(&self) -> bool {
        Monitor::waits_for_debugger(&self.segment) || sys::is_debugged(self.process.id())
    }

    /// Returns true if ticks are given to it, or may be.
    pub(super) fn is_open(&self) -> bool {
        self.reader.is_none()
    }

    /// Starts to expect answers from it.
    pub(super) fn expect_answers(&self) {
        // A recovering generation is waited for; it touches its pages along the way.
        if !self.is_open() {
            self.segment.look_at_canvas(self.pixels);
            self.segment.look_at_commits();
        }
        self.ready.store(true, Ordering::Release);
    }

    pub(super) fn accept(&self) {
        self.accepted.store(true, Ordering::Release);
    }

    /// Writes the commit to continue from, for a generation that has rehearsed.
    pub(super) fn hand_over(
        &mut self,
        last: &LastCommit<'_>,
        kept: Option<u32>,
        size: (u32, u32),
    ) -> Result<(), String> {
        let (head, shape) = match last {
            LastCommit::Copied(committed) => (&committed.head, &*committed.shape),
            LastCommit::InSegment(closing) => (closing.head(), closing.shape()),
        };
        let exists = match last {
            LastCommit::Copied(committed) => committed.exists(),
            LastCommit::InSegment(_) => true,
        };
        let pixels = canvas_pixels(size, head);
        if pixels > self.pixels {
            let reserved = self.segment.reserve_canvas(pixels);
            reserved.map_err(|error| no_memory(&self.name, pixels * 4 * 3, &error))?;
            self.pixels = pixels;
        }
        let too_large =
            |what| move |bytes| format!("its segment has no room for {bytes} bytes of {what}");
        let handover = handover(exists, head, shape, kept);
        let handover = serde_json::to_vec(&handover).map_err(|it| it.to_string())?;
        self.segment.write_handover(&handover).map_err(too_large("a handover"))?;
        if let Some(reader) = &mut self.reader {
            match last {
                LastCommit::Copied(committed) => reader.hand_over(committed.image.bytes()),
                LastCommit::InSegment(closing) => closing.hand_over(reader),
            }
            .map_err(too_large("state"))?;
        }
        self.from = (head.tick, head.received);
        Ok(())
    }

    /// Opens the generation: returns the copier's and the main thread's ends of it, after which it
    /// is given ticks.
    pub(super) fn open(
        &mut self,
        parks: bool,
    ) -> Option<(CommitReader, Arc<CommitShape>, NewSession)> {
        let described = self.described.as_ref()?;
        let channels = described.channels;
        let shape = Arc::new(described.body.clone()?);
        let reader = self.reader.take()?;
        self.monitor.opened(self.from.0);
        let session = NewSession {
            generation: self.generation,
            segment: self.segment.clone(),
            wake: self.wake.clone(),
            channels,
            from: self.from,
            pixels: self.pixels,
            accepted: self.accepted.clone(),
            ready: self.ready.clone(),
            parks,
            skip: self.skip,
        };
        Some((reader, shape, session))
    }
}

/// Returns the number of pixels to reserve: enough for the current canvas and for the one carried
/// over.
fn canvas_pixels(size: (u32, u32), head: &CommitHead) -> usize {
    let pixels = |(width, height): (u32, u32)| (width as usize).saturating_mul(height as usize);
    pixels(size).max(pixels(head.canvas)).min(MAX_PIXELS)
}

fn handover(
    exists: bool,
    head: &CommitHead,
    shape: &CommitShape,
    kept: Option<u32>,
) -> HandoverParams {
    let carried = exists.then(|| CarriedBody {
        shape: shape.clone(),
        parked: usize::try_from(head.parked).unwrap_or(usize::MAX),
        canvas: head.canvas,
        tick: head.tick,
        received: head.received,
    });
    HandoverParams { carried, kept }
}

/// Returns the parameters of a launch, as the renderer reads them.
fn launch_params(plan: &Plan, launch: &Launch<'_>, size: (u32, u32)) -> Result<Vec<u8>, String> {
    let Launch { committed, kept, shows_rehearsal, assets, .. } = *launch;
    let launch_params = LaunchParams {
        arguments: plan.arguments.clone(),
        tick: plan.tick.clone(),
        to_renderer: plan.to_renderer.clone(),
        to_owner: plan.to_owner.clone(),
        canvas: plan.mode.canvas,
        keep_canvas: plan.mode.keep,
        layer: plan.mode.layer,
        size,
        handover: handover(committed.exists(), &committed.head, &committed.shape, kept),
        shows_rehearsal,
        assets,
        role: plan.part.role(),
        part: plan.part.is_one_of_several().then(|| plan.search.package.clone()),
    };
    serde_json::to_vec(&launch_params).map_err(|error| error.to_string())
}

/// Creates the segment, fills in the previous generation's commit, and starts the program.
pub(super) fn launch(plan: &Plan, launch: Launch<'_>) -> Result<Launched, NotLaunched> {
    let size = if plan.mode.canvas { launch.size } else { (0, 0) };
    let launch_params = launch_params(plan, &launch, size)?;
    let Launch { generation, build, program, start, needs, .. } = launch;
    let Launch { committed, folder, events, .. } = launch;
    let pixels = canvas_pixels(size, &committed.head);
    let handed_over = committed.image.bytes();
    let feed = plan.part.looked_at().map_or(0, CommitStore::feed);
    let least = Needs { body: handed_over.len(), description: launch_params.len(), feed };
    // The parameters at the cut have about the same length as those of the launch.
    let geometry = (plan.geometry)(&plan.shape, needs.max(least), launch_params.len(), plan.mode);
    let geometry = geometry.map_err(|error| error.to_string())?;
    let name = name();
    look_for_room(&name, geometry.needed(pixels))?;
    // Before the segment exists: an owner that dies here leaves a record, but no segment.
    folder.record(&name);
    let memory = segment::create(&name, &geometry)
        .map_err(|error| no_memory(&name, geometry.total, &error))?;
    let segment = Segment::initialise(memory, geometry, generation);
    // From here on an early return must not leave the name behind; dropping the mapping unlinks it.
    let not_reserved = |error| not_reserved(&name, geometry.needed(pixels), &error);
    segment.reserve_fixed().map_err(not_reserved)?;
    segment.reserve_canvas(0).map_err(not_reserved)?;
    segment.write_launch_params(&launch_params);
    let mut reader = CommitReader::new(segment.clone());
    let no_room = |bytes| format!("its segment has no room for {bytes} bytes of state");
    reader.hand_over(handed_over).map_err(no_room)?;
    let feed = plan
        .part
        .looked_at()
        .map(|commit_store| look_at(commit_store, &segment, generation, &events));
    let mut child = spawn(&mut command(plan, program, &name, folder))
        .map_err(|error| format!("{} cannot be started: {error}", program.display()))?;
    let process = Arc::new(Process::new(&child));
    let Some(pipe) = child.stdin.take() else {
        process.kill();
        return Err("the system gave no wake pipe".to_owned().into());
    };
    sys::never_block(&pipe).map_err(|error| format!("the wake pipe blocks: {error}"))?;
    watch(child, process.clone(), generation, events)?;
    let skip = match start {
        Start::Warm => None,
        Start::Direct { skip } => skip,
    };
    Ok(Launched {
        generation,
        segment,
        begun: Instant::now(),
        asked: Instant::now(),
        wake: Arc::new(Wake::Pipe(pipe)),
        process,
        build,
        commander: Commander::default(),
        monitor: Monitor::default(),
        reader: Some(reader),
        from: (committed.head.tick, committed.head.received),
        pixels,
        skip,
        accepted: Arc::default(),
        ready: Arc::default(),
        described: None,
        name,
        panics: Vec::new(),
        _feed: feed,
    })
}

/// Returns an unguessable name of at most 30 characters (macOS allows 31).
fn name() -> String {
    let random = RandomState::new().hash_one(std::process::id());
    format!("/hr-{:x}-{random:016x}", std::process::id() & 0xfff_ffff)
}

fn no_memory(name: &str, bytes: usize, error: &dyn std::fmt::Display) -> String {
    format!(
        "there is no shared memory for its segment {name} ({} MiB): {error}; {}",
        bytes.div_ceil(1 << 20),
        sys::MORE_SHARED_MEMORY
    )
}

fn not_reserved(name: &str, bytes: usize, error: &std::io::Error) -> NotLaunched {
    let reason = no_memory(name, bytes, error);
    match error.kind() {
        ErrorKind::StorageFull => NotLaunched::NoRoom(reason),
        _ => NotLaunched::Failed(reason),
    }
}

/// Checks for free memory before anything is created that would have to be removed again.
fn look_for_room(name: &str, bytes: usize) -> Result<(), NotLaunched> {
    match sys::free_shared_memory().filter(|free| *free < bytes as u64) {
        Some(free) => {
            let free = format!("{} MiB are free", free >> 20);
            Err(NotLaunched::NoRoom(no_memory(name, bytes, &free)))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_are_short_and_differ() {
        let (one, other) = (super::name(), super::name());
        assert!(one.len() <= 30 && one.starts_with('/'), "{one}");
        assert_ne!(one, other);
    }
}
