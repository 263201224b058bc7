//! `#[instruction(…)]`: a struct (one instruction), an enum (several that share a chip), or the impl of their `Core`.

mod encode;
mod expand;
mod guest;
mod implementation;
mod parse;
mod validate;

use proc_macro2::TokenStream;
use syn::{DeriveInput, Item, ItemImpl};

use crate::ctxt::Ctxt;
use crate::frame::{self, AttributeMacro, Macro};
use crate::item::misplaced;

use self::parse::Arguments;
use self::validate::Model;

pub(crate) use self::encode::Encode;
pub(crate) use self::guest::{Guest, GuestFn};
pub(crate) use self::implementation::Implementation;
pub(crate) use self::validate::{documentation, summary};

/// The attribute on a struct or an enum.
struct Instruction;

/// Runs the macro that the kind of the item selects.
pub(crate) fn attribute(arguments: TokenStream, item: TokenStream) -> TokenStream {
    match syn::parse2::<ItemImpl>(item.clone()) {
        Ok(_) => frame::attribute(&Implementation("instruction"), arguments, item),
        Err(_) => frame::attribute(&Instruction, arguments, item),
    }
}

impl AttributeMacro for Instruction {
    fn arguments(&self, cx: &Ctxt, tokens: TokenStream) -> Arguments {
        Arguments::parse(cx, tokens)
    }

    fn item(&self, item: Item) -> syn::Result<DeriveInput> {
        match item {
            Item::Struct(item) => Ok(item.into()),
            Item::Enum(item) => Ok(item.into()),
            other => Err(misplaced(
                &other,
                "`#[instruction]` belongs on a struct (one instruction), on an enum (several that share a chip), or on \
                 the impl of `Core` for it",
            )),
        }
    }
}

impl Macro for Instruction {
    type Arguments = Arguments;
    type Item = DeriveInput;
    type Model<'a> = Model<'a>;

    fn validate<'a>(&self, cx: &Ctxt, arguments: &'a Arguments, item: &'a mut DeriveInput) -> Option<Model<'a>> {
        validate::validate(cx, arguments, item)
    }

    fn expand(&self, model: &Model<'_>) -> TokenStream {
        expand::expand(model)
    }

    fn stub(&self, arguments: &Arguments, item: &DeriveInput) -> TokenStream {
        expand::stub(arguments, item)
    }
}
