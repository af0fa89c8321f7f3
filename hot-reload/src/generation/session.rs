//! The main thread's end of one generation.

#[cfg(feature = "owner")]
use crate::history::Reload;
use crate::segment::{Channel, FrameReader, Nonsense, Reader, Segment, Writer};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::Thread;
use std::time::Duration;

/// How a renderer is woken.
#[derive(Debug)]
pub(crate) enum Wake {
    /// A thread of this process.
    Thread(Thread),
    /// A byte into the pipe that is another process's standard input.
    #[cfg(feature = "owner")]
    Pipe(std::process::ChildStdin),
}

impl Wake {
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
                // A full pipe means that a wake is pending, a closed one that the renderer is
                // gone; both are found out elsewhere.
                let mut pipe = pipe;
                let _ = pipe.write(&[1]);
            }
        }
    }
}

/// What the main thread is told about generations.
#[derive(Debug)]
pub(crate) enum Opening {
    /// One is ready to be given ticks.
    New(NewSession),
    /// The one that was put aside goes on, from its own commit.
    Resume { generation: u32, from: (u64, u64) },
    /// None draws any more, and the memory of those that did is needed.
    #[cfg(feature = "owner")]
    LetGo,
    /// The tick after `answered` took too long, and its generation is killed: before the next one is told of.
    #[cfg(feature = "owner")]
    TooSlow { answered: u64 },
    /// One has drawn its first frame, or draws again.
    #[cfg(feature = "owner")]
    Drawn(Box<Reload>),
    /// The first one goes on from a state that was rescued, as of this time.
    #[cfg(feature = "owner")]
    Resumed(Duration),
}

/// A generation that is ready to be given ticks.
#[derive(Debug)]
pub(crate) struct NewSession {
    pub(crate) generation: u32,
    pub(crate) segment: Arc<Segment>,
    pub(crate) wake: Arc<Wake>,
    /// Whether owner and renderer agree about the messages to the renderer, and to the owner.
    pub(crate) channels: (bool, bool),
    /// The commit that it goes on from: ticks and messages up to here are done.
    pub(crate) from: (u64, u64),
    /// Pixels of a canvas whose pages are there.
    pub(crate) pixels: usize,
    /// Raised when its commits are final; until then nothing is forgotten for their sake.
    pub(crate) accepted: Arc<AtomicBool>,
    /// Raised when it has set itself up, and should answer.
    pub(crate) ready: Arc<AtomicBool>,
    /// Whether the generation before may be put back.
    pub(crate) parks: bool,
    /// What happened in the tick after this one is to be left out.
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
    /// The largest number of pixels whose pages are there.
    pixels: usize,
    /// The last size for which there was room.
    size: (u32, u32),
    /// Why there was none for the size that was wanted last.
    pub(crate) no_room: Option<std::io::Error>,
    accepted: Arc<AtomicBool>,
    ready: Arc<AtomicBool>,
    /// The tick that it goes on from.
    from: u64,
    /// The last tick that it was given.
    pub(crate) given: u64,
    /// How many messages it was given, or had been done before it, since the owner's start.
    pub(crate) given_messages: u64,
    /// The last tick that it has answered, as far as it says so.
    answered: u64,
    /// How long the owner has been ticking since then.
    waited: Duration,
    /// How long it has been taking over what the one before has left.
    took_over: Duration,
}

impl Session {
    pub(crate) fn new(opening: NewSession) -> Self {
        let NewSession { generation, segment, wake, channels, pixels, .. } = opening;
        let NewSession { accepted, ready, from, .. } = opening;
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
            answered: from.0,
            waited: Duration::ZERO,
            took_over: Duration::ZERO,
            generation,
            segment,
            wake,
        }
    }

    /// Whether its commits are final.
    pub(crate) fn is_accepted(&self) -> bool {
        self.accepted.load(Ordering::Acquire)
    }

    /// How long the oldest tick has been waiting for its answer; `passed` has passed since the last
    /// call. An owner that was itself away for longer has not been waiting. What was not given cannot
    /// have been answered. A generation that takes over a large state, or much that is parked, may take as long for
    /// that as for its start, before it is expected to answer.
    pub(crate) fn unanswered(
        &mut self,
        passed: Duration,
        start: Duration,
    ) -> Result<Duration, Nonsense> {
        let answered = self.segment.answered().max(self.from);
        if answered > self.given {
            #[expect(clippy::cast_possible_truncation, reason = "a word for the message")]
            return Err(Nonsense(answered as u32));
        }
        let takes_over = self.segment.takes_over() && self.took_over < start;
        match self.ready.load(Ordering::Acquire) {
            _ if answered != self.answered || answered >= self.given => {
                (self.answered, self.waited) = (answered, Duration::ZERO);
            }
            true if takes_over => self.took_over += passed.min(Self::AWAY),
            true => self.waited += passed.min(Self::AWAY),
            false => {}
        }
        Ok(self.waited)
    }

    /// As the supervisor does when it has set itself up.
    #[cfg(test)]
    pub(crate) fn set_ready(&self) {
        self.ready.store(true, Ordering::Release);
    }

    /// The last tick that it has answered, as far as it says so.
    pub(crate) fn answered(&self) -> u64 {
        self.answered
    }

    /// Lets go of a generation: whoever is the last to hold its segment gives its pages back, which
    /// takes some 10 ms at 1080p, and must not be this thread.
    pub(crate) fn let_go(self) {
        let name = "hot-reload unmap".to_owned();
        // Without a thread it happens here, when the closure is dropped.
        let _ = std::thread::Builder::new().name(name).spawn(move || drop(self));
    }

    const AWAY: Duration = Duration::from_millis(250);

    /// The size whose pages are there: the one that is wanted, or the last one for which there
    /// was room.
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

    /// Copies the newest frame, if there is a new one, and says its tick and size.
    pub(crate) fn acquire(
        &mut self,
        pixels: &mut Vec<u32>,
    ) -> Result<Option<crate::segment::FrameHead>, Nonsense> {
        self.frames.acquire(pixels, self.pixels, self.given)
    }
}
