//! `Handle<T>`: a reference to a value in a pool.

use super::Slot;
use crate::{Field, Invalid, Kind, Layout, Role, SharedState, bytes::copy_whole};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::mem::offset_of;

/// A reference to a value in a [`Pool`](crate::Pool); it finds nothing once the value is removed.
///
/// It is plain old data for any `T`, so that it may be kept anywhere in the state, even inside a
/// `T`. The blank handle is [`NONE`](Self::NONE).
#[repr(C)]
pub struct Handle<T> {
    index: u32,
    /// The slot's generation, which is odd while it is in use; `NONE` has 0, which no slot in use
    /// has.
    generation: u32,
    /// A marker for the type; the handle neither contains nor owns a `T`.
    target: PhantomData<fn() -> T>,
}

impl<T> Handle<T> {
    /// A handle that finds nothing in any pool.
    pub const NONE: Self = Handle::new(0, 0);

    pub(super) const fn new(index: u32, generation: u32) -> Self {
        Handle { index, generation, target: PhantomData }
    }

    /// Returns the index of the slot, which is less than the pool's capacity; useful for side
    /// tables.
    #[must_use]
    pub const fn index(self) -> usize {
        self.index as usize
    }

    /// Returns whether this is [`NONE`](Self::NONE). Other handles may find nothing as well: ask
    /// the pool.
    #[must_use]
    pub fn is_none(self) -> bool {
        self == Self::NONE
    }

    /// Returns whether this finds the value in a slot, which must be the one at its index.
    pub(super) const fn finds(self, slot: &Slot<T>) -> bool {
        self.generation == slot.generation && slot.in_use()
    }

    /// Returns index and generation, as serialised.
    pub(in super::super) const fn parts(self) -> (u32, u32) {
        (self.index, self.generation)
    }

    /// Builds a handle from its serialised parts; any two numbers are a handle.
    pub(in super::super) const fn from_parts((index, generation): (u32, u32)) -> Self {
        Handle::new(index, generation)
    }
}

// SAFETY: two numbers without padding; any bytes are valid, zero included; no pointer. The layout
// does not mention the target, so that a type may hold handles to itself.
unsafe impl<T: 'static> SharedState for Handle<T> {
    const HAS_PADDING: bool = false;
    const ZERO_IS_BLANK: bool = true;
    const ANY_BYTES: bool = true;
    const LAYOUT: &'static Layout = &Layout {
        name: "Handle",
        size: size_of::<Self>(),
        align: align_of::<Self>(),
        version: 0,
        role: Role::Plain,
        kind: Kind::Struct(&[
            Field {
                name: "index",
                offset: offset_of!(Self, index),
                layout: u32::LAYOUT,
                was: &[],
                default: None,
            },
            Field {
                name: "generation",
                offset: offset_of!(Self, generation),
                layout: u32::LAYOUT,
                was: &[],
                default: None,
            },
        ]),
    };
    fn write_blank(_place: &mut [u8]) {}
    fn write_bytes(&self, place: &mut [u8]) {
        copy_whole(self, place);
    }
    fn check(_bytes: &[u8]) -> Result<(), Invalid> {
        Ok(())
    }
}

// Implemented by hand, because derived impls would require the same of `T`.

impl<T> Clone for Handle<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Handle<T> {}

impl<T> Default for Handle<T> {
    fn default() -> Self {
        Self::NONE
    }
}

impl<T> PartialEq for Handle<T> {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl<T> Eq for Handle<T> {}

impl<T> PartialOrd for Handle<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Handle<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts().cmp(&other.parts())
    }
}

impl<T> Hash for Handle<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts().hash(state);
    }
}

/// Prints `Handle(3, generation 1)`.
impl<T> fmt::Debug for Handle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_none() {
            return f.write_str("Handle(none)");
        }
        write!(f, "Handle({}, generation {})", self.index, self.generation)
    }
}
