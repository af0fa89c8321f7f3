//! Values for which a layout has no place, kept until it has one again.

mod bytes;

use crate::owned_layout::{NodeField, NodeId, NodeKind, OwnedLayout};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// All values that are parked beside a state.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ParkedSet {
    /// The parked values, newest last.
    pub(super) values: Vec<Parked>,
    /// Earlier renames, newest last: the old path and the new path. Needed because nothing in the
    /// source names the abandoned name when a rename is undone.
    #[serde(default)]
    pub(super) renames: Vec<(String, String)>,
}

/// Limit on the renames that are remembered.
const MOST_RENAMES: usize = 256;

/// The parked values of one path.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Parked {
    /// The values' original path: `player.name`, `balls[].hue`; each value has one index per `[]`.
    pub(super) path: String,
    /// True if the values are elements for which a collection had no room; false if they are values
    /// that could not be converted in place.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) beyond: bool,
    /// True if restored values took their place. They are kept in case the edit is repeated, and
    /// only a field of exactly their type restores them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) replaced: bool,
    /// True if a field named this one in its `was` but did not take the values, because the field
    /// had been changed since. From then on, only a field of this name takes them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) passed_over: bool,
    /// Layout of one value.
    pub(super) layout: OwnedLayout,
    /// The indices of each value, concatenated.
    pub(super) at: Vec<u32>,
    /// The values, concatenated.
    #[serde(skip)]
    pub(super) bytes: Vec<u8>,
    /// The approximate value (rounded, truncated) that was left in the place of each value. The
    /// parked value is restored only while that one is unchanged. Empty if nothing was left.
    #[serde(skip)]
    pub(super) left: Vec<u8>,
}

impl ParkedSet {
    /// Returns true if nothing is parked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.renames.is_empty()
    }

    /// Returns whether some field's `was` names something that is parked: the `was` may have been
    /// added after the rename.
    pub fn is_awaited_by(&self, layout: &OwnedLayout) -> bool {
        !types_awaiting(layout, &self.values).is_empty()
    }

    /// Splits the set into the values whose path satisfies `is_first`, and the rest.
    pub fn split(self, is_first: impl Fn(&str) -> bool) -> (ParkedSet, ParkedSet) {
        let (first, rest) = self.values.into_iter().partition(|parked| is_first(&parked.path));
        let (renames, others) = self.renames.into_iter().partition(|(_, now)| is_first(now));
        (ParkedSet { values: first, renames }, ParkedSet { values: rest, renames: others })
    }

    /// Adds the values that another migration has parked.
    pub fn add(&mut self, other: ParkedSet) {
        self.values.extend(other.values);
        self.renames.extend(other.renames);
    }

    /// Appends a migration's renames to the earlier ones.
    pub(super) fn remember(
        before: &[(String, String)],
        newer: &[(String, String)],
    ) -> Vec<(String, String)> {
        let mut renames: Vec<_> =
            before.iter().filter(|rename| !newer.contains(rename)).cloned().collect();
        renames.extend(newer.iter().cloned());
        renames.drain(..renames.len().saturating_sub(MOST_RENAMES));
        renames
    }

    /// Parks a whole value whose place no longer exists.
    pub fn park_whole(&mut self, path: &str, layout: OwnedLayout, bytes: Vec<u8>) {
        let (path, at, left) = (path.to_owned(), Vec::new(), Vec::new());
        let (beyond, replaced, passed_over) = (false, false, false);
        self.values.push(Parked { path, beyond, replaced, passed_over, layout, at, bytes, left });
    }

    /// Removes and returns the newest whole value that is parked at a path.
    pub fn take_whole(&mut self, path: &str) -> Option<(OwnedLayout, Vec<u8>)> {
        let index = self.values.iter().rposition(|it| it.path == path && it.at.is_empty())?;
        let parked = self.values.remove(index);
        Some((parked.layout, parked.bytes))
    }

    /// Merges newly parked values over older ones: of two values of the same kind at the same
    /// place, the newer one replaces the older.
    pub(super) fn supersede(mut self, newer: Vec<Parked>) -> ParkedSet {
        for fresh in &newer {
            let places: HashSet<&[u32]> = fresh.indices().collect();
            let olds = std::mem::take(&mut self.values).into_iter();
            let kept = olds.filter_map(|old| match old.is_like(fresh) {
                true => old.keeping(|_, at| !places.contains(at)),
                false => Some(old),
            });
            self.values = kept.collect();
        }
        self.values.extend(newer);
        self
    }
}

