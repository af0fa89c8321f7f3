//! The slots of the renderer's two mailboxes: frames and commits, each a head and a body.

use super::geometry::Section;
use super::mailbox::{Acquirer, Nonsense, Publisher};
use super::{MAX_PIXELS, Segment, Words};
use hot_reload_pod::internal::Image;
use std::sync::Arc;

/// Offset of the pixels in a frame's slot.
pub(crate) const FRAME_PIXELS: usize = 128;
/// Offset of the body in a commit's slot.
pub(crate) const COMMIT_BODY: usize = 128;

/// Head of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct FrameHead {
    /// Tick that it answers.
    pub(crate) tick: u64,
    /// Width in pixels.
    pub(crate) width: u32,
    /// Height in pixels.
    pub(crate) height: u32,
}

/// Head of a commit: all positions at the end of the tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct CommitHead {
    /// Tick after which the state was committed.
    pub(crate) tick: u64,
    /// Messages that the renderer had received by then, since the owner's start.
    pub(crate) received: u64,
    /// Length of the body in bytes.
    pub(crate) body: u64,
    /// Length of the values parked beside state and buffers, in bytes.
    pub(crate) parked: u64,
    /// Size of the kept canvas, in pixels; 0 × 0 without one.
    pub(crate) canvas: (u32, u32),
}

pub(super) fn join(low: u32, high: u32) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}

pub(super) fn halves(number: u64) -> (u32, u32) {
    ((number & 0xffff_ffff) as u32, (number >> 32) as u32)
}

impl FrameHead {
    fn words(self) -> Words {
        let (low, high) = halves(self.tick);
        [low, high, self.width, self.height, 0, 0, 0, 0, 0, 0, 0, 0]
    }

    fn read([low, high, width, height, ..]: Words) -> Self {
        FrameHead { tick: join(low, high), width, height }
    }

    /// Returns the number of pixels, if it is valid for a frame.
    fn pixels(self) -> Option<usize> {
        let pixels = (self.width as usize).checked_mul(self.height as usize)?;
        (1..=MAX_PIXELS).contains(&pixels).then_some(pixels)
    }
}

impl CommitHead {
    fn words(self) -> Words {
        let CommitHead { tick, received, body, parked, canvas } = self;
        let [(a, b), (c, d), (e, f), (g, h)] = [tick, received, body, parked].map(halves);
        [a, b, c, d, e, f, canvas.0, canvas.1, g, h, 0, 0]
    }

    fn read([a, b, c, d, e, f, width, height, g, h, ..]: Words) -> Self {
        let (tick, received, body, parked) = (join(a, b), join(c, d), join(e, f), join(g, h));
        CommitHead { tick, received, body, parked, canvas: (width, height) }
    }
}

impl Segment {
    pub(super) fn write_head(&self, slot: Section, words: Words) {
        self.memory.copy_in(slot.first(size_of::<Words>()), bytemuck::bytes_of(&words));
    }

    /// Reads the head once, into a private copy.
    pub(super) fn read_head(&self, slot: Section) -> Words {
        let mut words = Words::default();
        self.memory.copy_out(slot.first(size_of::<Words>()), bytemuck::bytes_of_mut(&mut words));
        words
    }
}

/// Returns the `len` bytes that follow the first `offset` bytes of a slot.
pub(super) fn behind(slot: Section, offset: usize, len: usize) -> Section {
    let whole = slot.first(offset + len);
    Section { start: whole.start + offset, len }
}

/// The renderer's end of the frames.
#[derive(Debug)]
pub(crate) struct FrameWriter {
    segment: Arc<Segment>,
    publisher: Publisher,
}

impl FrameWriter {
    pub(crate) fn new(segment: Arc<Segment>) -> Self {
        FrameWriter { segment, publisher: Publisher::new() }
    }

