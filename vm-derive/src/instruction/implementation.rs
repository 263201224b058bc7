//! `#[instruction]` on the impl of a core, or on one with its helper functions, and `#[phantom]` on that of an effect: it exists
//! on the host only, and its small functions are inlined.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{ImplItem, Item, ItemImpl, parse_quote};

use crate::ctxt::Ctxt;
use crate::frame::{AttributeMacro, Macro};
use crate::item::{host_only, misplaced, take_repetitions};

/// Functions that the loops over rows and instructions call.
const HOT: [&str; 3] = ["execute", "witness", "check"];

/// Traits whose impls need the attribute.
const CORES: [&str; 2] = ["Core", "RowCore"];

/// The attribute with this name on an impl.
pub(crate) struct Implementation(pub(crate) &'static str);

impl AttributeMacro for Implementation {
    fn arguments(&self, cx: &Ctxt, tokens: TokenStream) {
        if !tokens.is_empty() {
            let Self(name) = self;
            cx.error(tokens, format!("arguments belong on the struct or enum; on the impl write `#[{name}]`"));
        }
    }

    fn item(&self, item: Item) -> syn::Result<ItemImpl> {
        match item {
            Item::Impl(item) => Ok(item),
            other => Err(misplaced(&other, "expected an impl")),
        }
    }
}

impl Macro for Implementation {
    type Arguments = ();
    type Item = ItemImpl;
    type Model<'a> = &'a ItemImpl;

    fn validate<'a>(&self, cx: &Ctxt, _: &'a (), item: &'a mut ItemImpl) -> Option<&'a ItemImpl> {
        take_repetitions(cx, &mut item.attrs, self.0);
        let has = |name: &str| {
            item.items.iter().any(|item| matches!(item, ImplItem::Fn(function) if function.sig.ident == name))
        };
        let (has_read, has_write) = (has("read"), has("write"));
        for function in &mut item.items {
            let ImplItem::Fn(function) = function else { continue };
            let is_inlined = function.attrs.iter().any(|attr| attr.path().is_ident("inline"));
            if !is_inlined && HOT.iter().any(|name| function.sig.ident == name) {
                function.attrs.push(parse_quote!(#[inline(always)]));
            }
        }
        let core = item.trait_.as_ref().and_then(|(_, path, _)| path.segments.last());
        if core.is_some_and(|core| CORES.iter().any(|name| core.ident == name)) {
            // Without it, an impl without the attribute would compile on the host, and fail to compile for guests.
            item.items.push(parse_quote! {
                const INSTRUCTION_ATTRIBUTE: (::core::primitive::bool, ::core::primitive::bool) = (#has_read, #has_write);
            });
        }
        Some(item)
    }

    fn expand(&self, item: &&ItemImpl) -> TokenStream {
        let host_only = host_only();
        quote!(#host_only #item)
    }

    fn stub(&self, (): &(), item: &ItemImpl) -> TokenStream {
        self.expand(&item)
    }
}
