//! What a backend provides: the types of its commitments, proofs and parameters, its security accounting, its prover
//! and its verifier.

#[cfg(feature = "prover")]
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Debug;

use p3_challenger::CanObserve;
use serde::Serialize;
use serde::de::DeserializeOwned;
#[cfg(feature = "prover")]
use {super::error::ProveError, super::key::ProvingKey, p3_matrix::dense::RowMajorMatrix};

use crate::air::F;
use crate::keys::{AirDescriptor, KeygenError, KeygenLimits, SecurityPreset, SecurityReport};

use super::air::BackendAir;
use super::cost::{AirCost, Packing, ProverMemory};
use super::error::{ShapeError, VerifyError};
use super::key::VerifyingKey;

/// Types of a backend's commitments and proofs, with one hash function.
pub trait BackendConfig: Clone + Send + Sync + 'static {
    /// Commitment to traces.
    type Commitment: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync;
    /// Proof of a batch of instances, without their public values.
    type BatchProof: Serialize + DeserializeOwned + Send + Sync;
    /// Protocol parameters. Keys contain them.
    type Params: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync;
    /// Precomputed tables, such as twiddle factors. Clones share them.
    #[doc(hidden)]
    type Tables: Clone + Default + Send + Sync;
    /// Transcript.
    #[doc(hidden)]
    type Transcript: CanObserve<F>;
}

/// Type of the commitments of a configuration.
pub type Com<SC> = <SC as BackendConfig>::Commitment;

/// A machine, as far as its parameters and their security depend on it.
#[derive(Clone, Copy)]
pub struct MachineShape<'a> {
    /// Security preset.
    pub(super) preset: SecurityPreset,
    /// Limits of heights and instances.
    pub(super) limits: &'a KeygenLimits,
    /// log2 of the minimum height of a proof's tallest trace.
    pub(super) min_log_height: usize,
    /// The AIRs, in key order, with their descriptions and costs.
    pub(super) airs: &'a [BackendAir],
    /// Descriptions of the AIRs.
    pub(super) descriptors: &'a [AirDescriptor],
    /// Costs of the AIRs.
    pub(super) costs: &'a [AirCost],
}

/// One batch to prove. All parts have been checked against the key.
#[cfg(feature = "prover")]
pub struct ProverInput<'a> {
    /// Number of instances of each AIR, in key order.
    pub(super) counts: &'a [u32],
    /// Trace of each instance.
    pub(super) traces: Vec<RowMajorMatrix<F>>,
    /// Public values of each AIR.
    pub(super) public_values: &'a [Vec<F>],
}

/// One batch to verify. The numbers of instances, heights and public values have been checked against the key.
pub struct VerifierInput<'a, SC: BackendConfig> {
    /// Number of instances of each AIR, in key order.
    pub(super) counts: &'a [u32],
    /// Public values of each AIR.
    pub(super) public_values: &'a [Vec<F>],
    /// Proof of the backend.
    pub(super) batch: &'a SC::BatchProof,
}

/// Empty trait: without the feature `prover` there is no proving side.
#[cfg(not(feature = "prover"))]
pub trait ProverConfig {}

#[cfg(not(feature = "prover"))]
impl<SC> ProverConfig for SC {}

#[cfg(feature = "prover")]
/// Proving side of a configuration.
pub trait ProverConfig: BackendConfig {
    /// The prover's data for committed preprocessed traces. Clones share it.
    type Preprocessed: Clone + Send + Sync;

    /// Converts the message of a panic of the backend's prover.
    #[doc(hidden)]
    fn prover_panic(text: String) -> ProveError {
        ProveError::Backend(text)
    }

    /// Commits preprocessed traces.
    ///
    /// # Errors
    ///
    /// [`KeygenError::Backend`] if the backend fails.
    #[doc(hidden)]
    fn commit_preprocessed(
        tables: &Self::Tables,
        params: &Self::Params,
        traces: Vec<RowMajorMatrix<F>>,
    ) -> Result<(Self::Commitment, Self::Preprocessed), KeygenError>;

