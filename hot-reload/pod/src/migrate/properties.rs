//! Properties of all migrations, for tests and fuzzing: between two generated layouts, or between a
//! layout and an edited version of it.

#![allow(clippy::unwrap_used, reason = "tests")]

mod samples;
mod shapes;

use super::parked::Parked;
use super::{Migration, MigrationReport, ParkedSet};
use crate::{
    OwnedLayout, Role,
    owned_layout::{NodeField, NodeId, NodeKind},
    values::random::Random,
    values::validate,
};
use samples::value;
use shapes::{Edits, Shape};

/// The properties; each generates layouts and values from random numbers.
const ALL: [fn(&mut Random); 6] = [
    any_bytes_become_a_value,
    there_and_back_is_the_value_that_was,
    the_way_back_may_lead_through_others,
    what_both_have_is_kept_and_all_is_told,
    what_nobody_has_parked_does_no_harm,
    bytes_that_are_no_parked_set_are_refused_or_harmless,
];

/// Tests one property, with bytes as the source of randomness.
pub(crate) fn play(bytes: &[u8]) {
    let random = &mut Random::from_bytes(bytes);
    let property = ALL[random.below(ALL.len())];
    property(random);
}

/// The results of a run, with its report.
pub(super) struct Ran {
    pub(super) parked: ParkedSet,
    pub(super) report: MigrationReport,
    pub(super) exact: bool,
}

pub(super) fn ran(plan: &Migration, old: &[u8], new: &mut [u8]) -> Ran {
    let mut migrated = plan.run(old, new);
    let (parked, exact) = (std::mem::take(&mut migrated.parked), migrated.exact);
    Ran { parked, report: plan.report(migrated), exact }
}

const ANY: Edits = Edits { rename: true, retype: true };

fn migrate(
    old: &OwnedLayout,
    new: &OwnedLayout,
    parked: ParkedSet,
    from: &[u8],
    to: &mut [u8],
) -> Ran {
    let migrated = ran(&Migration::plan(old, new, parked, ""), from, to);
    let found = validate(new, new.root(), to);
    assert_eq!(found, Ok(()), "{old}\n{new}\n{}", migrated.report);
    migrated
}

/// Prints the meaning of a value: without padding, unused places, and the order of a map's keys.
fn dump(layout: &OwnedLayout, id: NodeId, bytes: &[u8]) -> String {
    let node = layout.node(id);
    let part = |ty: NodeId, at: usize| dump(layout, ty, &bytes[at..at + layout.node(ty).size]);
    let number = |name: &str| {
        let at = layout.field(id, name).unwrap().offset;
        usize::try_from(u64::from_ne_bytes(bytes[at..at + 8].try_into().unwrap())).unwrap()
    };
    let items = |name: &str| {
        let field = layout.field(id, name).unwrap();
        let NodeKind::Array { element, len } = layout.node(field.ty).kind else { panic!() };
        (field.offset, element, layout.node(element).size, len)
    };
    match (&node.kind, node.role) {
        (NodeKind::Struct(_), Role::List | Role::Ring) => {
            let (at, element, size, capacity) = items("items");
            let head = if node.role == Role::Ring { number("head") } else { 0 };
            let place = |index| at + (head + index) % capacity * size;
            let all = (0..number("len")).map(|index| part(element, place(index)));
            format!("[{}]", all.collect::<Vec<_>>().join(" "))
        }
        (NodeKind::Struct(_), Role::Text) => {
            let at = items("bytes").0;
            format!("{:?}", &bytes[at..at + number("len")])
        }
        (NodeKind::Struct(fields), Role::Map) => {
            let list = part(fields[0].ty, fields[0].offset);
            let list = format!(" {}", &list[1..list.len() - 1]);
            let mut entries: Vec<_> = list.split(" {key").collect();
            entries.sort_unstable();
            entries.concat()
        }
        (NodeKind::Struct(_), Role::Pool) => {
            let (at, slot, size, capacity) = items("slots");
            let value = layout.field(slot, "value").unwrap();
            let slots = (0..capacity).map(|index| {
                let place = at + index * size;
                let generation = u32::from_ne_bytes(bytes[place..place + 4].try_into().unwrap());
                let used = generation % 2 == 1;
                let value = if used { part(value.ty, place + value.offset) } else { String::new() };
                format!("{generation}:{value}")
            });
            slots.collect::<Vec<_>>().join(" ")
        }
        (NodeKind::Struct(fields), _) => {
            let all = fields.iter().map(|it| format!("{}={}", it.name, part(it.ty, it.offset)));
            format!("{{{}}}", all.collect::<Vec<_>>().join(" "))
        }
        (NodeKind::Array { element, len }, _) => {
            let size = layout.node(*element).size;
            let all = (0..*len).map(|index| part(*element, index * size));
            format!("[{}]", all.collect::<Vec<_>>().join(" "))
        }
        (NodeKind::Enum { tag, variants }, _) => {
            let is = |value: i128| value.to_le_bytes()[..*tag] == bytes[..*tag];
            let variant = variants.iter().find(|it| is(it.value)).unwrap();
            let fields = variant.fields.iter();
            let all = fields.map(|it| format!("{}={}", it.name, part(it.ty, it.offset)));
            format!("{}({})", variant.name, all.collect::<Vec<_>>().join(" "))
        }
        _ => format!("{bytes:02x?}"),
    }
}

