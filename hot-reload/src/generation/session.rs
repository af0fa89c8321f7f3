//! The main thread's end of one generation.

use super::watchdog::{Seen, Watchdog};
#[cfg(feature = "owner")]
use crate::history::Reload;
use crate::segment::{Channel, FrameReader, Nonsense, Reader, Segment, Writer};
use crate::threads::spawn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::Thread;
use std::time::Duration;

/// Means of waking a renderer.
#[derive(Debug)]
pub(crate) enum Wake {
    /// A thread of this process.
    Thread(Thread),
    /// Writes a byte into the pipe that is another process's standard input.
    #[cfg(feature = "owner")]
    Pipe(std::process::ChildStdin),
}

impl Wake {
    /// Asks another process for a stack trace of the thread that draws. Never blocks.
    #[cfg(feature = "owner")]
    pub(crate) fn ask_for_trace(&self) {
        if let Wake::Pipe(pipe) = self {
            use std::io::Write;
            let mut pipe = pipe;
            let _ = pipe.write(&[crate::sys::ASKS_FOR_TRACE]);
        }
    }

    /// Wakes the renderer, unless a wake is pending. Never blocks.
    pub(crate) fn wake(&self, segment: &Segment) {
        if !segment.raise_wake() {
            return;
        }
        match self {
            Wake::Thread(thread) => thread.unpark(),
            #[cfg(feature = "owner")]
            Wake::Pipe(pipe) => {
                use std::io::Write;
                // A full pipe means that a wake is pending, a closed one that the renderer is gone;
                // both are detected elsewhere.
                let mut pipe = pipe;
                let _ = pipe.write(&[1]);
            }
        }
    }
}

/// Message to the main thread about generations.
#[derive(Debug)]
pub(crate) enum GenerationChange {
    /// A generation is ready to be given ticks.
    New(NewSession),
    /// The generation that was put aside continues, from its own commit.
    Resume { generation: u32, from: (u64, u64) },
    /// Signal that no generation draws any more, and that the memory of those that did is needed.
    #[cfg(feature = "owner")]
    LetGo,
    /// The tick after `answered` took too long, and its generation is killed. Sent before the next
    /// generation is announced.
    #[cfg(feature = "owner")]
    TooSlow { answered: u64 },
    /// A generation has drawn its first frame, or draws again.
    #[cfg(feature = "owner")]
    Drawn(Box<Reload>),
    /// The first generation continues from a rescued state, as of this time.
    #[cfg(feature = "owner")]
    Resumed(Duration),
}

/// A generation that is ready to be given ticks.
#[derive(Debug)]
pub(crate) struct NewSession {
    pub(crate) generation: u32,
    pub(crate) segment: Arc<Segment>,
    pub(crate) wake: Arc<Wake>,
    /// Set if owner and renderer agree about the messages to the renderer, and to the owner.
    pub(crate) channels: (bool, bool),
    /// Commit that it continues from: ticks and messages up to here are done.
    pub(crate) from: (u64, u64),
    /// Number of pixels whose pages are reserved.
    pub(crate) pixels: usize,
    /// Raised when its commits are final; until then they cannot shorten the log.
    pub(crate) accepted: Arc<AtomicBool>,
    /// Raised when it has finished its set-up and should answer.
    pub(crate) ready: Arc<AtomicBool>,
    /// True if the previous generation may be put back.
    pub(crate) parks: bool,
    /// Tick after which the next tick's input is to be left out.
    pub(crate) skip: Option<u64>,
}

