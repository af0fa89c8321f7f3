//! Iterators over a pool.

use super::{Handle, Pool, Slot};
use crate::SharedState;
use std::fmt;
use std::iter::{FusedIterator, Map};
use std::slice;

/// Iterator over the values of a [`Pool`] with their handles.
pub struct PoolIter<'a, T> {
    slots: slice::Iter<'a, Slot<T>>,
    /// Index of the first remaining slot.
    index: u32,
}

/// Iterator over the values of a [`Pool`] by mutable reference, with their handles.
pub struct PoolIterMut<'a, T> {
    slots: slice::IterMut<'a, Slot<T>>,
    /// Index of the first remaining slot.
    index: u32,
}

// Spelled out in full, because an `impl Iterator` might have a destructor, and then `if let
// Some(it) = …next()` would keep the collection borrowed.

/// Iterator over the handles of a pool.
pub(super) type Handles<'a, T> = Map<PoolIter<'a, T>, fn((Handle<T>, &'a T)) -> Handle<T>>;
/// Iterator over the values of a pool.
pub(super) type Values<'a, T> = Map<PoolIter<'a, T>, fn((Handle<T>, &'a T)) -> &'a T>;
/// Iterator over the values of a pool by mutable reference.
pub(super) type ValuesMut<'a, T> = Map<PoolIterMut<'a, T>, fn((Handle<T>, &'a mut T)) -> &'a mut T>;

macro_rules! iterators {
    ($($iterator:ident $slots:ty, $iter:ident, $item:ty, $value:ident $of:expr;)*) => {$(
        impl<'a, T> $iterator<'a, T> {
            /// Creates an iterator over a pool's slots, whose indices fit into 32 bits.
            pub(super) fn new(slots: $slots) -> Self {
                Self { slots: slots.$iter(), index: 0 }
            }
        }

        impl<'a, T> Iterator for $iterator<'a, T> {
            type Item = (Handle<T>, $item);

            fn next(&mut self) -> Option<Self::Item> {
                loop {
                    let $value = self.slots.next()?;
                    let index = self.index;
                    self.index += 1;
                    if $value.in_use() {
                        return Some((Handle::new(index, $value.generation), $of));
                    }
                }
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                (0, Some(self.slots.len()))
            }
        }

        impl<T> DoubleEndedIterator for $iterator<'_, T> {
            fn next_back(&mut self) -> Option<Self::Item> {
                loop {
                    let $value = self.slots.next_back()?;
                    if $value.in_use() {
                        let before = u32::try_from(self.slots.len()).ok()?;
                        return Some((Handle::new(self.index + before, $value.generation), $of));
                    }
                }
            }
        }

        impl<T> FusedIterator for $iterator<'_, T> {}

        impl<T> fmt::Debug for $iterator<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}(at most {} values)", stringify!($iterator), self.slots.len())
            }
        }
    )*};
}

iterators! {
    PoolIter &'a [Slot<T>], iter, &'a T, slot &slot.value;
    PoolIterMut &'a mut [Slot<T>], iter_mut, &'a mut T, slot &mut slot.value;
}

impl<T> Clone for PoolIter<'_, T> {
    fn clone(&self) -> Self {
        PoolIter { slots: self.slots.clone(), index: self.index }
    }
}

impl<'a, T: SharedState, const N: usize> IntoIterator for &'a Pool<T, N> {
    type Item = (Handle<T>, &'a T);
    type IntoIter = PoolIter<'a, T>;

    fn into_iter(self) -> PoolIter<'a, T> {
        self.iter()
    }
}

impl<'a, T: SharedState, const N: usize> IntoIterator for &'a mut Pool<T, N> {
    type Item = (Handle<T>, &'a mut T);
    type IntoIter = PoolIterMut<'a, T>;

    fn into_iter(self) -> PoolIterMut<'a, T> {
        self.iter_mut()
    }
}
