//! `Pool<T, N>` and `Handle<T>`: values that refer to each other, without pointers.

mod handle;
mod iter;

pub use handle::Handle;
pub use iter::{PoolIter, PoolIterMut};

use super::Full;
use crate::{SharedState, blank};
use iter::{Handles, Values, ValuesMut};
use std::fmt;
use std::ops::{Index, IndexMut};

/// A pool of at most `N` values that never move and are found by [`Handle`]s; it replaces `Box`,
/// `Rc` and references.
///
/// Each slot counts how often it was filled and emptied, and a handle remembers that count. The
/// handle of a removed value therefore finds nothing, even after another value has taken the slot.
/// (An old handle matches again only after the slot has been filled two billion times.) A handle
/// does not know its pool: use it only with the pool that it came from.
///
/// ```
/// use hot_reload::{collections::{Handle, Pool}, SharedState};
///
/// #[derive(Clone, Copy, SharedState)]
/// #[repr(C)]
/// struct Node {
///     value: u32,
///     next: Handle<Node>,
/// }
///
/// let mut nodes = Pool::<Node, 16>::new();
/// let last = nodes.insert(Node { value: 2, next: Handle::NONE })?;
/// let first = nodes.insert(Node { value: 1, next: last })?;
/// let next = nodes[first].next;
/// assert_eq!(nodes[next].value, 2);
/// nodes.remove(last);
/// nodes.insert(Node { value: 3, next: first })?;
/// assert!(nodes.get(next).is_none()); // gone, not another one
/// # Ok::<(), hot_reload::collections::Full<Node>>(())
/// ```
///
/// When a state is migrated to a pool of another capacity, values keep their slots and therefore
/// their handles. Values beyond the new capacity are parked, with the counts of their slots.
#[derive(Clone, Copy, hot_reload_derive::SharedState)]
#[repr(C)]
#[shared(settle = Self::put_in_order, role = Pool)]
pub struct Pool<T, const N: usize> {
    slots: [Slot<T>; N],
    /// Number of slots in use.
    ///
    /// This field and the next two are only a cache of what the slots' generations say. Incoming
    /// bytes are accepted with any values here, so nothing relies on them: indices are
    /// bounds-checked, a slot that is supposedly free is verified, and inconsistent values are
    /// recomputed.
    len: u32,
    /// Number of the first slot in the free list, which continues at its `next_free`.
    free: u32,
    /// Index from which all slots are free and not in the list. It makes zeros an empty pool.
    fresh: u32,
}

/// A place for a value. Slots are numbered from 1 (index plus one); 0 means none.
#[derive(Clone, Copy, hot_reload_derive::SharedState)]
#[repr(C)]
struct Slot<T> {
    /// Number of times the slot was filled and emptied; odd while it is in use.
    generation: u32,
    /// Number of the next free slot, if this one is free.
    next_free: u32,
    /// The value; stale or blank if the slot is free.
    value: T,
}

impl<T> Slot<T> {
    const fn in_use(&self) -> bool {
        !self.generation.is_multiple_of(2)
    }
}

impl<T: SharedState, const N: usize> Pool<T, N> {
    /// Creates an empty pool.
    #[must_use]
    pub fn new() -> Self {
        blank()
    }

