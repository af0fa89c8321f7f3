//! Planning the conversion from one type to another.

use super::super::blank::{write_fields, write_tag};
use super::super::number::Number;
use super::pair::{Pair, Place};
use super::step::{At, Choice, EnumStep, Step, Text, TextStep};
use super::{Outcome, Planner};
use crate::{
    Role,
    owned_layout::{NodeField, NodeId, NodeKind, NodeVariant, OwnedLayout},
};

impl Planner<'_> {
    pub(super) fn relate_types(&mut self, pair: Pair<'_>, steps: &mut Vec<Step>) -> bool {
        let Pair { old, from, to, place } = pair;
        let (was, is) = (old.node(from.1), self.new.node(to.1));
        if same(old, from.1, self.new, to.1) && !self.late.contains(&to.1) {
            self.same(pair, steps);
            return true;
        }
        if let Some(pair) = self.rewrapped(pair) {
            return self.relate(pair, steps);
        }
        match (&was.kind, &is.kind, was.role, is.role) {
            (NodeKind::Primitive(before), NodeKind::Primitive(now), ..) => {
                let before = Number { primitive: *before, size: was.size };
                let now = Number { primitive: *now, size: is.size };
                if !before.relates(now) {
                    return false;
                }
                let note = format!("{} → {}", was.name, is.name);
                let line = self.line(place, Outcome::Converted, note, Some(to));
                let (from, ty) = from;
                steps.push(Step::Number { from, to: to.0, old: before, new: now, ty, line });
                true
            }
            (_, _, Role::Text, Role::Text) => self.text(pair, steps),
            (_, _, Role::Map, Role::Map) => self.map(pair, steps),
            (_, _, Role::Pool, Role::Pool) => self.pool(pair, steps),
            _ if is_sequence(old, from.1) && is_sequence(self.new, to.1) => {
                self.sequence(pair, steps)
            }
            (NodeKind::Enum { variants: before, .. }, NodeKind::Enum { variants: now, .. }, ..) => {
                let wrapped = match (was.role, is.role) {
                    (Role::Option, Role::Option) => false,
                    (_, Role::Option) => self.wrap(pair, now, steps),
                    (Role::Option, _) => self.unwrap(pair, before, steps),
                    _ => false,
                };
                wrapped || self.choices(pair, steps)
            }
            (_, NodeKind::Enum { variants, .. }, _, Role::Option) => {
                self.wrap(pair, variants, steps)
            }
            (NodeKind::Enum { variants, .. }, _, Role::Option, _) => {
                self.unwrap(pair, variants, steps)
            }
            (NodeKind::Struct(before), NodeKind::Struct(now), Role::Plain, Role::Plain) => {
                if was.version != is.version {
                    let note = format!(
                        "version {} → {}: fields with the same name are kept; adapt them in \
                         `App::migrate`",
                        was.version, is.version
                    );
                    self.line(place, Outcome::Kept, note, None);
                }
                self.fields(pair, before, now, steps);
                true
            }
            _ => self.relate_wrapped(pair, steps),
        }
    }

    /// Plans a value that got a type of its own, or lost it.
    fn relate_wrapped(&mut self, pair: Pair<'_>, steps: &mut Vec<Step>) -> bool {
        let Pair { old, from, to, .. } = pair;
        let (was, is) = (old.node(from.1).role, self.new.node(to.1).role);
        // Not in an option at once: the way back could not tell whether it was `None`.
        let (inner, other) = if let Some(now) = plain_fields(self.new, to.1) {
            let [only] = now else { return false };
            let inner = pair.between(from, (to.0 + only.offset, only.ty));
            (inner, [was, self.new.node(only.ty).role])
        } else if let Some(before) = plain_fields(old, from.1) {
            let [only] = before else { return false };
            (pair.between((from.0 + only.offset, only.ty), to), [is, old.node(only.ty).role])
        } else {
            return false;
        };
        !other.contains(&Role::Option) && self.relate(inner, steps)
    }

    /// Finds a value that is the only field of a struct on one side and stands alone on the other.
    /// The types must be identical: with merely similar structs, either could be the wrapper.
    fn rewrapped<'t>(&self, pair: Pair<'t>) -> Option<Pair<'t>> {
        let Pair { old, from, to, .. } = pair;
        if let Some([only]) = plain_fields(self.new, to.1)
            && same(old, from.1, self.new, only.ty)
        {
            return Some(pair.between(from, (to.0 + only.offset, only.ty)));
        }
        if let Some([only]) = plain_fields(old, from.1)
            && same(old, only.ty, self.new, to.1)
        {
            return Some(pair.between((from.0 + only.offset, only.ty), to));
        }
        None
    }

    fn same(&mut self, pair: Pair<'_>, steps: &mut Vec<Step>) {
        let Pair { old, from: (from, ty), to, place } = pair;
        let len = old.node(ty).size;
        let was = place.before.first().filter(|before| **before != place.path);
        let note = match (place.restoring, was.and_then(|path| renamed(path, &place.path))) {
            (false, Some(name)) => format!("was `{name}`"),
            _ => String::new(),
        };
        let line = self.line(place, Outcome::Kept, note, Some(to));
        if !old.any_bytes(ty) {
            let tells = !self.lines[line].always;
            steps.push(Step::Checked { from, to: to.0, len, ty, line, tells });
            return;
        }
        steps.push(Step::Copy { from, to: to.0, len });
    }

    fn text(&mut self, pair: Pair<'_>, steps: &mut Vec<Step>) -> bool {
        let Pair { old, from, to, place } = pair;
        let (Some(before), Some(now)) = (text(old, from), text(self.new, to)) else { return false };
        let note = format!("{} → {}", old.title(from.1), self.new.title(to.1));
        let line = self.line(place, Outcome::Converted, note, Some(to));
        let (from, to, ty) = (before, now, from.1);
        steps.push(Step::Text(Box::new(TextStep { from, to, ty, line })));
        true
    }

    fn fields(
        &mut self,
        pair: Pair<'_>,
        before: &[NodeField],
        now: &[NodeField],
        steps: &mut Vec<Step>,
    ) {
        let Pair { old, from: (from, _), to: (to, _), place } = pair;
        let mut pairs = by_names(before, now, self.back, |it| (&it.name, it.was));
        self.take_renames_back(&mut pairs, before, now, place);
        let mut taken = vec![false; before.len()];
        let renamed = self.perhaps_renamed(old, before, now, &pairs, place);
        for (field, source) in now.iter().zip(pairs) {
            let target = (to + field.offset, field.ty);
            let Some(index) = source else {
                let names = std::iter::once(&*field.name).chain(field.was.iter().copied());
                let place = place.child(&field.name, &names.collect::<Vec<_>>());
                let renamed = renamed.get(&*field.name).copied();
                self.added(target, field, &place, renamed, steps);
                continue;
            };
            taken[index] = true;
            let source = &before[index];
            let late = self.late_names(field, before, place);
            let place = Place { late, ..place.child(&field.name, &[&source.name]) };
            self.renamed(&source.name, &field.name, &place);
            let source = (from + source.offset, source.ty);
            self.matched(pair.between(source, target).at(&place), steps);
        }
        for (field, _) in before.iter().zip(&taken).filter(|(_, taken)| !**taken) {
            let place = place.child(&field.name, &[&field.name]);
            let note = format!("removed ({})", old.title(field.ty));
            let line = self.line(&place, Outcome::Parked, note, None);
            steps.push(Step::Park { from: from + field.offset, ty: field.ty, line });
        }
    }

    /// Pairs fields whose new name is an old one again although no attribute says so.
    fn take_renames_back(
        &self,
        pairs: &mut [Option<usize>],
        before: &[NodeField],
        now: &[NodeField],
        place: &Place,
    ) {
        if place.restoring || !self.remembers() {
            return;
        }
        for index in 0..pairs.len() {
            if pairs[index].is_some() {
                continue;
            }
            let source = (0..before.len()).filter(|source| !pairs.contains(&Some(*source))).find(
                |&source| {
                    let old = place.child(&before[source].name, &[&before[source].name]);
                    old.before.first().is_some_and(|path| self.was_once(path, &now[index].name))
                },
            );
            pairs[index] = source;
        }
    }

    /// Records a rename, so that what is parked below the place follows it.
    fn renamed(&mut self, before: &str, now: &str, place: &Place) {
        if before != now
            && let Some(path) = place.before.first()
        {
            self.renames.push((path.clone(), place.path.clone()));
        }
    }

    fn choices(&mut self, pair: Pair<'_>, steps: &mut Vec<Step>) -> bool {
        let Pair { old, from, to, place } = pair;
        let (was, is) = (old.node(from.1), self.new.node(to.1));
        let NodeKind::Enum { tag, variants: before } = &was.kind else { return false };
        let NodeKind::Enum { tag: new_tag, variants: now } = &is.kind else { return false };
        let pairs = by_names(before, now, self.back, |it| (&it.name, it.was));
        if pairs.iter().all(Option::is_none) {
            return false;
        }
        let note = "variants by name".to_owned();
        let line = self.line(place, Outcome::Kept, note, Some(to));
        self.lines[line].always = false;
        let mut gone: Vec<_> = before.iter().map(|it| (it.value, it.name.clone())).collect();
        let mut choices = Vec::new();
        for (variant, source) in now.iter().zip(&pairs) {
            let Some(source) = source.map(|index| &before[index]) else { continue };
            gone.retain(|(value, _)| *value != source.value);
            let mut base = vec![0; is.size];
            write_tag(&mut base[..*new_tag], variant.value);
            write_fields(self.new, &variant.fields, &mut base);
            let mut inner = Vec::new();
            let child = place.child(&variant.name, &[&source.name]);
            self.renamed(&source.name, &variant.name, &child);
            // New data of a variant is blank, because the fresh state may have another variant.
            let child = Place { fresh: false, ..child };
            let first = self.lines.len();
            self.fields(pair.at(&child), &source.fields, &variant.fields, &mut inner);
            let kept = self.hold_back(first..self.lines.len(), place);
            choices.push(Choice { value: source.value, base, steps: inner, kept });
        }
        if let Some((_, first)) = gone.first() {
            let names = gone[1..].iter();
            let names =
                names.fold(format!("`{first}`"), |names, (_, it)| format!("{names}, `{it}`"));
            self.lines[line].partial = names;
        }
        let (tag, (from, ty), to) = (*tag, from, to.0);
        steps.push(Step::Enum(Box::new(EnumStep { from, to, tag, choices, gone, ty, line })));
        true
    }

    fn wrap(&mut self, pair: Pair<'_>, variants: &[NodeVariant], steps: &mut Vec<Step>) -> bool {
        let Pair { from, to, place, .. } = pair;
        let NodeKind::Enum { tag, .. } = self.new.node(to.1).kind else { return false };
        let Some((value, content)) =
            variants.last().and_then(|some| Some((some.value, some.fields.first()?)))
        else {
            return false;
        };
        // Not both at once: the way back could not tell which of the two options was `None`.
        if self.new.node(content.ty).role == Role::Option {
            return false;
        }
        let mut inner = Vec::new();
        // The fresh state may be `None`.
        let place = Place { fresh: false, ..place.clone() };
        let content_pair = pair.between(from, (to.0 + content.offset, content.ty)).at(&place);
        if !self.relate(content_pair, &mut inner) {
            return false;
        }
        let mut base = vec![0; self.new.node(to.1).size];
        write_tag(&mut base[..tag], value);
        write_fields(self.new, std::slice::from_ref(content), &mut base);
        steps.push(Step::Wrap { to: to.0, base, steps: inner });
        true
    }

    fn unwrap(&mut self, pair: Pair<'_>, variants: &[NodeVariant], steps: &mut Vec<Step>) -> bool {
        let Pair { old, from, to, place } = pair;
        let NodeKind::Enum { tag, .. } = old.node(from.1).kind else { return false };
        let Some((some, content)) = variants.last().and_then(|it| Some((it, it.fields.first()?)))
        else {
            return false;
        };
        if old.node(content.ty).role == Role::Option {
            return false;
        }
        let (first, mut inner) = (self.lines.len(), Vec::new());
        let source = (from.0 + content.offset, content.ty);
        if !self.relate(pair.between(source, to), &mut inner) {
            return false;
        }
        let mut kept = self.hold_back(first..self.lines.len(), place);
        let none = "`None` before: the default stays".to_owned();
        let line = self.line(place, Outcome::Defaulted, none, Some(to));
        self.lines[line].certain = false;
        let (to, len, ty, at) = (to.0, self.new.node(to.1).size, from.1, from.0);
        let choices = variants.iter().map(|variant| {
            let (steps, kept) = if variant.value == some.value {
                (std::mem::take(&mut inner), std::mem::take(&mut kept))
            } else {
                let aside = Step::Aside { from: at, ty, to, len, line };
                (vec![Step::Default { line }, aside], Vec::new())
            };
            Choice { value: variant.value, base: Vec::new(), steps, kept }
        });
        let (choices, gone) = (choices.collect(), Vec::new());
        let step = EnumStep { from: at, to, tag, choices, gone, ty, line };
        steps.push(Step::Enum(Box::new(step)));
        true
    }
}

