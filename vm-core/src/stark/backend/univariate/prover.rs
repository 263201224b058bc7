//! Proving: the commitment to the preprocessed traces, and the proofs of batches.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use p3_batch_stark::{ProverData, ProverOnlyData, StarkInstance};
use p3_dft::Radix2DitParallel;
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use tracing::info_span;

use crate::stark::air::{AirProofInput, AirSet, F};
use crate::stark::backend::error::{ProveError, ShapeError, panic_text};
use crate::stark::keys::{KeygenError, KeygenLimits, SecurityPreset};

use super::air::BackendAir;
use super::engine_config::EngineConfig;
use super::key::{ProvingKey, VerifyingKey};
use super::keygen::analyse;
use super::proof::Proof;
use super::{shape, transcript};

/// Makes the proving key of a machine; see [`StarkEngine::keygen`](super::StarkEngine::keygen).
pub(super) fn keygen<SC: EngineConfig>(
    preset: SecurityPreset,
    dft: &Radix2DitParallel<F>,
    set: &AirSet,
    limits: KeygenLimits,
) -> Result<ProvingKey<SC>, KeygenError> {
    let machine = info_span!("analyse AIRs").in_scope(|| analyse(set, preset, limits, SC::COLLISION_BITS, None))?;
    let pcs = SC::new_pcs(&machine.params, dft.clone());
    let traces: Vec<_> = machine.airs.iter().filter_map(|air| air.preprocessed.as_deref().cloned()).collect();
    let committed = if traces.is_empty() {
        None
    } else {
        let commit = || SC::commit_preprocessing(&pcs, traces);
        Some(info_span!("commit preprocessed traces").in_scope(commit)?)
    };
    let (commitment, preprocessed) = committed.unzip();
    let vk = VerifyingKey::assemble(machine, preset, limits, commitment);
    Ok(ProvingKey { vk: Arc::new(vk), preprocessed })
}

/// Proves a batch of traces; see [`StarkEngine::prove_bound`](super::StarkEngine::prove_bound).
#[tracing::instrument(name = "stark prove", skip_all)]
pub(super) fn prove<SC: EngineConfig>(
    dft: &Radix2DitParallel<F>,
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

    let config: SC = transcript::proof_config(dft, vk, &counts, domain);
    let (airs, values) = transcript::instances(vk, &counts, &public_values);
    let instances: Vec<StarkInstance<'_, SC, BackendAir>> = airs
        .iter()
        .zip(&traces)
        .zip(values)
        .map(|((air, trace), public_values)| StarkInstance { air, trace, public_values })
        .collect();
    let lens: Vec<usize> = counts.iter().map(|&n| n as usize).collect();
    let data = ProverData {
        common: vk.common_data(&lens),
        // The backend takes the committed tables by value. The clone shares them (see `SharedMmcs`).
        prover_only: ProverOnlyData { preprocessed_prover_data: key.preprocessed.clone() },
    };
    match catch_unwind(AssertUnwindSafe(|| config.prove(&instances, &data))) {
        Ok(batch) => Ok(Proof { instance_counts: counts, public_values, batch: batch? }),
        Err(panic) => Err(ProveError::Backend(panic_text(&*panic))),
    }
}

/// Commits traces and drops the result; see [`StarkEngine::commit_main_only`](super::StarkEngine::commit_main_only).
pub(super) fn commit_main_only<SC: EngineConfig>(
    preset: SecurityPreset,
    dft: &Radix2DitParallel<F>,
    traces: Vec<RowMajorMatrix<F>>,
) -> Result<(), ProveError> {
    let pcs = SC::new_pcs(&preset.params(), dft.clone());
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
