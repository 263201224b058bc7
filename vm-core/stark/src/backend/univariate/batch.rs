//! The engines of the univariate backend, by hash function.

use alloc::format;
use alloc::string::String;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::iter::{repeat_n, zip};

use p3_batch_stark::common::{GlobalPreprocessed, PreprocessedInstanceMeta};
use p3_batch_stark::{BatchProof, BatchVerificationError, CommonData, VerificationError, verify_batch};
use p3_commit::ExtensionMmcs;
use p3_dft::Radix2DitParallel;
use p3_fri::{FriParameters, TwoAdicFriPcs};
use p3_lookup::{LookupError, Lookups};
use p3_uni_stark::StarkConfig;
#[cfg(feature = "prover")]
use {
    super::config::PcsData,
    crate::backend::config::{ProverConfig, ProverInput},
    crate::backend::error::ProveError,
    crate::backend::key::ProvingKey,
    p3_batch_stark::{ProverData, ProverOnlyData, StarkInstance, prove_batch},
    p3_commit::{Pcs, UnivariateStarkPcs},
    p3_field::coset::TwoAdicMultiplicativeCoset,
    p3_matrix::Matrix,
    p3_matrix::dense::RowMajorMatrix,
};

use crate::air::{EF, F};
use crate::backend::air::BackendAir;
use crate::backend::config::{BackendConfig, EngineConfig, MachineShape, VerifierInput};
use crate::backend::cost::{Packing, ProverMemory};
use crate::backend::engine::Engine;
use crate::backend::error::{ShapeError, VerifyError, brief};
use crate::backend::hashes::{
    Blake3Hashes, Blake3Mmcs, Hashes, KeccakHashes, KeccakMmcs, Poseidon2Hashes, Poseidon2Mmcs,
};
use crate::backend::key::VerifyingKey;
use crate::backend::shared_mmcs::SharedMmcs;
use crate::backend::transcript::instances;
use crate::keys::{AirDescriptor, KeygenError, SecurityParams, SecurityPreset, SecurityReport};

use super::config::{PcsCom, UnivariateConfig};
use super::packing::{log_quotient_chunks, pack_lookups};
use super::{proof_len, security};

type Dft = Radix2DitParallel<F>;
type FriPcs<M> = TwoAdicFriPcs<F, Dft, SharedMmcs<M>, ExtensionMmcs<F, EF, M>>;
type Config<M, H> = StarkConfig<FriPcs<M>, EF, <H as Hashes>::Challenger>;

/// Configuration of [`BabyBearPoseidon2Engine`].
pub type Poseidon2Config = Config<Poseidon2Mmcs, Poseidon2Hashes>;
/// Configuration of [`BabyBearKeccakEngine`].
pub type KeccakConfig = Config<KeccakMmcs, KeccakHashes>;
/// Configuration of [`BabyBearBlake3Engine`].
pub type Blake3Config = Config<Blake3Mmcs, Blake3Hashes>;

/// The default engine, with Poseidon2 commitments. A recursive verifier could check its proofs cheaply.
pub type BabyBearPoseidon2Engine = Engine<Poseidon2Config>;
/// Engine with Keccak commitments. It proves faster than Poseidon2 on CPUs without wide vectors of 32-bit
/// multiplications.
pub type BabyBearKeccakEngine = Engine<KeccakConfig>;
/// Engine with BLAKE3 commitments. It proves fastest.
pub type BabyBearBlake3Engine = Engine<Blake3Config>;

fn fri_pcs<M: Clone>(mmcs: M, params: &SecurityParams, dft: Dft) -> FriPcs<M> {
    let fri = FriParameters {
        log_blowup: params.log_blowup,
        log_final_poly_len: params.log_final_poly_len,
        max_log_arity: params.max_log_arity,
        num_queries: params.num_queries,
        batch_proof_of_work_bits: params.batch_pow_bits,
        commit_proof_of_work_bits: params.commit_pow_bits,
        query_proof_of_work_bits: params.query_pow_bits,
        mmcs: ExtensionMmcs::new(mmcs.clone()),
    };
    TwoAdicFriPcs::new(dft, SharedMmcs(mmcs), fri)
}

