//! Listings: AIRs as text, for audits and for snapshots that show every change of a circuit in review.

use std::fmt::Write;
use std::sync::Arc;

use p3_air::symbolic::{BaseLeaf, SymbolicExpr};
use p3_field::PrimeField32;

use super::air::{AirRef, AirSet, Bus, BusKind, F, Printer, SymbolicAir, SymbolicMessage};
use super::backend::packed_columns;

/// Explanation of the notation, at the start of every listing.
const NOTATION: &str = "\
# constraint: the expression is 0 on every row. x' is x on the next row, 2^-k is the inverse of 2^k, ^ binds tightest.
# message: verb bus(fields) × count, on every row. The degrees are those of the fields and of the count.
# type: the Rust type of the AIR, with the modules that contain its parts.
# // origin: the part of the AIR that emits the line, outermost first. eval is code written for this AIR alone.
";

/// Returns the listing of a whole machine: its buses, then its AIRs in key order. Equal machines have equal listings.
pub fn list_machine(set: &AirSet) -> String {
    let mut out = NOTATION.to_owned();
    for bus in &set.buses {
        let kind = match bus.kind {
            BusKind::Permutation => "permutation",
            BusKind::Lookup => "lookup",
        };
        let _ = writeln!(out, "bus {}: {kind}, {} fields", bus.name, bus.arity);
    }
    for air in &set.airs {
        out.push('\n');
        write_air(&mut out, air, &set.buses);
    }
    out
}

/// Returns the listing of one AIR: its columns, constraints and messages. Equal AIRs have equal listings.
///
/// `buses` are the buses of its machine. Messages on buses that are not among them are shown as sent or received.
pub fn list_air(air: &AirRef, buses: &[Bus]) -> String {
    let mut out = NOTATION.to_owned();
    write_air(&mut out, air, buses);
    out
}

/// Writes the listing of one AIR, without the explanation of the notation.
fn write_air(out: &mut String, air: &AirRef, buses: &[Bus]) {
    let symbolic = Arc::new(SymbolicAir::record(&**air));
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
    let _ = writeln!(out, "  type {}", air.type_name());
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
    for (i, (constraint, origin)) in symbolic.constraints.iter().zip(&symbolic.constraint_origins).enumerate() {
        let text = printer.print(constraint);
        definitions(out, &mut printer);
        let _ = writeln!(out, "  constraint {i} [degree {}] {text} = 0  // {origin}", constraint.degree_multiple());
    }
    for (i, message) in symbolic.messages.iter().enumerate() {
        let bus = buses.iter().find(|bus| bus.name == message.bus);
        let text = message_text(&mut printer, message, bus.is_some_and(|bus| bus.kind == BusKind::Lookup));
        definitions(out, &mut printer);
        let degree = message.fields.iter().map(|f| f.degree_multiple()).max().unwrap_or(0);
        let count = message.count.degree_multiple();
        let _ = writeln!(out, "  message {i} [degree {degree}, {count}] {text}  // {}", message.origin);
    }
}

/// Writes the definitions of names that the last text uses first.
fn definitions(out: &mut String, printer: &mut Printer) {
    for definition in printer.take_definitions() {
        let _ = writeln!(out, "  let {definition}");
    }
}

/// Returns the text of a message: `send`, `receive`, `query` or `provide`, the bus with the fields, and the
/// multiplicity without the sign that the verb implies.
fn message_text(printer: &mut Printer, message: &SymbolicMessage, is_lookup: bool) -> String {
    let negated = match &message.count {
        SymbolicExpr::Neg { x, .. } => Some((**x).clone()),
        SymbolicExpr::Leaf(BaseLeaf::Constant(c)) if c.as_canonical_u32() > F::ORDER_U32 / 2 => {
            Some(SymbolicExpr::Leaf(BaseLeaf::Constant(-*c)))
        }
        _ => None,
    };
    let (verb, count) = match negated {
        negated if message.weight == 0 => ("provide", negated.unwrap_or_else(|| -message.count.clone())),
        _ if is_lookup => ("query", message.count.clone()),
        Some(negated) => ("receive", negated),
        None => ("send", message.count.clone()),
    };
    let fields: Vec<String> = message.fields.iter().map(|f| printer.print(f)).collect();
    format!("{verb} {}({}) × {}", message.bus, fields.join(", "), printer.print_factor(&count))
}
