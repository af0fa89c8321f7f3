//! The migration plan: which old value goes where, made once from the layouts alone.

mod late;
pub(super) mod pair;
pub(super) mod step;
mod types;

use super::parked::{Parked, types_awaiting};
use super::report::{Line, Outcome};
use crate::owned_layout::{NodeField, NodeId, OwnedLayout};
use pair::{Pair, Place};
use std::collections::{HashMap, HashSet};
use step::{At, Restore, RestoreStep, Step};

/// Limit on the types that are related while looking for parked values. In a forged set, parts of a
/// parked value could have values parked for them in turn, and so on.
const MOST_RESTORING: usize = 1 << 17;

pub(super) struct Planner<'p> {
    pub(super) new: &'p OwnedLayout,
    pub(super) parked: &'p [Parked],
    /// Indices of what is parked, by path.
    by_path: HashMap<&'p str, Vec<usize>>,
    pub(super) lines: Vec<Line>,
    pub(super) sequences: usize,
    pub(super) renames: Vec<(String, String)>,
    /// Earlier renames: old path, new path.
    history: &'p [(String, String)],
    /// True if the old layout is that of this program, and the new one that of another.
    pub(super) back: bool,
    /// Number of types that have been related for restoring.
    restoring: usize,
    /// Types that contain, at any depth, a field whose `was` names something that is parked.
    late: HashSet<NodeId>,
}

impl<'p> Planner<'p> {
    pub(super) fn new(
        new: &'p OwnedLayout,
        parked: &'p [Parked],
        history: &'p [(String, String)],
    ) -> Self {
        let mut by_path = HashMap::<_, Vec<_>>::new();
        for (index, parked) in parked.iter().enumerate() {
            by_path.entry(&*parked.path).or_default().push(index);
        }
        let (lines, renames) = (Vec::new(), Vec::new());
        let (sequences, back, restoring, late) = (0, false, 0, types_awaiting(new, parked));
        Planner { new, parked, by_path, lines, sequences, renames, history, back, restoring, late }
    }

    /// Plans a whole value.
    pub(super) fn whole(&mut self, old: &OwnedLayout, prefix: &str) -> Vec<Step> {
        let (path, before) = (prefix.to_owned(), vec![prefix.to_owned()]);
        let (late, within) = (Vec::new(), None);
        let place = Place { path, before, late, fresh: true, within, restoring: false };
        let mut steps = Vec::new();
        let (from, to) = ((0, old.root()), (0, self.new.root()));
        self.matched(Pair { old, from, to, place: &place }, &mut steps);
        steps
    }

    /// Plans a value that exists in both layouts.
    pub(super) fn matched(&mut self, pair: Pair<'_>, steps: &mut Vec<Step>) {
        if self.continued(pair, steps) {
            return;
        }
        let Pair { old, from, to, place } = pair;
        let restores = self.restores(to, place, None);
        let (before, now) = (old.title(from.1), self.new.title(to.1));
        let note = format!("a `{before}` cannot become a `{now}`");
        let park = |planner: &mut Self, note| {
            let line = planner.line(place, Outcome::Parked, note, Some(to));
            Step::Park { from: from.0, ty: from.1, line }
        };
        let otherwise = park(self, format!("{note}; reset to the default"));
        if restores.is_empty() {
            return steps.push(otherwise);
        }
        let (otherwise, beside) = (vec![otherwise], vec![park(self, note)]);
        let line = self.line(place, Outcome::Restored, String::new(), None);
        let kept = Vec::new();
        steps.push(RestoreStep { restores, otherwise, kept, beside, line }.into());
    }

    /// Plans taking a value over, unless its parked original can be restored instead. Returns false
    /// if it cannot be taken over.
    pub(super) fn continued(&mut self, pair: Pair<'_>, steps: &mut Vec<Step>) -> bool {
        let Pair { from, to, place, .. } = pair;
        let (first, mut own) = (self.lines.len(), Vec::new());
        if !self.relate(pair, &mut own) {
            return false;
        }
        let related = self.lines.len();
        let mut restores = self.restores(to, place, Some(from));
        restores.extend(self.late_restores(to, place, from));
        if restores.is_empty() {
            append(steps, own);
            return true;
        }
        // Values that are normally kept may be restored instead, which only a run can tell.
        let kept = self.hold_back(first..related, place);
        let line = self.line(place, Outcome::Restored, String::new(), None);
        let (otherwise, beside) = (own, Vec::new());
        steps.push(RestoreStep { restores, otherwise, kept, beside, line }.into());
        true
    }

    /// Makes lines about every value depend on the run, and returns them: they are recorded only if
    /// their steps run. Lines about elements stay as they are: they count only elements that the
    /// steps have seen.
    fn hold_back(&mut self, lines: std::ops::Range<usize>, place: &Place) -> Vec<usize> {
        let mut held = Vec::new();
        for index in lines {
            let line = &mut self.lines[index];
            if line.within == place.within && std::mem::take(&mut line.always) {
                held.push(index);
            }
        }
        held
    }

