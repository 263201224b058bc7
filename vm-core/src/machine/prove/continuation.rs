//! Proofs of runs in any number of segments, in memory that one segment determines.

use super::error::VmProveError;
use super::key::VmProvingKey;
use super::vm::{PhaseSeconds, VirtualMachine, timed};
use crate::arch::{ExitStatus, GenerationError, VmConfig};
use crate::machine::traces::{AirUsage, ProofInput};
use crate::machine::{
    CachedProgram, ClosedSegment, ContinuationProof, ExecutionReport, RunPlan, RunState, SegmentPlan, SegmentRunner,
    UserPublicValuesProof, VmProof,
};
use crate::stark::{SecurityReport, StarkEngine};

/// An executed segment whose traces can be filled and proven anywhere, at any time.
pub struct ReadySegment<VC: VmConfig> {
    closed: ClosedSegment<VC::Executor, VC::Periphery>,
    /// Report of the segment.
    pub report: ExecutionReport,
    public_values: Option<UserPublicValuesProof>,
    preflight: f64,
}

impl<VC: VmConfig> ReadySegment<VC> {
    /// Fills the traces.
    pub fn generate_proof_input(self, cached: &CachedProgram) -> Result<ProofInput, GenerationError> {
        self.closed.generate_proof_input(cached)
    }
}

/// A proven segment.
pub struct ProvenSegment<E: StarkEngine> {
    /// The proof.
    pub proof: VmProof<E>,
    /// Of the last segment: the public values of the run.
    pub public_values: Option<UserPublicValuesProof>,
    /// Report of the segment.
    pub report: ExecutionReport,
    /// Rows and cells per AIR, in key order.
    pub usage: Vec<AirUsage>,
    /// Security of the proof's shape.
    pub security: SecurityReport,
    /// Wall-clock seconds per phase; the metered run belongs to the whole run.
    pub seconds: PhaseSeconds,
}

/// A proof of a whole run and how it was made.
pub struct ProvenRun<E: StarkEngine> {
    /// The proof.
    pub proof: ContinuationProof<E>,
    /// Segments, as planned.
    pub plan: RunPlan,
    /// Rows and cells per segment and AIR, in key order.
    pub usage: Vec<Vec<AirUsage>>,
    /// Security of the weakest segment's shape.
    pub security: SecurityReport,
    /// Wall-clock seconds, over all segments.
    pub seconds: PhaseSeconds,
}

/// Where the proofs of segments go. What is dropped here is gone: nothing of a finished segment stays in memory.
pub trait SegmentSink<E: StarkEngine> {
    /// Why the sink gives up.
    type Error: From<VmProveError>;

    /// Whether the sink has the proof of a segment already, so that it is not made again.
    fn has(&self, _segment: usize) -> bool {
        false
    }

    /// A segment is being executed and then proven.
    fn begin(&mut self, _segment: usize) {}

    /// Takes a proof. Segments come in order.
    fn accept(&mut self, segment: usize, proven: ProvenSegment<E>) -> Result<(), Self::Error>;
}

impl<E: StarkEngine, VC: VmConfig> VirtualMachine<E, VC> {
    /// A runner at the start of a program.
    pub fn segments(&self, key: &VmProvingKey<E, VC>, inputs: Vec<Vec<u8>>) -> Result<SegmentRunner<VC>, VmProveError> {
        let state = self.executor.initial_state(key.exe(), inputs)?;
        let runner = SegmentRunner::new(self.executor.clone(), key.exe(), state)?;
        Ok(runner.with_tree(key.initial_tree().clone()))
    }

    /// A runner at a state of a program's run that was saved.
    pub fn segments_from(&self, key: &VmProvingKey<E, VC>, state: RunState) -> Result<SegmentRunner<VC>, VmProveError> {
        Ok(SegmentRunner::new(self.executor.clone(), key.exe(), state)?)
    }

    /// Executes the next segment of a runner, which must be the planned one.
    pub fn execute_segment(
        &self,
        runner: &mut SegmentRunner<VC>,
        plan: &SegmentPlan,
    ) -> Result<ReadySegment<VC>, VmProveError> {
        let state = runner.state()?;
        if (state.pc, state.instructions) != (plan.initial_pc, plan.first_instruction) {
            return Err(disagreement(plan, "starts elsewhere").into());
        }
        let mut preflight = 0.0;
        let (closed, report, tree) = timed(&mut preflight, || {
            let (segment, _) = runner.record(plan.instructions)?;
            let report = segment.report.clone();
            let (closed, tree) = runner.close(segment.with_max_instances(plan.max_instances))?;
            Ok::<_, VmProveError>((closed, report, tree))
        })?;
        if report.instructions != plan.instructions {
            return Err(disagreement(plan, "ends elsewhere").into());
        }
        let public_values = match report.exit {
            ExitStatus::Terminated(_) => {
                let memory = &self.config().system().memory_config;
                Some(UserPublicValuesProof::new(tree, memory, report.public_values.clone()))
            }
            ExitStatus::Suspended => None,
        };
        Ok(ReadySegment { closed, report, public_values, preflight })
    }

