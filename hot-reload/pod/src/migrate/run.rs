//! Running a plan on bytes.

mod elements;
mod restore;

use super::parked::{Parked, ParkedSet};
use super::plan::step::{EnumStep, Step, TextStep};
use super::report::{Count, Outcome, Records, Tallies};
use super::{Copied, Migrated, Migration};
use crate::{
    bytes::Invalid,
    migrate::number::Fit,
    owned_layout::{NodeId, OwnedLayout},
    values::validate,
};
use std::collections::HashMap;

/// Runs a plan.
pub(super) fn run(plan: &Migration, old: &[u8], new: &mut [u8]) -> Migrated {
    let mut run = Run {
        plan,
        tallies: Tallies::new(plan.lines.len()),
        elements: vec![Count::default(); plan.sequences],
        sources: Vec::new(),
        targets: Vec::new(),
        numbers: vec![None; plan.parked.len()],
        taken: plan.parked.iter().map(|parked| vec![false; parked.count()]).collect(),
        passed_over: vec![false; plan.parked.len()],
        renames: plan.renames.clone(),
        parked: Vec::new(),
        places: HashMap::new(),
        exact: true,
        lost: false,
        trial: false,
    };
    for &Copied { from, to, len } in &plan.copies {
        new[to..to + len].copy_from_slice(&old[from..from + len]);
    }
    run.steps(&plan.steps, Source { layout: &plan.old, bytes: old }, new);
    let Run { tallies, elements, taken, passed_over, renames, parked, exact, lost, .. } = run;
    let before = plan.parked.iter().cloned().zip(taken.iter().zip(passed_over));
    let before = before.filter_map(|(mut parked, (taken, passed_over))| {
        parked.passed_over |= passed_over;
        parked.keeping(|number, _| !taken[number])
    });
    let mut values: Vec<_> = before.collect();
    values.iter_mut().for_each(|parked| parked.rename(&renames));
    let renames = ParkedSet::remember(&plan.renamed_before, &renames);
    let parked = ParkedSet { values, renames }.supersede(parked);
    Migrated { parked, told: Records { tallies, counts: elements }, exact, lost }
}

/// A value that is read: the old state, a part of it, or a parked value. The bytes after a part
/// may be those of others.
#[derive(Debug, Clone, Copy)]
struct Source<'s> {
    layout: &'s OwnedLayout,
    bytes: &'s [u8],
}

impl<'s> Source<'s> {
    /// Returns the part that starts at an offset.
    #[inline]
    fn part(self, from: usize) -> Self {
        Source { bytes: &self.bytes[from..], ..self }
    }

    #[inline]
    fn value(self, from: usize, ty: NodeId) -> Value<'s> {
        let layout = self.layout;
        Value { layout, ty, bytes: &self.bytes[from..from + layout.node(ty).size] }
    }
}

/// A value with its type.
#[derive(Debug, Clone, Copy)]
struct Value<'s> {
    layout: &'s OwnedLayout,
    ty: NodeId,
    bytes: &'s [u8],
}

impl Value<'_> {
    fn validate(self) -> Result<(), Invalid> {
        validate(self.layout, self.ty, self.bytes)
    }
}

struct Run<'r> {
    plan: &'r Migration,
    tallies: Tallies,
    /// Element counts of each collection.
    elements: Vec<Count>,
    /// Indices of the elements being processed, in the old value.
    sources: Vec<u32>,
    /// Indices of the elements being processed, in the new value.
    targets: Vec<u32>,
    /// Value numbers by indices, one map per group of parked values; built on demand.
    numbers: Vec<Option<HashMap<&'r [u32], usize>>>,
    /// One flag per parked value: set once it is restored.
    taken: Vec<Vec<bool>>,
    /// One flag per group of parked values: set if a field could have taken it by an earlier name,
    /// but did not.
    passed_over: Vec<bool>,
    /// Renamed fields, with those that late restores reveal: old path, new path.
    renames: Vec<(String, String)>,
    parked: Vec<Parked>,
    /// Index in `parked` of the values of one line, type and kind.
    places: HashMap<(usize, u64, bool, bool), usize>,
    /// Set as long as nothing has been lost or made up.
    exact: bool,
    /// Set once a value could not be expressed in the new layout.
    lost: bool,
    /// Set during a trial for exactness, which records and parks nothing.
    trial: bool,
}

impl<'r> Run<'r> {
    /// Runs steps from the start of `old` to the start of `new`.
    #[inline]
    fn steps(&mut self, steps: &'r [Step], old: Source<'r>, new: &mut [u8]) {
        for step in steps {
            self.step(step, old, new);
        }
    }

