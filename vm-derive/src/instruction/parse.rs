//! The arguments of `#[instruction(…)]` as they are written.

use proc_macro2::{Span, TokenStream};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Ident, LitInt, LitStr, Path, Token, Type, parenthesized};

use crate::attr::CratePath;
use crate::ctxt::Ctxt;
use crate::list;
use crate::symbol;

use super::encode::Encode;
use super::guest::Guest;

pub(super) const ADAPTER: &str = "adapter";
pub(super) const OPERANDS: &str = "operands";
pub(super) const COLUMNS: &str = "columns";
const NAME: &str = "name";
const OPCODE: &str = "opcode";
const MULTI_ROW: &str = "multi_row";
pub(super) const ENCODE: &str = "encode";
pub(super) const GUEST: &str = "guest";
const COMPUTED: &str = "computed";

/// Every key, in the order in which the documentation lists them.
const KEYS: [&str; 10] = [ADAPTER, OPERANDS, COLUMNS, NAME, OPCODE, MULTI_ROW, ENCODE, GUEST, COMPUTED, symbol::CRATE];

/// Everything between the parentheses of the attribute.
#[derive(Default)]
pub(super) struct Arguments {
    pub(super) krate: Option<Path>,
    pub(super) adapter: Option<Type>,
    /// Type that decodes the operands of a multi-row instruction.
    pub(super) operands: Option<Type>,
    pub(super) columns: Option<Path>,
    pub(super) name: Option<LitStr>,
    pub(super) opcode: Option<LitInt>,
    pub(super) multi_row: Option<Span>,
    pub(super) encode: Option<Encode>,
    pub(super) guest: Option<Guest>,
    pub(super) computed_reads: Vec<LitInt>,
    pub(super) computed_writes: Vec<LitInt>,
    /// Keys that were there, also those whose value was wrong.
    seen: Vec<String>,
}

impl Arguments {
    /// Parses all arguments; a mistake in one of them does not hide those in the others.
    pub(super) fn parse(cx: &Ctxt, arguments: TokenStream) -> Self {
        let mut parsed = Self::default();
        list::arguments(cx, arguments, |input| parsed.argument(cx, input));
        parsed
    }

    /// Whether an argument was there, with a value that may have been wrong.
    pub(super) fn has(&self, key: &str) -> bool {
        self.seen.iter().any(|seen| seen == key)
    }

    fn argument(&mut self, cx: &Ctxt, input: ParseStream<'_>) -> syn::Result<()> {
        let Ok(key) = input.call(Ident::parse_any) else {
            return Err(input.error("expected an argument such as `adapter = Rv32Alu`"));
        };
        let name = key.to_string();
        let error = |message: String| Err(syn::Error::new(key.span(), message));
        if !KEYS.contains(&name.as_str()) {
            return error(symbol::unknown("argument", &name, &KEYS));
        }
        if self.has(&name) {
            return error(format!("duplicate argument `{name}`"));
        }
        self.seen.push(name.clone());
        match name.as_str() {
            MULTI_ROW => {
                self.multi_row = Some(key.span());
                if input.peek(Token![=]) || input.peek(syn::token::Paren) {
                    return Err(input.error("`multi_row` takes no value"));
                }
            }
            ENCODE => self.encode = Some(Encode::parse(cx, &key, input)?),
            GUEST => self.guest = Some(Guest::parse(&key, input)?),
            COMPUTED => self.computed(&key, input)?,
            _ => {
                if !input.peek(Token![=]) {
                    return error(format!("`{name}` needs a value: write `{name} = {}`", example(&name)));
                }
                input.parse::<Token![=]>()?;
                let expected = |error: syn::Error| {
                    syn::Error::new(
                        error.span(),
                        format!("expected a value for `{name}`, such as `{}`", example(&name)),
                    )
                };
                match name.as_str() {
                    ADAPTER => self.adapter = Some(input.parse().map_err(expected)?),
                    OPERANDS => self.operands = Some(input.parse().map_err(expected)?),
                    COLUMNS => self.columns = Some(input.parse().map_err(expected)?),
                    NAME => self.name = Some(input.parse().map_err(expected)?),
                    OPCODE => self.opcode = Some(input.parse().map_err(expected)?),
                    _ => self.krate = Some(input.parse::<CratePath>()?.0),
                }
            }
        }
        Ok(())
    }

    /// `computed(read(0), write(1))`.
    fn computed(&mut self, key: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
        if !input.peek(syn::token::Paren) {
            return Err(syn::Error::new(key.span(), "which values? Write `computed(write(0))`"));
        }
        let content;
        parenthesized!(content in input);
        const HINT: &str = "expected `read(…)` or `write(…)` with the number of a value, such as `write(0)`";
        fn hint(error: syn::Error) -> syn::Error {
            syn::Error::new(error.span(), HINT)
        }
        let one = |input: ParseStream<'_>| -> syn::Result<(Ident, LitInt)> {
            let kind: Ident = input.parse().map_err(hint)?;
            if kind != "read" && kind != "write" {
                let message = symbol::unknown("kind of value", &kind.to_string(), &["read", "write"]);
                return Err(syn::Error::new(kind.span(), message));
            }
            if !input.peek(syn::token::Paren) {
                return Err(syn::Error::new(kind.span(), HINT));
            }
            let content;
            parenthesized!(content in input);
            let number: LitInt = content.parse().map_err(hint)?;
            if number.base10_parse::<u8>().is_err() || !number.suffix().is_empty() || !content.is_empty() {
                return Err(syn::Error::new_spanned(&number, HINT));
            }
            Ok((kind, number))
        };
        for (kind, number) in Punctuated::<_, Token![,]>::parse_terminated_with(&content, one)? {
            let list = if kind == "read" { &mut self.computed_reads } else { &mut self.computed_writes };
            if list.iter().any(|other| other.base10_digits() == number.base10_digits()) {
                return Err(syn::Error::new_spanned(&number, format!("`{kind}({number})` is listed twice")));
            }
            list.push(number);
        }
        Ok(())
    }
}

fn example(key: &str) -> &'static str {
    match key {
        ADAPTER | OPERANDS => "Rv32Alu",
        COLUMNS => "MyCols",
        NAME => "\"Rotate\"",
        OPCODE => "0x400",
        _ => "\"::my_sdk\"",
    }
}
