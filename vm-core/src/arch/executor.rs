//! Executing programs: whole runs in each mode, plans of segments, and segments one after another.

use std::sync::Arc;

use thiserror::Error;

use crate::instructions::{ExeError, VmExe};
use crate::system::memory::{
    GuestMemory, MemoryController, MemoryError, MerkleTree, PUBLIC_VALUES_SPACE, REGISTER_SPACE,
};

use super::chip::{Chip, ChipUsageGetter, GenerationError};
use super::chip_complex::{ProofInput, RunMemory, VmChipComplex};
use super::config::{LEAF_BYTES, SystemConfig, VmConfig};
use super::execution::{ExecutionError, ExecutionMode, ExitStatus};
use super::extensions::VmInventoryError;
use super::hasher::Poseidon2Hasher;
use super::interpreter::{OpcodeCounts, RunLimits, RunOutcome, run};
use super::modes::{MemoryRows, Metered, OfflineMemory, Pure, WrittenNodes};
use super::plan::{RowLimits, RunPlan};
use super::program_table::LoadedProgram;
use super::vm::CachedProgram;
use super::vm_state::{HostRng, Streams, VmState};

/// Why a program could not be executed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum VmExecutionError {
    /// The machine could not be built.
    #[error(transparent)]
    Inventory(#[from] VmInventoryError),
    /// The executable is malformed.
    #[error(transparent)]
    Exe(#[from] ExeError),
    /// The initial memory does not fit the machine.
    #[error("initial memory: {0}")]
    InitMemory(#[from] MemoryError),
    /// The run failed.
    #[error(transparent)]
    Execution(#[from] Box<ExecutionError>),
    /// No segmentation makes the run provable.
    #[error(transparent)]
    Segmentation(#[from] GenerationError),
}

/// A finished run.
#[derive(Clone, Debug)]
pub struct ExecutionReport {
    /// Executed instructions.
    pub instructions: u64,
    /// How it ended.
    pub exit: ExitStatus,
    /// Program counter at the end.
    pub pc: u32,
    /// Registers at the end (words of address space 1).
    pub registers: Vec<u32>,
    /// User public values.
    pub public_values: Vec<u8>,
    /// What the guest printed.
    pub printed: String,
    /// Executions per opcode name, when profiling is enabled; most frequent first.
    pub opcodes: Vec<(String, u64)>,
}

/// Rows that a metered run predicts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeteredReport {
    /// AIR name and rows of every executor, in key order. Exact.
    pub executors: Vec<(String, usize)>,
    /// Rows of the memory system: hashes at least the actual number, the rest exact.
    pub memory: MemoryRows,
}

/// A run in progress or finished, with its memory: what [`VmExecutor`] hands out for inspection.
pub struct FinalState<M> {
    /// Report.
    pub report: ExecutionReport,
    /// Memory and mode at the end.
    pub memory: MemoryController<M>,
}

/// Where a run stands between two instructions: all that the instructions behind it depend on.
pub struct RunState {
    /// Program counter.
    pub pc: u32,
    /// Instructions executed so far.
    pub instructions: u64,
    /// Memory.
    pub memory: GuestMemory,
    /// Host streams.
    pub streams: Streams,
    /// Source of random bytes.
    pub rng: HostRng,
}

impl RunState {
    /// A copy, which shares the pages of memory that neither side changes.
    pub fn snapshot(&mut self) -> Self {
        Self {
            pc: self.pc,
            instructions: self.instructions,
            memory: self.memory.snapshot(),
            streams: self.streams.clone(),
            rng: self.rng.clone(),
        }
    }
}

/// Executes programs on a machine.
#[derive(Clone, Debug)]
pub struct VmExecutor<VC> {
    config: VC,
    seed: u64,
    max_instructions: u64,
}

/// Chips of a configuration.
pub(super) type ComplexOf<VC> = VmChipComplex<<VC as VmConfig>::Executor, <VC as VmConfig>::Periphery>;
/// Segments of a configuration.
pub type SegmentOf<VC> = ExecutionSegment<<VC as VmConfig>::Executor, <VC as VmConfig>::Periphery>;

/// Closed segments of a configuration.
pub type ClosedSegmentOf<VC> = ClosedSegment<<VC as VmConfig>::Executor, <VC as VmConfig>::Periphery>;

/// A finished run with everything that it used.
struct FinishedRun<VC: VmConfig, M> {
    complex: ComplexOf<VC>,
    state: FinalState<M>,
}

/// One segment of a run, ready for trace generation.
pub struct ExecutionSegment<E, P> {
    complex: VmChipComplex<E, P>,
    program: Arc<LoadedProgram>,
    initial_pc: u32,
    outcome: RunOutcome,
    memory: GuestMemory,
    log: OfflineMemory,
    /// Report of the segment.
    pub report: ExecutionReport,
}

/// An [`ExecutionSegment`] whose memory is tied to the Merkle tree: independent of the segments around it.
pub struct ClosedSegment<E, P> {
    complex: VmChipComplex<E, P>,
    program: Arc<LoadedProgram>,
    initial_pc: u32,
    outcome: RunOutcome,
    memory: RunMemory,
}

impl<E, P> ExecutionSegment<E, P>
where
    E: super::InstructionExecutor + Chip,
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
    E: super::InstructionExecutor + Chip,
    P: Chip,
{
    /// Fills the traces; `cached` carries what all segments of a program share.
    pub fn generate_proof_input(self, cached: &CachedProgram) -> Result<ProofInput, GenerationError> {
        let Self { complex, program, initial_pc, outcome, memory } = self;
        complex.generate_proof_input(&cached.airs, program, cached.program_air.clone(), initial_pc, outcome, memory)
    }
}

impl<VC: VmConfig> VmExecutor<VC> {
    /// An executor for a configuration.
    pub fn new(config: VC) -> Self {
        Self { config, seed: 0, max_instructions: u64::MAX }
    }

    /// Seeds the random bytes that guests may ask for; runs with the same seed agree.
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Stops runs that execute more instructions, with [`ExecutionError::DidNotTerminate`].
    pub fn with_max_instructions(mut self, limit: u64) -> Self {
        self.max_instructions = limit;
        self
    }

    /// The configuration.
    pub fn config(&self) -> &VC {
        &self.config
    }

    /// Seed of the guest's random bytes.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    pub(super) fn max_instructions(&self) -> u64 {
        self.max_instructions
    }

    pub(super) fn system(&self) -> &SystemConfig {
        self.config.system()
    }

    /// Time in which a run has to stay.
    pub(super) fn clk_max_bits(&self) -> usize {
        self.system().memory_config.clk_max_bits
    }

    /// The state before the first instruction.
    pub fn initial_state(&self, exe: &VmExe, inputs: Vec<Vec<u8>>) -> Result<RunState, VmExecutionError> {
        exe.validate()?;
        let system = self.system();
        let memory = GuestMemory::from_image(&system.memory_config, system.num_public_values, &exe.init_memory)?;
        let (streams, rng) = (Streams::new(inputs), HostRng::new(self.seed));
        Ok(RunState { pc: exe.pc_start, instructions: 0, memory, streams, rng })
    }

    /// Counters at the start of a segment.
    pub(super) fn metered_mode(&self, executors: usize, written_before: WrittenNodes) -> Metered {
        let system = self.system();
        let memory = &system.memory_config;
        let mut mode = Metered::new(memory, system.num_public_values, executors, written_before);
        mode.touch_leaf(0, 0);
        if !system.continuation_enabled {
            let public_space = (PUBLIC_VALUES_SPACE - memory.as_offset) as usize;
            (0..system.num_public_values / LEAF_BYTES).for_each(|leaf| mode.touch_leaf(public_space, leaf));
        }
        mode
    }

    /// Runs a whole program in one mode.
    fn run_in<M: ExecutionMode>(
        &self,
        exe: &VmExe,
        inputs: Vec<Vec<u8>>,
        mode: impl FnOnce(usize) -> M,
    ) -> Result<FinishedRun<VC, M>, VmExecutionError> {
        let mut complex = VmChipComplex::new(&self.config)?;
        let start = self.initial_state(exe, inputs)?;
        let program = complex.load_program(&exe.program);
        let mode = mode(complex.inventory.executors().len());
        let mut vm = VmState::new(MemoryController::new(start.memory, mode), start.streams, start.rng);
        let limits = RunLimits { max_instructions: self.max_instructions, clk_max_bits: self.clk_max_bits() };
        let mut profile = self.system().profiling.then(|| vec![0; program.num_slots()]);
        let outcome = run_chips(&mut complex, &program, &mut vm, start.pc, limits, profile.as_deref_mut())?;
        self.check_terminated(&outcome, 0)?;
        let opcodes = profile.map_or_else(Vec::new, |counts| opcode_counts(&complex, &program, &counts));
        let report = report(&outcome, &mut vm, opcodes);
        Ok(FinishedRun { complex, state: FinalState { report, memory: vm.memory } })
    }

    /// A run that stopped at the limit of instructions did not terminate.
    pub(super) fn check_terminated(&self, outcome: &RunOutcome, before: u64) -> Result<(), Box<ExecutionError>> {
        match outcome.exit {
            ExitStatus::Suspended => Err(Box::new(ExecutionError::DidNotTerminate {
                pc: outcome.state.pc,
                executed: before + outcome.instructions,
            })),
            ExitStatus::Terminated(_) => Ok(()),
        }
    }

    /// Runs without time or counts: the fastest mode.
    pub fn execute(&self, exe: &VmExe, inputs: Vec<Vec<u8>>) -> Result<ExecutionReport, VmExecutionError> {
        Ok(self.execute_state(exe, inputs)?.report)
    }

    /// [`Self::execute`], with the memory at the end.
    pub fn execute_state(&self, exe: &VmExe, inputs: Vec<Vec<u8>>) -> Result<FinalState<Pure>, VmExecutionError> {
        Ok(self.run_in(exe, inputs, |_| Pure)?.state)
    }

    /// Runs and counts the rows that a proof in one segment will need. [`Self::plan`] cuts the run into segments.
    pub fn execute_metered(
        &self,
        exe: &VmExe,
        inputs: Vec<Vec<u8>>,
    ) -> Result<(FinalState<Metered>, MeteredReport), VmExecutionError> {
        let written = WrittenNodes::of_image(&self.system().memory_config, &exe.init_memory);
        let FinishedRun { complex, state, .. } =
            self.run_in(exe, inputs, |executors| self.metered_mode(executors, written))?;
        let names = complex.inventory.executors().iter().map(ChipUsageGetter::air_name);
        let report = MeteredReport {
            executors: names.zip(state.memory.mode.rows().iter().copied()).collect(),
            memory: state.memory.mode.memory_rows(),
        };
        Ok((state, report))
    }

    /// Runs and records everything that traces need, for all segments of a run: one without continuations. All of them
    /// are held in memory; [`SegmentRunner`] makes them one by one.
    pub fn execute_segments(&self, exe: &VmExe, inputs: Vec<Vec<u8>>) -> Result<Vec<SegmentOf<VC>>, VmExecutionError> {
        if !self.system().continuation_enabled {
            let mut runner = SegmentRunner::new(self.clone(), exe, self.initial_state(exe, inputs)?)?;
            let (segment, outcome) = runner.record(self.max_instructions)?;
            self.check_terminated(&outcome, 0)?;
            return Ok(vec![segment]);
        }
        let plan = self.plan(exe, inputs.clone(), &RowLimits::default())?;
        let mut runner = SegmentRunner::new(self.clone(), exe, self.initial_state(exe, inputs)?)?;
        plan.segments.iter().map(|segment| Ok(runner.record(segment.instructions)?.0)).collect()
    }

    /// Runs and cuts the run into segments, before any trace exists. Without continuations there is one segment.
    pub fn plan(&self, exe: &VmExe, inputs: Vec<Vec<u8>>, limits: &RowLimits) -> Result<RunPlan, VmExecutionError> {
        RunPlan::new(self, exe, inputs, limits)
    }
}

/// Runs a machine's chips.
pub(super) fn run_chips<M: ExecutionMode, E, P>(
    complex: &mut VmChipComplex<E, P>,
    program: &LoadedProgram,
    vm: &mut VmState<M>,
    pc: u32,
    limits: RunLimits,
    profile: Option<&mut [u64]>,
) -> Result<RunOutcome, Box<ExecutionError>>
where
    E: super::InstructionExecutor + Chip,
{
    let VmChipComplex { base, inventory, .. } = complex;
    run(program, inventory.executors_mut(), &mut base.phantom, vm, pc, limits, profile)
}

/// What there is to say about a run. Takes what the guest has printed.
pub(super) fn report<M: ExecutionMode>(
    outcome: &RunOutcome,
    vm: &mut VmState<M>,
    opcodes: Vec<(String, u64)>,
) -> ExecutionReport {
    let space = |number: u32| vm.memory.memory().space_words(number);
    ExecutionReport {
        instructions: outcome.instructions,
        exit: outcome.exit,
        pc: outcome.state.pc,
        registers: space(REGISTER_SPACE),
        public_values: space(PUBLIC_VALUES_SPACE).iter().flat_map(|word| word.to_le_bytes()).collect(),
        printed: std::mem::take(&mut vm.streams.printed),
        opcodes,
    }
}

/// Sums executions per slot into executions per opcode name, most frequent first.
pub(super) fn opcode_counts<E, P>(
    complex: &VmChipComplex<E, P>,
    program: &LoadedProgram,
    counts: &[u64],
) -> Vec<(String, u64)>
where
    E: super::InstructionExecutor + Chip,
    P: Chip,
{
    let mut sums = OpcodeCounts::default();
    for ((_, slot), &count) in program.slots().zip(counts) {
        if count > 0 {
            *sums.entry(slot.instruction.opcode).or_default() += count;
        }
    }
    let mut named: Vec<(String, u64)> = sums.into_iter().map(|(op, count)| (complex.opcode_name(op), count)).collect();
    named.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    named
}

/// Executes the segments of a run one after another.
pub struct SegmentRunner<VC: VmConfig> {
    executor: VmExecutor<VC>,
    program: Arc<LoadedProgram>,
    /// `None` only while a segment runs, and behind one that failed.
    state: Option<RunState>,
    /// The memory tree where the run stands, if it is known; made of the memory when it is needed.
    tree: Option<MerkleTree<Poseidon2Hasher>>,
}

impl<VC: VmConfig> SegmentRunner<VC> {
    /// A runner that stands at `state` of a run of `exe`.
    pub fn new(executor: VmExecutor<VC>, exe: &VmExe, state: RunState) -> Result<Self, VmExecutionError> {
        exe.validate()?;
        let program = Arc::new(VmChipComplex::new(&executor.config)?.load_program(&exe.program));
        Ok(Self { executor, program, state: Some(state), tree: None })
    }

    /// The runner with the memory tree where it stands, which then need not be made of the memory.
    pub fn with_tree(mut self, tree: MerkleTree<Poseidon2Hasher>) -> Self {
        self.tree = Some(tree);
        self
    }

    /// Where the run stands.
    pub fn state(&mut self) -> Result<&mut RunState, GenerationError> {
        self.state.as_mut().ok_or_else(Self::failed_before)
    }

    fn failed_before() -> GenerationError {
        GenerationError::Internal("the run has failed before".to_owned())
    }

    /// Runs from the present state in a mode; returns the memory and the log behind it, too.
    fn run<M: ExecutionMode>(
        &mut self,
        instructions: u64,
        mode: M,
    ) -> Result<(ComplexOf<VC>, ExecutionReport, RunOutcome, M), VmExecutionError> {
        let mut complex = VmChipComplex::new(&self.executor.config)?;
        let state = self.state.take();
        let RunState { pc, memory, streams, rng, instructions: before } = state.ok_or_else(Self::failed_before)?;
        let mut vm = VmState::new(MemoryController::new(memory, mode), streams, rng);
        let limits = RunLimits { max_instructions: instructions, clk_max_bits: self.executor.clk_max_bits() };
        let outcome = run_chips(&mut complex, &self.program, &mut vm, pc, limits, None)?;
        let report = report(&outcome, &mut vm, Vec::new());
        let VmState { memory, streams, rng } = vm;
        let (memory, mode) = memory.into_parts();
        let instructions = before + outcome.instructions;
        self.state = Some(RunState { pc: outcome.state.pc, instructions, memory, streams, rng });
        Ok((complex, report, outcome, mode))
    }

    /// Runs the next `instructions` without recording: the fast way to a later segment.
    pub fn skip(&mut self, instructions: u64) -> Result<RunOutcome, VmExecutionError> {
        let outcome = self.run(instructions, Pure)?.2;
        self.tree = None;
        Ok(outcome)
    }

    /// Runs the next `instructions`, or those up to the end of the program, and records what their traces need.
    pub fn record(&mut self, instructions: u64) -> Result<(SegmentOf<VC>, RunOutcome), VmExecutionError> {
        let system = self.executor.system();
        let RunState { pc: initial_pc, ref memory, .. } = *self.state.as_ref().ok_or_else(Self::failed_before)?;
        if self.tree.is_none() {
            self.tree = Some(MerkleTree::from_memory(Poseidon2Hasher::default(), &system.memory_config, memory));
        }
        let mode = OfflineMemory::new(&system.memory_config, system.num_public_values);
        let (complex, report, outcome, log) = self.run(instructions, mode)?;
        // The next segment copies the pages that it changes.
        let memory = self.state()?.memory.snapshot();
        let program = Arc::clone(&self.program);
        Ok((ExecutionSegment { complex, program, initial_pc, outcome, memory, log, report }, outcome))
    }

    /// Ties the segment that was recorded last to the memory tree; returns it, and the tree behind it.
    pub fn close(
        &mut self,
        segment: SegmentOf<VC>,
    ) -> Result<(ClosedSegmentOf<VC>, &MerkleTree<Poseidon2Hasher>), GenerationError> {
        let tree = self.tree.as_mut().ok_or_else(Self::failed_before)?;
        Ok((segment.close(tree), tree))
    }
}
