//! Executed segments, before their traces are filled.

use std::sync::Arc;

use super::program::CachedProgram;
use super::report::ExecutionReport;
use crate::arch::{
    Chip, GenerationError, GuestMemory, InstructionExecutor, LoadedProgram, OfflineMemory, Poseidon2Hasher, RunOutcome,
    VmConfig,
};
use crate::machine::complex::VmChipComplex;
use crate::machine::traces::{ProofInput, RunMemory};
use crate::system::memory::MerkleTree;

/// Segments of a configuration.
pub type SegmentOf<VC> = ExecutionSegment<<VC as VmConfig>::Executor, <VC as VmConfig>::Periphery>;

/// Closed segments of a configuration.
pub type ClosedSegmentOf<VC> = ClosedSegment<<VC as VmConfig>::Executor, <VC as VmConfig>::Periphery>;

/// One segment of a run, ready for trace generation.
pub struct ExecutionSegment<E, P> {
    pub(super) complex: VmChipComplex<E, P>,
    pub(super) program: Arc<LoadedProgram>,
    pub(super) initial_pc: u32,
    pub(super) outcome: RunOutcome,
    pub(super) memory: GuestMemory,
    pub(super) log: OfflineMemory,
    /// Report of the segment.
    pub report: ExecutionReport,
}

/// An [`ExecutionSegment`] whose memory is tied to the Merkle tree: independent of the segments around it.
pub struct ClosedSegment<E, P> {
    pub(super) complex: VmChipComplex<E, P>,
    pub(super) program: Arc<LoadedProgram>,
    pub(super) initial_pc: u32,
    pub(super) outcome: RunOutcome,
    pub(super) memory: RunMemory,
}

impl<E, P> ExecutionSegment<E, P>
where
    E: InstructionExecutor + Chip,
    P: Chip,
{
    /// Spreads every AIR over at most this many instances (see `SegmentPlan::max_instances`).
    pub fn with_max_instances(mut self, max_instances: usize) -> Self {
        self.complex.limit_instances(max_instances);
        self
    }

    /// Makes the rows of the memory system. `tree` moves from the memory before the segment to the one behind it.
    pub fn close(self, tree: &mut MerkleTree<Poseidon2Hasher>) -> ClosedSegment<E, P> {
        let Self { complex, program, initial_pc, outcome, memory, log, .. } = self;
        let memory = complex.close_memory(&memory, log, tree);
        ClosedSegment { complex, program, initial_pc, outcome, memory }
    }

    /// [`Self::close`] and [`ClosedSegment::generate_proof_input`].
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
    /// Fills the traces; `cached` carries what all segments of a program share.
    pub fn generate_proof_input(self, cached: &CachedProgram) -> Result<ProofInput, GenerationError> {
        let Self { complex, program, initial_pc, outcome, memory } = self;
        complex.generate_proof_input(&cached.airs, program, cached.program_air.clone(), initial_pc, outcome, memory)
    }
}
