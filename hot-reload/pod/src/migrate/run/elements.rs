//! Running the steps of collections.

use super::{Run, Source, count, set_count};
use crate::{
    migrate::plan::step::{Key, PoolStep, Restore, Row, SequenceStep, Step},
    migrate::report::Outcome,
};
use std::collections::HashSet;

/// Limit on the zero-sized elements that are carried over and counted one by one.
const MOST_EMPTY: usize = 1 << 16;

/// The elements of a collection in some bytes, in order.
#[derive(Debug, Clone, Copy)]
struct Elements {
    row: Row,
    len: usize,
    head: usize,
}

impl Elements {
    /// Returns the elements in use, or `None` if the bytes are invalid.
    fn of(row: Row, bytes: &[u8]) -> Option<Elements> {
        let len = row.len.map_or(row.capacity, |len| count(bytes, len));
        let head = row.head.map_or(0, |head| count(bytes, head));
        let sound = len <= row.capacity && (head < row.capacity || head == 0);
        // There may be any number of zero-sized elements; dropping the last of them does no harm.
        let len = if row.stride == 0 { len.min(MOST_EMPTY) } else { len };
        sound.then_some(Elements { row, len, head })
    }

    /// Returns the offset of an element.
    fn offset(&self, index: usize) -> usize {
        let index = match self.head {
            0 => index,
            head => (head + index) % self.row.capacity,
        };
        self.row.items + index * self.row.stride
    }
}

impl SequenceStep {
    /// Returns whether the parked elements come before the others: a ring loses its oldest.
    fn has_older(&self) -> bool {
        self.from.head.is_some() || self.to.head.is_some()
    }

    /// Returns the size of an element, if all of them can be copied at once.
    fn copied_whole(&self) -> Option<usize> {
        let &[Step::Copy { from: 0, to: 0, len }] = &self.element[..] else { return None };
        let same = (self.from.stride, self.to.stride) == (len, len);
        (same && self.key.is_none() && !self.has_older()).then_some(len)
    }
}

impl<'r> Run<'r> {
    pub(super) fn sequence(&mut self, step: &'r SequenceStep, old: Source<'r>, new: &mut [u8]) {
        let Some(elements) = Elements::of(step.from, old.bytes) else {
            return self.invalid(step.line);
        };
        self.converted(step.line);
        let to = step.to;
        let places = Elements { row: to, len: to.capacity, head: 0 };
        let overflow = elements.len.saturating_sub(to.capacity);
        let mut next = 0;
        // A ring on either side loses its oldest elements; other collections lose those at the end.
        let (mut first, mut lost) = (0, 0);
        if step.has_older() {
            (first, lost) = (overflow, self.next_lost(step));
        }
        if step.has_older() {
            let free = to.capacity + overflow - elements.len;
            for (restore, number) in self.parked_elements(step, free) {
                self.bring_back(step, restore, number, new, places, next);
                next += 1;
            }
        }
        let mut done = 0;
        if let Some(len) = step.copied_whole() {
            done = elements.len - overflow;
            let (from, to) = (elements.offset(0), places.offset(0));
            new[to..to + done * len].copy_from_slice(&old.bytes[from..from + done * len]);
            next = done;
            self.seen(step.sequence, done, done);
        }
        for index in done..elements.len {
            let element = old.part(elements.offset(index));
            self.seen(step.sequence, 1, 0);
            if index < first || next >= to.capacity {
                self.overflow(step, element, as_u32(index).saturating_add(lost));
                continue;
            }
            self.sources.push(as_u32(index));
            self.targets.push(as_u32(next));
            let fits = self.element(step, element, &mut new[places.offset(next)..]);
            self.sources.pop();
            self.targets.pop();
            if fits {
                self.seen(step.sequence, 0, 1);
                next += 1;
            } else {
                self.misfit(step, element, as_u32(index));
            }
        }
        if step.has_older() {
            // Already restored above.
        } else if to.len.is_none() {
            next += self.bring_back_to_array(step, new, places, elements.len);
        } else {
            next = self.bring_back_behind(step, new, places, next);
        }
        if let Some(len) = to.len {
            set_count(new, len, next);
        }
        if let Some(head) = to.head {
            set_count(new, head, 0);
        }
        if to.len.is_none() && step.from.len.is_some() && next < to.capacity {
            // An array does not record how many elements there were.
            self.count_near(step.line);
            let (whole, ty) = step.whole;
            let (start, len) = step.now;
            let left = &new[start..start + len];
            self.put_aside(step.line, old.value(whole, ty), left);
        }
    }

