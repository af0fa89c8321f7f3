//! The report of a migration, field by field.

use crate::escaped;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

/// The report of a migration, with one entry per field of a state.
///
/// `Display` prints one line per field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MigrationReport {
    /// Entries in the order of the new layout; removed fields come at the end of their parent.
    pub fields: Vec<FieldReport>,
}

/// The report about one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldReport {
    /// Path: `player.speed`; `balls[].hue` for all elements of a collection; empty for the whole
    /// state.
    pub path: String,
    /// Result of the migration.
    pub outcome: Outcome,
    /// Details or the reason, as text; may be empty.
    pub note: String,
    /// The field's bytes in the new state, if the field exists only once.
    #[serde(skip)]
    pub(crate) place: Option<Range<usize>>,
}

/// The result of a migration for one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Outcome {
    /// Has its old value.
    Kept,
    /// Has its old value in another type.
    Converted,
    /// Has the value of a fresh start.
    Defaulted,
    /// Has no place in the new layout; its value is kept beside the state.
    Parked,
    /// Has its value back, which had been parked.
    Restored,
}

impl Outcome {
    /// All outcomes.
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
    /// Returns the number of fields with an outcome.
    #[must_use]
    pub fn count(&self, outcome: Outcome) -> usize {
        self.fields.iter().filter(|field| field.outcome == outcome).count()
    }

    /// Returns the entry for a path; the first if there are several.
    #[must_use]
    pub fn field(&self, path: &str) -> Option<&FieldReport> {
        self.fields.iter().find(|field| field.path == path)
    }

    /// Returns the counts as short text: `12 kept, 1 parked`.
    #[must_use]
    pub fn summary(&self) -> String {
        let counts = Outcome::ALL.map(|outcome| (self.count(outcome), outcome));
        let counts = counts.into_iter().filter(|(count, _)| *count > 0);
        let words: Vec<_> = counts.map(|(count, outcome)| format!("{count} {outcome}")).collect();
        words.join(", ")
    }

    /// Marks fields as set by the user if the migration left them at their default and their value
    /// has changed since.
    #[doc(hidden)]
    pub fn set_by_user(&mut self, before: &[u8], after: &[u8]) {
        for field in &mut self.fields {
            let Some(place) = field.place.clone() else { continue };
            if before.get(place.clone()) == after.get(place) || field.outcome.takes_over() {
                continue;
            }
            let parked = field.outcome == Outcome::Parked;
            let rest = if parked { "; the old value is parked as well" } else { "" };
            field.note = format!("by `App::migrate`{rest}");
            field.outcome = Outcome::Converted;
        }
    }

    /// Adds an entry that says that something is parked as a whole.
    #[doc(hidden)]
    pub fn parked(&mut self, path: &str, note: &str) {
        let (path, note, outcome) = (path.to_owned(), note.to_owned(), Outcome::Parked);
        self.fields.push(FieldReport { path, outcome, note, place: None });
    }

    /// Marks everything that was taken over as restored, because it had been parked.
    #[doc(hidden)]
    pub fn restored(&mut self) {
        for field in self.fields.iter_mut().filter(|field| field.outcome.takes_over()) {
            field.outcome = Outcome::Restored;
        }
    }

    #[doc(hidden)]
    pub fn add(&mut self, other: MigrationReport) {
        self.fields.extend(other.fields);
    }
}

/// Prints the report; `{:#}` is the form for logs: indented, and without most of the kept fields.
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

/// A line of the plan, which may become an entry of the report.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) path: String,
    /// The usual outcome there.
    pub(super) outcome: Outcome,
    pub(super) note: String,
    /// The collection to whose elements the line applies.
    pub(super) within: Option<usize>,
    /// True if it applies to every value, so that nothing is counted.
    pub(super) always: bool,
    /// Names of the variants that cannot be taken over; may be empty.
    pub(super) partial: String,
    /// True if the outcome is known before a value is seen.
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

/// The events counted for one line while a plan ran.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    counts: [usize; Outcome::ALL.len()],
    /// Note about the first event of each outcome.
    notes: [String; Outcome::ALL.len()],
    /// Number of values taken over only approximately.
    near: usize,
    /// Number of exceptions to a line that is otherwise not counted.
    contradicted: usize,
}

/// The events of all lines, stored sparsely: most lines have none to count.
#[derive(Debug)]
pub(super) struct Tallies {
    /// One entry per line: its index in `all` plus one, or 0.
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
    /// Counts an exception to a line that otherwise applies to every value.
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

/// The number of elements of a collection.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Count {
    /// All elements, including restored ones.
    pub(super) all: usize,
    /// Number of old elements that still have a place.
    pub(super) placed: usize,
}

/// The events of a run.
#[derive(Debug)]
pub(super) struct Records {
    pub(super) tallies: Tallies,
    /// Element counts of each collection.
    pub(super) counts: Vec<Count>,
}

/// Builds the report from the lines that have something to say.
pub(super) fn report(lines: &[Line], told: Records) -> MigrationReport {
    let Records { mut tallies, counts } = told;
    let (mut fields, mut seen) = (Vec::<FieldReport>::with_capacity(lines.len()), HashMap::new());
    for (index, line) in lines.iter().enumerate() {
        if !tallies.is_told(index) {
            if !line.always {
                continue;
            }
            if line.within.is_none() {
                // The common case.
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
                note = format!("{note}, {which}not exactly (the old value is parked)");
            }
            let all = elements.filter(|&elements| elements != count);
            if let Some(elements) = all {
                let separator = if note.is_empty() { "" } else { " " };
                note = format!("{note}{separator}({count} of {elements})");
            }
            // A value that was restored with another type has events at two lines; merge them.
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
