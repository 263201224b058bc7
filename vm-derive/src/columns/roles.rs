//! Roles of columns, as attributes of fields.

use syn::parse::ParseStream;
use syn::{Data, DeriveInput, Ident, LitInt, LitStr, Path, Token, Type};

use crate::attr::Key;
use crate::ctxt::Ctxt;
use crate::symbol::{BOOL, FREE, ONE_HOT, OPCODE, OPCODE_BIT, READ, ROLES, VALID, VALUE, WRITE};

/// Largest number of bits that the range table checks.
const MAX_RANGE_BITS: u32 = 16;

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
    Read { index: LitInt, proven: bool },
    Write { index: LitInt, proven: bool },
    Valid,
    Opcode(Path),
    OpcodeBit(LitInt),
    Bool,
    OneHot,
    Range(LitInt),
    Free(LitStr),
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
            _ => Self::Range(number(input, 1, MAX_RANGE_BITS, "a number of bits from 1 to 16")?),
        })
    }
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
pub(super) fn check(cx: &Ctxt, columns: &[Column]) {
    let mut seen: Vec<(String, &Column)> = Vec::new();
    for column in columns {
        let role = &column.role;
        let unique = match role {
            Role::Read { index, .. } => Some(format!("read({})", index.base10_digits())),
            Role::Write { index, .. } => Some(format!("write({})", index.base10_digits())),
            Role::Valid => Some("valid".to_owned()),
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
