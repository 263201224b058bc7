//! What a proof will take, before it is made.

use serde::Serialize;
use serde::de::DeserializeOwned;
use vm_core::arch::{SplitRule, Streams, VmConfig};
use vm_core::machine::{RunPlan, SegmentPlan, VmProvingKey};
use vm_core::stark::codec::{self, FileKind};
use vm_core::stark::{AirDescriptor, EngineConfig, ProverMemory, SecurityReport, StarkEngine};

use super::{Progress, Sdk, default_jobs};
use crate::error::SdkError;
use crate::fused::PlanOption;
use crate::program::GuestProgram;
use crate::report::{EstimateReport, GuestOutput};
use crate::resources::{Cost, Stopwatch, available_memory_bytes};

/// Numbers of instructions at the start of the run that are proven to know the speed of this computer.
const SAMPLES: [u64; 2] = [1 << 12, 1 << 17];

/// log2 of the heights of each AIR's instances, in key order.
type LogHeights = Vec<Vec<usize>>;

/// A part of the run that was proven.
struct Sample {
    instructions: u64,
    cost: Cost,
    log_heights: LogHeights,
    proof_bytes: usize,
}

impl<E: StarkEngine, VC: VmConfig + Serialize + DeserializeOwned> Sdk<E, VC> {
    /// Estimates what [`Self::prove`] will take, without proving the run. Segments, memory and security follow from the plan
    /// of the run. For the time and the length of the proof, the first 4,096 and the first 131,072 instructions are proven,
    /// if there are as many; the rest of the run is assumed to cost as much per cell.
    ///
    /// # Errors
    ///
    /// - [`SdkError::Execution`] or [`SdkError::ExitCode`] if the guest fails;
    /// - [`SdkError::Setup`] or [`SdkError::Prove`] if no key or proof can be made;
    /// - [`SdkError::Cancelled`] if [`Self::control`] has cancelled it.
    pub fn estimate(
        &self,
        program: &GuestProgram,
        streams: impl Into<Streams>,
        plan: &PlanOption,
        progress: &dyn Progress,
    ) -> Result<EstimateReport, SdkError> {
        self.traced(program, streams.into(), |streams| self.estimate_run(program, streams, plan, progress))
    }

    fn estimate_run(
        &self,
        program: &GuestProgram,
        streams: Streams,
        plan: &PlanOption,
        progress: &dyn Progress,
    ) -> Result<EstimateReport, SdkError> {
        let watch = Stopwatch::start();
        let key = self.setup_for(program, &streams, plan, progress)?;
        let setup = watch.cost();
        progress.phase("running");
        let watch = Stopwatch::start();
        let plan = self.plan(program, &key, streams.clone())?;
        let metered = watch.cost();
        progress.phase("proving samples");
        let first = &plan.segments[0];
        let mut lengths = SAMPLES.map(|instructions| instructions.min(first.instructions)).to_vec();
        lengths.dedup();
        let samples = lengths.into_iter().map(|instructions| self.sample(&key, first, streams.clone(), instructions));
        let samples: Vec<Sample> = samples.collect::<Result<_, _>>()?;
        let airs = key.stark().verifying_key().airs();
        let prover = E::SC::prover_memory(self.vm.engine.preset());
        let work_of = |heights: &LogHeights| work(prover, airs, heights);
        let line = |of: &dyn Fn(&Sample) -> (f64, f64)| Line::through(&samples.iter().map(of).collect::<Vec<_>>());
        let seconds = line(&|sample| (work_of(&sample.log_heights), sample.cost.seconds));
        let cpu_seconds = line(&|sample| (work_of(&sample.log_heights), sample.cost.cpu_seconds));
        // The length of a proof depends on the number of rounds.
        let bytes = line(&|sample| (work_of(&sample.log_heights).log2(), sample.proof_bytes as f64));

        let heights = plan.segments.iter().map(|segment| self.log_heights(&key, &plan, segment, &samples));
        let heights: Vec<LogHeights> = heights.collect();
        let works: Vec<f64> = heights.iter().map(work_of).collect();
        let security = |heights: &LogHeights| self.vm.engine.security(key.stark().verifying_key(), heights);
        let weakest = heights.iter().map(security).min_by(|a: &SecurityReport, b| a.bits.total_cmp(&b.bits));
        let weakest = weakest.expect("a plan has at least one segment");
        let sum = |of: &dyn Fn(f64) -> f64| works.iter().map(|work| of(*work)).sum::<f64>();
        let jobs = default_jobs(&plan);
        Ok(EstimateReport {
            instructions: plan.report.instructions,
            segments: plan.segments.len(),
            output: GuestOutput(plan.report.printed.clone()),
            unread_inputs: plan.report.unread_inputs,
            jobs,
            memory_bytes: plan.memory.saturating_mul(jobs),
            available_memory_bytes: available_memory_bytes(),
            setup_seconds: setup.seconds,
            prove_seconds: metered.seconds + sum(&|work| seconds.at(work)),
            prove_cpu_seconds: metered.cpu_seconds + sum(&|work| cpu_seconds.at(work)),
            proof_bytes: sum(&|work| bytes.at(work.log2())) as usize,
            security_bits: weakest.bits,
            security_regime: weakest.regime.to_string(),
            security_preset: weakest.preset,
            engine: E::name(),
            sample_instructions: samples.iter().map(|sample| sample.instructions).sum(),
            sample_seconds: samples.iter().map(|sample| sample.cost.seconds).sum(),
        })
    }

