//! Configurations of the three engines. They differ in their hash functions only.

use p3_baby_bear::{Poseidon2BabyBear, default_babybear_poseidon2_16};
use p3_batch_stark::{BatchProof, BatchVerificationError, CommonData, VerificationError, verify_batch};
use p3_blake3::Blake3;
use p3_challenger::{DuplexChallenger, HashChallenger, SerializingChallenger32};
use p3_commit::ExtensionMmcs;
use p3_dft::Radix2DitParallel;
use p3_fri::{FriParameters, TwoAdicFriPcs};
use p3_keccak::{Keccak256Hash, KeccakF};
use p3_lookup::LookupError;
use p3_merkle_tree::MerkleTreeMmcs;
use p3_symmetric::{CompressionFunctionFromHasher, PaddingFreeSponge, SerializingHasher, TruncatedPermutation};
use p3_uni_stark::StarkConfig;
#[cfg(feature = "prover")]
use {
    super::config::{BackendConfig, Com, PcsData},
    super::engine_config::ProverConfig,
    crate::stark::backend::error::ProveError,
    crate::stark::keys::KeygenError,
    p3_batch_stark::{ProverData, StarkInstance, prove_batch},
    p3_commit::{Pcs, UnivariateStarkPcs},
    p3_field::coset::TwoAdicMultiplicativeCoset,
    p3_matrix::Matrix,
    p3_matrix::dense::RowMajorMatrix,
};

use crate::stark::air::{EF, F, PackedF};
use crate::stark::backend::error::{VerifyError, brief};
use crate::stark::keys::SecurityParams;

use super::air::BackendAir;
use super::engine_config::EngineConfig;
use super::shared_mmcs::SharedMmcs;

type Dft = Radix2DitParallel<F>;
type FriPcs<M> = TwoAdicFriPcs<F, Dft, SharedMmcs<M>, ExtensionMmcs<F, EF, M>>;
type Config<M, C> = StarkConfig<FriPcs<M>, EF, C>;

type Perm = Poseidon2BabyBear<16>;
type Poseidon2Sponge = PaddingFreeSponge<Perm, 16, 8, 8>;
type Poseidon2Compress = TruncatedPermutation<Perm, 2, 8, 16>;
type Poseidon2Mmcs = MerkleTreeMmcs<PackedF, PackedF, Poseidon2Sponge, Poseidon2Compress, 2, 8>;

/// Configuration of [`BabyBearPoseidon2Engine`](super::BabyBearPoseidon2Engine): digests of 8 field elements, and a
/// duplex sponge as transcript.
pub type Poseidon2Config = Config<Poseidon2Mmcs, DuplexChallenger<F, Perm, 16, 8>>;

type KeccakSponge = PaddingFreeSponge<KeccakF, 25, 17, 4>;
type KeccakCompress = CompressionFunctionFromHasher<KeccakSponge, 2, 4>;
type KeccakMmcs = MerkleTreeMmcs<
    [F; p3_keccak::VECTOR_LEN],
    [u64; p3_keccak::VECTOR_LEN],
    SerializingHasher<KeccakSponge>,
    KeccakCompress,
    2,
    4,
>;

/// Configuration of [`BabyBearKeccakEngine`](super::BabyBearKeccakEngine): a Keccak-f sponge over 64-bit lanes with
/// digests of 4 lanes, and Keccak-256 for the transcript.
pub type KeccakConfig = Config<KeccakMmcs, SerializingChallenger32<F, HashChallenger<u8, Keccak256Hash, 32>>>;

pub(super) type Blake3Mmcs =
    MerkleTreeMmcs<F, u8, SerializingHasher<Blake3>, CompressionFunctionFromHasher<Blake3, 2, 32>, 2, 32>;

/// Configuration of [`BabyBearBlake3Engine`](super::BabyBearBlake3Engine): BLAKE3 for commitments and transcript, with
/// digests of 32 bytes.
pub type Blake3Config = Config<Blake3Mmcs, SerializingChallenger32<F, HashChallenger<u8, Blake3, 32>>>;

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

/// Methods of [`EngineConfig`] with the same text for every configuration. A macro rather than a generic function, so
/// that the backend's verifier is compiled once, here, instead of in every crate that verifies.
macro_rules! backend {
    () => {
        #[inline(never)]
        fn verify(
            &self,
            airs: &[BackendAir],
            proof: &BatchProof<Self>,
            public_values: &[Vec<F>],
            common: &CommonData<Self>,
        ) -> Result<(), VerifyError> {
            verify_batch(self, airs, proof, public_values, common)
                .map_err(|error| translate(error, |i| airs.get(i).map_or_else(String::new, |air| air.air.name())))
        }

        fn assemble(pcs: Self::Pcs, challenger: Self::Challenger, params: &SecurityParams) -> Self {
            StarkConfig::new(pcs, challenger)
                .with_lookup_proof_of_work_bits(params.lookup_pow_bits)
                .with_ood_proof_of_work_bits(params.ood_pow_bits)
        }
    };
}

