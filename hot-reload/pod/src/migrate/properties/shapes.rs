//! Random types that a program could have, and random edits of them.

use crate::{
    Role,
    owned_layout::{Node, NodeField, NodeId, NodeKind, NodeVariant, OwnedLayout, Primitive},
    values::random::Random,
};

/// A type; fields have numbers instead of names.
#[derive(Debug, Clone)]
pub(super) enum Shape {
    Primitive(Primitive),
    Pod,
    Struct(Vec<(usize, Shape)>),
    Tuple(Vec<Shape>),
    Array(Box<Shape>, usize),
    List(Box<Shape>, usize),
    Text(usize),
    Ring(Box<Shape>, usize),
    Map(Box<Shape>, Box<Shape>, usize),
    Pool(Box<Shape>, usize),
    Option(Box<Shape>),
    /// Size of the tag, and the variants.
    Enum(usize, Vec<Variant>),
}

type Variant = (usize, i128, Vec<(usize, Shape)>);

const PRIMITIVES: [Primitive; 16] = {
    use Primitive::*;
    [U8, U16, U32, U64, U128, Usize, I8, I16, I32, I64, I128, Isize, F32, F64, Bool, Char]
};

/// Names in pairs; each has the other as its `was`, so that a rename works in both directions.
const NAMES: [(&str, &[&str]); 12] = [
    ("a", &["a_"]),
    ("a_", &["a"]),
    ("b", &["b_"]),
    ("b_", &["b"]),
    ("c", &["c_"]),
    ("c_", &["c"]),
    ("x", &["x_"]),
    ("x_", &["x"]),
    ("len", &["len_"]),
    ("len_", &["len"]),
    ("None", &["None_"]),
    ("None_", &["None"]),
];
const POSITIONS: [&str; 8] = ["0", "1", "2", "3", "4", "5", "6", "7"];

/// The permitted kinds of edits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edits {
    pub(super) rename: bool,
    pub(super) retype: bool,
}

impl Shape {
    pub(super) fn random(random: &mut Random, depth: usize) -> Shape {
        let kinds = if depth == 0 { 5 } else { 16 };
        let inner = |random: &mut Random| Box::new(Shape::random(random, depth - 1));
        match random.below(kinds) {
            0..=2 => Shape::Primitive(PRIMITIVES[random.below(16)]),
            3 => Shape::Text(random.below(9)),
            4 if random.below(2) == 0 => Shape::Pod,
            4 => Shape::Primitive(Primitive::U32),
            5..=7 => Shape::Struct(Shape::fields(random, depth - 1)),
            8 => {
                let count = random.below(4);
                Shape::Tuple((0..count).map(|_| *inner(random)).collect())
            }
            9 => Shape::Array(inner(random), random.below(4)),
            10 => Shape::List(inner(random), random.below(5)),
            11 => Shape::Ring(inner(random), random.below(5)),
            12 => {
                let key = Shape::Primitive(PRIMITIVES[random.below(12)]);
                Shape::Map(Box::new(key), inner(random), random.below(4))
            }
            13 => Shape::Pool(inner(random), random.below(4)),
            14 => Shape::Option(inner(random)),
            _ => {
                let tag = 1 << random.below(5);
                let mut variants = Vec::new();
                for number in 0..1 + random.below(4) {
                    let fields = if random.below(2) == 0 {
                        vec![]
                    } else {
                        Shape::fields(random, depth - 1)
                    };
                    let value = number as i128 * 3 - random.below(2) as i128;
                    variants.push((number * 2, value, fields));
                }
                Shape::Enum(tag, variants)
            }
        }
    }

    fn fields(random: &mut Random, depth: usize) -> Vec<(usize, Shape)> {
        let mut fields = Vec::new();
        for name in 0..5 {
            if random.below(2) == 0 {
                fields.push((2 * name, Shape::random(random, depth)));
            }
        }
        fields
    }

    /// Generates a state's type, a struct.
    pub(super) fn state(random: &mut Random) -> Shape {
        Shape::Struct(Shape::fields(random, 3))
    }

