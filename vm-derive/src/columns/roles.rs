//! Roles of columns, as attributes of fields.

use proc_macro2::Span;
use syn::parse::ParseStream;
use syn::{Data, DeriveInput, Ident, LitInt, LitStr, Path, Token, Type, parenthesized, token};

use crate::attr::Key;
use crate::ctxt::Ctxt;
use crate::symbol::{
    BITS, BOOL, CARRIED, FREE, NUMBER, ONE_HOT, OPCODE, OPCODE_BIT, READ, REGISTER, ROLES, STEP, VALID, VALUE, WRITE,
    unknown,
};

/// Largest number of bits that the range table checks.
const MAX_RANGE_BITS: u32 = 16;
/// Number of operands of an instruction.
const OPERANDS: u32 = 7;
/// Bits of a word.
const WORD_BITS: u32 = 32;
/// Bits of a cell.
const CELL_BITS: u32 = 16;
/// Bits of a number that changes at most.
const NUMBER_BITS: u32 = 30;

/// A field of a column struct, with a role.
pub(super) struct Column {
    pub(super) name: Ident,
    pub(super) ty: Type,
    pub(super) role: Role,
    /// Name of the attribute.
    key: Ident,
}

/// What a column is for.
pub(super) enum Role {
    Read {
        index: LitInt,
        proven: bool,
    },
    Write {
        index: LitInt,
        proven: bool,
    },
    Valid,
    Opcode(Path),
    OpcodeBit(LitInt),
    Bool,
    OneHot,
    Range(LitInt),
    Free(LitStr),
    Register {
        index: LitInt,
        bits: LitInt,
        step: LitInt,
        counts: bool,
    },
    /// Columns that continue other columns, or themselves.
    Carried(Option<Ident>),
}

impl Role {
    /// Whether constraints follow from it.
    pub(super) fn constrains(&self) -> bool {
        !matches!(self, Self::Free(_))
    }

    fn parse(key: &Key, input: ParseStream<'_>) -> syn::Result<Self> {
        Ok(match key.name {
            READ => {
                let (index, proven) = value(input)?;
                Self::Read { index, proven }
            }
            WRITE => {
                let (index, proven) = value(input)?;
                Self::Write { index, proven }
            }
            VALID => Self::Valid,
            OPCODE => Self::Opcode(input.parse().map_err(|error| {
                syn::Error::new(error.span(), "expected a variant of the instruction's enum, such as `Shift::SLL`")
            })?),
            OPCODE_BIT => {
                let what = "a number of 1 or more: what the column adds to the instruction's number";
                Self::OpcodeBit(number(input, 1, u32::MAX, what)?)
            }
            BOOL => Self::Bool,
            ONE_HOT => Self::OneHot,
            FREE => Self::Free(reason(input)?),
            REGISTER => register(input)?,
            CARRIED => Self::Carried(carried(input)?),
            _ => Self::Range(number(input, 1, MAX_RANGE_BITS, "a number of bits from 1 to 16")?),
        })
    }
}

/// Parses `0`, `1, bits = 29, step = 4` or `2, bits = 27, count`.
fn register(input: ParseStream<'_>) -> syn::Result<Role> {
    let index = number(input, 0, OPERANDS - 1, "the number of an operand from 0 to 6")?;
    if !input.is_empty() && !input.peek(Token![,]) {
        return Err(input.error("expected `,` and options, such as `bits = 29, step = 4`"));
    }
    input.parse::<Option<Token![,]>>()?;
    let literal = |value: u32| LitInt::new(&value.to_string(), Span::call_site());
    let (mut bits, mut step, mut counts) = (literal(WORD_BITS), None, None);
    NUMBER.options(input, |key, ident, input| {
        match key.name {
            BITS => bits = number(input, CELL_BITS, WORD_BITS, "a number of bits from 16 to 32")?,
            STEP => step = Some(difference(input)?),
            _ => counts = Some(ident.clone()),
        }
        Ok(())
    })?;
    if let (Some(_), Some(counts)) = (&step, &counts) {
        return Err(syn::Error::new_spanned(counts, "`count` decreases the number by one in every row: remove `step`"));
    }
    let largest = bits.base10_parse::<u32>()?;
    if (step.is_some() || counts.is_some()) && largest > NUMBER_BITS {
        let changing = counts.map_or_else(|| step.as_ref().map(LitInt::span), |counts| Some(counts.span()));
        let message = "a number that changes from row to row is below the order of the field: add `bits = 30` or less";
        return Err(syn::Error::new(changing.unwrap_or_else(Span::call_site), message));
    }
    Ok(Role::Register { index, bits, step: step.unwrap_or_else(|| literal(0)), counts: counts.is_some() })
}

/// Parses what a row adds to a number.
fn difference(input: ParseStream<'_>) -> syn::Result<LitInt> {
    const EXPECTED: &str = "expected what a row adds to the number, such as `4` or `-1`";
    let literal: LitInt = input.parse().map_err(|error| syn::Error::new(error.span(), EXPECTED))?;
    match literal.base10_parse::<i32>() {
        Ok(value) if value != 0 && literal.suffix().is_empty() => Ok(literal),
        _ => Err(syn::Error::new_spanned(&literal, EXPECTED)),
    }
}

/// Parses nothing, or the name of a field in parentheses.
fn carried(input: ParseStream<'_>) -> syn::Result<Option<Ident>> {
    const EXPECTED: &str = "expected the name of the field that the column continues in the next row";
    if !input.peek(token::Paren) {
        return Ok(None);
    }
    let content;
    parenthesized!(content in input);
    let field = content.parse::<Ident>().map_err(|error| syn::Error::new(error.span(), EXPECTED))?;
    if content.is_empty() { Ok(Some(field)) } else { Err(content.error(EXPECTED)) }
}

