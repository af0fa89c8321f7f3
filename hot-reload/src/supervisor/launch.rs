//! One generation's process: segment, spawn, orders, end.

use super::folder::Folder;
use super::machine::{Event, Start};
use super::output::Output;
use super::signs::Signs;
use super::{Message, Plan};
use crate::handshake::{BodyShape, Briefing, CarriedBody, Description, Letter, TypeShape};
use crate::owner::{Committed, NewSession, Wake};
use crate::renderer::environment;
use crate::segment::{self, Command as Order, Commander, CommitReader, MAX_PIXELS, Segment};
use crate::sys;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

/// A generation that was launched.
#[derive(Debug)]
pub(super) struct Launched {
    pub(super) generation: u32,
    pub(super) build: u32,
    pub(super) segment: Arc<Segment>,
    pub(super) begun: Instant,
    wake: Arc<Wake>,
    process: Arc<Process>,
    commander: Commander,
    signs: Signs,
    /// The owner's end of its commits, until its ticks are given to it.
    reader: Option<CommitReader>,
    /// The commit that it goes on from.
    from: (u64, u64),
    pixels: usize,
    /// What happened in the tick after this one is to be left out.
    skip: Option<u64>,
    accepted: Arc<AtomicBool>,
    ready: Arc<AtomicBool>,
    pub(super) described: Option<Description>,
    name: String,
}

/// A process that can be killed as long as its id is its own.
#[derive(Debug)]
struct Process {
    id: u32,
    reaped: Mutex<bool>,
}

impl Process {
    fn lock(&self) -> MutexGuard<'_, bool> {
        self.reaped.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Kills the process and what it has started.
    fn kill(&self) {
        let reaped = self.lock();
        if !*reaped {
            sys::kill_group(self.id);
        }
    }
}

/// What a launch needs beside the plan.
pub(super) struct Launch<'l> {
    pub(super) generation: u32,
    pub(super) build: u32,
    pub(super) program: &'l Path,
    pub(super) start: Start,
    /// The longest commit that a generation has asked for, in bytes.
    pub(super) body: usize,
    /// The canvas now, in pixels.
    pub(super) size: (u32, u32),
    pub(super) committed: &'l Committed,
    pub(super) kept: Option<u32>,
    pub(super) folder: &'l Folder,
    pub(super) events: Sender<Message>,
}

impl Launched {
    pub(super) fn kill(&self) {
        self.process.kill();
    }

    /// Asks the renderer to finish its tick, commit and end.
    pub(super) fn stop(&self) {
        self.segment.stop().set();
        self.wake.wake(&self.segment);
    }

    /// Whether it is given ticks and was not asked to end.
    pub(super) fn draws(&self) -> bool {
        self.is_open() && !self.segment.stop().is_set()
    }

    /// The last tick that is done with: answered by this generation, or by those before it.
    pub(super) fn answered(&self) -> u64 {
        self.segment.answered().max(self.from.0)
    }

    /// Reserves the pages of the canvas, and lets it begin.
    ///
    /// They are what takes longest (some 10 ms at 1080p): meanwhile the program loads, and the main
    /// thread may give it ticks; it draws only when it is told to.
    pub(super) fn begin(&mut self, start: Start) -> Result<(), String> {
        let reserved = self.segment.reserve_canvas(self.pixels);
        reserved.map_err(|error| no_memory(&self.name, self.pixels * 4 * 3, &error))?;
        self.order(match start {
            Start::Warm => Order::Rehearse,
            Start::Direct { .. } => Order::Draw,
        });
        Ok(())
    }

    /// The segment's name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Gives an order.
    pub(super) fn order(&mut self, order: Order) {
        self.signs.parking = order == Order::Park;
        self.segment.command(&mut self.commander, order);
        self.wake.wake(&self.segment);
    }

    /// What it has said since the last look.
    pub(super) fn look(&mut self) -> Vec<Event> {
        self.signs.look(self.generation, &self.segment, &self.commander)
    }

    pub(super) fn awaits(&self) -> bool {
        self.signs.awaits()
    }

    /// Its last words, when it has ended.
    pub(super) fn refused_protocol(&self) -> Option<Event> {
        let reason = self.signs.refused_protocol(&self.segment)?;
        Some(Event::Refused { generation: self.generation, reason })
    }

