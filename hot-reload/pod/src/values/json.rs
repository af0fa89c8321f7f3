//! Values as JSON, for other programs.

use super::{Content, Elements, Scalar, Value, is_tuple};
use crate::{
    Role,
    owned_layout::{NodeField, NodeKind, NodeVariant, Primitive},
};
use serde_json::{Map, Number, Value as Json};
use std::fmt::Write;

impl Value<'_> {
    /// Returns the value as serde would write it with `std`'s types: structs as objects, tuples as
    /// arrays, lists and rings as arrays, texts as strings, options as `null` or the value, enums
    /// inside an object with the variant's name.
    ///
    /// A map is an object if its keys are texts, integers or variants without data, and an array of
    /// pairs otherwise. A pool is an object keyed by slot index. Values that JSON numbers cannot
    /// express are strings: 128-bit integers, infinite floats and `NaN`. A foreign type is a string
    /// of hex digits. An invalid value becomes a string that says so. A zero-sized value is `null`,
    /// or an array without elements.
    pub(crate) fn to_json(self) -> Json {
        let content = match self.content() {
            Ok(content) => content,
            Err(found) => return Json::String(format!("<invalid: {found}>")),
        };
        match content {
            Content::Scalar(scalar) => self.scalar_to_json(scalar),
            Content::Pod(bytes) => Json::String(hex(bytes)),
            Content::Text(text) => Json::String(text.to_owned()),
            Content::Elements(elements) => elements.iter().map(|it| it.to_json()).collect(),
            Content::Entries(entries) => map_to_json(entries),
            Content::Slots(slots) => {
                let values = slots.iter().map(|(index, it)| (index.to_string(), it.to_json()));
                Json::Object(values.collect())
            }
            // Zero-sized fields can be nested without limit.
            Content::Fields(_) if self.bytes.is_empty() => Json::Null,
            Content::Fields(fields) => self.fields_to_json(fields),
            Content::Option(variant) => {
                let inside = variant.fields.first().map(|field| self.member(field).to_json());
                inside.unwrap_or(Json::Null)
            }
            Content::Variant(variant) => self.variant_to_json(variant),
        }
    }

    fn scalar_to_json(&self, scalar: Scalar) -> Json {
        let number = match scalar {
            Scalar::Bool(value) => return Json::Bool(value),
            Scalar::Char(value) => return Json::String(value.to_string()),
            // By type, not by value, so that a field always has the same JSON type.
            Scalar::Unsigned(_) | Scalar::Signed(_) if self.bytes.len() > 8 => None,
            Scalar::Unsigned(value) => u64::try_from(value).ok().map(Number::from),
            Scalar::Signed(value) => i64::try_from(value).ok().map(Number::from),
            // The shortest digits that identify the `f32`: 0.1, not 0.10000000149.
            Scalar::F32(value) => value.to_string().parse().ok().and_then(Number::from_f64),
            Scalar::F64(value) => Number::from_f64(value),
        };
        number.map_or_else(|| Json::String(scalar.to_string()), Json::Number)
    }

    fn fields_to_json(&self, fields: &[NodeField]) -> Json {
        let values = fields.iter().map(|field| (field, self.member(field).to_json()));
        if is_tuple(fields) {
            values.map(|(_, value)| value).collect()
        } else {
            values.map(|(field, value)| (field.name.clone(), value)).collect()
        }
    }

    fn variant_to_json(&self, variant: &NodeVariant) -> Json {
        let data = match &variant.fields[..] {
            [] => return Json::String(variant.name.clone()),
            [only] if only.name == "0" => self.member(only).to_json(),
            fields => self.fields_to_json(fields),
        };
        Json::Object(Map::from_iter([(variant.name.clone(), data)]))
    }
}

fn map_to_json(entries: Elements<'_>) -> Json {
    let pairs = || entries.pairs().map(|(key, value)| (key.to_json(), value.to_json()));
    if entries.have_keys() {
        let members = pairs().map(|(key, value)| match key {
            Json::String(key) => (key, value),
            other => (other.to_string(), value),
        });
        let object = members.collect::<Map<_, _>>();
        // Fewer if invalid bytes hold a key twice; then pairs are used so that nothing is omitted.
        if object.len() == entries.len() {
            return Json::Object(object);
        }
    }
    pairs().map(|(key, value)| Json::Array(vec![key, value])).collect()
}

impl Elements<'_> {
    /// Returns whether the entries' keys can be the member names of an object.
    fn have_keys(&self) -> bool {
        let layout = self.items.layout();
        let NodeKind::Struct(fields) = &layout.node(self.element).kind else { return false };
        let Some(key) = fields.first().map(|key| layout.node(key.ty)) else { return false };
        match &key.kind {
            NodeKind::Primitive(primitive) => {
                use Primitive::{Bool, Char, F32, F64};
                !matches!(primitive, Bool | Char | F32 | F64)
            }
            NodeKind::Enum { variants, .. } => variants.iter().all(|it| it.fields.is_empty()),
            NodeKind::Struct(_) => key.role == Role::Text,
            NodeKind::Pod | NodeKind::Array { .. } => false,
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut digits, byte| {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}