    /// Commits main traces and drops the result.
    ///
    /// # Errors
    ///
    /// [`ProveError::Backend`] if the backend fails.
    #[doc(hidden)]
    fn commit_main(
        tables: &Self::Tables,
        preset: SecurityPreset,
        traces: Vec<RowMajorMatrix<F>>,
    ) -> Result<(), ProveError>;

    /// Runs the backend's prover. `challenger` has observed what the backend does not observe itself.
    ///
    /// # Errors
    ///
    /// - [`ProveError::BusImbalance`] if the messages do not balance and the backend notices.
    /// - [`ProveError::Backend`] if the backend fails.
    #[doc(hidden)]
    fn prove(
        tables: &Self::Tables,
        key: &ProvingKey<Self>,
        input: ProverInput<'_>,
        challenger: Self::Transcript,
    ) -> Result<Self::BatchProof, ProveError>
    where
        Self: EngineConfig;
}

/// Configuration of an [`Engine`](super::Engine): a backend with one hash function.
pub trait EngineConfig: BackendConfig + ProverConfig {
    /// Name of the engine. It is part of file headers and of the digest of keys.
    const NAME: &'static str;
    /// Collision resistance of commitments, in bits.
    const COLLISION_BITS: usize;
    /// log2 of the minimum height of an instance. Key generation and the prover pad lower traces.
    const MIN_LOG_HEIGHT: usize;

    /// What key generation derives from an AIR for this backend alone.
    #[doc(hidden)]
    type Derived: Send + Sync;

    /// Returns what the prover holds in memory. Plans of runs cut them so that it fits.
    fn prover_memory(preset: SecurityPreset) -> ProverMemory;
    /// Returns the largest number of columns of all instances together. Plans of runs split AIRs into fewer instances.
    fn max_columns(params: &Self::Params) -> usize;
    /// Makes a transcript that has not observed anything yet.
    #[doc(hidden)]
    fn transcript() -> Self::Transcript;
    /// Derives what the backend needs to know of an AIR.
    #[doc(hidden)]
    fn derive(air: &BackendAir) -> (Self::Derived, Packing);
    /// Chooses parameters with which every proof within the limits reaches the security of the preset.
    ///
    /// # Errors
    ///
    /// [`KeygenError::Security`] if there are none.
    #[doc(hidden)]
    fn choose_params(machine: &MachineShape<'_>) -> Result<Self::Params, KeygenError>;
    /// Returns the security of the least secure proof within the limits.
    #[doc(hidden)]
    fn worst_case(machine: &MachineShape<'_>, params: &Self::Params) -> SecurityReport;
    /// Returns the security of one batch. `log_heights` has one list per AIR.
    #[doc(hidden)]
    fn security(machine: &MachineShape<'_>, params: &Self::Params, log_heights: &[Vec<usize>]) -> SecurityReport;
    /// Returns an upper bound on the encoded length of the proofs within the limits.
    #[doc(hidden)]
    fn max_proof_len(machine: &MachineShape<'_>, params: &Self::Params) -> usize;
    /// Checks what the backend requires of a batch in addition to the checks that all backends share. `log_heights` has
    /// one entry per instance.
    ///
    /// # Errors
    ///
    /// Returns a [`ShapeError`] if the batch is outside what the parameters allow.
    #[doc(hidden)]
    fn check_shape(
        params: &Self::Params,
        airs: &[AirDescriptor],
        counts: &[u32],
        log_heights: &[usize],
    ) -> Result<(), ShapeError>;
    /// Returns log2 of the height of each instance of a proof. A malformed proof may have any.
    #[doc(hidden)]
    fn log_heights(batch: &Self::BatchProof) -> &[usize];
    /// Runs the backend's verifier. `challenger` has observed what the backend does not observe itself.
    ///
    /// # Errors
    ///
    /// Returns a [`VerifyError`] if the backend rejects the proof.
    #[doc(hidden)]
    fn verify(
        tables: &Self::Tables,
        key: &VerifyingKey<Self>,
        input: VerifierInput<'_, Self>,
        challenger: Self::Transcript,
    ) -> Result<(), VerifyError>;
}
