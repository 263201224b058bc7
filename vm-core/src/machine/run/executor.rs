//! The executor of programs: whole runs in the pure and in the metered mode.

use std::sync::Arc;

use thiserror::Error;

use super::control::RunControl;
use super::report::{ExecutionProfile, ExecutionReport, MeteredReport, profile_of, report};
use super::state::{FinalState, RunState};
use crate::arch::{
    Chip, ChipUsageGetter, ExecutionError, ExecutionFailure, ExecutionMode, ExitStatus, GenerationError, GuestMemory,
    HostRng, InstructionExecutor, JumpProfile, LEAF_BYTES, LoadedProgram, MemoryController, MemoryError, Metered,
    Observer, PUBLIC_VALUES_SPACE, PathFollower, PathTable, PhantomExecutor, Pure, RunLimits, RunOutcome, Streams,
    SystemConfig, VmConfig, VmInventoryError, VmState, WrittenNodes, run, run_following,
};
use crate::instructions::{ExeError, VmExe};
use crate::machine::complex::VmChipComplex;
use crate::machine::fusion::{ChosenPlan, Estimate, Fusion, FusionBudget};

/// Reason for which a program was not executed to its end.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum VmExecutionError {
    /// No machine can be built from the configuration.
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
    Execution(#[from] Box<ExecutionFailure>),
    /// No way of cutting the run into segments fits the limits.
    #[error(transparent)]
    Segmentation(#[from] GenerationError),
}

impl VmExecutionError {
    /// Returns whether the run was cancelled ([`RunControl::cancel`]).
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Execution(failure) if matches!(failure.error, ExecutionError::Cancelled { .. }))
    }
}

/// Executes programs on a machine, without proving them.
#[derive(Clone, Debug)]
pub struct VmExecutor<VC> {
    pub(super) config: VC,
    seed: u64,
    pub(super) max_instructions: u64,
    fusion: Arc<Fusion>,
    pub(super) control: RunControl,
}

/// The chips of a configuration.
pub(super) type ComplexOf<VC> = VmChipComplex<<VC as VmConfig>::Executor, <VC as VmConfig>::Periphery>;
/// A finished run, with the chips that executed it.
struct FinishedRun<VC: VmConfig, M> {
    complex: ComplexOf<VC>,
    state: FinalState<M>,
}

impl<VC: VmConfig> VmExecutor<VC> {
    /// Creates an executor with seed 0 and no limit on the number of instructions.
    pub fn new(config: VC) -> Self {
        let control = RunControl::default();
        Self { config, seed: 0, max_instructions: u64::MAX, fusion: Arc::default(), control }
    }

    /// Sets the fused paths of the program, which plans and segments then account for.
    pub fn with_fusion(mut self, fusion: Arc<Fusion>) -> Self {
        self.fusion = fusion;
        self
    }

    /// Creates the chips.
    pub(super) fn complex(&self) -> Result<ComplexOf<VC>, VmInventoryError> {
        Ok(VmChipComplex::new(&self.config)?.with_fusion(Arc::clone(&self.fusion)))
    }

    /// Creates the table of the fused paths of a program.
    pub(super) fn path_table(&self, program: &LoadedProgram) -> PathTable {
        PathTable::new(program, self.fusion.timed_paths())
    }

    /// Sets the seed of the random bytes that guests can request. Runs with the same seed get the same bytes.
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Limits the number of instructions. A run that does not terminate within the limit fails with
    /// [`ExecutionError::DidNotTerminate`].
    pub fn with_max_instructions(mut self, limit: u64) -> Self {
        self.max_instructions = limit;
        self
    }

    /// Counts executions per opcode and per program counter in all runs ([`ExecutionReport::profile`]).
    pub fn with_profiling(mut self) -> Self {
        self.config.system_mut().profiling = true;
        self
    }

    /// Returns what cancels the runs of this executor and of its clones.
    pub fn control(&self) -> &RunControl {
        &self.control
    }

    /// Returns the configuration.
    pub fn config(&self) -> &VC {
        &self.config
    }

