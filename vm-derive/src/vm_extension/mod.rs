//! `#[vm_extension(…)]`: a modular set of instructions, from a list of its chips.

mod expand;
mod parse;
mod validate;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Expr, Ident, Item, ItemStruct};

use crate::ctxt::Ctxt;
use crate::frame::{AttributeMacro, Macro};
use crate::item::{misplaced, on_host};
use crate::private::Private;

use self::parse::Arguments;

/// The attribute.
pub(crate) struct VmExtension;

impl AttributeMacro for VmExtension {
    fn arguments(&self, cx: &Ctxt, tokens: TokenStream) -> Arguments {
        Arguments::parse(cx, tokens)
    }

    fn item(&self, item: Item) -> syn::Result<ItemStruct> {
        match item {
            Item::Struct(item) => Ok(item),
            other => Err(misplaced(&other, "`#[vm_extension]` belongs on a struct: the extension and its parameters")),
        }
    }
}

impl Macro for VmExtension {
    type Arguments = Arguments;
    type Item = ItemStruct;
    type Model<'a> = Extension<'a>;

    fn validate<'a>(&self, cx: &Ctxt, arguments: &'a Arguments, item: &'a mut ItemStruct) -> Option<Extension<'a>> {
        Some(validate::validate(cx, arguments, item))
    }

    fn expand(&self, model: &Extension<'_>) -> TokenStream {
        on_host(expand::expand(model))
    }

    fn stub(&self, arguments: &Arguments, item: &ItemStruct) -> TokenStream {
        let stub = expand::stub(&Names::of(arguments, item), item);
        quote!(#item #stub)
    }
}

/// Names of what is generated, given or by default.
struct Names<'a> {
    private: &'a Private,
    executor: Ident,
    periphery: Ident,
}

impl<'a> Names<'a> {
    fn of(arguments: &'a Arguments, item: &ItemStruct) -> Self {
        let Arguments { private, executor, periphery, .. } = arguments;
        Self {
            private,
            executor: executor.clone().unwrap_or_else(|| format_ident!("{}Executor", item.ident)),
            periphery: periphery.clone().unwrap_or_else(|| format_ident!("{}Periphery", item.ident)),
        }
    }
}

/// A validated extension.
pub(crate) struct Extension<'a> {
    names: Names<'a>,
    item: &'a ItemStruct,
    instructions: Vec<Instruction<'a>>,
    executors: Vec<&'a parse::Executor>,
    /// What generated tests check.
    tests: Option<Tested>,
    periphery: Vec<PeripheryChip<'a>>,
    shared: &'a [parse::Shared],
    phantoms: &'a [parse::Phantom],
    buses: &'a [Expr],
    words: &'a [Expr],
}

/// What generated tests check.
enum Tested {
    /// The machine that has only the extension with this value.
    Extension(TokenStream),
    /// A machine with the extension.
    Machine(TokenStream),
}

/// A validated entry of `instructions`.
struct Instruction<'a> {
    annotated: &'a parse::Annotated,
    /// Variant and type of the chip.
    entry: parse::Entry,
    /// Variant and type of the chip for special cases.
    specialised: Option<parse::Entry>,
}

impl Instruction<'_> {
    /// Returns the entries of its chips.
    fn entries(&self) -> impl Iterator<Item = &parse::Entry> {
        std::iter::once(&self.entry).chain(&self.specialised)
    }
}

/// A validated entry of `lookups` or `chips`.
struct PeripheryChip<'a> {
    entry: &'a parse::Entry,
    /// Built only if no other extension registered one.
    shared: bool,
}
