//! `#[derive(LocalOpcode)]`: a class of opcodes.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Fields, LitInt};

use crate::ctxt::Ctxt;
use crate::frame::Macro;
use crate::item::keyword;
use crate::opcode_class::{self, OpcodeClass, first_opcode};
use crate::private::Private;
use crate::symbol::OPCODE_CLASS;

/// The derive.
pub(crate) struct LocalOpcode;

impl Macro for LocalOpcode {
    type Arguments = Private;
    type Item = DeriveInput;
    type Model<'a> = OpcodeClass<'a>;

    fn validate<'a>(&self, cx: &Ctxt, private: &'a Private, input: &'a mut DeriveInput) -> Option<OpcodeClass<'a>> {
        let name = &input.ident;
        let variants = match &input.data {
            Data::Enum(data) => Some(&data.variants),
            Data::Struct(_) | Data::Union(_) => {
                cx.error(keyword(input), "`LocalOpcode` is for enums: one variant per opcode");
                None
            }
        };
        if !input.generics.params.is_empty() {
            cx.error(&input.generics, "an opcode class has no generic parameters: its numbers are fixed");
        }
        let mut opcodes = Vec::new();
        for variant in variants.into_iter().flatten() {
            if !matches!(variant.fields, Fields::Unit) {
                cx.error(&variant.fields, "an opcode has no fields: operands belong to the instruction");
            }
            if let Some((_, discriminant)) = &variant.discriminant {
                cx.error(
                    discriminant,
                    "opcodes are numbered in order, from `opcode_offset` on: remove the discriminant",
                );
            }
            let opcode = &variant.ident;
            opcodes.push((quote!(Self::#opcode), opcode.unraw().to_string()));
        }
        if variants.is_some() && opcodes.is_empty() {
            cx.error(name, "an opcode class has at least one opcode");
        }
        let mut offset = None;
        let seen = OPCODE_CLASS.among(cx, &input.attrs, |key, _, value| {
            offset = Some(first_opcode(&key.parse::<LitInt>(value)?, opcodes.len())?);
            Ok(())
        });
        if seen.is_empty() {
            cx.error(
                name,
                format!(
                    "opcode class `{name}` has no offset: add `#[opcode_offset = 0x…]`, the global number of its first \
                     opcode",
                ),
            );
        }
        let local_index = quote!(self as ::core::primitive::u32);
        Some(OpcodeClass { private, name, offset: offset?, opcodes, local_index })
    }

    fn expand(&self, class: &OpcodeClass<'_>) -> TokenStream {
        let implementation = class.implementation();
        quote!(const _: () = { #implementation };)
    }

    fn stub(&self, private: &Private, input: &DeriveInput) -> TokenStream {
        match input.generics.params.is_empty() {
            true => opcode_class::stub(private, &input.ident),
            false => TokenStream::new(),
        }
    }
}
