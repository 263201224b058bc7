//! `encode(…)`: the words of guest programs that encode an instruction.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Expr, ExprLit, Ident, Lit, LitInt, Token};

use crate::attr::each_entry;
use crate::ctxt::Ctxt;
use crate::private::Private;
use crate::span::located;
use crate::symbol::{OPCODE, unknown};

/// Major opcodes that have a name.
const OPCODES: [(&str, u32); 11] = [
    ("load", 0x03),
    ("custom0", 0x0B),
    ("op_imm", 0x13),
    ("auipc", 0x17),
    ("store", 0x23),
    ("custom1", 0x2B),
    ("op", 0x33),
    ("lui", 0x37),
    ("custom2", 0x5B),
    ("branch", 0x63),
    ("custom3", 0x7B),
];

/// Fields of an instruction word: name, lowest bit, number of bits.
const FIELDS: [(&str, u32, u32); 6] =
    [("funct3", 12, 3), ("funct7", 25, 7), ("rd", 7, 5), ("rs1", 15, 5), ("rs2", 20, 5), ("imm", 20, 12)];

/// A valid encoding.
#[derive(Clone)]
pub(crate) struct Encode {
    /// The key `encode`: the place of errors about the whole encoding.
    pub(crate) key: Ident,
    /// Major opcode.
    pub(super) opcode: u32,
    /// Values of the fields that are fixed, in the order of [`FIELDS`].
    fields: [Option<FieldValue>; FIELDS.len()],
}

/// Value of a field of an instruction word.
#[derive(Clone)]
pub(crate) enum FieldValue {
    /// A number that the macro knows.
    Number(u32),
    /// A constant that the compiler knows.
    Constant(Expr),
    /// An expression that mentions `self`, so each value of the instruction has its own.
    Parameter(Expr),
}

impl FieldValue {
    fn of(expression: Expr) -> Self {
        if mentions_self(expression.to_token_stream()) {
            Self::Parameter(expression)
        } else {
            Self::Constant(expression)
        }
    }
}

/// Whether some token is `self`.
pub(super) fn mentions_self(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == "self",
        TokenTree::Group(group) => mentions_self(group.stream()),
        _ => false,
    })
}

impl Encode {
    /// Parses `custom0, funct3 = 5, funct7 = 0`.
    pub(crate) fn parse(key: &Ident, input: ParseStream<'_>) -> syn::Result<Self> {
        let (cx, mut opcode, mut fields) = (Ctxt::new(), None, [const { None }; FIELDS.len()]);
        each_entry(&cx, input, |input| entry(input, &mut opcode, &mut fields));
        if opcode.is_none() && cx.is_clean() {
            cx.error(
                key,
                "this encoding has no major opcode; write `encode(custom0, funct3 = 5, funct7 = 0)`: the major opcode and \
                 the fields that are fixed",
            );
        }
        let encode = Self { key: key.clone(), opcode: opcode.unwrap_or_default(), fields };
        if encode.field("imm").is_some() && (encode.field("funct7").is_some() || encode.field("rs2").is_some()) {
            cx.error(
                key,
                "`imm` occupies the bits of `funct7` and `rs2`: an encoding fixes either `imm` or the other two",
            );
        }
        cx.finish(Some(encode))
    }

    /// Returns the value of a field, if the encoding fixes it.
    pub(crate) fn field(&self, name: &str) -> Option<&FieldValue> {
        FIELDS.iter().zip(&self.fields).find(|((field, ..), _)| *field == name).and_then(|(_, value)| value.as_ref())
    }

    /// Whether the encoding leaves an immediate of 12 bits open.
    pub(crate) fn has_immediate(&self) -> bool {
        ["imm", "funct7", "rs2"].iter().all(|name| self.field(name).is_none())
    }

    /// Returns an expression that depends on the instruction's parameters, if there is one.
    pub(crate) fn parameter(&self) -> Option<&Expr> {
        self.fields.iter().flatten().find_map(|value| match value {
            FieldValue::Parameter(expression) => Some(expression),
            _ => None,
        })
    }

    /// Returns mask and value of the words, as far as the macro knows them.
    fn words(&self) -> (u32, u32) {
        FIELDS.iter().zip(&self.fields).fold((0x7F, self.opcode), |(mask, word), ((_, low, bits), value)| match value {
            Some(FieldValue::Number(value)) => (mask | ((1 << bits) - 1) << low, word | value << low),
            _ => (mask, word),
        })
    }

