//! Migration: carrying a value from one layout to another.
//!
//! A plan is made once from the two layouts; running it costs what moving the bytes costs. What the
//! new layout has no place for is parked: kept beside the value, and back when there is a place again.
//! Everything here works on descriptions and bytes, and believes neither: the old bytes may be
//! anything at all, and what is written is valid for the new layout.

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
pub(crate) use parked::{Parked, ParkedSet};
#[cfg(all(feature = "owner", any(test, fuzzing)))]
pub(crate) use properties::{pair_of_layouts as pair, play};
pub use report::{FieldReport, MigrationReport, Outcome};

use super::OwnedLayout;
use plan::{Planner, Step};
use report::{Line, Told};

/// Bytes of the old value that are bytes of the new one.
#[derive(Debug, Clone, Copy)]
struct Copied {
    from: usize,
    to: usize,
    len: usize,
}

/// How values of one layout become values of another.
#[derive(Debug)]
pub(crate) struct Migration {
    old: OwnedLayout,
    new: OwnedLayout,
    /// What was parked before, from which the steps restore.
    parked: Vec<Parked>,
    /// The bytes that are the same on both sides: apart from the other steps, which a state of many
    /// fields would have to step over.
    copies: Vec<Copied>,
    steps: Vec<Step>,
    lines: Vec<Line>,
    /// How many collections there are, for their counts.
    sequences: usize,
    /// Fields that have another name now: path before, path now.
    renames: Vec<(String, String)>,
    /// The same of the migrations before.
    renamed_before: Vec<(String, String)>,
}

impl Migration {
    /// Plans the way from `old` to `new`; `prefix` comes before each path of the report.
    pub(crate) fn plan(
        old: &OwnedLayout,
        new: &OwnedLayout,
        parked: ParkedSet,
        prefix: &str,
    ) -> Migration {
        let ParkedSet { values: parked, renames: renamed_before } = parked;
        let mut planner = Planner::new(new, &parked, &renamed_before);
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

    /// Carries a value over. `new` holds a freshly initialised value, which stays where there is
    /// nothing to take over.
    ///
    /// # Panics
    /// When the bytes are not as long as the layouts say.
    pub(crate) fn run(&self, old: &[u8], new: &mut [u8]) -> Migrated {
        assert_eq!(
            (old.len(), new.len()),
            (self.old.size(), self.new.size()),
            "lengths of layouts"
        );
        run::run(self, old, new)
    }

    /// What became of each field in a run.
    pub(crate) fn report(&self, migrated: Migrated) -> MigrationReport {
        report::report(&self.lines, migrated.told)
    }

    /// Whether it goes from this layout.
    pub(crate) fn is_from(&self, old: &OwnedLayout) -> bool {
        self.old.agrees(old)
    }

    /// Whether nothing at all can be taken over.
    pub(crate) fn is_hopeless(&self) -> bool {
        self.new.size() > 0 && !self.lines.iter().any(|line| line.outcome.takes_over())
    }

    /// What is different for every value or for some of its variants, known beforehand.
    pub(crate) fn differences(&self) -> impl Iterator<Item = String> + '_ {
        let same = |outcome| matches!(outcome, Outcome::Kept | Outcome::Restored);
        let lines = self
            .lines
            .iter()
            .filter(move |line| !line.partial.is_empty() || line.certain && !same(line.outcome));
        lines.map(Line::to_string)
    }
}

impl OwnedLayout {
    /// For the benchmark only: plans the way to another layout, and hands out what runs it.
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

/// What a migration has left beside the new value.
#[derive(Debug)]
pub(crate) struct Migrated {
    pub(crate) parked: ParkedSet,
    /// What the report is made from, which takes longer than to move the bytes.
    told: Told,
    /// Nothing was lost or made up: each value of the new layout says what one of the old did.
    pub(crate) exact: bool,
    /// A value said something that the new layout has no words for, although it has the field.
    pub(crate) lost: bool,
}
