//! Multiplicities of tables, recomputed from tampered traces.

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use rustc_hash::FxHashMap;

use crate::arch::{COMPRESS_BUS, DIGEST_WIDTH, Digest, Hasher, LookupTable, Poseidon2Hasher};
use crate::stark::{AirProofInput, AirRef, Bus, F, LookupPlan};

/// A query that no table answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnansweredQuery {
    /// AIR that asks.
    pub air: String,
    /// Bus.
    pub bus: &'static str,
    /// Key.
    pub key: Vec<u32>,
}

/// Whether a table has an entry for a key.
pub fn answers(table: &dyn LookupTable, key: &[F]) -> bool {
    table.record(key, 0)
}

/// The table of true compressions: the Poseidon2 chip provides the output of every input that it is asked for, so it
/// cannot tell a wrong query by itself.
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

/// Counts the queries of all traces in `tables`, which have no counts yet.
///
/// Counts are summed in the field before a table sees them, as the proof sums them: a tampered multiplicity of −1 takes
/// one query back.
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
