//! One process: the renderer on a thread.

use crate::app::App;
use crate::error::{Error, Result};
use crate::generation::{CommitStore, GenerationChange, NewSession, Subscription, Wake};
use crate::handshake::{CanvasMode, CommitBody, CommitShape, Needs, geometry};
use crate::renderer::{Restores, Taken};
use crate::segment::{Command, Commander, CommitReader, Memory, Segment};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Function that makes a renderer and runs its loop.
pub(crate) type Play<T> = Box<dyn FnOnce(Spawned<T>) -> Result<()> + Send>;

/// Initial values for the renderer of this process, on its thread.
pub(crate) struct Spawned<T> {
    pub(crate) segment: Arc<Segment>,
    pub(crate) arguments: T,
    pub(crate) mode: CanvasMode,
    pub(crate) restores: Restores,
}

/// The renderer's thread.
#[derive(Debug)]
pub(crate) struct RendererThread {
    pub(super) thread: Option<JoinHandle<Result<()>>>,
    pub(super) segment: Arc<Segment>,
    pub(super) wake: Arc<Wake>,
    pub(super) restores: Sender<Arc<CommitBody>>,
    pub(super) taken: Receiver<Taken>,
    /// Supplies a module with the state; held to keep the subscription alive.
    pub(super) _feed: Option<Subscription>,
}

impl RendererThread {
    /// Starts the renderer, which is never replaced.
    pub(crate) fn start<A: App>(
        play: Play<A::Arguments>,
        arguments: A::Arguments,
        shape: &CommitShape,
        mode: CanvasMode,
        stack: usize,
        commit_store: &CommitStore,
        looks_at: Option<&Arc<CommitStore>>,
    ) -> Result<(RendererThread, GenerationChange)> {
        const NAME: &str = "renderer";
        // The state has the layout that this program was compiled with, but the values parked
        // beside it can be of any size.
        let feed = looks_at.map_or(0, |commit_store| 2 * commit_store.feed());
        let geometry = geometry::<A>(shape, Needs { feed, ..Needs::default() }, 0, mode)?;
        let segment = Segment::initialise(Memory::heap(geometry.total), geometry, 1);
        segment.command(&mut Commander::default(), Command::Draw);
        let reader = CommitReader::new(segment.clone());
        commit_store.open(1, reader, Arc::new(shape.clone()));
        let drawing = segment.clone();
        let (restores, bodies) = channel();
        let (takes, taken) = channel();
        let turn = move || {
            let restores = Restores { bodies, taken: takes };
            play(Spawned { segment: drawing, arguments, mode, restores })
        };
        let feed = looks_at.map(|commit_store| {
            let too_large = |trouble| {
                eprintln!("hot-reload: a module no longer receives the state: {trouble:?}");
            };
            commit_store.subscribe(&segment, Box::new(too_large))
        });
        let thread = thread::Builder::new().name(NAME.to_owned()).stack_size(stack).spawn(turn);
        let thread = thread.map_err(Error::thread(NAME))?;
        let wake = Arc::new(Wake::Thread(thread.thread().clone()));
        let opening = NewSession {
            generation: 1,
            segment: segment.clone(),
            wake: wake.clone(),
            channels: (true, true),
            from: (0, 0),
            pixels: 0,
            accepted: Arc::new(AtomicBool::new(true)),
            ready: Arc::new(AtomicBool::new(true)),
            parks: false,
            skip: None,
        };
        let thread =
            RendererThread { thread: Some(thread), segment, wake, restores, taken, _feed: feed };
        Ok((thread, GenerationChange::New(opening)))
    }

    /// Lets the renderer continue from a restored state, at its next tick.
    pub(crate) fn restore(&self, body: Arc<CommitBody>) {
        // A renderer that has ended needs no state.
        let _ = self.restores.send(body);
    }

    /// Returns the outcome of the last restore, once the renderer has taken the state over.
    pub(crate) fn taken(&self) -> Option<Taken> {
        self.taken.try_iter().last()
    }

    /// Returns whether the renderer still draws; resumes its panic if it panicked.
    pub(crate) fn is_running(&mut self) -> bool {
        let Some(thread) = self.thread.take_if(|thread| thread.is_finished()) else {
            return self.thread.is_some();
        };
        match thread.join() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => eprintln!("hot-reload: the renderer has ended: {error}"),
            Err(panic) => std::panic::resume_unwind(panic),
        }
        false
    }

    /// Lets the renderer finish its tick and commit, without waiting for it.
    pub(crate) fn quit(&self) {
        self.segment.stop().set();
        self.wake.wake(&self.segment);
    }

    /// Lets the renderer finish its tick and commit, and waits for it. A thread that hangs is left
    /// to the process's end.
    pub(crate) fn stop(&mut self, grace: Duration) {
        let deadline = Instant::now() + grace;
        self.segment.stop().set();
        while let Some(thread) = &self.thread {
            if thread.is_finished() || Instant::now() >= deadline {
                break;
            }
            self.wake.wake(&self.segment);
            thread::sleep(Duration::from_micros(200));
        }
    }
}
