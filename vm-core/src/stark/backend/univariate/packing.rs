//! How bus messages share lookup columns.

use std::collections::BTreeMap;
use std::sync::Arc;

use p3_air::symbolic::AirLayout;
use p3_batch_stark::symbolic::get_log_num_quotient_chunks;
use p3_lookup::logup::LogUpGadget;
use p3_lookup::{LookupProtocol, Lookups};

use crate::stark::air::{AirRef, EF, F, SymbolicAir};
use crate::stark::keys::MAX_DEGREE;

use super::air::BackendAir;

pub(super) fn log_quotient_chunks(air: &BackendAir, lookups: &Lookups<F>) -> usize {
    // The trace length matters only for periodic columns, which are refused.
    get_log_num_quotient_chunks::<F, EF, _, _>(air, AirLayout::from_air(air), 8, lookups, 0, &LogUpGadget::new())
}

/// Messages of the same bus share lookup columns up to the degree limit.
///
/// An AIR of degree 2 has one quotient chunk; packing to degree 3 gives it two, and constraints are then evaluated on
/// twice as many points. Measured on 22 columns and 2^19 rows, saving 6 of 12 lookup columns pays for that just so.
pub(super) fn pack_lookups(air: &BackendAir) -> Lookups<F> {
    // p3 asserts equal widths per bus; arities were checked before.
    let gadget = LogUpGadget::new();
    let unpacked = Lookups::<F>::from_air::<EF, _>(air);
    let free_budget = (1 << log_quotient_chunks(air, &unpacked)) + 1;
    let pack =
        |budget: usize| unpacked.clone().pack_same_bus_with_degree(budget, |lookup| gadget.constraint_degree(lookup));
    let free = pack(free_budget.min(MAX_DEGREE));
    let full = pack(MAX_DEGREE);
    if full.len() + 5 <= free.len() { full } else { free }
}

/// Committed base-field columns of an AIR, as its key will say.
#[cfg(feature = "prover")]
pub(crate) fn committed_columns_of(air: &AirRef) -> usize {
    crate::stark::keys::committed_columns(air.width(), packed_columns(air, &Arc::new(SymbolicAir::record(&**air))))
}

/// Committed lookup columns of an AIR, without the accumulator. 0 for an AIR that key generation would refuse.
pub(in crate::stark) fn packed_columns(air: &AirRef, symbolic: &Arc<SymbolicAir>) -> usize {
    let mut arities: BTreeMap<&str, usize> = BTreeMap::new();
    let uniform =
        symbolic.messages.iter().all(|m| *arities.entry(m.bus.as_str()).or_insert(m.fields.len()) == m.fields.len());
    if !uniform || !symbolic.unsupported.is_empty() {
        return 0;
    }
    pack_lookups(&BackendAir::new(air.clone(), symbolic.clone(), None)).len()
}
