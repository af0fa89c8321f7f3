//! The arrangement of a segment, computed from a few sizes in the same way by both sides.

use super::header::Header;
use super::sizes::Sizes;
use hot_reload_pod::internal::round_up;

/// Largest canvas: 8K. Address space is reserved for it; pages only for the current size.
pub(crate) const MAX_PIXELS: usize = 7680 * 4320;
/// Tick records in the ring; while it is full, the owner merges further ticks into one record.
pub(crate) const TICKS: u32 = 2;
/// Messages in each direction's queue.
pub(crate) const QUEUE: u32 = 1024;
/// Requests in the queue; while it is full, the renderer keeps the newest of each kind.
pub(crate) const REQUESTS: u32 = 16;
/// Minimum space for the renderer's description of itself (JSON: layouts, buffers, errors).
pub(crate) const DESCRIPTION: usize = 256 << 10;
/// Space for the numbers in a handover, beside the shape of a commit, which comes from a
/// description.
const NUMBERS: usize = 4096;
/// Alignment of sections, so that the pages of a frame can be reserved separately.
const PAGE: usize = 4096;

/// A part of the segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) start: usize,
    pub(crate) len: usize,
}

impl Section {
    /// Returns the `index`-th record of `size` bytes; records start at multiples of eight.
    pub(crate) fn record(self, index: usize, size: usize) -> Section {
        let start = self.start + index * round_up(size, 8);
        debug_assert!(start + size <= self.start + self.len);
        Section { start, len: size }
    }

    /// Returns the first `len` bytes.
    pub(crate) fn first(self, len: usize) -> Section {
        assert!(len <= self.len, "{len} bytes of a section of {}", self.len);
        Section { start: self.start, len }
    }
}

/// Positions of all sections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Geometry {
    pub(crate) sizes: Sizes,
    pub(crate) launch_params: Section,
    pub(crate) description: Section,
    pub(crate) handover: Section,
    pub(crate) ticks: Section,
    pub(crate) to_renderer: Section,
    pub(crate) to_owner: Section,
    pub(crate) requests: Section,
    pub(crate) commits: [Section; 3],
    pub(crate) frames: [Section; 3],
    pub(crate) feeds: [Section; 3],
    pub(crate) total: usize,
}

impl Geometry {
    /// Computes the geometry. Returns `None` if it exceeds any address space.
    pub(crate) fn new(sizes: Sizes) -> Option<Geometry> {
        let mut end = round_up(size_of::<Header>(), PAGE);
        let mut section = |len: usize| {
            let start = end;
            end = start.checked_add(len)?.checked_next_multiple_of(PAGE)?;
            (end < isize::MAX as usize).then_some(Section { start, len })
        };
        let mut queue = |count: u32, size: usize| {
            section(size.checked_next_multiple_of(8)?.checked_mul(count as usize)?)
        };
        let ticks = queue(TICKS, sizes.tick)?;
        let to_renderer = queue(QUEUE, sizes.to_renderer)?;
        let to_owner = queue(QUEUE, sizes.to_owner)?;
        let requests = queue(REQUESTS, sizes.request)?;
        let geometry = Geometry {
            sizes,
            launch_params: section(sizes.launch_params)?,
            description: section(sizes.description)?,
            handover: section(sizes.description.checked_add(NUMBERS)?)?,
            ticks,
            to_renderer,
            to_owner,
            requests,
            commits: [section(sizes.commit)?, section(sizes.commit)?, section(sizes.commit)?],
            frames: [section(sizes.frame)?, section(sizes.frame)?, section(sizes.frame)?],
            feeds: [section(sizes.feed)?, section(sizes.feed)?, section(sizes.feed)?],
            total: 0,
        };
        Some(Geometry { total: end, ..geometry })
    }

    /// Returns the approximate memory needed for a canvas of `pixels`, in bytes.
    #[cfg(feature = "owner")]
    pub(crate) fn needed(&self, pixels: usize) -> usize {
        let commit = self.sizes.commit - self.sizes.kept_canvas;
        let canvases = if self.sizes.kept_canvas > 0 { 6 } else { 3 };
        self.fixed().len + 3 * (commit + self.sizes.feed) + canvases * pixels * 4
    }

    /// Returns everything before the commits: it is reserved as soon as the segment exists.
    #[cfg(any(feature = "owner", feature = "fail-points"))]
    pub(crate) fn fixed(&self) -> Section {
        Section { start: 0, len: self.commits[0].start }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_lie_one_after_the_other() {
        let sizes = Sizes {
            tick: 1300,
            to_renderer: 0,
            to_owner: 5,
            request: 300,
            commit: 64 << 20,
            kept_canvas: 0,
            launch_params: 77,
            description: DESCRIPTION,
            frame: MAX_PIXELS * 4,
            feed: 3 << 20,
        };
        let geometry = Geometry::new(sizes).unwrap();
        let mut sections = vec![
            geometry.ticks,
            geometry.to_renderer,
            geometry.to_owner,
            geometry.requests,
            geometry.launch_params,
            geometry.description,
            geometry.handover,
        ];
        sections.extend(geometry.commits);
        sections.extend(geometry.frames);
        sections.extend(geometry.feeds);
        let mut end = size_of::<Header>();
        for section in sections {
            assert!(section.start >= end && section.start.is_multiple_of(PAGE), "{geometry:?}");
            end = section.start + section.len;
        }
        assert!(end <= geometry.total);
    }

    #[test]
    fn sizes_beyond_the_address_space_are_refused() {
        let sizes = Sizes { commit: usize::MAX / 2, ..Sizes::default() };
        assert_eq!(Geometry::new(sizes), None);
    }
}