/// Takes the role attributes off the fields; returns the fields that have one.
pub(super) fn take(cx: &Ctxt, item: &mut DeriveInput) -> Vec<Column> {
    let Data::Struct(data) = &mut item.data else { return Vec::new() };
    let mut columns: Vec<Column> = Vec::new();
    for field in &mut data.fields {
        let (Some(name), ty) = (&field.ident, &field.ty) else { continue };
        let unconditional = "a column cannot be conditional: the layout of a row is the same in every build";
        ROLES.take(cx, &mut field.attrs, unconditional, |key, ident, input| {
            let role = Role::parse(key, input)?;
            if let Some(Column { key: first, .. }) = columns.last().filter(|column| column.name == *name) {
                let message = format!("`{name}` already has a role (`#[{first}]`): a column has at most one");
                return Err(syn::Error::new(ident.span(), message));
            }
            columns.push(Column { name: name.clone(), ty: ty.clone(), role, key: ident.clone() });
            Ok(())
        });
    }
    columns
}

/// Parses `0` or `0, proven`.
fn value(input: ParseStream<'_>) -> syn::Result<(LitInt, bool)> {
    let index = number(input, 0, u32::from(u8::MAX), "the number of a value, such as `0`")?;
    if !input.is_empty() && !input.peek(Token![,]) {
        return Err(input.error("expected the number of a value, or the number and `proven`"));
    }
    input.parse::<Option<Token![,]>>()?;
    let options = VALUE.options(input, |_, _, _| Ok(()))?;
    Ok((index, !options.is_empty()))
}

fn reason(input: ParseStream<'_>) -> syn::Result<LitStr> {
    let reason: LitStr = input.parse().map_err(|error| {
        syn::Error::new(error.span(), "expected, in quotes, the reason why the prover's choice is harmless")
    })?;
    match reason.value().trim() {
        "" => Err(syn::Error::new_spanned(&reason, "a free column needs a reason why the prover's choice is harmless")),
        _ => Ok(reason),
    }
}

fn number(input: ParseStream<'_>, least: u32, most: u32, what: &str) -> syn::Result<LitInt> {
    let expected = format!("expected {what}");
    let literal: LitInt = input.parse().map_err(|error| syn::Error::new(error.span(), &expected))?;
    match literal.base10_parse::<u32>() {
        Ok(value) if (least..=most).contains(&value) && literal.suffix().is_empty() => Ok(literal),
        _ => Err(syn::Error::new_spanned(&literal, expected)),
    }
}

/// Checks the rules that the roles of a struct satisfy together.
pub(super) fn check(cx: &Ctxt, columns: &[Column], fields: &[Ident]) {
    let mut seen: Vec<(String, &Column)> = Vec::new();
    for column in columns {
        let role = &column.role;
        let unique = match role {
            Role::Read { index, .. } => Some(format!("read({})", index.base10_digits())),
            Role::Write { index, .. } => Some(format!("write({})", index.base10_digits())),
            Role::Valid => Some("valid".to_owned()),
            Role::Register { index, .. } => Some(format!("register({})", index.base10_digits())),
            _ => None,
        };
        if let Some(key) = unique {
            match seen.iter().find(|(other, _)| *other == key) {
                Some((_, other)) => {
                    cx.error(&column.key, format!("duplicate `#[{key}]`: `{}` already has this role", other.name))
                }
                None => seen.push((key, column)),
            }
        }
        if let Role::Carried(Some(from)) = role
            && !fields.contains(from)
        {
            let legal: Vec<String> = fields.iter().map(Ident::to_string).collect();
            let legal: Vec<&str> = legal.iter().map(String::as_str).collect();
            cx.error(from, unknown("field", &from.to_string(), &legal));
        }
        if let Role::OpcodeBit(weight) = role {
            check_weight(cx, columns, column, weight);
        }
        let single = matches!(role, Role::Valid | Role::Opcode(_) | Role::OpcodeBit(_));
        if single && matches!(column.ty, Type::Array(_)) {
            cx.error(&column.ty, format!("`{}` is a single flag: its type is the cell itself", column.name));
        }
        if matches!(role, Role::OneHot) && !matches!(column.ty, Type::Array(_)) {
            cx.error(&column.ty, "one-hot columns are an array of cells, such as `[T; 16]`");
        }
    }
}

/// Checks the weight of a column. If only `#[opcode_bit]` columns distinguish the instructions, the framework fills
/// them with the bits of the instruction's number.
fn check_weight(cx: &Ctxt, columns: &[Column], column: &Column, weight: &LitInt) {
    let value = |weight: &LitInt| weight.base10_parse::<u32>().unwrap_or(0);
    let filled_by_author = columns.iter().any(|column| matches!(column.role, Role::Opcode(_)));
    if filled_by_author {
        return;
    }
    if !value(weight).is_power_of_two() {
        cx.error(
            weight,
            "the number of an instruction is a sum of the powers of two 1, 2, 4, …, unless there are also \
             `#[opcode(…)]` columns",
        );
    }
    let twin = columns
        .iter()
        .take_while(|other| other.name != column.name)
        .find(|other| matches!(&other.role, Role::OpcodeBit(other) if value(other) == value(weight)));
    if let Some(twin) = twin {
        cx.error(weight, format!("duplicate `#[opcode_bit({weight})]`: `{}` is already this bit", twin.name));
    }
}
