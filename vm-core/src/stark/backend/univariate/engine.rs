//! Engines: key generation, proving and verifying with one hash.

use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};

use p3_dft::Radix2DitParallel;

use crate::stark::air::F;
use crate::stark::backend::error::{VerifyError, panic_text};
use crate::stark::keys::{SecurityPreset, SecurityReport};

use super::engine_config::EngineConfig;
use super::hashes::{Blake3Config, KeccakConfig, Poseidon2Config};
use super::key::VerifyingKey;
use super::proof::Proof;
use super::{shape, transcript};
#[cfg(feature = "prover")]
use {
    super::key::ProvingKey,
    super::prover,
    crate::stark::air::{AirProofInput, AirSet},
    crate::stark::backend::error::ProveError,
    crate::stark::keys::{KeygenError, KeygenLimits},
    p3_matrix::dense::RowMajorMatrix,
};

/// A proof system for machines: one field, one commitment scheme, one hash.
pub trait StarkEngine: Send + Sync {
    /// Backend configuration.
    type SC: EngineConfig;

    /// Name in keys and file headers.
    fn name() -> &'static str {
        Self::SC::NAME
    }

    /// An engine that makes keys with this preset.
    fn new(preset: SecurityPreset) -> Self
    where
        Self: Sized;

    /// Preset of the keys that this engine makes.
    fn preset(&self) -> SecurityPreset;

    /// Checks a machine and commits its preprocessed traces.
    #[cfg(feature = "prover")]
    fn keygen(&self, set: &AirSet, limits: KeygenLimits) -> Result<ProvingKey<Self::SC>, KeygenError>;

    /// Proves a batch of traces bound to nothing but the key.
    #[cfg(feature = "prover")]
    fn prove(&self, key: &ProvingKey<Self::SC>, inputs: Vec<AirProofInput>) -> Result<Proof<Self::SC>, ProveError> {
        self.prove_bound(key, inputs, &[])
    }

    /// Verifies a proof made by [`Self::prove`].
    fn verify(&self, key: &VerifyingKey<Self::SC>, proof: &Proof<Self::SC>) -> Result<(), VerifyError> {
        self.verify_bound(key, proof, &[])
    }

    /// Proves a batch of traces. `domain` (such as a segment number) is observed by the transcript: the proof verifies
    /// with the same `domain` only.
    ///
    /// Traces that violate constraints give a proof that does not verify, not an error.
    #[cfg(feature = "prover")]
    fn prove_bound(
        &self,
        key: &ProvingKey<Self::SC>,
        inputs: Vec<AirProofInput>,
        domain: &[F],
    ) -> Result<Proof<Self::SC>, ProveError>;

    /// Verifies a proof made by [`Self::prove_bound`] with the same `domain`.
    fn verify_bound(
        &self,
        key: &VerifyingKey<Self::SC>,
        proof: &Proof<Self::SC>,
        domain: &[F],
    ) -> Result<(), VerifyError>;

    /// Security of a proof with these log2 heights per AIR, in key order.
    fn security(&self, key: &VerifyingKey<Self::SC>, log_heights: &[Vec<usize>]) -> SecurityReport {
        key.security(log_heights)
    }

    /// Commits traces as proving does in its first phase and drops the result: the yardstick for benchmarks.
    #[cfg(feature = "prover")]
    fn commit_main_only(&self, traces: Vec<RowMajorMatrix<F>>) -> Result<(), ProveError>;
}

/// The engine of a backend configuration. Clones share precomputed tables.
#[derive(Clone)]
pub struct Engine<SC: EngineConfig> {
    preset: SecurityPreset,
    dft: Radix2DitParallel<F>,
    config: PhantomData<fn() -> SC>,
}

/// Default engine: Poseidon2 commitments, which a recursive verifier could check cheaply.
pub type BabyBearPoseidon2Engine = Engine<Poseidon2Config>;
/// Keccak commitments: faster to prove on CPUs without wide vectors of 32-bit multiplications.
pub type BabyBearKeccakEngine = Engine<KeccakConfig>;
/// BLAKE3 commitments: fastest.
pub type BabyBearBlake3Engine = Engine<Blake3Config>;

impl<SC: EngineConfig> Default for Engine<SC> {
    fn default() -> Self {
        Self { preset: SecurityPreset::default(), dft: Radix2DitParallel::default(), config: PhantomData }
    }
}

impl<SC: EngineConfig> StarkEngine for Engine<SC> {
    type SC = SC;

    fn new(preset: SecurityPreset) -> Self {
        Self { preset, ..Self::default() }
    }

    fn preset(&self) -> SecurityPreset {
        self.preset
    }

    #[cfg(feature = "prover")]
    fn keygen(&self, set: &AirSet, limits: KeygenLimits) -> Result<ProvingKey<SC>, KeygenError> {
        prover::keygen(self.preset, &self.dft, set, limits)
    }

    #[cfg(feature = "prover")]
    fn prove_bound(
        &self,
        key: &ProvingKey<SC>,
        inputs: Vec<AirProofInput>,
        domain: &[F],
    ) -> Result<Proof<SC>, ProveError> {
        prover::prove(&self.dft, key, inputs, domain)
    }

    #[tracing::instrument(name = "stark verify", skip_all)]
    fn verify_bound(&self, key: &VerifyingKey<SC>, proof: &Proof<SC>, domain: &[F]) -> Result<(), VerifyError> {
        // Soundness: every length and height that the backend will use is checked here first (class 13, class 20).
        shape::check(key, &proof.instance_counts, &proof.batch.degree_bits, &proof.public_values)?;
        let total = proof.batch.degree_bits.len();
        for got in [proof.batch.opened_values.instances.len(), proof.batch.lookup_terminals.len()] {
            if got != total {
                return Err(VerifyError::Malformed(format!("{got} opened instances instead of {total}")));
            }
        }
        let counts = &proof.instance_counts;
        let config: SC = transcript::proof_config(&self.dft, key, counts, domain);
        let (airs, values) = transcript::instances(key, counts, &proof.public_values);
        let lens: Vec<usize> = counts.iter().map(|&n| n as usize).collect();
        let common = key.common_data(&lens);
        // The backend's authors say that it may panic on malformed proofs.
        match catch_unwind(AssertUnwindSafe(|| config.verify(&airs, &proof.batch, &values, &common))) {
            Ok(verdict) => verdict,
            Err(panic) => Err(VerifyError::Panicked(panic_text(&*panic))),
        }
    }

    #[cfg(feature = "prover")]
    fn commit_main_only(&self, traces: Vec<RowMajorMatrix<F>>) -> Result<(), ProveError> {
        prover::commit_main_only::<SC>(self.preset, &self.dft, traces)
    }
}