/// Finds the old item for each new one: by its name, or else by an earlier name of the new one. On
/// the way `back` to an older program, earlier names of the old one count as well.
fn by_names<T>(
    before: &[T],
    now: &[T],
    back: bool,
    names: impl for<'a> Fn(&'a T) -> (&'a String, &'static [&'static str]),
) -> Vec<Option<usize>> {
    use std::collections::{HashMap, HashSet};
    let by_name: HashMap<&str, usize> =
        before.iter().enumerate().rev().map(|(index, it)| (&**names(it).0, index)).collect();
    let mut pairs: Vec<_> = now.iter().map(|it| by_name.get(&**names(it).0).copied()).collect();
    let mut taken: HashSet<usize> = pairs.iter().flatten().copied().collect();
    for (pair, it) in pairs.iter_mut().zip(now).filter(|(pair, _)| pair.is_none()) {
        let sources = names(it).1.iter().filter_map(|name| by_name.get(name).copied());
        *pair = sources.into_iter().find(|index| taken.insert(*index));
    }
    if !back {
        return pairs;
    }
    let missing = |pairs: &[Option<usize>], name: &str| {
        (0..now.len()).find(|&index| pairs[index].is_none() && *names(&now[index]).0 == *name)
    };
    for (index, it) in before.iter().enumerate() {
        let target = names(it).1.iter().find_map(|name| missing(&pairs, name));
        if let Some(target) = target.filter(|_| !taken.contains(&index)) {
            pairs[target] = Some(index);
        }
    }
    pairs
}

/// Returns whether two types have the same layout.
fn same(old: &OwnedLayout, was: NodeId, new: &OwnedLayout, is: NodeId) -> bool {
    let equal = old.fingerprint_of(was) == new.fingerprint_of(is);
    equal && old.node(was).size == new.node(is).size
}

/// Returns the fields of a type whose meaning is only that of its fields.
fn plain_fields(layout: &OwnedLayout, id: NodeId) -> Option<&[NodeField]> {
    let node = layout.node(id);
    match &node.kind {
        NodeKind::Struct(fields) if node.role == Role::Plain => Some(fields),
        _ => None,
    }
}

/// Returns the last name of a path, if it differs from that of another.
fn renamed<'p>(before: &'p str, now: &str) -> Option<&'p str> {
    let last = |path: &'p str| path.rsplit('.').next();
    let name = last(before)?;
    (now.rsplit('.').next() != Some(name)).then_some(name)
}

/// Returns whether a type is an ordered sequence of elements.
fn is_sequence(layout: &OwnedLayout, id: NodeId) -> bool {
    let node = layout.node(id);
    matches!(node.kind, NodeKind::Array { .. }) || matches!(node.role, Role::List | Role::Ring)
}

fn text(layout: &OwnedLayout, (at, id): At) -> Option<Text> {
    let (len, bytes) = (layout.field(id, "len")?, layout.field(id, "bytes")?);
    Some(Text {
        len: (at + len.offset, layout.node(len.ty).size),
        bytes: at + bytes.offset,
        capacity: layout.capacity(id)?,
        at: (at, layout.node(id).size),
    })
}