    /// Proves the first instructions of the run.
    fn sample(
        &self,
        key: &VmProvingKey<E, VC>,
        first: &SegmentPlan,
        streams: Streams,
        instructions: u64,
    ) -> Result<Sample, SdkError> {
        let watch = Stopwatch::start();
        let mut runner = self.vm.segments(key, streams)?;
        let part = SegmentPlan { instructions, ..first.clone() };
        let proven = self.vm.prove_segment(key, self.vm.execute_segment(&mut runner, &part)?)?;
        let cost = watch.cost();
        let preset = key.stark().verifying_key().preset().name();
        let encoded = codec::encode(FileKind::SegmentProof, E::name(), preset, &proven.proof);
        let proof_bytes = encoded.map_err(|source| SdkError::Encode { what: "proof", source })?.len();
        Ok(Sample { instructions, cost, log_heights: proven.proof.stark.log_heights(), proof_bytes })
    }

    /// Returns the heights that a segment's proof will have. AIRs whose rows do not depend on the run have the heights of the
    /// samples.
    fn log_heights(
        &self,
        key: &VmProvingKey<E, VC>,
        plan: &RunPlan,
        segment: &SegmentPlan,
        samples: &[Sample],
    ) -> LogHeights {
        let prover = E::SC::prover_memory(self.vm.engine.preset());
        let rule = self.vm.config().system().split_rule(prover);
        let rule = SplitRule { rows_per_instance: segment.rows_per_instance, ..rule };
        let airs = key.stark().verifying_key().airs();
        let of_air = |(air, sampled): (&AirDescriptor, &Vec<usize>)| {
            let Some(index) = plan.airs.iter().position(|(name, _)| *name == air.name) else { return sampled.clone() };
            let most = air.max_instances.min(segment.max_instances).min(rule.max_instances);
            let rule = rule.with_max_log_height(air.max_log_height).with_max_instances(most);
            rule.heights(segment.rows[index]).into_iter().map(|height| height.ilog2() as usize).collect()
        };
        airs.iter().zip(&samples[samples.len() - 1].log_heights).map(of_air).collect()
    }
}

/// Returns a measure of the work of a proof: the number of cells that the prover commits and folds, padding included.
fn work(prover: ProverMemory, airs: &[AirDescriptor], log_heights: &LogHeights) -> f64 {
    let rows = log_heights.iter().map(|heights| heights.iter().map(|height| 1 << height).sum::<usize>());
    let sum = |per_row: &dyn Fn(&AirDescriptor) -> usize| -> usize {
        airs.iter().zip(rows.clone()).map(|(air, rows)| rows * per_row(air)).sum()
    };
    match prover {
        ProverMemory::Committed { .. } => sum(&AirDescriptor::committed_columns) as f64,
        // All cells are one polynomial, and so are all messages. A message takes the memory of about two cells.
        ProverMemory::Stacked { .. } => {
            let (cells, messages) = (sum(&|air| air.width), sum(&|air| air.messages));
            (cells.next_power_of_two() + 2 * messages.next_power_of_two()) as f64
        }
    }
}

/// A quantity that grows with another one.
#[derive(Clone, Copy)]
struct Line {
    start: f64,
    slope: f64,
}

impl Line {
    /// Returns the line through the first and the last point. If it falls or is negative, because measured times vary, returns
    /// the line through zero and the last point.
    fn through(points: &[(f64, f64)]) -> Self {
        let (Some(&first), Some(&last)) = (points.first(), points.last()) else {
            return Self { start: 0.0, slope: 0.0 };
        };
        let slope = (last.1 - first.1) / (last.0 - first.0);
        let start = first.1 - slope * first.0;
        if slope.is_finite() && slope >= 0.0 && start >= 0.0 {
            return Self { start, slope };
        }
        Self { start: 0.0, slope: last.1 / last.0.max(1.0) }
    }

    fn at(self, x: f64) -> f64 {
        self.start + self.slope * x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_go_through_both_points_or_through_zero() {
        let at = |points: &[(f64, f64)], x| Line::through(points).at(x);
        assert_eq!(at(&[(10.0, 3.0), (20.0, 4.0)], 40.0), 6.0);
        assert_eq!(at(&[(10.0, 3.0)], 40.0), 12.0, "one sample");
        assert_eq!(at(&[(10.0, 9.0), (20.0, 4.0)], 40.0), 8.0, "it would fall");
        assert_eq!(at(&[(10.0, 1.0), (20.0, 4.0)], 40.0), 8.0, "it would be negative at 0");
    }
}
