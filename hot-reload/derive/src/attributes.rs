//! What is written in `#[repr(…)]` and `#[shared(…)]`.

use syn::punctuated::Punctuated;
use syn::{Attribute, Error, Ident, LitInt, Meta, Path, Result, Token};

const INTEGERS: [&str; 12] =
    ["u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize"];

/// `#[repr(…)]` as far as it concerns us.
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
                            "a packed type has no references to its fields: use `#[repr(C)]`",
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

/// The version that the user set on a type; 0 without one.
pub(crate) fn version(attributes: &[Attribute]) -> Result<u32> {
    let mut version = 0;
    each(attributes, |meta| {
        if meta.path.is_ident("version") {
            version = meta.value()?.parse::<LitInt>()?.base10_parse()?;
        } else if meta.path.is_ident("check") {
            meta.value()?.parse::<Path>()?;
        } else {
            return Err(meta.error("known here: `version = 1`"));
        }
        Ok(())
    })?;
    Ok(version)
}

/// The function that checks what the fields alone do not show; for this library's own types.
pub(crate) fn check(attributes: &[Attribute]) -> Result<Option<Path>> {
    let mut check = None;
    each(attributes, |meta| {
        if meta.path.is_ident("check") {
            check = Some(meta.value()?.parse::<Path>()?);
        } else {
            meta.value()?.parse::<LitInt>()?;
        }
        Ok(())
    })?;
    Ok(check)
}

/// Whether a field is marked `#[shared(pod)]`.
pub(crate) fn is_pod(attributes: &[Attribute]) -> Result<bool> {
    let mut pod = false;
    each(attributes, |meta| {
        if !meta.path.is_ident("pod") {
            return Err(meta.error("known on a field: `pod`"));
        }
        pod = true;
        Ok(())
    })?;
    Ok(pod)
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