    /// Makes a random change at a random place.
    pub(super) fn edit(&mut self, random: &mut Random, edits: Edits) {
        if edits.retype && random.below(12) == 0 {
            let old = self.clone();
            *self = match random.below(6) {
                0 => Shape::Option(Box::new(old)),
                1 => Shape::Struct(vec![(0, old)]),
                2 => Shape::Array(Box::new(old), 1 + random.below(2)),
                _ => Shape::random(random, 2),
            };
            return;
        }
        match self {
            Shape::Primitive(primitive) if edits.retype && random.below(2) == 0 => {
                *primitive = PRIMITIVES[random.below(16)];
            }
            Shape::Primitive(_) | Shape::Pod => {}
            Shape::Text(len) => *len = random.below(9),
            Shape::Struct(fields) => Shape::edit_fields(fields, random, edits),
            Shape::Tuple(parts) => match random.below(3) {
                0 if parts.len() < 6 => parts.push(Shape::random(random, 1)),
                1 => drop(parts.pop()),
                _ => parts.iter_mut().for_each(|part| part.edit(random, edits)),
            },
            Shape::Array(inner, len) => match random.below(4) {
                0 => *len = random.below(4),
                1 if edits.retype => *self = Shape::List(inner.clone(), random.below(5)),
                _ => inner.edit(random, edits),
            },
            Shape::List(inner, len) | Shape::Ring(inner, len) | Shape::Pool(inner, len) => {
                match random.below(3) {
                    0 => *len = random.below(5),
                    _ => inner.edit(random, edits),
                }
            }
            Shape::Map(key, value, len) => match random.below(3) {
                0 => *len = random.below(5),
                1 if edits.retype => **key = Shape::Primitive(PRIMITIVES[random.below(12)]),
                _ => value.edit(random, edits),
            },
            Shape::Option(inner) => inner.edit(random, edits),
            Shape::Enum(tag, variants) => match random.below(4) {
                0 => *tag = 1 << random.below(5),
                1 if variants.len() > 1 => drop(variants.remove(random.below(variants.len()))),
                2 if edits.rename => variants[0].0 ^= 1,
                _ => {
                    variants.reverse();
                    let index = random.below(variants.len());
                    Shape::edit_fields(&mut variants[index].2, random, edits);
                }
            },
        }
    }

    fn edit_fields(fields: &mut Vec<(usize, Shape)>, random: &mut Random, edits: Edits) {
        for _ in 0..1 + random.below(3) {
            let count = fields.len();
            match random.below(5) {
                0 => {
                    let name = 2 * random.below(5);
                    if fields.iter().all(|(it, _)| it / 2 != name / 2) {
                        fields.insert(random.below(count + 1), (name, Shape::random(random, 1)));
                    }
                }
                1 if count > 0 => drop(fields.remove(random.below(count))),
                2 if count > 0 => fields.rotate_left(1),
                3 if count > 0 && edits.rename => fields[random.below(count)].0 ^= 1,
                _ if count > 0 => fields[random.below(count)].1.edit(random, edits),
                _ => {}
            }
        }
    }

    pub(super) fn layout(&self) -> OwnedLayout {
        let mut nodes = Vec::new();
        self.add(&mut nodes);
        OwnedLayout::try_from(nodes).unwrap()
    }

