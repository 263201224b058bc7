//! The start of the transcript: everything that it observes before the backend runs.

use alloc::vec::Vec;

use p3_challenger::CanObserve;
use p3_field::PrimeCharacteristicRing;

use crate::air::F;

use super::air::BackendAir;
use super::config::EngineConfig;
use super::key::VerifyingKey;

/// First element of every transcript. It changes if the transcript observes other things.
const TRANSCRIPT_TAG: u32 = 0x564d_0003;

/// Returns a transcript that has observed everything that the backend does not observe itself.
pub(crate) fn start<SC: EngineConfig>(
    key: &VerifyingKey<SC>,
    counts: &[u32],
    public_values: &[Vec<F>],
    domain: &[F],
) -> SC::Transcript {
    let mut challenger = SC::transcript();
    // Soundness (M14, class 15): the backends observe the number of instances, widths, heights, public values,
    // commitments and grinding parameters, but not which AIRs the instances belong to. The digest of the key covers the
    // AIRs, their order, the buses, limits, parameters and the commitment to preprocessed traces. The counts determine
    // the AIR of each instance. Every part has a fixed length, or its length is observed before it.
    challenger.observe(F::from_u32(TRANSCRIPT_TAG));
    for x in key.digest {
        challenger.observe(x);
    }
    challenger.observe(F::from_usize(counts.len()));
    for &count in counts {
        challenger.observe(F::from_u32(count));
    }
    // Soundness (M30): the multilinear backend observes public values only after its proof of work. The key determines
    // their number.
    for &x in public_values.iter().flatten() {
        challenger.observe(x);
    }
    challenger.observe(F::from_usize(domain.len()));
    for &x in domain {
        challenger.observe(x);
    }
    challenger
}

/// Returns the AIR and the public values of each instance, in key order.
pub(super) fn instances<'a, SC: EngineConfig>(
    key: &'a VerifyingKey<SC>,
    counts: &'a [u32],
    public_values: &'a [Vec<F>],
) -> impl Iterator<Item = (&'a BackendAir, &'a Vec<F>)> {
    let of = |air: usize| (&key.airs[air], &public_values[air]);
    counts.iter().enumerate().flat_map(|(air, &n)| core::iter::repeat_n(air, n as usize)).map(of)
}
