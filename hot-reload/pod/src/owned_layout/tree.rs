//! Printing a layout as a tree.

use super::{Node, NodeField, NodeId, NodeKind, OwnedLayout};
use crate::{Role, escaped};
use std::fmt;

/// Limit on the number of lines.
const MOST_LINES: usize = 20_000;
/// Limit on the length in bytes of a type's name with its parts.
const LONGEST_TITLE: usize = 400;

/// Prints a tree, one line per field: offset, name, type, size.
impl fmt::Display for OwnedLayout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let root = self.root();
        write!(f, "{} ({} bytes)", self.title(root), self.node(root).size)?;
        Tree { layout: self, lines: MOST_LINES }.write(f, root, 1)
    }
}

struct Tree<'l> {
    layout: &'l OwnedLayout,
    /// Lines left; a layout crafted to have endless lines is cut off.
    lines: usize,
}

impl Tree<'_> {
    fn write(&mut self, f: &mut fmt::Formatter<'_>, id: NodeId, depth: usize) -> fmt::Result {
        let layout = self.layout;
        if let Some(element) = layout.element(id) {
            return self.write(f, element, depth);
        }
        match &layout.node(id).kind {
            NodeKind::Primitive(_) | NodeKind::Pod => Ok(()),
            _ if layout.node(id).role == Role::Text => Ok(()),
            NodeKind::Struct(fields) => self.write_fields(f, fields, depth),
            NodeKind::Array { element, .. } => self.write(f, *element, depth),
            NodeKind::Enum { variants, .. } => variants.iter().try_for_each(|variant| {
                let indent = depth * 2 + 8;
                // Aligned with the enum's name, which follows the offset.
                write!(f, "\n{:indent$}{} = {}", "", escaped(&variant.name), variant.value)?;
                self.write_fields(f, &variant.fields, depth + 1)
            }),
        }
    }

    fn write_fields(
        &mut self,
        f: &mut fmt::Formatter<'_>,
        fields: &[NodeField],
        depth: usize,
    ) -> fmt::Result {
        for field in fields {
            self.lines = match self.lines {
                0 => return Ok(()),
                1 => return write!(f, "\n…").map(|()| self.lines = 0),
                lines => lines - 1,
            };
            let (offset, name, indent) = (field.offset, escaped(&field.name), depth * 2);
            let (title, size) = (self.layout.title(field.ty), self.layout.node(field.ty).size);
            write!(f, "\n{:indent$}{offset:>6}  {name}: {title} ({size} bytes)", "")?;
            self.write(f, field.ty, depth + 1)?;
        }
        Ok(())
    }
}

impl OwnedLayout {
    /// Returns a type roughly as it is written in the source.
    pub(crate) fn title(&self, id: NodeId) -> String {
        let mut title = String::new();
        self.write_title(id, &mut title);
        title
    }

    fn write_title(&self, id: NodeId, title: &mut String) {
        // Nested tuples of zero-sized types can be crafted to have endless titles.
        if title.len() > LONGEST_TITLE {
            return title.push_str(if title.ends_with('…') { "" } else { "…" });
        }
        let node = self.node(id);
        let name = escaped(&node.name);
        let named = |title: &mut String, inside: &dyn Fn(&mut String)| {
            title.push_str(&name);
            title.push('<');
            inside(title);
            title.push('>');
        };
        match (&node.kind, node.role) {
            (NodeKind::Struct(_), Role::List | Role::Ring | Role::Pool) => {
                match (self.element(id), self.capacity(id)) {
                    (Some(element), Some(capacity)) => named(title, &|title| {
                        self.write_title(element, title);
                        title.push_str(&format!(", {capacity}"));
                    }),
                    _ => title.push_str(&name),
                }
            }
            (NodeKind::Struct(_), Role::Text) => {
                let capacity = self.capacity(id).unwrap_or(0);
                named(title, &|title| title.push_str(&capacity.to_string()));
            }
            (NodeKind::Struct(_), Role::Map) => {
                let entries = self.field(id, "entries").map(|it| it.ty);
                let entry =
                    entries.and_then(|list| Some((self.element(list)?, self.capacity(list)?)));
                match entry {
                    Some((entry, capacity)) => named(title, &|title| {
                        self.write_parts(entry, title);
                        title.push_str(&format!(", {capacity}"));
                    }),
                    None => title.push_str(&name),
                }
            }
            (NodeKind::Array { element, len }, _) => {
                title.push('[');
                self.write_title(*element, title);
                title.push_str(&format!("; {len}]"));
            }
            (NodeKind::Struct(_), _) if node.name == "tuple" => {
                title.push('(');
                self.write_parts(id, title);
                title.push(')');
            }
            (NodeKind::Enum { variants, .. }, Role::Option) => match variants.last() {
                Some(some) => named(title, &|title| self.write_title(some.fields[0].ty, title)),
                None => title.push_str(&name),
            },
            _ => title.push_str(&name),
        }
    }

    fn write_parts(&self, id: NodeId, title: &mut String) {
        let Node { kind: NodeKind::Struct(fields), .. } = self.node(id) else {
            return self.write_title(id, title);
        };
        for (index, field) in fields.iter().enumerate() {
            title.push_str(if index == 0 { "" } else { ", " });
            self.write_title(field.ty, title);
            if title.len() > LONGEST_TITLE {
                return;
            }
        }
    }

    /// Returns a struct's field.
    pub(crate) fn field(&self, id: NodeId, name: &str) -> Option<&NodeField> {
        match &self.node(id).kind {
            NodeKind::Struct(fields) => fields.iter().find(|field| field.name == name),
            _ => None,
        }
    }

    /// Returns the element type of a list, ring or pool; for a pool, that of its slots' values.
    pub(crate) fn element(&self, id: NodeId) -> Option<NodeId> {
        let items = match self.node(id).role {
            Role::List | Role::Ring => self.field(id, "items")?.ty,
            Role::Pool => self.field(id, "slots")?.ty,
            _ => return None,
        };
        let NodeKind::Array { element, .. } = self.node(items).kind else { return None };
        match self.node(id).role {
            Role::Pool => self.field(element, "value").map(|it| it.ty),
            _ => Some(element),
        }
    }

    /// Returns the number of elements that a list, ring or pool can hold, or of bytes for a text.
    pub(crate) fn capacity(&self, id: NodeId) -> Option<usize> {
        let items = match self.node(id).role {
            Role::List | Role::Ring => self.field(id, "items")?.ty,
            Role::Text => self.field(id, "bytes")?.ty,
            Role::Pool => self.field(id, "slots")?.ty,
            _ => return None,
        };
        match self.node(items).kind {
            NodeKind::Array { len, .. } => Some(len),
            _ => None,
        }
    }
}
