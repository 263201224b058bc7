//! Rules that the arguments of `#[vm_extension(…)]` must satisfy together.

use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Expr, ExprLit, Fields, Ident, ItemStruct, Lit, Path, Type, TypePath, parse_quote};

use crate::ctxt::Ctxt;
use crate::item::{derives, refuse_lifetimes, take_repetitions};
use crate::private::Private;
use crate::span::located;
use crate::text::text;

use super::parse::{Annotated, Arguments, Entry, Executor, Opcodes, Phantom, is_annotated};
use super::{Extension, Instruction, Names, PeripheryChip, Tested};

pub(super) fn validate<'a>(cx: &Ctxt, arguments: &'a Arguments, item: &'a mut ItemStruct) -> Extension<'a> {
    refuse_lifetimes(cx, &item.generics, "an extension");
    take_repetitions(cx, &mut item.attrs, "vm_extension");
    let names = Names::of(arguments, item);
    check_names(cx, item, &names);
    let shared = |shared: bool| move |entry| PeripheryChip { entry, shared };
    let periphery: Vec<PeripheryChip<'a>> =
        arguments.lookups.iter().map(shared(true)).chain(arguments.chips.iter().map(shared(false))).collect();
    let executors: Vec<&'a Executor> = arguments.executors.iter().chain(&arguments.specialised).collect();
    let instructions: Vec<Instruction<'a>> =
        arguments.instructions.iter().map(|annotated| instruction(annotated, names.private)).collect();
    let annotated = instructions.iter().flat_map(Instruction::entries);
    check_entries(cx, &names.executor, annotated.chain(executors.iter().map(|executor| &executor.entry)));
    check_entries(cx, &names.periphery, periphery.iter().map(|chip| chip.entry));
    // Specialised executors share opcodes with general ones and with each other: their `accepts` selects instructions.
    check_opcodes(cx, &arguments.executors);
    check_phantoms(cx, &arguments.phantoms);
    check_buses(cx, &arguments.buses);
    for (argument, value) in [("tests", &arguments.tests), ("machine", &arguments.machine)] {
        if let (Some(value), true) = (value, instructions.is_empty() && cx.is_clean()) {
            let message = format!(
                "tests are generated for annotated instructions: remove `{argument}`, or add `instructions(…)`"
            );
            cx.error(value, message);
        }
    }
    let tests = if instructions.is_empty() { None } else { tests(cx, arguments, item) };
    let Arguments { shared, phantoms, buses, words, .. } = arguments;
    Extension { names, item, instructions, executors, tests, periphery, shared, phantoms, buses, words }
}

