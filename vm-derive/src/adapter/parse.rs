//! The arguments of `#[adapter(…)]` as they are written.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Expr, Ident, Token, Type, bracketed, token};

use crate::attr::each_entry;
use crate::ctxt::Ctxt;
use crate::private::Private;
use crate::symbol::{ADAPTER_ARGUMENTS, BRANCH, FORMAT, READ, WRITE, unknown};

/// Fields of instruction words with the number of a register.
const REGISTERS: [&str; 4] = ["rd", "rs1", "rs2", "rs3"];
/// The immediate of an instruction word.
const IMMEDIATE: &str = "imm";
/// A block of memory.
const MEMORY: &str = "mem";
/// Words of the hint stream.
const HINT: &str = "hint";

/// Everything between the parentheses of the attribute.
#[derive(Default)]
pub(super) struct Arguments {
    pub(super) private: Private,
    pub(super) format: Option<Type>,
    pub(super) sources: Vec<Entry>,
    pub(super) destinations: Vec<Value>,
    pub(super) branch: Option<Span>,
    /// Keys that are present, also those with a wrong value.
    keys: Vec<Ident>,
}

/// An entry of `read(…)`.
pub(super) enum Entry {
    Value(Value),
    /// `[value, value; count]`: the first `count` of the values.
    First {
        values: Vec<Value>,
        count: Expr,
    },
}

/// A value: `rs1`, `mem[rs1; 8]` or `imm`.
pub(super) struct Value {
    pub(super) kind: Kind,
    /// The name of the register, `imm` or `hint`.
    pub(super) name: Ident,
}

/// The kind of a value.
pub(super) enum Kind {
    Register,
    /// With the number of words.
    Block(Expr),
    Immediate,
    /// With the number of words.
    Hint(Expr),
}

impl Kind {
    /// Whether two kinds are written in the same way.
    pub(super) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Register, Self::Register) | (Self::Immediate, Self::Immediate) => true,
            (Self::Block(words), Self::Block(others)) | (Self::Hint(words), Self::Hint(others)) => {
                words.to_token_stream().to_string() == others.to_token_stream().to_string()
            }
            _ => false,
        }
    }
}

impl Arguments {
    /// Parses all arguments; a mistake in one of them does not hide those in the others.
    pub(super) fn parse(cx: &Ctxt, arguments: TokenStream) -> Self {
        let mut parsed = Self::default();
        let keys = ADAPTER_ARGUMENTS.read(cx, arguments, |key, ident, input| {
            match key.name {
                FORMAT => parsed.format = Some(key.parse(input)?),
                READ => each_entry(cx, input, |input| {
                    parsed.sources.push(input.parse()?);
                    Ok(())
                }),
                WRITE => each_entry(cx, input, |input| {
                    parsed.destinations.push(input.parse()?);
                    Ok(())
                }),
                BRANCH => parsed.branch = Some(ident.span()),
                _ => parsed.private = input.parse()?,
            }
            Ok(())
        });
        parsed.keys = keys;
        parsed
    }

    /// Whether an argument is present, even with a wrong value.
    pub(super) fn has(&self, name: &str) -> bool {
        self.keys.iter().any(|key| key == name)
    }
}

impl Parse for Entry {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if !input.peek(token::Bracket) {
            return input.parse().map(Self::Value);
        }
        let content;
        let bracket = bracketed!(content in input);
        let mut values = vec![content.parse()?];
        while content.peek(Token![,]) {
            content.parse::<Token![,]>()?;
            values.push(content.parse()?);
        }
        if !content.peek(Token![;]) {
            return Err(syn::Error::new(
                bracket.span.join(),
                "expected `[mem[rs1; 8], mem[rs2; 8]; COUNT]`: values, and how many of them are read",
            ));
        }
        content.parse::<Token![;]>()?;
        let count = content.parse()?;
        if !content.is_empty() {
            return Err(content.error("unexpected token after the number of values"));
        }
        Ok(Self::First { values, count })
    }
}

impl Parse for Value {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        const FORMS: &str =
            "expected a register such as `rs1`, a block of memory such as `mem[rs1; 8]`, `hint[8]`, or `imm`";
        let Ok(name) = input.call(Ident::parse_any) else { return Err(input.error(FORMS)) };
        let text = name.to_string();
        if text == IMMEDIATE {
            return Ok(Self { kind: Kind::Immediate, name });
        }
        if text == HINT {
            if !input.peek(token::Bracket) {
                return Err(syn::Error::new(name.span(), "a hint has a number of words: write `hint[8]`"));
            }
            let content;
            bracketed!(content in input);
            let words = content.parse()?;
            if !content.is_empty() {
                return Err(content.error("unexpected token after the number of words"));
            }
            return Ok(Self { kind: Kind::Hint(words), name });
        }
        if text != MEMORY {
            register(&name, &[&REGISTERS[..], &[IMMEDIATE, MEMORY, HINT]].concat())?;
            return Ok(Self { kind: Kind::Register, name });
        }
        const BLOCK: &str = "a block has a register with its pointer and a number of words: write `mem[rs1; 8]`";
        if !input.peek(token::Bracket) {
            return Err(syn::Error::new(name.span(), BLOCK));
        }
        let content;
        let bracket = bracketed!(content in input);
        let incomplete = |_| syn::Error::new(bracket.span.join(), BLOCK);
        let register_name = content.call(Ident::parse_any).map_err(incomplete)?;
        register(&register_name, &REGISTERS)?;
        content.parse::<Token![;]>().map_err(incomplete)?;
        let words = content.parse().map_err(incomplete)?;
        if !content.is_empty() {
            return Err(content.error("unexpected token after the number of words"));
        }
        Ok(Self { kind: Kind::Block(words), name: register_name })
    }
}

/// Checks that a name is that of a register.
fn register(name: &Ident, legal: &[&str]) -> syn::Result<()> {
    if REGISTERS.iter().any(|register| name == register) {
        return Ok(());
    }
    Err(syn::Error::new(name.span(), unknown("register", &name.to_string(), legal)))
}
