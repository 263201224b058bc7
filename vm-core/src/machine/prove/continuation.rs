//! Proofs of runs in any number of segments. Peak memory is that of the segments that are proven at the same time.

use super::error::VmProveError;
use super::key::VmProvingKey;
use super::vm::{PhaseSeconds, VirtualMachine, timed};
use crate::arch::{ExitStatus, GenerationError, Streams, VmConfig};
use crate::machine::traces::{AirUsage, ProofInput};
use crate::machine::{
    CachedProgram, ClosedSegment, ContinuationProof, ExecutionReport, RunPlan, RunState, SegmentPlan, SegmentRunner,
    UserPublicValuesProof, VmProof, user_public_values,
};
use crate::stark::{SecurityReport, StarkEngine};

/// An executed segment. It holds everything that its proof needs, so it can be proven on another thread and in any
/// order.
pub struct ReadySegment<VC: VmConfig> {
    closed: ClosedSegment<VC::Executor, VC::Periphery>,
    /// Report of the segment's run.
    pub report: ExecutionReport,
    public_values: Option<UserPublicValuesProof>,
    preflight: f64,
}

impl<VC: VmConfig> ReadySegment<VC> {
    /// Fills the traces of the segment.
    ///
    /// # Errors
    /// As [`ClosedSegment::generate_proof_input`].
    pub fn generate_proof_input(self, cached: &CachedProgram) -> Result<ProofInput, GenerationError> {
        self.closed.generate_proof_input(cached)
    }
}

/// The proof of one segment, with statistics.
pub struct ProvenSegment<E: StarkEngine> {
    /// The proof of the segment.
    pub proof: VmProof<E>,
    /// Public values of the run, if this is the last segment.
    pub public_values: Option<UserPublicValuesProof>,
    /// Report of the segment's run.
    pub report: ExecutionReport,
    /// Rows and cells per AIR, in key order.
    pub usage: Vec<AirUsage>,
    /// Security of the proof, computed from its shape.
    pub security: SecurityReport,
    /// Wall-clock time of each phase. `metered` is 0, because one metered run plans all segments.
    pub seconds: PhaseSeconds,
}

/// The proof of a whole run, with statistics.
pub struct ProvenContinuation<E: StarkEngine> {
    /// The proof of the run.
    pub proof: ContinuationProof<E>,
    /// The plan that the segments follow.
    pub plan: RunPlan,
    /// Rows and cells of each AIR in key order, per segment.
    pub usage: Vec<Vec<AirUsage>>,
    /// Security of the weakest segment's proof.
    pub security: SecurityReport,
    /// Wall-clock time of each phase, summed over all segments.
    pub seconds: PhaseSeconds,
}

/// Destination of the proofs of segments.
///
/// The prover keeps nothing of a finished segment, so the sink is responsible for storing the proof.
pub trait SegmentSink<E: StarkEngine> {
    /// Error of the sink. It can also represent an error of the prover.
    type Error: From<VmProveError>;

    /// Returns whether the sink already has the proof of a segment. Such segments are not proven again.
    fn has(&self, _segment: usize) -> bool {
        false
    }

    /// Called before a segment is executed and proven.
    fn begin(&mut self, _segment: usize) {}

    /// Stores a proof. Called in the order of the segments.
    ///
    /// # Errors
    /// If the sink cannot store the proof. Proving then stops after the proofs that were made at the same time.
    fn accept(&mut self, segment: usize, proven: ProvenSegment<E>) -> Result<(), Self::Error>;
}

impl<E: StarkEngine, VC: VmConfig> VirtualMachine<E, VC> {
    /// Creates a runner at the first instruction of the key's program.
    ///
    /// # Errors
    /// [`VmProveError::Vm`] if no machine can be built from the configuration, or the executable is malformed.
    pub fn segments(
        &self,
        key: &VmProvingKey<E, VC>,
        streams: impl Into<Streams>,
    ) -> Result<SegmentRunner<VC>, VmProveError> {
        let state = self.executor.initial_state(key.exe(), streams)?;
        let runner = SegmentRunner::new(self.executor_of(key), key.exe(), state)?;
        Ok(runner.with_tree(key.initial_tree().clone()))
    }

    /// Creates a runner at a saved state of a run of the key's program.
    ///
    /// # Errors
    /// [`VmProveError::Vm`] if no machine can be built from the configuration, or the executable is malformed.
    pub fn segments_from(&self, key: &VmProvingKey<E, VC>, state: RunState) -> Result<SegmentRunner<VC>, VmProveError> {
        Ok(SegmentRunner::new(self.executor_of(key), key.exe(), state)?)
    }

