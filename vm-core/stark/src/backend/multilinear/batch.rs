//! The engines of the multilinear backend, by hash function.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::iter::zip;
use core::marker::PhantomData;

use p3_air::BaseAir;
use p3_multi_stark::fractional_gkr::FractionGkrError;
use p3_multi_stark::lookup::LookupError;
use p3_multi_stark::{
    MultiStarkProof, ProvingKey as BackendProvingKey, VerificationError, VerifierInstance, VerifierInstances,
    VerifyingKey as BackendVerifyingKey, setup, verify as verify_batch,
};
use p3_sumcheck::TableShape;
use p3_sumcheck::layout::plan_stacked_layout;
use p3_whir::WhirConfigError;
use serde::{Deserialize, Serialize};
#[cfg(feature = "prover")]
use {
    super::params::Schedule,
    crate::backend::config::{ProverConfig, ProverInput},
    crate::backend::error::ProveError,
    crate::backend::key::ProvingKey,
    p3_commit::MultilinearPcs,
    p3_matrix::Matrix,
    p3_matrix::dense::RowMajorMatrix,
    p3_multi_stark::{ProverInstance, ProverInstances, prove as prove_batch},
    p3_sumcheck::layout::Table,
};

use crate::air::F;
use crate::backend::air::BackendAir;
use crate::backend::config::{BackendConfig, EngineConfig, MachineShape, VerifierInput};
use crate::backend::cost::{Packing, ProverMemory};
use crate::backend::engine::Engine;
use crate::backend::error::{ShapeError, VerifyError, brief};
use crate::backend::hashes::{Blake3Hashes, Hashes, KeccakHashes, Poseidon2Hashes};
use crate::backend::key::VerifyingKey;
use crate::backend::transcript::instances;
use crate::keys::{AirDescriptor, KeygenError, SecurityPreset, SecurityReport};

use super::air::Outline;
use super::params::{FIRST_FOLD, MultilinearParams};
use super::scheme::{Commitment, Committed, Dft, ProofConfig, Scheme};
use super::{proof_len, security};

/// Bits of the proofs of work between the rounds of sumchecks. The challenge field is so large that they need none.
const SUMCHECK_POW_BITS: usize = 0;

/// Configuration of the multilinear backend with some hash functions.
#[derive(Clone, Copy, Debug)]
pub struct Multilinear<H>(PhantomData<fn() -> H>);

/// Configuration of [`BabyBearWhirPoseidon2Engine`].
pub type WhirPoseidon2Config = Multilinear<Poseidon2Hashes>;
/// Configuration of [`BabyBearWhirKeccakEngine`].
pub type WhirKeccakConfig = Multilinear<KeccakHashes>;
/// Configuration of [`BabyBearWhirBlake3Engine`].
pub type WhirBlake3Config = Multilinear<Blake3Hashes>;

/// Multilinear engine with Poseidon2 commitments.
pub type BabyBearWhirPoseidon2Engine = Engine<WhirPoseidon2Config>;
/// Multilinear engine with Keccak commitments.
pub type BabyBearWhirKeccakEngine = Engine<WhirKeccakConfig>;
/// Multilinear engine with BLAKE3 commitments.
pub type BabyBearWhirBlake3Engine = Engine<WhirBlake3Config>;

/// Proof of a batch by the multilinear backend.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
pub struct MultilinearProof<H: Hashes> {
    /// log2 of the height of each instance, in key order.
    pub log_heights: Vec<usize>,
    /// Proof of the backend.
    pub proof: MultiStarkProof<ProofConfig<H>>,
}

/// Returns log2 of the number of cells into which traces are stacked.
fn log_stacked(shapes: impl IntoIterator<Item = (usize, usize)>) -> usize {
    let shapes: Vec<TableShape> = shapes.into_iter().map(|(height, width)| TableShape::new(height, width)).collect();
    plan_stacked_layout(&shapes).0
}

/// Makes the configuration for one proof, without the commitment to preprocessed traces.
fn proof_config<H: Hashes>(
    dft: &Dft,
    params: &MultilinearParams,
    airs: &[&BackendAir],
    log_heights: &[usize],
) -> Result<ProofConfig<H>, WhirConfigError> {
    let shapes = |width: fn(&BackendAir) -> usize| {
        log_stacked(zip(airs, log_heights).map(|(air, &height)| (height, width(air))).filter(|shape| shape.1 > 0))
    };
    let main = Scheme::new(dft, &params.main, shapes(|air| air.width()))?.with_pow(params.lookup_pow_bits);
    let preprocessed = airs
        .iter()
        .any(|air| air.preprocessed_width() > 0)
        .then(|| Scheme::new(dft, &params.preprocessed, shapes(|air| air.preprocessed_width())))
        .transpose()?;
    Ok(ProofConfig { main, preprocessed })
}

