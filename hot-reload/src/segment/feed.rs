//! The third mailbox: the last commit of the leading part, for a module to read.
//!
//! Here the owner publishes and the renderer acquires. Each entry describes its own arrangement, so
//! a state of another layout fits into the same segment as long as there is room.

use super::mailbox::{Acquirer, Nonsense, Publisher};
use super::slots::{behind, halves, join};
use super::{Segment, Words};
use hot_reload_pod::internal::{AlignedBytes, round_up};
use std::sync::Arc;

/// Offset of the header in a slot; the body follows it.
const HEADER: usize = 128;

/// Returns the bytes of a slot that holds a header and a body of these lengths.
pub(crate) const fn feed_len(header: usize, body: usize) -> usize {
    body_at(header).saturating_add(body)
}

const fn body_at(header: usize) -> usize {
    HEADER + round_up(header, AlignedBytes::ALIGN)
}

/// Reason why an entry was not published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unpublished {
    /// A slot must have this number of bytes.
    NoRoom(usize),
    Nonsense(Nonsense),
}

/// The owner's end.
///
/// It only ever copies into the slots, so a renderer that writes there harms only itself.
#[derive(Debug)]
pub(crate) struct FeedWriter {
    segment: Arc<Segment>,
    publisher: Publisher,
}

impl FeedWriter {
    pub(crate) fn new(segment: Arc<Segment>) -> Self {
        FeedWriter { segment, publisher: Publisher::new() }
    }

    /// Makes a body the newest. The header describes its arrangement.
    ///
    /// # Errors
    /// Fails if there is no room, or if the renderer has overwritten the mailbox.
    pub(crate) fn publish(&mut self, header: &[u8], body: &[u8]) -> Result<(), Unpublished> {
        let slot = self.segment.geometry.feeds[self.publisher.back()];
        let needed = feed_len(header.len(), body.len());
        if needed > slot.len {
            return Err(Unpublished::NoRoom(needed));
        }
        let [(a, b), (c, d)] = [header.len() as u64, body.len() as u64].map(halves);
        let mut words = Words::default();
        words[..4].copy_from_slice(&[a, b, c, d]);
        self.segment.write_head(slot, words);
        self.segment.memory.copy_in(behind(slot, HEADER, header.len()), header);
        self.segment.memory.copy_in(behind(slot, body_at(header.len()), body.len()), body);
        let mail = &self.segment.header().feeds.0;
        self.publisher.publish(mail).map_err(Unpublished::Nonsense)
    }
}

/// The renderer's end.
#[derive(Debug)]
pub(crate) struct FeedReader {
    segment: Arc<Segment>,
    acquirer: Acquirer,
    /// Lengths of header and body in the front slot; `None` before the first.
    front: Option<(usize, usize)>,
}

impl FeedReader {
    pub(crate) fn new(segment: Arc<Segment>) -> Self {
        FeedReader { segment, acquirer: Acquirer::new(), front: None }
    }

    /// Moves to the newest entry, if there is a new one. Returns whether there is any entry.
    pub(crate) fn acquire(&mut self) -> Result<bool, Nonsense> {
        if let Some(front) = self.acquirer.acquire(&self.segment.header().feeds.0)? {
            let slot = self.segment.geometry.feeds[front];
            let [a, b, c, d, ..] = self.segment.read_head(slot);
            let lengths = [join(a, b), join(c, d)].map(super::to_usize);
            let [header, body] = lengths;
            let room = slot.len.saturating_sub(HEADER + AlignedBytes::ALIGN);
            if header > room || body > room || feed_len(header, body) > slot.len {
                return Err(Nonsense(a));
            }
            self.front = Some((header, body));
        }
        Ok(self.front.is_some())
    }

    /// Returns a copy of the header.
    pub(crate) fn header(&self) -> Vec<u8> {
        let (header, _) = self.front.unwrap_or_default();
        let mut bytes = vec![0; header];
        self.copy(HEADER, &mut bytes);
        bytes
    }

    /// Returns the length of the body in bytes.
    pub(crate) fn len(&self) -> usize {
        self.front.unwrap_or_default().1
    }

    /// Copies the bytes at an offset of the body.
    pub(crate) fn read(&self, offset: usize, to: &mut [u8]) {
        let (header, _) = self.front.unwrap_or_default();
        self.copy(body_at(header) + offset, to);
    }

    fn copy(&self, offset: usize, to: &mut [u8]) {
        let slot = self.segment.geometry.feeds[self.acquirer.front()];
        self.segment.memory.copy_out(behind(slot, offset, to.len()), to);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::segment::{Geometry, Memory, Sizes};

    fn segment(feed: usize) -> Arc<Segment> {
        let geometry = Geometry::new(Sizes { feed, ..Sizes::default() }).unwrap();
        Segment::initialise(Memory::heap(geometry.total), geometry, 1)
    }

    #[test]
    fn a_view_reads_the_newest_and_reads_it_again_until_there_is_a_newer_one() {
        let segment = segment(feed_len(100, 1000));
        let mut writer = FeedWriter::new(segment.clone());
        let mut reader = FeedReader::new(segment);
        assert_eq!(reader.acquire(), Ok(false), "nothing was published");
        let read = |reader: &FeedReader| {
            let mut bytes = vec![0; reader.len()];
            reader.read(0, &mut bytes);
            (reader.header(), bytes)
        };
        for round in 0_u8..9 {
            let (header, body) = (vec![round; usize::from(round)], vec![round ^ 7; 1000]);
            writer.publish(b"skipped", &[99; 3]).unwrap();
            writer.publish(&header, &body).unwrap();
            for _ in 0..3 {
                assert_eq!(reader.acquire(), Ok(true));
                assert_eq!(read(&reader), (header.clone(), body.clone()), "round {round}");
            }
        }
    }

    #[test]
    fn what_has_no_room_changes_nothing_and_says_how_much_it_needs() {
        let segment = segment(feed_len(64, 64));
        let mut writer = FeedWriter::new(segment.clone());
        let mut reader = FeedReader::new(segment);
        writer.publish(&[1; 64], &[2; 64]).unwrap();
        let refused = writer.publish(&[1; 64], &[2; 8192]);
        assert_eq!(refused, Err(Unpublished::NoRoom(feed_len(64, 8192))));
        assert_eq!(reader.acquire(), Ok(true));
        assert_eq!((reader.header(), reader.len()), (vec![1; 64], 64));
    }

    #[test]
    fn lengths_that_fit_into_no_slot_are_refused() {
        for words in [[u32::MAX; 12], [0, 0, 5000, 0, 0, 0, 0, 0, 0, 0, 0, 0]] {
            let segment = segment(feed_len(64, 64));
            let mut writer = FeedWriter::new(segment.clone());
            segment.write_head(segment.geometry.feeds[2], words);
            let mail = &segment.header().feeds.0;
            writer.publisher.publish(mail).unwrap();
            assert!(FeedReader::new(segment.clone()).acquire().is_err(), "{words:?}");
        }
    }
}