impl EngineConfig for Poseidon2Config {
    const NAME: &'static str = "baby-bear-poseidon2";
    // Half of the 247.2 bits of a digest: eight elements of 30.9 bits each.
    const COLLISION_BITS: usize = 123;

    fn new_pcs(params: &SecurityParams, dft: Dft) -> Self::Pcs {
        let perm = default_babybear_poseidon2_16();
        let mmcs = Poseidon2Mmcs::new(Poseidon2Sponge::new(perm.clone()), Poseidon2Compress::new(perm), 0);
        fri_pcs(mmcs, params, dft)
    }
    fn challenger() -> Self::Challenger {
        DuplexChallenger::new(default_babybear_poseidon2_16())
    }
    backend!();
}

impl EngineConfig for KeccakConfig {
    const NAME: &'static str = "baby-bear-keccak";
    const COLLISION_BITS: usize = 128;

    fn new_pcs(params: &SecurityParams, dft: Dft) -> Self::Pcs {
        let sponge = KeccakSponge::new(KeccakF);
        let mmcs = KeccakMmcs::new(SerializingHasher::new(sponge), KeccakCompress::new(sponge), 0);
        fri_pcs(mmcs, params, dft)
    }
    fn challenger() -> Self::Challenger {
        SerializingChallenger32::from_hasher(Vec::new(), Keccak256Hash)
    }
    backend!();
}

impl EngineConfig for Blake3Config {
    const NAME: &'static str = "baby-bear-blake3";
    const COLLISION_BITS: usize = 128;

    fn new_pcs(params: &SecurityParams, dft: Dft) -> Self::Pcs {
        let mmcs = Blake3Mmcs::new(SerializingHasher::new(Blake3), CompressionFunctionFromHasher::new(Blake3), 0);
        fri_pcs(mmcs, params, dft)
    }
    fn challenger() -> Self::Challenger {
        SerializingChallenger32::from_hasher(Vec::new(), Blake3)
    }
    backend!();
}

/// Implements [`ProverConfig`] with the same text for every configuration. A macro rather than generic functions, so
/// that the backend's prover is compiled once, here, instead of in every crate that proves.
#[cfg(feature = "prover")]
macro_rules! prover {
    ($($config:ty),*) => {
        $(
            impl ProverConfig for $config {
                #[inline(never)]
                fn prove(
                    &self,
                    instances: &[StarkInstance<'_, Self, BackendAir>],
                    data: &ProverData<Self>,
                ) -> Result<BatchProof<Self>, ProveError> {
                    prove_batch(self, instances, data).map_err(|error| ProveError::Backend(brief(&error)))
                }

                #[inline(never)]
                fn commit_preprocessing(
                    pcs: &Self::Pcs,
                    traces: Vec<RowMajorMatrix<F>>,
                ) -> Result<(Com<Self>, PcsData<Self>), KeygenError> {
                    let traces = with_domains::<Self>(pcs, traces);
                    <Self::Pcs as UnivariateStarkPcs<EF, Self::Challenger>>::commit_preprocessing(pcs, traces)
                        .map_err(|error| KeygenError::Backend(format!("{error:?}")))
                }

                #[inline(never)]
                fn commit_main(pcs: &Self::Pcs, traces: Vec<RowMajorMatrix<F>>) -> Result<(), ProveError> {
                    let traces = with_domains::<Self>(pcs, traces);
                    let committed = <Self::Pcs as Pcs<EF, Self::Challenger>>::commit(pcs, traces);
                    committed.map(drop).map_err(|error| ProveError::Backend(brief(&error)))
                }
            }
        )*
    };
}

#[cfg(feature = "prover")]
prover!(Poseidon2Config, KeccakConfig, Blake3Config);

/// Pairs each trace with the domain of its height.
#[cfg(feature = "prover")]
fn with_domains<SC: BackendConfig>(
    pcs: &SC::Pcs,
    traces: Vec<RowMajorMatrix<F>>,
) -> Vec<(TwoAdicMultiplicativeCoset<F>, RowMajorMatrix<F>)> {
    let domain = |height| <SC::Pcs as Pcs<EF, SC::Challenger>>::natural_domain_for_degree(pcs, height);
    traces.into_iter().map(|trace| (domain(trace.height()), trace)).collect()
}

/// Converts an error of the backend.
fn translate<E: std::fmt::Debug>(error: BatchVerificationError<E>, air_name: impl Fn(usize) -> String) -> VerifyError {
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
