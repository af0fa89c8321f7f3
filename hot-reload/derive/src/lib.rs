//! `#[derive(SharedState)]`: a type's layout, and the conversion of its values to and from bytes.
//!
//! The macro decides nothing that the types themselves know: sizes, offsets and padding are left to
//! constants that the compiler evaluates. It only decides what to refuse, with messages that name
//! the field and what to use instead.

mod attributes;
mod enums;
mod guide;
mod refuse;
mod structs;

use proc_macro::TokenStream;
use proc_macro2::{Span, TokenStream as Tokens};
use quote::quote;
use syn::{
    Data, DeriveInput, Error, GenericParam, Generics, Ident, LitStr, Result, parse_macro_input,
};

/// Implements the trait `hot_reload::SharedState`, whose page says which types can have it.
///
/// On the type, `#[shared(version = 2)]` changes the fingerprint when a meaning changed that the
/// fields do not show. On a field, `#[shared(pod)]` accepts a foreign type that is `bytemuck::Pod`.
/// On a field or variant, `#[shared(was = "old_name")]` gives its previous name. On a field,
/// `#[shared(default = 1.0)]` gives its value in elements of collections that are older than the
/// field.
#[proc_macro_derive(SharedState, attributes(shared))]
pub fn derive_shared_state(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let stand_in = stand_in(&input);
    expand(input)
        .unwrap_or_else(|error| {
            let error = error.to_compile_error();
            quote!(#error #stand_in)
        })
        .into()
}

/// Returns a page of the library's documentation, for `hot_reload::guide`.
#[doc(hidden)]
#[proc_macro]
pub fn guide(input: TokenStream) -> TokenStream {
    let name = parse_macro_input!(input as LitStr);
    let page = guide::page(&name.value()).map_err(|error| Error::new(name.span(), error));
    page.map_or_else(Error::into_compile_error, |page| quote!(#page)).into()
}

/// Returns an implementation for a type that was refused. It never runs, because the program does
/// not compile; without it, every use of the type would be an error as well.
fn stand_in(input: &DeriveInput) -> Tokens {
    let name = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    let bounds = bounds.map_or_else(Vec::new, |it| it.predicates.iter().collect());
    quote! {
        const _: () = {
            use ::hot_reload::derived;
            // The lifetime keeps the compiler from rejecting a bound that does not hold.
            // SAFETY: nothing of it ever runs, because the program does not compile.
            #[automatically_derived]
            unsafe impl #generics ::hot_reload::SharedState for #name #arguments
            where
                for<'refused> Self: Copy + Send + Sync + 'static,
                #(#bounds,)*
            {
                const HAS_PADDING: bool = false;
                const ZERO_IS_BLANK: bool = false;
                const ANY_BYTES: bool = false;
                const SETTLES: bool = false;
                const LAYOUT: &'static derived::Layout = &derived::Layout {
                    name: stringify!(#name),
                    size: 0,
                    align: 1,
                    version: 0,
                    role: derived::Role::Plain,
                    kind: derived::Kind::Struct(&[]),
                };
                fn write_blank(_: &mut [u8]) {}
                fn write_bytes(&self, _: &mut [u8]) {}
                fn check(_: &[u8]) -> ::core::result::Result<(), derived::Invalid> {
                    ::core::result::Result::Ok(())
                }
                fn settle(&mut self) {}
            }
        };
    }
}

fn expand(mut input: DeriveInput) -> Result<Tokens> {
    bound_parameters(&mut input.generics)?;
    let parts = match &input.data {
        Data::Struct(data) => structs::expand(&input, data)?,
        Data::Enum(data) => enums::expand(&input, data)?,
        Data::Union(data) => {
            return Err(Error::new(
                data.union_token.span,
                "it is unknown which field of a union is valid: use an enum with data and \
                 `#[repr(C, u8)]`",
            ));
        }
    };
    let name = &input.ident;
    let attributes::OfType { version, role, settle, .. } = attributes::OfType::of(&input.attrs)?;
    let role = role.unwrap_or_else(|| Ident::new("Plain", Span::call_site()));
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    let Parts { has_padding, zero_is_blank, any_bytes, settles, kind, .. } = parts;
    let Parts { blank, write, check, settle: put_in_order, .. } = parts;
    let (settles, own) = match settle {
        Some(settle) => (quote!(true), quote!(#settle(self);)),
        None => (quote!(#settles), quote!()),
    };
    let layout = quote!(derived::Layout {
        name: stringify!(#name),
        size: ::core::mem::size_of::<Self>(),
        align: ::core::mem::align_of::<Self>(),
        version: #version,
        role: derived::Role::#role,
        kind: #kind,
    });
    Ok(quote! {
        const _: () = {
            use ::hot_reload::derived;
            // SAFETY: every field implements `SharedState` (or is `Pod`), and each of the four
            // promises follows from theirs at the offsets that the compiler gives.
            #[automatically_derived]
            unsafe impl #generics ::hot_reload::SharedState for #name #arguments #bounds {
                const HAS_PADDING: bool = #has_padding;
                const ZERO_IS_BLANK: bool = #zero_is_blank;
                const ANY_BYTES: bool = #any_bytes;
                const SETTLES: bool = #settles;
                const LAYOUT: &'static derived::Layout = &#layout;
                fn write_blank(place: &mut [u8]) {
                    #blank
                }
                fn write_bytes(&self, place: &mut [u8]) {
                    #write
                }
                fn check(
                    bytes: &[u8],
                ) -> ::core::result::Result<(), ::hot_reload::derived::Invalid> {
                    #check
                    ::core::result::Result::Ok(())
                }
                fn settle(&mut self) {
                    #put_in_order
                    #own
                }
            }
        };
    })
}

/// Code that differs between structs and enums.
struct Parts {
    has_padding: Tokens,
    zero_is_blank: Tokens,
    any_bytes: Tokens,
    settles: Tokens,
    kind: Tokens,
    blank: Tokens,
    write: Tokens,
    check: Tokens,
    settle: Tokens,
}

/// Bounds each type parameter by `SharedState`; refuses lifetimes, which would be references.
fn bound_parameters(generics: &mut Generics) -> Result<()> {
    for parameter in &mut generics.params {
        match parameter {
            GenericParam::Type(parameter) => {
                parameter.bounds.push(syn::parse_quote!(::hot_reload::SharedState));
            }
            GenericParam::Lifetime(lifetime) => {
                return Err(Error::new_spanned(
                    lifetime,
                    "a type with a lifetime holds references, which mean nothing after a reload: \
                     keep the value itself, or its index",
                ));
            }
            GenericParam::Const(_) => {}
        }
    }
    Ok(())
}