/// Returns the AIRs as the backend's key generation and verifier see them.
fn outlines<'a>(airs: &[&'a BackendAir]) -> Vec<Outline<'a>> {
    airs.iter().copied().map(Outline).collect()
}

/// Runs `f` with the configuration and the backend's keys for one batch. `data` are the prover's committed preprocessed
/// traces.
fn with_keys<H: Hashes, R>(
    dft: &Dft,
    key: &VerifyingKey<Multilinear<H>>,
    airs: &[&BackendAir],
    log_heights: &[usize],
    data: Committed<H>,
    f: impl FnOnce(&ProofConfig<H>, &BackendKeys<H>) -> R,
) -> Result<R, String>
where
    Multilinear<H>: EngineConfig<Commitment = Commitment<H>, Params = MultilinearParams>,
{
    let mut config = proof_config::<H>(dft, key.params(), airs, log_heights).map_err(|error| error.to_string())?;
    // Soundness (M15): AIRs with preprocessed traces are required (shape check), in key order. So the backend opens the
    // commitment of our key as what it is.
    if let (Some(scheme), Some(commitment)) = (config.preprocessed.take(), key.preprocessed_commitment()) {
        config.preprocessed = Some(scheme.with_commitment(commitment.clone(), data));
    }
    let outlines = outlines(airs);
    let keys = setup(&config, &outlines.iter().collect::<Vec<_>>(), &mut H::challenger())
        .map_err(|error| error.to_string())?;
    Ok(f(&config, &keys))
}

/// The backend's keys for one list of instances.
type BackendKeys<H> = (BackendProvingKey<ProofConfig<H>>, BackendVerifyingKey<ProofConfig<H>>);

fn verify<H: Hashes>(
    dft: &Dft,
    key: &VerifyingKey<Multilinear<H>>,
    input: &VerifierInput<'_, Multilinear<H>>,
    mut challenger: H::Challenger,
) -> Result<(), VerifyError>
where
    Multilinear<H>:
        EngineConfig<Commitment = Commitment<H>, Params = MultilinearParams, BatchProof = MultilinearProof<H>>,
{
    let MultilinearProof { log_heights, proof } = input.batch;
    let (airs, values): (Vec<&BackendAir>, Vec<&Vec<F>>) = instances(key, input.counts, input.public_values).unzip();
    let verdict = with_keys::<H, _>(dft, key, &airs, log_heights, None, |config, (_, backend_key)| {
        let outlines = outlines(&airs);
        let batch = zip(zip(&outlines, log_heights), values)
            .map(|((air, &height), values)| VerifierInstance::new(air, backend_key, height, values))
            .collect();
        // Soundness (M31): every shape that the key allows reaches the target.
        verify_batch(config, VerifierInstances::new(batch), proof, SUMCHECK_POW_BITS, &mut challenger)
            .map_err(translate)?;
        if config.main.is_pow_wrong() {
            return Err(VerifyError::ProofOfWork("after the main commitment".into()));
        }
        Ok(())
    });
    verdict.map_err(VerifyError::Malformed)?
}

/// Converts an error of the backend.
fn translate<E: core::fmt::Debug>(error: VerificationError<E>) -> VerifyError {
    match error {
        VerificationError::Zerocheck(e) => VerifyError::Zerocheck(e.to_string()),
        // The prover sends no numerator of the root, so the first layer shows whether it is zero.
        VerificationError::Lookup(LookupError::FractionGkr(FractionGkrError::LayerConsistency { layer: 0 })) => {
            VerifyError::BusImbalance
        }
        VerificationError::Opening(e) => VerifyError::Opening(brief(&e)),
        e => VerifyError::Malformed(e.to_string()),
    }
}

