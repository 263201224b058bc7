//! Classes of opcodes: `LocalOpcode` for a derive's enum, or for an instruction with a pinned opcode.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Ident, LitInt};

use crate::private::Private;

/// Order of the field. Opcodes are cells of the program table, where numbers that are equal modulo the order are equal.
const FIELD_ORDER: u64 = 0x7800_0001;

/// Opcodes that are numbered in order from an offset on.
pub(crate) struct OpcodeClass<'a> {
    pub(crate) private: &'a Private,
    pub(crate) name: &'a Ident,
    pub(crate) offset: u32,
    /// Value and name of each opcode.
    pub(crate) opcodes: Vec<(TokenStream, String)>,
    /// Number of `self` within the class.
    pub(crate) local_index: TokenStream,
}

impl OpcodeClass<'_> {
    pub(crate) fn implementation(&self) -> TokenStream {
        let Self { private, name, offset, opcodes, local_index } = self;
        let (values, names): (Vec<&TokenStream>, Vec<&String>) =
            opcodes.iter().map(|(value, name)| (value, name)).unzip();
        quote! {
            #[automatically_derived]
            impl #private::LocalOpcode for #name {
                const CLASS_OFFSET: ::core::primitive::u32 = #offset;
                const ALL: &'static [Self] = &[#(#values),*];

                #[inline]
                fn local_index(self) -> ::core::primitive::u32 {
                    #local_index
                }

                fn name(self) -> &'static ::core::primitive::str {
                    match self {
                        #(#values => #names,)*
                    }
                }
            }
        }
    }
}

/// Returns an impl without opcodes, so that a rejected class causes no further errors where it is used.
pub(crate) fn stub(private: &Private, name: &Ident) -> TokenStream {
    quote! {
        #[automatically_derived]
        impl #private::LocalOpcode for #name {
            const CLASS_OFFSET: ::core::primitive::u32 = 0;
            const ALL: &'static [Self] = &[];
            fn local_index(self) -> ::core::primitive::u32 { ::core::unimplemented!() }
            fn name(self) -> &'static ::core::primitive::str { ::core::unimplemented!() }
        }
    }
}

/// Returns the number of the first of several opcodes.
pub(crate) fn first_opcode(literal: &LitInt, opcodes: usize) -> syn::Result<u32> {
    let error = |message: String| Err(syn::Error::new_spanned(literal, message));
    if !matches!(literal.suffix(), "" | "u32") {
        return error("an opcode is a `u32`: remove the suffix".to_owned());
    }
    match literal.base10_parse::<u32>() {
        Ok(0) => {
            error("opcode 0 is reserved for the padding rows of the program table: start at 3 or above".to_owned())
        }
        Ok(opcode @ (1 | 2)) => error(format!(
            "opcode {opcode} is reserved for the system (1 is TERMINATE, 2 is PHANTOM): start at 3 or above"
        )),
        Ok(first) if u64::from(first) + opcodes as u64 > FIELD_ORDER => {
            let last = u64::from(first) + opcodes as u64 - 1;
            error(format!(
                "the last opcode would be {last:#x}: opcodes are field elements and must stay below {FIELD_ORDER:#x}"
            ))
        }
        Ok(first) => Ok(first),
        Err(_) => error("an opcode is a `u32`: this number does not fit".to_owned()),
    }
}