    fn step(&mut self, step: &'r Step, old: Source<'r>, new: &mut [u8]) {
        match step {
            &Step::Copy { from, to, len } => {
                new[to..to + len].copy_from_slice(&old.bytes[from..from + len]);
            }
            &Step::Checked { from, to, len, ty, line, tells } => {
                let value = old.value(from, ty);
                match value.validate() {
                    Ok(()) => {
                        new[to..to + len].copy_from_slice(value.bytes);
                        if tells {
                            self.tell(line, self.plan.lines[line].outcome, String::new);
                        }
                    }
                    Err(invalid) => {
                        (self.exact, self.lost) = (false, true);
                        let note = || format!("it was not valid: {invalid}");
                        self.tell(line, Outcome::Defaulted, note);
                        if !tells && !self.trial {
                            self.tallies.at(line).contradict();
                        }
                    }
                }
            }
            &Step::Number { from, to, old: before, new: now, ty, line } => {
                let value = old.value(from, ty);
                let place = &mut new[to..to + now.size];
                match before.convert(value.bytes, now, place) {
                    Fit::Exact => self.converted(line),
                    Fit::Near => self.near(line, value, place),
                    Fit::Invalid => self.invalid(line),
                    Fit::None => {
                        let what = || {
                            let name = now.primitive.name();
                            format!(
                                "{} does not fit into {name}; reset to the default",
                                before.words(value.bytes)
                            )
                        };
                        self.park(line, value, what);
                    }
                }
            }
            Step::Text(step) => self.text(step, old, new),
            Step::Sequence(step) => self.sequence(step, old, new),
            Step::Pool(step) => self.pool(step, old, new),
            Step::Enum(step) => self.choose(step, old, new),
            Step::Wrap { to, base, steps } => {
                new[*to..to + base.len()].copy_from_slice(base);
                self.steps(steps, old, new);
            }
            Step::Restore(step) => self.restore_or_else(step, old, new),
            &Step::Aside { from, ty, to, len, line } => {
                let left = &new[to..to + len];
                self.put_aside(line, old.value(from, ty), left);
            }
            Step::Default { line } => {
                self.exact = false;
                self.tell(*line, Outcome::Defaulted, || self.plan.lines[*line].note.clone());
            }
            Step::Park { from, ty, line } => {
                let value = old.value(*from, *ty);
                let note = || self.plan.lines[*line].note.clone();
                self.tell(*line, Outcome::Parked, note);
                self.put_aside(*line, value, &[]);
            }
        }
    }

    fn tell(&mut self, line: usize, outcome: Outcome, note: impl FnOnce() -> String) {
        if !self.trial {
            self.tallies.at(line).count(outcome, note);
        }
    }

    fn converted(&mut self, line: usize) {
        let plan = self.plan;
        self.tell(line, plan.lines[line].outcome, || plan.lines[line].note.clone());
    }

    fn kept(&mut self, lines: &[usize]) {
        let plan = self.plan;
        for &line in lines {
            self.tell(line, plan.lines[line].outcome, || plan.lines[line].note.clone());
        }
    }

    fn invalid(&mut self, line: usize) {
        (self.exact, self.lost) = (false, true);
        self.tell(line, Outcome::Defaulted, || "it was not valid".to_owned());
    }

    /// Handles a value whose new place holds only an approximation.
    fn near(&mut self, line: usize, value: Value<'_>, left: &[u8]) {
        self.converted(line);
        self.count_near(line);
        self.put_aside(line, value, left);
    }

    fn count_near(&mut self, line: usize) {
        if !self.trial {
            self.tallies.at(line).count_near();
        }
    }

    /// Parks a value for which there is no place.
    fn park(&mut self, line: usize, value: Value<'_>, note: impl FnOnce() -> String) {
        self.lost = true;
        self.tell(line, Outcome::Parked, note);
        self.put_aside(line, value, &[]);
    }

    /// Parks a value, remembering what is `left` in its place.
    fn put_aside(&mut self, line: usize, value: Value<'_>, left: &[u8]) {
        self.keep(line, None, false, value, left);
    }

    /// Parks an element of a collection for which there is no room; `beyond` is its index.
    fn put_beyond(&mut self, line: usize, beyond: u32, value: Value<'_>) {
        self.keep(line, Some(beyond), false, value, &[]);
    }

