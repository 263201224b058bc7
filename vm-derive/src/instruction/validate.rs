//! Rules that a declaration of instructions must satisfy.

use proc_macro2::{Delimiter, Group, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::Parser;
use syn::{
    Attribute, Expr, ExprLit, Fields, Generics, Ident, ItemEnum, ItemStruct, Lit, LitStr, Meta, Path, Type, Visibility,
};

use crate::attr::default_crate;
use crate::columns::{add_derives, names};
use crate::ctxt::Ctxt;
use crate::local_opcode::FIELD_ORDER;
use crate::symbol;

use super::encode::Encode;
use super::guest::{Guest, GuestFn};
use super::parse::{ADAPTER, Arguments, COLUMNS, ENCODE, GUEST, OPERANDS};

/// The annotated item.
pub(super) enum Declaration {
    Struct(ItemStruct),
    Enum(ItemEnum),
}

impl Declaration {
    pub(super) fn of_struct(item: ItemStruct) -> Self {
        Self::Struct(item)
    }

    pub(super) fn of_enum(item: ItemEnum) -> Self {
        Self::Enum(item)
    }

    pub(super) fn ident(&self) -> &Ident {
        match self {
            Self::Struct(item) => &item.ident,
            Self::Enum(item) => &item.ident,
        }
    }

    pub(super) fn generics(&self) -> &Generics {
        match self {
            Self::Struct(item) => &item.generics,
            Self::Enum(item) => &item.generics,
        }
    }

    pub(super) fn visibility(&self) -> &Visibility {
        match self {
            Self::Struct(item) => &item.vis,
            Self::Enum(item) => &item.vis,
        }
    }

    fn attrs_mut(&mut self) -> &mut Vec<Attribute> {
        match self {
            Self::Struct(item) => &mut item.attrs,
            Self::Enum(item) => &mut item.attrs,
        }
    }

    pub(super) fn tokens(&self) -> TokenStream {
        match self {
            Self::Struct(item) => item.to_token_stream(),
            Self::Enum(item) => item.to_token_stream(),
        }
    }
}

/// A checked declaration.
pub(super) struct Model<'a> {
    pub(super) krate: Path,
    pub(super) declaration: &'a Declaration,
    pub(super) name: String,
    /// Pinned number of the first opcode.
    pub(super) opcode: Option<u32>,
    pub(super) kind: Kind<'a>,
    pub(super) instructions: Vec<InstructionModel>,
}

/// What makes the chip.
pub(super) enum Kind<'a> {
    Core {
        adapter: &'a Type,
        columns: &'a Path,
        arguments: &'a Arguments,
    },
    MultiRow {
        operands: &'a Type,
    },
    /// Errors were reported.
    Rejected,
}

/// One instruction.
pub(super) struct InstructionModel {
    /// The variant, if the declaration is an enum.
    pub(super) variant: Option<Ident>,
    pub(super) name: String,
    pub(super) docs: Vec<Attribute>,
    pub(super) summary: String,
    pub(super) encode: Option<Encode>,
    pub(super) guest: Option<GuestFn>,
}

pub(super) fn validate<'a>(cx: &Ctxt, arguments: &'a Arguments, declaration: &'a mut Declaration) -> Option<Model<'a>> {
    for lifetime in declaration.generics().lifetimes() {
        cx.error(lifetime, "an instruction borrows nothing: remove the lifetime parameter");
    }
    take_duplicates(cx, declaration.attrs_mut());
    take_misplaced(cx, declaration);
    // Derives would ask type parameters for what only the instruction itself must have.
    let plain = declaration.generics().type_params().next().is_none();
    let instructions = match declaration {
        Declaration::Struct(item) => {
            if plain && matches!(item.fields, Fields::Unit) {
                add_derives(&mut item.attrs, &["Clone", "Copy", "Debug"]);
            } else if plain {
                add_derives(&mut item.attrs, &["Clone", "Debug"]);
            }
            struct_instruction(cx, arguments, item)
        }
        Declaration::Enum(item) => {
            if plain {
                add_derives(&mut item.attrs, &["Clone", "Copy", "Debug"]);
            }
            enum_instructions(cx, arguments, item)
        }
    };
    check_encodings(cx, &instructions);
    if let Some(name) = arguments.name.as_ref().filter(|name| name.value().trim().is_empty()) {
        cx.error(name, "the name of an AIR is not empty: it appears in reports and errors");
    }
    let opcode = opcode(cx, arguments, instructions.len());
    let kind = kind(cx, arguments, declaration);
    Some(Model {
        krate: arguments.krate.clone().unwrap_or_else(default_crate),
        name: arguments.name.as_ref().map_or_else(|| declaration.ident().unraw().to_string(), LitStr::value),
        opcode,
        kind: kind?,
        instructions,
        declaration,
    })
}

