//! The bytes of a segment, and the only ways to access them.
//!
//! No reference to plain bytes is ever formed over memory that the other side may write. Words are
//! atomic. Copies are those of `copy`. Exclusive slices are handed out only for slots that a protocol has given to one side.

use super::copy::copy_racing;
use super::geometry::Section;
use super::header::Header;
#[cfg(feature = "renderer")]
use super::sync::{Ordering, Word64};
use hot_reload_pod::internal::AlignedBytes;
use std::ptr::NonNull;

/// Number of bytes of a word.
#[cfg(feature = "renderer")]
const WORD: usize = 8;
/// Smallest page size of any system.
#[cfg(feature = "renderer")]
const PAGE: usize = 4096;

/// A segment's bytes: shared memory or the heap.
pub(crate) struct Memory {
    /// Valid for `len` bytes as long as `backing` lives; aligned to a page or a `CacheLine`.
    base: NonNull<u8>,
    len: usize,
    backing: Backing,
}

pub(crate) enum Backing {
    Heap(#[expect(dead_code, reason = "owns the bytes")] AlignedBytes),
    #[cfg(feature = "renderer")]
    Shared(super::shared::Mapping),
}

// SAFETY: the bytes are reached by atomics, or by slices whose exclusiveness the caller proves.
unsafe impl Send for Memory {}
// SAFETY: as above.
unsafe impl Sync for Memory {}

impl Memory {
    /// Returns zeroed private memory; untouched pages cost nothing.
    pub(crate) fn heap(len: usize) -> Self {
        let bytes = AlignedBytes::zeroed(len);
        Memory { base: bytes.as_ptr(), len, backing: Backing::Heap(bytes) }
    }

    /// Wraps a mapping of shared memory.
    ///
    /// # Safety
    /// `base` is valid for `len` bytes as long as `mapping` lives, aligned to a page, and at least
    /// as long as a header.
    #[cfg(feature = "renderer")]
    pub(crate) unsafe fn shared(
        base: NonNull<u8>,
        len: usize,
        mapping: super::shared::Mapping,
    ) -> Self {
        Memory { base, len, backing: Backing::Shared(mapping) }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn backing(&self) -> &Backing {
        &self.backing
    }

    /// Allocates the pages of a section, if the memory requires it; that can fail.
    pub(crate) fn reserve(&self, section: Section) -> std::io::Result<()> {
        match &self.backing {
            Backing::Heap(_) => {
                let _ = section;
                Ok(())
            }
            #[cfg(feature = "renderer")]
            Backing::Shared(mapping) => mapping.reserve(section),
        }
    }

    pub(crate) fn header(&self) -> &Header {
        debug_assert!(self.len >= size_of::<Header>());
        // SAFETY: the constructors promise the length and the alignment; every field of a header is
        // atomic, so a shared reference is valid whatever the other side does.
        unsafe { self.base.cast::<Header>().as_ref() }
    }

    fn start(&self, section: Section) -> NonNull<u8> {
        let end = section.start.checked_add(section.len);
        assert!(end.is_some_and(|end| end <= self.len), "{section:?} of {} bytes", self.len);
        // SAFETY: within the memory, just asserted.
        unsafe { self.base.add(section.start) }
    }

    /// Returns the section as atomic words, without the bytes after the last whole word.
    #[cfg(feature = "renderer")]
    fn words(&self, section: Section) -> &[Word64] {
        let start = self.start(section).cast::<Word64>();
        assert!(start.is_aligned(), "sections and records start at multiples of eight");
        // SAFETY: in bounds and aligned; atomics allow any concurrent access.
        unsafe { std::slice::from_raw_parts(start.as_ptr(), section.len / WORD) }
    }

    /// Copies bytes out while the other side may be writing them. The result may be torn, but the
    /// behaviour is never undefined.
    pub(crate) fn copy_out(&self, section: Section, to: &mut [u8]) {
        assert_eq!(section.len, to.len());
        let from = self.start(section).as_ptr();
        // SAFETY: both are valid for this length, and the target is exclusively ours.
        unsafe { copy_racing(from, to.as_mut_ptr(), to.len()) };
    }

    /// Copies bytes in while the other side may be reading them.
    pub(crate) fn copy_in(&self, section: Section, from: &[u8]) {
        assert_eq!(section.len, from.len());
        let to = self.start(section).as_ptr();
        // SAFETY: both are valid for this length; a slice never overlaps a segment, whose bytes are
        // lent exclusively or not at all.
        unsafe { copy_racing(from.as_ptr(), to, from.len()) };
    }

    /// Copies from another memory while both other sides may access their memory.
    #[cfg(feature = "owner")]
    pub(crate) fn copy_across(&self, section: Section, other: &Memory, from: Section) {
        assert_eq!(section.len, from.len);
        assert!(self.base != other.base, "two memories");
        let (from, to) = (other.start(from).as_ptr(), self.start(section).as_ptr());
        // SAFETY: both are valid for this length, and two memories do not overlap.
        unsafe { copy_racing(from, to, section.len) };
    }

    /// Writes a word to each page, so that all of them are mapped.
    #[cfg(feature = "renderer")]
    pub(crate) fn touch(&self, section: Section) {
        for word in self.words(section).iter().step_by(PAGE / WORD) {
            word.store(0, Ordering::Relaxed);
        }
    }

    /// Reads a word of each page, so that all of them are mapped.
    #[cfg(feature = "owner")]
    pub(crate) fn look_at(&self, section: Section) {
        for word in self.words(section).iter().step_by(PAGE / WORD) {
            std::hint::black_box(word.load(Ordering::Relaxed));
        }
    }

    /// Returns the section as plain bytes.
    ///
    /// # Safety
    /// Until the slice is dropped, no other code reads or writes the section: it is the renderer's
    /// back slot, which the mailbox has given to it, and no other slice of it exists.
    #[expect(clippy::mut_from_ref, reason = "exclusive by the mailbox, as the caller promises")]
    pub(crate) unsafe fn exclusive(&self, section: Section) -> &mut [u8] {
        let start = self.start(section);
        // SAFETY: in bounds; exclusive as the caller promises.
        unsafe { std::slice::from_raw_parts_mut(start.as_ptr(), section.len) }
    }

    /// Returns the section as pixels.
    ///
    /// # Safety
    /// The same conditions as for `exclusive`.
    #[expect(clippy::mut_from_ref, reason = "exclusive by the mailbox, as the caller promises")]
    pub(crate) unsafe fn exclusive_pixels(&self, section: Section) -> &mut [u32] {
        let start = self.start(section).cast::<u32>();
        assert!(start.is_aligned(), "frames start at pages");
        // SAFETY: in bounds and aligned; exclusive as the caller promises.
        unsafe { std::slice::from_raw_parts_mut(start.as_ptr(), section.len / 4) }
    }
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = match self.backing {
            Backing::Heap(_) => "heap",
            #[cfg(feature = "renderer")]
            Backing::Shared(_) => "shared",
        };
        write!(f, "Memory({kind}, {} bytes)", self.len)
    }
}
