//! The runner of segments.

use std::sync::Arc;

use super::executor::{ComplexOf, VmExecutionError, VmExecutor, run_chips};
use super::plan::RowLimits;
use super::report::{ExecutionProfile, ExecutionReport, report};
use super::segment::{ClosedSegmentOf, ExecutionSegment, SegmentOf};
use super::state::RunState;
use crate::arch::{
    ExecutionMode, GenerationError, LoadedProgram, MemoryController, Observer, OfflineMemory, PathExecution,
    PathFollower, PathTable, Poseidon2Hasher, Pure, RunLimits, RunOutcome, Streams, VmConfig, VmState,
};
use crate::instructions::VmExe;
use crate::system::memory::MerkleTree;

/// A recorded part of a run.
struct Recorded<VC: VmConfig, M> {
    complex: ComplexOf<VC>,
    report: ExecutionReport,
    outcome: RunOutcome,
    mode: M,
    executions: Vec<PathExecution>,
}

/// Executes the segments of a run one after another.
///
/// After a segment has failed, all later calls fail as well.
pub struct SegmentRunner<VC: VmConfig> {
    executor: VmExecutor<VC>,
    program: Arc<LoadedProgram>,
    paths: PathTable,
    /// `None` only while a segment runs and after a segment that failed.
    state: Option<RunState>,
    /// Memory tree at the present state. If `None`, it is computed from the memory when it is needed.
    tree: Option<MerkleTree<Poseidon2Hasher>>,
}

impl<VC: VmConfig> SegmentRunner<VC> {
    /// Creates a runner at `state` of a run of `exe`.
    ///
    /// # Errors
    /// - [`VmExecutionError::Exe`] if the executable is malformed.
    /// - [`VmExecutionError::Inventory`] if no machine can be built from the configuration.
    pub fn new(executor: VmExecutor<VC>, exe: &VmExe, state: RunState) -> Result<Self, VmExecutionError> {
        exe.validate()?;
        let program = Arc::new(executor.complex()?.load_program(&exe.program));
        let paths = executor.path_table(&program);
        Ok(Self { executor, program, paths, state: Some(state), tree: None })
    }

    /// Sets the memory tree at the present state. Otherwise it is computed from the memory, which is slower.
    pub fn with_tree(mut self, tree: MerkleTree<Poseidon2Hasher>) -> Self {
        self.tree = Some(tree);
        self
    }

    /// Returns the present state of the run.
    ///
    /// # Errors
    /// [`GenerationError::Internal`] if an earlier segment has failed.
    pub fn state(&mut self) -> Result<&mut RunState, GenerationError> {
        self.state.as_mut().ok_or_else(Self::failed_before)
    }

    fn failed_before() -> GenerationError {
        GenerationError::Internal("an earlier segment of the run has failed".to_owned())
    }

    /// Runs at most `instructions` instructions from the present state in one mode. Returns the chips, with their
    /// records, and the mode, with its log, and in modes that record also the executed paths.
    fn run<M: ExecutionMode>(&mut self, instructions: u64, mode: M) -> Result<Recorded<VC, M>, VmExecutionError> {
        let mut complex = self.executor.complex()?;
        let state = self.state.take();
        let RunState { pc, memory, streams, rng, instructions: before } = state.ok_or_else(Self::failed_before)?;
        let mut vm = VmState::new(MemoryController::new(memory, mode), streams, rng);
        let limits = RunLimits { max_instructions: instructions, clk_max_bits: self.executor.clk_max_bits() };
        let is_followed = M::RECORD && !self.paths.is_empty();
        let mut follower = is_followed.then(|| PathFollower::new(&self.paths, true));
        let observer = Observer { paths: follower.as_mut(), ..Observer::default() };
        let outcome = run_chips(&mut complex, &self.program, &mut vm, pc, limits, observer, &self.executor.control)?;
        if let Some(follower) = &mut follower {
            follower.end(&self.program);
        }
        let executions = follower.map(PathFollower::into_executions).unwrap_or_default();
        let report = report(&outcome, &vm, ExecutionProfile::default());
        let VmState { memory, streams, rng } = vm;
        let (memory, mode) = memory.into_parts();
        let instructions = before + outcome.instructions;
        self.state = Some(RunState { pc: outcome.state.pc, instructions, memory, streams, rng });
        Ok(Recorded { complex, report, outcome, mode, executions })
    }

