//! Iterators over a ring.

use super::Ring;
use crate::SharedState;
use std::iter::{Chain, FusedIterator};
use std::slice;

/// Iterator over the elements of a [`Ring`] by reference.
#[derive(Debug, Clone)]
pub struct RingIter<'a, T>(pub(super) Chain<slice::Iter<'a, T>, slice::Iter<'a, T>>);

/// Iterator over the elements of a [`Ring`] by mutable reference.
#[derive(Debug)]
pub struct RingIterMut<'a, T>(pub(super) Chain<slice::IterMut<'a, T>, slice::IterMut<'a, T>>);

macro_rules! iterators {
    ($($iterator:ident $item:ty;)*) => {$(
        impl<'a, T> Iterator for $iterator<'a, T> {
            type Item = $item;

            fn next(&mut self) -> Option<$item> {
                self.0.next()
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                self.0.size_hint()
            }
        }

        impl<T> DoubleEndedIterator for $iterator<'_, T> {
            fn next_back(&mut self) -> Option<Self::Item> {
                self.0.next_back()
            }
        }

        // Two slices of one array: the sum of their lengths fits into a `usize`.
        impl<T> ExactSizeIterator for $iterator<'_, T> {}

        impl<T> FusedIterator for $iterator<'_, T> {}
    )*};
}

iterators! {
    RingIter &'a T;
    RingIterMut &'a mut T;
}

/// Iterator over the elements of a [`Ring`] by value.
#[derive(Debug, Clone)]
pub struct RingIntoIter<T: SharedState, const N: usize>(Ring<T, N>);

impl<T: SharedState, const N: usize> Iterator for RingIntoIter<T, N> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.pop_front()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.0.len, Some(self.0.len))
    }
}

impl<T: SharedState, const N: usize> DoubleEndedIterator for RingIntoIter<T, N> {
    fn next_back(&mut self) -> Option<T> {
        self.0.pop_back()
    }
}

impl<T: SharedState, const N: usize> ExactSizeIterator for RingIntoIter<T, N> {}

impl<T: SharedState, const N: usize> FusedIterator for RingIntoIter<T, N> {}

impl<T: SharedState, const N: usize> IntoIterator for Ring<T, N> {
    type Item = T;
    type IntoIter = RingIntoIter<T, N>;

    fn into_iter(self) -> RingIntoIter<T, N> {
        RingIntoIter(self)
    }
}

impl<'a, T: SharedState, const N: usize> IntoIterator for &'a Ring<T, N> {
    type Item = &'a T;
    type IntoIter = RingIter<'a, T>;

    fn into_iter(self) -> RingIter<'a, T> {
        self.iter()
    }
}

impl<'a, T: SharedState, const N: usize> IntoIterator for &'a mut Ring<T, N> {
    type Item = &'a mut T;
    type IntoIter = RingIterMut<'a, T>;

    fn into_iter(self) -> RingIterMut<'a, T> {
        self.iter_mut()
    }
}
