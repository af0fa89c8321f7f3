//! Running a plan on bytes.

mod elements;
mod restore;

use super::parked::{Parked, ParkedSet};
use super::plan::{EnumStep, Step, Text};
use super::report::{Count, Outcome, Tallies, Told};
use super::{Copied, Migrated, Migration};
use crate::{
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
    run.steps(&plan.steps, Source { layout: &plan.old, bytes: old }, 0, new, 0);
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
    Migrated { parked, told: Told { tallies, counts: elements }, exact, lost }
}

/// The source of values: the old state, or a parked value.
#[derive(Debug, Clone, Copy)]
struct Source<'s> {
    layout: &'s OwnedLayout,
    bytes: &'s [u8],
}

impl<'s> Source<'s> {
    fn value(self, from: usize, ty: NodeId) -> &'s [u8] {
        &self.bytes[from..from + self.layout.node(ty).size]
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
    fn steps(
        &mut self,
        steps: &'r [Step],
        old: Source<'r>,
        from: usize,
        new: &mut [u8],
        to: usize,
    ) {
        for step in steps {
            self.step(step, old, from, new, to);
        }
    }

    fn step(&mut self, step: &'r Step, old: Source<'r>, at: usize, new: &mut [u8], place: usize) {
        match step {
            &Step::Copy { from, to, len } => {
                let (from, to) = (at + from, place + to);
                new[to..to + len].copy_from_slice(&old.bytes[from..from + len]);
            }
            &Step::Checked { from, to, len, ty, line, tells } => {
                let (value, to) = (old.value(at + from, ty), place + to);
                match validate(old.layout, ty, value) {
                    Ok(()) => {
                        new[to..to + len].copy_from_slice(value);
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
                let (value, to) = (old.value(at + from, ty), place + to);
                let place = &mut new[to..to + now.size];
                match before.convert(value, now, place) {
                    Fit::Exact => self.converted(line),
                    Fit::Near => self.near(line, old, ty, value, place),
                    Fit::Invalid => self.invalid(line),
                    Fit::None => {
                        let what = || {
                            let name = now.primitive.name();
                            format!(
                                "{} does not fit into {name}; reset to the default",
                                before.words(value)
                            )
                        };
                        self.park(line, old.layout, ty, value, what);
                    }
                }
            }
            Step::Text(step) => {
                self.text(old, at, step.from, new, place, step.to, (step.ty, step.line));
            }
            Step::Sequence(step) => self.sequence(step, old, at, new, place),
            Step::Pool(step) => self.pool(step, old, at, new, place),
            Step::Enum(step) => self.choose(step, old, at, new, place),
            Step::Wrap { to, base, steps } => {
                new[place + to..place + to + base.len()].copy_from_slice(base);
                self.steps(steps, old, at, new, place);
            }
            Step::Restore(step) => self.restore_or_else(step, old, at, new, place),
            &Step::Aside { from, ty, to, len, line } => {
                let left = &new[place + to..place + to + len];
                self.put_aside(line, old.layout, ty, old.value(at + from, ty), left);
            }
            Step::Default { line } => {
                self.exact = false;
                self.tell(*line, Outcome::Defaulted, || self.plan.lines[*line].note.clone());
            }
            Step::Park { from, ty, line } => {
                let value = old.value(at + from, *ty);
                let note = || self.plan.lines[*line].note.clone();
                self.tell(*line, Outcome::Parked, note);
                self.put_aside(*line, old.layout, *ty, value, &[]);
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
    fn near(&mut self, line: usize, old: Source<'_>, ty: NodeId, value: &[u8], left: &[u8]) {
        self.converted(line);
        self.count_near(line);
        self.put_aside(line, old.layout, ty, value, left);
    }

    fn count_near(&mut self, line: usize) {
        if !self.trial {
            self.tallies.at(line).count_near();
        }
    }

    /// Parks a value for which there is no place.
    fn park(
        &mut self,
        line: usize,
        layout: &OwnedLayout,
        ty: NodeId,
        value: &[u8],
        note: impl FnOnce() -> String,
    ) {
        self.lost = true;
        self.tell(line, Outcome::Parked, note);
        self.put_aside(line, layout, ty, value, &[]);
    }

    /// Parks a value, remembering what is `left` in its place.
    fn put_aside(
        &mut self,
        line: usize,
        layout: &OwnedLayout,
        ty: NodeId,
        value: &[u8],
        left: &[u8],
    ) {
        self.keep(line, None, false, layout, ty, value, left);
    }

    /// Parks an element of a collection for which there is no room; `beyond` is its index.
    fn put_beyond(
        &mut self,
        line: usize,
        beyond: u32,
        layout: &OwnedLayout,
        ty: NodeId,
        value: &[u8],
    ) {
        self.keep(line, Some(beyond), false, layout, ty, value, &[]);
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one parked value")]
    fn keep(
        &mut self,
        line: usize,
        beyond: Option<u32>,
        replaced: bool,
        layout: &OwnedLayout,
        ty: NodeId,
        value: &[u8],
        left: &[u8],
    ) {
        self.exact = false;
        if self.trial {
            return;
        }
        let (plan, depth) = (self.plan, self.targets.len() + usize::from(beyond.is_some()));
        let parked = &mut self.parked;
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

    #[expect(clippy::too_many_arguments, reason = "two places, each a base and an offset")]
    fn text(
        &mut self,
        old: Source<'_>,
        at: usize,
        from: Text,
        new: &mut [u8],
        place: usize,
        to: Text,
        (ty, line): (NodeId, usize),
    ) {
        let value = old.value(at + from.at.0, ty);
        let len = count(old.bytes, at, from.len);
        let bytes = &old.bytes[at + from.bytes..at + from.bytes + from.capacity];
        let text = bytes.get(..len).and_then(|bytes| std::str::from_utf8(bytes).ok());
        let Some(text) = text else {
            return self.invalid(line);
        };
        let mut fitting = text.len().min(to.capacity);
        while !text.is_char_boundary(fitting) {
            fitting -= 1;
        }
        let start = place + to.bytes;
        new[start..start + to.capacity].fill(0);
        new[start..start + fitting].copy_from_slice(&text.as_bytes()[..fitting]);
        set_count(new, place, to.len, fitting);
        if fitting == text.len() {
            return self.converted(line);
        }
        let left = new[place + to.at.0..place + to.at.0 + to.at.1].to_vec();
        self.near(line, old, ty, value, &left);
    }

    fn choose(
        &mut self,
        step: &'r EnumStep,
        old: Source<'r>,
        at: usize,
        new: &mut [u8],
        place: usize,
    ) {
        let from = at + step.from;
        let value = tag(&old.bytes[from..from + step.tag]);
        if let Some(choice) = step.choices.iter().find(|it| same_tag(it.value, value, step.tag)) {
            let to = place + step.to;
            new[to..to + choice.base.len()].copy_from_slice(&choice.base);
            if !choice.base.is_empty() {
                self.converted(step.line);
            }
            self.kept(&choice.kept);
            return self.steps(&choice.steps, old, at, new, place);
        }
        let whole = old.value(from, step.ty);
        let gone = step.gone.iter().find(|(it, _)| same_tag(*it, value, step.tag));
        let line = step.line;
        match gone.filter(|_| validate(old.layout, step.ty, whole).is_ok()) {
            Some((_, name)) => {
                let note = || format!("there is no `{name}` any more; reset to the default");
                self.park(line, old.layout, step.ty, whole, note);
            }
            None => self.invalid(line),
        }
    }

    /// Returns whether some steps would take everything over unchanged.
    fn would_be_exact(
        &mut self,
        steps: &'r [Step],
        source: Source<'r>,
        at: usize,
        new: &mut [u8],
        place: usize,
    ) -> bool {
        let trial = std::mem::replace(&mut self.trial, true);
        let exact = std::mem::replace(&mut self.exact, true);
        self.steps(steps, source, at, new, place);
        self.trial = trial;
        std::mem::replace(&mut self.exact, exact)
    }
}

/// Reads a length or an index.
fn count(bytes: &[u8], at: usize, (offset, size): (usize, usize)) -> usize {
    usize::try_from(tag(&bytes[at + offset..at + offset + size])).unwrap_or(usize::MAX)
}

fn set_count(bytes: &mut [u8], at: usize, (offset, size): (usize, usize), count: usize) {
    super::blank::write_tag(&mut bytes[at + offset..at + offset + size], count as i128);
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
