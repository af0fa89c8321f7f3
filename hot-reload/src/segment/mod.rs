//! The memory of one generation: what lies where, and how the two sides exchange it.
//!
//! The segment knows bytes, not the user's types. The protocols (`mailbox`, `ring`, `wake`) know
//! words, not memory; `geometry` and `header` say where things lie; `memory` is the one place
//! where memory that another process can write is touched. In hot mode it is shared memory, in
//! one process it is the heap: the exchange is the same, so that a program behaves the same.

mod command;
mod feed;
mod flag;
mod geometry;
mod header;
mod mailbox;
mod memory;
mod queue;
mod ring;
#[cfg(any(test, fuzzing, feature = "fail-points"))]
mod scribble;
#[cfg(feature = "renderer")]
mod shared;
mod slots;
mod sync;
mod wake;

pub(crate) use command::{Command, Commander, Order};
pub(crate) use feed::{FeedReader, FeedWriter, Unpublished, feed_len};
pub(crate) use flag::Flag;
pub(crate) use geometry::{DESCRIPTION, Geometry, MAX_PIXELS, QUEUE, Sizes};
#[cfg(feature = "owner")]
pub(crate) use header::PROTOCOL;
pub(crate) use header::Phase;
#[cfg(feature = "renderer")]
pub(crate) use header::Rejected;
pub(crate) use mailbox::Nonsense;
pub(crate) use memory::Memory;
pub(crate) use queue::{Channel, Reader, Writer};
#[cfg(feature = "owner")]
pub(crate) use shared::{Mapping, create};
#[cfg(feature = "renderer")]
pub(crate) use shared::{OpenError, open};
pub(crate) use slots::{
    CommitHead, CommitReader, CommitWriter, FrameHead, FrameReader, FrameWriter,
};

use header::{Header, to_usize};
use std::sync::Arc;
use sync::Ordering;

/// What a slot of a mailbox says of itself.
type Words = [u32; 12];

/// A generation's memory and what lies where in it.
#[derive(Debug)]
pub(crate) struct Segment {
    memory: Memory,
    geometry: Geometry,
    /// Pixels of the largest canvas whose pages are known to be there. Not in the memory, where the
    /// other side could write it.
    reserved: sync::Word64,
}

impl Segment {
    /// Makes a segment of zeroed memory, which must be as long as the geometry says.
    pub(crate) fn initialise(memory: Memory, geometry: Geometry, generation: u32) -> Arc<Segment> {
        assert!(memory.len() >= geometry.total);
        memory.header().initialise(generation, geometry.total, geometry.sizes);
        Arc::new(Segment { memory, geometry, reserved: sync::Word64::new(0) })
    }

    /// Takes a segment that another process has made.
    #[cfg(feature = "renderer")]
    pub(crate) fn attach(memory: Memory) -> Result<(u32, Arc<Segment>), Rejected> {
        let (generation, sizes) = memory.header().identify(memory.len())?;
        let geometry = Geometry::new(sizes).filter(|geometry| geometry.total <= memory.len());
        let too_short = Rejected::TooShort { len: memory.len(), wanted: usize::MAX };
        let (geometry, reserved) = (geometry.ok_or(too_short)?, sync::Word64::new(0));
        Ok((generation, Arc::new(Segment { memory, geometry, reserved })))
    }

    fn header(&self) -> &Header {
        self.memory.header()
    }

    #[cfg(feature = "owner")]
    pub(crate) fn mapping(&self) -> Option<&Mapping> {
        match self.memory.backing() {
            memory::Backing::Shared(mapping) => Some(mapping),
            memory::Backing::Heap(_) => None,
        }
    }

    /// Bytes of memory that it takes with a canvas of `pixels`, about.
    #[cfg(feature = "owner")]
    pub(crate) fn needed(&self, pixels: usize) -> usize {
        self.geometry.needed(pixels)
    }

