//! Structs: each field at its offset; the same code writes the fields of enum variants.

use crate::{Parts, attributes, refuse};
use proc_macro2::TokenStream as Tokens;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{DataStruct, DeriveInput, Error, Expr, Fields, Index, LitStr, Result, Type};

pub(crate) fn expand(input: &DeriveInput, data: &DataStruct) -> Result<Parts> {
    let repr = attributes::Repr::of(&input.attrs)?;
    if !repr.c && !repr.transparent {
        return Err(Error::new_spanned(
            &input.ident,
            format!(
                "`{}` needs `#[repr(C)]`: without it the compiler may order the fields \
                     differently in the next build",
                input.ident
            ),
        ));
    }
    let fields = Member::all(&data.fields)?;
    let sizes = fields.iter().map(Member::size);
    let paddings = fields.iter().map(|field| field.constant("HAS_PADDING", false));
    let blanks = fields.iter().map(|field| field.constant("ZERO_IS_BLANK", true));
    let any = fields.iter().map(|field| field.constant("ANY_BYTES", true));
    let offset = |field: &Member| {
        let access = &field.access;
        quote!(::core::mem::offset_of!(Self, #access))
    };
    let entries = fields.iter().map(|field| field.entry(&offset(field)));
    let settles = fields.iter().map(|field| field.constant("SETTLES", false));
    let settle = fields.iter().map(|field| {
        let access = &field.access;
        field.settle(&quote!(&mut self.#access))
    });
    let blank = fields.iter().map(|field| field.blank(&offset(field)));
    let checks = fields.iter().map(|field| field.check(&offset(field)));
    let writes = fields.iter().map(|field| {
        let (offset, size, access) = (offset(field), field.size(), &field.access);
        let write = field.write(&quote!(self.#access), &offset);
        quote! {
            place[end..#offset].fill(0);
            #write
            end = #offset + #size;
        }
    });
    let (any_bytes, whole) = match attributes::OfType::of(&input.attrs)?.check {
        Some(check) => (quote!(false), quote!(#check(bytes)?;)),
        None => (quote!(true #(&& #any)*), quote!()),
    };
    Ok(Parts {
        has_padding: quote! {
            ::core::mem::size_of::<Self>() != 0 #(+ #sizes)* #(|| #paddings)*
        },
        zero_is_blank: quote!(true #(&& #blanks)*),
        any_bytes,
        settles: quote!(false #(|| #settles)*),
        settle: quote!(#(#settle)*),
        kind: quote!(::hot_reload::derived::Kind::Struct(&[#(#entries),*])),
        blank: quote!(#(#blank)* let _ = place;),
        write: quote! {
            if !<Self as ::hot_reload::SharedState>::HAS_PADDING {
                return derived::copy_whole(self, place);
            }
            let mut end = 0;
            #(#writes)*
            place[end..].fill(0);
        },
        check: quote!(#(#checks)* let _ = bytes; #whole),
    })
}

/// A field of a struct or of a variant.
pub(crate) struct Member {
    /// Access to the field: its name or its index.
    pub(crate) access: Tokens,
    name: String,
    pub(crate) ty: Type,
    pod: bool,
    was: Vec<LitStr>,
    default: Option<Expr>,
}

impl Member {
    pub(crate) fn all(fields: &Fields) -> Result<Vec<Member>> {
        fields
            .iter()
            .enumerate()
            .map(|(index, field)| {
                let access = match &field.ident {
                    Some(name) => name.to_token_stream(),
                    None => Index::from(index).to_token_stream(),
                };
                let name = access.to_string();
                let attributes::OfField { pod, was, default } =
                    attributes::OfField::of(&field.attrs)?;
                if !pod {
                    refuse::pointers(&name, &field.ty)?;
                }
                Ok(Member { access, name, ty: field.ty.clone(), pod, was, default })
            })
            .collect()
    }

    pub(crate) fn size(&self) -> Tokens {
        let ty = &self.ty;
        quote!(::core::mem::size_of::<#ty>())
    }

    /// Returns one of the trait's constants; `pod` is its value for foreign `Pod` types.
    pub(crate) fn constant(&self, name: &str, pod: bool) -> Tokens {
        if self.pod {
            return pod.to_token_stream();
        }
        let (ty, name) = (&self.ty, syn::Ident::new(name, self.ty.span()));
        // Spanned at the field's type, so that an unmet bound points at the field.
        quote_spanned!(ty.span()=> <#ty as ::hot_reload::SharedState>::#name)
    }

    /// Returns the field's entry in the layout.
    pub(crate) fn entry(&self, offset: &Tokens) -> Tokens {
        let (ty, name) = (&self.ty, &self.name);
        let layout = if self.pod {
            quote!(&::hot_reload::derived::Layout {
                name: stringify!(#ty),
                size: ::core::mem::size_of::<#ty>(),
                align: ::core::mem::align_of::<#ty>(),
                version: 0,
                role: ::hot_reload::derived::Role::Plain,
                kind: ::hot_reload::derived::Kind::Pod,
            })
        } else {
            self.constant("LAYOUT", false)
        };
        let was = &self.was;
        let default = match &self.default {
            Some(value) => {
                let write = self.write(&quote!(value), &quote!(0));
                quote!(::core::option::Option::Some(
                    |place: &mut [u8]| { let value: #ty = #value; #write }
                ))
            }
            None => quote!(::core::option::Option::None),
        };
        quote!(::hot_reload::derived::Field {
            name: #name,
            offset: #offset,
            layout: #layout,
            was: &[#(#was),*],
            default: #default,
        })
    }

    /// Calls the field's `settle`; `place` is a `&mut` to the field.
    pub(crate) fn settle(&self, place: &Tokens) -> Tokens {
        if self.pod {
            return quote!();
        }
        let ty = &self.ty;
        quote!(<#ty as ::hot_reload::SharedState>::settle(#place);)
    }

    pub(crate) fn blank(&self, offset: &Tokens) -> Tokens {
        let ty = &self.ty;
        if self.pod {
            return quote!();
        }
        quote! {
            <#ty as ::hot_reload::SharedState>::write_blank(
                derived::part_mut::<#ty>(place, #offset),
            );
        }
    }

    pub(crate) fn write(&self, value: &Tokens, offset: &Tokens) -> Tokens {
        let ty = &self.ty;
        let place = quote!(derived::part_mut::<#ty>(place, #offset));
        if self.pod {
            return quote!(derived::write_pod::<#ty>(&#value, #place););
        }
        quote!(<#ty as ::hot_reload::SharedState>::write_bytes(&#value, #place);)
    }

    pub(crate) fn check(&self, offset: &Tokens) -> Tokens {
        let (ty, name) = (&self.ty, &self.name);
        if self.pod {
            return quote!();
        }
        quote! {
            <#ty as ::hot_reload::SharedState>::check(derived::part::<#ty>(bytes, #offset))
                .map_err(|invalid| invalid.within(#name))?;
        }
    }
}
