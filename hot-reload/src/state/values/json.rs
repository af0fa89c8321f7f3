//! Values as JSON, for programs that read on.

use super::{Content, Elements, Scalar, Value, is_tuple};
use crate::state::{
    Role,
    owned_layout::{NodeField, NodeKind, NodeVariant, Primitive},
};
use serde_json::{Map, Number, Value as Json};
use std::fmt::Write;

impl Value<'_> {
    /// The value as serde would write the same in `std`'s types: structs as objects, tuples as
    /// arrays, lists and rings as arrays, texts as strings, options as `null` or the value, enums
    /// with their variant's name outside.
    ///
    /// A map is an object when its keys are texts, integers or variants without data, otherwise an
    /// array of pairs; a pool is an object of indices. What JSON has no number for is a string:
    /// 128-bit integers, infinite floats and `NaN`. A foreign type is a string of hex digits; what is
    /// not a value says so in a string. What has no bytes is `null`, or an array without elements.
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
            // There may be any number of fields without bytes within one another.
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
            // By type, not by value: a field is always the one or always the other.
            Scalar::Unsigned(_) | Scalar::Signed(_) if self.bytes.len() > 8 => None,
            Scalar::Unsigned(value) => u64::try_from(value).ok().map(Number::from),
            Scalar::Signed(value) => i64::try_from(value).ok().map(Number::from),
            // The shortest digits that are this number as an `f32`: 0.1, not 0.10000000149.
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
        // Fewer when a key is there twice, in bytes that are no map: nothing is left out.
        if object.len() == entries.len() {
            return Json::Object(object);
        }
    }
    pairs().map(|(key, value)| Json::Array(vec![key, value])).collect()
}

impl Elements<'_> {
    /// Whether the entries' keys can name the members of an object.
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
        // Writing into a string does not fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}