    /// Executes the next segment of a run. `runner` must be at the start of the segment that `plan` describes.
    ///
    /// # Errors
    /// - [`VmProveError::Generation`] if the runner is not at the start of the planned segment, the segment does not
    ///   have the planned number of instructions, or an earlier segment of the runner has failed.
    /// - [`VmProveError::Vm`] if the run fails.
    pub fn execute_segment(
        &self,
        runner: &mut SegmentRunner<VC>,
        plan: &SegmentPlan,
    ) -> Result<ReadySegment<VC>, VmProveError> {
        let state = runner.state()?;
        if (state.pc, state.instructions) != (plan.initial_pc, plan.first_instruction) {
            return Err(disagreement(plan, "does not start where the runner is").into());
        }
        let mut preflight = 0.0;
        let (closed, report, tree) = timed(&mut preflight, || {
            let (segment, _) = runner.record(plan.instructions)?;
            let report = segment.report.clone();
            let (closed, tree) = runner.close(segment.split_for(plan))?;
            Ok::<_, VmProveError>((closed, report, tree))
        })?;
        if report.instructions != plan.instructions {
            return Err(disagreement(plan, "does not have the planned number of instructions").into());
        }
        let public_values = match report.exit {
            ExitStatus::Terminated(_) => {
                let memory = &self.config().system().memory_config;
                Some(user_public_values(tree, memory, report.public_values.clone()))
            }
            ExitStatus::Suspended => None,
        };
        Ok(ReadySegment { closed, report, public_values, preflight })
    }

    /// Fills the traces of an executed segment and proves it.
    ///
    /// # Errors
    /// - [`VmProveError::Cancelled`] if the runs of the executor have been cancelled.
    /// - [`VmProveError::Generation`] if a trace cannot be filled.
    /// - [`VmProveError::Prove`] if the backend refuses the traces.
    pub fn prove_segment(
        &self,
        key: &VmProvingKey<E, VC>,
        segment: ReadySegment<VC>,
    ) -> Result<ProvenSegment<E>, VmProveError> {
        let ReadySegment { closed, report, public_values, preflight } = segment;
        let mut seconds = PhaseSeconds { preflight, ..PhaseSeconds::default() };
        let input = timed(&mut seconds.trace_generation, || closed.generate_proof_input(key.cached()))?;
        let stark = timed(&mut seconds.prove, || self.prove_traces(key, input.per_air))?;
        let security = self.engine.security(key.stark().verifying_key(), &stark.log_heights());
        let proof = VmProof::new(key.verifying_key().digest(), stark);
        Ok(ProvenSegment { proof, public_values, report, usage: input.usage, security, seconds })
    }

    /// Executes and proves the segments of a planned run that `sink` does not have yet, `jobs` of them at the same
    /// time. 0 jobs count as 1.
    ///
    /// Peak memory is that of `jobs` segments, whatever the length of the run.
    ///
    /// # Errors
    /// [`VmProveError::ContinuationsDisabled`] if the machine has continuations disabled, the errors of
    /// [`Self::segments`], [`Self::execute_segment`] and [`Self::prove_segment`], and those of `sink`. Proofs that were
    /// made at the same time as a failed one are still given to the sink.
    pub fn prove_segments<S: SegmentSink<E>>(
        &self,
        key: &VmProvingKey<E, VC>,
        plan: &RunPlan,
        streams: impl Into<Streams>,
        jobs: usize,
        sink: &mut S,
    ) -> Result<(), S::Error> {
        if !self.config().system().continuation_enabled {
            return Err(VmProveError::ContinuationsDisabled.into());
        }
        let missing: Vec<bool> = (0..plan.segments.len()).map(|segment| !sink.has(segment)).collect();
        let mut runner = self.segments(key, streams)?;
        let mut next = 0;
        // Nothing has to be executed after the last missing segment.
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
            // Collecting first gives the sink every proof of the batch, even if another segment of it has failed.
            let proven = self.prove_batch(key, batch).into_iter();
            let accepted: Vec<Result<(), S::Error>> =
                proven.map(|(segment, proven)| sink.accept(segment, proven?)).collect();
            accepted.into_iter().collect::<Result<(), S::Error>>()?;
        }
        Ok(())
    }

    /// Proves segments at the same time, each on a thread of its own.
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
                |_| Err(GenerationError::Internal("a thread that proves a segment panicked".to_owned()).into());
            threads.into_iter().map(|(index, thread)| (index, thread.join().unwrap_or_else(panicked))).collect()
        })
    }

    /// Plans a run and proves its segments, one after another. Keeps all proofs in memory; [`Self::prove_segments`]
    /// does not.
    ///
    /// # Errors
    /// - [`VmProveError::ContinuationsDisabled`] if the machine has continuations disabled.
    /// - The errors of [`Self::plan`] and [`Self::prove_segments`].
    pub fn prove_continuation(
        &self,
        key: &VmProvingKey<E, VC>,
        streams: impl Into<Streams>,
    ) -> Result<ProvenContinuation<E>, VmProveError> {
        if !self.config().system().continuation_enabled {
            return Err(VmProveError::ContinuationsDisabled);
        }
        let streams = streams.into();
        let mut metered = 0.0;
        let plan = timed(&mut metered, || self.plan(key, streams.clone()))?;
        let mut collected = Collected { segments: Vec::new() };
        self.prove_segments(key, &plan, streams, 1, &mut collected)?;
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
            return Err(
                GenerationError::Internal("the program does not terminate in the last segment".to_owned()).into()
            );
        };
        Ok(ProvenContinuation {
            proof: ContinuationProof { segments: proof, public_values, plan: key.verifying_key().plan().to_vec() },
            plan,
            usage,
            security,
            seconds,
        })
    }
}

fn disagreement(plan: &SegmentPlan, what: &str) -> GenerationError {
    let (first, pc) = (plan.first_instruction, plan.initial_pc);
    GenerationError::Internal(format!("the segment planned from instruction {first} (pc {pc:#x}) {what}"))
}

/// A sink that keeps all proofs in memory.
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
