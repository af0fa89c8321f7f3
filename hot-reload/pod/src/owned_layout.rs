//! A layout that can be sent: with a state's bytes to another process, or to a file.
//!
//! All types that a type is made of are in one table, each once, and each after its parts. The
//! table is therefore small even if a type is used often, and it cannot contain a cycle.

mod check;
mod tree;

use super::layout::{Field, Kind, Layout, Role, Variant, WriteDefault};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The description of a type that may come from elsewhere, such as another build's state.
///
/// It is made from the [`Layout`] of a type of this program, or read with serde. A layout that was
/// read has been checked: every part is within what it is part of. `Display` prints it as a tree.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "Vec<Node>", into = "Vec<Node>")]
pub struct OwnedLayout {
    /// All types; the described type is the last.
    nodes: Vec<Node>,
    /// The fingerprint of each node.
    fingerprints: Vec<u64>,
    /// One flag per node: true if any bytes are a valid value.
    any_bytes: Vec<bool>,
}

/// A type's index in the table; types refer only to earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct NodeId(pub(crate) u32);

/// One type of the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) size: usize,
    pub(crate) align: usize,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) version: u32,
    #[serde(default, skip_serializing_if = "is_plain")]
    pub(crate) role: Role,
    pub(crate) kind: NodeKind,
}

/// The structure of a type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum NodeKind {
    Primitive(Primitive),
    Pod,
    Struct(Vec<NodeField>),
    Array { element: NodeId, len: usize },
    Enum { tag: usize, variants: Vec<NodeVariant> },
}

/// A field of a struct, a tuple or a variant.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct NodeField {
    pub(crate) name: String,
    pub(crate) offset: usize,
    pub(crate) ty: NodeId,
    /// Previous names. They do not travel: only the newer side of a migration needs them.
    #[serde(skip)]
    pub(crate) was: &'static [&'static str],
    #[serde(skip)]
    pub(crate) default: Option<WriteDefault>,
}

/// A variant of an enum.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct NodeVariant {
    pub(crate) name: String,
    pub(crate) value: i128,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) fields: Vec<NodeField>,
    #[serde(skip)]
    pub(crate) was: &'static [&'static str],
}

/// The types without parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Primitive {
    U8,
    U16,
    U32,
    U64,
    U128,
    Usize,
    I8,
    I16,
    I32,
    I64,
    I128,
    Isize,
    F32,
    F64,
    Bool,
    Char,
}

impl Primitive {
    const ALL: [(&'static str, Primitive); 16] = {
        use Primitive::*;
        [
            ("u8", U8),
            ("u16", U16),
            ("u32", U32),
            ("u64", U64),
            ("u128", U128),
            ("usize", Usize),
            ("i8", I8),
            ("i16", I16),
            ("i32", I32),
            ("i64", I64),
            ("i128", I128),
            ("isize", Isize),
            ("f32", F32),
            ("f64", F64),
            ("bool", Bool),
            ("char", Char),
        ]
    };

    pub(crate) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, it)| *it == self).map_or("", |(name, _)| name)
    }

    fn named(name: &str) -> Option<Primitive> {
        Self::ALL.iter().find(|(it, _)| *it == name).map(|(_, primitive)| *primitive)
    }

    pub(crate) fn is_signed(self) -> bool {
        use Primitive::{I8, I16, I32, I64, I128, Isize};
        matches!(self, I8 | I16 | I32 | I64 | I128 | Isize)
    }

    /// Returns whether any bytes are a valid value.
    pub(crate) fn any_bytes(self) -> bool {
        !matches!(self, Primitive::Bool | Primitive::Char)
    }
}

impl Node {
    /// Calls `each` with the types that this one refers to.
    fn parts(&self, mut each: impl FnMut(NodeId)) {
        self.clone().parts_mut(|id| each(*id));
    }

    fn parts_mut(&mut self, mut each: impl FnMut(&mut NodeId)) {
        match &mut self.kind {
            NodeKind::Primitive(_) | NodeKind::Pod => {}
            NodeKind::Struct(fields) => fields.iter_mut().for_each(|field| each(&mut field.ty)),
            NodeKind::Array { element, .. } => each(element),
            NodeKind::Enum { variants, .. } => {
                let fields = variants.iter_mut().flat_map(|variant| &mut variant.fields);
                fields.for_each(|field| each(&mut field.ty));
            }
        }
    }
}

/// Compares meanings: layouts are equal if their bytes mean the same.
impl PartialEq for OwnedLayout {
    fn eq(&self, other: &Self) -> bool {
        self.agrees(other)
    }
}