/// Makes the configuration for one proof.
fn config<M: Clone, C: Clone>(
    mmcs: M,
    challenger: C,
    params: &SecurityParams,
    dft: &Dft,
) -> StarkConfig<FriPcs<M>, EF, C> {
    StarkConfig::new(fri_pcs(mmcs, params, dft.clone()), challenger)
        .with_lookup_proof_of_work_bits(params.lookup_pow_bits)
        .with_ood_proof_of_work_bits(params.ood_pow_bits)
}

/// Returns the backend's data for the instances of one proof: their lookups, and the metadata of their preprocessed
/// traces. `counts` has the number of instances of each AIR.
fn common_data<SC>(key: &VerifyingKey<SC>, counts: &[u32]) -> CommonData<SC>
where
    SC: UnivariateConfig + EngineConfig<Commitment = PcsCom<SC>, Derived = Lookups<F>>,
{
    let mut lookups = Vec::new();
    let mut metas = Vec::new();
    let mut matrix_to_instance = Vec::new();
    for ((descriptor, derived), &count) in zip(zip(key.airs(), &key.derived), counts) {
        for _ in 0..count {
            let meta = descriptor.preprocessed_log_height.map(|degree_bits| {
                // Soundness (M15): an AIR with a preprocessed trace has exactly one instance (shape check), and
                // instances are in key order. So the matrices get consecutive indices in the order in which they were
                // committed.
                matrix_to_instance.push(metas.len());
                PreprocessedInstanceMeta {
                    matrix_index: matrix_to_instance.len() - 1,
                    width: descriptor.preprocessed_width,
                    degree_bits,
                }
            });
            metas.push(meta);
            lookups.push(derived.clone());
        }
    }
    let preprocessed = key.preprocessed_commitment().map(|commitment| GlobalPreprocessed {
        commitment: commitment.clone(),
        instances: metas,
        matrix_to_instance,
    });
    CommonData::new(preprocessed, lookups)
}

