//! Rules that a declaration of instructions must satisfy.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::{
    Attribute, Data, DataEnum, DeriveInput, Expr, ExprLit, Fields, Generics, Ident, Lit, LitInt, Meta, Path, Type,
};

use crate::ctxt::Ctxt;
use crate::item::{add_derives, is_unit, refuse_lifetimes, take_repetitions};
use crate::opcode_class::first_opcode;
use crate::private::Private;
use crate::symbol::{ADAPTER, COLUMNS, ENCODE, GUEST, OPERANDS, VARIANT};

use super::encode::Encode;
use super::guest::{Guest, GuestFn};
use super::parse::Arguments;

/// A validated declaration.
pub(super) struct Model<'a> {
    pub(super) private: &'a Private,
    /// A struct or an enum.
    pub(super) item: &'a DeriveInput,
    /// Name of the AIR, unless there is another one for each value.
    pub(super) name: String,
    /// Name of the AIR of one value: an expression with `self`.
    pub(super) own_name: Option<&'a Expr>,
    /// Pinned number of the first opcode.
    pub(super) opcode: Option<u32>,
    pub(super) kind: Kind<'a>,
    pub(super) instructions: Vec<InstructionModel>,
}

/// What the chip is made of.
pub(super) enum Kind<'a> {
    Core(Core<'a>),
    MultiRow(MultiRow<'a>),
}

/// Several rows per instruction.
pub(super) struct MultiRow<'a> {
    pub(super) operands: &'a Type,
    /// The columns; without them, the instruction implements the lower layer.
    pub(super) columns: Option<&'a Path>,
    /// Words that the core computes, by number.
    pub(super) computed_writes: &'a [LitInt],
}

impl<'a> MultiRow<'a> {
    /// Returns the operands and the columns, if the arguments have operands.
    pub(super) fn of(arguments: &'a Arguments) -> Option<Self> {
        let Arguments { operands, columns, computed_writes, .. } = arguments;
        Some(Self { operands: operands.as_ref()?, columns: columns.as_ref(), computed_writes })
    }
}

/// An adapter and a core.
pub(super) struct Core<'a> {
    pub(super) adapter: &'a Type,
    pub(super) columns: &'a Path,
    /// Values that the core computes, by number.
    pub(super) computed_reads: &'a [LitInt],
    pub(super) computed_writes: &'a [LitInt],
}

impl<'a> Core<'a> {
    /// Returns the adapter and the columns, if the arguments have both.
    pub(super) fn of(arguments: &'a Arguments) -> Option<Self> {
        let Arguments { adapter, columns, computed_reads, computed_writes, .. } = arguments;
        Some(Self { adapter: adapter.as_ref()?, columns: columns.as_ref()?, computed_reads, computed_writes })
    }
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

impl InstructionModel {
    /// Returns the value of the instruction, given its type.
    pub(super) fn value(&self, ty: impl ToTokens) -> TokenStream {
        match &self.variant {
            Some(variant) => quote!(#ty::#variant),
            None => ty.into_token_stream(),
        }
    }
}

pub(super) fn validate<'a>(cx: &Ctxt, arguments: &'a Arguments, item: &'a mut DeriveInput) -> Option<Model<'a>> {
    refuse_lifetimes(cx, &item.generics, "an instruction");
    take_repetitions(cx, &mut item.attrs, "instruction");
    take_misplaced(cx, item);
    // Derives would put bounds on type parameters, while only the instruction itself must implement the traits.
    if item.generics.type_params().next().is_none() {
        let is_copy = is_unit(item) || matches!(item.data, Data::Enum(_));
        add_derives(&mut item.attrs, if is_copy { &["Clone", "Copy", "Debug"] } else { &["Clone", "Debug"] });
    }
    let docs = documentation(&item.attrs);
    let instructions = match &mut item.data {
        Data::Enum(data) => enum_instructions(cx, arguments, &item.ident, &item.generics, data),
        _ => vec![struct_instruction(cx, arguments, item, docs)],
    };
    check_encodings(cx, &instructions);
    let (name, own_name) = match &arguments.name {
        Some(Expr::Lit(ExprLit { lit: Lit::Str(name), .. })) => {
            if name.value().trim().is_empty() {
                cx.error(name, "the name of an AIR must not be empty: it appears in reports and errors");
            }
            (Some(name.value()), None)
        }
        other => (None, other.as_ref()),
    };
    let opcode = arguments.opcode.as_ref().and_then(|literal| cx.ok(first_opcode(literal, instructions.len())));
    let kind = match arguments.multi_row {
        Some(span) => multi_row(cx, arguments, item, span),
        None => core(cx, arguments, item),
    };
    let name = name.unwrap_or_else(|| item.ident.unraw().to_string());
    Some(Model { private: &arguments.private, item, name, own_name, opcode, kind: kind?, instructions })
}

/// Reports `#[encode(…)]` and `#[guest(…)]` on the item itself, and takes them off.
fn take_misplaced(cx: &Ctxt, item: &mut DeriveInput) {
    let is_enum = matches!(item.data, Data::Enum(_));
    item.attrs.retain(|attr| {
        let Some(key) = VARIANT.find(attr) else { return true };
        let place = if is_enum { "on each variant" } else { "among the arguments of `#[instruction(…)]`" };
        cx.error(attr, format!("`{}` belongs {place}", key.name));
        false
    });
}

fn multi_row<'a>(cx: &Ctxt, arguments: &'a Arguments, item: &DeriveInput, span: Span) -> Option<Kind<'a>> {
    let error = |message| cx.push(syn::Error::new(span, message));
    if arguments.adapter.is_some() {
        error(
            "a multi-row instruction has no adapter: remove `adapter`, and give the encoding of its operands with \
             `operands = …`",
        );
        return None;
    }
    if let Data::Enum(data) = &item.data {
        cx.error(data.enum_token, "a multi-row chip executes one instruction: use a struct");
    }
    for number in &arguments.computed_reads {
        cx.error(number, "words that a multi-row instruction reads have columns: remove `read(…)`");
    }
    for number in arguments.computed_writes.iter().filter(|_| arguments.key(COLUMNS).is_none()) {
        cx.error(number, "`computed(…)` is for instructions with columns: add `columns = MyCols`, or remove it");
    }
    if arguments.key(OPERANDS).is_none() {
        error(
            "this multi-row instruction does not say how its operands are encoded: add `operands = Rv32Alu` (three \
             registers) or another type",
        );
    }
    MultiRow::of(arguments).map(Kind::MultiRow)
}

