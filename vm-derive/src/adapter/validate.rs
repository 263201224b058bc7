//! Rules that the declaration of an adapter must satisfy.

use proc_macro2::Span;
use quote::ToTokens;
use syn::{DeriveInput, Expr, ExprLit, Ident, Lit, Type};

use crate::ctxt::Ctxt;
use crate::item::{add_derives, is_unit, refuse_lifetimes, take_repetitions};
use crate::private::Private;
use crate::symbol::{ADAPTER, FORMAT, READ};

use super::parse::{Arguments, Entry, Kind, Value};

/// Number of values that an adapter reads at most.
pub(super) const MAX_SOURCES: usize = 3;
/// Number of words that a block has at most.
const MAX_BLOCK_WORDS: u32 = 1024;
/// The field with the register of the result.
const DESTINATION: &str = "rd";

/// A validated declaration.
pub(super) struct Model<'a> {
    pub(super) private: &'a Private,
    pub(super) item: &'a DeriveInput,
    pub(super) format: &'a Type,
    pub(super) sources: Sources<'a>,
    pub(super) destination: Destination<'a>,
}

/// The values that are read.
pub(super) struct Sources<'a> {
    pub(super) values: Vec<&'a Value>,
    /// Of an array: how many of the values are read.
    pub(super) count: Option<&'a Expr>,
}

impl<'a> Sources<'a> {
    /// Returns the values as they are written, at most as many as an adapter reads.
    pub(super) fn of(arguments: &'a Arguments) -> Self {
        let (mut values, mut first_of) = (Vec::new(), None);
        for entry in &arguments.sources {
            match entry {
                Entry::Value(value) => values.push(value),
                Entry::First { values: several, count } => {
                    values.extend(several);
                    first_of = Some(count);
                }
            }
        }
        values.truncate(MAX_SOURCES);
        Self { values, count: first_of }
    }

    /// Whether all values are of the kind of the first one.
    pub(super) fn are_equal(&self) -> bool {
        self.values.windows(2).all(|pair| pair[0].kind.is(&pair[1].kind))
    }
}

/// What happens to the result.
pub(super) enum Destination<'a> {
    None,
    Value(&'a Value),
    Branch(Span),
}

impl<'a> Destination<'a> {
    pub(super) fn of(arguments: &'a Arguments) -> Self {
        match (arguments.destinations.first(), arguments.branch) {
            (Some(value), _) if matches!(value.kind, Kind::Register | Kind::Block(_)) => Self::Value(value),
            (_, Some(branch)) => Self::Branch(branch),
            _ => Self::None,
        }
    }
}

pub(super) fn validate<'a>(cx: &Ctxt, arguments: &'a Arguments, item: &'a mut DeriveInput) -> Option<Model<'a>> {
    refuse_lifetimes(cx, &item.generics, "an adapter");
    take_repetitions(cx, &mut item.attrs, ADAPTER);
    for parameter in item.generics.type_params() {
        cx.error(&parameter.ident, "an adapter has const parameters only, such as the number of words of a block");
    }
    if !is_unit(item) {
        cx.error(&item.ident, "an adapter has no fields of its own: write `struct MyAdapter;`");
    }
    add_derives(&mut item.attrs, &["Clone", "Copy", "Debug"]);
    if !arguments.has(FORMAT) {
        cx.error(&item.ident, "this adapter has no format of instruction words: add `format = Rv32R` or another one");
    }
    if !arguments.has(READ) || cx.is_clean() && arguments.sources.is_empty() {
        cx.error(&item.ident, "this adapter reads nothing: add `read(…)`, such as `read(rs1, mem[rs2; 8])`");
    }
    check_sources(cx, arguments);
    check_destination(cx, arguments);
    Some(Model {
        private: &arguments.private,
        item,
        format: arguments.format.as_ref()?,
        sources: Sources::of(arguments),
        destination: Destination::of(arguments),
    })
}

fn check_sources(cx: &Ctxt, arguments: &Arguments) {
    let mut values: Vec<&Value> = Vec::new();
    let is_mixed = arguments.sources.len() > 1;
    for entry in &arguments.sources {
        match entry {
            Entry::Value(value) => values.push(value),
            Entry::First { values: several, count } => {
                if is_mixed {
                    cx.error(count, "an array of values is the only entry of `read(…)`");
                }
                if let Some(other) = several.iter().find(|value| !value.kind.is(&several[0].kind)) {
                    cx.error(&other.name, "the values of an array are of one kind and have the same number of words");
                }
                values.extend(several);
            }
        }
    }
    if let Some(fourth) = values.get(MAX_SOURCES) {
        cx.error(&fourth.name, "an adapter reads at most three values");
    }
    let mut seen: Vec<&Ident> = arguments.destinations.iter().map(|value| &value.name).collect();
    for value in values {
        if seen.contains(&&value.name) {
            let reason = match value.kind {
                Kind::Immediate => "the immediate is one operand",
                Kind::Hint(_) => "hints are one value",
                Kind::Register | Kind::Block(_) => "a register is one operand",
            };
            cx.error(&value.name, format!("`{}` is named twice: {reason}", value.name));
        }
        seen.push(&value.name);
        check_words(cx, value);
    }
}

fn check_destination(cx: &Ctxt, arguments: &Arguments) {
    for (i, value) in arguments.destinations.iter().enumerate() {
        if i > 0 {
            cx.error(&value.name, "an instruction has one result: remove the others");
        }
        if matches!(value.kind, Kind::Immediate) {
            cx.error(&value.name, "an immediate cannot be written: write `rd` or `mem[rd; 8]`");
        } else if matches!(value.kind, Kind::Hint(_)) {
            cx.error(&value.name, "hints are read only: write `rd` or `mem[rd; 8]`");
        } else if value.name != DESTINATION {
            cx.error(&value.name, "`rd` names the register of the result: write `rd` or `mem[rd; 8]`");
        }
        check_words(cx, value);
    }
    if let (Some(branch), Some(_)) = (arguments.branch, arguments.destinations.first()) {
        let message = "a branch writes nothing: its result is the decision; remove `branch` or `write(…)`";
        cx.push(syn::Error::new(branch, message));
    }
}

/// Checks a number of words that is a literal. The compiler checks others.
fn check_words(cx: &Ctxt, value: &Value) {
    let (Kind::Block(words) | Kind::Hint(words)) = &value.kind else { return };
    let Expr::Lit(ExprLit { lit, .. }) = words else { return };
    let number = match lit {
        Lit::Int(number) => number.base10_parse::<u32>().unwrap_or(u32::MAX),
        _ => 0,
    };
    if !(1..=MAX_BLOCK_WORDS).contains(&number) {
        cx.error(words.to_token_stream(), format!("a block of memory or of hints has 1 to {MAX_BLOCK_WORDS} words"));
    }
}
