//! The `#[vm(…)]` helper attribute that all derives share, and small attribute readers.

use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Ident, LitStr, Meta, Path, Token, parse_quote};

use crate::ctxt::Ctxt;
use crate::symbol;

/// Path of the SDK in generated code, unless the user overrides it.
pub(crate) fn default_crate() -> Path {
    parse_quote!(::vm_sdk)
}

/// A path, written plainly or as a string (`"…"`), as the value of `crate = …`.
pub(crate) struct CratePath(pub(crate) Path);

impl Parse for CratePath {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let path = if input.peek(LitStr) {
            let text: LitStr = input.parse()?;
            text.parse_with(Path::parse_mod_style).map_err(|_| {
                syn::Error::new(
                    text.span(),
                    format!("`{}` is not a path; write for example `crate = \"::my_sdk\"`", text.value()),
                )
            })?
        } else {
            Path::parse_mod_style(input)
                .map_err(|error| syn::Error::new(error.span(), "expected a path, such as `crate = \"::my_sdk\"`"))?
        };
        Ok(Self(path))
    }
}

/// One `key = path` of `#[vm(…)]`.
struct VmOption {
    key: Ident,
    value: Option<CratePath>,
}

impl Parse for VmOption {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let key = input.call(Ident::parse_any)?;
        if key != symbol::CRATE {
            // The value of an unknown key is skipped, so that the next key is still checked.
            while !input.is_empty() && !input.peek(Token![,]) {
                input.parse::<proc_macro2::TokenTree>()?;
            }
            return Ok(Self { key, value: None });
        }
        if !input.peek(Token![=]) {
            return Err(syn::Error::new(key.span(), "`crate` needs a path: write `crate = \"::my_sdk\"`"));
        }
        input.parse::<Token![=]>()?;
        Ok(Self { key, value: Some(input.parse()?) })
    }
}

/// Reads `#[vm(crate = "…")]`; the default path when it is absent or wrong.
pub(crate) fn vm_crate(cx: &Ctxt, attrs: &[Attribute]) -> Path {
    let mut found: Option<Path> = None;
    for attr in attrs.iter().filter(|attr| attr.path().is_ident(symbol::VM)) {
        let Some(options) = cx.ok(attr.parse_args_with(Punctuated::<VmOption, Token![,]>::parse_terminated)) else {
            continue;
        };
        for option in options {
            match option.value {
                None => cx.error(&option.key, symbol::unknown("option", &option.key.to_string(), &[symbol::CRATE])),
                Some(_) if found.is_some() => cx.error(&option.key, "duplicate option `crate`"),
                Some(CratePath(path)) => found = Some(path),
            }
        }
    }
    found.unwrap_or_else(default_crate)
}

/// Reads the arguments of an attribute macro whose only option is `crate = "…"`.
pub(crate) fn crate_option(cx: &Ctxt, attribute: &str, arguments: proc_macro2::TokenStream) -> Option<Path> {
    let parser = Punctuated::<VmOption, Token![,]>::parse_terminated;
    let mut found = None;
    for option in cx.ok(syn::parse::Parser::parse2(parser, arguments)).into_iter().flatten() {
        match option.value {
            None => {
                let message =
                    symbol::unknown(&format!("option of `#[{attribute}]`"), &option.key.to_string(), &[symbol::CRATE]);
                cx.error(&option.key, message);
            }
            Some(_) if found.is_some() => cx.error(&option.key, "duplicate option `crate`"),
            Some(CratePath(path)) => found = Some(path),
        }
    }
    found
}

/// Whether the flag attribute `#[name]` is present; arguments and repetitions are errors.
pub(crate) fn flag(cx: &Ctxt, attrs: &[Attribute], name: &str) -> bool {
    let mut present = false;
    for attr in attrs.iter().filter(|attr| attr.path().is_ident(name)) {
        if !matches!(attr.meta, Meta::Path(_)) {
            cx.error(attr, format!("`#[{name}]` takes no arguments"));
        }
        if present {
            cx.error(attr, format!("duplicate `#[{name}]`"));
        }
        present = true;
    }
    present
}
