//! Annotated items: their kind, their attributes, and the targets that they are compiled for.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Data, DataStruct, DeriveInput, Field, Fields, File, Generics, Item, Meta, Path, Token, parse_quote,
};

use crate::ctxt::Ctxt;

/// Returns the error `message` about the kind of an item, at its keyword.
pub(crate) fn misplaced(item: &Item, message: &str) -> syn::Error {
    let keyword = match item {
        Item::Struct(item) => item.struct_token.to_token_stream(),
        Item::Enum(item) => item.enum_token.to_token_stream(),
        Item::Union(item) => item.union_token.to_token_stream(),
        Item::Fn(item) => item.sig.fn_token.to_token_stream(),
        Item::Impl(item) => item.impl_token.to_token_stream(),
        Item::Mod(item) => item.mod_token.to_token_stream(),
        Item::Trait(item) => item.trait_token.to_token_stream(),
        other => other.to_token_stream(),
    };
    syn::Error::new_spanned(keyword, message)
}

/// Returns the keyword of a derive's item: the place of errors about its kind.
pub(crate) fn keyword(input: &DeriveInput) -> TokenStream {
    match &input.data {
        Data::Struct(data) => data.struct_token.to_token_stream(),
        Data::Enum(data) => data.enum_token.to_token_stream(),
        Data::Union(data) => data.union_token.to_token_stream(),
    }
}

/// Returns the fields of a struct with named fields. Reports `unnamed` about another struct, and `misplaced` about an
/// enum or a union.
pub(crate) fn named_fields<'a>(
    cx: &Ctxt,
    input: &'a DeriveInput,
    unnamed: &str,
    misplaced: &str,
) -> Option<&'a Punctuated<Field, Token![,]>> {
    match &input.data {
        Data::Struct(DataStruct { fields: Fields::Named(fields), .. }) => return Some(&fields.named),
        Data::Struct(_) => cx.error(&input.ident, unnamed),
        Data::Enum(_) | Data::Union(_) => cx.error(keyword(input), misplaced),
    }
    None
}

/// Reports lifetime parameters of an item that must be `'static`.
pub(crate) fn refuse_lifetimes(cx: &Ctxt, generics: &Generics, what: &str) {
    for lifetime in generics.lifetimes() {
        cx.error(lifetime, format!("{what} cannot borrow: remove the lifetime parameter"));
    }
}

/// Reports repetitions of an attribute macro and takes them off the item, where they would only repeat the errors.
pub(crate) fn take_repetitions(cx: &Ctxt, attrs: &mut Vec<Attribute>, name: &str) {
    attrs.retain(|attr| {
        let is_repetition = is_called(attr.path(), name);
        if is_repetition {
            cx.error(attr, format!("duplicate `#[{name}]`: write one, with all arguments"));
        }
        !is_repetition
    });
}

/// Whether a path leads to something called `name`.
pub(crate) fn is_called(path: &Path, name: &str) -> bool {
    path.segments.last().is_some_and(|segment| segment.ident == name)
}

/// Whether an item is a struct without fields.
pub(crate) fn is_unit(item: &DeriveInput) -> bool {
    matches!(&item.data, Data::Struct(data) if matches!(data.fields, Fields::Unit))
}

/// Returns the traits that a `#[derive(…)]` attribute lists.
pub(crate) fn derives(attr: &Attribute) -> Vec<Path> {
    match &attr.meta {
        Meta::List(list) if list.path.is_ident("derive") => {
            let parser = Punctuated::<Path, Token![,]>::parse_terminated;
            parser.parse2(list.tokens.clone()).into_iter().flatten().collect()
        }
        _ => Vec::new(),
    }
}

/// Adds those of `traits` that the item does not derive already.
pub(crate) fn add_derives(attrs: &mut Vec<Attribute>, traits: &[&str]) {
    let present: Vec<Path> = attrs.iter().flat_map(derives).collect();
    let missing = traits.iter().filter(|name| !present.iter().any(|path| is_called(path, name)));
    let missing: Vec<TokenStream> = missing
        .map(|name| {
            let module = match *name {
                "Clone" => "clone",
                "Debug" => "fmt",
                _ => "marker",
            };
            let (module, name) = (format_ident!("{module}"), format_ident!("{name}"));
            quote!(::core::#module::#name)
        })
        .collect();
    if !missing.is_empty() {
        attrs.push(parse_quote!(#[derive(#(#missing),*)]));
    }
}

/// Condition of everything but guest functions: circuits and executors do not exist in guest programs.
pub(crate) fn host_only() -> Attribute {
    parse_quote!(#[cfg(not(target_arch = "riscv32"))])
}

/// Condition of what exists in guest programs only.
pub(crate) fn guest_only() -> Attribute {
    parse_quote!(#[cfg(target_arch = "riscv32")])
}

/// Adds [`host_only`] to each of several items.
pub(crate) fn on_host(items: TokenStream) -> TokenStream {
    // An expansion is a sequence of items. If it were not, the compiler would report where.
    let Ok(mut file) = syn::parse2::<File>(items.clone()) else { return items };
    for item in &mut file.items {
        let attrs = match item {
            Item::Const(item) => &mut item.attrs,
            Item::Enum(item) => &mut item.attrs,
            Item::Fn(item) => &mut item.attrs,
            Item::Impl(item) => &mut item.attrs,
            Item::Struct(item) => &mut item.attrs,
            _ => continue,
        };
        attrs.insert(0, host_only());
    }
    file.into_token_stream()
}
