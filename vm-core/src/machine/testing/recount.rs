//! Recomputes the multiplicities of lookup tables from changed traces.

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use rustc_hash::FxHashMap;

use crate::arch::{COMPRESS_BUS, DIGEST_WIDTH, Digest, Hasher, LookupTable, Poseidon2Hasher};
use crate::stark::{AirProofInput, AirRef, Bus, F, LookupPlan};

/// A query of a tuple that no table provides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnansweredQuery {
    /// Name of the AIR that makes the query.
    pub air: String,
    /// Name of the bus.
    pub bus: &'static str,
    /// The queried tuple.
    pub key: Vec<u32>,
}

/// Returns whether a table provides the tuple `key`.
pub fn answers(table: &dyn LookupTable, key: &[F]) -> bool {
    table.record(key, 0)
}

/// Lookup table of the compression function that also checks the output.
///
/// The Poseidon2 chip only looks at the input of a query when it counts, so it accepts queries with a wrong output. A
/// sweep needs a table that does not.
#[derive(Default)]
pub struct CompressTable(Poseidon2Hasher);

impl LookupTable for CompressTable {
    fn bus(&self) -> Bus {
        COMPRESS_BUS
    }
    fn record(&self, key: &[F], _count: u32) -> bool {
        let [left, right, output] = [0, 1, 2].map(|part| -> Digest {
            std::array::from_fn(|i| key.get(part * DIGEST_WIDTH + i).copied().unwrap_or_default())
        });
        self.0.compress(&left, &right) == output
    }
}

/// Counts the queries of all traces in `tables`, whose multiplicities must be 0. Returns the queries that no table
/// provides.
///
/// The multiplicities of equal queries are first summed in the field, as in a proof. So a forged multiplicity of −1
/// cancels one honest query.
pub(super) fn recount(airs: &[AirRef], inputs: &[AirProofInput], tables: &[&dyn LookupTable]) -> Vec<UnansweredQuery> {
    let names: Vec<&str> = tables.iter().map(|table| table.bus().name).collect();
    let mut totals: FxHashMap<(usize, Vec<F>), (usize, F)> = FxHashMap::default();
    for input in inputs {
        let Some(air) = airs.get(input.air) else { continue };
        let plan = LookupPlan::new(&**air, &names);
        for trace in &input.traces {
            let counted = plan.count(
                &**air,
                trace,
                &input.public_values,
                FxHashMap::<(usize, Vec<F>), F>::default,
                |counts, table, key, count| *counts.entry((table, key.to_vec())).or_default() += count,
            );
            for ((table, key), count) in counted.into_iter().flatten() {
                totals.entry((table, key)).or_insert((input.air, F::ZERO)).1 += count;
            }
        }
    }
    let mut unanswered = Vec::new();
    for ((table, key), (air, count)) in totals {
        if count != F::ZERO && !tables[table].record(&key, count.as_canonical_u32()) {
            let key = key.iter().map(PrimeField32::as_canonical_u32).collect();
            unanswered.push(UnansweredQuery { air: airs[air].name(), bus: tables[table].bus().name, key });
        }
    }
    unanswered.sort_by(|a, b| (a.bus, &a.key).cmp(&(b.bus, &b.key)));
    unanswered
}
