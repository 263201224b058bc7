//! The one loop over attributes and their arguments. Legal keys are data: the tables are in [`symbol`](crate::symbol).

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Ident, Meta, Token, parenthesized, token};

use crate::ctxt::Ctxt;
use crate::symbol::{CONDITIONS, unknown};

/// A legal key.
pub(crate) struct Key {
    pub(crate) name: &'static str,
    form: Form,
    /// Example of the value or of the list.
    example: &'static str,
    /// What the example means, for messages.
    meaning: &'static str,
}

/// How a key is written.
enum Form {
    /// `key`
    Flag,
    /// `key = …`
    Value,
    /// `key(…)`
    List,
    /// `key = …` or `key(…)`: the key's own parser decides.
    Either,
}

impl Key {
    const fn new(name: &'static str, form: Form, example: &'static str) -> Self {
        Self { name, form, example, meaning: "" }
    }

    pub(crate) const fn flag(name: &'static str) -> Self {
        Self::new(name, Form::Flag, "")
    }

    pub(crate) const fn value(name: &'static str, example: &'static str) -> Self {
        Self::new(name, Form::Value, example)
    }

    pub(crate) const fn list(name: &'static str, example: &'static str) -> Self {
        Self::new(name, Form::List, example)
    }

    pub(crate) const fn either(name: &'static str, example: &'static str) -> Self {
        Self::new(name, Form::Either, example)
    }

    pub(crate) const fn meaning(mut self, meaning: &'static str) -> Self {
        self.meaning = meaning;
        self
    }

    /// Parses the value of the key; an error shows the example.
    pub(crate) fn parse<T: Parse>(&self, input: ParseStream<'_>) -> syn::Result<T> {
        input.parse().map_err(|error| {
            let Self { name, example, .. } = self;
            syn::Error::new(error.span(), format!("expected a value for `{name}`, such as `{example}`"))
        })
    }
}

/// All keys that are legal in one place.
pub(crate) struct Keys {
    /// What a key is called in messages.
    pub(crate) kind: &'static str,
    /// Whether each key is an attribute of its own, `#[key]`, rather than an entry of a list.
    pub(crate) attributes: bool,
    pub(crate) all: &'static [Key],
    /// Attributes of the compiler that may stand beside them.
    pub(crate) inert: &'static [&'static str],
}

impl Keys {
    /// Reads the comma-separated arguments of an attribute macro: `each` parses what follows a key (of a list, its
    /// content). A wrong argument is reported and skipped. Returns the keys that are present, also those with a wrong
    /// value.
    pub(crate) fn read(
        &self,
        cx: &Ctxt,
        tokens: TokenStream,
        mut each: impl FnMut(&Key, &Ident, ParseStream<'_>) -> syn::Result<()>,
    ) -> Vec<Ident> {
        let mut seen = Vec::new();
        let parser = |input: ParseStream<'_>| {
            each_entry(cx, input, |input| self.argument(&mut seen, input, &mut each));
            Ok(())
        };
        // Tokens that a reported mistake leaves unparsed inside of parentheses are not a second mistake.
        if let Err(error) = parser.parse2(tokens)
            && cx.is_clean()
        {
            cx.push(error);
        }
        seen
    }

