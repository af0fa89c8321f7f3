//! The description of a type: fields, offsets, sizes; its hash is the fingerprint.
//!
//! Two processes agree about a type when their fingerprints are equal. What changes a value's
//! bytes or their meaning is in the hash (names and types of fields, offsets, sizes, variants,
//! the version that the user set); a type's own name is not, since renaming a type moves nothing.

use serde::Serialize;
use std::fmt;

/// The description of one type, made at compile time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Layout {
    /// The type's name as it stands in the source.
    pub name: &'static str,
    /// Size in bytes.
    pub size: usize,
    /// Alignment in bytes.
    pub align: usize,
    /// Set with `#[shared(version = …)]` when the meaning changed and the fields did not.
    pub version: u32,
    /// What the type is made of.
    pub kind: Kind,
}

/// What a type is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
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

/// A field of a struct, a tuple or a variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Field {
    /// The field's name; its position in a tuple.
    pub name: &'static str,
    /// Offset in bytes from the start of the value.
    pub offset: usize,
    /// The field's own layout.
    pub layout: &'static Layout,
}

/// A variant of an enum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Variant {
    /// The variant's name.
    pub name: &'static str,
    /// The tag's value.
    pub value: i128,
    /// The data it carries; offsets count from the start of the enum.
    pub fields: &'static [Field],
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
            kind: Kind::Primitive,
        }
    }

    /// A stable hash of everything that two processes must agree on (FNV-1a, 64 bits).
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let mut hash = Fnv::default();
        self.hash_into(&mut hash);
        hash.0
    }

    fn hash_into(&self, hash: &mut Fnv) {
        hash.number(self.size);
        hash.number(self.align);
        hash.number(self.version as usize);
        match self.kind {
            Kind::Primitive => hash.text("primitive", self.name),
            Kind::Pod => hash.text("pod", self.name),
            Kind::Struct(fields) => {
                hash.text("struct", "");
                hash_fields(fields, hash);
            }
            Kind::Array { element, len } => {
                hash.text("array", "");
                hash.number(len);
                element.hash_into(hash);
            }
            Kind::Enum { tag, variants } => {
                hash.text("enum", "");
                hash.number(tag);
                hash.number(variants.len());
                for variant in variants {
                    hash.text("variant", variant.name);
                    hash.bytes(&variant.value.to_le_bytes());
                    hash_fields(variant.fields, hash);
                }
            }
        }
    }

    fn write_tree(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        match self.kind {
            Kind::Primitive | Kind::Pod => Ok(()),
            Kind::Struct(fields) => write_fields(fields, f, depth),
            Kind::Array { element, .. } => element.write_tree(f, depth),
            Kind::Enum { variants, .. } => variants.iter().try_for_each(|variant| {
                write!(
                    f,
                    "\n{:indent$}{} = {}",
                    "",
                    variant.name,
                    variant.value,
                    // Under the enum's name, which stands behind the offset.
                    indent = depth * 2 + 8
                )?;
                write_fields(variant.fields, f, depth + 1)
            }),
        }
    }
}

/// A tree, one line a field: offset, name, type, size.
impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} bytes)", self.title(), self.size)?;
        self.write_tree(f, 1)
    }
}

impl Layout {
    fn title(&self) -> String {
        match self.kind {
            Kind::Array { element, len } => format!("[{}; {len}]", element.title()),
            _ => self.name.to_owned(),
        }
    }
}

fn hash_fields(fields: &[Field], hash: &mut Fnv) {
    hash.number(fields.len());
    for field in fields {
        hash.text("field", field.name);
        hash.number(field.offset);
        field.layout.hash_into(hash);
    }
}

fn write_fields(fields: &[Field], f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
    fields.iter().try_for_each(|field| {
        let (offset, name) = (field.offset, field.name);
        write!(f, "\n{:indent$}{offset:>6}  {name}: ", "", indent = depth * 2)?;
        write!(f, "{} ({} bytes)", field.layout.title(), field.layout.size)?;
        field.layout.write_tree(f, depth + 1)
    })
}

/// FNV-1a with 64 bits: public, trivial, and the same in every build.
#[derive(Debug)]
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn bytes(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn number(&mut self, number: usize) {
        self.bytes(&(number as u64).to_le_bytes());
    }

    /// Lengths are hashed as well, or `("ab", "c")` and `("a", "bc")` would be one.
    fn text(&mut self, kind: &str, name: &str) {
        self.bytes(kind.as_bytes());
        self.number(name.len());
        self.bytes(name.as_bytes());
    }
}
