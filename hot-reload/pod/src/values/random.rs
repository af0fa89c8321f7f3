//! Random layouts and bytes, for tests and fuzzing.

#![allow(clippy::unwrap_used, reason = "tests")]

use crate::{
    Role,
    owned_layout::{Node, NodeField, NodeId, NodeKind, NodeVariant, OwnedLayout, Primitive},
};

/// A source of numbers: a seed (splitmix64), or bytes from a fuzzer.
pub(crate) struct Random {
    seed: u64,
    bytes: Option<std::vec::IntoIter<u8>>,
}

impl Random {
    #[cfg(test)]
    pub(crate) fn new(seed: u64) -> Self {
        Random { seed, bytes: None }
    }

    /// Takes the numbers from bytes, and 0 after their end. A small change of the bytes is then a
    /// small change of the generated layouts and values.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        Random { seed: 0, bytes: Some(Vec::from(bytes).into_iter()) }
    }

    pub(crate) fn word(&mut self) -> u64 {
        if let Some(bytes) = &mut self.bytes {
            return u64::from_le_bytes(std::array::from_fn(|_| bytes.next().unwrap_or(0)));
        }
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.seed ^ (self.seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn byte(&mut self) -> u8 {
        match &mut self.bytes {
            Some(bytes) => bytes.next().unwrap_or(0),
            None => self.word().to_le_bytes()[0],
        }
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        if self.bytes.is_some() && end <= 256 {
            return usize::from(self.byte()) % end;
        }
        usize::try_from(self.word() % end as u64).unwrap()
    }

    /// Generates bytes, many of them small, so that lengths, tags and booleans are often valid.
    pub(crate) fn bytes(&mut self, len: usize) -> Vec<u8> {
        let wildness = self.below(4);
        let byte = |random: &mut Random| match random.below(8) {
            0 => random.byte(),
            1..=3 if wildness > 0 => random.byte() % 4,
            _ => 0,
        };
        (0..len).map(|_| byte(self)).collect()
    }

    /// Generates a layout: one that a program could have, or a forged one.
    pub(crate) fn layout(&mut self) -> OwnedLayout {
        let mut types = Types { nodes: Vec::new(), random: self };
        types.add_primitives();
        for _ in 0..1 + types.random.below(12) {
            types.add();
        }
        let nodes = types.nodes;
        OwnedLayout::try_from(nodes).expect("every part lies within what it is part of")
    }
}

struct Types<'r> {
    nodes: Vec<Node>,
    random: &'r mut Random,
}

