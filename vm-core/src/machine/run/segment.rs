//! Executed segments whose traces are not filled yet.

use std::sync::Arc;

use super::plan::SegmentPlan;
use super::program::CachedProgram;
use super::report::ExecutionReport;
use crate::arch::{
    Chip, GenerationError, GuestMemory, InstructionExecutor, LoadedProgram, OfflineMemory, PathExecution,
    Poseidon2Hasher, RunOutcome, VmConfig,
};
use crate::machine::complex::VmChipComplex;
use crate::machine::traces::{ProofInput, RunMemory, SegmentRun};
use crate::system::memory::MerkleTree;

/// Executed segment of a machine with configuration `VC`.
pub type SegmentOf<VC> = ExecutionSegment<<VC as VmConfig>::Executor, <VC as VmConfig>::Periphery>;

/// Closed segment of a machine with configuration `VC`.
pub type ClosedSegmentOf<VC> = ClosedSegment<<VC as VmConfig>::Executor, <VC as VmConfig>::Periphery>;

/// An executed segment of a run, with the records for its traces.
pub struct ExecutionSegment<E, P> {
    pub(super) complex: VmChipComplex<E, P>,
    pub(super) program: Arc<LoadedProgram>,
    pub(super) initial_pc: u32,
    pub(super) outcome: RunOutcome,
    pub(super) memory: GuestMemory,
    pub(super) log: OfflineMemory,
    pub(super) executions: Vec<PathExecution>,
    /// Report of the segment's run.
    pub report: ExecutionReport,
}

/// An [`ExecutionSegment`] whose memory rows have been made. It no longer depends on the segments before and after it.
pub struct ClosedSegment<E, P> {
    pub(super) complex: VmChipComplex<E, P>,
    pub(super) program: Arc<LoadedProgram>,
    pub(super) initial_pc: u32,
    pub(super) outcome: RunOutcome,
    pub(super) memory: RunMemory,
    pub(super) executions: Vec<PathExecution>,
}

impl<E, P> ExecutionSegment<E, P>
where
    E: InstructionExecutor + Chip,
    P: Chip,
{
    /// Sets how rows are spread over instances: as the plan of the segment says.
    pub fn split_for(mut self, plan: &SegmentPlan) -> Self {
        self.complex.split_for(plan.max_instances, plan.rows_per_instance);
        self
    }

    /// Makes the rows of the memory AIRs, and updates `tree` from the memory before the segment to the memory after it.
    pub fn close(self, tree: &mut MerkleTree<Poseidon2Hasher>) -> ClosedSegment<E, P> {
        let Self { complex, program, initial_pc, outcome, memory, log, executions, .. } = self;
        let memory = complex.close_memory(&memory, log, tree);
        ClosedSegment { complex, program, initial_pc, outcome, memory, executions }
    }

    /// Closes the segment and fills its traces: [`Self::close`], then [`ClosedSegment::generate_proof_input`].
    ///
    /// # Errors
    /// As [`ClosedSegment::generate_proof_input`].
    pub fn generate_proof_input(
        self,
        cached: &CachedProgram,
        tree: &mut MerkleTree<Poseidon2Hasher>,
    ) -> Result<ProofInput, GenerationError> {
        self.close(tree).generate_proof_input(cached)
    }
}

impl<E, P> ClosedSegment<E, P>
where
    E: InstructionExecutor + Chip,
    P: Chip,
{
    /// Fills all traces of the segment. `cached` has the parts that all segments of the program share.
    ///
    /// # Errors
    /// - [`GenerationError::TraceHeightsLimitExceeded`] if an AIR needs more rows than the configuration allows.
    /// - [`GenerationError::LookupNotInTable`] if a trace queries a tuple that no table provides.
    /// - [`GenerationError::Internal`] if records and program do not match, or an executor makes wide accesses of a
    ///   width that its extension has not requested.
    /// - Any other error that a chip of an extension returns.
    pub fn generate_proof_input(self, cached: &CachedProgram) -> Result<ProofInput, GenerationError> {
        let Self { complex, program, initial_pc, outcome, memory, executions } = self;
        let run = SegmentRun { initial_pc, outcome, memory, executions };
        complex.generate_proof_input(cached, program, run)
    }
}
