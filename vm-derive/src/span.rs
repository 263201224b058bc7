//! Places of generated tokens: where the compiler reports an error in them.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;

/// Returns the place of `tokens` with the hygiene of the macro's call: errors point at the user's type, and names in
/// generated code resolve even if the type comes from another macro.
pub(crate) fn located(tokens: &impl Spanned) -> Span {
    Span::call_site().located_at(tokens.span())
}

/// Moves `tokens` to `place` without changing their hygiene, so that an error about all of them points there.
pub(crate) fn at(tokens: impl ToTokens, place: &impl Spanned) -> TokenStream {
    fn moved(tokens: TokenStream, place: Span) -> TokenStream {
        let moved = tokens.into_iter().map(|mut tree| {
            if let TokenTree::Group(group) = &tree {
                tree = TokenTree::Group(Group::new(group.delimiter(), moved(group.stream(), place)));
            }
            tree.set_span(tree.span().located_at(place));
            tree
        });
        moved.collect()
    }
    moved(tokens.into_token_stream(), place.span())
}