    /// Returns the seed of the random bytes that guests can request.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Returns the limit of the number of instructions.
    pub fn max_instructions(&self) -> u64 {
        self.max_instructions
    }

    pub(super) fn system(&self) -> &SystemConfig {
        self.config.system()
    }

    /// Returns the number of bits of a timestamp. Each segment must end before 2 to this power.
    pub(super) fn clk_max_bits(&self) -> usize {
        self.system().memory_config.clk_max_bits
    }

    /// Returns the state before the first instruction.
    ///
    /// # Errors
    /// - [`VmExecutionError::Exe`] if the executable is malformed.
    /// - [`VmExecutionError::InitMemory`] if its initial memory does not fit the machine.
    pub fn initial_state(&self, exe: &VmExe, streams: impl Into<Streams>) -> Result<RunState, VmExecutionError> {
        exe.validate()?;
        let system = self.system();
        let memory = GuestMemory::from_image(&system.memory_config, system.num_public_values, &exe.init_memory)?;
        let (streams, rng) = (streams.into(), HostRng::new(self.seed));
        Ok(RunState { pc: exe.pc_start, instructions: 0, memory, streams, rng })
    }

    /// Creates the counters of a segment. They include the rows that every segment has.
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

    /// Runs a whole program in one mode. `mode` gets the number of executors of the machine.
    fn run_in<M: ExecutionMode>(
        &self,
        exe: &VmExe,
        streams: impl Into<Streams>,
        mode: impl FnOnce(usize) -> M,
    ) -> Result<FinishedRun<VC, M>, VmExecutionError> {
        let complex = VmChipComplex::new(&self.config)?;
        let program = complex.load_program(&exe.program);
        let mut counts = self.system().profiling.then(|| vec![0; program.num_slots()]);
        let observer = Observer { profile: counts.as_deref_mut(), ..Observer::default() };
        let mut run = self.run_observed(complex, &program, exe, streams, mode, observer)?;
        if let Some(counts) = counts {
            run.state.report.profile = profile_of(&run.complex, &program, &counts);
        }
        Ok(run)
    }

    /// Runs a whole program with these chips in one mode.
    fn run_observed<M: ExecutionMode>(
        &self,
        complex: ComplexOf<VC>,
        program: &LoadedProgram,
        exe: &VmExe,
        streams: impl Into<Streams>,
        mode: impl FnOnce(usize) -> M,
        observer: Observer<'_, '_>,
    ) -> Result<FinishedRun<VC, M>, VmExecutionError> {
        self.run_with(complex, exe, streams, mode, |complex, vm, pc, limits| {
            run_chips(complex, program, vm, pc, limits, observer, &self.control)
        })
    }

    /// Runs a whole program with these chips in one mode. `run` gets the state before the first instruction.
    fn run_with<M: ExecutionMode>(
        &self,
        mut complex: ComplexOf<VC>,
        exe: &VmExe,
        streams: impl Into<Streams>,
        mode: impl FnOnce(usize) -> M,
        run: impl FnOnce(&mut ComplexOf<VC>, &mut VmState<M>, u32, RunLimits) -> Result<RunOutcome, Box<ExecutionFailure>>,
    ) -> Result<FinishedRun<VC, M>, VmExecutionError> {
        let start = self.initial_state(exe, streams)?;
        let mode = mode(complex.inventory.executors().len());
        let mut vm = VmState::new(MemoryController::new(start.memory, mode), start.streams, start.rng);
        let limits = RunLimits { max_instructions: self.max_instructions, clk_max_bits: self.clk_max_bits() };
        let outcome = run(&mut complex, &mut vm, start.pc, limits)?;
        self.check_terminated(&outcome, 0, vm.memory.memory(), &vm.streams)?;
        let report = report(&outcome, &vm, ExecutionProfile::default());
        Ok(FinishedRun { complex, state: FinalState { report, memory: vm.memory } })
    }

