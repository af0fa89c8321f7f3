//! Which of the old goes where in the new: made once, from the layouts alone.

pub(super) mod late;
mod types;

use super::number::Number;
use super::parked::Parked;
use super::report::{Line, Outcome};
use super::sequence::{PoolStep, SequenceStep};
use crate::state::owned_layout::{NodeField, NodeId, OwnedLayout};
use std::collections::{HashMap, HashSet};

/// Types that are related while a plan looks for what is parked; a set that somebody has made up could
/// have values parked for each part of each value that is parked for each part, and so on.
const MOST_RESTORING: usize = 1 << 17;

/// What is done with some bytes; offsets count from the value that a list of steps is for.
#[derive(Debug)]
pub(super) enum Step {
    /// Any bytes are a value, of the old and of the new type.
    Copy {
        from: usize,
        to: usize,
        len: usize,
    },
    /// The same layout, but not any bytes are a value.
    Checked {
        from: usize,
        to: usize,
        len: usize,
        ty: NodeId,
        line: usize,
        /// Whether it is told when all is well, and not only when it is not.
        tells: bool,
    },
    Number {
        from: usize,
        to: usize,
        old: Number,
        new: Number,
        ty: NodeId,
        line: usize,
    },
    Text(Box<TextStep>),
    Sequence(Box<SequenceStep>),
    Pool(Box<PoolStep>),
    Enum(Box<EnumStep>),
    /// A value becomes the content of a variant.
    Wrap {
        to: usize,
        base: Vec<u8>,
        steps: Vec<Step>,
    },
    Restore(Box<RestoreStep>),
    /// There is nothing to take over.
    Default {
        line: usize,
    },
    /// What stands in the place is not what the value says.
    Aside {
        from: usize,
        ty: NodeId,
        to: usize,
        len: usize,
        line: usize,
    },
    /// There is no place for it.
    Park {
        from: usize,
        ty: NodeId,
        line: usize,
    },
}

#[derive(Debug)]
pub(super) struct TextStep {
    pub(super) from: Text,
    pub(super) to: Text,
    pub(super) ty: NodeId,
    pub(super) line: usize,
}

/// A text of at most `capacity` bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text {
    /// Where the length is, and of how many bytes.
    pub(super) len: (usize, usize),
    pub(super) bytes: usize,
    pub(super) capacity: usize,
    /// Where the whole of it is.
    pub(super) at: (usize, usize),
}

#[derive(Debug)]
pub(super) struct EnumStep {
    pub(super) from: usize,
    pub(super) to: usize,
    /// Size of the old tag.
    pub(super) tag: usize,
    pub(super) choices: Vec<Choice>,
    /// The names of the old variants without a counterpart.
    pub(super) gone: Vec<(i128, String)>,
    pub(super) ty: NodeId,
    pub(super) line: usize,
}

/// A variant that is there before and after.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) value: i128,
    /// The new enum with this variant, its fields blank.
    pub(super) base: Vec<u8>,
    pub(super) steps: Vec<Step>,
    /// What is kept when a value is in this variant.
    pub(super) kept: Vec<usize>,
}

/// What was parked, or else the rest.
#[derive(Debug)]
pub(super) struct RestoreStep {
    pub(super) restores: Vec<Restore>,
    /// Where nothing comes back.
    pub(super) otherwise: Vec<Step>,
    /// What the rest keeps.
    pub(super) kept: Vec<usize>,
    /// Where something does.
    pub(super) beside: Vec<Step>,
    pub(super) line: usize,
}

impl From<RestoreStep> for Step {
    fn from(step: RestoreStep) -> Self {
        Step::Restore(Box::new(step))
    }
}

/// Brings parked values back.
#[derive(Debug)]
pub(super) struct Restore {
    /// Which.
    pub(super) parked: usize,
    /// From one of them to its new place, both counted from 0.
    pub(super) steps: Vec<Step>,
    /// Of a map's entry: those for its key alone, which must be exact.
    pub(super) key: Vec<Step>,
    pub(super) to: usize,
    pub(super) len: usize,
    /// The value that stands there, which comes first if the parked one does not fit exactly.
    pub(super) stands: Option<At>,
    /// Where it is parked under a name that the field says only now that it had: what is told when it stays there,
    /// because what stands in the field is not its default any more.
    pub(super) late: Option<usize>,
}

/// A place in both layouts.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) path: String,
    /// What it may have been called when something was parked there.
    pub(super) before: Vec<String>,
    /// What it says only now that it was called, when something was parked.
    late: Vec<String>,
    /// Whether a field that is new here has the value of a fresh state, and not that of a blank one.
    pub(super) fresh: bool,
    /// The collection that it is an element of.
    pub(super) within: Option<usize>,
    /// Where values end up that were parked.
    restoring: bool,
}

impl Place {
    fn child(&self, name: &str, before: &[&str]) -> Place {
        let join = |path: &str, name: &str| match path {
            "" => name.to_owned(),
            path if path.ends_with('/') => format!("{path}{name}"),
            path => format!("{path}.{name}"),
        };
        let before = self.before.iter().flat_map(|path| before.iter().map(|name| join(path, name)));
        let (path, before) = (join(&self.path, name), before.take(8).collect());
        Place { path, before, late: Vec::new(), ..*self }
    }

    /// The key of a map's entry.
    pub(super) fn key(&self) -> Place {
        self.child("key", &["key"])
    }

