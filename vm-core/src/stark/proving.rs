//! Proving: key generation's commitment, the backend's prover, proving keys.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use p3_batch_stark::{BatchProof, ProverData, ProverOnlyData, StarkGenericConfig, StarkInstance, prove_batch};
use p3_commit::{Pcs, UnivariateStarkPcs};
use p3_field::coset::TwoAdicMultiplicativeCoset;
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use tracing::info_span;

use super::air::{EF, F};
use super::backend_air::BackendAir;
use super::config::{BackendConfig, Blake3Config, Com, EngineConfig, KeccakConfig, Poseidon2Config, brief};
use super::engine::{Engine, panic_text};
use super::error::{KeygenError, ProveError, ShapeError};
use super::keygen::analyse;
use super::keys::{KeygenLimits, VerifyingKey};
use super::machine::AirSet;
use super::proof::{AirProofInput, Proof};
use super::shape;

/// Prover data of a commitment: low-degree extensions and Merkle tree.
type PcsData<SC> = <<SC as StarkGenericConfig>::Pcs as Pcs<EF, <SC as StarkGenericConfig>::Challenger>>::ProverData;

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

/// The same text for every configuration. The functions that do the work are not generic, so that they are compiled
/// here, once, and not again in every crate that proves.
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

prover!(Poseidon2Config, KeccakConfig, Blake3Config);

/// Traces with their domains.
fn with_domains<SC: BackendConfig>(
    pcs: &SC::Pcs,
    traces: Vec<RowMajorMatrix<F>>,
) -> Vec<(TwoAdicMultiplicativeCoset<F>, RowMajorMatrix<F>)> {
    let domain = |height| <SC::Pcs as Pcs<EF, SC::Challenger>>::natural_domain_for_degree(pcs, height);
    traces.into_iter().map(|trace| (domain(trace.height()), trace)).collect()
}

/// Checks a machine and commits its preprocessed traces.
pub(super) fn keygen<SC: EngineConfig>(
    engine: &Engine<SC>,
    set: &AirSet,
    limits: KeygenLimits,
) -> Result<ProvingKey<SC>, KeygenError> {
    let machine =
        info_span!("analyse AIRs").in_scope(|| analyse(set, engine.preset, limits, SC::COLLISION_BITS, None))?;
    let pcs = SC::new_pcs(&machine.params, engine.dft.clone());
    let traces: Vec<_> = machine.airs.iter().filter_map(|air| air.preprocessed.as_deref().cloned()).collect();
    let committed = if traces.is_empty() {
        None
    } else {
        let commit = || SC::commit_preprocessing(&pcs, traces);
        Some(info_span!("commit preprocessed traces").in_scope(commit)?)
    };
    let (commitment, preprocessed) = committed.unzip();
    let vk = VerifyingKey::assemble(machine, engine.preset, limits, commitment);
    Ok(ProvingKey { vk: Arc::new(vk), preprocessed })
}

/// Proves a batch of traces; see [`StarkEngine::prove_bound`](super::StarkEngine::prove_bound).
#[tracing::instrument(name = "stark prove", skip_all)]
pub(super) fn prove<SC: EngineConfig>(
    engine: &Engine<SC>,
    key: &ProvingKey<SC>,
    inputs: Vec<AirProofInput>,
    domain: &[F],
) -> Result<Proof<SC>, ProveError> {
    let vk = &*key.vk;
    let n = vk.airs.len();
    let mut traces: Vec<Vec<RowMajorMatrix<F>>> = (0..n).map(|_| Vec::new()).collect();
    let mut public_values: Vec<Vec<F>> = vec![Vec::new(); n];
    let mut given = vec![false; n];
    for input in inputs {
        let Some(descriptor) = vk.airs().get(input.air) else {
            return Err(ProveError::UnknownAir { air: input.air, airs: n });
        };
        if std::mem::replace(&mut given[input.air], true) {
            return Err(ProveError::DuplicateInput { air: descriptor.name.clone() });
        }
        if input.traces.is_empty() {
            continue;
        }
        for (instance, trace) in input.traces.iter().enumerate() {
            let (air, height, got) = (descriptor.name.clone(), trace.height(), trace.width());
            if got != descriptor.width {
                return Err(ProveError::TraceWidth { air, instance, expected: descriptor.width, got });
            }
            if !height.is_power_of_two() || height * got != trace.values.len() {
                return Err(ProveError::TraceHeight { air, instance, height });
            }
        }
        traces[input.air] = input.traces;
        public_values[input.air] = input.public_values;
    }
    let counts: Vec<u32> = traces.iter().map(|t| t.len() as u32).collect();
    let traces: Vec<RowMajorMatrix<F>> = traces.into_iter().flatten().collect();
    let log_heights: Vec<usize> = traces.iter().map(|t| t.height().trailing_zeros() as usize).collect();
    shape::check(vk, &counts, &log_heights, &public_values)?;

    let config = engine.proof_config(vk, &counts, domain);
    let (airs, values) = Engine::instances(vk, &counts, &public_values);
    let instances: Vec<StarkInstance<'_, SC, BackendAir>> = airs
        .iter()
        .zip(&traces)
        .zip(values)
        .map(|((air, trace), public_values)| StarkInstance { air, trace, public_values })
        .collect();
    let lens: Vec<usize> = counts.iter().map(|&n| n as usize).collect();
    let data = ProverData {
        common: vk.common_data(&lens),
        // A copy of the committed tables: megabytes per proof, while the backend wants to own them.
        prover_only: ProverOnlyData { preprocessed_prover_data: key.preprocessed.clone() },
    };
    match catch_unwind(AssertUnwindSafe(|| config.prove(&instances, &data))) {
        Ok(batch) => Ok(Proof { instance_counts: counts, public_values, batch: batch? }),
        Err(panic) => Err(ProveError::Backend(panic_text(&*panic))),
    }
}

/// Commits traces as proving does in its first phase and drops the result.
pub(super) fn commit_main_only<SC: EngineConfig>(
    engine: &Engine<SC>,
    traces: Vec<RowMajorMatrix<F>>,
) -> Result<(), ProveError> {
    let pcs = SC::new_pcs(&engine.preset.params(), engine.dft.clone());
    for (instance, trace) in traces.iter().enumerate() {
        let height = trace.height();
        if !height.is_power_of_two() {
            return Err(ProveError::TraceHeight { air: "commit_main_only".into(), instance, height });
        }
    }
    if traces.is_empty() {
        return Err(ProveError::Shape(ShapeError::Empty));
    }
    SC::commit_main(&pcs, traces)
}

/// Proving key: the verifying key and the committed preprocessed traces, reused by every proof.
pub struct ProvingKey<SC: BackendConfig> {
    pub(super) vk: Arc<VerifyingKey<SC>>,
    pub(super) preprocessed: Option<PcsData<SC>>,
}

impl<SC: BackendConfig> ProvingKey<SC> {
    /// The verifying key.
    pub fn verifying_key(&self) -> &Arc<VerifyingKey<SC>> {
        &self.vk
    }

    /// The preprocessed trace of an AIR, if it has one.
    pub fn preprocessed_trace(&self, air: usize) -> Option<&RowMajorMatrix<F>> {
        self.vk.airs.get(air)?.preprocessed.as_deref()
    }
}

impl<SC: BackendConfig> std::fmt::Debug for ProvingKey<SC> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProvingKey").field("vk", &self.vk).finish_non_exhaustive()
    }
}