/// Reports repetitions of this macro's attribute and takes them off the item, where they would only repeat the errors.
pub(super) fn take_duplicates(cx: &Ctxt, attrs: &mut Vec<Attribute>) {
    attrs.retain(|attr| {
        let is_duplicate = names(attr.path(), "instruction");
        if is_duplicate {
            cx.error(attr, "duplicate `#[instruction]`: list all arguments in one");
        }
        !is_duplicate
    });
}

/// `#[encode(…)]` and `#[guest(…)]` on the item itself.
fn take_misplaced(cx: &Ctxt, declaration: &mut Declaration) {
    let is_enum = matches!(declaration, Declaration::Enum(_));
    declaration.attrs_mut().retain(|attr| {
        let Some(name) = [ENCODE, GUEST].into_iter().find(|name| attr.path().is_ident(name)) else { return true };
        let place = if is_enum { "on each variant" } else { "among the arguments of `#[instruction(…)]`" };
        cx.error(attr, format!("`{name}` belongs {place}"));
        false
    });
}

fn kind<'a>(cx: &Ctxt, arguments: &'a Arguments, declaration: &Declaration) -> Option<Kind<'a>> {
    let ident = declaration.ident();
    if let Some(span) = arguments.multi_row {
        if arguments.adapter.is_some() || arguments.columns.is_some() {
            cx.push(syn::Error::new(
                span,
                "a multi-row instruction makes its own accesses and names its own columns: remove `adapter` and `columns`, \
                 and say with `operands = …` how its operands are encoded",
            ));
            return None;
        }
        if let Declaration::Enum(item) = declaration {
            cx.error(item.enum_token, "a multi-row chip executes one instruction: use a struct");
        }
        for number in arguments.computed_reads.iter().chain(&arguments.computed_writes) {
            cx.error(number, "a multi-row instruction has no adapter that asks for values: remove `computed(…)`");
        }
        if !arguments.has(OPERANDS) {
            cx.push(syn::Error::new(
                span,
                "a multi-row instruction says how its operands are encoded: add `operands = Rv32Alu` (three registers)",
            ));
        }
        return Some(Kind::MultiRow { operands: arguments.operands.as_ref()? });
    }
    if let Some(operands) = &arguments.operands {
        cx.error(operands, "`operands` is for multi-row instructions: an adapter decodes its operands itself");
    }
    if !arguments.has(ADAPTER) {
        cx.error(
            ident,
            "this instruction has no adapter, which reads its operands and writes its results: add `adapter = Rv32Alu` or \
             another one",
        );
    }
    if !arguments.has(COLUMNS) {
        cx.error(ident, "this instruction has no columns: add `columns = MyCols`, a struct with `#[columns]`");
    }
    Some(Kind::Core { adapter: arguments.adapter.as_ref()?, columns: arguments.columns.as_ref()?, arguments })
}

fn opcode(cx: &Ctxt, arguments: &Arguments, instructions: usize) -> Option<u32> {
    let literal = arguments.opcode.as_ref()?;
    if !matches!(literal.suffix(), "" | "u32") {
        cx.error(literal, "an opcode is a `u32`: remove the suffix");
        return None;
    }
    match literal.base10_parse::<u32>() {
        Ok(0) => {
            cx.error(literal, "opcode 0 is reserved for the padding rows of the program table: start at 1 or above");
            None
        }
        Ok(value) if u64::from(value) + instructions as u64 > FIELD_ORDER => {
            cx.error(literal, format!("opcodes are field elements and must stay below {FIELD_ORDER:#x}"));
            None
        }
        Ok(value) => Some(value),
        Err(_) => {
            cx.error(literal, "an opcode is a `u32`");
            None
        }
    }
}

fn struct_instruction(cx: &Ctxt, arguments: &Arguments, item: &ItemStruct) -> Vec<InstructionModel> {
    let encode = arguments.encode.as_ref();
    let guest = arguments.guest.as_ref().filter(|_| encode.is_some() || !arguments.has(ENCODE));
    let guest = guest.and_then(|guest| guest.check(cx, encode));
    if arguments.multi_row.is_none() {
        check_host(cx, guest.as_ref(), matches!(item.fields, Fields::Unit) && item.generics.params.is_empty());
    }
    let docs = docs(&item.attrs);
    vec![InstructionModel {
        variant: None,
        name: item.ident.unraw().to_string().to_lowercase(),
        summary: summary(&docs),
        docs,
        encode: arguments.encode.clone(),
        guest,
    }]
}

/// On the host, a guest function computes what the instruction computes, if it can.
fn check_host(cx: &Ctxt, guest: Option<&GuestFn>, has_no_parameters: bool) {
    let Some(guest) = guest.filter(|guest| guest.calls_core()) else { return };
    let reason = if !has_no_parameters {
        "this instruction has parameters"
    } else if guest.follows_pointers() {
        "this one works on memory"
    } else if !guest.returns() {
        "this one returns nothing"
    } else {
        return;
    };
    cx.error(
        guest.name(),
        format!(
            "on the host, a guest function computes what `Core::execute` does with its arguments, but {reason}: say what it \
             does there, `guest(fn {}(…), host = path)`",
            guest.name()
        ),
    );
}

