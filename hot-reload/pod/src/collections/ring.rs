//! `Ring<T, N>`: a double-ended queue whose capacity is part of its type.

mod iter;

pub use iter::{RingIntoIter, RingIter, RingIterMut};

use super::Full;
use crate::{Invalid, SharedState, blank};
use std::fmt;
use std::ops::{Index, IndexMut};

/// A `VecDeque` of at most `N` elements, without pointers.
///
/// The elements are stored in a circle, so that both ends grow and shrink without moving the
/// others. All `N` places always hold valid values; only `len` of them belong to the queue.
///
/// ```
/// use hot_reload::collections::Ring;
///
/// let mut last_positions = Ring::<(i32, i32), 3>::new();
/// for step in 0..5 {
///     last_positions.push_back_overwriting((step, 2 * step));
/// }
/// assert_eq!(last_positions, [(2, 4), (3, 6), (4, 8)]);
/// assert_eq!(last_positions.pop_front(), Some((2, 4)));
/// assert_eq!(last_positions.push_front((9, 9)), Ok(()));
/// assert!(last_positions.push_back((7, 7)).is_err()); // full: the element comes back
/// ```
#[derive(Clone, Copy, hot_reload_derive::SharedState)]
#[repr(C)]
#[shared(check = Self::check_places, role = Ring)]
pub struct Ring<T, const N: usize> {
    /// Index of the first element: less than `N`, or 0 if `N` is 0. Every method upholds the
    /// invariants of this field and the next; `check_places` checks them on incoming bytes.
    head: usize,
    /// Number of elements, at most `N`.
    len: usize,
    items: [T; N],
}

impl<T: SharedState, const N: usize> Ring<T, N> {
    /// Creates an empty queue.
    #[must_use]
    pub fn new() -> Self {
        blank()
    }

    fn check_places(bytes: &[u8]) -> Result<(), Invalid> {
        let (head, rest) = bytes.split_at(size_of::<usize>());
        let head = bytemuck::pod_read_unaligned::<usize>(head);
        let len = bytemuck::pod_read_unaligned::<usize>(&rest[..size_of::<usize>()]);
        if head >= N.max(1) {
            return Err(Invalid::new(format_args!("head {head} of {N} places")));
        }
        if len > N {
            return Err(Invalid::new(format_args!("length {len} of at most {N}")));
        }
        Ok(())
    }

