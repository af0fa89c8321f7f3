//! Test, fuzzing and fail-point support: a peer that writes data that no correct peer writes.
//!
//! Words of the header are written through their own atomics, everything else word by word, as the
//! copies of the two sides do. Nothing here exceeds what a hostile process could do.

use super::geometry::Section;
use super::header::{Header, Positions};
use super::sync::{Ordering, Word8, Word32, Word64};
use super::{Geometry, Segment};

/// A word of the header.
#[derive(Debug)]
enum Spot<'h> {
    Long(&'h Word64),
    Word(&'h Word32),
    Byte(&'h Word8),
}

impl Segment {
    /// Writes a value somewhere: nine times out of ten to a word of the header, otherwise anywhere
    /// in the reserved memory.
    pub(crate) fn scribble(&self, place: u64, value: u64) {
        // Values of any length: 64 random bits would hardly ever be a small number.
        let value = value >> (value % 64);
        let (kind, place) = (place % 10, super::to_usize(place / 10));
        if kind > 0 {
            self.write_word(place, value);
        } else {
            self.write_bytes(place, place / 16, &value.to_ne_bytes());
        }
    }

    /// Writes a value to the `index`-th word of the header.
    pub(crate) fn write_word(&self, index: usize, value: u64) {
        let spots = spots(self.header());
        #[expect(clippy::cast_possible_truncation, reason = "as much of it as there is room for")]
        match &spots[index % spots.len()] {
            Spot::Long(word) => word.store(value, Ordering::Relaxed),
            Spot::Word(word) => word.store(value as u32, Ordering::Relaxed),
            Spot::Byte(word) => word.store(value as u8, Ordering::Relaxed),
        }
    }

    /// Writes any phase.
    #[cfg(all(feature = "owner", any(test, fuzzing)))]
    pub(crate) fn write_phase(&self, value: u64) {
        #[expect(clippy::cast_possible_truncation, reason = "as much of it as there is room for")]
        self.header().renderer.0.phase.store(value as u32, Ordering::Release);
    }

    /// Returns the sizes of the segment.
    #[cfg(all(feature = "owner", any(test, fuzzing)))]
    pub(crate) fn sizes(&self) -> super::Sizes {
        self.geometry.sizes
    }

    /// Writes bytes to the `index`-th section behind the header, at a multiple of eight near
    /// `place`.
    pub(crate) fn write_bytes(&self, index: usize, place: usize, bytes: &[u8]) {
        /// Limit on the offset in frames and commits.
        const REACH: usize = 4096;
        let Geometry { commits, frames, feeds, .. } = self.geometry;
        let Geometry { launch_params, description, handover, .. } = self.geometry;
        let Geometry { ticks, to_renderer, to_owner, requests, .. } = self.geometry;
        let fixed = [launch_params, description, handover, ticks, to_renderer, to_owner, requests];
        let reach = |section: Section| section.first(section.len.min(REACH));
        let slots = commits.into_iter().chain(frames).chain(feeds).map(reach);
        let sections = fixed.into_iter().chain(slots);
        let sections: Vec<_> = sections.filter(|section| section.len > 0).collect();
        let section = sections[index % sections.len()];
        let offset = place % section.len / 8 * 8;
        let len = bytes.len().min(section.len - offset);
        let target = Section { start: section.start + offset, len };
        self.memory.copy_in(target, &bytes[..len]);
    }
}

/// Returns all words that either side reads or could read.
fn spots(header: &Header) -> Vec<Spot<'_>> {
    let (renderer, owner) = (&header.renderer.0, &header.owner.0);
    let mut spots = Vec::from(
        [
            &header.frames.0,
            &header.commits.0,
            &header.feeds.0,
            &renderer.phase,
            &renderer.protocol,
            &renderer.answer,
            &owner.command,
            &header.pending.0,
        ]
        .map(Spot::Word),
    );
    let (longs, words) = header.identity_words();
    spots.extend(longs.into_iter().map(Spot::Long));
    spots.extend(words.map(Spot::Word));
    spots.extend([&renderer.description, &renderer.tick, &owner.handover].map(Spot::Long));
    spots.extend(header.stop.0.iter().chain(&header.first_frame.0).map(Spot::Byte));
    for Positions { head, tail } in
        [&header.ticks, &header.to_renderer, &header.to_owner, &header.requests]
    {
        spots.extend([Spot::Word(&head.0), Spot::Word(&tail.0)]);
    }
    spots
}
