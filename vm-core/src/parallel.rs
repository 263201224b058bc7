//! Work on all threads with the feature `prover`, on one thread without it: `use vm_sdk::parallel::*` instead of rayon's
//! prelude lets a crate's chips be part of a verifier.

pub use p3_maybe_rayon::prelude::*;

/// Sorts on all threads; equal elements may change places.
pub fn sort_unstable<T: Ord + Send>(items: &mut [T]) {
    #[cfg(feature = "prover")]
    items.par_sort_unstable();
    #[cfg(not(feature = "prover"))]
    items.sort_unstable();
}
