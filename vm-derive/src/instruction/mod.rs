//! `#[instruction(…)]`: a struct (one instruction), an enum (several that share a chip), or the impl of their `Core`.

mod encode;
mod expand;
mod guest;
mod parse;
mod validate;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{ImplItem, Item, ItemImpl, parse_quote};

use crate::columns::keyword;
use crate::ctxt::Ctxt;
use crate::guest::host_only;

use self::parse::Arguments;
use self::validate::Declaration;

/// Entry point.
pub(crate) fn attribute(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let cx = Ctxt::new();
    let declaration = match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Impl(item)) => return implementation(cx, &arguments, item),
        Ok(Item::Struct(item)) => Declaration::of_struct(item),
        Ok(Item::Enum(item)) => Declaration::of_enum(item),
        Ok(other) => {
            return rejected(
                cx,
                syn::Error::new_spanned(
                    keyword(&other),
                    "`#[instruction]` belongs on a struct (one instruction), on an enum (several that share a chip), or on \
                 the impl of `Core` for it",
                ),
                &item,
            );
        }
        Err(error) => return rejected(cx, error, &item),
    };
    let arguments = Arguments::parse(&cx, arguments);
    let mut declaration = declaration;
    let model = validate::validate(&cx, &arguments, &mut declaration);
    match cx.finish(model) {
        Ok(model) => expand::expand(&model),
        Err(error) => {
            let error = error.to_compile_error();
            let stub = expand::stub(&arguments, &declaration);
            let item = declaration.tokens();
            quote!(#error #item #stub)
        }
    }
}

fn rejected(cx: Ctxt, error: syn::Error, item: &TokenStream) -> TokenStream {
    cx.push(error);
    let error = cx.finish::<()>(None).err().map(|error| error.to_compile_error());
    quote!(#error #item)
}

/// The impl of a core exists on the host only; its small functions are inlined into the loops that call them.
fn implementation(cx: Ctxt, arguments: &TokenStream, mut item: ItemImpl) -> TokenStream {
    validate::take_duplicates(&cx, &mut item.attrs);
    if !arguments.is_empty() {
        cx.error(arguments, "options belong on the struct or enum; on the impl write `#[instruction]`");
    }
    if item.trait_.is_none() {
        cx.error(
            item.impl_token,
            "`#[instruction]` belongs on the impl of a trait such as `Core`; methods of your own are left out of guest \
             programs with `#[cfg(not(target_arch = \"riscv32\"))]`",
        );
    }
    for function in &mut item.items {
        let ImplItem::Fn(function) = function else { continue };
        let is_inlined = function.attrs.iter().any(|attr| attr.path().is_ident("inline"));
        if !is_inlined && ["execute", "witness", "check"].iter().any(|name| function.sig.ident == name) {
            function.attrs.push(parse_quote!(#[inline(always)]));
        }
    }
    let host_only = host_only();
    let error = cx.finish(Some(())).err().map(|error| error.to_compile_error());
    quote!(#error #host_only #item)
}