    /// Fills the traces of a segment and proves it.
    pub fn prove_segment(
        &self,
        key: &VmProvingKey<E, VC>,
        segment: ReadySegment<VC>,
    ) -> Result<ProvenSegment<E>, VmProveError> {
        let ReadySegment { closed, report, public_values, preflight } = segment;
        let mut seconds = PhaseSeconds { preflight, ..PhaseSeconds::default() };
        let input = timed(&mut seconds.trace_generation, || closed.generate_proof_input(key.cached()))?;
        let stark = timed(&mut seconds.prove, || self.engine.prove(key.stark(), input.per_air))?;
        let security = self.engine.security(key.stark().verifying_key(), &stark.log_heights());
        let proof = VmProof::new(key.verifying_key().digest(), stark);
        Ok(ProvenSegment { proof, public_values, report, usage: input.usage, security, seconds })
    }

    /// Executes and proves the segments of a planned run that `sink` does not have, `jobs` of them at a time.
    ///
    /// Peak memory is that of `jobs` segments, whatever the length of the run.
    pub fn prove_segments<S: SegmentSink<E>>(
        &self,
        key: &VmProvingKey<E, VC>,
        plan: &RunPlan,
        inputs: Vec<Vec<u8>>,
        jobs: usize,
        sink: &mut S,
    ) -> Result<(), S::Error> {
        if !self.config().system().continuation_enabled {
            return Err(VmProveError::ContinuationsDisabled.into());
        }
        let missing: Vec<bool> = (0..plan.segments.len()).map(|segment| !sink.has(segment)).collect();
        let mut runner = self.segments(key, inputs)?;
        let mut next = 0;
        // Nothing has to be executed behind the last segment that is missing.
        let end = missing.iter().rposition(|missing| *missing).map_or(0, |last| last + 1);
        while next < end {
            let mut batch = Vec::new();
            while next < end && batch.len() < jobs.max(1) {
                let segment = &plan.segments[next];
                if missing[next] {
                    sink.begin(next);
                    batch.push((next, self.execute_segment(&mut runner, segment)?));
                } else {
                    runner.skip(segment.instructions).map_err(VmProveError::from)?;
                }
                next += 1;
            }
            // All that were proven are handed over, whatever became of the others.
            let proven = self.prove_batch(key, batch).into_iter();
            let accepted: Vec<Result<(), S::Error>> =
                proven.map(|(segment, proven)| sink.accept(segment, proven?)).collect();
            accepted.into_iter().collect::<Result<(), S::Error>>()?;
        }
        Ok(())
    }

    /// Proves segments at the same time.
    fn prove_batch(
        &self,
        key: &VmProvingKey<E, VC>,
        batch: Vec<(usize, ReadySegment<VC>)>,
    ) -> Vec<(usize, Result<ProvenSegment<E>, VmProveError>)> {
        if batch.len() == 1 {
            return batch.into_iter().map(|(index, segment)| (index, self.prove_segment(key, segment))).collect();
        }
        std::thread::scope(|scope| {
            let threads: Vec<_> = batch
                .into_iter()
                .map(|(index, segment)| (index, scope.spawn(move || self.prove_segment(key, segment))))
                .collect();
            let panicked =
                |_| Err(GenerationError::Internal("a thread that proves a segment has panicked".to_owned()).into());
            threads.into_iter().map(|(index, thread)| (index, thread.join().unwrap_or_else(panicked))).collect()
        })
    }

    /// Plans and proves a run, one segment after another, and keeps all proofs in memory.
    pub fn prove_continuation(
        &self,
        key: &VmProvingKey<E, VC>,
        inputs: Vec<Vec<u8>>,
    ) -> Result<ProvenRun<E>, VmProveError> {
        if !self.config().system().continuation_enabled {
            return Err(VmProveError::ContinuationsDisabled);
        }
        let mut metered = 0.0;
        let plan = timed(&mut metered, || self.plan(key, inputs.clone()))?;
        let mut collected = Collected { segments: Vec::new() };
        self.prove_segments(key, &plan, inputs, 1, &mut collected)?;
        let mut seconds = PhaseSeconds { metered, ..PhaseSeconds::default() };
        let mut proof = Vec::with_capacity(plan.segments.len());
        let mut usage = Vec::with_capacity(plan.segments.len());
        let (mut security, mut public_values) = (None::<SecurityReport>, None);
        for segment in collected.segments {
            seconds.preflight += segment.seconds.preflight;
            seconds.trace_generation += segment.seconds.trace_generation;
            seconds.prove += segment.seconds.prove;
            proof.push(segment.proof);
            usage.push(segment.usage);
            public_values = segment.public_values;
            security = match security {
                Some(weakest) if weakest.bits <= segment.security.bits => Some(weakest),
                _ => Some(segment.security),
            };
        }
        let (Some(security), Some(public_values)) = (security, public_values) else {
            return Err(GenerationError::Internal("the last segment is not the end of the run".to_owned()).into());
        };
        Ok(ProvenRun { proof: ContinuationProof { segments: proof, public_values }, plan, usage, security, seconds })
    }
}

fn disagreement(plan: &SegmentPlan, what: &str) -> GenerationError {
    let (first, pc) = (plan.first_instruction, plan.initial_pc);
    GenerationError::Internal(format!("the segment planned from instruction {first} at pc {pc:#x} {what}"))
}

/// Keeps all proofs.
struct Collected<E: StarkEngine> {
    segments: Vec<ProvenSegment<E>>,
}

impl<E: StarkEngine> SegmentSink<E> for Collected<E> {
    type Error = VmProveError;

    fn accept(&mut self, _segment: usize, proven: ProvenSegment<E>) -> Result<(), VmProveError> {
        self.segments.push(proven);
        Ok(())
    }
}
