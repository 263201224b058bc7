//! Key generation's checks of single AIRs.

use std::collections::BTreeMap;

use p3_field::Field;
use rustc_hash::FxHashMap;

use crate::air::{
    AnyAir, Assignment, Bus, BusKind, Facts, Instances, Printer, SymbolicAir, Values, reads_past_the_end, tree_size,
};

use super::error::KeygenError;
use super::limits::MAX_DEGREE;

/// Maximum number of nodes of a message's expressions, written out as trees. The backend evaluates them on every row,
/// and computes a shared subexpression every time that it occurs.
const MAX_MESSAGE_NODES: usize = 4096;

/// Checks the numbers of columns and their names, and the indices of the selectors.
pub(crate) fn check_names(air: &dyn AnyAir, name: &str) -> Result<(), KeygenError> {
    if air.width() == 0 {
        return Err(KeygenError::NoColumns { air: name.into() });
    }
    for (which, width, names) in [
        ("main", air.width(), air.column_names().len()),
        ("preprocessed", air.preprocessed_width(), air.preprocessed_column_names().len()),
    ] {
        if width != names {
            return Err(KeygenError::ColumnNames { air: name.into(), which, width, names });
        }
    }
    if let Some(&column) = air.selectors().iter().find(|&&s| s >= air.width()) {
        return Err(KeygenError::SelectorOutOfRange { air: name.into(), column, width: air.width() });
    }
    Ok(())
}

/// Checks the constraints and messages of one AIR against the bus declarations and the rules for multiplicities.
pub(crate) fn check_air(
    air: &dyn AnyAir,
    name: &str,
    symbolic: &SymbolicAir,
    buses: &BTreeMap<&'static str, Bus>,
) -> Result<(), KeygenError> {
    if let Some(&what) = symbolic.unsupported.first() {
        return Err(KeygenError::Unsupported { air: name.into(), what });
    }
    let mut ends = FxHashMap::default();
    for (constraint, expr) in symbolic.constraints.iter().enumerate() {
        // Soundness (M24): what comes after the last row differs between backends, so no constraint may depend on it.
        if reads_past_the_end(expr, &mut ends) {
            let (what, text) = (format!("constraint {constraint}"), Printer::short(air, expr));
            return Err(KeygenError::ReadsPastTheEnd { air: name.into(), what, text });
        }
        let degree = expr.degree_multiple();
        if degree > MAX_DEGREE {
            let text = Printer::short(air, expr);
            return Err(KeygenError::ConstraintDegree { air: name.into(), constraint, degree, text });
        }
    }
    let mut sizes = FxHashMap::default();
    for (message, m) in symbolic.messages.iter().enumerate() {
        // A message that is not sent on the last row may read anything there.
        let mut exprs = m.fields.iter().map(|field| m.count.clone() * field.clone()).chain([m.count.clone()]);
        if exprs.any(|expr| reads_past_the_end(&expr, &mut FxHashMap::default())) {
            let (what, text) = (format!("message {message} on bus `{}`", m.bus), Printer::short(air, &m.count));
            return Err(KeygenError::ReadsPastTheEnd { air: name.into(), what, text });
        }
        let (air, bus) = (String::from(name), m.bus.clone());
        let Some(declared) = buses.get(m.bus.as_str()) else {
            return Err(KeygenError::UnknownBus { air, bus, message });
        };
        if m.fields.len() != declared.arity {
            return Err(KeygenError::Arity { air, bus, message, expected: declared.arity, got: m.fields.len() });
        }
        let allowed = m.weight == 1 || (m.weight == 0 && declared.kind == BusKind::Lookup);
        if !allowed {
            return Err(KeygenError::Weight { air, bus, message, kind: declared.kind, weight: m.weight });
        }
        let nodes = m.fields.iter().chain([&m.count]).map(|e| tree_size(e, &mut sizes)).fold(0, usize::saturating_add);
        if nodes > MAX_MESSAGE_NODES {
            return Err(KeygenError::MessageTooLarge { air, bus, message, nodes, limit: MAX_MESSAGE_NODES });
        }
        let field_degree = m.fields.iter().map(|f| f.degree_multiple()).max().unwrap_or(0);
        let degree = (1 + field_degree).max(m.count.degree_multiple());
        if degree > MAX_DEGREE {
            return Err(KeygenError::MessageDegree { air, bus, message, degree });
        }
    }
    check_multiplicities(air, name, symbolic, buses)
}