    /// Returns the encoding as a constant, without the fields that depend on parameters.
    pub(crate) fn constant(&self, private: &Private) -> TokenStream {
        let (mask, value) = self.words();
        let known = quote!(#private::Encoding::new(#mask, #value));
        FIELDS.iter().zip(&self.fields).fold(known, |encoding, ((_, low, bits), value)| match value {
            Some(FieldValue::Constant(constant)) => {
                quote_spanned!(located(constant)=> #private::with_constant_field(#encoding, #low, #bits, #constant))
            }
            _ => encoding,
        })
    }

    /// Returns the encoding of a value of the instruction, with the fields that depend on parameters: an expression with
    /// `self` and `?`.
    pub(crate) fn of_value(&self, private: &Private, instruction: &str) -> TokenStream {
        let constant = self.constant(private);
        FIELDS.iter().zip(&self.fields).fold(constant, |encoding, ((name, low, bits), value)| match value {
            Some(FieldValue::Parameter(parameter)) => quote_spanned! {located(parameter)=>
                #private::with_field(#encoding, #instruction, (#name, #low, #bits), #parameter)?
            },
            _ => encoding,
        })
    }

    /// Whether some word has both encodings, as far as the macro knows them. Building the machine finds the others.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        let is_known =
            |encode: &Self| encode.fields.iter().flatten().all(|value| matches!(value, FieldValue::Number(_)));
        let ((mask, value), (other_mask, other_value)) = (self.words(), other.words());
        is_known(self) && is_known(other) && (value ^ other_value) & mask & other_mask == 0
    }
}

fn entry(input: ParseStream<'_>, opcode: &mut Option<u32>, fields: &mut [Option<FieldValue>]) -> syn::Result<()> {
    let Ok(key) = input.call(Ident::parse_any) else {
        return Err(input.error("expected a major opcode such as `custom0`, or a field such as `funct3 = 5`"));
    };
    let name = key.to_string();
    let error = |message: String| Err(syn::Error::new(key.span(), message));
    let field = FIELDS.iter().position(|(field, ..)| *field == name);
    if name != OPCODE && field.is_none() {
        let Some((_, value)) = OPCODES.iter().find(|(opcode, _)| *opcode == name) else {
            let legal: Vec<&str> =
                OPCODES.iter().map(|(name, _)| *name).chain([OPCODE]).chain(FIELDS.map(|(name, ..)| name)).collect();
            return error(unknown("major opcode or field", &name, &legal));
        };
        return set(opcode, *value, &key, "the major opcode");
    }
    if !input.peek(Token![=]) {
        return error(format!("`{name}` needs a value: write `{name} = …`"));
    }
    input.parse::<Token![=]>()?;
    if name == OPCODE && !input.peek(Lit) {
        let named: Ident = input.parse()?;
        return match OPCODES.iter().find(|(opcode, _)| named == opcode) {
            Some((_, value)) => set(opcode, *value, &key, "the major opcode"),
            None => {
                let legal = OPCODES.map(|(name, _)| name);
                Err(syn::Error::new(named.span(), unknown("major opcode", &named.to_string(), &legal)))
            }
        };
    }
    let expected = |error: syn::Error| syn::Error::new(error.span(), format!("expected a number for `{name}`"));
    let expression: Expr = input.parse().map_err(expected)?;
    let literal: LitInt = match (expression, field) {
        (Expr::Lit(ExprLit { lit: Lit::Int(literal), .. }), _) => literal,
        (expression @ Expr::Lit(_), _) | (expression, None) => {
            return Err(expected(syn::Error::new_spanned(expression, "")));
        }
        (expression, Some(index)) => {
            return set(&mut fields[index], FieldValue::of(expression), &key, &format!("`{name}`"));
        }
    };
    let value = literal.base10_parse::<u32>()?;
    let Some((index, (_, _, bits))) = field.map(|index| (index, FIELDS[index])) else {
        if value > 0x7F || value & 3 != 3 {
            return Err(syn::Error::new_spanned(
                &literal,
                "a major opcode has seven bits, and its lowest two are set (other values are compressed instructions)",
            ));
        }
        return set(opcode, value, &key, "the major opcode");
    };
    if value >> bits != 0 {
        return Err(syn::Error::new_spanned(
            &literal,
            format!("`{name}` has {bits} bits: at most {}", (1u32 << bits) - 1),
        ));
    }
    set(&mut fields[index], FieldValue::Number(value), &key, &format!("`{name}`"))
}

fn set<V>(slot: &mut Option<V>, value: V, key: &Ident, what: &str) -> syn::Result<()> {
    if slot.is_some() {
        return Err(syn::Error::new(key.span(), format!("{what} is given twice")));
    }
    *slot = Some(value);
    Ok(())
}
