//! What is compiled for guest programs and what is not.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, File, Item, parse_quote};

/// Circuits and executors do not exist in guest programs: there, the crate of an extension is its guest functions.
pub(crate) fn host_only() -> Attribute {
    parse_quote!(#[cfg(not(target_arch = "riscv32"))])
}

/// Only in guest programs.
pub(crate) fn guest_only() -> Attribute {
    parse_quote!(#[cfg(target_arch = "riscv32")])
}

/// Items that are left out of guest programs.
pub(crate) fn on_host(items: TokenStream) -> TokenStream {
    // An expansion is a sequence of items; if it were not, the compiler would say where.
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