    pub(super) fn remembers(&self) -> bool {
        !self.history.is_empty()
    }

    /// Returns whether the value now at a path once had a name, as far as the history goes.
    pub(super) fn was_once(&self, path: &str, name: &str) -> bool {
        let mut path = path;
        // Limited, because names may have been exchanged in a cycle.
        for _ in 0..16 {
            let renamed = self.history.iter().rev().find(|(_, now)| now == path);
            let Some((before, _)) = renamed else { return false };
            if before.rsplit(['.', '/']).next() == Some(name) {
                return true;
            }
            path = before;
        }
        false
    }

    /// Plans a value that did not exist before.
    fn added(
        &mut self,
        to: At,
        field: &NodeField,
        place: &Place,
        renamed: Option<&str>,
        steps: &mut Vec<Step>,
    ) {
        let mut note = match (place.fresh, field.default) {
            (true, _) => "new: as in a fresh state",
            (false, Some(_)) => "new: as `default` says",
            (false, None) => "new: blank",
        }
        .to_owned();
        if let Some(other) = renamed {
            note += &match self.back {
                false => format!("; if it was `{other}`, add `#[shared(was = \"{other}\")]`"),
                true => {
                    let name = &field.name;
                    format!("; if it is `{other}` now, add `#[shared(was = \"{name}\")]` to that")
                }
            };
        }
        let restores = self.restores(to, place, None);
        let line = self.line(place, Outcome::Defaulted, note, Some(to));
        let otherwise = vec![Step::Default { line }];
        if restores.is_empty() {
            steps.extend(otherwise);
            return;
        }
        let line = self.line(place, Outcome::Restored, String::new(), None);
        let (kept, beside) = (Vec::new(), Vec::new());
        steps.push(RestoreStep { restores, otherwise, kept, beside, line }.into());
    }

    /// Plans restoring the values that are parked for a place, newest first.
    pub(super) fn restores(&mut self, to: At, place: &Place, stands: Option<At>) -> Vec<Restore> {
        let mut restores = Vec::new();
        let parked = self.parked_at(place, false);
        if parked.is_empty() {
            return restores;
        }
        let place = place.restored();
        for (index, Parked { layout, replaced, .. }) in parked {
            let own = layout.fingerprint() == self.new.fingerprint_of(to.1);
            if *replaced && !own {
                continue;
            }
            let (mut steps, from) = (Vec::new(), (0, layout.root()));
            let pair = Pair { old: layout, from, to: (0, to.1), place: &place };
            if self.relate(pair, &mut steps) {
                let restore = Restore::new(index, steps, self.new.node(to.1).size);
                restores.push(Restore { to: to.0, stands, ..restore });
            }
        }
        restores
    }

    /// Returns what is parked at a place, newest first: in place of its value, or elements `beyond`
    /// its capacity.
    pub(super) fn parked_at(&self, place: &Place, beyond: bool) -> Vec<(usize, &'p Parked)> {
        if self.parked.is_empty() || self.restoring > MOST_RESTORING {
            return Vec::new();
        }
        let paths = place.before.iter().filter_map(|path| self.by_path.get(&**path));
        let mut found: Vec<_> = paths.flatten().copied().collect();
        found.sort_unstable_by(|one, other| other.cmp(one));
        found.dedup();
        let all = found.into_iter().map(|index| (index, &self.parked[index]));
        all.filter(|(_, parked)| parked.beyond == beyond).collect()
    }

    /// Adds the steps from one type to another; returns false if there are none.
    pub(super) fn relate(&mut self, pair: Pair<'_>, steps: &mut Vec<Step>) -> bool {
        self.restoring += usize::from(pair.place.restoring);
        let (lines, renames, mut own) = (self.lines.len(), self.renames.len(), Vec::new());
        let related = self.relate_types(pair, &mut own);
        if related {
            append(steps, own);
        } else {
            self.lines.truncate(lines);
            self.renames.truncate(renames);
        }
        related
    }

    pub(super) fn line(
        &mut self,
        place: &Place,
        outcome: Outcome,
        note: String,
        to: Option<At>,
    ) -> usize {
        let restored = place.restoring && outcome.takes_over();
        let (path, within) = (place.path.clone(), place.within);
        let place = to.filter(|_| within.is_none() && !restored);
        let place = place.map(|(at, ty)| at..at + self.new.node(ty).size);
        let outcome = if restored { Outcome::Restored } else { outcome };
        let (always, certain, partial) = (outcome == Outcome::Kept, true, String::new());
        self.lines.push(Line { path, outcome, note, within, always, certain, partial, place });
        self.lines.len() - 1
    }
}

/// Appends steps; adjacent copies are merged.
fn append(steps: &mut Vec<Step>, more: Vec<Step>) {
    if steps.is_empty() {
        *steps = more;
        return;
    }
    for step in more {
        if let Step::Copy { from, to, len } = step
            && let Some(Step::Copy { from: source, to: target, len: length }) = steps.last_mut()
            && (*source + *length, *target + *length) == (from, to)
        {
            *length += len;
        } else {
            steps.push(step);
        }
    }
}