#[cfg(feature = "prover")]
fn prove<H: Hashes>(
    dft: &Dft,
    key: &ProvingKey<Multilinear<H>>,
    input: ProverInput<'_>,
    mut challenger: H::Challenger,
) -> Result<MultilinearProof<H>, ProveError>
where
    Multilinear<H>: EngineConfig<
            Commitment = Commitment<H>,
            Params = MultilinearParams,
            BatchProof = MultilinearProof<H>,
            Preprocessed = Committed<H>,
        >,
{
    let (airs, values): (Vec<&BackendAir>, Vec<&Vec<F>>) =
        instances(&key.vk, input.counts, input.public_values).unzip();
    let log_heights: Vec<usize> = input.traces.iter().map(|t| t.height().trailing_zeros() as usize).collect();
    let data = key.preprocessed.clone().flatten();
    let proof = with_keys::<H, _>(dft, &key.vk, &airs, &log_heights, data, |config, (backend_key, _)| {
        let batch = zip(zip(&airs, input.traces), values)
            .map(|((air, trace), values)| ProverInstance::new(*air, table(trace), backend_key, values))
            .collect();
        prove_batch(config, ProverInstances::new(batch), SUMCHECK_POW_BITS, &mut challenger)
            .map_err(|error| error.to_string())
    });
    let proof = proof.and_then(|proof| proof).map_err(ProveError::Backend)?;
    Ok(MultilinearProof { log_heights, proof })
}

/// Returns the columns of a trace.
#[cfg(feature = "prover")]
fn table(trace: RowMajorMatrix<F>) -> Table<F> {
    Table::new(trace.transpose())
}

/// Commits traces.
#[cfg(feature = "prover")]
fn commit<H: Hashes>(
    dft: &Dft,
    schedule: &Schedule,
    traces: Vec<RowMajorMatrix<F>>,
) -> Result<(Commitment<H>, Committed<H>), WhirConfigError> {
    let log_cells = log_stacked(traces.iter().map(|t| (t.height().trailing_zeros() as usize, t.width())));
    let tables = traces.into_iter().map(table).collect();
    Scheme::<H>::new(dft, schedule, log_cells)?.commit(super::scheme::stack(tables), &mut H::challenger())
}

/// Makes an engine of each kind of hash functions. A macro rather than generic implementations, so that the backend is
/// compiled once, here, instead of in every crate that proves or verifies.
macro_rules! engines {
    ($($hashes:ty, $name:literal;)*) => {
        $(
            impl BackendConfig for Multilinear<$hashes> {
                type Commitment = Commitment<$hashes>;
                type BatchProof = MultilinearProof<$hashes>;
                type Params = MultilinearParams;
                type Tables = Dft;
                type Transcript = <$hashes as Hashes>::Challenger;
            }

            impl EngineConfig for Multilinear<$hashes> {
                const NAME: &'static str = $name;
                const COLLISION_BITS: usize = <$hashes>::COLLISION_BITS;
                const MIN_LOG_HEIGHT: usize = FIRST_FOLD;
                type Derived = ();

                fn prover_memory(preset: SecurityPreset) -> ProverMemory {
                    ProverMemory::Stacked { log_blowup: preset.log_blowup() }
                }
                fn max_columns(params: &MultilinearParams) -> usize {
                    params.max_columns
                }
                fn transcript() -> Self::Transcript {
                    <$hashes>::challenger()
                }
                fn derive(_air: &BackendAir) -> ((), Packing) {
                    ((), Packing::default())
                }
                fn choose_params(machine: &MachineShape<'_>) -> Result<MultilinearParams, KeygenError> {
                    security::choose_params::<$hashes>(machine)
                }
                fn worst_case(machine: &MachineShape<'_>, params: &MultilinearParams) -> SecurityReport {
                    security::worst_case::<$hashes>(machine, params)
                }
                fn security(
                    machine: &MachineShape<'_>,
                    params: &MultilinearParams,
                    log_heights: &[Vec<usize>],
                ) -> SecurityReport {
                    security::of_batch::<$hashes>(machine, params, log_heights)
                }
                fn max_proof_len(machine: &MachineShape<'_>, params: &MultilinearParams) -> usize {
                    proof_len::max_proof_len::<$hashes>(machine, params)
                }
                fn check_shape(
                    params: &MultilinearParams,
                    airs: &[AirDescriptor],
                    counts: &[u32],
                    log_heights: &[usize],
                ) -> Result<(), ShapeError> {
                    security::check_shape(params, airs, counts, log_heights)
                }
                fn log_heights(batch: &MultilinearProof<$hashes>) -> &[usize] {
                    &batch.log_heights
                }
                #[inline(never)]
                fn verify(
                    dft: &Dft,
                    key: &VerifyingKey<Self>,
                    input: VerifierInput<'_, Self>,
                    challenger: Self::Transcript,
                ) -> Result<(), VerifyError> {
                    verify::<$hashes>(dft, key, &input, challenger)
                }
            }

            #[cfg(feature = "prover")]
            impl ProverConfig for Multilinear<$hashes> {
                type Preprocessed = Committed<$hashes>;

                fn prover_panic(text: String) -> ProveError {
                    // The backend's prover checks the sum of all messages.
                    if text.contains("input fractions must sum to zero") {
                        ProveError::BusImbalance
                    } else {
                        ProveError::Backend(text)
                    }
                }

                #[inline(never)]
                fn prove(
                    dft: &Dft,
                    key: &ProvingKey<Self>,
                    input: ProverInput<'_>,
                    challenger: Self::Transcript,
                ) -> Result<MultilinearProof<$hashes>, ProveError> {
                    prove::<$hashes>(dft, key, input, challenger)
                }

                #[inline(never)]
                fn commit_preprocessed(
                    dft: &Dft,
                    params: &MultilinearParams,
                    traces: Vec<RowMajorMatrix<F>>,
                ) -> Result<(Commitment<$hashes>, Committed<$hashes>), KeygenError> {
                    commit::<$hashes>(dft, &params.preprocessed, traces)
                        .map_err(|error| KeygenError::Backend(error.to_string()))
                }

                #[inline(never)]
                fn commit_main(
                    dft: &Dft,
                    preset: SecurityPreset,
                    traces: Vec<RowMajorMatrix<F>>,
                ) -> Result<(), ProveError> {
                    commit::<$hashes>(dft, &security::usual_schedule(preset), traces)
                        .map(drop)
                        .map_err(|error| ProveError::Backend(error.to_string()))
                }
            }
        )*
    };
}

