//! Runs under a debugger: parts of any length, between which the state may be read, changed and replaced.

use super::control::RunControl;
use super::executor::{ComplexOf, VmExecutionError, VmExecutor, run_chips};
use super::state::RunState;
use crate::arch::{
    ExecutionError, ExecutionFailure, ExitStatus, GuestMemory, LoadedProgram, MemoryController, Observer, RunLimits,
    Streams, VmConfig, VmState, Watched,
};
use crate::instructions::VmExe;

/// Why a part of a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepOutcome {
    /// All instructions of the part have been executed.
    Limit,
    /// There is a breakpoint before the next instruction.
    Breakpoint,
    /// The last instruction accessed watched words (see [`Watched::accesses`]).
    Watched,
    /// The next instruction is TERMINATE, with this exit code. It is not counted, and executed again by the next part.
    Terminated(u32),
    /// The next instruction fails, or there is none. Memory may have a part of its effects: before the run goes on, the
    /// state has to be [restored](Stepper::restore).
    Failed(Box<ExecutionFailure>),
}

/// Executes a run in parts, in the mode [`Watched`].
pub struct Stepper<VC: VmConfig> {
    complex: ComplexOf<VC>,
    program: LoadedProgram,
    vm: VmState<Watched>,
    pc: u32,
    instructions: u64,
    /// Cancels nothing: the debugger ends parts of runs by their length.
    control: RunControl,
}

impl<VC: VmConfig> Stepper<VC> {
    /// Creates a run of `exe` that goes on from `state`.
    ///
    /// # Errors
    /// - [`VmExecutionError::Exe`] if the executable is malformed.
    /// - [`VmExecutionError::Inventory`] if no machine can be built from the configuration.
    pub fn new(executor: &VmExecutor<VC>, exe: &VmExe, state: RunState) -> Result<Self, VmExecutionError> {
        exe.validate()?;
        let complex = executor.complex()?;
        let program = complex.load_program(&exe.program);
        let RunState { pc, instructions, memory, streams, rng } = state;
        let vm = VmState::new(MemoryController::new(memory, Watched::default()), streams, rng);
        Ok(Self { complex, program, vm, pc, instructions, control: RunControl::default() })
    }

    /// Returns the program counter of the next instruction.
    pub fn pc(&self) -> u32 {
        self.pc
    }

    /// Sets the program counter of the next instruction.
    pub fn set_pc(&mut self, pc: u32) {
        self.pc = pc;
    }

    /// Returns the number of instructions executed so far.
    pub fn instructions(&self) -> u64 {
        self.instructions
    }

    /// Returns the memory.
    pub fn memory(&self) -> &GuestMemory {
        self.vm.memory.memory()
    }

    /// Returns the memory for changes.
    pub fn memory_mut(&mut self) -> &mut GuestMemory {
        self.vm.memory.memory_mut()
    }

    /// Returns the streams between host and guest.
    pub fn streams(&self) -> &Streams {
        &self.vm.streams
    }

    /// Returns the breakpoints and the watched words.
    pub fn watched(&self) -> &Watched {
        &self.vm.memory.mode
    }

    /// Returns the breakpoints and the watched words for changes.
    pub fn watched_mut(&mut self) -> &mut Watched {
        &mut self.vm.memory.mode
    }

    /// Copies the state. The copy shares pages of memory with the run until one of them changes a page.
    pub fn snapshot(&mut self) -> RunState {
        RunState {
            pc: self.pc,
            instructions: self.instructions,
            memory: self.vm.memory.snapshot(),
            streams: self.vm.streams.clone(),
            rng: self.vm.rng.clone(),
        }
    }

    /// Replaces the state. Breakpoints and watched words stay.
    pub fn restore(&mut self, state: RunState) {
        let RunState { pc, instructions, memory, streams, rng } = state;
        let mode = std::mem::take(&mut self.vm.memory.mode);
        self.vm = VmState::new(MemoryController::new(memory, mode), streams, rng);
        (self.pc, self.instructions) = (pc, instructions);
    }

    /// Executes at most `max_instructions` instructions. If `proceeds` is true, the first one is executed even if there is a
    /// breakpoint before it.
    pub fn run(&mut self, max_instructions: u64, proceeds: bool) -> StepOutcome {
        self.vm.memory.mode.begin(proceeds);
        let limits = RunLimits { max_instructions, clk_max_bits: self.complex.config().memory_config.clk_max_bits };
        let Self { complex, program, vm, control, .. } = self;
        match run_chips(complex, program, vm, self.pc, limits, Observer::default(), control) {
            Ok(outcome) => {
                self.pc = outcome.state.pc;
                self.instructions += outcome.instructions;
                match outcome.exit {
                    ExitStatus::Terminated(code) => {
                        self.instructions -= 1;
                        StepOutcome::Terminated(code)
                    }
                    ExitStatus::Suspended if !self.watched().accesses().is_empty() => StepOutcome::Watched,
                    ExitStatus::Suspended if outcome.instructions < max_instructions => StepOutcome::Breakpoint,
                    ExitStatus::Suspended => StepOutcome::Limit,
                }
            }
            Err(failure) => {
                let (last, begun) = self.watched().last();
                (self.pc, self.instructions) = match failure.error {
                    // The jump to a place without an instruction has been executed.
                    ExecutionError::PcNotFound { pc, .. } if pc != last => (pc, self.instructions + begun),
                    _ => (last, self.instructions + begun.saturating_sub(1)),
                };
                StepOutcome::Failed(failure)
            }
        }
    }
}