    /// Returns `N`.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        N
    }

    /// Returns the number of elements.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Returns whether the queue is empty.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns whether the queue is full.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.len == N
    }

    /// Returns the place of the element `index`; for `index == len`, that of the next one. Requires
    /// `N > 0`.
    const fn place(&self, index: usize) -> usize {
        let before_the_end = N - self.head;
        if index < before_the_end { self.head + index } else { index - before_the_end }
    }

    /// Appends an element at the back.
    ///
    /// # Errors
    /// Returns the element if the queue is full.
    pub fn push_back(&mut self, element: T) -> Result<(), Full<T>> {
        if self.is_full() {
            return Err(Full(element));
        }
        self.items[self.place(self.len)] = element;
        self.len += 1;
        Ok(())
    }

    /// Prepends an element at the front.
    ///
    /// # Errors
    /// Returns the element if the queue is full.
    pub fn push_front(&mut self, element: T) -> Result<(), Full<T>> {
        if self.is_full() {
            return Err(Full(element));
        }
        self.head = if self.head == 0 { N - 1 } else { self.head - 1 };
        self.items[self.head] = element;
        self.len += 1;
        Ok(())
    }

    /// Appends an element at the back; a full queue drops its first element to make room, and
    /// returns it. This keeps a history of the last `N` items.
    ///
    /// With a capacity of 0, the element itself is returned.
    pub fn push_back_overwriting(&mut self, element: T) -> Option<T> {
        let oldest = if self.is_full() { self.pop_front() } else { None };
        self.push_back(element).err().map(|Full(element)| element).or(oldest)
    }

    /// Removes the first element.
    pub fn pop_front(&mut self) -> Option<T> {
        let first = self.front().copied()?;
        self.head = self.place(1);
        self.len -= 1;
        Some(first)
    }

    /// Removes the last element.
    pub fn pop_back(&mut self) -> Option<T> {
        let last = self.back().copied()?;
        self.len -= 1;
        Some(last)
    }

    /// Returns the first element.
    #[must_use]
    pub fn front(&self) -> Option<&T> {
        self.get(0)
    }

    /// Returns a mutable reference to the first element.
    pub fn front_mut(&mut self) -> Option<&mut T> {
        self.get_mut(0)
    }

    /// Returns the last element.
    #[must_use]
    pub fn back(&self) -> Option<&T> {
        self.get(self.len.checked_sub(1)?)
    }

    /// Returns a mutable reference to the last element.
    pub fn back_mut(&mut self) -> Option<&mut T> {
        self.get_mut(self.len.checked_sub(1)?)
    }

    /// Returns the element at `index`, counted from the front.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&T> {
        (index < self.len).then(|| &self.items[self.place(index)])
    }

    /// Returns a mutable reference to the element at `index`, counted from the front.
    pub fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        let place = (index < self.len).then(|| self.place(index))?;
        Some(&mut self.items[place])
    }

    /// Swaps two elements.
    ///
    /// # Panics
    /// Panics if either index is out of bounds.
    pub fn swap(&mut self, one: usize, other: usize) {
        (self[one], self[other]) = (self[other], self[one]);
    }

    /// Inserts an element before the one at `index`; later elements move back.
    ///
    /// # Errors
    /// Returns the element if the queue is full.
    ///
    /// # Panics
    /// Panics if `index` is greater than the length.
    pub fn insert(&mut self, index: usize, element: T) -> Result<(), Full<T>> {
        assert!(index <= self.len, "insertion index {index} after the end {}", self.len);
        self.push_back(element)?;
        for later in (index + 1..self.len).rev() {
            self[later] = self[later - 1];
        }
        self[index] = element;
        Ok(())
    }

    /// Removes the element at `index`, if there is one; later elements move forward.
    pub fn remove(&mut self, index: usize) -> Option<T> {
        let removed = self.get(index).copied()?;
        for later in index + 1..self.len {
            self[later - 1] = self[later];
        }
        self.len -= 1;
        Some(removed)
    }

    /// Keeps only the elements for which `keep` returns true, in order.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.retain_mut(|element| keep(element));
    }

    /// Keeps only the elements for which `keep` returns true, in order; `keep` may change them.
    pub fn retain_mut(&mut self, mut keep: impl FnMut(&mut T) -> bool) {
        let mut kept = 0;
        for index in 0..self.len {
            if keep(&mut self[index]) {
                self[kept] = self[index];
                kept += 1;
            }
        }
        self.len = kept;
    }

    /// Shortens the queue to its first `len` elements.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Removes all elements.
    pub fn clear(&mut self) {
        (self.head, self.len) = (0, 0);
    }

    /// Appends all elements of a slice.
    ///
    /// # Errors
    /// Changes nothing and returns the slice if it does not fit.
    pub fn extend_from_slice<'a>(&mut self, elements: &'a [T]) -> Result<(), Full<&'a [T]>> {
        if elements.len() > N - self.len {
            return Err(Full(elements));
        }
        self.try_extend(elements.iter().copied()).map_err(|_| Full(elements))
    }

    /// Appends elements until one does not fit.
    ///
    /// # Errors
    /// Returns the first element that does not fit; those before it are in the queue.
    pub fn try_extend(&mut self, elements: impl IntoIterator<Item = T>) -> Result<(), Full<T>> {
        elements.into_iter().try_for_each(|element| self.push_back(element))
    }

    /// Returns the elements as two slices: up to the end of the buffer, and from its start.
    #[must_use]
    pub fn as_slices(&self) -> (&[T], &[T]) {
        let first = self.len.min(N - self.head);
        (&self.items[self.head..self.head + first], &self.items[..self.len - first])
    }

    /// Returns the elements as two mutable slices.
    pub fn as_mut_slices(&mut self) -> (&mut [T], &mut [T]) {
        let first = self.len.min(N - self.head);
        let (start, end) = self.items.split_at_mut(self.head);
        (&mut end[..first], &mut start[..self.len - first])
    }

    /// Moves the elements into one slice, for sorting or searching.
    pub fn make_contiguous(&mut self) -> &mut [T] {
        if self.len > N - self.head {
            self.items.rotate_left(self.head);
            self.head = 0;
        }
        self.as_mut_slices().0
    }

    /// Moves the first `count` elements to the back.
    ///
    /// # Panics
    /// Panics if there are fewer.
    pub fn rotate_left(&mut self, count: usize) {
        self.make_contiguous().rotate_left(count);
    }

    /// Moves the last `count` elements to the front.
    ///
    /// # Panics
    /// Panics if there are fewer.
    pub fn rotate_right(&mut self, count: usize) {
        self.make_contiguous().rotate_right(count);
    }

    /// Returns whether some element equals `element`.
    #[must_use]
    pub fn contains(&self, element: &T) -> bool
    where
        T: PartialEq,
    {
        self.iter().any(|it| it == element)
    }

    /// Returns an iterator from front to back.
    #[must_use]
    pub fn iter(&self) -> RingIter<'_, T> {
        let (first, second) = self.as_slices();
        RingIter(first.iter().chain(second))
    }

    /// Returns a mutable iterator from front to back.
    pub fn iter_mut(&mut self) -> RingIterMut<'_, T> {
        let (first, second) = self.as_mut_slices();
        RingIterMut(first.iter_mut().chain(second))
    }
}

