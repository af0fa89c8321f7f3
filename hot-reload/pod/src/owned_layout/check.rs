//! Checks on a layout that was read: code that follows a checked layout stays within the value.

use super::{Node, NodeField, NodeId, NodeKind, OwnedLayout, Primitive};
use crate::{Role, escaped};

/// Limit on the nesting of types; no real state is deeper.
const DEEPEST: usize = 128;
/// Limit on the length of a name, in bytes.
const LONGEST_NAME: usize = 1000;
/// Limit on sizes, so that they can be added and multiplied.
const LARGEST: usize = isize::MAX as usize / 8;

impl TryFrom<Vec<Node>> for OwnedLayout {
    type Error = String;

    fn try_from(nodes: Vec<Node>) -> Result<Self, String> {
        if nodes.is_empty() {
            return Err("a layout without any type".to_owned());
        }
        let mut depths = Vec::with_capacity(nodes.len());
        for index in 0..nodes.len() {
            let checked = Checker { nodes: &nodes[..=index], depths: &depths }.check();
            depths.push(checked.map_err(|wrong| {
                let name = nodes[index].name.chars().take(100).collect::<String>();
                format!("the layout of type `{}` is invalid: {wrong}", escaped(&name))
            })?);
        }
        Ok(OwnedLayout::checked(nodes))
    }
}

/// Checks the last of some types; its parts have been checked already.
struct Checker<'n> {
    nodes: &'n [Node],
    /// Nesting depth of each type before it.
    depths: &'n [usize],
}

impl Checker<'_> {
    fn check(&self) -> Result<usize, String> {
        let node = &self.nodes[self.depths.len()];
        if node.size > LARGEST || !node.align.is_power_of_two() || node.align > 4096 {
            return Err(format!("{} bytes aligned to {}", node.size, node.align));
        }
        self.names(node)?;
        let mut deepest = 0;
        match &node.kind {
            NodeKind::Pod => {}
            NodeKind::Primitive(primitive) => {
                let fits = match primitive {
                    Primitive::U8 | Primitive::I8 | Primitive::Bool => node.size == 1,
                    Primitive::U16 | Primitive::I16 => node.size == 2,
                    Primitive::U32 | Primitive::I32 | Primitive::F32 | Primitive::Char => {
                        node.size == 4
                    }
                    Primitive::U64 | Primitive::I64 | Primitive::F64 => node.size == 8,
                    Primitive::U128 | Primitive::I128 => node.size == 16,
                    // Also those of a machine with another pointer width.
                    Primitive::Usize | Primitive::Isize => matches!(node.size, 4 | 8),
                };
                if !fits {
                    return Err(format!("{} bytes", node.size));
                }
            }
            NodeKind::Struct(fields) => {
                deepest = self.fields(fields, 0, node.size)?;
            }
            NodeKind::Array { element, len } => {
                let element = self.part(*element)?;
                deepest = element.1;
                if element.0.size.checked_mul(*len) != Some(node.size) {
                    return Err(format!("{len} elements in {} bytes", node.size));
                }
            }
            NodeKind::Enum { tag, variants } => {
                if !matches!(tag, 1 | 2 | 4 | 8 | 16) || *tag > node.size || variants.is_empty() {
                    return Err(format!("a tag of {tag} bytes, {} variants", variants.len()));
                }
                for variant in variants {
                    deepest = deepest.max(self.fields(&variant.fields, *tag, node.size)?);
                }
            }
        }
        if deepest >= DEEPEST {
            return Err("types are nested too deeply".to_owned());
        }
        if !self.plays(node) {
            return Err(format!("its fields are not those of a {:?}", node.role));
        }
        Ok(deepest + 1)
    }

    /// Checks the lengths of names: a name is written once per use of its type, perhaps thousands
    /// of times.
    fn names(&self, node: &Node) -> Result<(), String> {
        let fits = |name: &str| name.len() <= LONGEST_NAME;
        let fit = |fields: &[NodeField]| fields.iter().all(|field| fits(&field.name));
        let parts = match &node.kind {
            NodeKind::Struct(fields) => fit(fields),
            NodeKind::Enum { variants, .. } => {
                variants.iter().all(|variant| fits(&variant.name) && fit(&variant.fields))
            }
            _ => true,
        };
        let fit = parts && fits(&node.name);
        fit.then_some(()).ok_or_else(|| format!("a name of more than {LONGEST_NAME} bytes"))
    }

    fn part(&self, NodeId(id): NodeId) -> Result<(&Node, usize), String> {
        let depth = self.depths.get(id as usize).ok_or("it refers to a later type")?;
        Ok((&self.nodes[id as usize], *depth))
    }

    /// Checks that all fields are within `from..to`, and that their total size does not exceed it.
    fn fields(&self, fields: &[NodeField], from: usize, to: usize) -> Result<usize, String> {
        let (mut deepest, mut sum) = (0, from);
        for field in fields {
            let (part, depth) = self.part(field.ty)?;
            deepest = deepest.max(depth);
            sum = sum.saturating_add(part.size);
            let within = field.offset.checked_add(part.size).is_some_and(|end| end <= to);
            if !within || field.offset < from || sum > to {
                return Err(format!("field `{}` is out of bounds", escaped(&field.name)));
            }
        }
        Ok(deepest)
    }

    /// Returns the type of a struct's field.
    fn field(&self, node: &Node, name: &str) -> Option<&Node> {
        let NodeKind::Struct(fields) = &node.kind else { return None };
        let field = fields.iter().find(|field| field.name == name)?;
        Some(&self.nodes[field.ty.0 as usize])
    }

    /// Returns whether a type has the fields that its role requires.
    fn plays(&self, node: &Node) -> bool {
        let is_count = |name| {
            self.field(node, name)
                .is_some_and(|it| it.kind == NodeKind::Primitive(Primitive::Usize))
        };
        let array = |name| match self.field(node, name)?.kind {
            NodeKind::Array { element, .. } => Some(&self.nodes[element.0 as usize]),
            _ => None,
        };
        match node.role {
            Role::Plain => true,
            Role::List => is_count("len") && array("items").is_some(),
            Role::Text => {
                let is_byte = |it: &Node| it.kind == NodeKind::Primitive(Primitive::U8);
                is_count("len") && array("bytes").is_some_and(is_byte)
            }
            Role::Ring => is_count("head") && is_count("len") && array("items").is_some(),
            Role::Map => self.field(node, "entries").is_some_and(|it| it.role == Role::List),
            Role::Pool => array("slots").is_some_and(|slot| {
                let generation = self.field(slot, "generation");
                generation.is_some_and(|it| it.kind == NodeKind::Primitive(Primitive::U32))
                    && self.field(slot, "value").is_some()
            }),
            Role::Option => match &node.kind {
                NodeKind::Enum { variants, .. } => match &variants[..] {
                    [none, some] => none.fields.is_empty() && some.fields.len() == 1,
                    _ => false,
                },
                _ => false,
            },
        }
    }
}