/// Verifies the proof of a batch whose shape has been checked.
fn verify<SC>(config: &SC, key: &VerifyingKey<SC>, input: &VerifierInput<'_, SC>) -> Result<(), VerifyError>
where
    SC: UnivariateConfig + EngineConfig<Commitment = PcsCom<SC>, Derived = Lookups<F>, BatchProof = BatchProof<SC>>,
{
    let batch = input.batch;
    let total = batch.degree_bits.len();
    for got in [batch.opened_values.instances.len(), batch.lookup_terminals.len()] {
        if got != total {
            return Err(VerifyError::Malformed(format!("{got} opened instances instead of {total}")));
        }
    }
    let (airs, values): (Vec<BackendAir>, Vec<Vec<F>>) =
        instances(key, input.counts, input.public_values).map(|(air, values)| (air.clone(), values.clone())).unzip();
    let common = common_data(key, input.counts);
    let name = |instance: usize| {
        let mut names = zip(key.airs(), input.counts).flat_map(|(air, &count)| repeat_n(&air.name, count as usize));
        names.nth(instance).cloned().unwrap_or_default()
    };
    verify_batch(config, &airs, batch, &values, &common).map_err(|error| translate(error, name))
}

/// Converts an error of the backend.
fn translate<E: core::fmt::Debug>(error: BatchVerificationError<E>, air_name: impl Fn(usize) -> String) -> VerifyError {
    match error {
        BatchVerificationError::Verification(VerificationError::OodEvaluationMismatch { index }) => {
            VerifyError::Constraints { air: index.map_or_else(String::new, air_name) }
        }
        BatchVerificationError::Verification(VerificationError::InvalidOpeningArgument(e)) => {
            VerifyError::Opening(brief(&e))
        }
        BatchVerificationError::Lookup(LookupError::TerminalSumNonZero) => VerifyError::BusImbalance,
        BatchVerificationError::Transcript(e) => VerifyError::ProofOfWork(e.to_string()),
        BatchVerificationError::Lookup(e) => VerifyError::Malformed(e.to_string()),
        BatchVerificationError::Verification(e) => VerifyError::Malformed(e.to_string()),
    }
}

/// Proves a batch whose shape has been checked.
#[cfg(feature = "prover")]
fn prove<SC>(config: &SC, key: &ProvingKey<SC>, input: &ProverInput<'_>) -> Result<BatchProof<SC>, ProveError>
where
    SC: UnivariateConfig + EngineConfig<Commitment = PcsCom<SC>, Derived = Lookups<F>, Preprocessed = PcsData<SC>>,
{
    let batch: Vec<StarkInstance<'_, SC, BackendAir>> =
        zip(instances(&key.vk, input.counts, input.public_values), &input.traces)
            .map(|((air, values), trace)| StarkInstance { air, trace, public_values: values.clone() })
            .collect();
    let data = ProverData {
        common: common_data(&key.vk, input.counts),
        // The backend takes the committed tables by value. The clone shares them (see `SharedMmcs`).
        prover_only: ProverOnlyData { preprocessed_prover_data: key.preprocessed.clone() },
    };
    prove_batch(config, &batch, &data).map_err(|error| ProveError::Backend(brief(&error)))
}

/// Pairs each trace with the domain of its height.
#[cfg(feature = "prover")]
fn with_domains<SC: UnivariateConfig>(
    pcs: &SC::Pcs,
    traces: Vec<RowMajorMatrix<F>>,
) -> Vec<(TwoAdicMultiplicativeCoset<F>, RowMajorMatrix<F>)> {
    let domain = |height| <SC::Pcs as Pcs<EF, SC::Challenger>>::natural_domain_for_degree(pcs, height);
    traces.into_iter().map(|trace| (domain(trace.height()), trace)).collect()
}

/// Makes an engine of each configuration. A macro rather than generic implementations, so that the backend is compiled
/// once, here, instead of in every crate that proves or verifies.
macro_rules! engines {
    ($($config:ty, $hashes:ty, $name:literal;)*) => {
        $(
            impl BackendConfig for $config {
                type Commitment = PcsCom<Self>;
                type BatchProof = BatchProof<Self>;
                type Params = SecurityParams;
                type Tables = Dft;
                type Transcript = <$hashes as Hashes>::Challenger;
            }

            impl EngineConfig for $config {
                const NAME: &'static str = $name;
                const COLLISION_BITS: usize = <$hashes>::COLLISION_BITS;
                const MIN_LOG_HEIGHT: usize = 0;
                type Derived = Lookups<F>;

                fn prover_memory(preset: SecurityPreset) -> ProverMemory {
                    ProverMemory::Committed { log_blowup: preset.log_blowup() }
                }
                fn max_columns(_params: &SecurityParams) -> usize {
                    usize::MAX
                }
                fn transcript() -> Self::Transcript {
                    <$hashes>::challenger()
                }
                fn derive(air: &BackendAir) -> (Lookups<F>, Packing) {
                    let lookups = pack_lookups(air);
                    let quotient_chunks = 1 << log_quotient_chunks(air, &lookups);
                    let packing = Packing { lookup_columns: lookups.len(), quotient_chunks };
                    (lookups, packing)
                }
                fn choose_params(machine: &MachineShape<'_>) -> Result<SecurityParams, KeygenError> {
                    security::choose_params(machine, Self::COLLISION_BITS)
                }
                fn worst_case(machine: &MachineShape<'_>, params: &SecurityParams) -> SecurityReport {
                    security::worst_case(machine, params, Self::COLLISION_BITS)
                }
                fn security(
                    machine: &MachineShape<'_>,
                    params: &SecurityParams,
                    log_heights: &[Vec<usize>],
                ) -> SecurityReport {
                    security::of_batch(machine, params, Self::COLLISION_BITS, log_heights)
                }
                fn max_proof_len(machine: &MachineShape<'_>, params: &SecurityParams) -> usize {
                    proof_len::max_proof_len(params, machine.limits, machine.descriptors, machine.costs)
                }
                fn check_shape(
                    _params: &SecurityParams,
                    _airs: &[AirDescriptor],
                    _counts: &[u32],
                    _log_heights: &[usize],
                ) -> Result<(), ShapeError> {
                    Ok(())
                }
                fn log_heights(batch: &BatchProof<Self>) -> &[usize] {
                    &batch.degree_bits
                }
                #[inline(never)]
                fn verify(
                    dft: &Dft,
                    key: &VerifyingKey<Self>,
                    input: VerifierInput<'_, Self>,
                    challenger: Self::Transcript,
                ) -> Result<(), VerifyError> {
                    verify(&config(<$hashes>::mmcs(), challenger, key.params(), dft), key, &input)
                }
            }

            #[cfg(feature = "prover")]
            impl ProverConfig for $config {
                type Preprocessed = PcsData<Self>;

                #[inline(never)]
                fn prove(
                    dft: &Dft,
                    key: &ProvingKey<Self>,
                    input: ProverInput<'_>,
                    challenger: Self::Transcript,
                ) -> Result<BatchProof<Self>, ProveError> {
                    prove(&config(<$hashes>::mmcs(), challenger, key.vk.params(), dft), key, &input)
                }

                #[inline(never)]
                fn commit_preprocessed(
                    dft: &Dft,
                    params: &SecurityParams,
                    traces: Vec<RowMajorMatrix<F>>,
                ) -> Result<(PcsCom<Self>, PcsData<Self>), KeygenError> {
                    let pcs = fri_pcs(<$hashes>::mmcs(), params, dft.clone());
                    commit_preprocessed::<Self>(&pcs, traces)
                }

                #[inline(never)]
                fn commit_main(
                    dft: &Dft,
                    preset: SecurityPreset,
                    traces: Vec<RowMajorMatrix<F>>,
                ) -> Result<(), ProveError> {
                    let pcs = fri_pcs(<$hashes>::mmcs(), &preset.params(), dft.clone());
                    commit_main::<Self>(&pcs, traces)
                }
            }
        )*
    };
}

engines! {
    Poseidon2Config, Poseidon2Hashes, "baby-bear-poseidon2";
    KeccakConfig, KeccakHashes, "baby-bear-keccak";
    Blake3Config, Blake3Hashes, "baby-bear-blake3";
}

/// Commits preprocessed traces.
#[cfg(feature = "prover")]
fn commit_preprocessed<SC: UnivariateConfig>(
    pcs: &SC::Pcs,
    traces: Vec<RowMajorMatrix<F>>,
) -> Result<(PcsCom<SC>, PcsData<SC>), KeygenError> {
    let traces = with_domains::<SC>(pcs, traces);
    <SC::Pcs as UnivariateStarkPcs<EF, SC::Challenger>>::commit_preprocessing(pcs, traces)
        .map_err(|error| KeygenError::Backend(brief(&error)))
}

/// Commits main traces and drops the result.
#[cfg(feature = "prover")]
fn commit_main<SC: UnivariateConfig>(pcs: &SC::Pcs, traces: Vec<RowMajorMatrix<F>>) -> Result<(), ProveError> {
    let traces = with_domains::<SC>(pcs, traces);
    let committed = <SC::Pcs as Pcs<EF, SC::Challenger>>::commit(pcs, traces);
    committed.map(drop).map_err(|error| ProveError::Backend(brief(&error)))
}
