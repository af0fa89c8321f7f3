//! Checking bytes against a layout, as [`SharedState::check`](crate::SharedState::check) does for
//! the program's own types.
//!
//! Every place of a collection must hold a value, including places that are not in use: the
//! collection's code relies on it. Further invariants of a collection, such as the order of a map's
//! keys, are not checked here.

use super::{Content, Value};
use crate::{
    Invalid,
    owned_layout::{NodeField, NodeId, NodeKind, OwnedLayout, Primitive},
};

/// Checks that `bytes` are a value of one of the layout's types.
///
/// # Errors
/// Names the first invalid place and the value found there.
pub(crate) fn validate(layout: &OwnedLayout, id: NodeId, bytes: &[u8]) -> Result<(), Invalid> {
    let Some(value) = Value::new(layout, id, bytes) else {
        let (found, wanted) = (bytes.len(), layout.node(id).size);
        return Err(Invalid::new(format_args!("{found} bytes, not {wanted}")));
    };
    value.validate()
}

impl Value<'_> {
    fn validate(&self) -> Result<(), Invalid> {
        if self.layout.any_bytes(self.id) {
            return Ok(());
        }
        let content = self.content()?;
        match (&self.node().kind, content) {
            (NodeKind::Struct(fields), _) => self.validate_members(fields),
            (NodeKind::Array { element, .. }, _) => self.validate_elements(*element),
            (NodeKind::Enum { .. }, Content::Variant(variant) | Content::Option(variant)) => self
                .validate_members(&variant.fields)
                .map_err(|invalid| invalid.within(&variant.name)),
            // `content` has already checked types without parts.
            _ => Ok(()),
        }
    }

    fn validate_members(&self, fields: &[NodeField]) -> Result<(), Invalid> {
        fields.iter().try_for_each(|field| {
            self.member(field).validate().map_err(|invalid| invalid.within(&field.name))
        })
    }

    fn validate_elements(&self, element: NodeId) -> Result<(), Invalid> {
        let node = self.layout.node(element);
        if node.kind == NodeKind::Primitive(Primitive::Bool) && self.bytes.iter().all(|&it| it < 2)
        {
            return Ok(());
        }
        // Zero-sized elements are always valid and never get here.
        let elements = self.bytes.chunks_exact(node.size.max(1)).enumerate();
        elements.into_iter().try_for_each(|(index, bytes)| {
            let element = Value { layout: self.layout, id: element, bytes, offset: 0 };
            element.validate().map_err(|invalid| invalid.within(format_args!("[{index}]")))
        })
    }
}
