//! The memory of one generation: its arrangement, and the exchange between the two sides.
//!
//! The segment handles bytes, not the user's types. The protocols (`mailbox`, `ring`, `wake`)
//! handle words, not memory. `geometry` and `header` define where things are. `memory` and
//! `copy` are the only places that access memory that another process can write. Hot mode uses shared memory and one
//! process uses the heap. The exchange is the same, so a program behaves the same in both.

mod command;
mod copy;
mod feed;
mod flag;
mod geometry;
mod header;
mod mailbox;
mod memory;
#[cfg(feature = "renderer")]
mod open;
mod queue;
mod ring;
#[cfg(any(test, fuzzing, feature = "fail-points"))]
mod scribble;
#[cfg(feature = "renderer")]
mod shared;
mod sizes;
mod slots;
mod sync;
mod wake;

pub(crate) use command::{Command, Commander, Order};
pub(crate) use feed::{FeedReader, FeedWriter, Unpublished, feed_len};
pub(crate) use flag::Flag;
pub(crate) use geometry::{DESCRIPTION, Geometry, MAX_PIXELS, QUEUE};
#[cfg(feature = "owner")]
pub(crate) use header::PROTOCOL;
pub(crate) use header::Phase;
#[cfg(feature = "renderer")]
pub(crate) use header::Rejected;
pub(crate) use mailbox::Nonsense;
pub(crate) use memory::Memory;
#[cfg(feature = "owner")]
pub(crate) use open::create;
#[cfg(feature = "renderer")]
pub(crate) use open::{OpenError, open};
pub(crate) use queue::{Channel, Reader, Writer};
#[cfg(feature = "owner")]
pub(crate) use shared::Mapping;
pub(crate) use sizes::Sizes;
pub(crate) use slots::{
    CommitHead, CommitReader, CommitWriter, FrameHead, FrameReader, FrameWriter,
};

use header::{Header, to_usize};
use std::sync::Arc;
use sync::Ordering;

/// Head of a mailbox slot, as words.
type Words = [u32; 12];

/// A generation's memory and its arrangement.
#[derive(Debug)]
pub(crate) struct Segment {
    memory: Memory,
    geometry: Geometry,
    /// Number of pixels of the largest canvas whose pages are reserved. Kept outside of the memory,
    /// where the other side could write it.
    reserved: sync::Word64,
}

impl Segment {
    /// Creates a segment in zeroed memory, which must be at least as long as the geometry.
    pub(crate) fn initialise(memory: Memory, geometry: Geometry, generation: u32) -> Arc<Segment> {
        assert!(memory.len() >= geometry.total);
        memory.header().initialise(generation, geometry.total, geometry.sizes);
        Arc::new(Segment { memory, geometry, reserved: sync::Word64::new(0) })
    }

    /// Attaches to a segment that another process has created.
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

    /// Returns the approximate memory that it takes with a canvas of `pixels`, in bytes.
    #[cfg(feature = "owner")]
    pub(crate) fn needed(&self, pixels: usize) -> usize {
        self.geometry.needed(pixels)
    }

    /// Reserves the pages of a canvas of `pixels` before a tick asks for it.
    pub(crate) fn reserve_canvas(&self, pixels: usize) -> std::io::Result<()> {
        let Geometry { sizes, frames, commits, .. } = self.geometry;
        let bytes = pixels * 4;
        for frame in frames.into_iter().filter(|frame| frame.len > 0) {
            self.memory.reserve(frame.first(slots::FRAME_PIXELS + bytes))?;
        }
        for commit in commits {
            // A commit contains the canvas only if its contents are kept.
            let canvas = bytes.min(sizes.kept_canvas);
            self.memory.reserve(commit.first(commit.len - sizes.kept_canvas + canvas))?;
        }
        // Orders no data: the pages are reserved before any tick of this size is sent.
        self.reserved.fetch_max(pixels as u64, Ordering::Relaxed);
        Ok(())
    }