impl<T: SharedState, const N: usize> Index<usize> for Ring<T, N> {
    type Output = T;

    fn index(&self, index: usize) -> &T {
        let Some(element) = self.get(index) else { panic!("index {index} of {}", self.len) };
        element
    }
}

impl<T: SharedState, const N: usize> IndexMut<usize> for Ring<T, N> {
    fn index_mut(&mut self, index: usize) -> &mut T {
        let len = self.len;
        let Some(element) = self.get_mut(index) else { panic!("index {index} of {len}") };
        element
    }
}

impl<T: SharedState, const N: usize> Default for Ring<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a, T: SharedState, const N: usize> TryFrom<&'a [T]> for Ring<T, N> {
    type Error = Full<&'a [T]>;

    fn try_from(elements: &'a [T]) -> Result<Self, Full<&'a [T]>> {
        let mut ring = Self::new();
        ring.extend_from_slice(elements)?;
        Ok(ring)
    }
}

impl<T: SharedState + fmt::Debug, const N: usize> fmt::Debug for Ring<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

impl<T: SharedState + PartialEq, const N: usize, const M: usize> PartialEq<Ring<T, M>>
    for Ring<T, N>
{
    fn eq(&self, other: &Ring<T, M>) -> bool {
        self.iter().eq(other)
    }
}

impl<T: SharedState + PartialEq, const N: usize> PartialEq<[T]> for Ring<T, N> {
    fn eq(&self, other: &[T]) -> bool {
        self.iter().eq(other)
    }
}

impl<T: SharedState + PartialEq, const N: usize, const M: usize> PartialEq<[T; M]> for Ring<T, N> {
    fn eq(&self, other: &[T; M]) -> bool {
        *self == other[..]
    }
}

impl<T: SharedState + Eq, const N: usize> Eq for Ring<T, N> {}

impl<T: SharedState + PartialOrd, const N: usize> PartialOrd for Ring<T, N> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        self.iter().partial_cmp(other)
    }
}

impl<T: SharedState + Ord, const N: usize> Ord for Ring<T, N> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.iter().cmp(other)
    }
}

impl<T: SharedState + std::hash::Hash, const N: usize> std::hash::Hash for Ring<T, N> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.len.hash(state);
        self.iter().for_each(|element| element.hash(state));
    }
}
