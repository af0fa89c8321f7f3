//! Restoring parked values.

use super::super::parked::Parked;
use super::super::plan::step::{Restore, RestoreStep};
use super::super::report::Outcome;
use super::{Run, Source, Value, same_tag, tag};
use crate::{Role, owned_layout::NodeKind};
use std::collections::HashMap;

impl Restore {
    /// Returns the note about a restored value.
    pub(super) fn note(&self, parked: &Parked) -> String {
        let name = parked.path.rsplit(['.', '/']).next().filter(|_| self.late.is_some());
        name.map_or(String::new(), |name| format!("was `{name}`"))
    }
}

impl<'r> Run<'r> {
    pub(super) fn restore_or_else(
        &mut self,
        step: &'r RestoreStep,
        old: Source<'r>,
        new: &mut [u8],
    ) {
        for restore in &step.restores {
            if self.restore(restore, step, old, new) {
                let parked = &self.plan.parked[restore.parked];
                self.tell(step.line, Outcome::Restored, || restore.note(parked));
                return self.steps(&step.beside, old, new);
            }
        }
        self.kept(&step.kept);
        self.steps(&step.otherwise, old, new);
    }

    /// Restores the value that is parked for this place, if it is allowed to come back.
    pub(super) fn restore(
        &mut self,
        restore: &'r Restore,
        step: &'r RestoreStep,
        old: Source<'r>,
        new: &mut [u8],
    ) -> bool {
        let Some(number) = self.number(restore.parked) else { return false };
        if self.taken[restore.parked][number] {
            return false;
        }
        let parked = &self.plan.parked[restore.parked];
        let left = parked.left(number);
        let standing = restore.stands.map(|(from, ty)| old.value(from, ty));
        if standing.is_some_and(|value| !left.is_empty() && !is_left(left, value)) {
            return false;
        }
        let range = restore.to..restore.to + restore.len;
        if restore.late.is_some() && !self.is_default(restore, step, old, new) {
            return false;
        }
        let source = Source { layout: &parked.layout, bytes: parked.value(number) };
        let mut replaced = None;
        if let Some(value) = standing {
            let fresh = new[range.clone()].to_vec();
            let fits = self.would_be_exact(&restore.steps, source, &mut fresh.clone());
            if !fits {
                return false;
            }
            // The standing value can be derived again from the restored one, unless it was never
            // derived from it, or its own conversion is not exact.
            if restore.late.is_some() {
                // The standing value is only a default; it need not be kept.
            } else if left.is_empty() {
                replaced = Some((value, true));
            } else if !self.trial && !self.would_be_exact(&step.otherwise, old, new) {
                replaced = Some((value, false));
            }
            new[range.clone()].copy_from_slice(&fresh);
        }
        if !self.trial {
            self.taken[restore.parked][number] = true;
            self.remember(restore, parked, step);
        }
        self.steps(&restore.steps, source, &mut new[range.clone()]);
        if let Some((value, beside)) = replaced {
            let left = if beside { &new[range] } else { &[] };
            self.keep(step.line, None, true, value, left);
        }
        true
    }

    /// Returns which of a group of parked values belongs to the current elements.
    pub(super) fn number(&mut self, index: usize) -> Option<usize> {
        let parked = &self.plan.parked[index];
        match parked.depth() {
            depth if depth != self.sources.len() => None,
            0 => Some(0),
            _ => {
                let numbers = self.numbers[index].get_or_insert_with(|| {
                    let mut numbers = HashMap::new();
                    for (number, at) in parked.indices().enumerate() {
                        numbers.entry(at).or_insert(number);
                    }
                    numbers
                });
                numbers.get(&self.sources[..]).copied()
            }
        }
    }

    /// Returns whether the field's value is the one that it would get as a new field. Otherwise the
    /// values parked for it are passed over, now and later.
    pub(super) fn is_default(
        &mut self,
        restore: &Restore,
        step: &'r RestoreStep,
        old: Source<'r>,
        new: &mut [u8],
    ) -> bool {
        let range = restore.to..restore.to + restore.len;
        let fresh = new[range.clone()].to_vec();
        let trial = std::mem::replace(&mut self.trial, true);
        let exact = self.exact;
        self.steps(&step.otherwise, old, new);
        (self.trial, self.exact) = (trial, exact);
        let is_default = new[range.clone()] == fresh[..];
        new[range].copy_from_slice(&fresh);
        if !is_default && !trial {
            self.passed_over[restore.parked] = true;
            if let Some(line) = restore.late {
                let plan = self.plan;
                self.tell(line, Outcome::Parked, || plan.lines[line].note.clone());
            }
        }
        is_default
    }

    /// Records that a renamed field has its new name also for everything parked below the old one.
    fn remember(&mut self, restore: &Restore, parked: &Parked, step: &RestoreStep) {
        let rename = (parked.path.clone(), self.plan.lines[step.line].path.clone());
        if restore.late.is_some() && !self.renames.contains(&rename) {
            self.renames.push(rename);
        }
    }
}

/// Returns whether a value is the one that was left in its place, or an option of it.
fn is_left(left: &[u8], value: Value<'_>) -> bool {
    let Value { layout, ty, bytes: value } = value;
    let node = layout.node(ty);
    left == value
        || match (&node.kind, node.role) {
            (NodeKind::Enum { tag: size, variants }, Role::Option) => {
                let some = variants.last();
                let some = some.filter(|it| same_tag(it.value, tag(&value[..*size]), *size));
                some.and_then(|some| some.fields.first()).is_some_and(|content| {
                    let end = content.offset + layout.node(content.ty).size;
                    let bytes = &value[content.offset..end];
                    is_left(left, Value { layout, ty: content.ty, bytes })
                })
            }
            _ => false,
        }
}