    /// Returns the bytes of a commit's slot whose pages are reserved.
    fn reserved_commit(&self) -> usize {
        let Sizes { commit, kept_canvas, .. } = self.geometry.sizes;
        let canvas = to_usize(self.reserved.load(Ordering::Relaxed)).saturating_mul(4);
        commit - kept_canvas + canvas.min(kept_canvas)
    }

    /// Maps the pages of a canvas into the renderer before its first frame. Otherwise they are
    /// mapped one by one, which costs some milliseconds in each of the first three frames at 1080p.
    /// The pages are still empty.
    #[cfg(feature = "renderer")]
    pub(crate) fn touch_canvas(&self, pixels: usize) {
        for frame in self.geometry.frames.into_iter().filter(|frame| frame.len > 0) {
            self.memory.touch(frame.first(slots::FRAME_PIXELS + pixels * 4));
        }
    }

    /// Maps the pages of the renderer's first commits, which may also be its last if it is soon
    /// replaced. Skips the slot that the owner has filled.
    #[cfg(feature = "renderer")]
    pub(crate) fn touch_commits(&self) {
        let Sizes { commit, kept_canvas, .. } = self.geometry.sizes;
        let front = mailbox::Acquirer::new().front();
        for (_, slot) in self.geometry.commits.iter().enumerate().filter(|(slot, _)| *slot != front)
        {
            self.memory.touch(slot.first(commit - kept_canvas));
        }
    }

    /// Maps the pages of the commits into the owner, which only reads them.
    #[cfg(feature = "owner")]
    pub(crate) fn look_at_commits(&self) {
        let Sizes { commit, kept_canvas, .. } = self.geometry.sizes;
        for slot in self.geometry.commits {
            self.memory.look_at(slot.first(commit - kept_canvas));
        }
    }

    /// Maps the pages of a canvas into the owner, which only reads them.
    #[cfg(feature = "owner")]
    pub(crate) fn look_at_canvas(&self, pixels: usize) {
        for frame in self.geometry.frames.into_iter().filter(|frame| frame.len > 0) {
            self.memory.look_at(frame.first(slots::FRAME_PIXELS + pixels * 4));
        }
    }

    /// Reserves the pages of everything else.
    #[cfg(feature = "owner")]
    pub(crate) fn reserve_fixed(&self) -> std::io::Result<()> {
        self.memory.reserve(self.geometry.fixed())?;
        let feeds = self.geometry.feeds.into_iter().filter(|feed| feed.len > 0);
        feeds.into_iter().try_for_each(|feed| self.memory.reserve(feed))
    }

    /// Raises the wake flag. Returns whether the renderer has to be woken.
    pub(crate) fn raise_wake(&self) -> bool {
        wake::raise(&self.header().pending.0)
    }

    pub(crate) fn lower_wake(&self) {
        wake::lower(&self.header().pending.0);
    }