engines! {
    Poseidon2Hashes, "baby-bear-whir-poseidon2";
    KeccakHashes, "baby-bear-whir-keccak";
    Blake3Hashes, "baby-bear-whir-blake3";
}

#[cfg(test)]
mod tests {
    use p3_field::PrimeCharacteristicRing;
    use p3_multi_stark::security_report;

    use super::*;
    use crate::backend::StarkEngine;
    use crate::keys::KeygenLimits;
    use crate::tests::toys::toy;

    /// Returns the error terms of a batch as the backend computes them.
    fn backend_terms<H: Hashes>(
        params: &MultilinearParams,
        airs: &[&BackendAir],
        log_heights: &[usize],
    ) -> Vec<(&'static str, f64)> {
        let config = proof_config::<H>(&Dft::default(), params, airs, log_heights).unwrap();
        // The assessment does not read the backend's key, but wants one: that of no AIRs.
        let (_, keys) = setup(&config, &[] as &[&Outline<'_>], &mut H::challenger()).unwrap();
        let values: Vec<Vec<F>> = airs.iter().map(|air| F::zero_vec(air.num_public_values())).collect();
        let outlines = outlines(airs);
        let batch = zip(zip(&outlines, log_heights), &values)
            .map(|((air, &height), values)| VerifierInstance::new(air, &keys, height, values))
            .collect();
        let report = security_report(&config, &VerifierInstances::new(batch)).unwrap();
        report.terms().iter().map(|term| (term.label, term.bits.bits())).collect()
    }

    /// The security of a batch is what the backend's own assessment says. Only openings have fewer bits: one claim counts
    /// twice.
    #[test]
    fn the_backend_assesses_batches_in_the_same_way() {
        for preset in SecurityPreset::ALL {
            let key = BabyBearWhirPoseidon2Engine::new(preset).keygen(&toy(), KeygenLimits::default()).unwrap();
            let vk = key.verifying_key();
            for log_heights in [
                [vec![10], vec![5, 5], vec![5], vec![12]],
                [vec![10], vec![22, 13, 6], vec![20; 8], vec![22]],
                [vec![10], vec![], vec![], vec![5]],
            ] {
                let report = vk.security(&log_heights);
                let airs = zip(&vk.airs, &log_heights);
                let airs: Vec<&BackendAir> =
                    airs.flat_map(|(air, heights)| core::iter::repeat_n(air, heights.len())).collect();
                let expected = backend_terms::<Poseidon2Hashes>(vk.params(), &airs, &log_heights.concat());
                assert_eq!(report.terms.len(), expected.len(), "{report} {expected:?}");
                for (term, (label, bits)) in zip(&report.terms, expected) {
                    let pow = if term.name == "logup-fingerprint" { vk.params().lookup_pow_bits as f64 } else { 0.0 };
                    let (ours, slack) =
                        if label == "whir-opening" { (term.bits, 0.01) } else { (term.bits - pow, 1e-9) };
                    assert!(ours <= bits + 1e-9 && bits - ours <= slack, "{label}: {} and {bits}", term.bits);
                    assert!(label == "whir-opening" || label == term.name || term.name == "collision", "{label}");
                }
            }
        }
    }
}
