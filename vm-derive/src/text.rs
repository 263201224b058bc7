//! Tokens as text, for messages and documentation.

use quote::ToTokens;
use syn::Signature;

/// Returns a path or a type as it is written in source code.
pub(crate) fn text(tokens: impl ToTokens) -> String {
    // `to_string` breaks long token streams into lines.
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

/// Returns a function's signature as it is written in source code, with primitive types by their bare names.
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

/// Conversion of names of types to names of functions.
pub(crate) trait SnakeCase {
    /// Returns `foo_bar` for `FooBar`.
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