    /// As [`Keys::read`], for options inside of an argument. The argument is wrong if one of them is.
    pub(crate) fn options(
        &self,
        input: ParseStream<'_>,
        mut each: impl FnMut(&Key, &Ident, ParseStream<'_>) -> syn::Result<()>,
    ) -> syn::Result<Vec<Ident>> {
        let (cx, mut seen) = (Ctxt::new(), Vec::new());
        each_entry(&cx, input, |input| self.argument(&mut seen, input, &mut each));
        cx.finish(Some(seen))
    }

    /// Reads those of `attrs` that are keys; the others belong to other macros.
    pub(crate) fn among(
        &self,
        cx: &Ctxt,
        attrs: &[Attribute],
        each: impl FnMut(&Key, &Ident, ParseStream<'_>) -> syn::Result<()>,
    ) -> Vec<Ident> {
        self.read(cx, arguments(attrs.iter().filter(|attr| self.find(attr).is_some())), each)
    }

    /// Takes all attributes off a field or variant except the compiler's, and reads them. Conditions are refused for
    /// the reason `unconditional`.
    pub(crate) fn take(
        &self,
        cx: &Ctxt,
        attrs: &mut Vec<Attribute>,
        unconditional: &str,
        each: impl FnMut(&Key, &Ident, ParseStream<'_>) -> syn::Result<()>,
    ) -> Vec<Ident> {
        let is = |attr: &Attribute, names: &[&str]| names.iter().any(|name| attr.path().is_ident(name));
        let (mut own, others): (Vec<_>, Vec<_>) = std::mem::take(attrs)
            .into_iter()
            .partition(|attr| attr.path().get_ident().is_some() && !is(attr, self.inert));
        *attrs = others;
        own.retain(|attr| {
            let is_condition = is(attr, &CONDITIONS);
            if is_condition {
                cx.error(attr, unconditional);
            }
            !is_condition
        });
        self.read(cx, arguments(&own), each)
    }

    /// Returns those of the flags that are among `attrs`.
    pub(crate) fn flags(&self, cx: &Ctxt, attrs: &[Attribute]) -> Vec<Ident> {
        self.among(cx, attrs, |_, _, _| Ok(()))
    }

    /// Returns the key that an attribute is.
    pub(crate) fn find(&self, attr: &Attribute) -> Option<&Key> {
        self.all.iter().find(|key| attr.path().is_ident(key.name))
    }

    fn argument(
        &self,
        seen: &mut Vec<Ident>,
        input: ParseStream<'_>,
        each: &mut impl FnMut(&Key, &Ident, ParseStream<'_>) -> syn::Result<()>,
    ) -> syn::Result<()> {
        let Ok(ident) = input.call(Ident::parse_any) else {
            let examples: Vec<String> = self.all.iter().take(1).map(|key| self.written(key)).collect();
            return Err(input.error(format!("expected an {} such as {}", self.kind, examples.concat())));
        };
        let error = |message: String| Err(syn::Error::new(ident.span(), message));
        let Some(key) = self.all.iter().find(|key| ident == key.name) else {
            let legal: Vec<&str> = self.all.iter().map(|key| key.name).collect();
            return error(unknown(self.kind, &ident.to_string(), &legal));
        };
        let name = self.quoted(key.name);
        if seen.contains(&ident) {
            return error(match (self.attributes, &key.form) {
                (true, _) => format!("duplicate {name}"),
                (false, Form::List) => format!("duplicate {} {name}: list all entries in one", self.kind),
                (false, _) => format!("duplicate {} {name}", self.kind),
            });
        }
        seen.push(ident.clone());
        let delimited = input.peek(token::Paren) || input.peek(token::Bracket) || input.peek(token::Brace);
        match key.form {
            Form::Flag => {
                each(key, &ident, input)?;
                if delimited || input.peek(Token![=]) { error(format!("{name} takes no arguments")) } else { Ok(()) }
            }
            Form::Either => each(key, &ident, input),
            Form::Value if input.peek(Token![=]) => {
                input.parse::<Token![=]>()?;
                each(key, &ident, input)?;
                if self.attributes && !input.is_empty() && !input.peek(Token![,]) {
                    return Err(input.error(format!("the value of {name} is a single literal")));
                }
                Ok(())
            }
            Form::List if input.peek(token::Paren) => {
                let content;
                parenthesized!(content in input);
                each(key, &ident, &content)?;
                if content.is_empty() {
                    return Ok(());
                }
                Err(content.error(format!("unexpected token: write {}", self.written(key))))
            }
            Form::Value => error(format!("{name} needs a value: write {}", self.written(key))),
            Form::List => error(format!("{name} needs arguments: write {}", self.written(key))),
        }
    }

    fn quoted(&self, text: &str) -> String {
        if self.attributes { format!("`#[{text}]`") } else { format!("`{text}`") }
    }

    /// Returns an example of a key with its value.
    fn written(&self, key: &Key) -> String {
        let Key { name, form, example, meaning } = key;
        let text = match form {
            Form::Flag => (*name).to_owned(),
            Form::Value => format!("{name} = {example}"),
            Form::List | Form::Either => format!("{name}({example})"),
        };
        format!("{}{meaning}", self.quoted(&text))
    }
}

/// Writes attributes as the comma-separated arguments of one.
fn arguments<'a>(attrs: impl IntoIterator<Item = &'a Attribute>) -> TokenStream {
    let arguments = attrs.into_iter().map(|attr| match &attr.meta {
        Meta::List(list) => {
            let mut group = Group::new(Delimiter::Parenthesis, list.tokens.clone());
            group.set_span(list.delimiter.span().join());
            let path = &list.path;
            quote!(#path #group)
        }
        meta => quote!(#meta),
    });
    quote!(#(#arguments),*)
}

/// Parses comma-separated entries; a wrong one is reported and skipped.
pub(crate) fn entries<T: Parse>(cx: &Ctxt, input: ParseStream<'_>) -> Vec<T> {
    let mut entries = Vec::new();
    each_entry(cx, input, |input| {
        entries.push(input.parse()?);
        Ok(())
    });
    entries
}

/// Calls `entry` for each of several comma-separated entries; a wrong one is reported and skipped.
pub(crate) fn each_entry(cx: &Ctxt, input: ParseStream<'_>, mut entry: impl FnMut(ParseStream<'_>) -> syn::Result<()>) {
    let check = |result: syn::Result<()>| {
        if cx.ok(result).is_none() {
            while !input.is_empty() && !input.peek(Token![,]) && input.parse::<TokenTree>().is_ok() {}
        }
    };
    while !input.is_empty() {
        check(entry(input));
        if !input.is_empty() && !input.peek(Token![,]) {
            check(Err(input.error("expected `,` before the next entry")));
        }
        if input.peek(Token![,]) {
            check(input.parse::<Token![,]>().map(|_| ()));
        }
    }
}
