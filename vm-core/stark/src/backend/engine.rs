//! Engines: key generation, proving and verifying with one hash function.

use alloc::vec::Vec;

use crate::air::F;
use crate::keys::{SecurityPreset, SecurityReport};

use super::config::{EngineConfig, VerifierInput};
use super::error::VerifyError;
use super::key::VerifyingKey;
use super::proof::Proof;
use super::{shape, transcript};
#[cfg(feature = "prover")]
use {
    super::error::ProveError,
    super::key::ProvingKey,
    super::prover,
    crate::air::{AirProofInput, AirSet},
    crate::keys::{KeygenError, KeygenLimits},
    p3_matrix::dense::RowMajorMatrix,
};

/// A proof system for machines: a backend with its hash function, and a security preset.
pub trait StarkEngine: Send + Sync {
    /// Configuration of the backend.
    type SC: EngineConfig;

    /// Returns the name in keys and file headers.
    fn name() -> &'static str {
        Self::SC::NAME
    }

    /// Makes an engine whose keys have this preset.
    fn new(preset: SecurityPreset) -> Self
    where
        Self: Sized;

    /// Returns the preset of the keys that this engine makes.
    fn preset(&self) -> SecurityPreset;

    /// Checks a machine, commits its preprocessed traces and makes its proving key.
    ///
    /// # Errors
    ///
    /// - [`KeygenError::Security`] if the limits allow proofs that do not reach the security of the preset.
    /// - [`KeygenError::Limits`] if the limits are out of range.
    /// - Other variants of [`KeygenError`] if an AIR or a bus breaks the rule that the variant describes.
    #[cfg(feature = "prover")]
    fn keygen(&self, set: &AirSet, limits: KeygenLimits) -> Result<ProvingKey<Self::SC>, KeygenError>;

    /// Proves a batch of traces, with an empty `domain`; see [`Self::prove_bound`].
    ///
    /// # Errors
    ///
    /// Those of [`Self::prove_bound`].
    #[cfg(feature = "prover")]
    fn prove(&self, key: &ProvingKey<Self::SC>, inputs: Vec<AirProofInput>) -> Result<Proof<Self::SC>, ProveError> {
        self.prove_bound(key, inputs, &[])
    }

    /// Verifies a proof made by [`Self::prove`].
    ///
    /// # Errors
    ///
    /// Those of [`Self::verify_bound`].
    fn verify(&self, key: &VerifyingKey<Self::SC>, proof: &Proof<Self::SC>) -> Result<(), VerifyError> {
        self.verify_bound(key, proof, &[])
    }

    /// Proves a batch of traces. The transcript observes `domain`, such as the number of a segment, so the proof
    /// verifies with the same `domain` only.
    ///
    /// Traces that violate constraints are not an error. They result in a proof that does not verify. Messages that do
    /// not balance are an error of the multilinear backend only.
    ///
    /// # Errors
    ///
    /// - [`ProveError::UnknownAir`] or [`ProveError::DuplicateInput`] if an input is for an AIR outside the key, or two
    ///   inputs are for the same AIR.
    /// - [`ProveError::TraceWidth`] or [`ProveError::TraceHeight`] if a trace has the wrong width, or a height that is
    ///   not a power of two.
    /// - [`ProveError::Shape`] if the key does not allow these instances.
    /// - [`ProveError::BusImbalance`] if the messages do not balance and the backend notices.
    /// - [`ProveError::Backend`] if the backend fails.
    #[cfg(feature = "prover")]
    fn prove_bound(
        &self,
        key: &ProvingKey<Self::SC>,
        inputs: Vec<AirProofInput>,
        domain: &[F],
    ) -> Result<Proof<Self::SC>, ProveError>;

    /// Verifies a proof made by [`Self::prove_bound`] with the same `domain`.
    ///
    /// # Errors
    ///
    /// Returns a [`VerifyError`] if the proof is not valid under this key with this `domain`. The variant is that of
    /// the first check that failed.
    fn verify_bound(
        &self,
        key: &VerifyingKey<Self::SC>,
        proof: &Proof<Self::SC>,
        domain: &[F],
    ) -> Result<(), VerifyError>;

    /// Returns the security of proofs of one shape. `log_heights` has one list per AIR, in key order, with log2 of the
    /// height of each instance.
    fn security(&self, key: &VerifyingKey<Self::SC>, log_heights: &[Vec<usize>]) -> SecurityReport {
        key.security(log_heights)
    }

    /// Commits traces as the first phase of proving does, and drops the result. Benchmarks compare proving with it.
    ///
    /// # Errors
    ///
    /// - [`ProveError::TraceHeight`] if the height of a trace is not a power of two.
    /// - [`ProveError::Shape`] if there are no traces.
    /// - [`ProveError::Backend`] if the backend fails.
    #[cfg(feature = "prover")]
    fn commit_main_only(&self, traces: Vec<RowMajorMatrix<F>>) -> Result<(), ProveError>;
}

/// Runs a verifier. The backends may panic on malformed proofs, as their authors document.
#[cfg(feature = "std")]
fn catch_panic(verify: impl FnOnce() -> Result<(), VerifyError>) -> Result<(), VerifyError> {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    catch_unwind(AssertUnwindSafe(verify))
        .unwrap_or_else(|panic| Err(VerifyError::Panicked(super::error::panic_text(&*panic))))
}

/// Runs a verifier. Without an operating system, a panic on a malformed proof ends the program, which then has not
/// accepted the proof.
#[cfg(not(feature = "std"))]
fn catch_panic(verify: impl FnOnce() -> Result<(), VerifyError>) -> Result<(), VerifyError> {
    verify()
}

/// Engine of a backend configuration. Clones share precomputed tables.
#[derive(Clone)]
pub struct Engine<SC: EngineConfig> {
    preset: SecurityPreset,
    tables: SC::Tables,
}

impl<SC: EngineConfig> Default for Engine<SC> {
    fn default() -> Self {
        Self { preset: SecurityPreset::default(), tables: SC::Tables::default() }
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
        prover::keygen(self.preset, &self.tables, set, limits)
    }

    #[cfg(feature = "prover")]
    fn prove_bound(
        &self,
        key: &ProvingKey<SC>,
        inputs: Vec<AirProofInput>,
        domain: &[F],
    ) -> Result<Proof<SC>, ProveError> {
        prover::prove(&self.tables, key, inputs, domain)
    }

    #[tracing::instrument(name = "stark verify", skip_all)]
    fn verify_bound(&self, key: &VerifyingKey<SC>, proof: &Proof<SC>, domain: &[F]) -> Result<(), VerifyError> {
        // Soundness (class 13, class 20): all lengths and heights are checked before the backend uses them.
        shape::check(key, &proof.instance_counts, SC::log_heights(&proof.batch), &proof.public_values)?;
        let challenger = transcript::start(key, &proof.instance_counts, &proof.public_values, domain);
        let input =
            VerifierInput { counts: &proof.instance_counts, public_values: &proof.public_values, batch: &proof.batch };
        catch_panic(|| SC::verify(&self.tables, key, input, challenger))
    }

    #[cfg(feature = "prover")]
    fn commit_main_only(&self, traces: Vec<RowMajorMatrix<F>>) -> Result<(), ProveError> {
        prover::commit_main_only::<SC>(self.preset, &self.tables, traces)
    }
}