/// Compares defaults by address. The same function may have several addresses, which only costs a
/// second node.
impl PartialEq for NodeField {
    fn eq(&self, other: &Self) -> bool {
        let same = match (self.default, other.default) {
            (Some(one), Some(other)) => std::ptr::fn_addr_eq(one, other),
            (one, other) => one.is_none() && other.is_none(),
        };
        let key = |it: &NodeField| (it.offset, it.ty, it.was);
        same && self.name == other.name && key(self) == key(other)
    }
}

impl OwnedLayout {
    /// Returns the type's name in the source.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.node(self.root()).name
    }

    /// Returns the size of a value in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.node(self.root()).size
    }

    /// Returns the version set with `#[shared(version = …)]`.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.node(self.root()).version
    }

    /// Returns a stable hash of everything that two processes must agree on (FNV-1a, 64 bits).
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint_of(self.root())
    }

    /// Returns true if bytes mean the same in both layouts.
    #[must_use]
    pub fn agrees(&self, other: &OwnedLayout) -> bool {
        self.fingerprint() == other.fingerprint() && self.size() == other.size()
    }

    /// Returns true if any bytes are a valid value, so that nothing needs to be checked.
    #[doc(hidden)]
    #[must_use]
    pub fn is_any_bytes(&self) -> bool {
        self.any_bytes(self.root())
    }

    pub(crate) fn root(&self) -> NodeId {
        NodeId(u32::try_from(self.nodes.len() - 1).unwrap_or(u32::MAX))
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    pub(crate) fn fingerprint_of(&self, id: NodeId) -> u64 {
        self.fingerprints[id.0 as usize]
    }

    /// Returns whether any bytes are a valid value of the type, so that nothing needs to be
    /// checked.
    pub(crate) fn any_bytes(&self, id: NodeId) -> bool {
        self.any_bytes[id.0 as usize]
    }

    /// Returns the layout of one of the types that this one is made of.
    pub(crate) fn part(&self, id: NodeId) -> OwnedLayout {
        let mut kept = vec![None; id.0 as usize + 1];
        kept[id.0 as usize] = Some(NodeId(0));
        // Parts come before what they are part of, so walking backwards marks all that is needed.
        for index in (0..kept.len()).rev() {
            if kept[index].is_some() {
                self.nodes[index].parts(|NodeId(part)| kept[part as usize] = Some(NodeId(0)));
            }
        }
        let mut nodes = Vec::new();
        for (index, place) in kept.iter_mut().enumerate() {
            if place.is_some() {
                *place = Some(NodeId(u32::try_from(nodes.len()).unwrap_or(u32::MAX)));
                nodes.push(self.nodes[index].clone());
            }
        }
        for node in &mut nodes {
            node.parts_mut(|part| *part = kept[part.0 as usize].unwrap_or(*part));
        }
        OwnedLayout::checked(nodes)
    }

    /// Returns the layout of an array of `len` elements, or `None` if its size overflows.
    #[doc(hidden)]
    #[must_use]
    pub fn array_of(mut self, len: usize) -> Option<OwnedLayout> {
        let (element, Node { size, align, .. }) = (self.root(), self.node(self.root()));
        let (size, align) = (size.checked_mul(len)?, *align);
        let kind = NodeKind::Array { element, len };
        let (name, version, role) = ("array".to_owned(), 0, Role::Plain);
        self.nodes.push(Node { name, size, align, version, role, kind });
        OwnedLayout::try_from(self.nodes).ok()
    }

    fn checked(nodes: Vec<Node>) -> OwnedLayout {
        let fingerprints = Vec::with_capacity(nodes.len());
        let any_bytes = Vec::with_capacity(nodes.len());
        let mut layout = OwnedLayout { nodes, fingerprints, any_bytes };
        for index in 0..layout.nodes.len() {
            let fingerprint = layout.hash(index);
            layout.fingerprints.push(fingerprint);
            let any_bytes = layout.takes_any_bytes(index);
            layout.any_bytes.push(any_bytes);
        }
        layout
    }

    /// Returns whether any bytes are a valid value; the type's parts must be known already.
    fn takes_any_bytes(&self, index: usize) -> bool {
        let node = &self.nodes[index];
        match &node.kind {
            NodeKind::Primitive(primitive) => primitive.any_bytes(),
            NodeKind::Pod => true,
            NodeKind::Struct(fields) => {
                // Their lengths are restricted.
                let counted = matches!(node.role, Role::List | Role::Text | Role::Ring);
                !counted && fields.iter().all(|field| self.any_bytes(field.ty))
            }
            NodeKind::Array { element, len } => *len == 0 || self.any_bytes(*element),
            NodeKind::Enum { .. } => false,
        }
    }

    /// Returns the fingerprint of a type whose parts have theirs already.
    fn hash(&self, index: usize) -> u64 {
        let node = &self.nodes[index];
        let mut hash = Fnv::default();
        hash.number(node.size);
        hash.number(node.align);
        hash.number(node.version as usize);
        if node.role != Role::Plain {
            hash.text("role", &format!("{:?}", node.role));
        }
        match &node.kind {
            NodeKind::Primitive(primitive) => hash.text("primitive", primitive.name()),
            NodeKind::Pod => hash.text("pod", &node.name),
            NodeKind::Struct(fields) => {
                hash.text("struct", "");
                self.hash_fields(fields, &mut hash);
            }
            NodeKind::Array { element, len } => {
                hash.text("array", "");
                hash.number(*len);
                hash.word(self.fingerprint_of(*element));
            }
            NodeKind::Enum { tag, variants } => {
                hash.text("enum", "");
                hash.number(*tag);
                hash.number(variants.len());
                for variant in variants {
                    hash.text("variant", &variant.name);
                    hash.bytes(&variant.value.to_le_bytes());
                    self.hash_fields(&variant.fields, &mut hash);
                }
            }
        }
        hash.0
    }

    fn hash_fields(&self, fields: &[NodeField], hash: &mut Fnv) {
        hash.number(fields.len());
        for field in fields {
            hash.text("field", &field.name);
            hash.number(field.offset);
            hash.word(self.fingerprint_of(field.ty));
        }
    }
}