fn enum_instructions(cx: &Ctxt, arguments: &Arguments, item: &mut ItemEnum) -> Vec<InstructionModel> {
    if let Some(encode) = &arguments.encode {
        cx.error(&encode.key, "several instructions share this chip: write `#[encode(…)]` on each variant");
    }
    if let Some(guest) = &arguments.guest {
        cx.error(&guest.key, "several instructions share this chip: write `#[guest(…)]` on each variant");
    }
    if item.variants.is_empty() {
        cx.error(&item.ident, "an enum of instructions has at least one variant");
    }
    let mut instructions = Vec::new();
    for variant in &mut item.variants {
        if !matches!(variant.fields, Fields::Unit) {
            cx.error(&variant.fields, format!("`{}` is an instruction: a variant without fields", variant.ident));
        }
        if let Some((_, value)) = &variant.discriminant {
            cx.error(value, "instructions are numbered in order: remove the discriminant");
        }
        let (own, others): (Vec<Attribute>, Vec<Attribute>) =
            std::mem::take(&mut variant.attrs).into_iter().partition(|attr| {
                attr.path().get_ident().is_some_and(|name| {
                    let name = name.to_string();
                    !["doc", "allow", "expect", "deprecated", "default"].contains(&name.as_str())
                })
            });
        variant.attrs = others;
        let (encode, guest) = variant_arguments(cx, &own);
        let has_encode = own.iter().any(|attr| attr.path().is_ident(ENCODE));
        let guest = guest.filter(|_| encode.is_some() || !has_encode);
        let guest = guest.and_then(|guest| guest.check(cx, encode.as_ref()));
        check_host(cx, guest.as_ref(), item.generics.params.is_empty());
        let docs = docs(&variant.attrs);
        instructions.push(InstructionModel {
            name: variant.ident.unraw().to_string(),
            summary: summary(&docs),
            docs,
            encode,
            guest,
            variant: Some(variant.ident.clone()),
        });
    }
    instructions
}

/// `#[encode(…)]` and `#[guest(…)]` of a variant.
fn variant_arguments(cx: &Ctxt, attrs: &[Attribute]) -> (Option<Encode>, Option<Guest>) {
    let (mut encode, mut guest) = (None, None);
    for attr in attrs {
        let Some(name) = attr.path().get_ident() else { continue };
        if name == "cfg" || name == "cfg_attr" {
            cx.error(
                attr,
                "an instruction cannot be conditional: its number, and those behind it, are the same in every build",
            );
            continue;
        }
        if name != ENCODE && name != GUEST {
            cx.error(attr, symbol::unknown("attribute of an instruction", &name.to_string(), &[ENCODE, GUEST]));
            continue;
        }
        // The same text as in the arguments of a struct's attribute, behind its key.
        let tokens = match &attr.meta {
            Meta::Path(_) => TokenStream::new(),
            Meta::List(list) => {
                let mut group = Group::new(Delimiter::Parenthesis, list.tokens.clone());
                group.set_span(list.delimiter.span().join());
                group.to_token_stream()
            }
            Meta::NameValue(pair) => {
                let (eq, value) = (&pair.eq_token, &pair.value);
                quote!(#eq #value)
            }
        };
        if name == ENCODE {
            if encode.is_some() {
                cx.error(attr, "duplicate `#[encode]`");
            }
            encode = cx.ok((|input: syn::parse::ParseStream<'_>| Encode::parse(cx, name, input)).parse2(tokens));
        } else {
            if guest.is_some() {
                cx.error(attr, "duplicate `#[guest]`");
            }
            guest = cx.ok((|input: syn::parse::ParseStream<'_>| Guest::parse(name, input)).parse2(tokens));
        }
    }
    (encode, guest)
}

fn check_encodings(cx: &Ctxt, instructions: &[InstructionModel]) {
    for (i, second) in instructions.iter().enumerate() {
        let Some(encode) = &second.encode else { continue };
        let other = instructions[..i].iter().find(|first| first.encode.as_ref().is_some_and(|e| e.overlaps(encode)));
        if let Some(first) = other {
            cx.error(
                &encode.key,
                format!("`{}` and `{}` share words: change a field of one of their encodings", first.name, second.name),
            );
        }
    }
}

fn docs(attrs: &[Attribute]) -> Vec<Attribute> {
    attrs.iter().filter(|attr| attr.path().is_ident("doc")).cloned().collect()
}

/// First paragraph of a doc comment.
fn summary(docs: &[Attribute]) -> String {
    let lines = docs.iter().filter_map(|attr| match &attr.meta {
        Meta::NameValue(pair) => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value().trim().to_owned()),
            _ => None,
        },
        _ => None,
    });
    lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}
