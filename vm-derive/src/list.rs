//! Comma-separated lists in attributes, parsed so that one wrong entry does not hide the others.

use proc_macro2::{TokenStream, TokenTree};
use syn::Token;
use syn::parse::{Parse, ParseStream, Parser};

use crate::ctxt::Ctxt;

/// Parses the comma-separated arguments of an attribute with `argument`; a wrong one is reported and skipped, and the
/// others are kept.
pub(crate) fn arguments(cx: &Ctxt, tokens: TokenStream, mut argument: impl FnMut(ParseStream<'_>) -> syn::Result<()>) {
    let parser = |input: ParseStream<'_>| {
        while !input.is_empty() {
            if let Err(error) = argument(input) {
                cx.push(error);
                skip_entry(input);
            }
            separator(cx, input);
        }
        Ok(())
    };
    // What a reported mistake leaves behind inside of parentheses is no second one.
    if let Err(error) = parser.parse2(tokens)
        && cx.is_clean()
    {
        cx.push(error);
    }
}

/// Parses comma-separated entries; a wrong one is reported and skipped.
pub(crate) fn entries<T: Parse>(cx: &Ctxt, input: ParseStream<'_>) -> Vec<T> {
    let mut entries = Vec::new();
    while !input.is_empty() {
        match input.parse() {
            Ok(entry) => entries.push(entry),
            Err(error) => {
                cx.push(error);
                skip_entry(input);
            }
        }
        separator(cx, input);
    }
    entries
}

/// Expects a comma or the end; reports anything else and skips to the next comma.
pub(crate) fn separator(cx: &Ctxt, input: ParseStream<'_>) {
    if !input.is_empty() && !input.peek(Token![,]) {
        cx.push(input.error("expected `,` before the next entry"));
        skip_entry(input);
    }
    if input.peek(Token![,]) {
        cx.ok(input.parse::<Token![,]>());
    }
}

/// Skips to the next comma.
pub(crate) fn skip_entry(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        if input.parse::<TokenTree>().is_err() {
            return;
        }
    }
}
