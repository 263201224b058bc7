//! Roles of columns, as attributes of fields.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Ident, ItemStruct, LitInt, LitStr, Meta, Path, Token, Type};

use crate::ctxt::Ctxt;
use crate::symbol;
use crate::text::text;

const READ: &str = "read";
const WRITE: &str = "write";
const VALID: &str = "valid";
const OPCODE: &str = "opcode";
const OPCODE_BIT: &str = "opcode_bit";
const BOOL: &str = "bool";
const ONE_HOT: &str = "one_hot";
const RANGE: &str = "range";
const FREE: &str = "free";

/// Every role, in the order in which the documentation lists them.
const ROLES: [&str; 9] = [READ, WRITE, VALID, OPCODE, OPCODE_BIT, BOOL, ONE_HOT, RANGE, FREE];
/// Attributes of fields that are not roles.
const OTHER: [&str; 4] = ["doc", "allow", "expect", "deprecated"];
/// Attributes that would remove a column behind the back of the generated code.
const CONDITIONS: [&str; 2] = ["cfg", "cfg_attr"];

/// Largest number of bits that the range table checks.
const MAX_RANGE_BITS: u32 = 16;

/// A field of a column struct.
pub(super) struct Column {
    pub(super) name: Ident,
    pub(super) ty: Type,
    pub(super) role: Option<Role>,
    attribute: Option<Attribute>,
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

