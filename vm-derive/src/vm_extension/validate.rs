//! Rules that the arguments of `#[vm_extension(…)]` must satisfy together.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Expr, ExprLit, Fields, Ident, ItemStruct, Lit, Path, Type, TypePath, parse_quote};

use crate::attr::default_crate;
use crate::columns::derives;
use crate::ctxt::Ctxt;
use crate::delegate::located;
use crate::text::text;

use super::parse::{Annotated, Arguments, Entry, Executor, Opcodes, Phantom};
use super::{Extension, Instruction, Names, PeripheryChip, is_vm_extension};

/// Names of what is generated, given or by default.
pub(super) fn names(arguments: &Arguments, item: &ItemStruct) -> Names {
    Names {
        krate: arguments.krate.clone().unwrap_or_else(default_crate),
        executor: arguments.executor.clone().unwrap_or_else(|| format_ident!("{}Executor", item.ident)),
        periphery: arguments.periphery.clone().unwrap_or_else(|| format_ident!("{}Periphery", item.ident)),
    }
}

pub(super) fn validate<'a>(
    cx: &Ctxt,
    arguments: &'a Arguments,
    item: &'a ItemStruct,
    names: Names,
) -> Option<Extension<'a>> {
    check_item(cx, item, &names);
    let shared = |shared: bool| move |entry| PeripheryChip { entry, shared };
    let periphery: Vec<PeripheryChip<'a>> =
        arguments.lookups.iter().map(shared(true)).chain(arguments.chips.iter().map(shared(false))).collect();
    let executors: Vec<&'a Executor> = arguments.executors.iter().chain(&arguments.specialised).collect();
    let instructions: Vec<Instruction<'a>> =
        arguments.instructions.iter().map(|annotated| instruction(annotated, &names.krate)).collect();
    let annotated = instructions
        .iter()
        .flat_map(|instruction| std::iter::once(&instruction.entry).chain(instruction.specialised.as_ref()));
    check_entries(cx, &names.executor, annotated.chain(executors.iter().map(|executor| &executor.entry)));
    check_entries(cx, &names.periphery, periphery.iter().map(|chip| chip.entry));
    // Specialised executors share opcodes with general ones, and with each other: they ask the instruction.
    check_opcodes(cx, &arguments.executors);
    check_phantoms(cx, &arguments.phantoms);
    check_buses(cx, &arguments.buses);
    if let (Some(tests), true) = (&arguments.tests, instructions.is_empty() && cx.is_clean()) {
        cx.error(tests, "tests are generated for annotated instructions: remove `tests`, or add `instructions(…)`");
    }
    let tests = if instructions.is_empty() { None } else { tests(cx, arguments, item) };
    Some(Extension {
        names,
        item,
        instructions,
        executors,
        tests,
        periphery,
        phantoms: arguments.phantoms.iter().collect(),
        buses: &arguments.buses,
        words: &arguments.words,
    })
}