    /// Counts elements: all of them, and those that have a place now.
    fn seen(&mut self, sequence: usize, all: usize, placed: usize) {
        if !self.trial {
            self.elements[sequence].all += all;
            self.elements[sequence].placed += placed;
        }
    }

    /// Carries an element over; returns whether it has a place now.
    fn element(&mut self, step: &'r SequenceStep, old: Source<'r>, new: &mut [u8]) -> bool {
        if let Some(base) = &step.base {
            new[..base.len()].copy_from_slice(base);
        }
        if let Some(key) = &step.key {
            // An inexact key might be another entry's.
            if !self.would_be_exact(&key.steps, old, new) {
                return false;
            }
            self.steps(&key.steps, old, new);
        }
        self.steps(&step.element, old, new);
        true
    }

    fn overflow(&mut self, step: &'r SequenceStep, old: Source<'_>, index: u32) {
        let plan = self.plan;
        self.tell(step.overflow, Outcome::Parked, || plan.lines[step.overflow].note.clone());
        self.put_beyond(step.overflow, index, old.value(0, step.ty));
    }

    fn misfit(&mut self, step: &'r SequenceStep, old: Source<'_>, index: u32) {
        self.tell(step.overflow, Outcome::Parked, || "a key does not fit".to_owned());
        self.put_beyond(step.overflow, index, old.value(0, step.ty));
    }

    /// Returns the index after those of the elements that a ring lost earlier, which are older.
    fn next_lost(&self, step: &SequenceStep) -> u32 {
        let lost = step.restores.iter().flat_map(|restore| {
            let here = self.plan.parked[restore.parked].indices();
            here.filter(|at| at.starts_with(&self.sources)).filter_map(|at| at.last())
        });
        lost.max().map_or(0, |&newest| newest.saturating_add(1))
    }

    /// Returns the parked elements that come back after the others (before them in a ring), in
    /// order.
    fn parked_elements(&self, step: &'r SequenceStep, free: usize) -> Vec<(&'r Restore, usize)> {
        if free == 0 {
            return Vec::new();
        }
        let mut found = Vec::new();
        for restore in &step.restores {
            let parked = &self.plan.parked[restore.parked];
            for (number, at) in parked.indices().enumerate() {
                let here = at.len() == self.sources.len() + 1 && at.starts_with(&self.sources);
                if here && !self.taken[restore.parked][number] {
                    found.push((at.last().copied().unwrap_or(0), (restore, number)));
                }
            }
        }
        found.sort_by_key(|(index, _)| *index);
        let excess = found.len().saturating_sub(free);
        // A ring takes the newest, other collections the first.
        let skipped = if step.has_older() { excess } else { 0 };
        let free = if step.key.is_some() { found.len() } else { free };
        found.into_iter().map(|(_, found)| found).skip(skipped).take(free).collect()
    }

    fn bring_back(
        &mut self,
        step: &'r SequenceStep,
        restore: &'r Restore,
        number: usize,
        new: &mut [u8],
        places: Elements,
        index: usize,
    ) {
        let parked = &self.plan.parked[restore.parked];
        let source = Source { layout: &parked.layout, bytes: parked.value(number) };
        if !self.trial {
            self.taken[restore.parked][number] = true;
        }
        self.seen(step.sequence, 1, 0);
        let new = &mut new[places.offset(index)..];
        if let Some(base) = &step.base {
            new[..base.len()].copy_from_slice(base);
        }
        let (whole, at) = (&parked.at, parked.depth());
        self.sources.push(whole[(number + 1) * at - 1]);
        self.targets.push(as_u32(index));
        self.steps(&restore.steps, source, new);
        self.sources.pop();
        self.targets.pop();
        self.tell(step.restored, Outcome::Restored, String::new);
    }