    fn add(&self, nodes: &mut Vec<Node>) -> NodeId {
        let usize_ = |nodes: &mut Vec<Node>| Shape::Primitive(Primitive::Usize).add(nodes);
        match self {
            Shape::Primitive(primitive) => {
                use Primitive::*;
                let size = match primitive {
                    U8 | I8 | Bool => 1,
                    U16 | I16 => 2,
                    U32 | I32 | F32 | Char => 4,
                    U128 | I128 => 16,
                    _ => 8,
                };
                push(
                    nodes,
                    primitive.name(),
                    (size, size),
                    Role::Plain,
                    NodeKind::Primitive(*primitive),
                )
            }
            Shape::Pod => push(nodes, "Vec3", (12, 4), Role::Plain, NodeKind::Pod),
            Shape::Struct(fields) => {
                let parts = fields.iter().map(|(name, shape)| (NAMES[*name], shape.add(nodes)));
                let parts = parts.collect();
                structure(nodes, "Struct", Role::Plain, parts)
            }
            Shape::Tuple(parts) => {
                let parts = parts.iter().zip(POSITIONS);
                let parts =
                    parts.map(|(shape, name)| ((name, &[][..]), shape.add(nodes))).collect();
                structure(nodes, "tuple", Role::Plain, parts)
            }
            Shape::Array(inner, len) => {
                let element = inner.add(nodes);
                let Node { size, align, .. } = nodes[element.0 as usize];
                let kind = NodeKind::Array { element, len: *len };
                push(nodes, "array", (size * len, align), Role::Plain, kind)
            }
            Shape::List(inner, len) => {
                let parts = [
                    ("len", usize_(nodes)),
                    ("items", Shape::Array(inner.clone(), *len).add(nodes)),
                ];
                structure(nodes, "FixedVec", Role::List, plain(&parts))
            }
            Shape::Text(len) => {
                let bytes =
                    Shape::Array(Box::new(Shape::Primitive(Primitive::U8)), *len).add(nodes);
                let parts = [("len", usize_(nodes)), ("bytes", bytes)];
                structure(nodes, "FixedString", Role::Text, plain(&parts))
            }
            Shape::Ring(inner, len) => {
                let items = Shape::Array(inner.clone(), *len).add(nodes);
                let parts = [("head", usize_(nodes)), ("len", usize_(nodes)), ("items", items)];
                structure(nodes, "Ring", Role::Ring, plain(&parts))
            }
            Shape::Map(key, value, len) => {
                let parts = [("key", key.add(nodes)), ("value", value.add(nodes))];
                let element = structure(nodes, "Entry", Role::Plain, plain(&parts));
                let Node { size, align, .. } = nodes[element.0 as usize];
                let kind = NodeKind::Array { element, len: *len };
                let items = push(nodes, "array", (size * len, align), Role::Plain, kind);
                let parts = [("len", usize_(nodes)), ("items", items)];
                let entries = structure(nodes, "FixedVec", Role::List, plain(&parts));
                structure(nodes, "FixedMap", Role::Map, plain(&[("entries", entries)]))
            }
            Shape::Pool(inner, len) => {
                let number = Shape::Primitive(Primitive::U32).add(nodes);
                let parts = [("generation", number), ("next", number), ("value", inner.add(nodes))];
                let element = structure(nodes, "Slot", Role::Plain, plain(&parts));
                let Node { size, align, .. } = nodes[element.0 as usize];
                let kind = NodeKind::Array { element, len: *len };
                let slots = push(nodes, "array", (size * len, align), Role::Plain, kind);
                structure(nodes, "Pool", Role::Pool, plain(&[("slots", slots)]))
            }
            Shape::Option(inner) => {
                let part = inner.add(nodes);
                let variants = vec![
                    (("None", &[][..]), 0, vec![]),
                    (("Some", &[][..]), 1, plain(&[("0", part)])),
                ];
                enumeration(nodes, "FixedOption", Role::Option, 1, variants)
            }
            Shape::Enum(tag, variants) => {
                let variants = variants.iter().map(|(name, value, fields)| {
                    let parts = fields.iter().map(|(name, shape)| (NAMES[*name], shape.add(nodes)));
                    (NAMES[*name], *value, parts.collect())
                });
                let variants = variants.collect();
                enumeration(nodes, "Enum", Role::Plain, *tag, variants)
            }
        }
    }
}

type Name = (&'static str, &'static [&'static str]);
type Parts = Vec<(Name, NodeId)>;

fn plain(parts: &[(&'static str, NodeId)]) -> Vec<(Name, NodeId)> {
    parts.iter().map(|&(name, part)| ((name, &[][..]), part)).collect()
}

fn push(
    nodes: &mut Vec<Node>,
    name: &str,
    (size, align): (usize, usize),
    role: Role,
    kind: NodeKind,
) -> NodeId {
    nodes.push(Node { name: name.to_owned(), size, align, version: 0, role, kind });
    NodeId(u32::try_from(nodes.len() - 1).unwrap())
}

/// Places fields as `repr(C)` does; returns them and their end.
fn place(
    nodes: &[Node],
    from: usize,
    parts: Vec<(Name, NodeId)>,
) -> (Vec<NodeField>, usize, usize) {
    let (mut end, mut align) = (from, 1);
    let fields = parts.into_iter().map(|((name, was), ty)| {
        let node = &nodes[ty.0 as usize];
        align = align.max(node.align);
        let offset = end.next_multiple_of(node.align);
        end = offset + node.size;
        NodeField { name: name.to_owned(), offset, ty, was, default: None }
    });
    (fields.collect(), end, align)
}

fn structure(nodes: &mut Vec<Node>, name: &str, role: Role, parts: Vec<(Name, NodeId)>) -> NodeId {
    let (fields, end, align) = place(nodes, 0, parts);
    push(nodes, name, (end.next_multiple_of(align), align), role, NodeKind::Struct(fields))
}

fn enumeration(
    nodes: &mut Vec<Node>,
    name: &str,
    role: Role,
    tag: usize,
    variants: Vec<(Name, i128, Parts)>,
) -> NodeId {
    let (mut size, mut most) = (tag, tag);
    let mut owned = Vec::new();
    for ((name, was), value, parts) in variants {
        let (fields, end, align) = place(nodes, tag, parts);
        (size, most) = (size.max(end), most.max(align));
        owned.push(NodeVariant { name: name.to_owned(), value, fields, was });
    }
    let kind = NodeKind::Enum { tag, variants: owned };
    push(nodes, name, (size.next_multiple_of(most), most), role, kind)
}