impl Layout {
    /// Returns a stable hash of everything that two processes must agree on (FNV-1a, 64 bits).
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        OwnedLayout::from(self).fingerprint()
    }
}

/// Prints a tree, one line per field: offset, name, type, size.
impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        OwnedLayout::from(self).fmt(f)
    }
}

impl From<&Layout> for OwnedLayout {
    fn from(layout: &Layout) -> Self {
        let mut nodes = Vec::new();
        add(&mut nodes, layout);
        OwnedLayout::checked(nodes)
    }
}

impl From<OwnedLayout> for Vec<Node> {
    fn from(layout: OwnedLayout) -> Self {
        layout.nodes
    }
}

fn add(nodes: &mut Vec<Node>, layout: &Layout) -> NodeId {
    let fields = |nodes: &mut Vec<Node>, fields: &[Field]| {
        let mut owned = Vec::with_capacity(fields.len());
        for &Field { name, offset, layout, was, default } in fields {
            let ty = add(nodes, layout);
            owned.push(NodeField { name: name.to_owned(), offset, ty, was, default });
        }
        owned
    };
    let kind = match layout.kind {
        Kind::Primitive => match Primitive::named(layout.name) {
            Some(primitive) => NodeKind::Primitive(primitive),
            None => NodeKind::Pod,
        },
        Kind::Pod => NodeKind::Pod,
        Kind::Struct(members) => NodeKind::Struct(fields(nodes, members)),
        Kind::Array { element, len } => NodeKind::Array { element: add(nodes, element), len },
        Kind::Enum { tag, variants } => {
            let mut owned = Vec::with_capacity(variants.len());
            for &Variant { name, value, fields: members, was } in variants {
                let fields = fields(nodes, members);
                owned.push(NodeVariant { name: name.to_owned(), value, fields, was });
            }
            NodeKind::Enum { tag, variants: owned }
        }
    };
    let &Layout { name, size, align, version, role, .. } = layout;
    let node = Node { name: name.to_owned(), size, align, version, role, kind };
    let known = nodes.iter().position(|it| *it == node);
    let index = known.unwrap_or_else(|| {
        nodes.push(node);
        nodes.len() - 1
    });
    NodeId(u32::try_from(index).expect("a program has fewer than four billion types"))
}

/// FNV-1a with 64 bits: public, trivial, and the same in every build.
#[derive(Debug)]
pub(crate) struct Fnv(pub(crate) u64);

impl Default for Fnv {
    fn default() -> Self {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn word(&mut self, word: u64) {
        self.bytes(&word.to_le_bytes());
    }

    fn number(&mut self, number: usize) {
        self.word(number as u64);
    }

    /// Hashes the length as well; otherwise `("ab", "c")` and `("a", "bc")` would be equal.
    fn text(&mut self, kind: &str, name: &str) {
        self.bytes(kind.as_bytes());
        self.number(name.len());
        self.bytes(name.as_bytes());
    }
}

fn is_zero(version: &u32) -> bool {
    *version == 0
}

fn is_plain(role: &Role) -> bool {
    *role == Role::Plain
}