    /// Runs the next `instructions` instructions in the pure mode, to get to a later segment quickly.
    ///
    /// # Errors
    /// - [`VmExecutionError::Execution`] if an instruction fails.
    /// - [`VmExecutionError::Segmentation`] if an earlier segment has failed.
    pub fn skip(&mut self, instructions: u64) -> Result<RunOutcome, VmExecutionError> {
        let outcome = self.run(instructions, Pure)?.outcome;
        self.tree = None;
        Ok(outcome)
    }

    /// Runs the next `instructions` instructions in the preflight mode, or fewer if the program terminates. The
    /// returned segment has the records from which traces are filled.
    ///
    /// # Errors
    /// - [`VmExecutionError::Execution`] if an instruction fails, or the timestamp exceeds the clock of one segment.
    /// - [`VmExecutionError::Segmentation`] if an earlier segment has failed.
    pub fn record(&mut self, instructions: u64) -> Result<(SegmentOf<VC>, RunOutcome), VmExecutionError> {
        let system = self.executor.system();
        let RunState { pc: initial_pc, ref memory, .. } = *self.state.as_ref().ok_or_else(Self::failed_before)?;
        if self.tree.is_none() {
            self.tree = Some(MerkleTree::from_memory(Poseidon2Hasher::default(), &system.memory_config, memory));
        }
        let mode = OfflineMemory::new(&system.memory_config, system.num_public_values);
        let Recorded { complex, report, outcome, mode: log, executions } = self.run(instructions, mode)?;
        // The snapshot shares its pages with the run; the next segment copies the pages that it changes.
        let memory = self.state()?.memory.snapshot();
        let program = Arc::clone(&self.program);
        Ok((ExecutionSegment { complex, program, initial_pc, outcome, memory, log, executions, report }, outcome))
    }

    /// Closes the segment that [`Self::record`] returned last (see [`ExecutionSegment::close`]). Also returns the
    /// memory tree after the segment.
    ///
    /// # Errors
    /// [`GenerationError::Internal`] if no segment has been recorded yet.
    pub fn close(
        &mut self,
        segment: SegmentOf<VC>,
    ) -> Result<(ClosedSegmentOf<VC>, &MerkleTree<Poseidon2Hasher>), GenerationError> {
        let tree = self.tree.as_mut().ok_or_else(Self::failed_before)?;
        Ok((segment.close(tree), tree))
    }
}

impl<VC: VmConfig> VmExecutor<VC> {
    /// Runs a program in the preflight mode and returns all segments of the run, with the records for their traces. On
    /// machines without continuations, there is one segment.
    ///
    /// All segments are kept in memory. To process them one by one, use [`SegmentRunner`].
    ///
    /// # Errors
    /// As [`Self::plan`] and [`SegmentRunner::record`].
    pub fn execute_segments(
        &self,
        exe: &VmExe,
        streams: impl Into<Streams>,
    ) -> Result<Vec<SegmentOf<VC>>, VmExecutionError> {
        let streams = streams.into();
        if !self.system().continuation_enabled {
            let mut runner = SegmentRunner::new(self.clone(), exe, self.initial_state(exe, streams)?)?;
            let (segment, outcome) = runner.record(self.max_instructions)?;
            let state = runner.state()?;
            self.check_terminated(&outcome, 0, &state.memory, &state.streams)?;
            return Ok(vec![segment]);
        }
        let plan = self.plan(exe, streams.clone(), &RowLimits::default())?;
        let mut runner = SegmentRunner::new(self.clone(), exe, self.initial_state(exe, streams)?)?;
        plan.segments.iter().map(|segment| Ok(runner.record(segment.instructions)?.0)).collect()
    }
}
