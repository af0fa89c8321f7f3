//! Reading values by their layout, from untrusted bytes.
//!
//! The layout has been checked: all that it describes is within the bytes. The bytes have not: a
//! length may exceed the capacity, a `bool` may be 7, a text may not be UTF-8. [`Value::content`]
//! finds and reports bytes that are not a value; nothing here panics on them. No type of the
//! program is needed.

mod json;
mod path;
#[cfg(any(test, fuzzing))]
pub(crate) mod random;
#[cfg(test)]
mod tests;
mod tree;
#[cfg_attr(not(test), allow(dead_code, reason = "used wherever bytes of another build are copied"))]
mod validate;
pub(crate) use validate::validate;

use super::owned_layout::{Node, NodeField, NodeId, NodeKind, NodeVariant, OwnedLayout, Primitive};
use super::{Invalid, Role};
use std::fmt;
use std::ops::Range;

/// The bytes of a value, which may be invalid.
#[derive(Clone, Copy)]
pub(crate) struct Value<'v> {
    layout: &'v OwnedLayout,
    id: NodeId,
    /// The value's bytes, as many as the type's size.
    bytes: &'v [u8],
    /// Offset in the bytes of the outermost value.
    offset: usize,
}

/// The content of a value.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Content<'v> {
    Scalar(Scalar),
    Pod(&'v [u8]),
    Text(&'v str),
    /// Fields of a struct or tuple.
    Fields(&'v [NodeField]),
    /// The current variant of an enum.
    Variant(&'v NodeVariant),
    /// The current variant of an option; `Some` has one field.
    Option(&'v NodeVariant),
    /// Elements of an array, list or ring.
    Elements(Elements<'v>),
    /// Entries of a map, structs of two fields.
    Entries(Elements<'v>),
    Slots(Slots<'v>),
}

/// A value without parts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Scalar {
    Unsigned(u128),
    Signed(i128),
    F32(f32),
    F64(f64),
    Bool(bool),
    Char(char),
}

/// The elements in use, in order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Elements<'v> {
    /// The array that holds them.
    items: Value<'v>,
    element: NodeId,
    /// Length of the array; `head` is below it, or both are zero.
    capacity: usize,
    head: usize,
    len: usize,
}

/// The slots of a pool.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slots<'v> {
    items: Elements<'v>,
    generation: &'v NodeField,
    value: &'v NodeField,
}

impl<'v> Value<'v> {
    /// Interprets the bytes as one of the layout's types; returns `None` if their number is wrong.
    pub(crate) fn new(layout: &'v OwnedLayout, id: NodeId, bytes: &'v [u8]) -> Option<Self> {
        let value = Value { layout, id, bytes, offset: 0 };
        (bytes.len() == value.node().size).then_some(value)
    }

    /// Interprets the bytes as the layout's root type.
    pub(crate) fn whole(layout: &'v OwnedLayout, bytes: &'v [u8]) -> Option<Self> {
        Value::new(layout, layout.root(), bytes)
    }

    pub(crate) fn layout(&self) -> &'v OwnedLayout {
        self.layout
    }

    /// Returns the type.
    pub(crate) fn id(&self) -> NodeId {
        self.id
    }

    pub(crate) fn bytes(&self) -> &'v [u8] {
        self.bytes
    }

    /// Returns the range of the bytes within those of the outermost value.
    pub(crate) fn range(&self) -> Range<usize> {
        self.offset..self.offset + self.bytes.len()
    }

    fn node(&self) -> &'v Node {
        self.layout.node(self.id)
    }

    /// Returns the part at `offset`, which the layout's check has found to be within the value.
    fn part(&self, id: NodeId, offset: usize) -> Value<'v> {
        let bytes = &self.bytes[offset..offset + self.layout.node(id).size];
        Value { layout: self.layout, id, bytes, offset: self.offset + offset }
    }

    fn member(&self, field: &NodeField) -> Value<'v> {
        self.part(field.ty, field.offset)
    }

    /// Returns the content of the value.
    ///
    /// # Errors
    /// Describes what was found if it is not a value of its type; the parts are not checked.
    pub(crate) fn content(&self) -> Result<Content<'v>, Invalid> {
        let node = self.node();
        match (&node.kind, node.role) {
            (NodeKind::Primitive(primitive), _) => self.scalar(*primitive).map(Content::Scalar),
            (NodeKind::Pod, _) => Ok(Content::Pod(self.bytes)),
            (NodeKind::Array { .. }, _) => self.array().map(Content::Elements),
            (NodeKind::Enum { tag, variants }, role) => {
                let variant = self.variant(*tag, variants)?;
                let option = role == Role::Option;
                Ok(if option { Content::Option(variant) } else { Content::Variant(variant) })
            }
            (NodeKind::Struct(_), Role::List) => self.list().map(Content::Elements),
            (NodeKind::Struct(_), Role::Ring) => self.ring().map(Content::Elements),
            (NodeKind::Struct(_), Role::Text) => self.text().map(Content::Text),
            (NodeKind::Struct(fields), Role::Map) => self.map(fields),
            (NodeKind::Struct(fields), Role::Pool) => self.slots(fields),
            (NodeKind::Struct(fields), _) => Ok(Content::Fields(fields)),
        }
    }

    /// Returns the number of elements, slots or entries in use, or of bytes of a text.
    pub(crate) fn len(&self) -> Option<usize> {
        match self.content().ok()? {
            Content::Text(text) => Some(text.len()),
            Content::Elements(elements) | Content::Entries(elements) => Some(elements.len()),
            Content::Slots(slots) => Some(slots.iter().count()),
            _ => None,
        }
    }

    fn scalar(&self, primitive: Primitive) -> Result<Scalar, Invalid> {
        use Primitive::{Bool, Char, F32, F64, I8, I16, I32, I64, I128, Isize};
        let bits = unsigned(self.bytes);
        Ok(match primitive {
            Bool if bits > 1 => return Err(Invalid::new(format_args!("{bits} is not a bool"))),
            Bool => Scalar::Bool(bits == 1),
            Char => match u32::try_from(bits).ok().and_then(char::from_u32) {
                Some(character) => Scalar::Char(character),
                None => return Err(Invalid::new(format_args!("{bits:#x} is not a char"))),
            },
            F32 => Scalar::F32(bytemuck::pod_read_unaligned(self.bytes)),
            F64 => Scalar::F64(bytemuck::pod_read_unaligned(self.bytes)),
            I8 | I16 | I32 | I64 | I128 | Isize => {
                let unused = 128 - 8 * self.bytes.len();
                Scalar::Signed((bits << unused).cast_signed() >> unused)
            }
            _ => Scalar::Unsigned(bits),
        })
    }

    fn variant(&self, tag: usize, variants: &'v [NodeVariant]) -> Result<&'v NodeVariant, Invalid> {
        let found = unsigned(&self.bytes[..tag]);
        // A negative value is truncated to the tag's width.
        let bits = |value: i128| value.cast_unsigned() & (u128::MAX >> (128 - 8 * tag));
        let variant = variants.iter().find(|variant| bits(variant.value) == found);
        variant.ok_or_else(|| Invalid::new(format_args!("tag {found} matches no variant")))
    }

    /// Returns the field of a collection that its role requires.
    fn named(&self, name: &str) -> Result<Value<'v>, Invalid> {
        let field = self.layout.field(self.id, name);
        field.map(|field| self.member(field)).ok_or_else(|| no_such(name))
    }

    /// Reads the number in the field `name`, capped at `usize::MAX`.
    fn count(&self, name: &str) -> Result<usize, Invalid> {
        Ok(usize::try_from(unsigned(self.named(name)?.bytes)).unwrap_or(usize::MAX))
    }

    fn array(&self) -> Result<Elements<'v>, Invalid> {
        let NodeKind::Array { element, len } = self.node().kind else {
            return Err(no_such("elements"));
        };
        Ok(Elements { items: *self, element, capacity: len, head: 0, len })
    }

    fn list(&self) -> Result<Elements<'v>, Invalid> {
        let items = self.named("items")?.array()?;
        let len = at_most(self.count("len")?, items.capacity)?;
        Ok(Elements { len, ..items })
    }

    fn ring(&self) -> Result<Elements<'v>, Invalid> {
        let items = self.named("items")?.array()?;
        let capacity = items.capacity;
        let (head, len) = (self.count("head")?, at_most(self.count("len")?, capacity)?);
        // A ring of capacity 0 has a head of 0.
        if head >= capacity.max(1) {
            return Err(Invalid::new(format_args!("head {head} of {capacity}")));
        }
        Ok(Elements { head, len, ..items })
    }

    fn text(&self) -> Result<&'v str, Invalid> {
        let bytes = self.named("bytes")?.bytes;
        let len = at_most(self.count("len")?, bytes.len())?;
        std::str::from_utf8(&bytes[..len]).map_err(Invalid::new)
    }

    fn map(&self, fields: &'v [NodeField]) -> Result<Content<'v>, Invalid> {
        let entries = self.named("entries")?.list()?;
        // A map of another structure: shown as plain fields.
        Ok(match &self.layout.node(entries.element).kind {
            NodeKind::Struct(pair) if pair.len() == 2 => Content::Entries(entries),
            _ => Content::Fields(fields),
        })
    }

    fn slots(&self, fields: &'v [NodeField]) -> Result<Content<'v>, Invalid> {
        let items = self.named("slots")?.array()?;
        let part = |name| self.layout.field(items.element, name);
        Ok(match (part("generation"), part("value")) {
            (Some(generation), Some(value)) => Content::Slots(Slots { items, generation, value }),
            _ => Content::Fields(fields),
        })
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value({} at {:?})", self.layout.title(self.id), self.range())
    }
}

impl<'v> Elements<'v> {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn get(&self, index: usize) -> Option<Value<'v>> {
        // The index and the head are below the capacity; a plain sum could overflow.
        let place = || match self.head.checked_add(index) {
            Some(place) if place < self.capacity => place,
            _ => index - (self.capacity - self.head),
        };
        let size = self.items.layout.node(self.element).size;
        (index < self.len).then(|| self.items.part(self.element, place() * size))
    }

    /// Returns the number of elements worth listing; zero-sized elements are not, and there may be
    /// any number of them.
    fn listed(&self) -> usize {
        let empty = self.items.layout.node(self.element).size == 0;
        if empty { 0 } else { self.len }
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = Value<'v>> {
        (0..self.listed()).filter_map(move |index| self.get(index))
    }

    /// Returns the key and value of each entry of a map.
    pub(crate) fn pairs(self) -> impl Iterator<Item = (Value<'v>, Value<'v>)> {
        self.iter().filter_map(|entry| match &entry.node().kind {
            NodeKind::Struct(fields) => match &fields[..] {
                [key, value] => Some((entry.member(key), entry.member(value))),
                _ => None,
            },
            _ => None,
        })
    }
}