    /// Whether it is in a debugger's hands, or waits to be.
    pub(super) fn is_debugged(&self) -> bool {
        Signs::waits_for_debugger(&self.segment) || sys::is_debugged(self.process.id)
    }

    /// Whether ticks are given to it, or may be.
    pub(super) fn is_open(&self) -> bool {
        self.reader.is_none()
    }

    /// From now on it should answer.
    pub(super) fn expect_answers(&self) {
        // One that recovers is waited for; its pages are met on the way.
        if !self.is_open() {
            self.segment.look_at_canvas(self.pixels);
        }
        self.ready.store(true, Ordering::Release);
    }

    pub(super) fn accept(&self) {
        self.accepted.store(true, Ordering::Release);
    }

    /// Writes what to go on from, for a generation that has rehearsed.
    pub(super) fn hand_over(
        &mut self,
        committed: &Committed,
        kept: Option<u32>,
        size: (u32, u32),
    ) -> Result<(), String> {
        let pixels = canvas_pixels(size, committed);
        if pixels > self.pixels {
            let reserved = self.segment.reserve_canvas(pixels);
            reserved.map_err(|error| no_memory(&self.name, pixels * 4, &error))?;
            self.pixels = pixels;
        }
        let too_large =
            |what| move |bytes| format!("its segment has no room for {bytes} bytes of {what}");
        let letter = serde_json::to_vec(&letter(committed, kept)).map_err(|it| it.to_string())?;
        self.segment.write_letter(&letter).map_err(too_large("a letter"))?;
        if let Some(reader) = &mut self.reader {
            reader.hand_over(committed.image.bytes()).map_err(too_large("state"))?;
        }
        self.from = (committed.head.tick, committed.head.received);
        Ok(())
    }

