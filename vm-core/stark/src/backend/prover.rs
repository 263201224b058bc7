//! Proving: the commitment to the preprocessed traces, and the proofs of batches.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use tracing::info_span;

use crate::air::{AirProofInput, AirSet, F};
use crate::keys::{KeygenError, KeygenLimits, SecurityPreset};

use super::air::ZeroRows;
use super::config::{EngineConfig, ProverInput};
use super::error::{ProveError, ShapeError, panic_text};
use super::key::{ProvingKey, VerifyingKey};
use super::keygen::analyse;
use super::proof::Proof;
use super::{shape, transcript};

/// Makes the proving key of a machine; see [`StarkEngine::keygen`](super::StarkEngine::keygen).
pub(super) fn keygen<SC: EngineConfig>(
    preset: SecurityPreset,
    tables: &SC::Tables,
    set: &AirSet,
    limits: KeygenLimits,
) -> Result<ProvingKey<SC>, KeygenError> {
    let machine = info_span!("analyse AIRs").in_scope(|| analyse::<SC>(set, preset, limits, None))?;
    let traces: Vec<_> = machine.airs.iter().filter_map(|air| air.preprocessed.as_deref().cloned()).collect();
    let committed = if traces.is_empty() {
        None
    } else {
        let commit = || SC::commit_preprocessed(tables, &machine.params, traces);
        Some(info_span!("commit preprocessed traces").in_scope(commit)?)
    };
    let (commitment, preprocessed) = committed.unzip();
    let vk = VerifyingKey::assemble(machine, preset, limits, commitment);
    Ok(ProvingKey { vk: Arc::new(vk), preprocessed })
}

/// Proves a batch of traces; see [`StarkEngine::prove_bound`](super::StarkEngine::prove_bound).
#[tracing::instrument(name = "stark prove", skip_all)]
pub(super) fn prove<SC: EngineConfig>(
    tables: &SC::Tables,
    key: &ProvingKey<SC>,
    inputs: Vec<AirProofInput>,
    domain: &[F],
) -> Result<Proof<SC>, ProveError> {
    let vk = &*key.vk;
    let n = vk.airs.len();
    let mut traces: Vec<Vec<RowMajorMatrix<F>>> = (0..n).map(|_| Vec::new()).collect();
    let mut public_values: Vec<Vec<F>> = vec![Vec::new(); n];
    let mut given = vec![false; n];
    for mut input in inputs {
        let Some(descriptor) = vk.airs().get(input.air) else {
            return Err(ProveError::UnknownAir { air: input.air, airs: n });
        };
        if std::mem::replace(&mut given[input.air], true) {
            return Err(ProveError::DuplicateInput { air: descriptor.name.clone() });
        }
        if input.traces.is_empty() {
            continue;
        }
        for (instance, trace) in input.traces.iter_mut().enumerate() {
            let (air, height, got) = (descriptor.name.clone(), trace.height(), trace.width());
            if got != descriptor.width {
                return Err(ProveError::TraceWidth { air, instance, expected: descriptor.width, got });
            }
            if !height.is_power_of_two() || height * got != trace.values.len() {
                return Err(ProveError::TraceHeight { air, instance, height });
            }
            pad(vk, input.air, trace);
        }
        traces[input.air] = input.traces;
        public_values[input.air] = input.public_values;
    }
    let counts: Vec<u32> = traces.iter().map(|t| t.len() as u32).collect();
    let traces: Vec<RowMajorMatrix<F>> = traces.into_iter().flatten().collect();
    let log_heights: Vec<usize> = traces.iter().map(|t| t.height().trailing_zeros() as usize).collect();
    shape::check(vk, &counts, &log_heights, &public_values)?;

    let challenger = transcript::start(vk, &counts, &public_values, domain);
    let input = ProverInput { counts: &counts, traces, public_values: &public_values };
    match catch_unwind(AssertUnwindSafe(|| SC::prove(tables, key, input, challenger))) {
        Ok(batch) => {
            let batch = batch?;
            Ok(Proof { instance_counts: counts, public_values, batch })
        }
        Err(panic) => Err(SC::prover_panic(panic_text(&*panic))),
    }
}

/// Adds rows to a trace that is lower than the backend allows, if zero rows mean nothing in its AIR. If they do, the
/// check of the shape refuses the trace.
fn pad<SC: EngineConfig>(vk: &VerifyingKey<SC>, air: usize, trace: &mut RowMajorMatrix<F>) {
    let (backend, min) = (&vk.airs[air], 1 << SC::MIN_LOG_HEIGHT);
    if trace.height() >= min {
        return;
    }
    let may_pad = match backend.zero_rows {
        ZeroRows::Meaningful => false,
        ZeroRows::Padding => true,
        ZeroRows::PaddingBelowFirst => trace.height() == 1,
    };
    if may_pad {
        trace.pad_to_height(min, F::ZERO);
    }
}

/// Commits traces and drops the result; see [`StarkEngine::commit_main_only`](super::StarkEngine::commit_main_only).
pub(super) fn commit_main_only<SC: EngineConfig>(
    preset: SecurityPreset,
    tables: &SC::Tables,
    traces: Vec<RowMajorMatrix<F>>,
) -> Result<(), ProveError> {
    for (instance, trace) in traces.iter().enumerate() {
        let height = trace.height();
        if !height.is_power_of_two() {
            return Err(ProveError::TraceHeight { air: "commit_main_only".into(), instance, height });
        }
    }
    if traces.is_empty() {
        return Err(ProveError::Shape(ShapeError::Empty));
    }
    SC::commit_main(tables, preset, traces)
}