    /// Makes sure that the pages of a canvas of `pixels` are there, before a tick wants it.
    pub(crate) fn reserve_canvas(&self, pixels: usize) -> std::io::Result<()> {
        let Geometry { sizes, frames, commits, .. } = self.geometry;
        let bytes = pixels * 4;
        for frame in frames.into_iter().filter(|frame| frame.len > 0) {
            self.memory.reserve(frame.first(slots::FRAME_PIXELS + bytes))?;
        }
        for commit in commits {
            // A commit holds the canvas only when its contents are kept.
            let canvas = bytes.min(sizes.kept_canvas);
            self.memory.reserve(commit.first(commit.len - sizes.kept_canvas + canvas))?;
        }
        // Orders no data: the pages are there before any tick of this size is sent.
        self.reserved.fetch_max(pixels as u64, Ordering::Relaxed);
        Ok(())
    }

    /// Bytes of a commit's slot whose pages are there.
    fn reserved_commit(&self) -> usize {
        let Sizes { commit, kept_canvas, .. } = self.geometry.sizes;
        let canvas = to_usize(self.reserved.load(Ordering::Relaxed)).saturating_mul(4);
        commit - kept_canvas + canvas.min(kept_canvas)
    }

    /// Lets the renderer have the pages of a canvas before its first frame: they are otherwise met
    /// one by one, some milliseconds in each of the first three frames at 1080p. Nothing is in them
    /// yet.
    #[cfg(feature = "renderer")]
    pub(crate) fn touch_canvas(&self, pixels: usize) {
        for frame in self.geometry.frames.into_iter().filter(|frame| frame.len > 0) {
            self.memory.touch(frame.first(slots::FRAME_PIXELS + pixels * 4));
        }
    }

    /// Lets the renderer have the pages of its first commits, which are the last it makes when it is
    /// soon replaced. Not those that the owner has filled.
    #[cfg(feature = "renderer")]
    pub(crate) fn touch_commits(&self) {
        let Sizes { commit, kept_canvas, .. } = self.geometry.sizes;
        let front = mailbox::Acquirer::new().front();
        for (_, slot) in self.geometry.commits.iter().enumerate().filter(|(slot, _)| *slot != front)
        {
            self.memory.touch(slot.first(commit - kept_canvas));
        }
    }

    /// The same for the owner, which only reads them.
    #[cfg(feature = "owner")]
    pub(crate) fn look_at_commits(&self) {
        let Sizes { commit, kept_canvas, .. } = self.geometry.sizes;
        for slot in self.geometry.commits {
            self.memory.look_at(slot.first(commit - kept_canvas));
        }
    }

    /// As `touch_canvas`, for the owner, which only reads the pages.
    #[cfg(feature = "owner")]
    pub(crate) fn look_at_canvas(&self, pixels: usize) {
        for frame in self.geometry.frames.into_iter().filter(|frame| frame.len > 0) {
            self.memory.look_at(frame.first(slots::FRAME_PIXELS + pixels * 4));
        }
    }

    /// Makes sure that the pages of everything else are there.
    #[cfg(feature = "owner")]
    pub(crate) fn reserve_fixed(&self) -> std::io::Result<()> {
        self.memory.reserve(self.geometry.fixed())?;
        let feeds = self.geometry.feeds.into_iter().filter(|feed| feed.len > 0);
        feeds.into_iter().try_for_each(|feed| self.memory.reserve(feed))
    }

    /// Whether the renderer has to be woken.
    pub(crate) fn raise_wake(&self) -> bool {
        wake::raise(&self.header().pending.0)
    }

    pub(crate) fn lower_wake(&self) {
        wake::lower(&self.header().pending.0);
    }

