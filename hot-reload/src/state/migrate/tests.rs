//! Migrations of typed values and of made-up ones, row by row in `tests/`.

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
use crate::state::{
    AlignedBytes, FixedOption, FixedString, FixedVec, OwnedLayout, SharedState, blank, load,
};

/// A value carried over: the new one, what is parked, and the report.
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

/// Carries a value into a blank one, what is parked going along.
fn go<Old: SharedState, New: SharedState>(old: &Old, parked: &mut ParkedSet) -> New {
    let (new, left, report) = carry(old, &blank(), std::mem::take(parked));
    println!("{report}\n");
    *parked = left;
    new
}

/// A struct of plain fields.
macro_rules! state {
    ($(#[$of_type:meta])* $name:ident { $($(#[$attribute:meta])* $field:ident: $ty:ty),* $(,)? }) => {
        #[derive(Debug, Clone, Copy, PartialEq, SharedState)]
        $(#[$of_type])*
        #[repr(C)]
        pub(super) struct $name { $($(#[$attribute])* pub(super) $field: $ty),* }
    };
}

/// One row: the types and values before, those after with a fresh value, and the report line by line.
/// Then the way back into blank bytes, which must find the value as it was, or what follows `otherwise`;
/// after `back` its report.
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

/// Lines without the space that indents them in the source.
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
