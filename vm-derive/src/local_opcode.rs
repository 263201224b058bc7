//! `#[derive(LocalOpcode)]`: a class of opcodes.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{Attribute, Data, DeriveInput, Expr, ExprLit, Fields, Ident, Lit, Meta, Path};

use crate::attr::vm_crate;
use crate::ctxt::Ctxt;
use crate::symbol::OPCODE_OFFSET;

/// Order of the field: opcodes are cells of the program table, and equal modulo the order would mean equal there.
pub(crate) const FIELD_ORDER: u64 = 0x7800_0001;

/// A checked opcode class.
struct Class<'a> {
    krate: Path,
    name: &'a Ident,
    offset: u32,
    opcodes: Vec<&'a Ident>,
}

/// Entry point.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input = match syn::parse2::<DeriveInput>(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let cx = Ctxt::new();
    let krate = vm_crate(&cx, &input.attrs);
    let model = validate(&cx, &input, krate.clone());
    match cx.finish(model) {
        Ok(model) => expand(&model),
        Err(error) => {
            let error = error.to_compile_error();
            let stub = stub(&krate, &input);
            quote!(#error #stub)
        }
    }
}

fn validate<'a>(cx: &Ctxt, input: &'a DeriveInput, krate: Path) -> Option<Class<'a>> {
    let offset = offset(cx, input);
    let data = match &input.data {
        Data::Enum(data) => Some(data),
        Data::Struct(data) => {
            cx.error(data.struct_token, "`LocalOpcode` is for enums: one variant per opcode");
            None
        }
        Data::Union(data) => {
            cx.error(data.union_token, "`LocalOpcode` is for enums: one variant per opcode");
            None
        }
    };
    if !input.generics.params.is_empty() {
        cx.error(&input.generics, "an opcode class has no generic parameters: its numbers are fixed");
    }
    let mut opcodes = Vec::new();
    for variant in data.iter().flat_map(|data| &data.variants) {
        if !matches!(variant.fields, Fields::Unit) {
            cx.error(&variant.fields, "an opcode has no fields: operands belong to the instruction");
        }
        if let Some((_, discriminant)) = &variant.discriminant {
            cx.error(discriminant, "opcodes are numbered in order, from `opcode_offset` on: remove the discriminant");
        }
        opcodes.push(&variant.ident);
    }
    if data.is_some() && opcodes.is_empty() {
        cx.error(&input.ident, "an opcode class has at least one opcode");
    }
    let (offset, attr) = offset?;
    let end = u64::from(offset) + opcodes.len() as u64;
    if end > FIELD_ORDER {
        cx.error(
            attr,
            format!("the class ends at {end:#x}: opcodes are field elements and must stay below {FIELD_ORDER:#x}"),
        );
    }
    Some(Class { krate, name: &input.ident, offset, opcodes })
}

fn offset<'a>(cx: &Ctxt, input: &'a DeriveInput) -> Option<(u32, &'a Attribute)> {
    let mut found = None;
    let mut present = false;
    for attr in input.attrs.iter().filter(|attr| attr.path().is_ident(OPCODE_OFFSET)) {
        if present {
            cx.error(attr, "duplicate `#[opcode_offset]`");
        }
        present = true;
        if let Some(value) = cx.ok(offset_value(attr)) {
            found = Some((value, attr));
        }
    }
    if !present {
        cx.error(
            &input.ident,
            format!(
                "opcode class `{}` has no offset: add `#[opcode_offset = 0x…]`, the global number of its first opcode",
                input.ident
            ),
        );
    }
    found
}

fn offset_value(attr: &Attribute) -> syn::Result<u32> {
    let Meta::NameValue(pair) = &attr.meta else {
        return Err(syn::Error::new_spanned(attr, "write `#[opcode_offset = 0x…]`"));
    };
    let Expr::Lit(ExprLit { lit: Lit::Int(literal), .. }) = &pair.value else {
        return Err(syn::Error::new_spanned(&pair.value, "write the offset as an integer literal, such as `0x200`"));
    };
    if !matches!(literal.suffix(), "" | "u32") {
        return Err(syn::Error::new_spanned(literal, "the offset is a `u32`: remove the suffix"));
    }
    match literal.base10_parse::<u32>() {
        Ok(0) => Err(syn::Error::new_spanned(
            literal,
            "opcode 0 is reserved for the padding rows of the program table: start at 1 or above",
        )),
        Ok(value) => Ok(value),
        Err(_) => Err(syn::Error::new_spanned(literal, "the offset does not fit in a `u32`")),
    }
}

fn expand(model: &Class<'_>) -> TokenStream {
    let Class { krate, name, offset, opcodes } = model;
    let names = opcodes.iter().map(|opcode| opcode.unraw().to_string());
    quote! {
        const _: () = {
            #[automatically_derived]
            impl #krate::instructions::LocalOpcode for #name {
                const CLASS_OFFSET: ::core::primitive::u32 = #offset;
                const ALL: &'static [Self] = &[#(Self::#opcodes),*];

                #[inline]
                fn local_index(self) -> ::core::primitive::u32 {
                    self as ::core::primitive::u32
                }

                fn name(self) -> &'static ::core::primitive::str {
                    match self {
                        #(Self::#opcodes => #names,)*
                    }
                }
            }
        };
    }
}

/// An impl without opcodes, so that a rejected class causes no further errors where it is used.
fn stub(krate: &Path, input: &DeriveInput) -> TokenStream {
    let name = &input.ident;
    if !input.generics.params.is_empty() {
        return TokenStream::new();
    }
    quote! {
        const _: () = {
            #[automatically_derived]
            impl #krate::instructions::LocalOpcode for #name {
                const CLASS_OFFSET: ::core::primitive::u32 = 0;
                const ALL: &'static [Self] = &[];
                fn local_index(self) -> ::core::primitive::u32 { ::core::unimplemented!() }
                fn name(self) -> &'static ::core::primitive::str { ::core::unimplemented!() }
            }
        };
    }
}
