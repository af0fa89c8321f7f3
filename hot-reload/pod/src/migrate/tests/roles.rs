//! Copies of the library's collections, reduced to the parts that a migration knows.

use super::*;
use std::fmt::Debug;

#[derive(Debug, Clone, Copy, PartialEq, SharedState)]
#[repr(C)]
#[shared(role = Ring)]
pub(super) struct Ring<T, const N: usize> {
    pub(super) head: usize,
    pub(super) len: usize,
    pub(super) items: [T; N],
}

/// Types that a test can compare.
pub(super) trait Plain: SharedState + Debug + PartialEq {}

impl<T: SharedState + Debug + PartialEq> Plain for T {}

/// Builds a ring whose first element is at `head`.
pub(super) fn ring<T: SharedState, const N: usize>(head: usize, elements: &[T]) -> Ring<T, N> {
    let mut ring = Ring { head, len: elements.len(), items: [blank(); N] };
    for (index, &element) in elements.iter().enumerate() {
        ring.items[(head + index) % N] = element;
    }
    ring
}

#[derive(Debug, Clone, Copy, PartialEq, SharedState)]
#[repr(C)]
pub(super) struct Entry<K, V> {
    pub(super) key: K,
    pub(super) value: V,
}

#[derive(Debug, Clone, Copy, PartialEq, SharedState)]
#[repr(C)]
#[shared(role = Map)]
pub(super) struct Map<K: Plain, V: Plain, const N: usize> {
    pub(super) entries: FixedVec<Entry<K, V>, N>,
}

pub(super) fn map<K: Plain, V: Plain, const N: usize>(entries: &[(K, V)]) -> Map<K, V, N> {
    let entries: Vec<_> = entries.iter().map(|&(key, value)| Entry { key, value }).collect();
    Map { entries: list(&entries) }
}

#[derive(Debug, Clone, Copy, PartialEq, SharedState)]
#[repr(C)]
pub(super) struct Slot<T> {
    pub(super) generation: u32,
    pub(super) next_free: u32,
    pub(super) value: T,
}

#[derive(Debug, Clone, Copy, PartialEq, SharedState)]
#[repr(C)]
#[shared(role = Pool)]
pub(super) struct Pool<T, const N: usize> {
    pub(super) slots: [Slot<T>; N],
    pub(super) first_free: u32,
}

/// Builds a pool of slots with these generations and values.
pub(super) fn pool<T: SharedState, const N: usize>(slots: [(u32, T); N]) -> Pool<T, N> {
    let slot = |(generation, value)| Slot { generation, next_free: 0, value };
    Pool { slots: slots.map(slot), first_free: 0 }
}