    /// Restores parked elements after the others; returns the new number of elements.
    fn bring_back_behind(
        &mut self,
        step: &'r SequenceStep,
        new: &mut [u8],
        places: Elements,
        mut next: usize,
    ) -> usize {
        let back = self.parked_elements(step, places.row.capacity - next);
        if back.is_empty() {
            return next;
        }
        let mut keys = HashSet::new();
        if let Some(Key { at: (offset, len), .. }) = step.key {
            let key = |index| places.offset(index) + offset;
            keys.extend((0..next).map(|index| new[key(index)..key(index) + len].to_vec()));
        }
        for (restore, number) in back {
            if next >= places.row.capacity {
                break;
            }
            if let (Some(Key { at: (offset, len), .. }), Some(base)) = (&step.key, &step.base) {
                let mut entry = base.clone();
                let parked = &self.plan.parked[restore.parked];
                let source = Source { layout: &parked.layout, bytes: parked.value(number) };
                let fits = self.would_be_exact(&restore.key, source, &mut entry);
                // A map cannot have two entries with one key.
                if !fits || !keys.insert(entry[*offset..offset + len].to_vec()) {
                    continue;
                }
            }
            self.bring_back(step, restore, number, new, places, next);
            next += 1;
        }
        next
    }

    /// Restores an array's elements to their old indices; returns their number.
    fn bring_back_to_array(
        &mut self,
        step: &'r SequenceStep,
        new: &mut [u8],
        places: Elements,
        before: usize,
    ) -> usize {
        let mut filled = HashSet::new();
        for restore in &step.restores {
            let parked = &self.plan.parked[restore.parked];
            for (number, at) in parked.indices().enumerate() {
                let here = at.len() == self.sources.len() + 1 && at.starts_with(&self.sources);
                let index = at.last().map_or(usize::MAX, |&index| index as usize);
                let free = (before..places.row.capacity).contains(&index);
                if here && free && !self.taken[restore.parked][number] && filled.insert(index) {
                    self.bring_back(step, restore, number, new, places, index);
                }
            }
        }
        filled.len()
    }

    pub(super) fn pool(&mut self, step: &'r PoolStep, old: Source<'r>, new: &mut [u8]) {
        let (from, to) = (step.from, step.to);
        let generation = |bytes: &[u8], slot: usize, offset: usize| {
            bytemuck::pod_read_unaligned::<u32>(&bytes[slot + offset..slot + offset + 4])
        };
        if to.stride > 0 {
            let slots = to.items..to.items + to.capacity * to.stride;
            new[slots]
                .chunks_exact_mut(to.stride)
                .for_each(|slot| slot.copy_from_slice(&step.base));
        }
        self.converted(step.line);
        for index in 0..from.capacity {
            let slot = from.items + index * from.stride;
            let used = generation(old.bytes, slot, step.generation.0);
            if used == 0 {
                continue;
            }
            if index >= to.capacity {
                // Free slots as well: a generation that handles have seen must not be reused.
                let (plan, value) = (self.plan, old.value(slot, step.ty));
                self.seen(step.sequence, 1, 0);
                self.tell(step.overflow, Outcome::Parked, || {
                    plan.lines[step.overflow].note.clone()
                });
                self.put_beyond(step.overflow, as_u32(index), value);
                continue;
            }
            let target = to.items + index * to.stride;
            let number = target + step.generation.1;
            new[number..number + 4].copy_from_slice(&used.to_ne_bytes());
            if used % 2 == 1 {
                self.seen(step.sequence, 1, 1);
                self.sources.push(as_u32(index));
                self.targets.push(as_u32(index));
                self.steps(&step.value, old.part(slot), &mut new[target..]);
                self.sources.pop();
                self.targets.pop();
            }
        }
        for restore in &step.restores {
            let parked = &self.plan.parked[restore.parked];
            for (number, at) in parked.indices().enumerate() {
                let here = at.len() == self.sources.len() + 1 && at.starts_with(&self.sources);
                let index = at.last().map_or(usize::MAX, |&index| index as usize);
                let target = to.items + index.min(to.capacity) * to.stride;
                let free = index < to.capacity && generation(new, target, step.generation.1) == 0;
                if !here || !free || self.taken[restore.parked][number] {
                    continue;
                }
                if !self.trial {
                    self.taken[restore.parked][number] = true;
                }
                self.seen(step.sequence, 1, 0);
                new[target..target + step.base.len()].copy_from_slice(&step.base);
                let source = Source { layout: &parked.layout, bytes: parked.value(number) };
                self.sources.push(as_u32(index));
                self.targets.push(as_u32(index));
                self.steps(&restore.steps, source, &mut new[target..]);
                self.sources.pop();
                self.targets.pop();
                self.tell(step.restored, Outcome::Restored, String::new);
            }
        }
    }
}

/// Converts an index to the type used for parking; no collection has more elements.
fn as_u32(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