    /// Returns an error if a run was suspended, because then it reached the limit of instructions. `before` is the
    /// number of instructions executed before the run that `outcome` describes.
    pub(super) fn check_terminated(
        &self,
        outcome: &RunOutcome,
        before: u64,
        memory: &GuestMemory,
        streams: &Streams,
    ) -> Result<(), Box<ExecutionFailure>> {
        match outcome.exit {
            ExitStatus::Suspended => {
                let executed = before + outcome.instructions;
                let error = ExecutionError::DidNotTerminate { pc: outcome.state.pc, executed };
                Err(ExecutionFailure::new(error, memory, streams))
            }
            ExitStatus::Terminated(_) => Ok(()),
        }
    }

    /// Runs a program in the pure mode, which keeps no timestamps and counts no rows. This is the fastest mode.
    ///
    /// # Errors
    /// - [`VmExecutionError::Inventory`] if no machine can be built from the configuration.
    /// - [`VmExecutionError::Exe`] or [`VmExecutionError::InitMemory`] if the executable is malformed or does not fit
    ///   the machine.
    /// - [`VmExecutionError::Execution`] if an instruction fails, or the run exceeds the limit of instructions. A guest
    ///   that terminates with an exit code other than 0 is not an error.
    pub fn execute(&self, exe: &VmExe, streams: impl Into<Streams>) -> Result<ExecutionReport, VmExecutionError> {
        Ok(self.execute_state(exe, streams)?.report)
    }

    /// As [`Self::execute`], but also returns the memory at the end of the run.
    ///
    /// # Errors
    /// As [`Self::execute`].
    pub fn execute_state(
        &self,
        exe: &VmExe,
        streams: impl Into<Streams>,
    ) -> Result<FinalState<Pure>, VmExecutionError> {
        Ok(self.run_in(exe, streams, |_| Pure)?.state)
    }

    /// As [`Self::execute`], but calls a function with the program counter before each instruction, also if there is none.
    ///
    /// # Errors
    /// As [`Self::execute`].
    pub fn execute_pcs(
        &self,
        exe: &VmExe,
        streams: impl Into<Streams>,
        mut on_pc: impl FnMut(u32),
    ) -> Result<ExecutionReport, VmExecutionError> {
        let complex = VmChipComplex::new(&self.config)?;
        let program = complex.load_program(&exe.program);
        let run = self.run_with(
            complex,
            exe,
            streams,
            |_| Pure,
            |complex, vm, pc, limits| {
                run_parts(complex, vm, pc, limits, &self.control, |executors, phantom, vm, pc, limits| {
                    run_following(&program, executors, phantom, vm, pc, limits, |pc, _| on_pc(pc))
                })
            },
        )?;
        Ok(run.state.report)
    }

    /// Runs a program in the pure mode and chooses the paths whose circuits save most of proving this run. Runs it again to
    /// count their executions, until every path saves something.
    ///
    /// # Errors
    /// As [`Self::execute`].
    pub fn choose_plan(
        &self,
        exe: &VmExe,
        streams: impl Into<Streams>,
        budget: FusionBudget,
    ) -> Result<ChosenPlan, VmExecutionError> {
        let streams = streams.into();
        let complex = VmChipComplex::new(&self.config)?;
        let program = complex.load_program(&exe.program);
        let mut jumps = JumpProfile::new(&program);
        let observer = Observer { jumps: Some(&mut jumps), ..Observer::default() };
        let run = self.run_observed(complex, &program, exe, streams.clone(), |_| Pure, observer)?;
        let mut fuser = run.complex.fuser();
        let mut estimate = Estimate::new(&program, &jumps, &mut fuser, budget);
        loop {
            let fusion =
                Fusion::new(estimate.plan(), &mut fuser).expect("these circuits were made before, within the limits");
            let executor = self.clone().with_fusion(Arc::new(fusion));
            if !estimate.count(&executor.count_paths(exe, streams.clone())?) {
                return Ok(estimate.finish(jumps.counts.iter().sum(), budget));
            }
        }
    }

