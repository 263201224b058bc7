//! AIRs as text, for audits and for snapshots that show a change of a circuit in review.

use std::fmt::Write;
use std::sync::Arc;

use p3_air::symbolic::SymbolicExpr;

use super::air::{AirRef, AirSet, BusKind, Expr, Printer, SymbolicAir, SymbolicMessage};
use super::backend::packed_columns;

/// Text of a whole machine: buses, then AIRs in key order. Deterministic.
pub fn list_machine(set: &AirSet) -> String {
    let mut out = String::new();
    for bus in &set.buses {
        let kind = match bus.kind {
            BusKind::Permutation => "permutation",
            BusKind::Lookup => "lookup",
        };
        let _ = writeln!(out, "bus {}: {kind}, {} fields", bus.name, bus.arity);
    }
    for air in &set.airs {
        out.push('\n');
        out.push_str(&list_air(air));
    }
    out
}

/// Text of one AIR: columns, constraints and messages with their degrees. Deterministic.
pub fn list_air(air: &AirRef) -> String {
    let symbolic = Arc::new(SymbolicAir::record(&**air));
    let mut out = String::new();
    let names = air.column_names();
    let pre = air.preprocessed_column_names();
    let lookup_columns = packed_columns(air, &symbolic);
    let _ = writeln!(
        out,
        "air {}: {} columns, {} preprocessed, {} public values, {} constraints, {} messages in {} lookup columns",
        air.name(),
        names.len(),
        pre.len(),
        air.num_public_values(),
        symbolic.constraints.len(),
        symbolic.messages.len(),
        lookup_columns,
    );
    let selectors = air.selectors();
    let next = &symbolic.reads.main_next;
    for (i, name) in names.iter().enumerate() {
        let mut notes = Vec::new();
        if selectors.contains(&i) {
            notes.push("selector");
        }
        if next.contains(&i) {
            notes.push("next row read");
        }
        let notes = if notes.is_empty() { String::new() } else { format!("  ({})", notes.join(", ")) };
        let _ = writeln!(out, "  column {i} {name}{notes}");
    }
    for (i, name) in pre.iter().enumerate() {
        let _ = writeln!(out, "  preprocessed {i} {name}");
    }
    let all =
        symbolic.constraints.iter().chain(symbolic.messages.iter().flat_map(|m| m.fields.iter().chain([&m.count])));
    let mut printer = Printer::new(&**air, all);
    for (i, constraint) in symbolic.constraints.iter().enumerate() {
        let text = printer.print(constraint);
        definitions(&mut out, &mut printer);
        let _ = writeln!(out, "  constraint {i} [degree {}] {text} = 0", constraint.degree_multiple());
    }
    for (i, message) in symbolic.messages.iter().enumerate() {
        let text = message_text(&mut printer, message);
        definitions(&mut out, &mut printer);
        let degree = message.fields.iter().map(|f| f.degree_multiple()).max().unwrap_or(0);
        let _ = writeln!(out, "  message {i} [degree {degree}, {}] {text}", message.count.degree_multiple());
    }
    out
}

fn definitions(out: &mut String, printer: &mut Printer) {
    for definition in printer.take_definitions() {
        let _ = writeln!(out, "  let {definition}");
    }
}

/// `send`, `receive` or `provide`, and the multiplicity without its sign.
pub(super) fn direction(message: &SymbolicMessage) -> (&'static str, &Expr) {
    match (&message.count, message.weight) {
        (SymbolicExpr::Neg { x, .. }, 0) => ("provide", x),
        (count, 0) => ("provide -", count),
        (SymbolicExpr::Neg { x, .. }, _) => ("receive", x),
        (count, _) => ("send", count),
    }
}

fn message_text(printer: &mut Printer, message: &SymbolicMessage) -> String {
    let (verb, count) = direction(message);
    let fields: Vec<String> = message.fields.iter().map(|f| printer.print(f)).collect();
    let count = printer.print(count);
    format!("{verb} {}({}) × {count}", message.bus, fields.join(", "))
}
