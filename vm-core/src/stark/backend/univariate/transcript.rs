//! The start of the transcript: everything that it observes before the backend runs.

use p3_challenger::CanObserve;
use p3_dft::Radix2DitParallel;
use p3_field::PrimeCharacteristicRing;

use crate::stark::air::F;

use super::air::BackendAir;
use super::engine_config::EngineConfig;
use super::key::VerifyingKey;

/// First element of every transcript. It changes if the transcript observes other things.
const TRANSCRIPT_TAG: u32 = 0x564d_0001;

/// Returns the configuration for one proof: the parameters of the key, and a transcript that has observed everything
/// that the backend does not observe itself.
pub(super) fn proof_config<SC: EngineConfig>(
    dft: &Radix2DitParallel<F>,
    key: &VerifyingKey<SC>,
    counts: &[u32],
    domain: &[F],
) -> SC {
    let mut challenger = SC::challenger();
    // Soundness (M14, class 15): the backend observes the number of instances, widths, heights, public values,
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
    challenger.observe(F::from_usize(domain.len()));
    for &x in domain {
        challenger.observe(x);
    }
    let params = &key.body.params;
    SC::assemble(SC::new_pcs(params, dft.clone()), challenger, params)
}

/// Returns the backend's AIR and the public values of each instance, in key order.
pub(super) fn instances<SC: EngineConfig>(
    key: &VerifyingKey<SC>,
    counts: &[u32],
    public_values: &[Vec<F>],
) -> (Vec<BackendAir>, Vec<Vec<F>>) {
    let of = |air: usize| (key.airs[air].clone(), public_values[air].clone());
    counts.iter().enumerate().flat_map(|(air, &n)| std::iter::repeat_n(air, n as usize)).map(of).unzip()
}
