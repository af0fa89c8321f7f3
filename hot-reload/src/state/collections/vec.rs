//! `FixedVec<T, N>`: a vector whose capacity is part of its type.

use super::Full;
use crate::state::{Invalid, SharedState, blank};
use std::fmt;
use std::ops::{Bound, Deref, DerefMut, RangeBounds};

/// A vector of at most `N` elements, without pointers.
///
/// It derefs to a slice, so that iterating, indexing, sorting and searching are the slice's. All
/// `N` places are always valid values (those behind the end are blank or left over); only the
/// first `len` are the vector's.
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
#[shared(check = Self::check_len)]
pub struct FixedVec<T, const N: usize> {
    /// At most `N`: kept by every method, and by `check_len` for bytes that come in.
    len: usize,
    items: [T; N],
}

impl<T: SharedState, const N: usize> FixedVec<T, N> {
    /// An empty vector.
    #[must_use]
    pub fn new() -> Self {
        blank()
    }

    fn check_len(bytes: &[u8]) -> Result<(), Invalid> {
        let len = bytemuck::pod_read_unaligned::<usize>(&bytes[..size_of::<usize>()]);
        let fits = len <= N;
        if fits { Ok(()) } else { Err(Invalid::new(format_args!("length {len} of at most {N}"))) }
    }

    /// `N`.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        N
    }

    /// Whether the next `push` is refused.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.len == N
    }

    /// Appends an element.
    ///
    /// # Errors
    /// Gives the element back when the vector is full.
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
    /// Gives the element back when the vector is full.
    ///
    /// # Panics
    /// When `index` is greater than the length.
    pub fn insert(&mut self, index: usize, element: T) -> Result<(), Full<T>> {
        assert!(index <= self.len, "insertion index {index} behind the end {}", self.len);
        if self.is_full() {
            return Err(Full(element));
        }
        self.items.copy_within(index..self.len, index + 1);
        self.items[index] = element;
        self.len += 1;
        Ok(())
    }

    /// Removes the element at `index`; the later ones move up.
    ///
    /// # Panics
    /// When there is no such element.
    pub fn remove(&mut self, index: usize) -> T {
        let removed = self[index];
        self.items.copy_within(index + 1..self.len, index);
        self.len -= 1;
        removed
    }

    /// Removes the element at `index`; the last one takes its place.
    ///
    /// # Panics
    /// When there is no such element.
    pub fn swap_remove(&mut self, index: usize) -> T {
        let removed = self[index];
        self.items[index] = self.items[self.len - 1];
        self.len -= 1;
        removed
    }

    /// Keeps the elements for which `keep` says so, in order.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.retain_mut(|element| keep(element));
    }

    /// Keeps the elements for which `keep` says so, in order; `keep` may change them.
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

    /// Removes the elements of `range` and hands them out; what is not taken is removed as well.
    ///
    /// # Panics
    /// When the range ends before it begins or behind the length.
    pub fn drain(&mut self, range: impl RangeBounds<usize>) -> Drain<'_, T, N> {
        let start = match range.start_bound() {
            Bound::Included(&start) => start,
            Bound::Excluded(&before) => before.checked_add(1).expect("a range that begins"),
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(&last) => last.checked_add(1).expect("a range that ends"),
            Bound::Excluded(&end) => end,
            Bound::Unbounded => self.len,
        };
        assert!(start <= end && end <= self.len, "range {start}..{end} of {} elements", self.len);
        Drain { vec: self, start, end, front: start, back: end }
    }

    /// Cuts the vector after `len` elements, if it is longer.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Removes all elements.
    pub fn clear(&mut self) {
        self.len = 0;
    }

    /// Makes the vector `len` elements long, new ones being copies of `element`.
    ///
    /// # Errors
    /// Changes nothing and gives the element back when `len` is greater than the capacity.
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
    /// Changes nothing and gives the slice back when it does not fit.
    pub fn extend_from_slice<'a>(&mut self, elements: &'a [T]) -> Result<(), Full<&'a [T]>> {
        if elements.len() > N - self.len {
            return Err(Full(elements));
        }
        let end = self.len + elements.len();
        self.items[self.len..end].copy_from_slice(elements);
        self.len = end;
        Ok(())
    }

    /// Removes elements that equal the one before them.
    pub fn dedup(&mut self)
    where
        T: PartialEq,
    {
        let mut last = None;
        self.retain(|element| last.replace(*element).is_none_or(|before| before != *element));
    }

    /// The elements.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        self
    }

    /// The elements, to be changed.
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        self
    }
}

/// The elements that [`FixedVec::drain`] removes.
pub struct Drain<'a, T: SharedState, const N: usize> {
    vec: &'a mut FixedVec<T, N>,
    start: usize,
    end: usize,
    front: usize,
    back: usize,
}

impl<T: SharedState, const N: usize> Iterator for Drain<'_, T, N> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        (self.front < self.back).then(|| {
            self.front += 1;
            self.vec.items[self.front - 1]
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.back - self.front, Some(self.back - self.front))
    }
}

impl<T: SharedState, const N: usize> DoubleEndedIterator for Drain<'_, T, N> {
    fn next_back(&mut self) -> Option<T> {
        (self.front < self.back).then(|| {
            self.back -= 1;
            self.vec.items[self.back]
        })
    }
}

impl<T: SharedState, const N: usize> ExactSizeIterator for Drain<'_, T, N> {}

impl<T: SharedState, const N: usize> Drop for Drain<'_, T, N> {
    fn drop(&mut self) {
        let len = self.vec.len;
        self.vec.items.copy_within(self.end..len, self.start);
        self.vec.len = len - (self.end - self.start);
    }
}

impl<T: SharedState + fmt::Debug, const N: usize> fmt::Debug for Drain<'_, T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.vec.items[self.front..self.back]).finish()
    }
}

/// The elements of a vector that was handed over whole.
#[derive(Debug, Clone)]
pub struct IntoIter<T: SharedState, const N: usize> {
    vec: FixedVec<T, N>,
    next: usize,
}

impl<T: SharedState, const N: usize> Iterator for IntoIter<T, N> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        let element = self.vec.get(self.next).copied()?;
        self.next += 1;
        Some(element)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.vec.len - self.next, Some(self.vec.len - self.next))
    }
}

impl<T: SharedState, const N: usize> ExactSizeIterator for IntoIter<T, N> {}

impl<T: SharedState, const N: usize> IntoIterator for FixedVec<T, N> {
    type Item = T;
    type IntoIter = IntoIter<T, N>;

    fn into_iter(self) -> IntoIter<T, N> {
        IntoIter { vec: self, next: 0 }
    }
}

impl<'a, T: SharedState, const N: usize> IntoIterator for &'a FixedVec<T, N> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, T: SharedState, const N: usize> IntoIterator for &'a mut FixedVec<T, N> {
    type Item = &'a mut T;
    type IntoIter = std::slice::IterMut<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
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
