//! `#[vm_extension(…)]`: a modular set of instructions, from a list of its chips.

mod expand;
mod parse;
mod validate;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Item, ItemStruct};

use crate::columns::keyword;
use crate::ctxt::Ctxt;
use crate::guest::on_host;

use self::parse::Arguments;

pub(crate) use self::expand::{delegating_impls, empty_enum};

/// Entry point.
pub(crate) fn attribute(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let cx = Ctxt::new();
    let arguments = Arguments::parse(&cx, arguments);
    let item = match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Struct(item)) => item,
        Ok(other) => {
            cx.error(keyword(&other), "`#[vm_extension]` belongs on a struct: the extension and its parameters");
            let error = cx.finish::<()>(None).err().map(|error| error.to_compile_error());
            return quote!(#error #item);
        }
        Err(error) => {
            cx.push(error);
            let error = cx.finish::<()>(None).err().map(|error| error.to_compile_error());
            return quote!(#error #item);
        }
    };
    let names = validate::names(&arguments, &item);
    let model = validate::validate(&cx, &arguments, &item, names.clone());
    match cx.finish(model) {
        Ok(model) => on_host(expand::expand(&model)),
        Err(error) => {
            let error = error.to_compile_error();
            let stub = expand::stub(&names, &item);
            let mut item = item;
            // A second attribute would only repeat the stubs.
            item.attrs.retain(|attr| !is_vm_extension(attr));
            quote!(#error #item #stub)
        }
    }
}

/// Whether an attribute is this macro's.
fn is_vm_extension(attr: &syn::Attribute) -> bool {
    attr.path().segments.last().is_some_and(|segment| segment.ident == "vm_extension")
}

/// The struct and its generated enums.
#[derive(Clone)]
struct Names {
    krate: syn::Path,
    executor: syn::Ident,
    periphery: syn::Ident,
}

/// A checked extension.
struct Extension<'a> {
    names: Names,
    item: &'a ItemStruct,
    instructions: Vec<Instruction<'a>>,
    executors: Vec<&'a parse::Executor>,
    /// Value of the extension that generated tests use.
    tests: Option<proc_macro2::TokenStream>,
    periphery: Vec<PeripheryChip<'a>>,
    phantoms: Vec<&'a parse::Phantom>,
    buses: &'a [syn::Expr],
    words: &'a [syn::Expr],
}

/// A checked entry of `instructions`.
struct Instruction<'a> {
    annotated: &'a parse::Annotated,
    /// Variant and type of the chip.
    entry: parse::Entry,
    /// Variant and type of the chip for special cases.
    specialised: Option<parse::Entry>,
}

/// A checked entry of `lookups` or `chips`.
struct PeripheryChip<'a> {
    entry: &'a parse::Entry,
    /// Built only if no other extension registered one.
    shared: bool,
}