impl<'v> Slots<'v> {
    /// Returns the value at `index` if the slot is in use.
    pub(crate) fn get(&self, index: usize) -> Option<Value<'v>> {
        let slot = self.items.get(index)?;
        let in_use = unsigned(slot.member(self.generation).bytes) % 2 == 1;
        in_use.then(|| slot.member(self.value))
    }

    /// Returns the values in use, each with its index.
    pub(crate) fn iter(self) -> impl Iterator<Item = (usize, Value<'v>)> {
        (0..self.items.len).filter_map(move |index| Some((index, self.get(index)?)))
    }
}

/// Returns whether the fields have positions instead of names.
fn is_tuple(fields: &[NodeField]) -> bool {
    fields.iter().enumerate().all(|(index, field)| field.name == index.to_string())
}

fn at_most(len: usize, capacity: usize) -> Result<usize, Invalid> {
    let fits = len <= capacity;
    fits.then_some(len)
        .ok_or_else(|| Invalid::new(format_args!("length {len} of at most {capacity}")))
}

fn no_such(name: &str) -> Invalid {
    Invalid::new(format_args!("a collection without `{name}`"))
}

/// Reads a number of at most 16 bytes in native byte order, zero-extended.
fn unsigned(bytes: &[u8]) -> u128 {
    let mut wide = [0; 16];
    let from = if cfg!(target_endian = "big") { 16 - bytes.len() } else { 0 };
    wide[from..from + bytes.len()].copy_from_slice(bytes);
    u128::from_ne_bytes(wide)
}
