//! Enums: a tag, with `repr(C, u8)` followed by data. RFC 2195 fixes the data's offset: after the
//! tag comes a `repr(C)` union of one `repr(C)` struct per variant.

use crate::structs::Member;
use crate::{Parts, attributes};
use proc_macro2::TokenStream as Tokens;
use quote::{format_ident, quote};
use syn::{DataEnum, DeriveInput, Error, Fields, GenericParam, Ident, LitStr, Result};

pub(crate) fn expand(input: &DeriveInput, data: &DataEnum) -> Result<Parts> {
    let repr = attributes::Repr::of(&input.attrs)?;
    let carries = data.variants.iter().any(|variant| !matches!(variant.fields, Fields::Unit));
    let (Some(tag), true) = (repr.integer, repr.c || !carries) else {
        let (wanted, reason) = match carries {
            true => ("#[repr(C, u8)]", "the compiler chooses the offsets of tag and data"),
            false => ("#[repr(u8)]", "the compiler chooses the tag"),
        };
        return Err(Error::new_spanned(
            &input.ident,
            format!("`{}` needs `{wanted}`: without it {reason}", input.ident),
        ));
    };
    let variants = Choice::all(input, data)?;
    let Some(first) = variants.first() else {
        return Err(Error::new_spanned(&input.ident, "an enum without variants has no values"));
    };
    let entries = variants.iter().map(|variant| variant.entry(&tag));
    let kind = quote!(::hot_reload::derived::Kind::Enum {
        tag: ::core::mem::size_of::<#tag>(),
        variants: &[#(#entries),*],
    });
    let values = variants.iter().map(|variant| &variant.value).collect::<Vec<_>>();
    let first_value = &first.value;
    let first_blank = first.each(Member::blank);
    let first_zero = first.fields.iter().map(|field| field.constant("ZERO_IS_BLANK", true));
    let read = quote!(derived::read_tag::<#tag>(bytes));
    let foreign = quote! {
        return ::core::result::Result::Err(::hot_reload::derived::Invalid::new(
            format_args!("tag {tag} matches no variant"),
        ))
    };
    let checks = variants.iter().map(|variant| {
        let (value, checks) = (&variant.value, variant.each(Member::check));
        quote!(if tag == #value { #(#checks)* } else)
    });
    let writes = variants.iter().map(|variant| variant.write(&tag));
    let fields = variants.iter().flat_map(|variant| &variant.fields);
    let settles = fields.map(|field| field.constant("SETTLES", false));
    let settle = variants.iter().map(Choice::settle);
    Ok(Parts {
        has_padding: if carries { quote!(true) } else { quote!(false) },
        zero_is_blank: quote!(derived::tag::<#tag>(#first_value) == 0 #(&& #first_zero)*),
        any_bytes: quote!(false),
        settles: quote!(false #(|| #settles)*),
        settle: quote!(match self { #(#settle)* }),
        kind,
        blank: quote! {
            <#tag as ::hot_reload::SharedState>::write_bytes(
                &(#first_value),
                derived::part_mut::<#tag>(place, 0),
            );
            #(#first_blank)*
        },
        write: quote! {
            place.fill(0);
            match self { #(#writes)* }
        },
        check: if carries {
            quote!(let tag = #read; #(#checks)* { #foreign })
        } else {
            quote! {
                let tag = #read;
                if ![#(derived::tag::<#tag>(#values)),*].contains(&tag) { #foreign }
            }
        },
    })
}

/// A variant.
struct Choice {
    name: Ident,
    /// The tag's value, with the tag's type.
    value: Tokens,
    fields: Vec<Member>,
    was: Vec<LitStr>,
    /// Offset of each field from the start of the enum.
    offsets: Vec<Tokens>,
}

impl Choice {
    fn all(input: &DeriveInput, data: &DataEnum) -> Result<Vec<Choice>> {
        let mut base = quote!(0);
        let mut steps = 0_usize;
        let mut variants = Vec::new();
        for variant in &data.variants {
            if let Some((_, value)) = &variant.discriminant {
                (base, steps) = (quote!((#value)), 0);
            }
            let step = proc_macro2::Literal::usize_unsuffixed(steps);
            steps += 1;
            variants.push(Choice {
                name: variant.ident.clone(),
                value: quote!(#base + #step),
                fields: Member::all(&variant.fields)?,
                was: attributes::variant_was(&variant.attrs)?,
                offsets: Vec::new(),
            });
        }
        let payload = payload_offset(input, &variants);
        for variant in &mut variants {
            let mirror = mirror(&variant.fields);
            variant.offsets = (0..variant.fields.len())
                .map(|index| {
                    let index = syn::Index::from(index);
                    quote!((#payload + ::core::mem::offset_of!(#mirror, #index)))
                })
                .collect();
        }
        Ok(variants)
    }

    fn each(&self, part: impl Fn(&Member, &Tokens) -> Tokens) -> Vec<Tokens> {
        self.fields.iter().zip(&self.offsets).map(|(field, offset)| part(field, offset)).collect()
    }

    fn entry(&self, tag: &Ident) -> Tokens {
        let (name, value, was) = (self.name.to_string(), &self.value, &self.was);
        let fields = self.each(Member::entry);
        quote!(::hot_reload::derived::Variant {
            name: #name,
            value: derived::tag::<#tag>(#value) as i128,
            fields: &[#(#fields),*],
            was: &[#(#was),*],
        })
    }

    /// Returns a pattern that binds all fields by reference, and the bindings.
    fn pattern(&self) -> (Tokens, Vec<Ident>) {
        let name = &self.name;
        let bindings = (0..self.fields.len()).map(|index| format_ident!("field{index}"));
        let bindings = bindings.collect::<Vec<_>>();
        let accesses = self.fields.iter().map(|field| &field.access);
        (quote!(Self::#name { #(#accesses: #bindings),* }), bindings)
    }

    fn settle(&self) -> Tokens {
        let (pattern, bindings) = self.pattern();
        let fields = self.fields.iter().zip(&bindings);
        let settles = fields.map(|(field, binding)| field.settle(&quote!(#binding)));
        quote!(#pattern => { #(#settles)* })
    }

    fn write(&self, tag: &Ident) -> Tokens {
        let value = &self.value;
        let (pattern, bindings) = self.pattern();
        let writes = self.fields.iter().zip(&self.offsets).zip(&bindings);
        let writes =
            writes.map(|((field, offset), binding)| field.write(&quote!(*#binding), offset));
        quote! {
            #pattern => {
                <#tag as ::hot_reload::SharedState>::write_bytes(
                    &(#value),
                    derived::part_mut::<#tag>(place, 0),
                );
                #(#writes)*
            }
        }
    }
}

/// Returns a `repr(C)` tuple with the same field types, which has the same layout as the variant's
/// struct.
fn mirror(fields: &[Member]) -> Tokens {
    let types = fields.iter().map(|field| &field.ty);
    let name = format_ident!("Fields{}", fields.len());
    quote!(derived::#name<#(#types),*>)
}

/// Returns the offset of the union: after the tag, aligned like the most strictly aligned variant.
fn payload_offset(input: &DeriveInput, variants: &[Choice]) -> Tokens {
    debug_assert!(input.generics.params.iter().all(|it| !matches!(it, GenericParam::Lifetime(_))));
    let aligns = variants.iter().filter(|variant| !variant.fields.is_empty()).map(|variant| {
        let mirror = mirror(&variant.fields);
        quote!(::core::mem::align_of::<#mirror>())
    });
    let repr = attributes::Repr::of(&input.attrs).ok().and_then(|repr| repr.integer);
    quote!(derived::payload_offset(::core::mem::size_of::<#repr>(), &[#(#aligns),*]))
}
