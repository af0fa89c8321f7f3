//! Iterators over a map.

use super::{Entry, FixedMap};
use crate::{SharedState, collections::IntoIter};
use std::fmt;
use std::iter::{FusedIterator, Map};
use std::slice;

/// Iterator over the entries of a [`FixedMap`] by reference.
pub struct MapIter<'a, K, V>(pub(super) slice::Iter<'a, Entry<K, V>>);

/// Iterator over the entries of a [`FixedMap`], with mutable values.
pub struct MapIterMut<'a, K, V>(pub(super) slice::IterMut<'a, Entry<K, V>>);

/// Iterator over the entries of a [`FixedMap`] by value.
#[derive(Clone)]
pub struct MapIntoIter<K: SharedState, V: SharedState, const N: usize>(IntoIter<Entry<K, V>, N>);

// Spelled out in full, because an `impl Iterator` might have a destructor, and then `if let
// Some(it) = …next()` would keep the collection borrowed.

/// Iterator over the keys of a map.
pub(super) type Keys<'a, K, V> = Map<MapIter<'a, K, V>, fn((&'a K, &'a V)) -> &'a K>;
/// Iterator over the values of a map.
pub(super) type Values<'a, K, V> = Map<MapIter<'a, K, V>, fn((&'a K, &'a V)) -> &'a V>;
/// Iterator over the values of a map by mutable reference.
pub(super) type ValuesMut<'a, K, V> =
    Map<MapIterMut<'a, K, V>, fn((&'a K, &'a mut V)) -> &'a mut V>;

macro_rules! iterators {
    ($($iterator:ty [$($generics:tt)*] $item:ty, $entry:ident $of:expr;)*) => {$(
        impl<$($generics)*> Iterator for $iterator {
            type Item = $item;

            fn next(&mut self) -> Option<Self::Item> {
                self.0.next().map(|$entry| $of)
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                self.0.size_hint()
            }
        }

        impl<$($generics)*> DoubleEndedIterator for $iterator {
            fn next_back(&mut self) -> Option<Self::Item> {
                self.0.next_back().map(|$entry| $of)
            }
        }

        impl<$($generics)*> ExactSizeIterator for $iterator {}

        impl<$($generics)*> FusedIterator for $iterator {}

        impl<$($generics)*> fmt::Debug for $iterator {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{} entries of a map", self.len())
            }
        }
    )*};
}

iterators! {
    MapIter<'a, K, V> ['a, K, V] (&'a K, &'a V), entry (&entry.key, &entry.value);
    MapIterMut<'a, K, V> ['a, K, V] (&'a K, &'a mut V), entry (&entry.key, &mut entry.value);
    MapIntoIter<K, V, N> [K: SharedState, V: SharedState, const N: usize] (K, V), entry
        (entry.key, entry.value);
}

impl<K, V> Clone for MapIter<'_, K, V> {
    fn clone(&self) -> Self {
        MapIter(self.0.clone())
    }
}

impl<K: SharedState + Ord, V: SharedState, const N: usize> IntoIterator for FixedMap<K, V, N> {
    type Item = (K, V);
    type IntoIter = MapIntoIter<K, V, N>;

    fn into_iter(self) -> Self::IntoIter {
        MapIntoIter(self.entries.into_iter())
    }
}

impl<'a, K, V, const N: usize> IntoIterator for &'a FixedMap<K, V, N>
where
    K: SharedState + Ord,
    V: SharedState,
{
    type Item = (&'a K, &'a V);
    type IntoIter = MapIter<'a, K, V>;

    fn into_iter(self) -> MapIter<'a, K, V> {
        self.iter()
    }
}

impl<'a, K, V, const N: usize> IntoIterator for &'a mut FixedMap<K, V, N>
where
    K: SharedState + Ord,
    V: SharedState,
{
    type Item = (&'a K, &'a mut V);
    type IntoIter = MapIterMut<'a, K, V>;

    fn into_iter(self) -> MapIterMut<'a, K, V> {
        self.iter_mut()
    }
}
