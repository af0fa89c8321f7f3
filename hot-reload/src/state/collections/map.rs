//! `FixedMap<K, V, N>`: a sorted map whose capacity is part of its type.

mod iter;

pub use iter::{MapIntoIter, MapIter, MapIterMut};

use super::{FixedVec, Full};
use crate::state::{SharedState, blank};
use iter::{Keys, Values, ValuesMut};
use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::ops::{Bound, Index, RangeBounds};

/// A `BTreeMap` of at most `N` entries, without pointers; also what to take for a `HashMap`.
///
/// The entries lie one after the other, sorted by their keys: a lookup takes O(log n) comparisons,
/// an insertion or a removal moves all entries behind it. For thousands of entries that come and go,
/// a [`Pool`](crate::Pool) and handles are faster.
///
/// ```
/// use hot_reload::{FixedMap, FixedString};
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
    /// Sorted by their keys, each key once. Bytes from elsewhere are accepted in any order: in those
    /// a lookup may miss what is there, and nothing worse, until `settle` has run.
    entries: FixedVec<Entry<K, V>, N>,
}

#[derive(Clone, Copy, hot_reload_derive::SharedState)]
#[repr(C)]
struct Entry<K, V> {
    key: K,
    value: V,
}

impl<K: SharedState + Ord, V: SharedState, const N: usize> FixedMap<K, V, N> {
    /// An empty map.
    #[must_use]
    pub fn new() -> Self {
        blank()
    }

    /// Another build's `Ord` may have sorted in another way, and a migration may have changed the
    /// keys or found two that are equal now: of those the first stays.
    fn put_in_order(&mut self) {
        if !self.entries.is_sorted_by(|one, next| one.key.cmp(&next.key).is_lt()) {
            self.entries.sort_by_key(|entry| entry.key);
            self.entries.dedup_by(|later, one| one.key.cmp(&later.key).is_eq());
        }
    }

    /// `N`.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        N
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether the next new key is refused.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.entries.is_full()
    }

    /// Where a key is, or where it would go.
    fn place<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        self.entries.binary_search_by(|entry| entry.key.borrow().cmp(key))
    }

    /// Gives a key its value, and hands out the one that it had. The key itself stays the one that
    /// was there.
    ///
    /// # Errors
    /// Gives both back when the key is new and the map is full.
    pub fn insert(&mut self, key: K, value: V) -> Result<Option<V>, Full<(K, V)>> {
        match self.place(&key) {
            Ok(index) => Ok(Some(std::mem::replace(&mut self.entries[index].value, value))),
            Err(index) => match self.entries.insert(index, Entry { key, value }) {
                Ok(()) => Ok(None),
                Err(Full(Entry { key, value })) => Err(Full((key, value))),
            },
        }
    }

    /// The value of a key, which `value` makes if there was none, to be changed.
    ///
    /// # Errors
    /// Gives the key back when it is new and the map is full; `value` is not called then.
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

    /// Inserts entries as long as they fit; of equal keys the last value stays.
    ///
    /// # Errors
    /// Gives the first entry back that does not fit; those before it are in the map.
    pub fn try_extend(
        &mut self,
        entries: impl IntoIterator<Item = (K, V)>,
    ) -> Result<(), Full<(K, V)>> {
        entries.into_iter().try_for_each(|(key, value)| self.insert(key, value).map(|_| ()))
    }

    /// The value of a key.
    #[must_use]
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.get_key_value(key).map(|(_, value)| value)
    }

    /// A key as it is in the map, and its value.
    #[must_use]
    pub fn get_key_value<Q: Ord + ?Sized>(&self, key: &Q) -> Option<(&K, &V)>
    where
        K: Borrow<Q>,
    {
        self.entries.get(self.place(key).ok()?).map(|Entry { key, value }| (key, value))
    }

    /// The value of a key, to be changed.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let index = self.place(key).ok()?;
        Some(&mut self.entries[index].value)
    }

    /// Whether a key has a value.
    #[must_use]
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.place(key).is_ok()
    }

    /// Removes a key, and hands out its value.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.remove_entry(key).map(|(_, value)| value)
    }

    /// Removes a key, and hands both out.
    pub fn remove_entry<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<(K, V)>
    where
        K: Borrow<Q>,
    {
        let Entry { key, value } = self.entries.remove(self.place(key).ok()?);
        Some((key, value))
    }

    /// The entry with the least key.
    #[must_use]
    pub fn first_key_value(&self) -> Option<(&K, &V)> {
        self.iter().next()
    }

    /// The entry with the greatest key.
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

    /// Keeps the entries for which `keep` says so; it may change the values.
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &mut V) -> bool) {
        self.entries.retain_mut(|Entry { key, value }| keep(key, value));
    }

    /// Removes all entries.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// The entries whose keys are in a range, from the least key to the greatest; none when the
    /// range ends before it begins.
    pub fn range<Q: Ord + ?Sized>(&self, range: impl RangeBounds<Q>) -> MapIter<'_, K, V>
    where
        K: Borrow<Q>,
    {
        let (start, end) = self.places(&range);
        MapIter(self.entries[start..end].iter())
    }

    /// The entries whose keys are in a range, from the least key to the greatest, their values to be
    /// changed; none when the range ends before it begins.
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

    /// The entries from the least key to the greatest.
    pub fn iter(&self) -> MapIter<'_, K, V> {
        MapIter(self.entries.iter())
    }

    /// The entries from the least key to the greatest, their values to be changed.
    pub fn iter_mut(&mut self) -> MapIterMut<'_, K, V> {
        MapIterMut(self.entries.iter_mut())
    }

    /// The keys from the least to the greatest.
    pub fn keys(&self) -> Keys<'_, K, V> {
        self.iter().map(|(key, _)| key)
    }

    /// The values in the order of their keys.
    pub fn values(&self) -> Values<'_, K, V> {
        self.iter().map(|(_, value)| value)
    }

    /// The values in the order of their keys, to be changed.
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

/// Of equal keys the last value stays.
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
