//! Late renames: a field is renamed first, and its `was` is added in a later save. By then its
//! value is parked under the old name, and the field holds a default.

use super::pair::Place;
use super::step::{At, Restore};
use super::{Outcome, Planner};
use crate::owned_layout::{NodeField, OwnedLayout};
use std::collections::{HashMap, HashSet};

impl Planner<'_> {
    /// Returns the paths under which a value may be parked with an earlier name of an existing
    /// field.
    pub(super) fn late_names(
        &self,
        field: &NodeField,
        before: &[NodeField],
        place: &Place,
    ) -> Vec<String> {
        if self.late.is_empty() || place.restoring {
            return Vec::new();
        }
        let gone = |name: &&&str| before.iter().all(|field| field.name != **name);
        field.was.iter().filter(gone).flat_map(|name| place.child(name, &[name]).before).collect()
    }

    /// Plans restoring what is parked under an earlier name of a place; it applies only while the
    /// place holds a default.
    pub(super) fn late_restores(&mut self, to: At, place: &Place, from: At) -> Vec<Restore> {
        if place.late.is_empty() {
            return Vec::new();
        }
        let (path, before, late) = (place.path.clone(), place.late.clone(), Vec::new());
        let mut restores = self.restores(to, &Place { path, before, late, ..*place }, Some(from));
        restores.retain_mut(|restore| {
            let parked = &self.parked[restore.parked];
            if !parked.waits() {
                return false;
            }
            let note = format!("stays parked: `{}` has been changed since", place.path);
            let path = parked.path.clone();
            let named = Place { path, before: Vec::new(), late: Vec::new(), ..*place };
            restore.late = Some(self.line(&named, Outcome::Parked, note, None));
            true
        });
        restores
    }

    /// Guesses renames of new fields: exactly one field of the type was removed, and one was added.
    pub(super) fn perhaps_renamed<'f>(
        &self,
        old: &OwnedLayout,
        before: &'f [NodeField],
        now: &'f [NodeField],
        pairs: &[Option<usize>],
        place: &Place,
    ) -> HashMap<&'f str, &'f str> {
        let taken: HashSet<_> = pairs.iter().flatten().copied().collect();
        if place.restoring || taken.len() == before.len() || taken.len() == now.len() {
            return HashMap::new();
        }
        let mut of_type = HashMap::<u64, (Vec<&'f str>, Vec<&'f str>)>::new();
        let gone = before.iter().enumerate().filter(|(index, _)| !taken.contains(index));
        for (_, field) in gone {
            of_type.entry(old.fingerprint_of(field.ty)).or_default().0.push(&field.name);
        }
        for (field, _) in now.iter().zip(pairs).filter(|(_, pair)| pair.is_none()) {
            of_type.entry(self.new.fingerprint_of(field.ty)).or_default().1.push(&field.name);
        }
        // Tuple fields are matched by position and cannot have attributes.
        let named = |name: &str| !name.starts_with(|first: char| first.is_ascii_digit());
        let pairs = of_type.into_values().filter_map(|(gone, come)| match (&gone[..], &come[..]) {
            ([gone], [come]) if named(gone) && named(come) => Some((*come, *gone)),
            _ => None,
        });
        pairs.collect()
    }
}
