//! `FixedVec<T, N>`: a vector whose capacity is part of its type.

mod iter;

pub use iter::{Drain, IntoIter};

use super::{Full, range_within};
use crate::{Invalid, SharedState, blank};
use std::fmt;
use std::ops::{Deref, DerefMut, RangeBounds};

/// A vector of at most `N` elements, without pointers.
///
/// It derefs to a slice, which provides iteration, indexing, sorting and searching. All `N` places
/// always hold valid values (blank or stale ones after the end); only the first `len` belong to the
/// vector.
///
/// ```
/// use hot_reload::FixedVec;
///
/// let mut trail = FixedVec::<u32, 3>::new();
/// for step in 0..5 {
///     if trail.is_full() {
///         trail.remove(0);
///     }
///     trail.push(step).expect("a place has just been made");
/// }
/// assert_eq!(trail, [2, 3, 4]);
/// assert_eq!(trail.push(5).unwrap_err().0, 5); // full: the element comes back
/// ```
#[derive(Clone, Copy, hot_reload_derive::SharedState)]
#[repr(C)]
#[shared(check = Self::check_len, role = List)]
pub struct FixedVec<T, const N: usize> {
    /// Number of elements, at most `N`. Every method upholds this; `check_len` checks it on
    /// incoming bytes.
    len: usize,
    items: [T; N],
}

impl<T: SharedState, const N: usize> FixedVec<T, N> {
    /// Creates an empty vector.
    #[must_use]
    pub fn new() -> Self {
        blank()
    }

    fn check_len(bytes: &[u8]) -> Result<(), Invalid> {
        let len = bytemuck::pod_read_unaligned::<usize>(&bytes[..size_of::<usize>()]);
        let fits = len <= N;
        if fits { Ok(()) } else { Err(Invalid::new(format_args!("length {len} of at most {N}"))) }
    }

    /// Returns `N`.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        N
    }

    /// Returns whether the vector is full.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.len == N
    }

    /// Appends an element.
    ///
    /// # Errors
    /// Returns the element if the vector is full.
    pub fn push(&mut self, element: T) -> Result<(), Full<T>> {
        if self.is_full() {
            return Err(Full(element));
        }
        self.items[self.len] = element;
        self.len += 1;
        Ok(())
    }

    /// Removes the last element.
    pub fn pop(&mut self) -> Option<T> {
        self.len = self.len.checked_sub(1)?;
        Some(self.items[self.len])
    }

    /// Inserts an element before the one at `index`.
    ///
    /// # Errors
    /// Returns the element if the vector is full.
    ///
    /// # Panics
    /// Panics if `index` is greater than the length.
    pub fn insert(&mut self, index: usize, element: T) -> Result<(), Full<T>> {
        assert!(index <= self.len, "insertion index {index} after the end {}", self.len);
        if self.is_full() {
            return Err(Full(element));
        }
        self.items.copy_within(index..self.len, index + 1);
        self.items[index] = element;
        self.len += 1;
        Ok(())
    }

    /// Removes the element at `index`; later elements move forward.
    ///
    /// # Panics
    /// Panics if there is no such element.
    pub fn remove(&mut self, index: usize) -> T {
        let removed = self[index];
        self.items.copy_within(index + 1..self.len, index);
        self.len -= 1;
        removed
    }

    /// Removes the element at `index`; the last one takes its place.
    ///
    /// # Panics
    /// Panics if there is no such element.
    pub fn swap_remove(&mut self, index: usize) -> T {
        let removed = self[index];
        self.items[index] = self.items[self.len - 1];
        self.len -= 1;
        removed
    }

    /// Keeps only the elements for which `keep` returns true, in order.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.retain_mut(|element| keep(element));
    }

    /// Keeps only the elements for which `keep` returns true, in order; `keep` may change them.
    pub fn retain_mut(&mut self, mut keep: impl FnMut(&mut T) -> bool) {
        let mut kept = 0;
        for index in 0..self.len {
            if keep(&mut self.items[index]) {
                self.items[kept] = self.items[index];
                kept += 1;
            }
        }
        self.len = kept;
    }

    /// Removes the last element if it satisfies `condition`.
    pub fn pop_if(&mut self, condition: impl FnOnce(&mut T) -> bool) -> Option<T> {
        if condition(self.last_mut()?) { self.pop() } else { None }
    }

    /// Removes the elements of `range` and returns an iterator over them; elements that it does not
    /// yield are removed as well.
    ///
    /// # Panics
    /// Panics if the range is reversed or ends after the length.
    pub fn drain(&mut self, range: impl RangeBounds<usize>) -> Drain<'_, T, N> {
        let range = range_within(&range, self.len);
        Drain::new(self, range.start, range.end)
    }

    /// Shortens the vector to its first `len` elements.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Removes all elements.
    pub fn clear(&mut self) {
        self.len = 0;
    }

    /// Changes the length to `len`; new elements are copies of `element`.
    ///
    /// # Errors
    /// Changes nothing and returns the element if `len` is greater than the capacity.
    pub fn resize(&mut self, len: usize, element: T) -> Result<(), Full<T>> {
        if len > N {
            return Err(Full(element));
        }
        if len > self.len {
            self.items[self.len..len].fill(element);
        }
        self.len = len;
        Ok(())
    }

    /// Appends all elements of a slice.
    ///
    /// # Errors
    /// Changes nothing and returns the slice if it does not fit.
    pub fn extend_from_slice<'a>(&mut self, elements: &'a [T]) -> Result<(), Full<&'a [T]>> {
        if elements.len() > N - self.len {
            return Err(Full(elements));
        }
        let end = self.len + elements.len();
        self.items[self.len..end].copy_from_slice(elements);
        self.len = end;
        Ok(())
    }

    /// Removes elements that equal their predecessor.
    pub fn dedup(&mut self)
    where
        T: PartialEq,
    {
        self.dedup_by(|later, before| later == before);
    }

    /// Removes elements that have the same key as their predecessor.
    pub fn dedup_by_key<K: PartialEq>(&mut self, mut key: impl FnMut(&mut T) -> K) {
        self.dedup_by(|later, before| key(later) == key(before));
    }

    /// Removes elements that `same` considers equal to their predecessor, its second argument.
    pub fn dedup_by(&mut self, mut same: impl FnMut(&mut T, &mut T) -> bool) {
        let mut kept = 0;
        for index in 0..self.len {
            let mut later = self.items[index];
            if kept == 0 || !same(&mut later, &mut self.items[kept - 1]) {
                self.items[kept] = later;
                kept += 1;
            }
        }
        self.len = kept;
    }

    /// Shortens the vector to `at` elements and returns the rest.
    ///
    /// # Panics
    /// Panics if there are fewer.
    #[must_use = "to remove the rest only, use `truncate`"]
    pub fn split_off(&mut self, at: usize) -> Self {
        let mut rest = Self::new();
        rest.len = self[at..].len();
        rest.items[..rest.len].copy_from_slice(&self[at..]);
        self.len = at;
        rest
    }

    /// Appends elements until one does not fit.
    ///
    /// # Errors
    /// Returns the first element that does not fit; those before it are in the vector.
    pub fn try_extend(&mut self, elements: impl IntoIterator<Item = T>) -> Result<(), Full<T>> {
        elements.into_iter().try_for_each(|element| self.push(element))
    }

    /// Returns the elements.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        self
    }

    /// Returns the elements as a mutable slice.
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        self
    }
}

