//! The compile-time description of a type: fields, offsets, sizes; its hash is the fingerprint.
//!
//! Two processes agree about a type if their fingerprints are equal. Everything that changes a
//! value's bytes or their meaning is in the hash: names and types of fields, offsets, sizes,
//! variants, and the version that the user set. A type's own name is not, because renaming a type
//! moves nothing; neither are the attributes that only help a migration (`was`, `default`).

/// The compile-time description of one type.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// The type's name in the source.
    pub name: &'static str,
    /// Size in bytes.
    pub size: usize,
    /// Alignment in bytes.
    pub align: usize,
    /// Version set with `#[shared(version = …)]` when the meaning changed but the fields did not.
    pub version: u32,
    /// Meaning of the fields together.
    pub role: Role,
    /// Structure of the type.
    pub kind: Kind,
}

/// The structure of a type.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A number, `bool` or `char`, named by the layout.
    Primitive,
    /// A foreign type, taken as opaque bytes by `#[shared(pod)]`.
    Pod,
    /// A struct or tuple.
    Struct(&'static [Field]),
    /// An array.
    Array {
        /// The layout of one element.
        element: &'static Layout,
        /// Number of elements.
        len: usize,
    },
    /// An enum, with or without data.
    Enum {
        /// Size of the tag in bytes.
        tag: usize,
        /// The variants in source order.
        variants: &'static [Variant],
    },
}

/// The meaning of a type's fields together. A migration treats this crate's collections as more
/// than their fields.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize,
)]
#[non_exhaustive]
pub enum Role {
    /// A plain type without further meaning.
    #[default]
    Plain,
    /// [`FixedVec`](crate::FixedVec): the first `len` of `items` are in use.
    List,
    /// [`FixedString`](crate::FixedString): the first `len` of `bytes` are the text, in UTF-8.
    Text,
    /// [`Ring`](crate::Ring): `len` of `items` are in use, from `head` and wrapping around.
    Ring,
    /// [`FixedMap`](crate::FixedMap): `entries` are pairs of key and value.
    Map,
    /// [`Pool`](crate::Pool): a slot in `slots` is in use if its `generation` is odd.
    Pool,
    /// [`FixedOption`](crate::FixedOption).
    Option,
}

/// A field of a struct, a tuple or a variant.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The field's name, or its position in a tuple.
    pub name: &'static str,
    /// Offset in bytes from the start of the value.
    pub offset: usize,
    /// The field's own layout.
    pub layout: &'static Layout,
    /// Previous names: `#[shared(was = "…")]`.
    pub was: &'static [&'static str],
    /// Set by `#[shared(default = …)]`: writes the field's value in elements that are older than
    /// the field.
    pub default: Option<WriteDefault>,
}

/// A function that writes a value over zero bytes.
pub type WriteDefault = fn(&mut [u8]);

/// A variant of an enum.
#[derive(Debug, Clone, Copy)]
pub struct Variant {
    /// The variant's name.
    pub name: &'static str,
    /// The tag's value.
    pub value: i128,
    /// The data it carries; offsets are from the start of the enum.
    pub fields: &'static [Field],
    /// Previous names: `#[shared(was = "…")]`.
    pub was: &'static [&'static str],
}

impl Layout {
    /// Returns the layout of a number, `bool` or `char`.
    #[doc(hidden)]
    #[must_use]
    pub const fn primitive<T>(name: &'static str) -> Layout {
        Layout {
            name,
            size: size_of::<T>(),
            align: align_of::<T>(),
            version: 0,
            role: Role::Plain,
            kind: Kind::Primitive,
        }
    }
}
