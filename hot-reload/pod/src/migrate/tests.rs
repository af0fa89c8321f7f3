//! Migrations of typed and of generated values, one test per row in `tests/`.

#![allow(clippy::unwrap_used, reason = "tests")]

mod chains;
mod collections;
mod enums;
mod fields;
mod numbers;
mod parts;
mod properties;
mod roles;

use super::properties::ran;
use super::{Migration, ParkedSet};
use crate::{
    AlignedBytes, FixedOption, FixedString, FixedVec, OwnedLayout, SharedState, blank, load,
};

/// Migrates a value; returns the new one, the parked values, and the report.
fn carry<Old: SharedState, New: SharedState>(
    old: &Old,
    fresh: &New,
    parked: ParkedSet,
) -> (New, ParkedSet, String) {
    let mut from = AlignedBytes::zeroed(size_of::<Old>());
    let mut to = AlignedBytes::zeroed(size_of::<New>());
    old.write_bytes(&mut from);
    fresh.write_bytes(&mut to);
    let (before, now) = (OwnedLayout::from(Old::LAYOUT), OwnedLayout::from(New::LAYOUT));
    let migrated = ran(&Migration::plan(&before, &now, parked, ""), &from, &mut to);
    let mut new: New = blank();
    load(&mut new, &to).unwrap();
    let parked = ParkedSet::from_bytes(&migrated.parked.to_bytes()).unwrap();
    (new, parked, migrated.report.to_string())
}

/// Migrates a value into a blank one, and replaces the parked values.
fn go<Old: SharedState, New: SharedState>(old: &Old, parked: &mut ParkedSet) -> New {
    let (new, left, report) = carry(old, &blank(), std::mem::take(parked));
    println!("{report}\n");
    *parked = left;
    new
}

/// Defines a struct of plain fields.
macro_rules! state {
    ($(#[$of_type:meta])* $name:ident { $($(#[$attribute:meta])* $field:ident: $ty:ty),* $(,)? }) => {
        #[derive(Debug, Clone, Copy, PartialEq, SharedState)]
        $(#[$of_type])*
        #[repr(C)]
        pub(super) struct $name { $($(#[$attribute])* pub(super) $field: $ty),* }
    };
}

/// Defines one test: types and value before, types after with fresh and expected value, and the
/// lines of the report. The value is then migrated back into blank bytes, which must yield the
/// original, or the value after `otherwise`. The report of the way back follows `back`.
macro_rules! change {
    (
        $name:ident
        was { $($old_items:item)* } [$($old_fields:tt)*] = { $($old:tt)* }
        now { $($new_items:item)* } [$($new_fields:tt)*] fresh { $($fresh:tt)* } => { $($new:tt)* }
        $report:literal $(back $back:literal)? $(otherwise { $($otherwise:tt)* })?
    ) => {
        #[test]
        #[allow(unused_imports, reason = "not every row has types of its own")]
        fn $name() {
            mod was { use super::*; $($old_items)* state!(State { $($old_fields)* }); }
            mod now { use super::*; $($new_items)* state!(State { $($new_fields)* }); }
            let old = { use was::*; was::State { $($old)* } };
            let (fresh, expected) = {
                use now::*;
                (now::State { $($fresh)* }, now::State { $($new)* })
            };
            let (new, parked, report) = carry(&old, &fresh, ParkedSet::default());
            assert_eq!(new, expected, "{report}");
            assert_eq!(report, trimmed($report), "\nROW {}<<{report}>>", stringify!($name));
            let (again, _, report) = carry(&new, &blank::<was::State>(), parked);
            $(let old = { use was::*; was::State { $($otherwise)* } };)?
            assert_eq!(again, old, "{report}");
            $(assert_eq!(report, trimmed($back), "\nBACK {}<<{report}>>", stringify!($name));)?
        }
    };
}
use {change, state};

/// Removes the indentation that lines have in the source.
fn trimmed(lines: &str) -> String {
    lines.trim().lines().map(str::trim).collect::<Vec<_>>().join("\n")
}

fn text<const N: usize>(text: &str) -> FixedString<N> {
    FixedString::truncated(text)
}

fn list<T: SharedState, const N: usize>(elements: &[T]) -> FixedVec<T, N> {
    let mut list = FixedVec::new();
    elements.iter().for_each(|&element| assert!(list.push(element).is_ok()));
    list
}

fn some<T>(value: T) -> FixedOption<T> {
    FixedOption::Some(value)
}