    /// Runs a program in the pure mode and returns how often each fused path is executed (see [`Self::with_fusion`]).
    ///
    /// # Errors
    /// As [`Self::execute`].
    pub fn count_paths(&self, exe: &VmExe, streams: impl Into<Streams>) -> Result<Vec<usize>, VmExecutionError> {
        let complex = VmChipComplex::new(&self.config)?;
        let program = complex.load_program(&exe.program);
        let paths = self.path_table(&program);
        let mut follower = PathFollower::new(&paths, false);
        let observer = Observer { paths: Some(&mut follower), ..Observer::default() };
        self.run_observed(complex, &program, exe, streams, |_| Pure, observer)?;
        follower.end(&program);
        Ok(follower.counts().to_vec())
    }

    /// Runs a program in the metered mode and counts the rows that a proof in one segment needs. To cut the run into
    /// segments, use [`Self::plan`].
    ///
    /// # Errors
    /// As [`Self::execute`]. In addition, [`VmExecutionError::Execution`] if the timestamp exceeds the clock of one
    /// segment.
    pub fn execute_metered(
        &self,
        exe: &VmExe,
        streams: impl Into<Streams>,
    ) -> Result<(FinalState<Metered>, MeteredReport), VmExecutionError> {
        let written = WrittenNodes::of_image(&self.system().memory_config, &exe.init_memory);
        let FinishedRun { complex, state, .. } =
            self.run_in(exe, streams, |executors| self.metered_mode(executors, written))?;
        let names = complex.inventory.executors().iter().map(ChipUsageGetter::air_name);
        let report = MeteredReport {
            executors: names.zip(state.memory.mode.rows().iter().copied()).collect(),
            memory: state.memory.mode.memory_rows(),
        };
        Ok((state, report))
    }
}

/// Number of instructions after which a run looks whether it has been cancelled.
const INSTRUCTIONS_PER_CHECK: u64 = 1 << 16;

/// Runs the interpreter with the executors of a machine, starting at `pc`.
pub(super) fn run_chips<M: ExecutionMode, E, P>(
    complex: &mut VmChipComplex<E, P>,
    program: &LoadedProgram,
    vm: &mut VmState<M>,
    pc: u32,
    limits: RunLimits,
    mut observer: Observer<'_, '_>,
    control: &RunControl,
) -> Result<RunOutcome, Box<ExecutionFailure>>
where
    E: InstructionExecutor + Chip,
{
    run_parts(complex, vm, pc, limits, control, |executors, phantom, vm, pc, limits| {
        run(program, executors, phantom, vm, pc, limits, observer.reborrow())
    })
}

/// Runs the interpreter with the executors of a machine, starting at `pc`, in parts between which the run may be cancelled.
fn run_parts<M: ExecutionMode, E, P>(
    complex: &mut VmChipComplex<E, P>,
    vm: &mut VmState<M>,
    mut pc: u32,
    limits: RunLimits,
    control: &RunControl,
    mut run: impl FnMut(
        &mut [E],
        &mut PhantomExecutor,
        &mut VmState<M>,
        u32,
        RunLimits,
    ) -> Result<RunOutcome, Box<ExecutionError>>,
) -> Result<RunOutcome, Box<ExecutionFailure>>
where
    E: InstructionExecutor + Chip,
{
    let VmChipComplex { base, inventory, .. } = complex;
    let (executors, phantom) = (inventory.executors_mut(), &mut base.phantom.executor);
    let mut instructions = 0;
    loop {
        let max_instructions = (limits.max_instructions - instructions).min(INSTRUCTIONS_PER_CHECK);
        let part = RunLimits { max_instructions, ..limits };
        let outcome = if control.is_cancelled() {
            Err(Box::new(ExecutionError::Cancelled { pc }))
        } else {
            run(executors, phantom, vm, pc, part)
        };
        let outcome = outcome.map_err(|error| ExecutionFailure::new(*error, vm.memory.memory(), &vm.streams))?;
        control.count(outcome.instructions);
        instructions += outcome.instructions;
        // Less than that was executed if the mode suspends the run.
        let is_full = outcome.exit == ExitStatus::Suspended && outcome.instructions == max_instructions;
        if !is_full || instructions == limits.max_instructions {
            return Ok(RunOutcome { instructions, ..outcome });
        }
        pc = outcome.state.pc;
    }
}
