//! Migration: carrying a value from one layout to another.
//!
//! A plan is made once from the two layouts; running it costs little more than moving the bytes.
//! Values without a place in the new layout are parked: kept beside the state, and restored once
//! there is a place again. Everything here works on layouts and bytes, and trusts neither: the old
//! bytes may be arbitrary, and the result is valid for the new layout.

#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]

mod blank;
mod number;
mod parked;
mod plan;
#[cfg(any(test, fuzzing))]
mod properties;
mod report;
mod run;
mod sequence;
#[cfg(test)]
mod tests;

pub(crate) use blank::blank_of;
pub(crate) use parked::Parked;
pub use parked::ParkedSet;
#[cfg(any(test, fuzzing))]
pub(crate) use properties::{pair_of_layouts as pair, play};
pub use report::{FieldReport, MigrationReport, Outcome};

use super::OwnedLayout;
use plan::Planner;
use plan::step::Step;
use report::{Line, Records};

/// A range of old bytes that is copied unchanged into the new value.
#[derive(Debug, Clone, Copy)]
struct Copied {
    from: usize,
    to: usize,
    len: usize,
}

/// A plan that turns values of one layout into values of another.
#[derive(Debug)]
pub struct Migration {
    old: OwnedLayout,
    new: OwnedLayout,
    /// Values parked earlier, which the steps may restore.
    parked: Vec<Parked>,
    /// Ranges that are copied unchanged; separate from the other steps, which for a state of many
    /// fields would have to skip them.
    copies: Vec<Copied>,
    steps: Vec<Step>,
    lines: Vec<Line>,
    /// Number of collections, for their element counts.
    sequences: usize,
    /// Renamed fields: old path, new path.
    renames: Vec<(String, String)>,
    /// Renamed fields of earlier migrations.
    renamed_before: Vec<(String, String)>,
}

impl Migration {
    /// Plans the migration from `old` to `new`; `prefix` is put before each path of the report.
    pub fn plan(
        old: &OwnedLayout,
        new: &OwnedLayout,
        parked: ParkedSet,
        prefix: &str,
    ) -> Migration {
        Self::planned(old, new, parked, prefix, false)
    }

    /// Plans the migration from the types of this program to those of another, which nothing can
    /// be added to: fields are renamed by what those of this program were called.
    pub fn plan_back(old: &OwnedLayout, new: &OwnedLayout) -> Migration {
        Self::planned(old, new, ParkedSet::default(), "", true)
    }

    fn planned(
        old: &OwnedLayout,
        new: &OwnedLayout,
        parked: ParkedSet,
        prefix: &str,
        back: bool,
    ) -> Migration {
        let ParkedSet { values: parked, renames: renamed_before } = parked;
        let mut planner = Planner::new(new, &parked, &renamed_before);
        planner.back = back;
        let (mut copies, mut steps) = (Vec::new(), Vec::new());
        for step in planner.whole(old, prefix) {
            match step {
                Step::Copy { from, to, len } => copies.push(Copied { from, to, len }),
                other => steps.push(other),
            }
        }
        let Planner { lines, sequences, renames, .. } = planner;
        let (old, new) = (old.clone(), new.clone());
        Migration { old, new, parked, copies, steps, lines, sequences, renames, renamed_before }
    }

    /// Migrates a value. `new` holds a freshly initialised value, which remains wherever there is
    /// nothing to take over.
    ///
    /// # Panics
    /// Panics if the lengths of the bytes differ from the layouts' sizes.
    pub fn run(&self, old: &[u8], new: &mut [u8]) -> Migrated {
        assert_eq!(
            (old.len(), new.len()),
            (self.old.size(), self.new.size()),
            "lengths of layouts"
        );
        run::run(self, old, new)
    }

    /// Builds the report of a run: the outcome for each field.
    pub fn report(&self, migrated: Migrated) -> MigrationReport {
        report::report(&self.lines, migrated.told)
    }

    /// Returns whether the migration starts from this layout.
    pub fn is_from(&self, old: &OwnedLayout) -> bool {
        self.old.agrees(old)
    }

    /// Returns whether nothing at all can be taken over.
    pub fn is_hopeless(&self) -> bool {
        self.new.size() > 0 && !self.lines.iter().any(|line| line.outcome.takes_over())
    }

    /// Returns the differences that are known in advance: those that affect every value or some
    /// variants.
    pub fn differences(&self) -> impl Iterator<Item = String> + '_ {
        let same = |outcome| matches!(outcome, Outcome::Kept | Outcome::Restored);
        let lines = self
            .lines
            .iter()
            .filter(move |line| !line.partial.is_empty() || line.certain && !same(line.outcome));
        lines.map(Line::to_string)
    }
}

impl OwnedLayout {
    /// Plans a migration to another layout and returns a function that runs it; for the benchmark
    /// only.
    #[doc(hidden)]
    pub fn migration_to(
        &self,
        new: &OwnedLayout,
    ) -> impl Fn(&[u8], &mut [u8], bool) -> Option<MigrationReport> {
        let migration = Migration::plan(self, new, ParkedSet::default(), "");
        move |old, new, reports| {
            let migrated = migration.run(old, new);
            reports.then(|| migration.report(migrated))
        }
    }
}

/// The results of a migration besides the new value.
#[derive(Debug)]
pub struct Migrated {
    /// Values that found no place.
    pub parked: ParkedSet,
    /// Input of the report, which takes longer to build than moving the bytes.
    told: Records,
    /// True if nothing was lost or made up: each new value means the same as an old one.
    pub exact: bool,
    /// True if the new layout has a field but cannot express its old value.
    pub lost: bool,
}
