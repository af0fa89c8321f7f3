//! `FixedMap<K, V, N>`: a sorted map whose capacity is part of its type.

mod iter;

pub use iter::{MapIntoIter, MapIter, MapIterMut};

use super::{FixedVec, Full};
use crate::{SharedState, blank};
use iter::{Keys, Values, ValuesMut};
use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::ops::{Bound, Index, RangeBounds};

/// A `BTreeMap` of at most `N` entries, without pointers; it also replaces a `HashMap`.
///
/// The entries are contiguous and sorted by key. A lookup takes O(log n) comparisons; an insertion
/// or a removal moves all later entries. If thousands of entries come and go, a
/// [`Pool`](crate::Pool) with handles is faster.
///
/// ```
/// use hot_reload::{collections::FixedMap, FixedString};
///
/// let mut scores = FixedMap::<FixedString<16>, u32, 8>::new();
/// for name in ["eve", "adam", "eve"] {
///     *scores.get_or_insert_with(name.try_into()?, || 0)? += 1;
/// }
/// assert_eq!(scores.get("eve"), Some(&2));
/// assert_eq!(scores.keys().map(|name| name.as_str()).collect::<Vec<_>>(), ["adam", "eve"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, hot_reload_derive::SharedState)]
#[repr(C)]
#[shared(settle = Self::put_in_order, role = Map)]
pub struct FixedMap<K: Ord, V, const N: usize> {
    /// Entries sorted by key, each key once. Incoming bytes are accepted in any order; until
    /// `settle` has run, a lookup in them may miss an entry, but nothing worse happens.
    entries: FixedVec<Entry<K, V>, N>,
}

#[derive(Clone, Copy, hot_reload_derive::SharedState)]
#[repr(C)]
struct Entry<K, V> {
    key: K,
    value: V,
}

impl<K: SharedState + Ord, V: SharedState, const N: usize> FixedMap<K, V, N> {
    /// Creates an empty map.
    #[must_use]
    pub fn new() -> Self {
        blank()
    }

    /// Sorts the entries. Another build's `Ord` may order keys differently, and a migration may
    /// have changed keys or made two of them equal; then the first entry stays.
    fn put_in_order(&mut self) {
        if !self.entries.is_sorted_by(|one, next| one.key.cmp(&next.key).is_lt()) {
            self.entries.sort_by_key(|entry| entry.key);
            self.entries.dedup_by(|later, one| one.key.cmp(&later.key).is_eq());
        }
    }

