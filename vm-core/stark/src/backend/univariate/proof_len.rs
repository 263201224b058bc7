//! Upper bound on the length of encoded proofs, from the shapes that a key allows.

use alloc::vec::Vec;

use crate::keys::{AirDescriptor, KeygenLimits, SecurityParams};

use crate::backend::cost::AirCost;

use super::security::openings;

/// Largest encoding of a length or another integer, in bytes.
const INTEGER: usize = 10;
/// Largest encoding of a field element and of an element of the extension field.
const ELEMENT: usize = 5;
const EXTENSION: usize = 4 * ELEMENT;
/// Largest encoding of a digest: four words of 64 bits, or eight field elements.
const DIGEST: usize = 4 * INTEGER;
/// Commitments of a proof: preprocessed and main traces, lookup columns and quotients.
const COMMITMENTS: usize = 4;
/// Parts of a proof that do not depend on its shape: commitments, proofs of work, and the tags of optional parts.
const FIXED: usize = 1024;

/// Returns an upper bound on the length in bytes of an encoded proof. It is generous: openings of different queries
/// share digests, which it counts for each of them.
pub(super) fn max_proof_len(
    params: &SecurityParams,
    limits: &KeygenLimits,
    airs: &[AirDescriptor],
    costs: &[AirCost],
) -> usize {
    let queries = params.num_queries;
    let instance = |air: &AirDescriptor, cost: &AirCost| {
        let columns = air.committed_columns() + air.preprocessed_width + 4 * air.quotient_chunks;
        // Main, preprocessed and lookup traces, and one matrix for each chunk of the quotient.
        let matrices = 3 + air.quotient_chunks;
        let row = columns * ELEMENT + matrices * INTEGER;
        // Each opened list has a length, at most two lists for each matrix. The other terms are the height, the sum of
        // the lookup columns and its tag, and the public values.
        let opened = openings(cost) * EXTENSION + (2 * matrices + 2) * INTEGER;
        opened + queries * row + INTEGER + EXTENSION + INTEGER + air.public_values * ELEMENT
    };
    let mut instances: Vec<usize> = airs
        .iter()
        .zip(costs)
        .flat_map(|(air, cost)| core::iter::repeat_n(instance(air, cost), air.max_instances))
        .collect();
    instances.sort_unstable_by(|a, b| b.cmp(a));
    let instances: usize = instances.into_iter().take(limits.max_total_instances).sum();
    // A path has a digest for each level. The low-degree test has at most one layer for each of them, in each of which
    // a query opens the other elements of its coset.
    let levels = limits.max_log_height + params.log_blowup + 1;
    let path = levels * DIGEST + 2 * INTEGER;
    let layer = (1 << params.max_log_arity) * EXTENSION + path;
    let layers = levels * (queries * layer + DIGEST + ELEMENT + 4 * INTEGER);
    let last = (EXTENSION << params.log_final_poly_len) + INTEGER;
    FIXED + instances + airs.len() * 2 * INTEGER + COMMITMENTS * queries * path + layers + last
}
