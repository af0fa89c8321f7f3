//! `Pool<T, N>` and `Handle<T>`: values that others refer to, without pointers.

mod handle;
mod iter;

pub use handle::Handle;
pub use iter::{PoolIter, PoolIterMut};

use super::Full;
use crate::state::{SharedState, blank};
use iter::{Handles, Values, ValuesMut};
use std::fmt;
use std::ops::{Index, IndexMut};

/// At most `N` values that stay where they are and are found by [`Handle`]s: what `Box`, `Rc` and
/// references are elsewhere.
///
/// Each slot counts how often it was filled and emptied, and a handle remembers the count, so that
/// the handle of a removed value finds nothing, also after another value has taken the slot. (A slot
/// has to be filled two thousand million times until an old handle fits again.) A handle knows
/// nothing of the pool that it came from: use it with that one only.
///
/// ```
/// use hot_reload::{Handle, Pool, SharedState};
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
/// # Ok::<(), hot_reload::Full<Node>>(())
/// ```
///
/// When a state is carried to a pool of another capacity, values keep their slots, and so their
/// handles; those beyond the new capacity are lost, with the counts of their slots.
#[derive(Clone, Copy, hot_reload_derive::SharedState)]
#[repr(C)]
#[shared(settle = Self::put_in_order, role = Pool)]
pub struct Pool<T, const N: usize> {
    slots: [Slot<T>; N],
    /// How many slots are in use.
    ///
    /// This and the next two only speed up what the generations of the slots say. Bytes from
    /// elsewhere are accepted whatever they are here, so nothing relies on them: an index is looked
    /// up, a slot that they call free is looked at, and what does not hold is computed anew.
    len: u32,
    /// The number of the first free slot of a list that goes on at its `next_free`.
    free: u32,
    /// All slots from here on are free and not in the list. With it, zeros are an empty pool.
    fresh: u32,
}

/// A place for a value. Slots have numbers from 1, their index plus one, so that 0 can be none.
#[derive(Clone, Copy, hot_reload_derive::SharedState)]
#[repr(C)]
struct Slot<T> {
    /// How often the slot was filled and emptied: it is in use while this is odd.
    generation: u32,
    /// The number of the next free slot, if this one is free.
    next_free: u32,
    /// Left over or blank when the slot is free.
    value: T,
}

impl<T> Slot<T> {
    const fn in_use(&self) -> bool {
        !self.generation.is_multiple_of(2)
    }
}

impl<T: SharedState, const N: usize> Pool<T, N> {
    /// An empty pool.
    #[must_use]
    pub fn new() -> Self {
        blank()
    }