/// What the constraints prove of a multiplicity.
struct Multiplicity {
    boolean: bool,
    negated_boolean: bool,
    /// It is 0 on rows whose selectors are all 0.
    gated: bool,
}

/// Checks the multiplicities of an AIR's messages.
///
/// Soundness (M19, M28, M29): the constraints prove every multiplicity boolean, except those of provided entries, and
/// every multiplicity is 0 on rows whose selectors are all 0.
fn check_multiplicities(
    air: &dyn AnyAir,
    name: &str,
    symbolic: &SymbolicAir,
    buses: &BTreeMap<&'static str, Bus>,
) -> Result<(), KeygenError> {
    let facts = Facts::new(air, symbolic);
    let selectors = air.selectors();
    for &column in &selectors {
        if !facts.column_is_boolean(column) {
            return Err(KeygenError::SelectorNotBoolean {
                air: name.into(),
                column: air.column_names()[column].clone(),
            });
        }
    }
    // Most messages of an AIR have one of few multiplicities.
    let mut known: FxHashMap<Values, Multiplicity> = FxHashMap::default();
    let values = facts.values_of(symbolic.messages.iter().map(|message| &message.count));
    for (message, m) in symbolic.messages.iter().enumerate() {
        let count = || Printer::short(air, &m.count);
        let is = known.entry(values[message]).or_insert_with(|| Multiplicity {
            boolean: facts.is_boolean(&m.count),
            negated_boolean: facts.is_negated_boolean(&m.count),
            gated: selectors.is_empty() || facts.vanishes_without(&m.count, &selectors),
        });
        if m.weight > 0 {
            // A query with a negative multiplicity would act as a provided entry, so negated booleans are allowed on
            // permutation buses only.
            let boolean = is.boolean || (buses[m.bus.as_str()].kind == BusKind::Permutation && is.negated_boolean);
            if !boolean {
                return Err(KeygenError::CountNotBoolean {
                    air: name.into(),
                    bus: m.bus.clone(),
                    message,
                    count: count(),
                });
            }
        }
        if !is.gated {
            return Err(KeygenError::CountWithoutSelector {
                air: name.into(),
                bus: m.bus.clone(),
                message,
                count: count(),
            });
        }
    }
    Ok(())
}

/// Returns whether a proof may contain several instances of an AIR.
///
/// Soundness (M15–M17): no AIR with public values or preprocessed columns (two instances would each have their own
/// public values, and the backend opens a preprocessed matrix for one instance only). An AIR that reads the next row or a
/// first-row, last-row or transition selector has to promise that its groups of rows are closed.
pub(crate) fn repeatable(air: &dyn AnyAir, symbolic: &SymbolicAir) -> bool {
    let reads = &symbolic.reads;
    let is_closed = match air.instances() {
        Instances::Derived => reads.main_next.is_empty() && !reads.row_selectors,
        Instances::Closed => true,
        Instances::Single => false,
    };
    is_closed && air.num_public_values() == 0 && air.preprocessed_width() == 0
}

/// Checks that the all-zero row satisfies the constraints, because traces of repeatable AIRs are padded with it.
pub(crate) fn check_padding_row(air: &dyn AnyAir, name: &str, symbolic: &SymbolicAir) -> Result<(), KeygenError> {
    // If the AIR provides entries, every row is a statement of its own, padding rows included: the constraints are not
    // gated by a selector, and the chip pads the trace with rows that are true statements.
    if symbolic.messages.iter().any(|message| message.weight == 0) {
        return Ok(());
    }
    let zero = Assignment::zero(air);
    for (constraint, value) in zero.values(&symbolic.constraints).into_iter().enumerate() {
        if !value.is_zero() {
            let text = Printer::short(air, &symbolic.constraints[constraint]);
            return Err(KeygenError::PaddingRow { air: name.into(), constraint, text });
        }
    }
    Ok(())
}
