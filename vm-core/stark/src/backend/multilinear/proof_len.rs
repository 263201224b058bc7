//! Upper bound on the length of encoded proofs, from the shapes that a key allows.

use alloc::vec::Vec;

use crate::backend::config::MachineShape;
use crate::backend::hashes::Hashes;

use super::params::{FIRST_FOLD, MultilinearParams, Schedule};
use super::scheme::whir_config;
use super::security::max_degree;

/// Largest encoding of a length or another integer, in bytes.
const INTEGER: usize = 10;
/// Largest encoding of a field element and of a challenge.
const ELEMENT: usize = 5;
const CHALLENGE: usize = 4 * ELEMENT;
/// Largest encoding of a digest: four words of 64 bits, or eight field elements.
const DIGEST: usize = 4 * INTEGER;
/// Parts of a proof that do not depend on its shape.
const FIXED: usize = 1024;
/// A round of a sumcheck of degree 3 or less, and what is sent once after all rounds.
const ROUND: usize = 8 * CHALLENGE + 2 * INTEGER + ELEMENT;

/// Returns an upper bound on the length in bytes of an encoded proof. It is generous: openings of different queries
/// share digests, which it counts for each of them.
pub(super) fn max_proof_len<H: Hashes>(machine: &MachineShape<'_>, params: &MultilinearParams) -> usize {
    let mut instances: Vec<usize> = Vec::new();
    for (air, cost) in machine.descriptors.iter().zip(machine.costs) {
        let values = cost.main_width + cost.main_next + cost.preprocessed_width + cost.preprocessed_next;
        let public = air.public_values * ELEMENT;
        instances.extend(core::iter::repeat_n(values * CHALLENGE + public + 8 * INTEGER, air.max_instances));
    }
    instances.sort_unstable_by(|a, b| b.cmp(a));
    let instances: usize = instances.into_iter().take(machine.limits.max_total_instances).sum();
    // The tree of fractions has fewer than 64 layers, each with a sumcheck of as many rounds as layers above it.
    let fractions = 64 * 64 * ROUND;
    let sumcheck = 64 * (ROUND + max_degree(machine) * CHALLENGE);
    let sizes = FIRST_FOLD..=params.max_log_cells;
    let largest = |schedule: &Schedule| sizes.clone().map(|size| opening_len::<H>(schedule, size)).max().unwrap_or(0);
    FIXED
        + instances
        + machine.descriptors.len() * 2 * INTEGER
        + fractions
        + sumcheck
        + largest(&params.main)
        + largest(&params.preprocessed)
}

/// Returns an upper bound on the length of an opening of 2^`log_cells` stacked cells, without the opened values.
fn opening_len<H: Hashes>(schedule: &Schedule, log_cells: usize) -> usize {
    let Ok(config) = whir_config::<H>(schedule, log_cells) else { return 0 };
    let path = (log_cells + config.starting_log_inv_rate) * DIGEST + 2 * INTEGER;
    let fold = config.folding_schedule().iter().copied().max().unwrap_or(0);
    let leaf = (CHALLENGE << fold) + 2 * INTEGER;
    let query = path + leaf;
    let sumcheck = fold * ROUND;
    let rounds: usize = config
        .round_parameters()
        .iter()
        .map(|round| round.num_queries * query + round.ood_samples * CHALLENGE + DIGEST + sumcheck + 8 * INTEGER)
        .sum();
    let last = (CHALLENGE << 8) + config.terminal().num_queries * query + 8 * ROUND;
    rounds + last + config.commitment_ood_samples() * CHALLENGE + sumcheck + 16 * INTEGER
}
