//! The arguments of `#[instruction(…)]` as they are written.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{Expr, ExprLit, Ident, Lit, LitInt, LitStr, Path, Type, parenthesized, token};

use crate::attr::entries;
use crate::ctxt::Ctxt;
use crate::private::Private;
use crate::symbol::{
    ADAPTER, COLUMNS, COMPUTED, ENCODE, GUEST, INSTRUCTION, MULTI_ROW, NAME, OPCODE, OPERANDS, READ, WRITE, unknown,
};

use super::encode::{Encode, mentions_self};
use super::guest::Guest;

/// Everything between the parentheses of the attribute.
#[derive(Default)]
pub(super) struct Arguments {
    pub(super) private: Private,
    pub(super) adapter: Option<Type>,
    /// Type that decodes the operands of a multi-row instruction.
    pub(super) operands: Option<Type>,
    pub(super) columns: Option<Path>,
    /// A string, or an expression with `self`.
    pub(super) name: Option<Expr>,
    pub(super) opcode: Option<LitInt>,
    pub(super) multi_row: Option<Span>,
    pub(super) encode: Option<Encode>,
    pub(super) guest: Option<Guest>,
    pub(super) computed_reads: Vec<LitInt>,
    pub(super) computed_writes: Vec<LitInt>,
    /// Keys that are present, also those with a wrong value.
    keys: Vec<Ident>,
}

impl Arguments {
    /// Parses all arguments; a mistake in one of them does not hide those in the others.
    pub(super) fn parse(cx: &Ctxt, arguments: TokenStream) -> Self {
        let mut parsed = Self::default();
        let keys = INSTRUCTION.read(cx, arguments, |key, ident, input| {
            match key.name {
                ADAPTER => parsed.adapter = Some(key.parse(input)?),
                OPERANDS => parsed.operands = Some(key.parse(input)?),
                COLUMNS => parsed.columns = Some(key.parse(input)?),
                NAME => {
                    let expression = input.fork().parse::<Expr>().ok();
                    let depends = expression.is_some_and(|expression| mentions_self(expression.to_token_stream()));
                    parsed.name = Some(if depends { input.parse()? } else { literal(key.parse::<LitStr>(input)?) });
                }
                OPCODE => parsed.opcode = Some(key.parse(input)?),
                MULTI_ROW => parsed.multi_row = Some(ident.span()),
                ENCODE => parsed.encode = Some(Encode::parse(ident, input)?),
                GUEST => parsed.guest = Some(Guest::parse(ident, input)?),
                COMPUTED => {
                    for computed in entries(cx, input) {
                        parsed.computed(cx, computed);
                    }
                }
                _ => parsed.private = input.parse()?,
            }
            Ok(())
        });
        parsed.keys = keys;
        parsed
    }

    /// Returns the key of an argument if it is present, even with a wrong value.
    pub(super) fn key(&self, name: &str) -> Option<&Ident> {
        self.keys.iter().find(|key| *key == name)
    }

    fn computed(&mut self, cx: &Ctxt, Computed { kind, number }: Computed) {
        let list = if kind == READ { &mut self.computed_reads } else { &mut self.computed_writes };
        if list.iter().any(|other| other.base10_digits() == number.base10_digits()) {
            cx.error(&number, format!("`{kind}({number})` is listed twice"));
        }
        list.push(number);
    }
}

fn literal(text: LitStr) -> Expr {
    Expr::Lit(ExprLit { attrs: Vec::new(), lit: Lit::Str(text) })
}

/// `read(0)` or `write(1)` in `computed(…)`.
struct Computed {
    kind: Ident,
    number: LitInt,
}

impl Parse for Computed {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        const HINT: &str = "expected `read(…)` or `write(…)` with the number of a value, such as `write(0)`";
        let hint = |error: syn::Error| syn::Error::new(error.span(), HINT);
        let kind: Ident = input.parse().map_err(hint)?;
        if kind != READ && kind != WRITE {
            return Err(syn::Error::new(kind.span(), unknown("kind of value", &kind.to_string(), &[READ, WRITE])));
        }
        if !input.peek(token::Paren) {
            return Err(syn::Error::new(kind.span(), HINT));
        }
        let content;
        parenthesized!(content in input);
        let number: LitInt = content.parse().map_err(hint)?;
        if number.base10_parse::<u8>().is_err() || !number.suffix().is_empty() || !content.is_empty() {
            return Err(syn::Error::new_spanned(&number, HINT));
        }
        Ok(Self { kind, number })
    }
}
