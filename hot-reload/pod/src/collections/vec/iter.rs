//! Iterators that take elements out of a vector.

use super::FixedVec;
use crate::SharedState;
use std::fmt;
use std::iter::FusedIterator;

/// Iterator over the elements that [`FixedVec::drain`] removes.
pub struct Drain<'a, T: SharedState, const N: usize> {
    vec: &'a mut FixedVec<T, N>,
    start: usize,
    end: usize,
    front: usize,
    back: usize,
}

impl<'a, T: SharedState, const N: usize> Drain<'a, T, N> {
    /// Creates an iterator over a range within the vector.
    pub(super) fn new(vec: &'a mut FixedVec<T, N>, start: usize, end: usize) -> Self {
        Drain { vec, start, end, front: start, back: end }
    }
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

impl<T: SharedState, const N: usize> FusedIterator for Drain<'_, T, N> {}

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

/// Iterator over the elements of a vector by value.
#[derive(Debug, Clone)]
pub struct IntoIter<T: SharedState, const N: usize> {
    /// The vector, shortened as the iterator is consumed from the back.
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

impl<T: SharedState, const N: usize> DoubleEndedIterator for IntoIter<T, N> {
    fn next_back(&mut self) -> Option<T> {
        if self.next == self.vec.len { None } else { self.vec.pop() }
    }
}

impl<T: SharedState, const N: usize> ExactSizeIterator for IntoIter<T, N> {}

impl<T: SharedState, const N: usize> FusedIterator for IntoIter<T, N> {}

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
