//! Whether bytes are a value of a layout, as [`SharedState::check`](crate::SharedState::check) says
//! it of the program's own types.
//!
//! All places of a collection must be values, those that are not in use as well: its code counts on
//! it. What a collection keeps beyond its lengths (the order of a map's keys, say) is not known here.

use super::{Content, Value};
use crate::state::{
    Invalid,
    owned_layout::{NodeField, NodeId, NodeKind, OwnedLayout, Primitive},
};

/// Says whether `bytes` are a value of one of the layout's types.
///
/// # Errors
/// Names the first place where they are not, and what stands there.
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
            // What has no parts has been looked at by `content`.
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
        // An element without bytes is always a value, and never comes here.
        let elements = self.bytes.chunks_exact(node.size.max(1)).enumerate();
        elements.into_iter().try_for_each(|(index, bytes)| {
            let element = Value { layout: self.layout, id: element, bytes, offset: 0 };
            element.validate().map_err(|invalid| invalid.within(format_args!("[{index}]")))
        })
    }
}
