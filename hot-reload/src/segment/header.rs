//! The first page of a segment: identity, the words of the protocols, and status of both sides.
//!
//! Each cache line has one writer. The layout of the first line never changes between protocol
//! versions, so that a renderer of another version can be refused with a message.

use super::mailbox;
use super::sizes::Sizes;
use super::sync::{Ordering, Word8, Word32, Word64};

/// Version of the protocol; incremented with every change of the layout or meaning of a segment.
pub(crate) const PROTOCOL: u32 = 8;
/// Mark of a segment: `"hotreld"` and a zero; stored last.
const MAGIC: u64 = u64::from_le_bytes(*b"hotreld\0");

/// A separate cache line; two, for processors that fetch lines in pairs.
#[derive(Debug, Default)]
#[repr(C, align(128))]
pub(crate) struct CacheLine<T>(pub(crate) T);

/// The start of every segment.
#[derive(Debug, Default)]
#[repr(C)]
pub(crate) struct Header {
    identity: CacheLine<Identity>,
    /// The frame mailbox.
    pub(crate) frames: CacheLine<Word32>,
    /// The commit mailbox.
    pub(crate) commits: CacheLine<Word32>,
    /// The mailbox by which the owner gives a view the leading part's state.
    pub(crate) feeds: CacheLine<Word32>,
    pub(crate) renderer: CacheLine<RendererLine>,
    pub(crate) owner: CacheLine<OwnerLine>,
    /// The wake flag, written by both sides.
    pub(crate) pending: CacheLine<Word32>,
    /// Set by the owner: finish the tick, commit, end. Advisory, orders no data.
    pub(crate) stop: CacheLine<[Word8; 2]>,
    /// Set by the renderer with its first frame. Advisory, orders no data.
    pub(crate) first_frame: CacheLine<[Word8; 2]>,
    pub(crate) ticks: Positions,
    pub(crate) to_renderer: Positions,
    pub(crate) to_owner: Positions,
    pub(crate) requests: Positions,
}

const _: () = assert!(size_of::<Header>() <= 4096, "the header is one page");

/// Head and tail of a ring, each in a separate line.
#[derive(Debug, Default)]
#[repr(C)]
pub(crate) struct Positions {
    pub(crate) head: CacheLine<Word32>,
    pub(crate) tail: CacheLine<Word32>,
}

#[derive(Debug, Default)]
#[repr(C)]
struct Identity {
    magic: Word64,
    protocol: Word32,
    generation: Word32,
    total: Word64,
    sizes: [Word64; 10],
}

/// Status of the renderer.
#[derive(Debug, Default)]
#[repr(C)]
pub(crate) struct RendererLine {
    pub(crate) phase: Word32,
    /// Protocol version of the renderer.
    pub(crate) protocol: Word32,
    /// Bytes of the description, valid from `Phase::Attached` on.
    pub(crate) description: Word64,
    /// Last tick that was answered.
    pub(crate) tick: Word64,
    /// Last command that was carried out.
    pub(crate) answer: Word32,
}

/// Commands of the owner.
#[derive(Debug, Default)]
#[repr(C)]
pub(crate) struct OwnerLine {
    pub(crate) command: Word32,
    /// Bytes of the handover, valid with the command that refers to it.
    pub(crate) handover: Word64,
}

/// Progress of the renderer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u32)]
pub(crate) enum Phase {
    /// The renderer is not attached yet.
    Starting = 0,
    /// The description is readable and asks for other sizes; the renderer has ended.
    Misfit = 1,
    /// The description is readable and explains why the renderer cannot run; the renderer has
    /// ended.
    Refused = 2,
    /// The description is readable; the user's set-up runs.
    Attached = 3,
    /// The renderer draws its rehearsal.
    Rehearsing = 4,
    /// The renderer takes ticks, or waits for the cut.
    Ready = 5,
    /// The renderer has ended in an orderly way, after its last commit.
    Drained = 6,
    /// The renderer waits for a debugger before it does anything else.
    WaitsForDebugger = 7,
}

impl Phase {
    pub(crate) fn read(word: u32) -> Option<Phase> {
        use Phase::{
            Attached, Drained, Misfit, Ready, Refused, Rehearsing, Starting, WaitsForDebugger,
        };
        let all =
            [Starting, Misfit, Refused, Attached, Rehearsing, Ready, Drained, WaitsForDebugger];
        all.into_iter().find(|&phase| phase as u32 == word)
    }
}