    /// `N`.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        N
    }

    /// How many values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        (self.len as usize).min(N)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the next value is refused.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.len() == N
    }

    /// Puts a value into a free slot, and returns what finds it there.
    ///
    /// # Errors
    /// Gives the value back when all slots are in use.
    pub fn insert(&mut self, value: T) -> Result<Handle<T>, Full<T>> {
        let Some(index) = self.take_free() else { return Err(Full(value)) };
        let slot = &mut self.slots[index];
        slot.generation = slot.generation.wrapping_add(1);
        slot.value = value;
        self.len += 1;
        Ok(Handle::new(Self::short(index), slot.generation))
    }

    /// Takes a free slot out of those that are known to be free; after damage, once more.
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

    /// Whether the value is still there.
    #[must_use]
    pub fn contains(&self, handle: Handle<T>) -> bool {
        self.get(handle).is_some()
    }

    /// The value, if it is still there.
    #[must_use]
    pub fn get(&self, handle: Handle<T>) -> Option<&T> {
        let slot = self.slots.get(handle.index()).filter(|slot| handle.finds(slot))?;
        Some(&slot.value)
    }

    /// The value, if it is still there, to be changed.
    pub fn get_mut(&mut self, handle: Handle<T>) -> Option<&mut T> {
        let slot = self.slots.get_mut(handle.index()).filter(|slot| handle.finds(slot))?;
        Some(&mut slot.value)
    }

    /// Several values, to be changed together: `None` when one of them is gone, or is asked for
    /// twice.
    ///
    /// ```
    /// # let mut pool = hot_reload::Pool::<u32, 4>::new();
    /// let (one, other) = (pool.insert(1)?, pool.insert(2)?);
    /// if let Some([one, other]) = pool.get_disjoint_mut([one, other]) {
    ///     std::mem::swap(one, other);
    /// }
    /// assert_eq!((pool[one], pool[other]), (2, 1));
    /// # Ok::<(), hot_reload::Full<u32>>(())
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

    /// The handle of the value in the slot `index`, if there is one.
    #[must_use]
    pub fn handle_at(&self, index: usize) -> Option<Handle<T>> {
        let slot = self.slots.get(index).filter(|slot| slot.in_use())?;
        Some(Handle::new(Self::short(index), slot.generation))
    }

    /// Keeps the values for which `keep` says so.
    pub fn retain(&mut self, mut keep: impl FnMut(Handle<T>, &mut T) -> bool) {
        for index in 0..N {
            if let Some(handle) = self.handle_at(index)
                && !keep(handle, &mut self.slots[index].value)
            {
                self.remove(handle);
            }
        }
    }

    /// Removes all values; their handles find nothing from now on.
    pub fn clear(&mut self) {
        for slot in self.slots.iter_mut().filter(|slot| slot.in_use()) {
            slot.generation = slot.generation.wrapping_add(1);
        }
        self.rebuild();
    }

    /// The values with their handles, in the order of the slots.
    pub fn iter(&self) -> PoolIter<'_, T> {
        PoolIter::new(&self.slots)
    }

    /// The values with their handles, in the order of the slots, to be changed.
    pub fn iter_mut(&mut self) -> PoolIterMut<'_, T> {
        PoolIterMut::new(&mut self.slots)
    }

    /// The handles, in the order of the slots.
    pub fn handles(&self) -> Handles<'_, T> {
        self.iter().map(|(handle, _)| handle)
    }

    /// The values, in the order of the slots.
    pub fn values(&self) -> Values<'_, T> {
        self.iter().map(|(_, value)| value)
    }

    /// The values, in the order of the slots, to be changed.
    pub fn values_mut(&mut self) -> ValuesMut<'_, T> {
        self.iter_mut().map(|(_, value)| value)
    }

    /// After a migration, which carries over what is in the slots and knows nothing of the rest.
    fn put_in_order(&mut self) {
        // What is in order stays as it is: a reload changes no byte of the state.
        if !self.is_in_order() {
            self.rebuild();
        }
    }

    /// Whether the list has all free slots before `fresh`, each once, and the counts are right.
    fn is_in_order(&self) -> bool {
        let (used, fresh) = (self.count(), self.fresh as usize);
        let Some((before, after)) = self.slots.split_at_checked(fresh) else { return false };
        if self.len as usize != used || after.iter().any(Slot::in_use) {
            return false;
        }
        // A list that ends after as many steps as there are free slots has each of them once: one
        // that meets a slot again never ends.
        let mut next = self.free;
        for _ in used..fresh {
            let listed = next.checked_sub(1).and_then(|index| before.get(index as usize));
            let Some(slot) = listed.filter(|slot| !slot.in_use()) else { return false };
            next = slot.next_free;
        }
        next == 0
    }

    /// Computes from the generations alone which slots are free; the first ones are taken first.
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

    /// An index or a count as it is kept.
    const fn short(index: usize) -> u32 {
        const { assert!(N < u32::MAX as usize, "a pool's slots are counted by 32 bits") };
        #[expect(clippy::cast_possible_truncation, reason = "at most `N`, just compared")]
        {
            index as u32
        }
    }

    /// What has to be written to have the same pool again: the generation of each slot up to the
    /// last one that was ever used, and its value while it is in use.
    pub(super) fn parts(&self) -> impl ExactSizeIterator<Item = (u32, Option<&T>)> {
        let used = self.slots.iter().rposition(|slot| slot.generation != 0);
        let used = &self.slots[..used.map_or(0, |last| last + 1)];
        used.iter().map(|slot| (slot.generation, slot.in_use().then_some(&slot.value)))
    }

    /// Fills a slot with what was written, if the pool has such a slot, and a value exactly when the
    /// generation says so. `settle` has to follow.
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

/// Equal are pools in which the same handles find equal values.
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