impl Parked {
    /// Returns the number of indices per value.
    pub(super) fn depth(&self) -> usize {
        self.path.matches("[]").count()
    }

    pub(super) fn size(&self) -> usize {
        self.layout.size()
    }

    pub(super) fn count(&self) -> usize {
        match self.depth() {
            0 => 1,
            depth => self.at.len() / depth,
        }
    }

    /// Returns whether the values belong to a removed field, so that a field whose `was` names it
    /// may take them.
    pub(super) fn waits(&self) -> bool {
        !self.beyond && !self.replaced && !self.passed_over && self.left.is_empty()
    }

    fn is_sound(&self) -> bool {
        let (depth, count) = (self.depth(), self.count());
        self.at.len() == depth * count
            && self.size().checked_mul(count) == Some(self.bytes.len())
            && self.left.len().is_multiple_of(count.max(1))
    }

    /// Returns the indices of each value.
    pub(super) fn indices(&self) -> impl Iterator<Item = &[u32]> {
        let depth = self.depth();
        (0..self.count()).map(move |number| &self.at[number * depth..(number + 1) * depth])
    }

    pub(super) fn value(&self, number: usize) -> &[u8] {
        &self.bytes[number * self.size()..(number + 1) * self.size()]
    }

    /// Returns what was left in a value's place.
    pub(super) fn left(&self, number: usize) -> &[u8] {
        let len = self.left.len() / self.count().max(1);
        &self.left[number * len..(number + 1) * len]
    }

    /// Applies the rename of the innermost renamed ancestor. All renames happen at once, so that
    /// two names may be swapped.
    pub(super) fn rename(&mut self, renames: &[(String, String)]) {
        let rest = |before: &str| {
            let rest = self.path.strip_prefix(before)?;
            (rest.is_empty() || rest.starts_with(['.', '['])).then_some(rest)
        };
        let found = renames.iter().filter_map(|(before, now)| Some((rest(before)?, now)));
        if let Some((rest, now)) = found.min_by_key(|(rest, _)| rest.len()) {
            self.path = format!("{now}{rest}");
        }
    }

    fn is_like(&self, other: &Parked) -> bool {
        (&self.path, self.beyond, self.replaced) == (&other.path, other.beyond, other.replaced)
            && self.layout.fingerprint() == other.layout.fingerprint()
    }

    /// Keeps the values for which `keep` returns true, given number and indices; returns `None` if
    /// none is left.
    pub(super) fn keeping(mut self, keep: impl Fn(usize, &[u32]) -> bool) -> Option<Parked> {
        let kept: Vec<_> = self.indices().enumerate().map(|(n, at)| keep(n, at)).collect();
        if kept.iter().all(|&kept| kept) {
            return Some(self);
        }
        let (mut at, mut bytes, mut left) = (Vec::new(), Vec::new(), Vec::new());
        for (number, indices) in self.indices().enumerate().filter(|(number, _)| kept[*number]) {
            at.extend_from_slice(indices);
            bytes.extend_from_slice(self.value(number));
            left.extend_from_slice(self.left(number));
        }
        (self.at, self.bytes, self.left) = (at, bytes, left);
        kept.contains(&true).then_some(self)
    }
}

/// Returns the types that contain, at any depth, a field whose `was` names something that is
/// parked.
pub(super) fn types_awaiting(new: &OwnedLayout, parked: &[Parked]) -> HashSet<NodeId> {
    let mut types = HashSet::new();
    let waiting = parked.iter().filter(|parked| parked.waits());
    let names: HashSet<_> = waiting.filter_map(|it| it.path.rsplit(['.', '/']).next()).collect();
    if names.is_empty() {
        return types;
    }
    // Parts come before the types made of them.
    for id in (0..=new.root().0).map(NodeId) {
        let awaits = |field: &NodeField, types: &HashSet<NodeId>| {
            types.contains(&field.ty) || field.was.iter().any(|name| names.contains(name))
        };
        let late = match &new.node(id).kind {
            NodeKind::Primitive(_) | NodeKind::Pod => false,
            NodeKind::Struct(fields) => fields.iter().any(|field| awaits(field, &types)),
            NodeKind::Array { element, .. } => types.contains(element),
            NodeKind::Enum { variants, .. } => {
                let mut fields = variants.iter().flat_map(|variant| &variant.fields);
                fields.any(|field| awaits(field, &types))
            }
        };
        if late {
            types.insert(id);
        }
    }
    types
}
