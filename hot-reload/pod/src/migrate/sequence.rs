//! Planning collections: sequences, maps and pools.

use super::blank::blank_of;
use super::plan::{At, Place, Planner, Restore, Step};
use super::report::Outcome;
use crate::{
    Role,
    owned_layout::{NodeId, NodeKind, OwnedLayout},
};

/// A row of elements, of which the first `len` are in use; offsets are from the value that the
/// steps are for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) items: usize,
    pub(super) stride: usize,
    pub(super) capacity: usize,
    /// Offset and size of the length; without it, all elements are in use.
    pub(super) len: Option<(usize, usize)>,
    /// Offset and size of the index of the first element, in a ring.
    pub(super) head: Option<(usize, usize)>,
}

#[derive(Debug)]
pub(super) struct SequenceStep {
    pub(super) from: Row,
    pub(super) to: Row,
    pub(super) element: Vec<Step>,
    /// Type of an old element.
    pub(super) ty: NodeId,
    /// Value of an element before its steps run; without it, that of the fresh state.
    pub(super) base: Option<Vec<u8>>,
    /// Key of a map's entry; an entry is taken over only if its key is exact.
    pub(super) key: Option<Key>,
    /// Restores of parked elements.
    pub(super) restores: Vec<Restore>,
    pub(super) sequence: usize,
    /// Line about elements without a place.
    pub(super) overflow: usize,
    /// Line about restored elements.
    pub(super) restored: usize,
    /// Offset and type of the old collection.
    pub(super) whole: At,
    /// Offset and length of the new collection.
    pub(super) now: (usize, usize),
    /// Line about the collection itself.
    pub(super) line: usize,
}

/// The key of a map's entry.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) steps: Vec<Step>,
    /// Offset and length of the key in a new entry.
    pub(super) at: (usize, usize),
}

#[derive(Debug)]
pub(super) struct PoolStep {
    pub(super) from: Row,
    pub(super) to: Row,
    /// Offsets of a slot's generation in the old and the new layout.
    pub(super) generation: (usize, usize),
    pub(super) value: Vec<Step>,
    /// Type of an old slot.
    pub(super) ty: NodeId,
    /// A slot that is not in use.
    pub(super) base: Vec<u8>,
    pub(super) restores: Vec<Restore>,
    pub(super) sequence: usize,
    pub(super) overflow: usize,
    pub(super) restored: usize,
    /// Line about the pool itself.
    pub(super) line: usize,
}

impl Planner<'_> {
    pub(super) fn sequence(
        &mut self,
        old: &OwnedLayout,
        from: At,
        to: At,
        place: &Place,
        steps: &mut Vec<Step>,
    ) -> bool {
        let (Some((before, ty)), Some((now, new_ty))) = (row(old, from), row(self.new, to)) else {
            return false;
        };
        let sequence = self.next_sequence();
        let is_array = now.len.is_none();
        let inner = place.element(sequence, is_array);
        let line = self.count_line(old, from, to, place);
        let mut element = Vec::new();
        if !self.continued(old, (0, ty), (0, new_ty), &inner, &mut element) {
            return false;
        }
        let base = (!is_array).then(|| blank_of(self.new, new_ty));
        let row = Rows { sequence, whole: (from, to), line, ty, from: before, to: now };
        self.finish(row, element, base, None, new_ty, &inner, steps);
        true
    }

    /// Plans a map: entries that keep their keys are taken over, the others are parked whole.
    pub(super) fn map(
        &mut self,
        old: &OwnedLayout,
        from: At,
        to: At,
        place: &Place,
        steps: &mut Vec<Step>,
    ) -> bool {
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
        let line = self.count_line(old, from, to, place);
        let mut steps_of_key = Vec::new();
        let (source, target) = ((old_key.offset, old_key.ty), (new_key.offset, new_key.ty));
        if !self.relate(old, source, target, &inner.key(), &mut steps_of_key) {
            return false;
        }
        let at = (new_key.offset, self.new.node(new_key.ty).size);
        let key = Key { steps: steps_of_key, at };
        let mut element = Vec::new();
        let source = (old_value.offset, old_value.ty);
        self.matched(old, source, (new_value.offset, new_value.ty), &inner, &mut element);
        let base = blank_of(self.new, new_ty);
        let row = Rows { sequence, whole: (from, to), line, ty, from: before, to: now };
        self.finish(row, element, Some(base), Some(key), new_ty, &inner, steps);
        true
    }

    pub(super) fn pool(
        &mut self,
        old: &OwnedLayout,
        from: At,
        to: At,
        place: &Place,
        steps: &mut Vec<Step>,
    ) -> bool {
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
        let line = self.count_line(old, from, to, place);
        let mut value = Vec::new();
        if !self.continued(old, source, target, &inner, &mut value) {
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
            if self.relate(layout, source, value, &place.restored(), &mut steps) {
                let len = self.new.node(to.1).size;
                let key = Vec::new();
                restores.push(Restore {
                    parked: index,
                    steps,
                    key,
                    to: 0,
                    len,
                    stands: None,
                    late: None,
                });
            }
        }
        restores
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one step")]
    fn finish(
        &mut self,
        rows: Rows,
        element: Vec<Step>,
        base: Option<Vec<u8>>,
        key: Option<Key>,
        new_ty: NodeId,
        inner: &Place,
        steps: &mut Vec<Step>,
    ) {
        let restores = self.lost_elements((0, new_ty), key.is_some(), inner);
        let Rows { sequence, whole, line, ty, from, to } = rows;
        let (overflow, restored) = self.end_lines(inner, to.capacity);
        steps.push(Step::Sequence(Box::new(SequenceStep {
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
            whole: whole.0,
            now: (whole.1.0, self.new.node(whole.1.1).size),
            line,
        })));
    }

    /// Plans restoring parked elements: those without room, and those whose keys did not fit.
    fn lost_elements(&mut self, to: At, keyed: bool, place: &Place) -> Vec<Restore> {
        let mut restores = Vec::new();
        let restored = place.restored();
        for (index, parked) in self.parked_at(place, true) {
            let (layout, root) = (&parked.layout, parked.layout.root());
            let (mut steps, mut key) = (Vec::new(), Vec::new());
            if keyed {
                let fields = (layout.field(root, "key"), self.new.field(to.1, "key"));
                let (Some(old), Some(new)) = fields else { continue };
                let (source, target) = ((old.offset, old.ty), (new.offset, new.ty));
                if !self.relate(layout, source, target, &restored.key(), &mut key) {
                    continue;
                }
            }
            if self.relate(layout, (0, root), to, &restored, &mut steps) {
                let len = self.new.node(to.1).size;
                restores.push(Restore {
                    parked: index,
                    steps,
                    key,
                    to: 0,
                    len,
                    stands: None,
                    late: None,
                });
            }
        }
        restores
    }

    fn next_sequence(&mut self) -> usize {
        self.sequences += 1;
        self.sequences - 1
    }

    /// Adds the line about a changed capacity.
    fn count_line(&mut self, old: &OwnedLayout, from: At, to: At, place: &Place) -> usize {
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
struct Rows {
    sequence: usize,
    whole: (At, At),
    line: usize,
    ty: NodeId,
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
