//! `#[phantom(…)]`: a phantom instruction, its word and its guest function.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{Expr, Ident, Item, ItemImpl, ItemStruct};

use crate::ctxt::Ctxt;
use crate::frame::{self, AttributeMacro, Macro};
use crate::instruction::{Encode, Guest, GuestFn, Implementation, documentation, summary};
use crate::item::{host_only, misplaced, refuse_lifetimes, take_repetitions};
use crate::private::Private;
use crate::symbol::{DISCRIMINANT, ENCODE, GUEST, PHANTOM};
use crate::text::SnakeCase;

/// Registers that a phantom instruction can have as operands: name and lowest bit of the field.
const REGISTERS: [(&str, u32); 3] = [("rd", 7), ("rs1", 15), ("rs2", 20)];
/// Operands of a phantom instruction besides the discriminant.
const OPERANDS: usize = 2;

/// The attribute on a struct.
pub(crate) struct Phantom;

/// Runs the macro that the kind of the item selects.
pub(crate) fn attribute(arguments: TokenStream, item: TokenStream) -> TokenStream {
    match syn::parse2::<ItemImpl>(item.clone()) {
        Ok(_) => frame::attribute(&Implementation("phantom"), arguments, item),
        Err(_) => frame::attribute(&Phantom, arguments, item),
    }
}

/// Everything between the parentheses of the attribute.
#[derive(Default)]
pub(crate) struct Arguments {
    private: Private,
    discriminant: Option<Expr>,
    encode: Option<Encode>,
    guest: Option<Guest>,
    /// Keys that are present, also those with a wrong value.
    keys: Vec<Ident>,
}

/// A validated declaration.
pub(crate) struct Model<'a> {
    private: &'a Private,
    item: &'a ItemStruct,
    discriminant: &'a Expr,
    encode: &'a Encode,
    guest: Option<GuestFn>,
}

impl AttributeMacro for Phantom {
    fn arguments(&self, cx: &Ctxt, tokens: TokenStream) -> Arguments {
        let mut parsed = Arguments::default();
        let keys = PHANTOM.read(cx, tokens, |key, ident, input| {
            match key.name {
                DISCRIMINANT => parsed.discriminant = Some(key.parse(input)?),
                ENCODE => parsed.encode = Some(Encode::parse(ident, input)?),
                GUEST => parsed.guest = Some(Guest::parse(ident, input)?),
                _ => parsed.private = input.parse()?,
            }
            Ok(())
        });
        parsed.keys = keys;
        parsed
    }

    fn item(&self, item: Item) -> syn::Result<ItemStruct> {
        match item {
            Item::Struct(item) => Ok(item),
            other => Err(misplaced(
                &other,
                "`#[phantom]` belongs on a struct, the phantom instruction and its parameters, or on the impl of its effect",
            )),
        }
    }
}

impl Macro for Phantom {
    type Arguments = Arguments;
    type Item = ItemStruct;
    type Model<'a> = Model<'a>;

    fn validate<'a>(&self, cx: &Ctxt, arguments: &'a Arguments, item: &'a mut ItemStruct) -> Option<Model<'a>> {
        refuse_lifetimes(cx, &item.generics, "a phantom instruction");
        take_repetitions(cx, &mut item.attrs, "phantom");
        for (name, message) in [
            (
                DISCRIMINANT,
                "this phantom instruction has no discriminant, by which the machine tells it from others: add \
                 `discriminant = 0x100`",
            ),
            (
                ENCODE,
                "this phantom instruction has no word: add `encode(…)`, the major opcode and the fields that are fixed",
            ),
        ] {
            if !arguments.keys.iter().any(|key| key == name) {
                cx.error(&item.ident, message);
            }
        }
        let encode = arguments.encode.as_ref();
        if let Some(encode) = encode {
            if encode.has_immediate() {
                cx.error(
                    &encode.key,
                    "a phantom instruction has no immediate: fix `imm`, or `funct7` and, if it has one register, `rs2`",
                );
            } else if open_registers(encode).count() > OPERANDS {
                cx.error(
                    &encode.key,
                    "a phantom instruction has at most two registers: fix one of `rd`, `rs1` and `rs2`, as in `rd = 0`",
                );
            }
        }
        let guest = arguments.guest.as_ref().filter(|_| encode.is_some()).and_then(|guest| guest.check(cx, encode));
        if let Some(result) = guest.as_ref().and_then(GuestFn::result) {
            cx.error(result, "a phantom instruction writes no register: remove the result");
        }
        Some(Model {
            private: &arguments.private,
            item,
            discriminant: arguments.discriminant.as_ref()?,
            encode: encode?,
            guest,
        })
    }

    fn expand(&self, model: &Model<'_>) -> TokenStream {
        let Model { private, item, discriminant, encode, guest } = model;
        let (ident, host_only) = (&item.ident, host_only());
        let docs = documentation(&item.attrs);
        let (name, summary) = (ident.unraw().to_string().to_snake(), summary(&docs));
        let function = guest.as_ref().map(|guest| guest.expand(private, &item.vis, &docs, encode, None));
        let signature = match guest.as_ref().map(GuestFn::text) {
            Some(text) => quote!(::core::option::Option::Some(#text)),
            None => quote!(::core::option::Option::None),
        };
        let encoding = encode.constant(private);
        let registers = open_registers(encode).map(|(_, low)| low);
        let own_encoding = encode.parameter().map(|_| {
            let encoding = encode.of_value(private, &name);
            quote! {
                fn encoding(
                    &self,
                ) -> ::core::result::Result<::core::option::Option<#private::Encoding>, #private::VmInventoryError> {
                    ::core::result::Result::Ok(::core::option::Option::Some(#encoding))
                }
            }
        });
        let (parameters, arguments, clause) = item.generics.split_for_impl();
        quote! {
            #item
            #function
            #host_only
            #[automatically_derived]
            impl #parameters #private::PhantomSpec for #ident #arguments #clause {
                const INFO: #private::InstructionInfo = #private::InstructionInfo {
                    name: #name,
                    summary: #summary,
                    encoding: ::core::option::Option::Some(#encoding),
                    guest: #signature,
                };
                const REGISTERS: &'static [::core::primitive::u32] = &[#(#registers),*];

                fn discriminant(&self) -> ::core::primitive::u16 {
                    #discriminant
                }

                #own_encoding
            }
        }
    }

    fn stub(&self, arguments: &Arguments, item: &ItemStruct) -> TokenStream {
        let (private, ident, host_only) = (&arguments.private, &item.ident, host_only());
        let (parameters, own_arguments, clause) = item.generics.split_for_impl();
        quote! {
            #item
            #host_only
            #[automatically_derived]
            impl #parameters #private::PhantomSpec for #ident #own_arguments #clause {
                const INFO: #private::InstructionInfo = #private::InstructionInfo {
                    name: "",
                    summary: "",
                    encoding: ::core::option::Option::None,
                    guest: ::core::option::Option::None,
                };
                const REGISTERS: &'static [::core::primitive::u32] = &[];

                fn discriminant(&self) -> ::core::primitive::u16 {
                    0
                }
            }
        }
    }
}

/// Returns the register fields that an encoding leaves open. An encoding that fixes `imm` fixes `rs2`.
fn open_registers(encode: &Encode) -> impl Iterator<Item = (&'static str, u32)> {
    let is_open = |name: &str| {
        let is_covered = name == "rs2" && encode.field("imm").is_some();
        encode.field(name).is_none() && !is_covered
    };
    REGISTERS.into_iter().filter(move |(name, _)| is_open(name))
}
