//! Blank values by layout: the initial value of a collection's element.

use crate::owned_layout::{NodeField, NodeId, NodeKind, OwnedLayout};

/// Returns the value of a type in a new place of a collection: numbers are zero, collections are
/// empty, enums are at their first variant, and fields with `#[shared(default = …)]` have that
/// value.
pub(crate) fn blank_of(layout: &OwnedLayout, id: NodeId) -> Vec<u8> {
    let mut bytes = vec![0; layout.node(id).size];
    write_blank(layout, id, &mut bytes);
    bytes
}

/// Writes a blank value over zeros.
fn write_blank(layout: &OwnedLayout, id: NodeId, place: &mut [u8]) {
    let node = layout.node(id);
    match &node.kind {
        NodeKind::Primitive(_) | NodeKind::Pod => {}
        NodeKind::Struct(fields) => write_fields(layout, fields, place),
        NodeKind::Array { element, .. } => {
            let size = layout.node(*element).size;
            let mut places = place.chunks_exact_mut(size.max(1));
            if let Some(first) = places.next().filter(|_| size > 0) {
                write_blank(layout, *element, first);
                let first = first.to_vec();
                places.for_each(|place| place.copy_from_slice(&first));
            }
        }
        NodeKind::Enum { tag, variants } => {
            write_tag(&mut place[..*tag], variants[0].value);
            write_fields(layout, &variants[0].fields, place);
        }
    }
}

/// Writes the blank values of some fields over zeros.
pub(super) fn write_fields(layout: &OwnedLayout, fields: &[NodeField], place: &mut [u8]) {
    for field in fields {
        let size = layout.node(field.ty).size;
        let place = &mut place[field.offset..field.offset + size];
        match field.default {
            Some(write) => write(place),
            None => write_blank(layout, field.ty, place),
        }
    }
}

/// Writes an enum's tag in native byte order.
pub(super) fn write_tag(place: &mut [u8], value: i128) {
    let bytes = value.to_le_bytes();
    place.copy_from_slice(&bytes[..place.len()]);
    if cfg!(target_endian = "big") {
        place.reverse();
    }
}