    /// Returns the stop flag.
    pub(crate) fn stop(&self) -> Flag<'_> {
        Flag::new(&self.header().stop.0)
    }

    /// Returns the first-frame flag.
    pub(crate) fn first_frame(&self) -> Flag<'_> {
        Flag::new(&self.header().first_frame.0)
    }

    /// Returns the phase of the renderer; `None` if the value makes no sense.
    #[cfg(feature = "owner")]
    pub(crate) fn phase(&self) -> Option<Phase> {
        Phase::read(self.header().renderer.0.phase.load(Ordering::Acquire))
    }

    /// Returns whether this renderer has reported that it is ready.
    #[cfg(feature = "renderer")]
    pub(crate) fn is_ready(&self) -> bool {
        self.header().renderer.0.phase.load(Ordering::Relaxed) == Phase::Ready as u32
    }

    pub(crate) fn set_phase(&self, phase: Phase) {
        self.header().renderer.0.phase.store(phase as u32, Ordering::Release);
    }

    /// Returns the protocol version of the renderer; 0 until it is known.
    #[cfg(feature = "owner")]
    pub(crate) fn peer_protocol(&self) -> u32 {
        self.header().renderer.0.protocol.load(Ordering::Relaxed)
    }

    /// Returns the last tick that the renderer has answered.
    pub(crate) fn answered(&self) -> u64 {
        self.header().renderer.0.tick.load(Ordering::Relaxed)
    }

    pub(crate) fn set_answered(&self, tick: u64) {
        self.header().renderer.0.tick.store(tick, Ordering::Relaxed);
    }

    /// Returns the owner's current order.
    pub(crate) fn order(&self) -> Order {
        Order::read(&self.header().owner.0.command)
    }

    /// Reports that an order was carried out, with everything that was written so far.
    pub(crate) fn answer(&self, order: Order) {
        order.answer(&self.header().renderer.0.answer);
    }

    /// Returns whether the renderer was told to draw and is still taking over.
    pub(crate) fn takes_over(&self) -> bool {
        let order = self.order();
        order.command() == Command::Draw && !order.is_answered(&self.header().renderer.0.answer)
    }

    /// Gives an order; the data that it refers to was written before.
    pub(crate) fn command(&self, commander: &mut Commander, command: Command) {
        commander.give(&self.header().owner.0.command, command);
    }

    /// Returns whether the last order was carried out.
    #[cfg(feature = "owner")]
    pub(crate) fn is_answered(&self, commander: &Commander) -> bool {
        commander.is_answered(&self.header().renderer.0.answer)
    }

    /// Writes the handover that a generation continues from at its cut. Call it before the command
    /// that refers to the handover.
    ///
    /// # Errors
    /// Returns the length if it is longer than the space for it.
    #[cfg(feature = "owner")]
    pub(crate) fn write_handover(&self, handover: &[u8]) -> Result<(), usize> {
        if handover.len() > self.geometry.handover.len {
            return Err(handover.len());
        }
        self.memory.copy_in(self.geometry.handover.first(handover.len()), handover);
        self.header().owner.0.handover.store(handover.len() as u64, Ordering::Relaxed);
        Ok(())
    }

    /// Returns a private copy of the owner's handover; `None` if its length makes no sense.
    #[cfg(feature = "renderer")]
    pub(crate) fn handover(&self) -> Option<Vec<u8>> {
        let length = to_usize(self.header().owner.0.handover.load(Ordering::Relaxed));
        if length > self.geometry.handover.len {
            return None;
        }
        let mut bytes = vec![0; length];
        self.memory.copy_out(self.geometry.handover.first(length), &mut bytes);
        Some(bytes)
    }

    /// Writes the owner's launch parameters, before the renderer starts.
    #[cfg(feature = "owner")]
    pub(crate) fn write_launch_params(&self, launch_params: &[u8]) {
        self.memory.copy_in(self.geometry.launch_params, launch_params);
    }

    #[cfg(feature = "renderer")]
    pub(crate) fn launch_params(&self) -> Vec<u8> {
        let mut bytes = vec![0; self.geometry.launch_params.len];
        self.memory.copy_out(self.geometry.launch_params, &mut bytes);
        bytes
    }

    /// Writes the renderer's description of itself. It becomes visible with the phase that is set
    /// next.
    ///
    /// # Errors
    /// Returns the length if it is longer than the space for it.
    pub(crate) fn write_description(&self, description: &[u8]) -> Result<(), usize> {
        if description.len() > self.geometry.description.len {
            return Err(description.len());
        }
        self.memory.copy_in(self.geometry.description.first(description.len()), description);
        let length = &self.header().renderer.0.description;
        length.store(description.len() as u64, Ordering::Relaxed);
        Ok(())
    }

    /// Returns a private copy of the renderer's description; `None` if its length makes no sense.
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
