//! What a migration has done, field by field.

use crate::state::escaped;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

/// What a migration has done with each field of a state.
///
/// `Display` prints one line a field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MigrationReport {
    /// In the order of the new layout; what was removed comes at the end of what it was in.
    pub fields: Vec<FieldReport>,
}

/// What a migration has done with a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldReport {
    /// Where: `player.speed`, `balls[].hue` for all elements of a collection, empty for the whole.
    pub path: String,
    /// What was done.
    pub outcome: Outcome,
    /// How, or why, in words; may be empty.
    pub note: String,
    /// The field's bytes in the new state, where there is one of it only.
    #[serde(skip)]
    pub(crate) place: Option<Range<usize>>,
}

/// What became of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Outcome {
    /// It has the value that it had.
    Kept,
    /// It has the value that it had, in another type.
    Converted,
    /// It has the value of a fresh start.
    Defaulted,
    /// Its value has no place in the new layout; it is kept beside the state.
    Parked,
    /// Its value was parked, and is back.
    Restored,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Outcome; 5] =
        [Outcome::Kept, Outcome::Converted, Outcome::Defaulted, Outcome::Parked, Outcome::Restored];

    pub(crate) fn takes_over(self) -> bool {
        !matches!(self, Outcome::Defaulted | Outcome::Parked)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Outcome::Kept => "kept",
            Outcome::Converted => "converted",
            Outcome::Defaulted => "defaulted",
            Outcome::Parked => "parked",
            Outcome::Restored => "restored",
        })
    }
}

impl MigrationReport {
    /// How many fields have an outcome.
    #[must_use]
    pub fn count(&self, outcome: Outcome) -> usize {
        self.fields.iter().filter(|field| field.outcome == outcome).count()
    }

    /// What a path says; the first line of it where there are several.
    #[must_use]
    pub fn field(&self, path: &str) -> Option<&FieldReport> {
        self.fields.iter().find(|field| field.path == path)
    }

    /// The counts in a few words: `12 kept, 1 parked`.
    #[must_use]
    pub fn summary(&self) -> String {
        let counts = Outcome::ALL.map(|outcome| (self.count(outcome), outcome));
        let counts = counts.into_iter().filter(|(count, _)| *count > 0);
        let words: Vec<_> = counts.map(|(count, outcome)| format!("{count} {outcome}")).collect();
        words.join(", ")
    }

    /// Fields that were left at their default and have another value now were set by the user.
    pub(crate) fn set_by_user(&mut self, before: &[u8], after: &[u8]) {
        for field in &mut self.fields {
            let Some(place) = field.place.clone() else { continue };
            if before.get(place.clone()) == after.get(place) || field.outcome.takes_over() {
                continue;
            }
            let parked = field.outcome == Outcome::Parked;
            let rest = if parked { "; the value before is parked as well" } else { "" };
            field.note = format!("by `App::migrate`{rest}");
            field.outcome = Outcome::Converted;
        }
    }

    /// Says of the whole of something that it is parked.
    pub(crate) fn parked(&mut self, path: &str, note: &str) {
        let (path, note, outcome) = (path.to_owned(), note.to_owned(), Outcome::Parked);
        self.fields.push(FieldReport { path, outcome, note, place: None });
    }

    /// What was taken over was parked before.
    pub(crate) fn restored(&mut self) {
        for field in self.fields.iter_mut().filter(|field| field.outcome.takes_over()) {
            field.outcome = Outcome::Restored;
        }
    }

    pub(crate) fn add(&mut self, other: MigrationReport) {
        self.fields.extend(other.fields);
    }
}

/// With `{:#}` as a log has it: indented, and without most of what was only kept.
impl fmt::Display for MigrationReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST_KEPT: usize = 20;
        let (mut kept, indent) = (0, if f.alternate() { "    " } else { "" });
        let mut end = "";
        for field in &self.fields {
            kept += usize::from(field.outcome == Outcome::Kept);
            if f.alternate() && field.outcome == Outcome::Kept && kept > MOST_KEPT {
                continue;
            }
            write!(f, "{end}{indent}{field}")?;
            end = "\n";
        }
        match kept.saturating_sub(MOST_KEPT) {
            more if more > 0 && f.alternate() => write!(f, "{end}{indent}… and {more} more kept"),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for FieldReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() { "(the whole)" } else { &self.path };
        write!(f, "{:<9} {}", self.outcome, escaped(path))?;
        if !self.note.is_empty() {
            write!(f, ": {}", escaped(&self.note))?;
        }
        Ok(())
    }
}