/// A generation that is being given ticks.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) generation: u32,
    pub(crate) segment: Arc<Segment>,
    pub(crate) wake: Arc<Wake>,
    pub(crate) ticks: Writer,
    pub(crate) to_renderer: Option<Writer>,
    pub(crate) to_owner: Option<Reader>,
    pub(crate) requests: Reader,
    frames: FrameReader,
    /// Largest number of pixels whose pages are reserved.
    pixels: usize,
    /// Last size for which there was room.
    size: (u32, u32),
    /// Error of the last reservation that failed.
    pub(crate) no_room: Option<std::io::Error>,
    accepted: Arc<AtomicBool>,
    ready: Arc<AtomicBool>,
    /// Tick that it continues from.
    from: u64,
    /// Last tick that it was given.
    pub(crate) given: u64,
    /// Number of messages that it was given or that were done before it, since the owner's start.
    pub(crate) given_messages: u64,
    pub(crate) watchdog: Watchdog,
}

impl Session {
    pub(crate) fn new(generation_change: NewSession) -> Self {
        let NewSession { generation, segment, wake, channels, pixels, .. } = generation_change;
        let NewSession { accepted, ready, from, .. } = generation_change;
        let (to_renderer, to_owner) = channels;
        Session {
            ticks: Writer::new(segment.clone(), Channel::Ticks),
            to_renderer: to_renderer.then(|| Writer::new(segment.clone(), Channel::ToRenderer)),
            to_owner: to_owner.then(|| Reader::new(segment.clone(), Channel::ToOwner)),
            requests: Reader::new(segment.clone(), Channel::Requests),
            frames: FrameReader::new(segment.clone()),
            pixels,
            size: (0, 0),
            no_room: None,
            accepted,
            ready,
            from: from.0,
            given: from.0,
            given_messages: from.1,
            watchdog: Watchdog::new(from.0),
            generation,
            segment,
            wake,
        }
    }

    /// Returns whether its commits are final.
    pub(crate) fn is_accepted(&self) -> bool {
        self.accepted.load(Ordering::Acquire)
    }

    /// Returns the last tick that the renderer claims to have answered.
    pub(crate) fn answered(&self) -> u64 {
        self.segment.answered().max(self.from)
    }

    /// Returns how long the oldest tick has been unanswered; see [`Watchdog::look`]. A tick that
    /// was not given cannot be answered, so such an answer is nonsense.
    pub(crate) fn unanswered(
        &mut self,
        passed: Duration,
        start: Duration,
    ) -> Result<Duration, Nonsense> {
        let answered = self.answered();
        if answered > self.given {
            #[expect(clippy::cast_possible_truncation, reason = "a word for the message")]
            return Err(Nonsense(answered as u32));
        }
        let seen = Seen {
            answered,
            given: self.given,
            ready: self.ready.load(Ordering::Acquire),
            takes_over: self.segment.takes_over(),
        };
        Ok(self.watchdog.look(seen, passed, start))
    }

    /// Sets the flag that the supervisor sets after the set-up.
    #[cfg(test)]
    pub(crate) fn set_ready(&self) {
        self.ready.store(true, Ordering::Release);
    }

    /// Lets go of a generation on another thread. The last holder of its segment returns the pages
    /// to the system, which takes about 10 ms at 1080p and must not happen on this thread.
    pub(crate) fn let_go(self) {
        // Without a thread it happens here, when the closure is dropped.
        let _ = spawn("hot-reload unmap", move || drop(self));
    }

    /// Returns the size whose pages are reserved: `wanted`, or the last one for which there was
    /// room.
    pub(crate) fn reserved(&mut self, wanted: (u32, u32)) -> (u32, u32) {
        let pixels = wanted.0 as usize * wanted.1 as usize;
        if pixels > self.pixels {
            if let Err(error) = self.segment.reserve_canvas(pixels) {
                self.no_room = Some(error);
                return self.size;
            }
            self.pixels = pixels;
        }
        self.size = wanted;
        wanted
    }

    /// Copies the newest frame, if there is a new one, and returns its tick and size.
    pub(crate) fn acquire(
        &mut self,
        pixels: &mut Vec<u32>,
    ) -> Result<Option<crate::segment::FrameHead>, Nonsense> {
        self.frames.acquire(pixels, self.pixels, self.given)
    }
}
