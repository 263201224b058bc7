//! Tokens as text, for messages and documentation.

use quote::ToTokens;
use syn::Signature;

/// Source-like text of a path or type.
pub(crate) fn text(tokens: impl ToTokens) -> String {
    // Long token streams are printed on several lines.
    let text = tokens.into_token_stream().to_string();
    let mut text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for (spaced, tight) in [
        (" :: ", "::"),
        (":: ", "::"),
        (" < ", "<"),
        ("< ", "<"),
        (" >", ">"),
        (" ,", ","),
        ("& ", "&"),
        (" ;", ";"),
        (" :", ":"),
        ("->::", "-> ::"),
    ] {
        text = text.replace(spaced, tight);
    }
    text
}

/// Text of a function's signature, with the names alone of primitive types.
pub(crate) fn signature_text(signature: &Signature) -> String {
    let text = signature.to_token_stream().to_string();
    let mut text = text.split_whitespace().collect::<Vec<_>>().join(" ").replace(":: core :: primitive :: ", "");
    for (spaced, tight) in [
        (" (", "("),
        ("( ", "("),
        (" )", ")"),
        (" <", "<"),
        ("< ", "<"),
        (" >", ">"),
        (" :", ":"),
        (" ,", ","),
        ("* ", "*"),
    ] {
        text = text.replace(spaced, tight);
    }
    text
}

/// Names of functions from names of types.
pub(crate) trait SnakeCase {
    /// `FooBar` as `foo_bar`.
    fn to_snake(&self) -> String;
}

impl SnakeCase for str {
    fn to_snake(&self) -> String {
        let mut out = String::new();
        let mut lower = false;
        for c in self.chars() {
            if c.is_uppercase() && lower {
                out.push('_');
            }
            lower = !c.is_uppercase();
            out.extend(c.to_lowercase());
        }
        out
    }
}