    /// Returns `N`.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        N
    }

    /// Returns the number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns whether the map is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns whether the map is full.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.entries.is_full()
    }

    /// Returns the index of a key as `Ok`, or the index at which it would be inserted as `Err`.
    fn place<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        self.entries.binary_search_by(|entry| entry.key.borrow().cmp(key))
    }

    /// Sets the value of a key and returns its old value. If the key exists, the stored key stays.
    ///
    /// # Errors
    /// Returns key and value if the key is new and the map is full.
    pub fn insert(&mut self, key: K, value: V) -> Result<Option<V>, Full<(K, V)>> {
        match self.place(&key) {
            Ok(index) => Ok(Some(std::mem::replace(&mut self.entries[index].value, value))),
            Err(index) => match self.entries.insert(index, Entry { key, value }) {
                Ok(()) => Ok(None),
                Err(Full(Entry { key, value })) => Err(Full((key, value))),
            },
        }
    }

    /// Returns a mutable reference to the value of a key; inserts the result of `value` if the key
    /// is new.
    ///
    /// # Errors
    /// Returns the key if it is new and the map is full; then `value` is not called.
    pub fn get_or_insert_with(
        &mut self,
        key: K,
        value: impl FnOnce() -> V,
    ) -> Result<&mut V, Full<K>> {
        let index = match self.place(&key) {
            Ok(index) => index,
            Err(_) if self.is_full() => return Err(Full(key)),
            Err(index) => {
                let entry = Entry { key, value: value() };
                self.entries.insert(index, entry).map_err(|Full(entry)| Full(entry.key))?;
                index
            }
        };
        Ok(&mut self.entries[index].value)
    }

    /// Inserts entries until one does not fit; of equal keys, the last value wins.
    ///
    /// # Errors
    /// Returns the first entry that does not fit; those before it are in the map.
    pub fn try_extend(
        &mut self,
        entries: impl IntoIterator<Item = (K, V)>,
    ) -> Result<(), Full<(K, V)>> {
        entries.into_iter().try_for_each(|(key, value)| self.insert(key, value).map(|_| ()))
    }

    /// Returns the value of a key.
    #[must_use]
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.get_key_value(key).map(|(_, value)| value)
    }

    /// Returns the stored key and its value.
    #[must_use]
    pub fn get_key_value<Q: Ord + ?Sized>(&self, key: &Q) -> Option<(&K, &V)>
    where
        K: Borrow<Q>,
    {
        self.entries.get(self.place(key).ok()?).map(|Entry { key, value }| (key, value))
    }

    /// Returns a mutable reference to the value of a key.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let index = self.place(key).ok()?;
        Some(&mut self.entries[index].value)
    }

    /// Returns whether the map contains a key.
    #[must_use]
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.place(key).is_ok()
    }

    /// Removes a key and returns its value.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.remove_entry(key).map(|(_, value)| value)
    }

    /// Removes a key and returns key and value.
    pub fn remove_entry<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<(K, V)>
    where
        K: Borrow<Q>,
    {
        let Entry { key, value } = self.entries.remove(self.place(key).ok()?);
        Some((key, value))
    }

    /// Returns the entry with the least key.
    #[must_use]
    pub fn first_key_value(&self) -> Option<(&K, &V)> {
        self.iter().next()
    }

    /// Returns the entry with the greatest key.
    #[must_use]
    pub fn last_key_value(&self) -> Option<(&K, &V)> {
        self.iter().next_back()
    }

    /// Removes the entry with the least key.
    pub fn pop_first(&mut self) -> Option<(K, V)> {
        let first = (!self.is_empty()).then(|| self.entries.remove(0))?;
        Some((first.key, first.value))
    }

    /// Removes the entry with the greatest key.
    pub fn pop_last(&mut self) -> Option<(K, V)> {
        self.entries.pop().map(|Entry { key, value }| (key, value))
    }

    /// Keeps only the entries for which `keep` returns true; `keep` may change the values.
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &mut V) -> bool) {
        self.entries.retain_mut(|Entry { key, value }| keep(key, value));
    }

    /// Removes all entries.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// Returns an iterator over the entries whose keys are in a range, from the least key to the
    /// greatest; a reversed range is empty.
    pub fn range<Q: Ord + ?Sized>(&self, range: impl RangeBounds<Q>) -> MapIter<'_, K, V>
    where
        K: Borrow<Q>,
    {
        let (start, end) = self.places(&range);
        MapIter(self.entries[start..end].iter())
    }

    /// Returns an iterator over the entries whose keys are in a range, from the least key to the
    /// greatest, with mutable values; a reversed range is empty.
    pub fn range_mut<Q: Ord + ?Sized>(&mut self, range: impl RangeBounds<Q>) -> MapIterMut<'_, K, V>
    where
        K: Borrow<Q>,
    {
        let (start, end) = self.places(&range);
        MapIterMut(self.entries[start..end].iter_mut())
    }

    fn places<Q: Ord + ?Sized>(&self, range: &impl RangeBounds<Q>) -> (usize, usize)
    where
        K: Borrow<Q>,
    {
        let before = |bound: &Q, or_at: bool| {
            self.entries.partition_point(|entry| match entry.key.borrow().cmp(bound) {
                Ordering::Less => true,
                Ordering::Equal => or_at,
                Ordering::Greater => false,
            })
        };
        let start = match range.start_bound() {
            Bound::Included(first) => before(first, false),
            Bound::Excluded(before_it) => before(before_it, true),
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(last) => before(last, true),
            Bound::Excluded(end) => before(end, false),
            Bound::Unbounded => self.len(),
        };
        (start, end.max(start))
    }

    /// Returns an iterator over the entries from the least key to the greatest.
    pub fn iter(&self) -> MapIter<'_, K, V> {
        MapIter(self.entries.iter())
    }

    /// Returns an iterator over the entries from the least key to the greatest, with mutable
    /// values.
    pub fn iter_mut(&mut self) -> MapIterMut<'_, K, V> {
        MapIterMut(self.entries.iter_mut())
    }

    /// Returns an iterator over the keys from the least to the greatest.
    pub fn keys(&self) -> Keys<'_, K, V> {
        self.iter().map(|(key, _)| key)
    }

    /// Returns an iterator over the values in the order of their keys.
    pub fn values(&self) -> Values<'_, K, V> {
        self.iter().map(|(_, value)| value)
    }

    /// Returns a mutable iterator over the values in the order of their keys.
    pub fn values_mut(&mut self) -> ValuesMut<'_, K, V> {
        self.iter_mut().map(|(_, value)| value)
    }
}

impl<K: SharedState + Ord + Borrow<Q>, Q: Ord + ?Sized, V: SharedState, const N: usize> Index<&Q>
    for FixedMap<K, V, N>
{
    type Output = V;

    fn index(&self, key: &Q) -> &V {
        let Some(value) = self.get(key) else { panic!("no entry has this key") };
        value
    }
}

impl<K: SharedState + Ord, V: SharedState, const N: usize> Default for FixedMap<K, V, N> {
    fn default() -> Self {
        Self::new()
    }
}

/// Inserts all entries; of equal keys, the last value wins.
impl<K: SharedState + Ord, V: SharedState, const N: usize, const M: usize> TryFrom<[(K, V); M]>
    for FixedMap<K, V, N>
{
    type Error = Full<[(K, V); M]>;

    fn try_from(entries: [(K, V); M]) -> Result<Self, Full<[(K, V); M]>> {
        let mut map = Self::new();
        map.try_extend(entries).map_err(|_| Full(entries))?;
        Ok(map)
    }
}

impl<K, V, const N: usize> fmt::Debug for FixedMap<K, V, N>
where
    K: SharedState + Ord + fmt::Debug,
    V: SharedState + fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

impl<K, V, const N: usize, const M: usize> PartialEq<FixedMap<K, V, M>> for FixedMap<K, V, N>
where
    K: SharedState + Ord,
    V: SharedState + PartialEq,
{
    fn eq(&self, other: &FixedMap<K, V, M>) -> bool {
        self.iter().eq(other)
    }
}

impl<K: SharedState + Ord, V: SharedState + Eq, const N: usize> Eq for FixedMap<K, V, N> {}

impl<K, V, const N: usize> std::hash::Hash for FixedMap<K, V, N>
where
    K: SharedState + Ord + std::hash::Hash,
    V: SharedState + std::hash::Hash,
{
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.len().hash(state);
        self.iter().for_each(|entry| entry.hash(state));
    }
}