impl Types<'_> {
    fn push(&mut self, name: &str, size: usize, role: Role, kind: NodeKind) -> NodeId {
        let name = name.to_owned();
        self.nodes.push(Node { name, size, align: 1, version: 0, role, kind });
        NodeId(u32::try_from(self.nodes.len() - 1).unwrap())
    }

    fn add_primitives(&mut self) {
        use Primitive::*;
        let address = 4 + 4 * self.random.below(2);
        for (primitive, size) in [
            (U8, 1),
            (U16, 2),
            (U32, 4),
            (U64, 8),
            (U128, 16),
            (Usize, address),
            (I8, 1),
            (I16, 2),
            (I32, 4),
            (I64, 8),
            (I128, 16),
            (Isize, address),
            (F32, 4),
            (F64, 8),
            (Bool, 1),
            (Char, 4),
        ] {
            self.push(primitive.name(), size, Role::Plain, NodeKind::Primitive(primitive));
        }
        self.push("Vec3", 12, Role::Plain, NodeKind::Pod);
        self.push("()", 0, Role::Plain, NodeKind::Struct(Vec::new()));
    }

    fn primitive(&self, wanted: Primitive) -> NodeId {
        let index = self.nodes.iter().position(|it| it.kind == NodeKind::Primitive(wanted));
        NodeId(u32::try_from(index.unwrap()).unwrap())
    }

    fn any(&mut self) -> NodeId {
        // Prefers later types, so that types grow.
        let (one, other) = (self.nodes.len(), self.nodes.len());
        let (one, other) = (self.random.below(one), self.random.below(other));
        let index = one.max(other);
        let small = self.nodes[index].size < 1 << 12;
        NodeId(u32::try_from(if small { index } else { 0 }).unwrap())
    }

    /// Places fields one after another from the byte `from`, with occasional gaps.
    fn fields(&mut self, from: usize, parts: &[(&str, NodeId)]) -> (Vec<NodeField>, usize) {
        let mut offset = from;
        let fields = parts.iter().map(|&(name, ty)| {
            offset += self.random.below(10) / 9;
            let field = NodeField { name: name.to_owned(), offset, ty, was: &[], default: None };
            offset += self.nodes[ty.0 as usize].size;
            field
        });
        (fields.collect(), offset)
    }

    fn structure(&mut self, name: &str, role: Role, parts: &[(&str, NodeId)]) -> NodeId {
        let (fields, size) = self.fields(0, parts);
        self.push(name, size, role, NodeKind::Struct(fields))
    }

    fn array(&mut self, element: NodeId) -> NodeId {
        let size = self.nodes[element.0 as usize].size;
        // There may be any number of zero-sized elements.
        let len = match size {
            0 if self.random.below(2) == 0 => usize::MAX,
            _ => self.random.below(5),
        };
        self.push("array", size * len, Role::Plain, NodeKind::Array { element, len })
    }

    fn list(&mut self, element: NodeId) -> NodeId {
        let (len, items) = (self.primitive(Primitive::Usize), self.array(element));
        self.structure("FixedVec", Role::List, &[("len", len), ("items", items)])
    }

    fn add(&mut self) -> NodeId {
        let count = self.primitive(Primitive::Usize);
        let (one, other) = (self.any(), self.any());
        match self.random.below(10) {
            0 => self.array(one),
            1 => self.structure("tuple", Role::Plain, &[("0", one), ("1", other)]),
            2 => self.list(one),
            3 => {
                let bytes = self.array(NodeId(0));
                let parts = [("len", count), ("bytes", bytes)];
                self.structure("FixedString", Role::Text, &parts)
            }
            4 => {
                let items = self.array(one);
                let parts = [("head", count), ("len", count), ("items", items)];
                self.structure("Ring", Role::Ring, &parts)
            }
            5 => {
                let parts = [("key", one), ("value", other), ("more", one)];
                let len = 1 + self.random.below(3);
                let entry = self.structure("Entry", Role::Plain, &parts[..len]);
                let entries = self.list(entry);
                self.structure("FixedMap", Role::Map, &[("entries", entries)])
            }
            6 => {
                let generation = self.primitive(Primitive::U32);
                let parts = [("generation", generation), ("value", one)];
                let slot = self.structure("Slot", Role::Plain, &parts);
                let slots = self.array(slot);
                self.structure("Pool", Role::Pool, &[("free", count), ("slots", slots)])
            }
            7 => {
                let (fields, size) = self.fields(1, &[("0", one)]);
                let variants = vec![variant("None", 0, vec![]), variant("Some", 1, fields)];
                self.push("FixedOption", size, Role::Option, NodeKind::Enum { tag: 1, variants })
            }
            8 => {
                let tag = 1 << self.random.below(5);
                let (named, first) = self.fields(tag, &[("radius", one), ("x", other)]);
                let (tuple, second) = self.fields(tag, &[("0", other)]);
                let variants = vec![
                    variant("Nothing", 0, vec![]),
                    variant("Circle", -1, named),
                    variant("Face", 2, tuple),
                ];
                let kind = NodeKind::Enum { tag, variants };
                self.push("Shape", first.max(second), Role::Plain, kind)
            }
            _ => self.structure("Ball", Role::Plain, &[("x", one), ("y", other), ("z", one)]),
        }
    }
}

fn variant(name: &str, value: i128, fields: Vec<NodeField>) -> NodeVariant {
    NodeVariant { name: name.to_owned(), value, fields, was: &[] }
}
