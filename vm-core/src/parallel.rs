//! Parallel iterators that also work without threads.
//!
//! With the feature `prover`, work runs on all threads; without it, on the calling thread. A crate whose chips are part
//! of a verifier imports `vm_sdk::parallel::*` instead of rayon's prelude.

pub use p3_maybe_rayon::prelude::*;

/// Sorts `items` in ascending order, in parallel with the feature `prover`. Equal elements may be reordered.
pub fn sort_unstable<T: Ord + Send>(items: &mut [T]) {
    #[cfg(feature = "prover")]
    items.par_sort_unstable();
    #[cfg(not(feature = "prover"))]
    items.sort_unstable();
}
