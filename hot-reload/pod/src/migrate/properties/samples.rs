//! Random values of any layout.

use crate::{
    Role,
    owned_layout::{NodeField, NodeId, NodeKind, OwnedLayout, Primitive},
    values::random::Random,
};

/// Generates a valid value; its unused places are valid as well.
pub(super) fn value(layout: &OwnedLayout, random: &mut Random) -> Vec<u8> {
    let mut bytes = vec![0; layout.size()];
    write(layout, layout.root(), &mut bytes, random);
    bytes
}

fn write(layout: &OwnedLayout, id: NodeId, place: &mut [u8], random: &mut Random) {
    let node = layout.node(id);
    let fields = |fields: &[NodeField], place: &mut [u8], random: &mut Random| {
        for field in fields {
            let size = layout.node(field.ty).size;
            write(layout, field.ty, &mut place[field.offset..field.offset + size], random);
        }
    };
    let count = |place: &mut [u8], name: &str, count: usize| {
        let offset = layout.field(id, name).unwrap().offset;
        place[offset..offset + 8].copy_from_slice(&(count as u64).to_ne_bytes());
    };
    match &node.kind {
        NodeKind::Primitive(Primitive::Bool) => place[0] = u8::from(random.below(2) == 1),
        NodeKind::Primitive(Primitive::Char) => {
            let all = ['a', 'é', '→', '\0', '\u{10ffff}'];
            place.copy_from_slice(&u32::from(all[random.below(5)]).to_ne_bytes());
        }
        NodeKind::Primitive(Primitive::F32) => {
            let number = [1.5_f32, 1.1, -0.0, f32::NAN, 3e38, -7.0][random.below(6)];
            place.copy_from_slice(&number.to_ne_bytes());
        }
        NodeKind::Primitive(Primitive::F64) => {
            let number = [1.5, 1.1, -0.0, f64::NAN, 1e300, -7.0][random.below(6)];
            place.copy_from_slice(&f64::to_ne_bytes(number));
        }
        NodeKind::Primitive(_) | NodeKind::Pod => {
            let small = random.below(2) == 0;
            place.iter_mut().for_each(|byte| *byte = random.byte());
            if small {
                place[1..].fill(0);
            }
        }
        NodeKind::Array { element, .. } => {
            let size = layout.node(*element).size;
            if size > 0 {
                place.chunks_exact_mut(size).for_each(|it| write(layout, *element, it, random));
            }
        }
        NodeKind::Enum { tag, variants } => {
            let variant = &variants[random.below(variants.len())];
            place[..*tag].copy_from_slice(&variant.value.to_le_bytes()[..*tag]);
            fields(&variant.fields, place, random);
        }
        NodeKind::Struct(members) => {
            fields(members, place, random);
            let capacity = layout.capacity(id).unwrap_or(0);
            match node.role {
                Role::List => count(place, "len", random.below(capacity + 1)),
                Role::Ring => {
                    count(place, "len", random.below(capacity + 1));
                    count(place, "head", random.below(capacity.max(1)));
                }
                Role::Text => {
                    let text = ["aé→b", "hello wo", "", "→→→", "éééé"][random.below(5)];
                    let mut len = capacity.min(text.len());
                    while !text.is_char_boundary(len) {
                        len -= 1;
                    }
                    count(place, "len", len);
                    let offset = layout.field(id, "bytes").unwrap().offset;
                    place[offset..offset + capacity].fill(0);
                    place[offset..offset + len].copy_from_slice(&text.as_bytes()[..len]);
                }
                Role::Map => keep_keys_apart(layout, members[0].ty, place),
                Role::Pool => {
                    let slots = layout.field(id, "slots").unwrap();
                    let NodeKind::Array { element, .. } = layout.node(slots.ty).kind else {
                        return;
                    };
                    let size = layout.node(element).size;
                    for slot in place.chunks_exact_mut(size) {
                        let generation = u32::try_from(random.below(4)).unwrap();
                        slot[..4].copy_from_slice(&generation.to_ne_bytes());
                    }
                }
                _ => {}
            }
        }
    }
}

/// Shortens a map so that its keys are distinct.
fn keep_keys_apart(layout: &OwnedLayout, entries: NodeId, place: &mut [u8]) {
    let (items, element) =
        (layout.field(entries, "items").unwrap(), layout.element(entries).unwrap());
    let (size, key) = (layout.node(element).size, layout.field(element, "key").unwrap());
    let (start, width) = (items.offset + key.offset, layout.node(key.ty).size);
    let mut seen = std::collections::HashSet::new();
    let len = usize::from(place[0]);
    let key = |index: usize| place[start + index * size..start + index * size + width].to_vec();
    let unique = (0..len).take_while(|&index| seen.insert(key(index))).count();
    place[..8].copy_from_slice(&(unique as u64).to_ne_bytes());
}