/// Returns an annotated instruction with its variants and chips.
fn instruction<'a>(annotated: &'a Annotated, private: &Private) -> Instruction<'a> {
    let ty = &annotated.ty;
    let name = |path: &TypePath| path.path.segments.last().map(|last| last.ident.clone());
    // A path always has a last segment.
    let variant = name(ty).unwrap_or_else(|| Ident::new("Instruction", located(ty)));
    let chip = quote_spanned!(located(ty)=> <#ty as #private::InstructionSpec>::Chip);
    let specialised = annotated.specialised.as_ref().map(|adapter| {
        let chip = quote_spanned!(located(adapter)=> #private::CoreChip<#ty, #adapter>);
        let docs = format!(" Special cases of `{}`, with `{}`.", text(ty), text(adapter));
        let name = name(adapter).map_or_else(String::new, |name| name.unraw().to_string());
        let variant = format_ident!("{}{}", variant, name, span = located(adapter));
        Entry { docs: vec![parse_quote!(#[doc = #docs])], variant, ty: Type::Verbatim(chip), value: None }
    });
    let default_docs = format!(" `{}`.", text(ty));
    let docs =
        if annotated.docs.is_empty() { vec![parse_quote!(#[doc = #default_docs])] } else { annotated.docs.clone() };
    let entry = Entry { docs, variant, ty: Type::Verbatim(chip), value: None };
    Instruction { annotated, entry, specialised }
}

/// Returns what generated tests check, or `None` for no tests.
fn tests(cx: &Ctxt, arguments: &Arguments, item: &ItemStruct) -> Option<Tested> {
    let ident = &item.ident;
    if let (Some(value), Some(_)) = (&arguments.tests, &arguments.machine) {
        cx.error(
            value,
            "the tests run on the machine of `machine`, which has a value of the extension: remove one of them",
        );
    }
    if let Some(value) = arguments.tests.as_ref().or(arguments.machine.as_ref()) {
        let off = matches!(value, Expr::Lit(ExprLit { lit: Lit::Bool(off), .. }) if !off.value());
        if !off && !item.generics.params.is_empty() {
            cx.error(
                value,
                "tests of a generic extension are not generated: write `tests = false`, and call `check_instruction` in \
                 tests of your own, with concrete types",
            );
        }
        let tested = if arguments.machine.is_some() { Tested::Machine } else { Tested::Extension };
        return (!off).then(|| tested(value.to_token_stream()));
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
        return Some(Tested::Extension(ident.to_token_stream()));
    }
    if item.attrs.iter().flat_map(derives).any(|path| path.is_ident("Default")) {
        return Some(Tested::Extension(quote!(<#ident as ::core::default::Default>::default())));
    }
    cx.error(
        ident,
        format!(
            "the generated tests need a value of `{ident}`: add `tests = {ident} {{ … }}`, derive `Default`, or write \
                 `tests = false`"
        ),
    );
    None
}

fn check_names(cx: &Ctxt, item: &ItemStruct, names: &Names<'_>) {
    if names.executor == names.periphery {
        cx.error(&names.periphery, format!("`{}` cannot name both enums", names.periphery));
    }
    for name in [&names.executor, &names.periphery] {
        if *name == item.ident {
            cx.error(name, format!("`{name}` is the extension itself; the enum needs another name"));
        }
    }
}

/// Checks that variant names and types are unique in an enum: chips are looked up by their type.
fn check_entries<'a>(cx: &Ctxt, enum_name: &Ident, entries: impl Iterator<Item = &'a Entry>) {
    let mut seen: Vec<&Entry> = Vec::new();
    for entry in entries {
        let annotated = is_annotated(&entry.ty);
        let namesake = seen.iter().find(|other| other.variant == entry.variant);
        if annotated && namesake.is_some_and(|other| text(&other.ty) == text(&entry.ty)) {
            cx.error(&entry.variant, format!("`{}` is listed twice", entry.variant));
        } else if annotated && namesake.is_some_and(|other| is_annotated(&other.ty)) {
            cx.error(
                &entry.variant,
                format!(
                    "two instructions are called `{0}`, but the variants of `{enum_name}` need distinct names\n\
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
                    if is_annotated(&other.ty) {
                        format!("the instruction `{}`", other.variant)
                    } else {
                        format!("`{}`", text(&other.ty))
                    }
                ),
            );
        }
        // Chips of annotated instructions have distinct types if the instructions have distinct names.
        if let Some(other) = seen.iter().find(|other| !annotated && other.ty == entry.ty) {
            let ty = text(&entry.ty);
            cx.error(
                &entry.ty,
                format!(
                    "`{}` and `{}` are both `{ty}`, but chips are distinguished by their type\n\
                     wrap one of them in a newtype: \
                     `#[derive(InstructionExecutor, Chip, ChipUsageGetter)] struct {}Chip({ty});`",
                    other.variant, entry.variant, entry.variant
                ),
            );
        }
        seen.push(entry);
    }
}

/// Checks that an opcode has one executor, as far as the arguments show it. Overlaps of classes are found when the
/// expansion is compiled, and all others when the machine is built.
fn check_opcodes(cx: &Ctxt, executors: &[Executor]) {
    let mut seen: Vec<(String, &Ident)> = Vec::new();
    // Classes come first, so that an opcode of a class is found whatever the order of the entries.
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
                    format!("`{}` already has an executor: `{owner}` executes all of `{class}`", text(opcode)),
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
            cx.error(tokens, format!("duplicate {kind} `{name}`: `{owner}` already executes it"));
        }
        None => seen.push((name, variant)),
    }
}

/// Returns `Class` for `Class::OPCODE`.
fn parent(opcode: &Path) -> Option<String> {
    let mut path = opcode.clone();
    path.segments.pop()?;
    path.segments.pop_punct();
    (!path.segments.is_empty()).then(|| text(&path))
}

fn check_phantoms(cx: &Ctxt, phantoms: &[Phantom]) {
    let mut seen: Vec<(String, &Expr)> = Vec::new();
    let mut declared: Vec<String> = Vec::new();
    for phantom in phantoms {
        match phantom {
            Phantom::Executor { discriminant: expr, executor } => {
                let value = discriminant(cx, expr);
                if let Some((_, other)) = seen.iter().find(|(other, _)| *other == value) {
                    cx.error(expr, format!("duplicate discriminant: {value} already selects `{}`", text(other)));
                } else {
                    seen.push((value, executor));
                }
            }
            Phantom::Declared { ty, value } => {
                let name = text(ty);
                if value.is_none() && declared.contains(&name) {
                    cx.error(ty, format!("`{name}` is listed twice"));
                }
                declared.push(name);
            }
        }
    }
}

/// Returns the discriminant in a normal form, in which equal ones are equal. Checks the range of a literal.
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