    pub(super) fn read_arguments(&self) -> Option<TokenStream> {
        match self {
            Self::Read { index, proven } => Some(quote!(index: #index, proven: #proven)),
            _ => None,
        }
    }

    pub(super) fn write_arguments(&self) -> Option<TokenStream> {
        match self {
            Self::Write { index, proven } => Some(quote!(index: #index, proven: #proven)),
            _ => None,
        }
    }

    pub(super) fn opcode_index(&self) -> Option<TokenStream> {
        match self {
            Self::Opcode(path) => Some(quote!(#path as ::core::primitive::usize)),
            _ => None,
        }
    }

    pub(super) fn opcode_weight(&self) -> Option<TokenStream> {
        match self {
            Self::OpcodeBit(weight) => Some(quote!(#weight)),
            _ => None,
        }
    }

    pub(super) fn range_bits(&self) -> Option<TokenStream> {
        match self {
            Self::Range(bits) => Some(quote!(#bits)),
            _ => None,
        }
    }

    pub(super) fn free_reason(&self) -> Option<TokenStream> {
        match self {
            Self::Free(reason) => Some(quote!(#reason)),
            _ => None,
        }
    }
}

/// Takes the role attributes off the fields.
pub(super) fn take(cx: &Ctxt, item: &mut ItemStruct) -> Vec<Column> {
    let mut columns = Vec::new();
    for field in &mut item.fields {
        let Some(name) = field.ident.clone() else { continue };
        let mut column = Column { name, ty: field.ty.clone(), role: None, attribute: None };
        let (others, roles): (Vec<Attribute>, Vec<Attribute>) = std::mem::take(&mut field.attrs)
            .into_iter()
            .partition(|attr| attr.path().get_ident().is_none_or(|ident| OTHER.contains(&ident.to_string().as_str())));
        field.attrs = others;
        for attr in roles {
            if CONDITIONS.iter().any(|name| attr.path().is_ident(name)) {
                cx.error(&attr, "a column cannot be conditional: the layout of a row is the same in every build");
                continue;
            }
            let Some(role) = cx.ok(role(&attr)) else { continue };
            if let Some(first) = &column.attribute {
                let first = text(first.path());
                cx.error(&attr, format!("`{}` has a role already (`#[{first}]`): a column has one", column.name));
                continue;
            }
            column.role = Some(role);
            column.attribute = Some(attr);
        }
        columns.push(column);
    }
    columns
}

fn role(attr: &Attribute) -> syn::Result<Role> {
    let name = attr.path().get_ident().map(ToString::to_string).unwrap_or_default();
    let error = |message: String| Err(syn::Error::new_spanned(attr, message));
    if !ROLES.contains(&name.as_str()) {
        return error(symbol::unknown("column role", &name, &ROLES));
    }
    let plain = matches!(attr.meta, Meta::Path(_));
    let takes_nothing = [VALID, BOOL, ONE_HOT].contains(&name.as_str());
    if takes_nothing && !plain {
        return error(format!("`#[{name}]` takes no arguments"));
    }
    if !takes_nothing && !matches!(attr.meta, Meta::List(_)) {
        return error(match name.as_str() {
            READ => "which value? Write `#[read(0)]` for the first value that the adapter reads".to_owned(),
            WRITE => "which value? Write `#[write(0)]` for the first value that the adapter writes".to_owned(),
            OPCODE => "which instruction? Write `#[opcode(MyInstructions::VARIANT)]`".to_owned(),
            OPCODE_BIT => {
                "how much? Write `#[opcode_bit(1)]`: what the column adds to the instruction's number".to_owned()
            }
            FREE => "why is it harmless? Write `#[free(\"witnesses that a difference is not zero\")]`".to_owned(),
            _ => "how many bits? Write `#[range(8)]` for columns below 2^8".to_owned(),
        });
    }
    Ok(match name.as_str() {
        VALID => Role::Valid,
        BOOL => Role::Bool,
        ONE_HOT => Role::OneHot,
        READ => {
            let ValueRole { index, proven } = attr.parse_args()?;
            Role::Read { index, proven }
        }
        WRITE => {
            let ValueRole { index, proven } = attr.parse_args()?;
            Role::Write { index, proven }
        }
        OPCODE => Role::Opcode(attr.parse_args().map_err(|error| {
            syn::Error::new(error.span(), "expected a variant of the instruction's enum, such as `Shift::SLL`")
        })?),
        FREE => {
            let reason: LitStr = attr.parse_args().map_err(|error| {
                syn::Error::new(error.span(), "expected the reason why a prover's choice here is harmless, in quotes")
            })?;
            if reason.value().trim().is_empty() {
                return Err(syn::Error::new_spanned(
                    &reason,
                    "a free column needs a reason why the prover's choice is harmless",
                ));
            }
            Role::Free(reason)
        }
        OPCODE_BIT => Role::OpcodeBit(number(
            attr,
            1,
            u32::MAX,
            "a number of 1 or more: what the column adds to the instruction's number",
        )?),
        _ => Role::Range(number(attr, 1, MAX_RANGE_BITS, "a number of bits from 1 to 16")?),
    })
}

fn number(attr: &Attribute, least: u32, most: u32, what: &str) -> syn::Result<LitInt> {
    let literal: LitInt =
        attr.parse_args().map_err(|error| syn::Error::new(error.span(), format!("expected {what}")))?;
    match literal.base10_parse::<u32>() {
        Ok(value) if (least..=most).contains(&value) && literal.suffix().is_empty() => Ok(literal),
        _ => Err(syn::Error::new_spanned(&literal, format!("expected {what}"))),
    }
}

/// `0` or `0, proven`.
struct ValueRole {
    index: LitInt,
    proven: bool,
}

impl Parse for ValueRole {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let index: LitInt = input
            .parse()
            .map_err(|error| syn::Error::new(error.span(), "expected the number of a value, such as `0`"))?;
        if index.base10_parse::<u8>().is_err() || !index.suffix().is_empty() {
            return Err(syn::Error::new_spanned(&index, "expected the number of a value, such as `0`"));
        }
        let mut proven = false;
        if input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
            let option: Ident =
                input.parse().map_err(|error| syn::Error::new(error.span(), "the only option here is `proven`"))?;
            if option != "proven" {
                return Err(syn::Error::new(
                    option.span(),
                    symbol::unknown("option", &option.to_string(), &["proven"]),
                ));
            }
            proven = true;
        }
        if !input.is_empty() {
            return Err(input.error("expected the number of a value and nothing else, or `proven` behind it"));
        }
        Ok(Self { index, proven })
    }
}

/// Rules that the roles of a struct satisfy together.
pub(super) fn check(cx: &Ctxt, columns: &[Column]) {
    let mut seen: Vec<(String, &Column)> = Vec::new();
    for column in columns {
        let Some(role) = &column.role else { continue };
        let unique = match role {
            Role::Read { index, .. } => Some(format!("read({})", index.base10_digits())),
            Role::Write { index, .. } => Some(format!("write({})", index.base10_digits())),
            Role::Valid => Some("valid".to_owned()),
            _ => None,
        };
        if let Some(key) = unique {
            match seen.iter().find(|(other, _)| *other == key) {
                Some((_, other)) => {
                    cx.error(&column.attribute, format!("duplicate `#[{key}]`: `{}` has this role already", other.name))
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

/// Where only `#[opcode_bit]` columns tell the instructions apart, the framework fills them with the bits of the number.
fn check_weight(cx: &Ctxt, columns: &[Column], column: &Column, weight: &LitInt) {
    let value = |weight: &LitInt| weight.base10_parse::<u32>().unwrap_or(0);
    let filled_by_author = columns.iter().any(|column| matches!(column.role, Some(Role::Opcode(_))));
    if filled_by_author {
        return;
    }
    if !value(weight).is_power_of_two() {
        cx.error(
            weight,
            "the number of an instruction is written with the powers of two 1, 2, 4, …, unless `#[opcode(…)]` columns \
             are there as well",
        );
    }
    let twin = columns
        .iter()
        .take_while(|other| other.name != column.name)
        .find(|other| matches!(&other.role, Some(Role::OpcodeBit(other)) if value(other) == value(weight)));
    if let Some(twin) = twin {
        cx.error(weight, format!("duplicate `#[opcode_bit({weight})]`: `{}` is this bit already", twin.name));
    }
}