    /// Returns the back slot as pixels.
    pub(crate) fn pixels(&mut self, width: u32, height: u32) -> &mut [u32] {
        let slot = self.segment.geometry.frames[self.publisher.back()];
        let pixels = behind(slot, FRAME_PIXELS, width as usize * height as usize * 4);
        // SAFETY: the mailbox gives the back slot to the renderer alone until it is published;
        // `&mut self` keeps this slice the only one.
        unsafe { self.segment.memory.exclusive_pixels(pixels) }
    }

    /// Makes the back slot the newest frame.
    pub(crate) fn publish(&mut self, head: FrameHead) -> Result<(), Nonsense> {
        let slot = self.segment.geometry.frames[self.publisher.back()];
        self.segment.write_head(slot, head.words());
        self.publisher.publish(&self.segment.header().frames.0)
    }
}

/// The owner's end of the frames.
#[derive(Debug)]
pub(crate) struct FrameReader {
    segment: Arc<Segment>,
    acquirer: Acquirer,
}

impl FrameReader {
    pub(crate) fn new(segment: Arc<Segment>) -> Self {
        FrameReader { segment, acquirer: Acquirer::new() }
    }

    /// Copies the newest frame into `pixels`, if there is a new one, after checking its size.
    ///
    /// `reserved` is the largest number of pixels whose pages are known to be reserved. Reading
    /// further would allocate pages, and end in SIGBUS if there is no room. `newest` is the last
    /// tick that a frame can answer.
    pub(crate) fn acquire(
        &mut self,
        pixels: &mut Vec<u32>,
        reserved: usize,
        newest: u64,
    ) -> Result<Option<FrameHead>, Nonsense> {
        let Some(front) = self.acquirer.acquire(&self.segment.header().frames.0)? else {
            return Ok(None);
        };
        let slot = self.segment.geometry.frames[front];
        if slot.len == 0 {
            return Err(Nonsense(0));
        }
        let head = FrameHead::read(self.segment.read_head(slot));
        let count = head.pixels().filter(|&count| count <= reserved).ok_or(Nonsense(head.width))?;
        if head.tick > newest {
            return Err(Nonsense(halves(head.tick).0));
        }
        pixels.resize(count, 0);
        let from = behind(slot, FRAME_PIXELS, count * 4);
        self.segment.memory.copy_out(from, bytemuck::cast_slice_mut(pixels));
        Ok(Some(head))
    }
}

/// The renderer's end of the commits.
#[derive(Debug)]
pub(crate) struct CommitWriter {
    segment: Arc<Segment>,
    publisher: Publisher,
    /// Slots that already contain the data that never changes during a generation.
    settled: [bool; 3],
}

impl CommitWriter {
    pub(crate) fn new(segment: Arc<Segment>) -> Self {
        CommitWriter { segment, publisher: Publisher::new(), settled: [false; 3] }
    }

    /// Marks the back slot as containing the data that never changes. Returns whether it already
    /// did.
    pub(crate) fn settle(&mut self) -> bool {
        std::mem::replace(&mut self.settled[self.publisher.back()], true)
    }

    /// Marks that data as changed in all slots.
    pub(crate) fn unsettle(&mut self) {
        self.settled = [false; 3];
    }

    /// Returns the length of the longest body that there is room for.
    pub(crate) fn capacity(&self) -> usize {
        self.segment.geometry.sizes.commit.saturating_sub(COMMIT_BODY)
    }

    /// Returns the first `len` bytes of the body of the back slot.
    pub(crate) fn body(&mut self, len: usize) -> &mut [u8] {
        let slot = self.segment.geometry.commits[self.publisher.back()];
        // SAFETY: the mailbox gives the back slot to the renderer alone until it is published;
        // `&mut self` keeps this slice the only one.
        unsafe { self.segment.memory.exclusive(behind(slot, COMMIT_BODY, len)) }
    }

    /// Makes the back slot the newest commit.
    pub(crate) fn publish(&mut self, head: CommitHead) -> Result<(), Nonsense> {
        let slot = self.segment.geometry.commits[self.publisher.back()];
        self.segment.write_head(slot, head.words());
        self.publisher.publish(&self.segment.header().commits.0)
    }