    pub(super) fn restored(&self) -> Place {
        Place { restoring: true, ..self.clone() }
    }

    /// An element of a collection.
    pub(super) fn element(&self, sequence: usize, fresh: bool) -> Place {
        let path = format!("{}[]", self.path);
        let before = self.before.iter().map(|path| format!("{path}[]")).collect();
        let (late, fresh) = (Vec::new(), self.fresh && fresh);
        Place { path, before, late, within: Some(sequence), fresh, ..*self }
    }
}

/// A value: where it begins, and its type.
pub(super) type At = (usize, NodeId);

pub(super) struct Planner<'p> {
    pub(super) new: &'p OwnedLayout,
    pub(super) parked: &'p [Parked],
    /// Which of them are parked at a path.
    by_path: HashMap<&'p str, Vec<usize>>,
    pub(super) lines: Vec<Line>,
    pub(super) sequences: usize,
    pub(super) renames: Vec<(String, String)>,
    /// What was renamed before: path then, path now.
    history: &'p [(String, String)],
    /// Types that have been related in order to restore.
    restoring: usize,
    /// Types with a field, somewhere in them, that says it was called like something parked.
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
        let (sequences, restoring, late) = (0, 0, late::types(new, parked));
        Planner { new, parked, by_path, lines, sequences, renames, history, restoring, late }
    }

    /// The steps for a whole value.
    pub(super) fn whole(&mut self, old: &OwnedLayout, prefix: &str) -> Vec<Step> {
        let (path, before) = (prefix.to_owned(), vec![prefix.to_owned()]);
        let (late, within) = (Vec::new(), None);
        let place = Place { path, before, late, fresh: true, within, restoring: false };
        let mut steps = Vec::new();
        self.matched(old, (0, old.root()), (0, self.new.root()), &place, &mut steps);
        steps
    }

    /// A value that is there before and after.
    pub(super) fn matched(
        &mut self,
        old: &OwnedLayout,
        from: At,
        to: At,
        place: &Place,
        steps: &mut Vec<Step>,
    ) {
        if self.continued(old, from, to, place, steps) {
            return;
        }
        let restores = self.restores(to, place, None);
        let (before, now) = (old.title(from.1), self.new.title(to.1));
        let note = format!("a `{before}` cannot become a `{now}`");
        let park = |planner: &mut Self, note| {
            let line = planner.line(place, Outcome::Parked, note, Some(to));
            Step::Park { from: from.0, ty: from.1, line }
        };
        let otherwise = park(self, format!("{note}, which starts from its default"));
        if restores.is_empty() {
            return steps.push(otherwise);
        }
        let (otherwise, beside) = (vec![otherwise], vec![park(self, note)]);
        let line = self.line(place, Outcome::Restored, String::new(), None);
        let kept = Vec::new();
        steps.push(RestoreStep { restores, otherwise, kept, beside, line }.into());
    }

    /// A value that can be taken over, unless one comes back in its place that was parked because it
    /// could not be taken over as it was; `false` if it can not.
    pub(super) fn continued(
        &mut self,
        old: &OwnedLayout,
        from: At,
        to: At,
        place: &Place,
        steps: &mut Vec<Step>,
    ) -> bool {
        let (first, mut own) = (self.lines.len(), Vec::new());
        if !self.relate(old, from, to, place, &mut own) {
            return false;
        }
        let related = self.lines.len();
        let mut restores = self.restores(to, place, Some(from));
        restores.extend(self.late_restores(to, place, from));
        if restores.is_empty() {
            append(steps, own);
            return true;
        }
        // What is kept as a rule may be restored instead, which only a run can tell.
        let kept = self.hold_back(first..related, place);
        let line = self.line(place, Outcome::Restored, String::new(), None);
        let (otherwise, beside) = (own, Vec::new());
        steps.push(RestoreStep { restores, otherwise, kept, beside, line }.into());
        true
    }

    /// Lines that are true of every value only if their steps run, and so are told then. Those about
    /// elements need nothing: they count elements that the steps have seen.
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

    /// Whether what is at a path now had a name once, as far as is remembered.
    pub(super) fn was_once(&self, path: &str, name: &str) -> bool {
        let mut path = path;
        // Of names that went round in a circle, so many.
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

    /// A value that was not there before.
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
        if let Some(before) = renamed {
            note += &format!("; if it was `{before}`, add `#[shared(was = \"{before}\")]`");
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

    /// What is parked for a place, the newest first.
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
            let mut steps = Vec::new();
            if self.relate(layout, (0, layout.root()), (0, to.1), &place, &mut steps) {
                let (len, key) = (self.new.node(to.1).size, Vec::new());
                restores.push(Restore {
                    parked: index,
                    steps,
                    key,
                    to: to.0,
                    len,
                    stands,
                    late: None,
                });
            }
        }
        restores
    }

    /// What is parked at a place: instead of the value there, or elements `beyond` the last.
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

    /// Adds the steps from one type to another, if there are any.
    pub(super) fn relate(
        &mut self,
        old: &OwnedLayout,
        from: At,
        to: At,
        place: &Place,
        steps: &mut Vec<Step>,
    ) -> bool {
        self.restoring += usize::from(place.restoring);
        let (lines, renames, mut own) = (self.lines.len(), self.renames.len(), Vec::new());
        let related = self.relate_types(old, from, to, place, &mut own);
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

/// Puts steps behind others; neighbours that are copied stay neighbours.
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
