//! The backend's prover and verifier, as methods of a configuration.
//!
//! The methods are not generic, so the backend is compiled once, in this crate, and not in every crate that proves.

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

/// Asks nothing: there is no prover.
#[cfg(not(feature = "prover"))]
pub trait ProverConfig {}

#[cfg(not(feature = "prover"))]
impl<SC> ProverConfig for SC {}

#[cfg(feature = "prover")]
/// The proving side of a configuration.
pub trait ProverConfig: BackendConfig {
    /// The backend's prover.
    #[doc(hidden)]
    fn prove(
        &self,
        instances: &[StarkInstance<'_, Self, BackendAir>],
        data: &ProverData<Self>,
    ) -> Result<BatchProof<Self>, ProveError>;
    /// Commits preprocessed traces.
    #[doc(hidden)]
    fn commit_preprocessing(
        pcs: &Self::Pcs,
        traces: Vec<RowMajorMatrix<F>>,
    ) -> Result<(Com<Self>, PcsData<Self>), KeygenError>;
    /// Commits main traces and drops the result.
    #[doc(hidden)]
    fn commit_main(pcs: &Self::Pcs, traces: Vec<RowMajorMatrix<F>>) -> Result<(), ProveError>;
}

/// A configuration that an engine can build for given parameters.
pub trait EngineConfig: BackendConfig + ProverConfig {
    /// Name of the engine: part of the key digest and of file headers.
    const NAME: &'static str;
    /// Collision resistance of commitments, in bits.
    const COLLISION_BITS: usize;

    /// Builds the commitment scheme. `dft` shares its twiddle tables between proofs.
    #[doc(hidden)]
    fn new_pcs(params: &SecurityParams, dft: Radix2DitParallel<F>) -> Self::Pcs;
    /// A transcript that has observed nothing.
    #[doc(hidden)]
    fn challenger() -> Self::Challenger;
    /// Assembles the configuration.
    #[doc(hidden)]
    fn assemble(pcs: Self::Pcs, challenger: Self::Challenger, params: &SecurityParams) -> Self;
    /// The backend's verifier.
    #[doc(hidden)]
    fn verify(
        &self,
        airs: &[BackendAir],
        proof: &BatchProof<Self>,
        public_values: &[Vec<F>],
        common: &CommonData<Self>,
    ) -> Result<(), VerifyError>;
}
