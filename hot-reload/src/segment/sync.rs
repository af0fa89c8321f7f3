//! The one atomic that the protocols use, implemented for std, shared memory and loom.

pub(crate) use std::sync::atomic::Ordering;
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64};

/// A word of 32 bits that two sides share.
pub(crate) trait Word {
    fn load(&self, order: Ordering) -> u32;
    fn store(&self, value: u32, order: Ordering);
    fn swap(&self, value: u32, order: Ordering) -> u32;
}

/// A word as stored in a segment.
pub(crate) type Word32 = AtomicU32;
/// Two words in one, for pairs that must be read together.
pub(crate) type Word64 = AtomicU64;
/// A byte, for flags.
pub(crate) type Word8 = AtomicU8;

impl Word for AtomicU32 {
    fn load(&self, order: Ordering) -> u32 {
        AtomicU32::load(self, order)
    }
    fn store(&self, value: u32, order: Ordering) {
        AtomicU32::store(self, value, order);
    }
    fn swap(&self, value: u32, order: Ordering) -> u32 {
        AtomicU32::swap(self, value, order)
    }
}

#[cfg(test)]
impl Word for loom::sync::atomic::AtomicU32 {
    fn load(&self, order: Ordering) -> u32 {
        self.load(order)
    }
    fn store(&self, value: u32, order: Ordering) {
        self.store(value, order);
    }
    fn swap(&self, value: u32, order: Ordering) -> u32 {
        self.swap(value, order)
    }
}
