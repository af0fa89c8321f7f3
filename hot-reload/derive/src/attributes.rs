//! Parsing of `#[repr(…)]` and `#[shared(…)]`.

use syn::punctuated::Punctuated;
use syn::{Attribute, Error, Expr, Ident, LitInt, LitStr, Meta, Path, Result, Token};

const INTEGERS: [&str; 12] =
    ["u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize"];

/// The relevant parts of `#[repr(…)]`.
#[derive(Default)]
pub(crate) struct Repr {
    pub(crate) c: bool,
    pub(crate) transparent: bool,
    pub(crate) integer: Option<Ident>,
}

impl Repr {
    pub(crate) fn of(attributes: &[Attribute]) -> Result<Repr> {
        let mut repr = Repr::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("repr")) {
            let items =
                attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)?;
            for item in items {
                let Some(word) = item.path().get_ident() else {
                    continue;
                };
                match word.to_string().as_str() {
                    "C" => repr.c = true,
                    "transparent" => repr.transparent = true,
                    "packed" => {
                        return Err(Error::new_spanned(
                            item,
                            "a packed type allows no references to its fields: use `#[repr(C)]`",
                        ));
                    }
                    other if INTEGERS.contains(&other) => repr.integer = Some(word.clone()),
                    _ => {}
                }
            }
        }
        Ok(repr)
    }
}

/// `#[shared(…)]` on a type.
#[derive(Default)]
pub(crate) struct OfType {
    /// Version set by the user; 0 without it.
    pub(crate) version: u32,
    /// Check beyond the fields; this and the next two are for this library's own types.
    pub(crate) check: Option<Path>,
    /// Meaning of the fields together.
    pub(crate) role: Option<Ident>,
    /// Restores what only code maintains, such as the order of keys.
    pub(crate) settle: Option<Path>,
}

impl OfType {
    pub(crate) fn of(attributes: &[Attribute]) -> Result<OfType> {
        let mut found = OfType::default();
        each(attributes, |meta| {
            if meta.path.is_ident("version") {
                found.version = meta.value()?.parse::<LitInt>()?.base10_parse()?;
            } else if meta.path.is_ident("check") {
                found.check = Some(meta.value()?.parse()?);
            } else if meta.path.is_ident("role") {
                found.role = Some(meta.value()?.parse()?);
            } else if meta.path.is_ident("settle") {
                found.settle = Some(meta.value()?.parse()?);
            } else {
                return Err(meta.error("supported on a type: `version = 1`"));
            }
            Ok(())
        })?;
        Ok(found)
    }
}

/// `#[shared(…)]` on a field.
#[derive(Default)]
pub(crate) struct OfField {
    /// True for a foreign type, taken as opaque bytes.
    pub(crate) pod: bool,
    /// Previous names of the field.
    pub(crate) was: Vec<LitStr>,
    /// Value of the field in elements that are older than the field.
    pub(crate) default: Option<Expr>,
}

impl OfField {
    pub(crate) fn of(attributes: &[Attribute]) -> Result<OfField> {
        let mut found = OfField::default();
        each(attributes, |meta| {
            if meta.path.is_ident("pod") {
                found.pod = true;
            } else if meta.path.is_ident("was") {
                found.was.push(meta.value()?.parse()?);
            } else if meta.path.is_ident("default") {
                found.default = Some(meta.value()?.parse()?);
            } else {
                return Err(meta.error(
                    "supported on a field: `pod`, `was = \"old_name\"`, `default = value`",
                ));
            }
            Ok(())
        })?;
        Ok(found)
    }
}

/// Returns the previous names of a variant.
pub(crate) fn variant_was(attributes: &[Attribute]) -> Result<Vec<LitStr>> {
    let mut was = Vec::new();
    each(attributes, |meta| {
        if !meta.path.is_ident("was") {
            return Err(meta.error("supported on a variant: `was = \"OldName\"`"));
        }
        was.push(meta.value()?.parse()?);
        Ok(())
    })?;
    Ok(was)
}

fn each(
    attributes: &[Attribute],
    mut on: impl FnMut(syn::meta::ParseNestedMeta<'_>) -> Result<()>,
) -> Result<()> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("shared"))
        .try_for_each(|attribute| attribute.parse_nested_meta(&mut on))
}