    /// Copies what the owner handed over at the start, from the owner's slot.
    #[cfg(feature = "renderer")]
    pub(crate) fn copy_handed_over(&self, offset: usize, to: &mut [u8]) {
        let slot = self.segment.geometry.commits[Acquirer::new().front()];
        self.segment.memory.copy_out(behind(slot, COMMIT_BODY + offset, to.len()), to);
    }
}

/// The owner's end of the commits.
#[derive(Debug)]
pub(crate) struct CommitReader {
    segment: Arc<Segment>,
    acquirer: Acquirer,
}

impl CommitReader {
    pub(crate) fn new(segment: Arc<Segment>) -> Self {
        CommitReader { segment, acquirer: Acquirer::new() }
    }

    /// Returns whether there is a new commit.
    pub(crate) fn is_fresh(segment: &Segment) -> bool {
        Acquirer::is_fresh(&segment.header().commits.0)
    }

    /// Copies a body to where the renderer finds it. Call it before the renderer starts, or before
    /// the command to draw, as long as the renderer has committed nothing.
    ///
    /// # Errors
    /// Returns the length if there is no room for it.
    #[cfg(feature = "owner")]
    pub(crate) fn hand_over(&mut self, body: &[u8]) -> Result<(), usize> {
        let slot = self.segment.geometry.commits[self.acquirer.front()];
        if body.len() > slot.len - COMMIT_BODY {
            return Err(body.len());
        }
        self.segment.memory.copy_in(behind(slot, COMMIT_BODY, body.len()), body);
        Ok(())
    }

    /// Copies the newest commit, if there is a new one, into memory that `memory` provides.
    pub(crate) fn acquire(
        &mut self,
        memory: impl FnOnce(usize) -> Image,
    ) -> Result<Option<(CommitHead, Image)>, Nonsense> {
        let Some(head) = self.acquire_head()? else { return Ok(None) };
        let image = self.copy_front(&head, memory(super::to_usize(head.body)));
        Ok(Some((head, image)))
    }

    /// Returns the head of the newest commit, if there is a new one. Its body stays in place until
    /// the next one is acquired.
    pub(crate) fn acquire_head(&mut self) -> Result<Option<CommitHead>, Nonsense> {
        let Some(front) = self.acquirer.acquire(&self.segment.header().commits.0)? else {
            return Ok(None);
        };
        let slot = self.segment.geometry.commits[front];
        let head = CommitHead::read(self.segment.read_head(slot));
        let len = super::to_usize(head.body);
        // Not the slot's length: reading a canvas whose pages were never reserved allocates them,
        // and ends in SIGBUS if there is no room.
        if len > self.segment.reserved_commit() - COMMIT_BODY {
            return Err(Nonsense(head.canvas.0));
        }
        Ok(Some(head))
    }

    /// Copies the body of the commit that was acquired last.
    pub(crate) fn copy_front(&self, head: &CommitHead, mut image: Image) -> Image {
        let slot = self.segment.geometry.commits[self.acquirer.front()];
        let body = behind(slot, COMMIT_BODY, super::to_usize(head.body));
        self.segment.memory.copy_out(body, image.bytes_mut());
        image
    }

    /// Copies the body of the commit that was acquired last to where the next generation finds it,
    /// directly from segment to segment.
    ///
    /// # Errors
    /// Returns the length if there is no room for it.
    #[cfg(feature = "owner")]
    pub(crate) fn hand_front_over(
        &self,
        head: &CommitHead,
        next: &CommitReader,
    ) -> Result<(), usize> {
        let len = super::to_usize(head.body);
        let slot = next.segment.geometry.commits[next.acquirer.front()];
        if len > slot.len - COMMIT_BODY {
            return Err(len);
        }
        let from = behind(self.segment.geometry.commits[self.acquirer.front()], COMMIT_BODY, len);
        let to = behind(slot, COMMIT_BODY, len);
        next.segment.memory.copy_across(to, &self.segment.memory, from);
        Ok(())
    }
}