    /// Its ends for keeper and main thread, from which point on it is given ticks.
    pub(super) fn open(
        &mut self,
        plan: &Plan,
        parks: bool,
    ) -> Option<(CommitReader, Arc<BodyShape>, NewSession)> {
        let described = self.described.as_ref()?;
        let agrees = |theirs: &Option<TypeShape>, ours: &TypeShape| {
            theirs.as_ref().is_some_and(|theirs| theirs.agrees(ours))
        };
        let channels = (
            agrees(&described.to_renderer, &plan.to_renderer),
            agrees(&described.to_owner, &plan.to_owner),
        );
        let shape = Arc::new(described.body.clone()?);
        let reader = self.reader.take()?;
        self.signs.opened(self.from.0);
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

/// Pixels whose pages must be there: of the canvas now, and of the one that is carried over.
fn canvas_pixels(size: (u32, u32), committed: &Committed) -> usize {
    let pixels = |(width, height): (u32, u32)| (width as usize).saturating_mul(height as usize);
    pixels(size).max(pixels(committed.head.canvas)).min(MAX_PIXELS)
}

fn letter(committed: &Committed, kept: Option<u32>) -> Letter {
    let carried = (committed.generation > 0).then(|| CarriedBody {
        shape: (*committed.shape).clone(),
        canvas: committed.head.canvas,
        tick: committed.head.tick,
        received: committed.head.received,
    });
    Letter { carried, kept }
}

/// Makes the segment, puts in what the last generation left, and starts the program.
pub(super) fn launch(plan: &Plan, launch: Launch<'_>) -> Result<Launched, String> {
    let Launch { generation, build, program, start, body, size, committed, kept, folder, events } =
        launch;
    let size = if plan.mode.canvas { size } else { (0, 0) };
    let pixels = canvas_pixels(size, committed);
    let briefing = Briefing {
        arguments: plan.arguments.clone(),
        input: plan.input.clone(),
        to_renderer: plan.to_renderer.clone(),
        to_owner: plan.to_owner.clone(),
        canvas: plan.mode.canvas,
        keep_canvas: plan.mode.keep,
        size,
        letter: letter(committed, kept),
    };
    let briefing = serde_json::to_vec(&briefing).map_err(|error| error.to_string())?;
    let handed_over = committed.image.bytes();
    let body = body.max(handed_over.len());
    let geometry = (plan.geometry)(&plan.shape, body, briefing.len(), plan.mode);
    let geometry = geometry.map_err(|error| error.to_string())?;
    let name = name();
    // Before there is one: an owner that dies here leaves a record, and not a segment.
    folder.record(&name);
    let memory = segment::create(&name, &geometry)
        .map_err(|error| no_memory(&name, geometry.total, &error))?;
    let segment = Segment::initialise(memory, geometry, generation);
    // From here on an early return must not leave the name behind; dropping the mapping unlinks it.
    let no_memory = |error| no_memory(&name, geometry.needed(pixels), &error);
    segment.reserve_fixed().map_err(no_memory)?;
    segment.reserve_canvas(0).map_err(no_memory)?;
    segment.write_briefing(&briefing);
    let mut reader = CommitReader::new(segment.clone());
    let no_room = |bytes| format!("its segment has no room for {bytes} bytes of state");
    reader.hand_over(handed_over).map_err(no_room)?;
    let mut child = command(plan, program, &name, folder)
        .spawn()
        .map_err(|error| format!("{} cannot be started: {error}", program.display()))?;
    let process = Arc::new(Process { id: child.id(), reaped: Mutex::new(false) });
    let Some(pipe) = child.stdin.take() else {
        process.kill();
        return Err("the system gave no wake pipe".to_owned());
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
        wake: Arc::new(Wake::Pipe(pipe)),
        process,
        build,
        commander: Commander::default(),
        signs: Signs::default(),
        reader: Some(reader),
        from: (committed.head.tick, committed.head.received),
        pixels,
        skip,
        accepted: Arc::default(),
        ready: Arc::default(),
        described: None,
        name,
    })
}

fn command(plan: &Plan, program: &Path, segment: &str, folder: &Folder) -> Command {
    let mut command = Command::new(program);
    command.args(&plan.program_arguments);
    command.envs(plan.program_environment.iter().map(|(name, value)| (name, value)));
    command.env(environment::SEGMENT, segment);
    command.env(environment::OWNER, std::process::id().to_string());
    command.env(environment::FOLDER, folder.path());
    if let Some(folder) = program.parent() {
        command.env(LIBRARY_PATH, library_path(folder));
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    sys::own_group(&mut command);
    command
}

/// Waits for the end of a generation.
fn watch(
    mut child: Child,
    process: Arc<Process>,
    generation: u32,
    events: Sender<Message>,
) -> Result<(), String> {
    let killer = process.clone();
    let output = Output::forward(child.stdout.take(), child.stderr.take());
    let turn = move || {
        sys::wait_unreaped(&child);
        let status = {
            let mut reaped = process.lock();
            // Its id is still taken, so that these can only be programs it has started.
            sys::kill_group(process.id);
            let status = child.wait();
            *reaped = true;
            status
        };
        let how = match status {
            Ok(status) => sys::describe_exit(status),
            Err(error) => format!("nobody knows how: {error}"),
        };
        let crash = output.last_words(how);
        let _ = events.send(Message::Gone { generation, crash });
    };
    let thread = thread::Builder::new().name(format!("hot-reload generation {generation}"));
    thread.spawn(turn).map(|_| ()).map_err(|error| {
        killer.kill();
        format!("no thread to wait for it: {error}")
    })
}

/// What a generation says of itself; `None` when that makes no sense.
pub(crate) fn description(segment: &Segment) -> Option<Description> {
    let description: Description = serde_json::from_slice(&segment.description()?).ok()?;
    description.bounded()
}

/// Unguessable, and at most 30 characters: macOS allows 31.
fn name() -> String {
    let random = RandomState::new().hash_one(std::process::id());
    format!("/hr-{:x}-{random:016x}", std::process::id() & 0xfff_ffff)
}

fn no_memory(name: &str, bytes: usize, error: &dyn std::fmt::Display) -> String {
    format!(
        "there is no shared memory for its segment {name} ({} MiB): {error}; make room in /dev/shm \
         or make it larger (in a container: --shm-size)",
        bytes.div_ceil(1 << 20)
    )
}

const LIBRARY_PATH: &str = match () {
    () if cfg!(windows) => "PATH",
    () if cfg!(target_os = "macos") => "DYLD_FALLBACK_LIBRARY_PATH",
    () => "LD_LIBRARY_PATH",
};

/// The build's own folder, then what the user has set.
fn library_path(folder: &Path) -> std::ffi::OsString {
    let rest = std::env::var_os(LIBRARY_PATH).unwrap_or_default();
    let all = std::iter::once(folder.to_path_buf()).chain(std::env::split_paths(&rest));
    std::env::join_paths(all).unwrap_or(rest)
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
