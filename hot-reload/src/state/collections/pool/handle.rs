//! `Handle<T>`: what finds a value in a pool.

use super::Slot;
use crate::state::{Field, Invalid, Kind, Layout, Role, SharedState, bytes::copy_whole};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::mem::offset_of;

/// Finds a value in a [`Pool`](crate::Pool) as long as it is there, and nothing afterwards.
///
/// Plain old data, whatever `T` is: it may be kept anywhere in the state, also in a `T`. The blank
/// one is [`NONE`](Self::NONE).
#[repr(C)]
pub struct Handle<T> {
    index: u32,
    /// Odd, as a slot's in use; no slot in use has that of `NONE`, which is 0.
    generation: u32,
    /// A name for the type only: no `T` is in it or owned by it.
    target: PhantomData<fn() -> T>,
}

impl<T> Handle<T> {
    /// Finds nothing, in any pool.
    pub const NONE: Self = Handle::new(0, 0);

    pub(super) const fn new(index: u32, generation: u32) -> Self {
        Handle { index, generation, target: PhantomData }
    }

    /// The number of the slot, less than the pool's capacity: for tables of one's own beside a pool.
    #[must_use]
    pub const fn index(self) -> usize {
        self.index as usize
    }

    /// Whether this is [`NONE`](Self::NONE). Other handles may find nothing as well: ask the pool.
    #[must_use]
    pub fn is_none(self) -> bool {
        self == Self::NONE
    }

    /// Whether this finds the value in a slot, which is the one with its index.
    pub(super) const fn finds(self, slot: &Slot<T>) -> bool {
        self.generation == slot.generation && slot.in_use()
    }

    /// Index and generation, as they are written by serde.
    pub(in super::super) const fn parts(self) -> (u32, u32) {
        (self.index, self.generation)
    }

    /// From what was written; any two numbers are a handle.
    pub(in super::super) const fn from_parts((index, generation): (u32, u32)) -> Self {
        Handle::new(index, generation)
    }
}

// SAFETY: two numbers without padding, whose every bytes are valid, zero included; no pointer. The
// layout names the target nowhere, so that a type may hold handles of itself.
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

// By hand, because derived ones would ask the same of `T`.

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

/// `Handle(3, generation 1)`.
impl<T> fmt::Debug for Handle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_none() {
            return f.write_str("Handle(none)");
        }
        write!(f, "Handle({}, generation {})", self.index, self.generation)
    }
}