fn core<'a>(cx: &Ctxt, arguments: &'a Arguments, item: &DeriveInput) -> Option<Kind<'a>> {
    if let Some(operands) = &arguments.operands {
        cx.error(operands, "`operands` is for multi-row instructions: an adapter decodes its operands itself");
    }
    if arguments.key(ADAPTER).is_none() {
        cx.error(
            &item.ident,
            "this instruction has no adapter, which reads its operands and writes its results: add `adapter = Rv32Alu` or \
             another one",
        );
    }
    if arguments.key(COLUMNS).is_none() {
        cx.error(&item.ident, "this instruction has no columns: add `columns = MyCols`, a struct with `#[columns]`");
    }
    Core::of(arguments).map(Kind::Core)
}

fn struct_instruction(cx: &Ctxt, arguments: &Arguments, item: &DeriveInput, docs: Vec<Attribute>) -> InstructionModel {
    let encode = arguments.encode.clone();
    let guest = guest_function(cx, arguments.guest.as_ref(), encode.as_ref(), arguments.key(ENCODE).is_some());
    if let Some(guest) = guest.as_ref().filter(|_| arguments.multi_row.is_none()) {
        guest.check_host(cx, !is_unit(item) || !item.generics.params.is_empty());
    }
    let name = item.ident.unraw().to_string().to_lowercase();
    InstructionModel { variant: None, name, summary: summary(&docs), docs, encode, guest }
}

/// Checks a guest function against its encoding. An encoding that is present but wrong is reported already, and there
/// is nothing to check against.
fn guest_function(cx: &Ctxt, guest: Option<&Guest>, encode: Option<&Encode>, has_encode: bool) -> Option<GuestFn> {
    guest.filter(|_| encode.is_some() || !has_encode)?.check(cx, encode)
}

fn enum_instructions(
    cx: &Ctxt,
    arguments: &Arguments,
    ident: &Ident,
    generics: &Generics,
    data: &mut DataEnum,
) -> Vec<InstructionModel> {
    for key in [ENCODE, GUEST].into_iter().filter_map(|name| arguments.key(name)) {
        cx.error(key, format!("several instructions share this chip: write `#[{key}(…)]` on each variant"));
    }
    if data.variants.is_empty() {
        cx.error(ident, "an enum of instructions has at least one variant");
    }
    let mut instructions = Vec::new();
    for variant in &mut data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            cx.error(&variant.fields, format!("`{}` is an instruction: its variant has no fields", variant.ident));
        }
        if let Some((_, value)) = &variant.discriminant {
            cx.error(value, "instructions are numbered in order: remove the discriminant");
        }
        variant.attrs.retain(|attr| {
            let Some(name) = [ADAPTER, COLUMNS].into_iter().find(|name| attr.path().is_ident(name)) else { return true };
            cx.error(
                attr,
                format!(
                    "the instructions of an enum share their {name}: declare an instruction with another one as a struct \
                     of its own"
                ),
            );
            false
        });
        let unconditional = "an instruction cannot be conditional: its number, and those of the instructions after it, are \
                             the same in every build";
        let (mut encode, mut guest) = (None, None);
        let keys = VARIANT.take(cx, &mut variant.attrs, unconditional, |key, ident, input| {
            match key.name {
                ENCODE => encode = Some(Encode::parse(ident, input)?),
                _ => guest = Some(Guest::parse(ident, input)?),
            }
            Ok(())
        });
        let guest = guest_function(cx, guest.as_ref(), encode.as_ref(), keys.iter().any(|key| key == ENCODE));
        if let Some(guest) = &guest {
            guest.check_host(cx, !generics.params.is_empty());
        }
        let (name, docs) = (variant.ident.unraw().to_string(), documentation(&variant.attrs));
        let (variant, summary) = (Some(variant.ident.clone()), summary(&docs));
        instructions.push(InstructionModel { variant, name, summary, docs, encode, guest });
    }
    instructions
}

fn check_encodings(cx: &Ctxt, instructions: &[InstructionModel]) {
    for (i, second) in instructions.iter().enumerate() {
        let Some(encode) = &second.encode else { continue };
        let other = instructions[..i].iter().find(|first| first.encode.as_ref().is_some_and(|e| e.overlaps(encode)));
        if let Some(first) = other {
            cx.error(
                &encode.key,
                format!(
                    "some words have the encodings of both `{}` and `{}`: change a field of one of them",
                    first.name, second.name
                ),
            );
        }
    }
}

/// Returns the doc comments among attributes.
pub(crate) fn documentation(attrs: &[Attribute]) -> Vec<Attribute> {
    attrs.iter().filter(|attr| attr.path().is_ident("doc")).cloned().collect()
}

/// Returns the first paragraph of a doc comment.
pub(crate) fn summary(docs: &[Attribute]) -> String {
    let lines = docs.iter().filter_map(|attr| match &attr.meta {
        Meta::NameValue(pair) => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value().trim().to_owned()),
            _ => None,
        },
        _ => None,
    });
    lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}
