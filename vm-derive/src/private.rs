//! The path of everything that expansions name.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{LitStr, Path, parse_quote};

/// Path of the SDK's hidden module `__private`, which re-exports everything that expansions name:
/// `::vm_sdk::__private`, or `path::__private` for `crate = "path"`.
#[derive(Clone)]
pub(crate) struct Private(Path);

impl Default for Private {
    fn default() -> Self {
        Self(parse_quote!(::vm_sdk::__private))
    }
}

impl Parse for Private {
    /// Parses the value of `crate = …`: a path, written plainly or as a string.
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let path = if input.peek(LitStr) {
            let text: LitStr = input.parse()?;
            text.parse_with(Path::parse_mod_style).map_err(|_| {
                let message = format!("`{}` is not a path; write for example `crate = \"::my_sdk\"`", text.value());
                syn::Error::new(text.span(), message)
            })?
        } else {
            Path::parse_mod_style(input)
                .map_err(|error| syn::Error::new(error.span(), "expected a path, such as `crate = \"::my_sdk\"`"))?
        };
        Ok(Self(parse_quote!(#path::__private)))
    }
}

impl ToTokens for Private {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.0.to_tokens(tokens);
    }
}
