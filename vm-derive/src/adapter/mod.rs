//! `#[adapter(…)]`: an adapter, declared by what it reads and writes.

mod expand;
mod parse;
mod validate;

use proc_macro2::TokenStream;
use syn::{DeriveInput, Item};

use crate::ctxt::Ctxt;
use crate::frame::{self, AttributeMacro, Macro};
use crate::item::misplaced;

use self::parse::Arguments;
use self::validate::Model;

/// The attribute.
struct Adapter;

/// Runs the macro.
pub(crate) fn attribute(arguments: TokenStream, item: TokenStream) -> TokenStream {
    frame::attribute(&Adapter, arguments, item)
}

impl AttributeMacro for Adapter {
    fn arguments(&self, cx: &Ctxt, tokens: TokenStream) -> Arguments {
        Arguments::parse(cx, tokens)
    }

    fn item(&self, item: Item) -> syn::Result<DeriveInput> {
        match item {
            Item::Struct(item) => Ok(item.into()),
            other => {
                Err(misplaced(&other, "`#[adapter]` belongs on a struct without fields, such as `struct MyAdapter;`"))
            }
        }
    }
}

impl Macro for Adapter {
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
