//! Packing of bus messages into lookup columns.

use p3_air::symbolic::AirLayout;
use p3_batch_stark::symbolic::get_log_num_quotient_chunks;
use p3_lookup::logup::LogUpGadget;
use p3_lookup::{LookupProtocol, Lookups};

use crate::air::{EF, F};
use crate::backend::air::BackendAir;
#[cfg(feature = "prover")]
use crate::backend::cost::ProverMemory;
use crate::keys::MAX_DEGREE;
#[cfg(feature = "std")]
use {
    crate::air::{AirRef, SymbolicAir, Widths},
    std::collections::BTreeMap,
    std::sync::Arc,
};

/// Returns log2 of the number of chunks of the quotient polynomial.
pub(super) fn log_quotient_chunks(air: &BackendAir, lookups: &Lookups<F>) -> usize {
    // The result depends on the height, here 8, only if there are periodic columns. Key generation rejects those.
    get_log_num_quotient_chunks::<F, EF, _, _>(air, AirLayout::from_air(air), 8, lookups, 0, &LogUpGadget::new())
}

/// Packs messages of the same bus into shared lookup columns, as far as the limit of the degree allows.
///
/// An AIR of degree 2 has one quotient chunk. Packing to degree 3 gives it two, so that constraints are evaluated at
/// twice as many points. This is done only if it saves at least 5 columns: measured on 22 columns and 2^19 rows, saving
/// 6 of 12 lookup columns barely pays for it.
pub(super) fn pack_lookups(air: &BackendAir) -> Lookups<F> {
    // p3 panics if messages of a bus have different numbers of fields. The caller has checked that they do not.
    let gadget = LogUpGadget::new();
    let unpacked = Lookups::<F>::from_air::<EF, _>(air);
    let free_budget = (1 << log_quotient_chunks(air, &unpacked)) + 1;
    let pack =
        |budget: usize| unpacked.clone().pack_same_bus_with_degree(budget, |lookup| gadget.constraint_degree(lookup));
    let free = pack(free_budget.min(MAX_DEGREE));
    let full = pack(MAX_DEGREE);
    if full.len() + 5 <= free.len() { full } else { free }
}

/// Size of the instances of an AIR.
#[cfg(feature = "prover")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstanceShape {
    /// Main columns.
    pub main: usize,
    /// Committed columns of base field elements: the main columns, and with a univariate engine four for each lookup
    /// column and for their accumulator.
    pub committed: usize,
    /// Preprocessed columns.
    pub preprocessed: usize,
    /// Messages per row.
    pub messages: usize,
    /// Whether a proof may contain several instances of the AIR.
    pub repeatable: bool,
}

/// Returns the size of an AIR's instances, as in a key of an engine with this prover.
#[cfg(feature = "prover")]
pub fn instance_shape(air: &AirRef, prover: ProverMemory) -> InstanceShape {
    use crate::keys::{committed_columns, repeatable};
    let symbolic = Arc::new(SymbolicAir::record(&**air));
    let lookup_columns = match prover {
        ProverMemory::Committed { .. } => packed_columns(air, &symbolic),
        ProverMemory::Stacked { .. } => 0,
    };
    InstanceShape {
        main: air.width(),
        committed: committed_columns(air.width(), lookup_columns),
        preprocessed: air.preprocessed_width(),
        messages: symbolic.messages.len(),
        repeatable: repeatable(&**air, &symbolic),
    }
}

/// Returns the number of committed lookup columns of an AIR, without the accumulator. Returns 0 if key generation would
/// reject the AIR's messages.
#[cfg(feature = "std")]
pub(crate) fn packed_columns(air: &AirRef, symbolic: &Arc<SymbolicAir>) -> usize {
    let mut arities: BTreeMap<&str, usize> = BTreeMap::new();
    let uniform =
        symbolic.messages.iter().all(|m| *arities.entry(m.bus.as_str()).or_insert(m.fields.len()) == m.fields.len());
    if !uniform || !symbolic.unsupported.is_empty() {
        return 0;
    }
    pack_lookups(&BackendAir::recorded(symbolic.clone(), Widths::of(&**air))).len()
}
