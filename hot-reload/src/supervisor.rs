//! The owner's background part: watch, build, launch, hand over.
//!
//! `machine` decides, without I/O; the threads here do what it says and tell it what happened: one
//! for the supervisor, one that watches, one for each build, one that waits for each generation.

mod build;
mod folder;
mod inputs;
mod launch;
mod machine;
mod runner;
mod watch;
mod workspace;

use crate::handshake::{BodyShape, CanvasMode, TypeShape, geometry};
use crate::owner::{Keeper, OnFault, Opening, Supervised};
use crate::segment::Geometry;
use crate::status::Status;
use crate::{App, Error, Input, Result};
use build::Built;
use machine::Event;
use runner::Runner;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use watch::Watcher;
use workspace::{Search, Workspace};

/// Everything the supervisor must know about the application.
#[derive(Debug)]
pub(crate) struct Plan {
    search: Search,
    program_arguments: Vec<OsString>,
    arguments: serde_json::Value,
    shape: BodyShape,
    mode: CanvasMode,
    pixels: usize,
    input: TypeShape,
    to_renderer: TypeShape,
    to_owner: TypeShape,
    geometry: fn(&BodyShape, usize, usize, CanvasMode) -> Result<Geometry>,
}

impl Plan {
    pub(crate) fn new<A: App>(
        supervised: &Supervised,
        arguments: serde_json::Value,
        shape: BodyShape,
        mode: CanvasMode,
        canvas: (u32, u32),
    ) -> Self {
        Plan {
            search: Search {
                folder: supervised.workspace.clone(),
                package: A::RENDERER.to_owned(),
                profile: supervised.profile.clone(),
            },
            program_arguments: supervised.program_arguments.clone(),
            arguments,
            shape,
            mode,
            pixels: canvas.0 as usize * canvas.1 as usize,
            input: TypeShape::of::<Input>(),
            to_renderer: TypeShape::of::<A::ToRenderer>(),
            to_owner: TypeShape::of::<A::ToOwner>(),
            geometry: geometry::<A>,
        }
    }
}

/// How long the application's end waits for builds and renderer to end in order.
const LAST_WAIT: Duration = Duration::from_secs(5);

/// The main thread's end of the supervisor.
#[derive(Debug)]
pub(crate) struct Supervisor {
    events: Sender<Message>,
    openings: Receiver<Opening>,
    statuses: Receiver<Arc<Status>>,
    pixels: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

/// What the supervisor's thread is told.
#[derive(Debug)]
enum Message {
    Event(Event),
    /// Contents have changed.
    Saved(BTreeSet<PathBuf>),
    Built {
        build: u32,
        built: Built,
        took: Duration,
        workspace: Option<Box<Workspace>>,
    },
}

impl Supervisor {
    /// Starts the threads and the first build; `keeper` starts what holds the committed state.
    pub(crate) fn start(
        plan: Plan,
        keeper: impl FnOnce(OnFault) -> Result<Keeper>,
    ) -> Result<(Supervisor, Keeper)> {
        const NAME: &str = "hot-reload supervisor";
        let failed = |name| move |source| Error::Thread { name, source };
        let (events, incoming) = channel();
        let faults = events.clone();
        let keeper = keeper(Box::new(move |generation, reason| {
            let _ = faults.send(Message::Event(Event::Fault { generation, reason }));
        }))?;
        let saves = events.clone();
        let watcher = Watcher::start(move |files| {
            let _ = saves.send(Message::Saved(files));
        });
        let (openings, next) = channel();
        let (statuses, told) = channel();
        let pixels = Arc::new(AtomicUsize::new(plan.pixels));
        let watcher = Arc::new(watcher.map_err(failed("hot-reload watch"))?);
        let ledger = keeper.ledger().clone();
        let own = events.clone();
        let runner = Runner::new(plan, watcher, ledger, own, openings, statuses, pixels.clone());
        let turn = move || runner.turn(&incoming);
        let thread = thread::Builder::new().name(NAME.to_owned()).spawn(turn);
        let thread = Some(thread.map_err(failed(NAME))?);
        Ok((Supervisor { events, openings: next, statuses: told, pixels, thread }, keeper))
    }

    /// A generation that has attached since the last call.
    pub(crate) fn next_opening(&mut self) -> Option<Opening> {
        self.openings.try_iter().last()
    }

    /// The newest status, if it has changed since the last call.
    pub(crate) fn new_status(&mut self) -> Option<Arc<Status>> {
        self.statuses.try_iter().last()
    }

    /// Says for which canvas the next generation's pages are wanted.
    pub(crate) fn set_canvas(&self, (width, height): (u32, u32)) {
        self.pixels.store(width as usize * height as usize, Ordering::Relaxed);
    }

    /// Says that a generation's words make no sense.
    pub(crate) fn fault(&self, generation: u32, reason: String) {
        let _ = self.events.send(Message::Event(Event::Fault { generation, reason }));
    }

    /// Ends builds and renderer in order.
    ///
    /// Not longer than `LAST_WAIT`: a cargo that waits for a lock must not keep the program from
    /// ending, at whose end it is killed.
    pub(crate) fn stop(&mut self) {
        let _ = self.events.send(Message::Event(Event::Quit));
        let Some(thread) = self.thread.take() else { return };
        let deadline = Instant::now() + LAST_WAIT;
        while !thread.is_finished() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(1));
        }
    }
}