    /// Returns `N`.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        N
    }

    /// Returns the number of values.
    #[must_use]
    pub fn len(&self) -> usize {
        (self.len as usize).min(N)
    }

    /// Returns whether the pool is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns whether the pool is full.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.len() == N
    }

    /// Puts a value into a free slot and returns its handle.
    ///
    /// # Errors
    /// Returns the value if all slots are in use.
    pub fn insert(&mut self, value: T) -> Result<Handle<T>, Full<T>> {
        let Some(index) = self.take_free() else { return Err(Full(value)) };
        let slot = &mut self.slots[index];
        slot.generation = slot.generation.wrapping_add(1);
        slot.value = value;
        self.len += 1;
        Ok(Handle::new(Self::short(index), slot.generation))
    }

    /// Takes a slot from the free list; if the list is damaged, rebuilds it and tries again.
    fn take_free(&mut self) -> Option<usize> {
        if self.is_full() {
            return None;
        }
        self.take_known_free().or_else(|| {
            self.rebuild();
            self.take_known_free()
        })
    }

    fn take_known_free(&mut self) -> Option<usize> {
        let listed = self.free.checked_sub(1);
        let index = listed.unwrap_or(self.fresh) as usize;
        let slot = self.slots.get(index).filter(|slot| !slot.in_use())?;
        match listed {
            Some(_) => self.free = slot.next_free,
            None => self.fresh += 1,
        }
        Some(index)
    }

    /// Removes a value, if it is still there.
    pub fn remove(&mut self, handle: Handle<T>) -> Option<T> {
        let slot = self.slots.get_mut(handle.index())?;
        if !handle.finds(slot) {
            return None;
        }
        slot.generation = slot.generation.wrapping_add(1);
        slot.next_free = self.free;
        self.free = Self::short(handle.index()) + 1;
        self.len = self.len.saturating_sub(1);
        Some(slot.value)
    }

    /// Returns whether the value is still there.
    #[must_use]
    pub fn contains(&self, handle: Handle<T>) -> bool {
        self.get(handle).is_some()
    }

    /// Returns the value, if it is still there.
    #[must_use]
    pub fn get(&self, handle: Handle<T>) -> Option<&T> {
        let slot = self.slots.get(handle.index()).filter(|slot| handle.finds(slot))?;
        Some(&slot.value)
    }

    /// Returns a mutable reference to the value, if it is still there.
    pub fn get_mut(&mut self, handle: Handle<T>) -> Option<&mut T> {
        let slot = self.slots.get_mut(handle.index()).filter(|slot| handle.finds(slot))?;
        Some(&mut slot.value)
    }

    /// Returns mutable references to several values at once; `None` if a value is gone or requested
    /// twice.
    ///
    /// ```
    /// # let mut pool = hot_reload::collections::Pool::<u32, 4>::new();
    /// let (one, other) = (pool.insert(1)?, pool.insert(2)?);
    /// if let Some([one, other]) = pool.get_disjoint_mut([one, other]) {
    ///     std::mem::swap(one, other);
    /// }
    /// assert_eq!((pool[one], pool[other]), (2, 1));
    /// # Ok::<(), hot_reload::collections::Full<u32>>(())
    /// ```
    pub fn get_disjoint_mut<const M: usize>(
        &mut self,
        handles: [Handle<T>; M],
    ) -> Option<[&mut T; M]> {
        if !handles.iter().all(|&handle| self.contains(handle)) {
            return None;
        }
        let slots = self.slots.get_disjoint_mut(handles.map(Handle::index)).ok()?;
        Some(slots.map(|slot| &mut slot.value))
    }

    /// Returns the handle of the value in the slot `index`, if there is one.
    #[must_use]
    pub fn handle_at(&self, index: usize) -> Option<Handle<T>> {
        let slot = self.slots.get(index).filter(|slot| slot.in_use())?;
        Some(Handle::new(Self::short(index), slot.generation))
    }

    /// Keeps only the values for which `keep` returns true.
    pub fn retain(&mut self, mut keep: impl FnMut(Handle<T>, &mut T) -> bool) {
        for index in 0..N {
            if let Some(handle) = self.handle_at(index)
                && !keep(handle, &mut self.slots[index].value)
            {
                self.remove(handle);
            }
        }
    }

    /// Removes all values; their handles no longer find anything.
    pub fn clear(&mut self) {
        for slot in self.slots.iter_mut().filter(|slot| slot.in_use()) {
            slot.generation = slot.generation.wrapping_add(1);
        }
        self.rebuild();
    }

    /// Returns an iterator over the values with their handles, in slot order.
    pub fn iter(&self) -> PoolIter<'_, T> {
        PoolIter::new(&self.slots)
    }

    /// Returns a mutable iterator over the values with their handles, in slot order.
    pub fn iter_mut(&mut self) -> PoolIterMut<'_, T> {
        PoolIterMut::new(&mut self.slots)
    }

    /// Returns an iterator over the handles, in slot order.
    pub fn handles(&self) -> Handles<'_, T> {
        self.iter().map(|(handle, _)| handle)
    }

    /// Returns an iterator over the values, in slot order.
    pub fn values(&self) -> Values<'_, T> {
        self.iter().map(|(_, value)| value)
    }

    /// Returns a mutable iterator over the values, in slot order.
    pub fn values_mut(&mut self) -> ValuesMut<'_, T> {
        self.iter_mut().map(|(_, value)| value)
    }

    /// Rebuilds the free list if needed; a migration carries over the slots but not the list.
    fn put_in_order(&mut self) {
        // A list that is in order stays as it is: a reload changes no byte of the state.
        if !self.is_in_order() {
            self.rebuild();
        }
    }

    /// Returns whether the list contains all free slots before `fresh`, each once, and the counts
    /// match.
    fn is_in_order(&self) -> bool {
        let (used, fresh) = (self.count(), self.fresh as usize);
        let Some((before, after)) = self.slots.split_at_checked(fresh) else { return false };
        if self.len as usize != used || after.iter().any(Slot::in_use) {
            return false;
        }
        // A list that ends after as many steps as there are free slots contains each of them once:
        // one that reaches a slot twice never ends.
        let mut next = self.free;
        for _ in used..fresh {
            let listed = next.checked_sub(1).and_then(|index| before.get(index as usize));
            let Some(slot) = listed.filter(|slot| !slot.in_use()) else { return false };
            next = slot.next_free;
        }
        next == 0
    }

    /// Recomputes the free slots from the generations alone; slots with low indices are taken
    /// first.
    fn rebuild(&mut self) {
        let fresh = self.slots.iter().rposition(Slot::in_use).map_or(0, |last| last + 1);
        (self.len, self.fresh, self.free) = (Self::short(self.count()), Self::short(fresh), 0);
        for (index, slot) in self.slots[..fresh].iter_mut().enumerate().rev() {
            if !slot.in_use() {
                slot.next_free = self.free;
                self.free = Self::short(index) + 1;
            }
        }
    }

    fn count(&self) -> usize {
        self.slots.iter().filter(|slot| slot.in_use()).count()
    }

    /// Converts an index or a count to the stored type.
    const fn short(index: usize) -> u32 {
        const { assert!(N < u32::MAX as usize, "a pool's slots are counted by 32 bits") };
        #[expect(clippy::cast_possible_truncation, reason = "at most `N`, just compared")]
        {
            index as u32
        }
    }

    /// Returns what has to be written to restore the pool: the generation of each slot up to the
    /// last one that was ever used, and its value if it is in use.
    pub(super) fn parts(&self) -> impl ExactSizeIterator<Item = (u32, Option<&T>)> {
        let used = self.slots.iter().rposition(|slot| slot.generation != 0);
        let used = &self.slots[..used.map_or(0, |last| last + 1)];
        used.iter().map(|slot| (slot.generation, slot.in_use().then_some(&slot.value)))
    }

    /// Fills a slot with a part that was written. Returns false if there is no such slot, or if the
    /// value's presence contradicts the generation. `settle` must be called afterwards.
    pub(super) fn set_part(&mut self, index: usize, generation: u32, value: Option<T>) -> bool {
        let Some(slot) = self.slots.get_mut(index) else { return false };
        slot.generation = generation;
        slot.value = value.unwrap_or(slot.value);
        slot.in_use() == value.is_some()
    }
}

impl<T: SharedState, const N: usize> Index<Handle<T>> for Pool<T, N> {
    type Output = T;

    fn index(&self, handle: Handle<T>) -> &T {
        let Some(value) = self.get(handle) else { panic!("no value is found by {handle:?}") };
        value
    }
}

impl<T: SharedState, const N: usize> IndexMut<Handle<T>> for Pool<T, N> {
    fn index_mut(&mut self, handle: Handle<T>) -> &mut T {
        let Some(value) = self.get_mut(handle) else { panic!("no value is found by {handle:?}") };
        value
    }
}

impl<T: SharedState, const N: usize> Default for Pool<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

/// Compares pools: they are equal if the same handles find equal values.
impl<T: SharedState + PartialEq, const N: usize> PartialEq for Pool<T, N> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other)
    }
}

impl<T: SharedState + Eq, const N: usize> Eq for Pool<T, N> {}

impl<T: SharedState + fmt::Debug, const N: usize> fmt::Debug for Pool<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}