    /// The stop flag.
    pub(crate) fn stop(&self) -> Flag<'_> {
        Flag::new(&self.header().stop.0)
    }

    /// The first-frame flag.
    pub(crate) fn first_frame(&self) -> Flag<'_> {
        Flag::new(&self.header().first_frame.0)
    }

    /// Where the renderer is; `None` when it says nonsense.
    #[cfg(feature = "owner")]
    pub(crate) fn phase(&self) -> Option<Phase> {
        Phase::read(self.header().renderer.0.phase.load(Ordering::Acquire))
    }

    /// Whether this renderer has said that it is ready.
    #[cfg(feature = "renderer")]
    pub(crate) fn is_ready(&self) -> bool {
        self.header().renderer.0.phase.load(Ordering::Relaxed) == Phase::Ready as u32
    }

    pub(crate) fn set_phase(&self, phase: Phase) {
        self.header().renderer.0.phase.store(phase as u32, Ordering::Release);
    }

    /// The protocol version that the renderer speaks; 0 while it has not said.
    #[cfg(feature = "owner")]
    pub(crate) fn peer_protocol(&self) -> u32 {
        self.header().renderer.0.protocol.load(Ordering::Relaxed)
    }

    /// The last tick that the renderer has answered.
    pub(crate) fn answered(&self) -> u64 {
        self.header().renderer.0.tick.load(Ordering::Relaxed)
    }

    pub(crate) fn set_answered(&self, tick: u64) {
        self.header().renderer.0.tick.store(tick, Ordering::Relaxed);
    }

    /// What the owner wants of the renderer.
    pub(crate) fn order(&self) -> Order {
        Order::read(&self.header().owner.0.command)
    }

    /// Says that an order was carried out, with everything that was written until now.
    pub(crate) fn answer(&self, order: Order) {
        order.answer(&self.header().renderer.0.answer);
    }

    /// Whether the renderer is to draw, and still takes over what the one before has left.
    pub(crate) fn takes_over(&self) -> bool {
        let order = self.order();
        order.command() == Command::Draw && !order.is_answered(&self.header().renderer.0.answer)
    }

    /// Gives an order; what it refers to was written before.
    pub(crate) fn command(&self, commander: &mut Commander, command: Command) {
        commander.give(&self.header().owner.0.command, command);
    }

    /// Whether the last order was carried out.
    #[cfg(feature = "owner")]
    pub(crate) fn is_answered(&self, commander: &Commander) -> bool {
        commander.is_answered(&self.header().renderer.0.answer)
    }

    /// What a generation goes on from at its cut; written before the command that refers to it.
    ///
    /// # Errors
    /// Gives the length back when it is longer than the place for it.
    #[cfg(feature = "owner")]
    pub(crate) fn write_letter(&self, letter: &[u8]) -> Result<(), usize> {
        if letter.len() > self.geometry.letter.len {
            return Err(letter.len());
        }
        self.memory.copy_in(self.geometry.letter.first(letter.len()), letter);
        self.header().owner.0.letter.store(letter.len() as u64, Ordering::Relaxed);
        Ok(())
    }

    /// A private copy of the owner's letter; `None` when its length is nonsense.
    #[cfg(feature = "renderer")]
    pub(crate) fn letter(&self) -> Option<Vec<u8>> {
        let length = to_usize(self.header().owner.0.letter.load(Ordering::Relaxed));
        if length > self.geometry.letter.len {
            return None;
        }
        let mut bytes = vec![0; length];
        self.memory.copy_out(self.geometry.letter.first(length), &mut bytes);
        Some(bytes)
    }

    /// What the owner tells the renderer at its start; written before the renderer starts.
    #[cfg(feature = "owner")]
    pub(crate) fn write_briefing(&self, briefing: &[u8]) {
        self.memory.copy_in(self.geometry.briefing, briefing);
    }

    #[cfg(feature = "renderer")]
    pub(crate) fn briefing(&self) -> Vec<u8> {
        let mut bytes = vec![0; self.geometry.briefing.len];
        self.memory.copy_out(self.geometry.briefing, &mut bytes);
        bytes
    }

    /// What the renderer says of itself; visible with the phase that is set next.
    ///
    /// # Errors
    /// Gives the length back when it is longer than the place for it.
    pub(crate) fn write_description(&self, description: &[u8]) -> Result<(), usize> {
        if description.len() > self.geometry.description.len {
            return Err(description.len());
        }
        self.memory.copy_in(self.geometry.description.first(description.len()), description);
        let length = &self.header().renderer.0.description;
        length.store(description.len() as u64, Ordering::Relaxed);
        Ok(())
    }

    /// A private copy of the renderer's description; `None` when its length is nonsense.
    #[cfg(feature = "owner")]
    pub(crate) fn description(&self) -> Option<Vec<u8>> {
        let length = to_usize(self.header().renderer.0.description.load(Ordering::Relaxed));
        if length > self.geometry.description.len {
            return None;
        }
        let mut bytes = vec![0; length];
        self.memory.copy_out(self.geometry.description.first(length), &mut bytes);
        Some(bytes)
    }
}
