//! The description of a type as the compiler knows it: fields, offsets, sizes; its hash is the
//! fingerprint.
//!
//! Two processes agree about a type when their fingerprints are equal. What changes a value's
//! bytes or their meaning is in the hash (names and types of fields, offsets, sizes, variants,
//! the version that the user set); a type's own name is not, since renaming a type moves nothing,
//! and neither is what only helps a migration (`was`, `default`).

use super::owned_layout::OwnedLayout;
use std::fmt;

/// The description of one type, made at compile time.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// The type's name as it stands in the source.
    pub name: &'static str,
    /// Size in bytes.
    pub size: usize,
    /// Alignment in bytes.
    pub align: usize,
    /// Set with `#[shared(version = …)]` when the meaning changed and the fields did not.
    pub version: u32,
    /// What the fields together mean.
    pub role: Role,
    /// What the type is made of.
    pub kind: Kind,
}

/// What a type is made of.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A number, `bool` or `char`; the layout's name says which.
    Primitive,
    /// A foreign type taken whole by `#[shared(pod)]`.
    Pod,
    /// A struct or tuple.
    Struct(&'static [Field]),
    /// An array.
    Array {
        /// The layout of one element.
        element: &'static Layout,
        /// How many there are.
        len: usize,
    },
    /// An enum, with or without data.
    Enum {
        /// Size of the tag in bytes.
        tag: usize,
        /// The variants in the order of the source.
        variants: &'static [Variant],
    },
}

/// What the fields of a type mean together: the collections of this crate are more than their
/// fields when a state is carried from one layout to another.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize,
)]
#[non_exhaustive]
pub enum Role {
    /// Nothing but themselves.
    #[default]
    Plain,
    /// [`FixedVec`](crate::FixedVec): the first `len` of `items`.
    List,
    /// [`FixedString`](crate::FixedString): the first `len` of `bytes`, in UTF-8.
    Text,
    /// [`Ring`](crate::Ring): `len` of `items`, from `head` on and round the end.
    Ring,
    /// [`FixedMap`](crate::FixedMap): `entries` of key and value.
    Map,
    /// [`Pool`](crate::Pool): `slots`, each in use when its `generation` is odd.
    Pool,
    /// [`FixedOption`](crate::FixedOption).
    Option,
}

/// A field of a struct, a tuple or a variant.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The field's name; its position in a tuple.
    pub name: &'static str,
    /// Offset in bytes from the start of the value.
    pub offset: usize,
    /// The field's own layout.
    pub layout: &'static Layout,
    /// Names that it had before: `#[shared(was = "…")]`.
    pub was: &'static [&'static str],
    /// Writes the value that it has in elements from before there was the field:
    /// `#[shared(default = …)]`.
    pub default: Option<WriteDefault>,
}

/// Writes a value into its bytes, which are zeros.
pub type WriteDefault = fn(&mut [u8]);

/// A variant of an enum.
#[derive(Debug, Clone, Copy)]
pub struct Variant {
    /// The variant's name.
    pub name: &'static str,
    /// The tag's value.
    pub value: i128,
    /// The data it carries; offsets count from the start of the enum.
    pub fields: &'static [Field],
    /// Names that it had before: `#[shared(was = "…")]`.
    pub was: &'static [&'static str],
}

impl Layout {
    /// The layout of a number, `bool` or `char`.
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

    /// A stable hash of everything that two processes must agree on (FNV-1a, 64 bits).
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        OwnedLayout::from(self).fingerprint()
    }
}

/// A tree, one line a field: offset, name, type, size.
impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        OwnedLayout::from(self).fmt(f)
    }
}
