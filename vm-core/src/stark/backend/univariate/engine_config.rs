//! The backend's prover and verifier as methods of a configuration.
//!
//! The methods are not generic, so the backend is compiled once, in this crate, instead of in every crate that proves
//! or verifies.

use p3_batch_stark::{BatchProof, CommonData};
use p3_dft::Radix2DitParallel;
#[cfg(feature = "prover")]
use {
    super::config::{Com, PcsData},
    crate::stark::backend::error::ProveError,
    crate::stark::keys::KeygenError,
    p3_batch_stark::{ProverData, StarkInstance},
    p3_matrix::dense::RowMajorMatrix,
};

use crate::stark::air::F;
use crate::stark::backend::error::VerifyError;
use crate::stark::keys::SecurityParams;

use super::air::BackendAir;
use super::config::BackendConfig;

/// Empty trait: without the feature `prover` there is no proving side.
#[cfg(not(feature = "prover"))]
pub trait ProverConfig {}

#[cfg(not(feature = "prover"))]
impl<SC> ProverConfig for SC {}

#[cfg(feature = "prover")]
/// Proving side of a configuration.
pub trait ProverConfig: BackendConfig {
    /// Runs the backend's prover.
    ///
    /// # Errors
    ///
    /// [`ProveError::Backend`] if the backend fails.
    #[doc(hidden)]
    fn prove(
        &self,
        instances: &[StarkInstance<'_, Self, BackendAir>],
        data: &ProverData<Self>,
    ) -> Result<BatchProof<Self>, ProveError>;
    /// Commits preprocessed traces.
    ///
    /// # Errors
    ///
    /// [`KeygenError::Backend`] if the backend fails.
    #[doc(hidden)]
    fn commit_preprocessing(
        pcs: &Self::Pcs,
        traces: Vec<RowMajorMatrix<F>>,
    ) -> Result<(Com<Self>, PcsData<Self>), KeygenError>;
    /// Commits main traces and drops the result.
    ///
    /// # Errors
    ///
    /// [`ProveError::Backend`] if the backend fails.
    #[doc(hidden)]
    fn commit_main(pcs: &Self::Pcs, traces: Vec<RowMajorMatrix<F>>) -> Result<(), ProveError>;
}

/// Configuration of an [`Engine`](super::Engine). It can be built for any parameters.
pub trait EngineConfig: BackendConfig + ProverConfig {
    /// Name of the engine. It is part of file headers and of the digest of keys.
    const NAME: &'static str;
    /// Collision resistance of commitments, in bits.
    const COLLISION_BITS: usize;

    /// Makes the commitment scheme. Clones of `dft` share its twiddle factors, so proofs need not compute them again.
    #[doc(hidden)]
    fn new_pcs(params: &SecurityParams, dft: Radix2DitParallel<F>) -> Self::Pcs;
    /// Makes a transcript that has not observed anything yet.
    #[doc(hidden)]
    fn challenger() -> Self::Challenger;
    /// Makes the configuration from its parts.
    #[doc(hidden)]
    fn assemble(pcs: Self::Pcs, challenger: Self::Challenger, params: &SecurityParams) -> Self;
    /// Runs the backend's verifier.
    ///
    /// # Errors
    ///
    /// Returns a [`VerifyError`] if the backend rejects the proof.
    #[doc(hidden)]
    fn verify(
        &self,
        airs: &[BackendAir],
        proof: &BatchProof<Self>,
        public_values: &[Vec<F>],
        common: &CommonData<Self>,
    ) -> Result<(), VerifyError>;
}
