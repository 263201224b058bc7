//! Comma-separated lists in attributes, parsed so that one wrong entry does not hide the others.

use proc_macro2::TokenTree;
use syn::Token;
use syn::parse::{Parse, ParseStream};

use crate::ctxt::Ctxt;

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
