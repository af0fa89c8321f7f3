//! The owner's background part: it watches, builds, launches and hands over.
//!
//! `machine` decides, without I/O. The threads here carry out its decisions and report what
//! happened: one for the supervisor, one that watches, one per build, and one per generation that
//! waits for its process.

mod builds;
mod check;
mod claim;
mod configuration;
mod contents;
mod echoes;
mod exit;
mod inputs;
mod launch;
mod machine;
mod message;
mod monitor;
mod names;
mod output;
mod packages;
mod parts;
mod paths;
mod plan;
mod read;
mod recorder;
mod rehearsed;
mod rescue;
mod run_dir;
mod runner;
mod scripts;
mod search;
mod stack;
#[cfg(test)]
mod verdicts;
mod watch;
mod workspace;
mod workspaces;

use crate::error::{Error, Result};
use crate::generation::{CommitCopier, GenerationChange, Hold, HoldCount, OnFault};
use crate::handshake::CommitBody;
use crate::status::StatusBoard;
use crate::threads::spawn;
use exit::LAST_WAIT;
pub(crate) use machine::Direction;
use machine::Event;
use message::Message;
pub(crate) use parts::{Follower, Inbox, Part};
pub(crate) use plan::Plan;
use runner::{Connections, Runner};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use watch::Watcher;
#[cfg(any(test, fuzzing))]
pub(crate) use {builds::hostile, monitor::Monitor};

/// The main thread's end of the supervisor.
#[derive(Debug)]
pub(crate) struct Supervisor {
    events: Sender<Message>,
    generation_changes: Receiver<GenerationChange>,
    canvas: Arc<AtomicU64>,
    /// Number of asset changes written down.
    assets: Arc<AtomicU64>,
    holds: Arc<HoldCount>,
    thread: Option<JoinHandle<()>>,
}

impl Supervisor {
    /// Starts the threads and the first build. `copier` starts the thread that keeps the committed
    /// state. With an `inbox`, another part leads, and this supervisor neither watches nor builds.
    pub(crate) fn start(
        plan: Plan,
        board: Arc<StatusBoard>,
        copier: impl FnOnce(OnFault) -> Result<CommitCopier>,
        inbox: Option<Inbox>,
    ) -> Result<(Supervisor, CommitCopier)> {
        const NAME: &str = "hot-reload supervisor";
        let follows = inbox.is_some();
        let Inbox { events, incoming, newest } = inbox.unwrap_or_else(Inbox::own);
        let faults = events.clone();
        let commit_copier = copier(Box::new(move |generation, reason| {
            let _ = faults.send(Message::Event(Event::Fault { generation, reason }));
        }))?;
        let saves = events.clone();
        let watcher = (!follows).then(|| {
            Watcher::start(move |saved, noticed| {
                let _ = saves.send(Message::Saved { saved, noticed });
            })
        });
        let (generation_changes, next) = channel();
        let canvas = Arc::new(AtomicU64::new(packed(plan.canvas)));
        let assets = Arc::new(AtomicU64::new(0));
        let watcher = watcher.transpose().map_err(Error::thread("hot-reload watch"))?.map(Arc::new);
        let connections = Connections {
            watcher,
            commit_store: commit_copier.commit_store().clone(),
            events: events.clone(),
            generation_changes,
            board,
            canvas: canvas.clone(),
            assets: assets.clone(),
            newest,
        };
        let runner = Runner::new(plan, connections);
        let lives = exit::register(&events);
        let turn = move || {
            runner.turn(&incoming);
            drop(lives);
        };
        let thread = Some(spawn(NAME, turn).map_err(Error::thread(NAME))?);
        let held = events.clone();
        let holds = HoldCount::new(move |hold| {
            let _ = held.send(Message::Event(Event::Hold(hold)));
        });
        Ok((
            Supervisor { events, generation_changes: next, canvas, assets, holds, thread },
            commit_copier,
        ))
    }

    /// Returns the changes to generations since the last call, in order.
    pub(crate) fn generation_changes(&mut self) -> Vec<GenerationChange> {
        self.generation_changes.try_iter().collect()
    }

    /// Returns the number of asset changes written down.
    pub(crate) fn assets(&self) -> u64 {
        self.assets.load(Ordering::Acquire)
    }

    pub(crate) fn hold(&self) -> Hold {
        self.holds.hold()
    }

    /// Starts the newest build again.
    pub(crate) fn reload(&self) {
        let _ = self.events.send(Message::Event(Event::Reload));
    }

    /// Starts another build, at the request of a person.
    pub(crate) fn go(&self, direction: Direction) {
        let _ = self.events.send(Message::Event(Event::Go(direction)));
    }

    /// Starts the newest build again, from a state that was restored.
    pub(crate) fn restore(&self, body: Arc<CommitBody>) {
        let _ = self.events.send(Message::Restore(body));
    }

    /// Lets a program draw until the first build has ended: the owner's own, which is its renderer if
    /// it was started by an owner.
    pub(crate) fn stand_in(&self, program: PathBuf) {
        let _ = self.events.send(Message::StandIn(program));
    }

    /// Sets the size of the canvas that the next generation is given.
    pub(crate) fn set_canvas(&self, canvas: (u32, u32)) {
        self.canvas.store(packed(canvas), Ordering::Relaxed);
    }

    /// Reports that a tick is waiting for its answer.
    pub(crate) fn unanswered(&self, generation: u32, answered: u64, waited: Duration) {
        let _ = self.events.send(Message::Unanswered { generation, answered, waited });
    }

    /// Reports that a generation has written something invalid.
    pub(crate) fn fault(&self, generation: u32, reason: String) {
        let _ = self.events.send(Message::Event(Event::Fault { generation, reason }));
    }

    /// Leaves the state for the next owner to resume from.
    pub(crate) fn leave_state(&self) {
        let _ = self.events.send(Message::LeaveState);
    }

    /// Asks builds and renderer to end, without waiting for them.
    pub(crate) fn quit(&self) {
        let _ = self.events.send(Message::Event(Event::Quit));
    }

    /// Ends builds and renderer in order.
    ///
    /// Waits at most `LAST_WAIT`: a cargo that is waiting for a lock must not keep the program from
    /// ending. It is killed when the program ends.
    pub(crate) fn stop(&mut self) {
        if thread::panicking() {
            self.leave_state();
        }
        self.quit();
        let Some(thread) = self.thread.take() else { return };
        let deadline = Instant::now() + LAST_WAIT;
        while !thread.is_finished() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(1));
        }
        crate::log::flush();
    }
}

/// Packs width and height into one word.
fn packed((width, height): (u32, u32)) -> u64 {
    u64::from(width) << 32 | u64::from(height)
}