/// Variants and chips of an annotated instruction.
fn instruction<'a>(annotated: &'a Annotated, krate: &Path) -> Instruction<'a> {
    let ty = &annotated.ty;
    let name = |path: &TypePath| path.path.segments.last().map(|last| last.ident.clone());
    // A path has a last segment.
    let variant = name(ty).unwrap_or_else(|| Ident::new("Instruction", located(ty)));
    let chip = quote_spanned!(located(ty)=> <#ty as #krate::arch::authoring::InstructionSpec>::Chip);
    let specialised = annotated.specialised.as_ref().map(|adapter| {
        let chip = quote_spanned!(located(adapter)=> #krate::arch::authoring::CoreChip<#ty, #adapter>);
        let docs = format!(" Special cases of `{}`, with `{}`.", text(ty), text(adapter));
        let name = name(adapter).map_or_else(String::new, |name| name.unraw().to_string());
        let variant = format_ident!("{}{}", variant, name, span = located(adapter));
        Entry { docs: vec![parse_quote!(#[doc = #docs])], variant, ty: Type::Verbatim(chip) }
    });
    let default_docs = format!(" `{}`.", text(ty));
    let docs =
        if annotated.docs.is_empty() { vec![parse_quote!(#[doc = #default_docs])] } else { annotated.docs.clone() };
    Instruction { annotated, entry: Entry { docs, variant, ty: Type::Verbatim(chip) }, specialised }
}

/// The value of the extension that generated tests use; `None` for no tests.
fn tests(cx: &Ctxt, arguments: &Arguments, item: &ItemStruct) -> Option<TokenStream> {
    let ident = &item.ident;
    if let Some(value) = &arguments.tests {
        let off = matches!(value, Expr::Lit(ExprLit { lit: Lit::Bool(off), .. }) if !off.value());
        if !off && !item.generics.params.is_empty() {
            cx.error(
                value,
                "tests of a generic extension are not generated: write `tests = false`, and call `check_instruction` in \
                 tests of your own, with concrete types",
            );
        }
        return (!off).then(|| value.to_token_stream());
    }
    if !item.generics.params.is_empty() {
        cx.error(
            ident,
            "tests of a generic extension are not generated: add `tests = false`, and call `check_instruction` in tests of \
             your own, with concrete types",
        );
        return None;
    }
    if matches!(item.fields, Fields::Unit) {
        return Some(ident.to_token_stream());
    }
    if item.attrs.iter().flat_map(derives).any(|path| path.is_ident("Default")) {
        return Some(quote!(<#ident as ::core::default::Default>::default()));
    }
    cx.error(
        ident,
        format!(
            "which `{ident}` do the generated tests use? Add `tests = {ident} {{ … }}`, derive `Default`, or write \
                 `tests = false`"
        ),
    );
    None
}

fn check_item(cx: &Ctxt, item: &ItemStruct, names: &Names) {
    for lifetime in item.generics.lifetimes() {
        cx.error(lifetime, "an extension borrows nothing: remove the lifetime parameter");
    }
    for attr in &item.attrs {
        if is_vm_extension(attr) {
            cx.error(attr, "duplicate `#[vm_extension]`: list all sections in one");
        }
    }
    if names.executor == names.periphery {
        cx.error(&names.periphery, format!("`{}` cannot name both enums", names.periphery));
    }
    for name in [&names.executor, &names.periphery] {
        if *name == item.ident {
            cx.error(name, format!("`{name}` is the extension itself; the enum needs another name"));
        }
    }
}

/// Variant names and types must be unique in an enum: chips are found again by their type.
fn check_entries<'a>(cx: &Ctxt, enum_name: &Ident, entries: impl Iterator<Item = &'a Entry>) {
    let mut seen: Vec<&Entry> = Vec::new();
    for entry in entries {
        let is_annotated = entry.is_annotated();
        let namesake = seen.iter().find(|other| other.variant == entry.variant);
        if is_annotated && namesake.is_some_and(|other| text(&other.ty) == text(&entry.ty)) {
            cx.error(&entry.variant, format!("`{}` is listed twice", entry.variant));
        } else if is_annotated && namesake.is_some_and(|other| other.is_annotated()) {
            cx.error(
                &entry.variant,
                format!(
                    "two instructions are called `{0}`, but each is a variant of `{enum_name}`\n\
                     give one of them another name: `type Other{0} = …;` and `instructions({0}, Other{0})`",
                    entry.variant,
                ),
            );
        } else if let Some(other) = namesake {
            cx.error(
                &entry.variant,
                format!(
                    "duplicate variant `{}` in `{enum_name}` (the other one is {})",
                    entry.variant,
                    if other.is_annotated() {
                        format!("the instruction `{}`", other.variant)
                    } else {
                        format!("`{}`", text(&other.ty))
                    }
                ),
            );
        }
        // Chips of annotated instructions have distinct types if the instructions have distinct names.
        if let Some(other) = seen.iter().find(|other| !is_annotated && other.ty == entry.ty) {
            let ty = text(&entry.ty);
            cx.error(
                &entry.ty,
                format!(
                    "`{}` and `{}` are both `{ty}`, but chips are told apart by their type\n\
                     wrap one of them in a newtype: \
                     `#[derive(InstructionExecutor, Chip, ChipUsageGetter)] struct {}Chip({ty});`",
                    other.variant, entry.variant, entry.variant
                ),
            );
        }
        seen.push(entry);
    }
}

/// An opcode has one executor. Only what is visible in the text; overlapping classes are found when the expansion is
/// compiled, and the rest when the machine is put together.
fn check_opcodes(cx: &Ctxt, executors: &[Executor]) {
    let mut seen: Vec<(String, &Ident)> = Vec::new();
    // Classes first, wherever they stand, so that an opcode of a class is found in any order.
    for Executor { entry, opcodes, .. } in executors {
        if let Opcodes::Class(class) = opcodes {
            if !matches!(class, Type::Path(_)) {
                cx.error(
                    class,
                    "expected an opcode class (an enum with `#[derive(LocalOpcode)]`) or a list `[Class::A, …]`",
                );
            }
            claim(cx, &mut seen, &entry.variant, class, text(class), "class");
        }
    }
    for Executor { entry, opcodes, .. } in executors {
        let Opcodes::List(list) = opcodes else { continue };
        for opcode in list {
            let whole = parent(opcode);
            if let Some((class, owner)) = seen.iter().find(|(claimed, _)| Some(claimed) == whole.as_ref()) {
                cx.error(
                    opcode,
                    format!("`{}` has an executor already: `{owner}` executes all of `{class}`", text(opcode)),
                );
            } else {
                claim(cx, &mut seen, &entry.variant, opcode, text(opcode), "opcode");
            }
        }
    }
}

fn claim<'a>(
    cx: &Ctxt,
    seen: &mut Vec<(String, &'a Ident)>,
    variant: &'a Ident,
    tokens: impl quote::ToTokens,
    name: String,
    kind: &str,
) {
    match seen.iter().find(|(claimed, _)| *claimed == name) {
        Some((_, owner)) => {
            cx.error(tokens, format!("duplicate {kind} `{name}`: it is executed by `{owner}` already"));
        }
        None => seen.push((name, variant)),
    }
}

/// `Class` of `Class::OPCODE`.
fn parent(opcode: &Path) -> Option<String> {
    let mut path = opcode.clone();
    path.segments.pop()?;
    path.segments.pop_punct();
    (!path.segments.is_empty()).then(|| text(&path))
}

fn check_phantoms(cx: &Ctxt, phantoms: &[Phantom]) {
    let mut seen: Vec<(String, &Phantom)> = Vec::new();
    for phantom in phantoms {
        let value = discriminant(cx, &phantom.discriminant);
        if let Some((_, other)) = seen.iter().find(|(other, _)| *other == value) {
            cx.error(
                &phantom.discriminant,
                format!("duplicate discriminant: {value} selects `{}` already", text(&other.executor)),
            );
        } else {
            seen.push((value, phantom));
        }
    }
}

/// The discriminant in a form in which equal ones are equal, after checking its range if it is a literal.
fn discriminant(cx: &Ctxt, expr: &Expr) -> String {
    let Expr::Lit(ExprLit { lit, .. }) = expr else { return format!("`{}`", text(expr)) };
    let Lit::Int(literal) = lit else {
        cx.error(expr, "a discriminant is a `u16`, such as `0x20`");
        return text(expr);
    };
    if !matches!(literal.suffix(), "" | "u16") {
        cx.error(literal, "a discriminant is a `u16`: remove the suffix");
    }
    match literal.base10_parse::<u64>() {
        Ok(value) if value <= u64::from(u16::MAX) => format!("{value:#x}"),
        _ => {
            cx.error(literal, "a discriminant is a `u16`: at most 0xffff");
            text(expr)
        }
    }
}

fn check_buses(cx: &Ctxt, buses: &[Expr]) {
    for (i, bus) in buses.iter().enumerate() {
        if buses.iter().take(i).any(|other| other == bus) {
            cx.error(bus, format!("duplicate bus `{}`", text(bus)));
        }
    }
}