/// Reason why a segment was rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejected {
    /// Shorter than its header, or than its recorded length.
    TooShort { len: usize, wanted: usize },
    /// Other data than a segment of this library.
    Magic(u64),
    /// A segment of another version.
    Protocol { owner: u32, renderer: u32 },
}

impl Header {
    /// Fills a zeroed header. A reader that sees the magic number sees the rest.
    pub(crate) fn initialise(&self, generation: u32, total: usize, sizes: Sizes) {
        let identity = &self.identity.0;
        identity.protocol.store(PROTOCOL, Ordering::Relaxed);
        identity.generation.store(generation, Ordering::Relaxed);
        identity.total.store(total as u64, Ordering::Relaxed);
        let Sizes { tick, to_renderer, to_owner, request, commit, kept_canvas, .. } = sizes;
        let Sizes { launch_params, description, frame, feed, .. } = sizes;
        let queues = [tick, to_renderer, to_owner, request];
        let all = queues.into_iter().chain([
            commit,
            kept_canvas,
            launch_params,
            frame,
            description,
            feed,
        ]);
        for (word, size) in identity.sizes.iter().zip(all) {
            word.store(size as u64, Ordering::Relaxed);
        }
        self.frames.0.store(mailbox::EMPTY, Ordering::Relaxed);
        self.commits.0.store(mailbox::EMPTY, Ordering::Relaxed);
        self.feeds.0.store(mailbox::EMPTY, Ordering::Relaxed);
        identity.magic.store(MAGIC, Ordering::Release);
    }

    /// Returns the generation and the sizes of a mapping of `len` bytes, if it is valid.
    pub(crate) fn identify(&self, len: usize) -> Result<(u32, Sizes), Rejected> {
        let identity = &self.identity.0;
        let magic = identity.magic.load(Ordering::Acquire);
        if magic != MAGIC {
            return Err(Rejected::Magic(magic));
        }
        let owner = identity.protocol.load(Ordering::Relaxed);
        self.renderer.0.protocol.store(PROTOCOL, Ordering::Relaxed);
        if owner != PROTOCOL {
            return Err(Rejected::Protocol { owner, renderer: PROTOCOL });
        }
        let size = |index: usize| to_usize(identity.sizes[index].load(Ordering::Relaxed));
        let sizes = Sizes {
            tick: size(0),
            to_renderer: size(1),
            to_owner: size(2),
            request: size(3),
            commit: size(4),
            kept_canvas: size(5),
            launch_params: size(6),
            frame: size(7),
            description: size(8),
            feed: size(9),
        };
        let wanted = to_usize(identity.total.load(Ordering::Relaxed));
        if wanted > len {
            return Err(Rejected::TooShort { len, wanted });
        }
        Ok((identity.generation.load(Ordering::Relaxed), sizes))
    }
}

#[cfg(any(test, fuzzing, feature = "fail-points"))]
impl Header {
    /// Returns the words of the identity, which only a hostile peer writes twice.
    pub(crate) fn identity_words(&self) -> (Vec<&Word64>, [&Word32; 2]) {
        let Identity { magic, protocol, generation, total, sizes } = &self.identity.0;
        (sizes.iter().chain([magic, total]).collect(), [protocol, generation])
    }
}

/// Converts a number from a segment to a size. A number that does not fit becomes one that no check
/// accepts.
pub(crate) fn to_usize(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        let header = Header::default();
        header.initialise(7, 8192, Sizes { tick: 1, frame: 9, ..Sizes::default() });
        header
    }

    #[test]
    fn a_header_is_read_as_it_was_written() {
        let (generation, sizes) = header().identify(8192).unwrap();
        assert_eq!((generation, sizes.tick, sizes.frame), (7, 1, 9));
    }

    #[test]
    fn foreign_headers_are_rejected_with_what_was_found() {
        assert_eq!(Header::default().identify(8192), Err(Rejected::Magic(0)));
        assert_eq!(header().identify(4096), Err(Rejected::TooShort { len: 4096, wanted: 8192 }));
        let other = header();
        other.identity.0.protocol.store(PROTOCOL + 1, Ordering::Relaxed);
        let rejected = Rejected::Protocol { owner: PROTOCOL + 1, renderer: PROTOCOL };
        assert_eq!(other.identify(8192), Err(rejected));
        assert_eq!(other.renderer.0.protocol.load(Ordering::Relaxed), PROTOCOL, "says its own");
    }

    #[test]
    fn phases_of_no_correct_peer_are_none() {
        assert_eq!(Phase::read(3), Some(Phase::Attached));
        assert_eq!(Phase::read(8), None);
        assert_eq!(Phase::read(u32::MAX), None);
    }
}