/// A place of the plan, about which the report will say something.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) path: String,
    /// What is done there as a rule.
    pub(super) outcome: Outcome,
    pub(super) note: String,
    /// The collection whose elements it is about.
    pub(super) within: Option<usize>,
    /// Whether it happens with every value, so that nobody counts it.
    pub(super) always: bool,
    /// The variants for which it cannot be done; empty when there are none.
    pub(super) partial: String,
    /// Whether it is known beforehand, and not only when a value is there.
    pub(super) certain: bool,
    pub(super) place: Option<Range<usize>>,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, outcome, note) = (self.path.clone(), self.outcome, self.note.clone());
        FieldReport { path, outcome, note, place: None }.fmt(f)?;
        match &*self.partial {
            "" => Ok(()),
            names => write!(f, "; without a counterpart: {names}"),
        }
    }
}

/// What has happened at a line while a plan ran.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    counts: [usize; Outcome::ALL.len()],
    /// What was said about the first of each kind.
    notes: [String; Outcome::ALL.len()],
    /// How many were taken over as something like it only.
    near: usize,
    /// How many of those that need not be counted were not what they should be.
    contradicted: usize,
}

/// What has happened at all lines; at most of them nothing that needs to be counted.
#[derive(Debug)]
pub(super) struct Tallies {
    /// Of each line: one more than its place in `all`.
    of: Vec<u32>,
    all: Vec<Tally>,
}

impl Tallies {
    pub(super) fn new(lines: usize) -> Self {
        Tallies { of: vec![0; lines], all: Vec::new() }
    }

    pub(super) fn at(&mut self, line: usize) -> &mut Tally {
        if self.of[line] == 0 {
            self.all.push(Tally::default());
            self.of[line] = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        }
        &mut self.all[self.of[line] as usize - 1]
    }

    fn is_told(&self, line: usize) -> bool {
        self.of[line] != 0
    }
}

impl Tally {
    /// One was not what all are said to be.
    pub(super) fn contradict(&mut self) {
        self.contradicted += 1;
    }

    pub(super) fn count_near(&mut self) {
        self.near += 1;
    }

    pub(super) fn count(&mut self, outcome: Outcome, note: impl FnOnce() -> String) {
        let index = outcome as usize;
        if self.counts[index] == 0 {
            self.notes[index] = note();
        }
        self.counts[index] += 1;
    }
}

/// How many elements a collection had.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Count {
    /// Those that came back as well.
    pub(super) all: usize,
    /// Of those that were there, how many have a place still.
    pub(super) placed: usize,
}

/// What has happened in a run.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) tallies: Tallies,
    /// Of each collection.
    pub(super) counts: Vec<Count>,
}

/// The lines that have something to tell.
pub(super) fn report(lines: &[Line], told: Told) -> MigrationReport {
    let Told { mut tallies, counts } = told;
    let (mut fields, mut seen) = (Vec::<FieldReport>::with_capacity(lines.len()), HashMap::new());
    for (index, line) in lines.iter().enumerate() {
        if !tallies.is_told(index) {
            if !line.always {
                continue;
            }
            if line.within.is_none() {
                // Most lines of most reports.
                let (path, note, place) =
                    (line.path.clone(), line.note.clone(), line.place.clone());
                fields.push(FieldReport { path, outcome: line.outcome, note, place });
                continue;
            }
        }
        let tally = tallies.at(index);
        let count = line.within.map(|sequence| counts[sequence]);
        let elements = count.map(|count| count.all);
        if line.always {
            tally.counts[line.outcome as usize] = count.map_or(1, |count| count.placed);
            tally.notes[line.outcome as usize].clone_from(&line.note);
        }
        let all = &mut tally.counts[line.outcome as usize];
        *all = all.saturating_sub(tally.contradicted);
        for (index, outcome) in Outcome::ALL.into_iter().enumerate() {
            let (count, mut note) = (tally.counts[index], std::mem::take(&mut tally.notes[index]));
            if count == 0 {
                continue;
            }
            if tally.near > 0 && outcome.takes_over() {
                let which =
                    if elements.is_some() { format!("{} ", tally.near) } else { String::new() };
                note = format!("{note}, {which}not exactly (the value before is parked)");
            }
            let all = elements.filter(|&elements| elements != count);
            if let Some(elements) = all {
                let separator = if note.is_empty() { "" } else { " " };
                note = format!("{note}{separator}({count} of {elements})");
            }
            // What was brought back in another type says so at two lines.
            if outcome == Outcome::Restored {
                let said = seen.entry(&*line.path).or_insert(fields.len());
                if let Some(field) = fields.get_mut(*said) {
                    if field.note.is_empty() {
                        field.note = note;
                    }
                    continue;
                }
            }
            let (path, place) = (line.path.clone(), line.place.clone());
            fields.push(FieldReport { path, outcome, note, place });
        }
    }
    MigrationReport { fields }
}