fn whole(layout: &OwnedLayout, bytes: &[u8]) -> String {
    dump(layout, layout.root(), bytes)
}

/// Generates a type and an edited version of it, or sometimes an unrelated one.
fn pair(random: &mut Random, edits: Edits) -> (Shape, Shape) {
    let old = Shape::state(random);
    let mut new = if random.below(8) == 0 { Shape::state(random) } else { old.clone() };
    for _ in 0..1 + random.below(3) {
        new.edit(random, edits);
    }
    (old, new)
}

/// Generates the layouts of such a pair, with all kinds of edits.
pub(crate) fn pair_of_layouts(random: &mut Random) -> (OwnedLayout, OwnedLayout) {
    let (old, new) = pair(random, ANY);
    (old.layout(), new.layout())
}

fn through_bytes(parked: &ParkedSet) -> ParkedSet {
    let bytes = parked.to_bytes();
    let again = ParkedSet::from_bytes(&bytes).unwrap();
    assert_eq!(again.to_bytes(), bytes);
    assert_eq!(again.values.len(), parked.values.len());
    again
}

/// Generates parked values that no migration has parked.
fn made_up(random: &mut Random) -> ParkedSet {
    const NAMES: [&str; 8] = ["a", "b", "c", "x", "len", "None", "0", "key"];
    let values = (0..random.below(12)).map(|_| {
        let mut path = String::new();
        for step in 0..random.below(4) {
            path += if step > 0 { "." } else { "" };
            path += NAMES[random.below(8)];
            path += ["", "", "[]", "[][]"][random.below(4)];
        }
        let layout = match random.below(2) {
            0 => random.layout(),
            _ => Shape::random(random, 2).layout(),
        };
        let depth = path.matches("[]").count();
        let count = if depth == 0 { 1 } else { random.below(5) };
        let index = |random: &mut Random| match random.below(8) {
            0 => u32::MAX,
            _ => u32::try_from(random.below(3)).unwrap(),
        };
        let at = (0..depth * count).map(|_| index(random)).collect();
        let bytes = match random.below(2) {
            0 => random.bytes(layout.size() * count),
            _ => (0..count).flat_map(|_| random.bytes(layout.size())).collect(),
        };
        let left = if random.below(3) == 0 { random.bytes(4 * count) } else { Vec::new() };
        let (beyond, replaced) = (random.below(2) == 0, random.below(4) == 0);
        let passed_over = random.below(4) == 0;
        Parked { path, beyond, replaced, passed_over, layout, at, bytes, left }
    });
    ParkedSet { values: values.collect(), ..ParkedSet::default() }
}

pub(super) fn any_bytes_become_a_value(random: &mut Random) {
    let (old, new) = match random.below(4) {
        0 => (random.layout(), Shape::state(random).layout()),
        _ => {
            let (old, new) = pair(random, ANY);
            (old.layout(), new.layout())
        }
    };
    let mut to = value(&new, random);
    let migrated = migrate(&old, &new, ParkedSet::default(), &random.bytes(old.size()), &mut to);
    let parked = through_bytes(&migrated.parked);
    let mut back = value(&new, random);
    migrate(&old, &new, parked, &random.bytes(old.size()), &mut back);
}

pub(super) fn there_and_back_is_the_value_that_was(random: &mut Random) {
    let (old, new) = pair_of_layouts(random);
    let from = value(&old, random);
    let (mut to, mut back) = (value(&new, random), value(&old, random));
    let there = migrate(&old, &new, ParkedSet::default(), &from, &mut to);
    let again = migrate(&new, &old, through_bytes(&there.parked), &to, &mut back);
    assert_eq!(
        whole(&old, &back),
        whole(&old, &from),
        "{}\n{}\n{}\n--- back\n{}",
        old,
        new,
        there.report,
        again.report
    );
    if there.exact {
        let mut back = value(&old, random);
        migrate(&new, &old, ParkedSet::default(), &to, &mut back);
    }
}