    fn keep(
        &mut self,
        line: usize,
        beyond: Option<u32>,
        replaced: bool,
        value: Value<'_>,
        left: &[u8],
    ) {
        self.exact = false;
        if self.trial {
            return;
        }
        let (plan, depth) = (self.plan, self.targets.len() + usize::from(beyond.is_some()));
        let parked = &mut self.parked;
        let Value { layout, ty, bytes: value } = value;
        let key = (line, layout.fingerprint_of(ty), left.is_empty(), replaced);
        let index = *self.places.entry(key).or_insert_with(|| {
            let (path, layout) = (plan.lines[line].path.clone(), layout.part(ty));
            let (at, bytes, left) = (Vec::new(), Vec::new(), Vec::new());
            let beyond = beyond.is_some();
            let passed_over = false;
            parked.push(Parked { path, beyond, replaced, passed_over, layout, at, bytes, left });
            parked.len() - 1
        });
        let parked = &mut parked[index];
        // A name in a forged layout may look like more indices than there are.
        if parked.depth() == depth {
            parked.at.extend(self.targets.iter().copied().chain(beyond));
            parked.bytes.extend_from_slice(value);
            parked.left.extend_from_slice(left);
        }
    }

    fn text(&mut self, step: &TextStep, old: Source<'_>, new: &mut [u8]) {
        let &TextStep { from, to, ty, line } = step;
        let value = old.value(from.at.0, ty);
        let len = count(old.bytes, from.len);
        let bytes = &old.bytes[from.bytes..from.bytes + from.capacity];
        let text = bytes.get(..len).and_then(|bytes| std::str::from_utf8(bytes).ok());
        let Some(text) = text else {
            return self.invalid(line);
        };
        let mut fitting = text.len().min(to.capacity);
        while !text.is_char_boundary(fitting) {
            fitting -= 1;
        }
        let place = &mut new[to.bytes..to.bytes + to.capacity];
        place.fill(0);
        place[..fitting].copy_from_slice(&text.as_bytes()[..fitting]);
        set_count(new, to.len, fitting);
        if fitting == text.len() {
            return self.converted(line);
        }
        let (start, len) = to.at;
        self.near(line, value, &new[start..start + len]);
    }

    fn choose(&mut self, step: &'r EnumStep, old: Source<'r>, new: &mut [u8]) {
        let (from, to) = (step.from, step.to);
        let value = tag(&old.bytes[from..from + step.tag]);
        if let Some(choice) = step.choices.iter().find(|it| same_tag(it.value, value, step.tag)) {
            new[to..to + choice.base.len()].copy_from_slice(&choice.base);
            if !choice.base.is_empty() {
                self.converted(step.line);
            }
            self.kept(&choice.kept);
            return self.steps(&choice.steps, old, new);
        }
        let whole = old.value(from, step.ty);
        let gone = step.gone.iter().find(|(it, _)| same_tag(*it, value, step.tag));
        let line = step.line;
        match gone.filter(|_| whole.validate().is_ok()) {
            Some((_, name)) => {
                let note = || format!("there is no `{name}` any more; reset to the default");
                self.park(line, whole, note);
            }
            None => self.invalid(line),
        }
    }

    /// Returns whether some steps would take everything over unchanged.
    fn would_be_exact(&mut self, steps: &'r [Step], source: Source<'r>, new: &mut [u8]) -> bool {
        let trial = std::mem::replace(&mut self.trial, true);
        let exact = std::mem::replace(&mut self.exact, true);
        self.steps(steps, source, new);
        self.trial = trial;
        std::mem::replace(&mut self.exact, exact)
    }
}

/// Reads a length or an index.
fn count(bytes: &[u8], (offset, size): (usize, usize)) -> usize {
    usize::try_from(tag(&bytes[offset..offset + size])).unwrap_or(usize::MAX)
}

fn set_count(bytes: &mut [u8], (offset, size): (usize, usize), count: usize) {
    super::blank::write_tag(&mut bytes[offset..offset + size], count as i128);
}

/// Reads an unsigned number in native byte order.
fn tag(bytes: &[u8]) -> u128 {
    let mut wide = [0; 16];
    wide[..bytes.len()].copy_from_slice(bytes);
    if cfg!(target_endian = "big") {
        wide[..bytes.len()].reverse();
    }
    u128::from_le_bytes(wide)
}

/// Returns whether a tag of `size` bytes equals a value, which may be negative.
fn same_tag(value: i128, tag: u128, size: usize) -> bool {
    let unused = 128 - 8 * size;
    value.cast_unsigned() << unused == tag << unused
}