impl<T: SharedState, const N: usize> Deref for FixedVec<T, N> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.items[..self.len]
    }
}

impl<T: SharedState, const N: usize> DerefMut for FixedVec<T, N> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.items[..self.len]
    }
}

impl<T: SharedState, const N: usize> Default for FixedVec<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a, T: SharedState, const N: usize> TryFrom<&'a [T]> for FixedVec<T, N> {
    type Error = Full<&'a [T]>;

    fn try_from(elements: &'a [T]) -> Result<Self, Full<&'a [T]>> {
        let mut vec = Self::new();
        vec.extend_from_slice(elements)?;
        Ok(vec)
    }
}

impl<T: SharedState, const N: usize, const M: usize> TryFrom<[T; M]> for FixedVec<T, N> {
    type Error = Full<[T; M]>;

    fn try_from(elements: [T; M]) -> Result<Self, Full<[T; M]>> {
        Self::try_from(&elements[..]).map_err(|_| Full(elements))
    }
}

impl<T: SharedState, const N: usize> TryFrom<Vec<T>> for FixedVec<T, N> {
    type Error = Full<Vec<T>>;

    fn try_from(elements: Vec<T>) -> Result<Self, Full<Vec<T>>> {
        let fitting = Self::try_from(&elements[..]).ok();
        fitting.ok_or(Full(elements))
    }
}

impl<T: SharedState + fmt::Debug, const N: usize> fmt::Debug for FixedVec<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<T, const N: usize, S> PartialEq<S> for FixedVec<T, N>
where
    T: SharedState + PartialEq,
    S: AsRef<[T]> + ?Sized,
{
    fn eq(&self, other: &S) -> bool {
        **self == *other.as_ref()
    }
}

impl<T: SharedState + Eq, const N: usize> Eq for FixedVec<T, N> {}

impl<T: SharedState + PartialOrd, const N: usize> PartialOrd for FixedVec<T, N> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        (**self).partial_cmp(&**other)
    }
}

impl<T: SharedState + Ord, const N: usize> Ord for FixedVec<T, N> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (**self).cmp(&**other)
    }
}

impl<T: SharedState, const N: usize> AsRef<[T]> for FixedVec<T, N> {
    fn as_ref(&self) -> &[T] {
        self
    }
}

impl<T: SharedState, const N: usize> AsMut<[T]> for FixedVec<T, N> {
    fn as_mut(&mut self) -> &mut [T] {
        self
    }
}

impl<T: SharedState + std::hash::Hash, const N: usize> std::hash::Hash for FixedVec<T, N> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}