pub(super) fn the_way_back_may_lead_through_others(random: &mut Random) {
    let first = Shape::state(random);
    let (layout, mut shape) = (first.layout(), first);
    let from = value(&layout, random);
    let (mut old, mut bytes, mut parked) = (layout.clone(), from.clone(), ParkedSet::default());
    let mut reports = String::new();
    for step in 0..=1 + random.below(4) {
        if let Shape::Struct(fields) = &mut shape {
            // Fields are added, removed and reordered, but their types do not change.
            let before = fields.clone();
            if step.is_multiple_of(2) && !fields.is_empty() {
                fields.rotate_left(1);
            }
            fields.retain(|_| random.below(3) > 0);
            for (name, field) in before {
                let free = fields.iter().all(|(it, _)| *it != name);
                if free && random.below(4) == 0 {
                    fields.push((name, field))
                }
            }
        }
        let new = shape.layout();
        let mut to = value(&new, random);
        let migrated = migrate(&old, &new, parked, &bytes, &mut to);
        reports += &format!("{new}\n{}\n---\n", migrated.report);
        parked = through_bytes(&migrated.parked);
        (old, bytes) = (new, to);
    }
    let mut back = value(&layout, random);
    let last = migrate(&old, &layout, parked, &bytes, &mut back);
    assert_eq!(
        whole(&layout, &back),
        whole(&layout, &from),
        "{}\n{}{}",
        layout,
        reports,
        last.report
    );
}

pub(super) fn what_both_have_is_kept_and_all_is_told(random: &mut Random) {
    let (old, new) = pair_of_layouts(random);
    let from = value(&old, random);
    let mut to = value(&new, random);
    let migrated = migrate(&old, &new, ParkedSet::default(), &from, &mut to);
    let (NodeKind::Struct(before), NodeKind::Struct(now)) =
        (&old.node(old.root()).kind, &new.node(new.root()).kind)
    else {
        return;
    };
    let plain = |layout: &OwnedLayout| layout.node(layout.root()).role == Role::Plain;
    // Wrapping or unwrapping a single field leaves no field name in the report.
    if before.len() == 1 || now.len() == 1 || !plain(&old) || !plain(&new) {
        return;
    }
    let told = |name: &str| {
        migrated.report.fields.iter().any(|field| {
            let rest = field.path.strip_prefix(name);
            field.path.is_empty()
                || rest.is_some_and(|it| it.is_empty() || it.starts_with(['.', '[']))
                || field.note == format!("was `{name}`")
        })
    };
    for field in now {
        assert!(told(&field.name), "{} of\n{old}\n{new}\n{}", field.name, migrated.report);
        let same = |it: &&NodeField| {
            it.name == field.name && old.fingerprint_of(it.ty) == new.fingerprint_of(field.ty)
        };
        if let Some(source) = before.iter().find(same) {
            let size = new.node(field.ty).size;
            let old_value = dump(&old, source.ty, &from[source.offset..source.offset + size]);
            let new_value = dump(&new, field.ty, &to[field.offset..field.offset + size]);
            assert_eq!(old_value, new_value);
        }
    }
    for field in before {
        let renamed = now.iter().any(|it| it.was.contains(&&*field.name));
        assert!(
            renamed || told(&field.name),
            "{} of\n{old}\n{new}\n{}",
            field.name,
            migrated.report
        );
    }
}

pub(super) fn what_nobody_has_parked_does_no_harm(random: &mut Random) {
    let (old, new) = pair_of_layouts(random);
    let parked = through_bytes(&made_up(random));
    let from = if random.below(2) == 0 { value(&old, random) } else { random.bytes(old.size()) };
    let mut to = value(&new, random);
    let migrated = migrate(&old, &new, parked, &from, &mut to);
    let mut back = value(&old, random);
    migrate(&new, &old, through_bytes(&migrated.parked), &to, &mut back);
}

pub(super) fn bytes_that_are_no_parked_set_are_refused_or_harmless(random: &mut Random) {
    let mut bytes = made_up(random).to_bytes();
    for _ in 0..1 + random.below(3) {
        if !bytes.is_empty() {
            let index = random.below(bytes.len());
            bytes[index] = random.byte();
        }
    }
    if let Ok(parked) = ParkedSet::from_bytes(&bytes) {
        let (old, new) = pair_of_layouts(random);
        let mut to = value(&new, random);
        migrate(&old, &new, parked, &value(&old, random), &mut to);
    }
}
