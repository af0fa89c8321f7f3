//! Planning collections: sequences, maps and pools.

use super::blank::blank_of;
use super::plan::Planner;
use super::plan::pair::{Pair, Place};
use super::plan::step::{At, Key, PoolStep, Restore, Row, SequenceStep, Step};
use super::report::Outcome;
use crate::{
    Role,
    owned_layout::{NodeId, NodeKind, OwnedLayout},
};

impl Planner<'_> {
    pub(super) fn sequence(&mut self, pair: Pair<'_>, steps: &mut Vec<Step>) -> bool {
        let Pair { old, from, to, place } = pair;
        let (Some((before, ty)), Some((now, new_ty))) = (row(old, from), row(self.new, to)) else {
            return false;
        };
        let sequence = self.next_sequence();
        let is_array = now.len.is_none();
        let inner = place.element(sequence, is_array);
        let line = self.count_line(pair);
        let mut element = Vec::new();
        if !self.continued(pair.between((0, ty), (0, new_ty)).at(&inner), &mut element) {
            return false;
        }
        let base = (!is_array).then(|| blank_of(self.new, new_ty));
        let rows = Rows { sequence, whole: pair, line, ty, new_ty, from: before, to: now };
        steps.push(self.finish(rows, element, base, None, &inner));
        true
    }

    /// Plans a map: entries that keep their keys are taken over, the others are parked whole.
    pub(super) fn map(&mut self, pair: Pair<'_>, steps: &mut Vec<Step>) -> bool {
        let Pair { old, from, to, place } = pair;
        let entries = |layout: &OwnedLayout, at: At| {
            let field = layout.field(at.1, "entries")?;
            row(layout, (at.0 + field.offset, field.ty))
        };
        let (Some((before, ty)), Some((now, new_ty))) = (entries(old, from), entries(self.new, to))
        else {
            return false;
        };
        let (NodeKind::Struct(was), NodeKind::Struct(is)) =
            (&old.node(ty).kind, &self.new.node(new_ty).kind)
        else {
            return false;
        };
        let ([old_key, old_value], [new_key, new_value]) = (&was[..], &is[..]) else {
            return false;
        };
        let sequence = self.next_sequence();
        let inner = place.element(sequence, false);
        let line = self.count_line(pair);
        let mut steps_of_key = Vec::new();
        let (source, target) = ((old_key.offset, old_key.ty), (new_key.offset, new_key.ty));
        if !self.relate(pair.between(source, target).at(&inner.key()), &mut steps_of_key) {
            return false;
        }
        let at = (new_key.offset, self.new.node(new_key.ty).size);
        let key = Key { steps: steps_of_key, at };
        let mut element = Vec::new();
        let (source, target) = ((old_value.offset, old_value.ty), (new_value.offset, new_value.ty));
        self.matched(pair.between(source, target).at(&inner), &mut element);
        let base = blank_of(self.new, new_ty);
        let rows = Rows { sequence, whole: pair, line, ty, new_ty, from: before, to: now };
        steps.push(self.finish(rows, element, Some(base), Some(key), &inner));
        true
    }

    pub(super) fn pool(&mut self, pair: Pair<'_>, steps: &mut Vec<Step>) -> bool {
        let Pair { old, from, to, place } = pair;
        let slots = |layout: &OwnedLayout, at: At| {
            let field = layout.field(at.1, "slots")?;
            let (row, slot) = row(layout, (at.0 + field.offset, field.ty))?;
            let (generation, value) =
                (layout.field(slot, "generation")?, layout.field(slot, "value")?);
            Some((row, slot, generation.offset, (value.offset, value.ty)))
        };
        let (Some((before, ty, generation, source)), Some((now, new_ty, new_generation, target))) =
            (slots(old, from), slots(self.new, to))
        else {
            return false;
        };
        let sequence = self.next_sequence();
        let inner = place.element(sequence, false);
        let line = self.count_line(pair);
        let mut value = Vec::new();
        if !self.continued(pair.between(source, target).at(&inner), &mut value) {
            return false;
        }
        let base = blank_of(self.new, new_ty);
        let restores = self.slots((0, new_ty), (new_generation, target), &inner);
        let (overflow, restored) = self.end_lines(&inner, now.capacity);
        steps.push(Step::Pool(Box::new(PoolStep {
            from: before,
            to: now,
            generation: (generation, new_generation),
            value,
            ty,
            base,
            restores,
            sequence,
            overflow,
            restored,
            line,
        })));
        true
    }

    /// Plans restoring parked slots, with their generations so that handles still find them.
    fn slots(&mut self, to: At, (generation, value): (usize, At), place: &Place) -> Vec<Restore> {
        let mut restores = Vec::new();
        for (index, parked) in self.parked_at(place, true) {
            let (layout, root) = (&parked.layout, parked.layout.root());
            let fields = (layout.field(root, "generation"), layout.field(root, "value"));
            let (Some(old_generation), Some(old_value)) = fields else { continue };
            if layout.node(old_generation.ty).size != size_of::<u32>() {
                continue;
            }
            let (from, len) = (old_generation.offset, size_of::<u32>());
            let mut steps = vec![Step::Copy { from, to: generation, len }];
            let source = (old_value.offset, old_value.ty);
            let place = &place.restored();
            let pair = Pair { old: layout, from: source, to: value, place };
            if self.relate(pair, &mut steps) {
                restores.push(Restore::new(index, steps, self.new.node(to.1).size));
            }
        }
        restores
    }

    fn finish(
        &mut self,
        rows: Rows<'_>,
        element: Vec<Step>,
        base: Option<Vec<u8>>,
        key: Option<Key>,
        inner: &Place,
    ) -> Step {
        let Rows { sequence, whole, line, ty, new_ty, from, to } = rows;
        let restores = self.lost_elements((0, new_ty), key.is_some(), inner);
        let (overflow, restored) = self.end_lines(inner, to.capacity);
        Step::Sequence(Box::new(SequenceStep {
            from,
            to,
            element,
            ty,
            base,
            key,
            restores,
            sequence,
            overflow,
            restored,
            whole: whole.from,
            now: (whole.to.0, self.new.node(whole.to.1).size),
            line,
        }))
    }

    /// Plans restoring parked elements: those without room, and those whose keys did not fit.
    fn lost_elements(&mut self, to: At, keyed: bool, place: &Place) -> Vec<Restore> {
        let mut restores = Vec::new();
        let place = &place.restored();
        for (index, parked) in self.parked_at(place, true) {
            let (old, root) = (&parked.layout, parked.layout.root());
            let pair = Pair { old, from: (0, root), to, place };
            let (mut steps, mut key) = (Vec::new(), Vec::new());
            if keyed {
                let fields = (old.field(root, "key"), self.new.field(to.1, "key"));
                let (Some(was), Some(is)) = fields else { continue };
                let keys = pair.between((was.offset, was.ty), (is.offset, is.ty));
                if !self.relate(keys.at(&place.key()), &mut key) {
                    continue;
                }
            }
            if self.relate(pair, &mut steps) {
                let restore = Restore::new(index, steps, self.new.node(to.1).size);
                restores.push(Restore { key, ..restore });
            }
        }
        restores
    }

    fn next_sequence(&mut self) -> usize {
        self.sequences += 1;
        self.sequences - 1
    }

    /// Adds the line about a changed capacity.
    fn count_line(&mut self, Pair { old, from, to, place }: Pair<'_>) -> usize {
        let (before, now) = (old.title(from.1), self.new.title(to.1));
        let (outcome, note) = match before == now {
            true => (Outcome::Kept, String::new()),
            false => (Outcome::Converted, format!("{before} → {now}")),
        };
        let line = self.line(place, outcome, note, Some(to));
        // Recorded by a run: the bytes may be invalid.
        self.lines[line].always = false;
        line
    }

    fn end_lines(&mut self, inner: &Place, capacity: usize) -> (usize, usize) {
        let note = format!("no room in {capacity}");
        let overflow = self.line(inner, Outcome::Parked, note, None);
        let restored = self.line(inner, Outcome::Restored, String::new(), None);
        self.lines[overflow].certain = false;
        (overflow, restored)
    }
}

/// The source and the target of elements, and the lines about them.
struct Rows<'p> {
    sequence: usize,
    whole: Pair<'p>,
    line: usize,
    ty: NodeId,
    new_ty: NodeId,
    from: Row,
    to: Row,
}

/// Returns the elements of an array, a list or a ring, and their type.
fn row(layout: &OwnedLayout, (at, id): At) -> Option<(Row, NodeId)> {
    let node = layout.node(id);
    let array = |at: usize, id: NodeId| match layout.node(id).kind {
        NodeKind::Array { element, len: capacity } => {
            let stride = layout.node(element).size;
            Some((Row { items: at, stride, capacity, len: None, head: None }, element))
        }
        _ => None,
    };
    let count = |name| {
        let field = layout.field(id, name)?;
        Some((at + field.offset, layout.node(field.ty).size))
    };
    match node.role {
        Role::List | Role::Ring => {
            let items = layout.field(id, "items")?;
            let (row, element) = array(at + items.offset, items.ty)?;
            let head = if node.role == Role::Ring { count("head") } else { None };
            Some((Row { len: count("len"), head, ..row }, element))
        }
        _ => array(at, id),
    }
}
