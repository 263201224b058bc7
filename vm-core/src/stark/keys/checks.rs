//! Key generation's checks of a single AIR.

use std::collections::BTreeMap;

use p3_field::Field;
use rustc_hash::FxHashMap;

use crate::stark::air::{
    AnyAir, Assignment, Bus, BusKind, Evaluator, Facts, Instances, Printer, SymbolicAir, tree_size,
};

use super::consistency::check_builders_agree;
use super::error::KeygenError;
use super::limits::MAX_DEGREE;

/// Largest message expression, as a tree: the backend evaluates messages without sharing, on every row.
const MAX_MESSAGE_NODES: usize = 4096;

pub(in crate::stark) fn check_names(air: &dyn AnyAir, name: &str) -> Result<(), KeygenError> {
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

/// All checks that need only one AIR and the bus declarations.
pub(in crate::stark) fn check_air(
    air: &dyn AnyAir,
    name: &str,
    symbolic: &SymbolicAir,
    buses: &BTreeMap<&'static str, Bus>,
) -> Result<(), KeygenError> {
    if let Some(&what) = symbolic.unsupported.first() {
        return Err(KeygenError::Unsupported { air: name.into(), what });
    }
    for (constraint, expr) in symbolic.constraints.iter().enumerate() {
        let degree = expr.degree_multiple();
        if degree > MAX_DEGREE {
            let text = Printer::short(air, expr);
            return Err(KeygenError::ConstraintDegree { air: name.into(), constraint, degree, text });
        }
    }
    let mut sizes = FxHashMap::default();
    for (message, m) in symbolic.messages.iter().enumerate() {
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
    check_builders_agree(air, name, symbolic)?;
    check_multiplicities(air, name, symbolic, buses)
}

/// Soundness (M19, M28, M29): every weighted multiplicity is proven boolean, and none survives without a selector.
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
    for (message, m) in symbolic.messages.iter().enumerate() {
        let count = || Printer::short(air, &m.count);
        if m.weight > 0 {
            // A negative query would be a provided entry, so only permutation buses have receives.
            let boolean = facts.is_boolean(&m.count)
                || (buses[m.bus.as_str()].kind == BusKind::Permutation && facts.is_negated_boolean(&m.count));
            if !boolean {
                return Err(KeygenError::CountNotBoolean {
                    air: name.into(),
                    bus: m.bus.clone(),
                    message,
                    count: count(),
                });
            }
        }
        if !selectors.is_empty() && !facts.vanishes_without(&m.count, &selectors) {
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

/// Soundness (M15–M17): how often an AIR may occur.
pub(in crate::stark) fn repeatable(air: &dyn AnyAir, name: &str, symbolic: &SymbolicAir) -> Result<bool, KeygenError> {
    let reads = &symbolic.reads;
    let what = if air.num_public_values() > 0 {
        // Two instances would each have a value for the same public input.
        Some("public values")
    } else if air.preprocessed_width() > 0 {
        // The backend opens a shared preprocessed matrix for one instance only.
        Some("preprocessed columns")
    } else {
        None
    };
    match (air.instances(), what) {
        (Instances::Single, _) => Ok(false),
        (Instances::ClosedBlocks, Some(what)) => Err(KeygenError::NotRepeatable { air: name.into(), what }),
        (Instances::ClosedBlocks, None) => Ok(true),
        (Instances::Derived, what) => Ok(what.is_none() && reads.main_next.is_empty() && !reads.row_selectors),
    }
}

/// The all-zero row, with which traces of repeatable AIRs are padded, satisfies the constraints.
pub(in crate::stark) fn check_padding_row(
    air: &dyn AnyAir,
    name: &str,
    symbolic: &SymbolicAir,
) -> Result<(), KeygenError> {
    // The rows of a provider without preprocessed content are statements of their own, padding included: its
    // constraints hold ungated, and whoever fills the trace pads it with true statements.
    if symbolic.messages.iter().any(|message| message.weight == 0) {
        return Ok(());
    }
    let zero = Assignment::zero(air);
    let mut evaluator = Evaluator::new(&zero);
    for (constraint, expr) in symbolic.constraints.iter().enumerate() {
        if !evaluator.eval(expr).is_zero() {
            let text = Printer::short(air, expr);
            return Err(KeygenError::PaddingRow { air: name.into(), constraint, text });
        }
    }
    Ok(())
}
