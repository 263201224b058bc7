//! Executing programs: whole runs in each mode.

use thiserror::Error;

use super::report::{ExecutionReport, MeteredReport, opcode_counts, report};
use super::state::{FinalState, RunState};
use crate::arch::{
    Chip, ChipUsageGetter, ExecutionError, ExecutionMode, ExitStatus, GenerationError, GuestMemory, HostRng,
    InstructionExecutor, LEAF_BYTES, LoadedProgram, MemoryController, MemoryError, Metered, PUBLIC_VALUES_SPACE, Pure,
    RunLimits, RunOutcome, Streams, SystemConfig, VmConfig, VmInventoryError, VmState, WrittenNodes, run,
};
use crate::instructions::{ExeError, VmExe};
use crate::machine::complex::VmChipComplex;

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

/// Executes programs on a machine.
#[derive(Clone, Debug)]
pub struct VmExecutor<VC> {
    pub(super) config: VC,
    seed: u64,
    pub(super) max_instructions: u64,
}

/// Chips of a configuration.
pub(super) type ComplexOf<VC> = VmChipComplex<<VC as VmConfig>::Executor, <VC as VmConfig>::Periphery>;
/// A finished run with everything that it used.
struct FinishedRun<VC: VmConfig, M> {
    complex: ComplexOf<VC>,
    state: FinalState<M>,
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
    E: InstructionExecutor + Chip,
{
    let VmChipComplex { base, inventory, .. } = complex;
    run(program, inventory.executors_mut(), &mut base.phantom.executor, vm, pc, limits, profile)
}
