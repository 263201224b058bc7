//! The execution loop, which all modes share.

use crate::instructions::VmOpcode;

use super::paths::{JumpProfile, PathFollower};
use super::phantom_executor::PhantomExecutor;
use super::program_table::{LoadedProgram, Special};
use super::state::VmState;
use super::{ExecutionError, ExecutionMode, ExecutionResult, ExecutionState, ExitStatus, InstructionExecutor};

/// State in which a run stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunOutcome {
    /// State after the last instruction. If the run terminated, the state before the TERMINATE instruction.
    pub state: ExecutionState<u32>,
    /// Number of executed instructions, TERMINATE included.
    pub instructions: u64,
    /// Whether the run terminated or was suspended.
    pub exit: ExitStatus,
}

/// Limits of a run.
#[derive(Clone, Copy, Debug)]
pub struct RunLimits {
    /// Number of instructions after which a run that has not terminated is suspended.
    pub max_instructions: u64,
    /// In modes that keep time, timestamps must stay below 2^`clk_max_bits`.
    pub clk_max_bits: usize,
}

/// Number of executions per opcode, counted by a run with profiling.
pub type OpcodeCounts = rustc_hash::FxHashMap<VmOpcode, u64>;

/// What watches a run, apart from its mode.
#[derive(Debug, Default)]
pub struct Observer<'a, 'p> {
    /// Number of executions of each slot of the program table (see [`LoadedProgram::slot_index`]), to which the run is added.
    pub profile: Option<&'a mut [u64]>,
    /// Follows the paths of the program.
    pub paths: Option<&'a mut PathFollower<'p>>,
    /// Executions and jumps, to which the run is added.
    pub jumps: Option<&'a mut JumpProfile>,
}

impl<'p> Observer<'_, 'p> {
    /// Returns an observer of a part of the run.
    pub fn reborrow(&mut self) -> Observer<'_, 'p> {
        let Self { profile, paths, jumps } = self;
        Observer { profile: profile.as_deref_mut(), paths: paths.as_deref_mut(), jumps: jumps.as_deref_mut() }
    }

    #[inline(always)]
    fn reach(&mut self, program: &LoadedProgram, pc: u32, timestamp: u32) {
        if let Some(paths) = &mut self.paths {
            paths.reach(program, pc, timestamp);
        }
        if let Some(profile) = &mut self.profile
            && let Some(count) = program.slot_index(pc).and_then(|index| profile.get_mut(index))
        {
            *count += 1;
        }
        if let Some(jumps) = &mut self.jumps {
            jumps.reach(program, pc);
        }
    }
}

/// Runs a program from `pc` until it terminates, has executed `limits.max_instructions` instructions, or the mode suspends
/// it.
///
/// The loop is monomorphised with and without an observer.
///
/// # Errors
/// - [`ExecutionError::PcNotFound`] if the program counter does not point to an instruction, also if the run would be
///   suspended there.
/// - [`ExecutionError::DisabledOperation`] if no executor serves an instruction.
/// - [`ExecutionError::PhantomNotFound`] if no sub-executor serves a phantom instruction.
/// - [`ExecutionError::ClockOverflow`] if a timestamp reaches 2^`limits.clk_max_bits` in a mode that keeps time.
/// - Any error that an executor returns.
pub fn run<M: ExecutionMode, E: InstructionExecutor>(
    program: &LoadedProgram,
    executors: &mut [E],
    phantom: &mut PhantomExecutor,
    vm: &mut VmState<M>,
    pc: u32,
    limits: RunLimits,
    mut observer: Observer<'_, '_>,
) -> ExecutionResult<RunOutcome> {
    if observer.profile.is_none() && observer.paths.is_none() && observer.jumps.is_none() {
        return run_following(program, executors, phantom, vm, pc, limits, |_, _| {});
    }
    let reach = |pc, timestamp| observer.reach(program, pc, timestamp);
    run_following(program, executors, phantom, vm, pc, limits, reach)
}

/// As [`run`], but calls a function with the program counter and the time before each instruction, also if there is none.
///
/// The loop is monomorphised for each function.
///
/// # Errors
/// As [`run`].
pub fn run_following<M: ExecutionMode, E: InstructionExecutor>(
    program: &LoadedProgram,
    executors: &mut [E],
    phantom: &mut PhantomExecutor,
    vm: &mut VmState<M>,
    pc: u32,
    limits: RunLimits,
    mut reach: impl FnMut(u32, u32),
) -> ExecutionResult<RunOutcome> {
    let clock_end = 1u32 << limits.clk_max_bits;
    let mut from = ExecutionState::new(pc, vm.memory.timestamp());
    let mut last = None;
    let mut instructions = 0;
    while instructions < limits.max_instructions {
        instructions += 1;
        let pc = from.pc;
        if vm.memory.mode.suspends_before(pc) {
            instructions -= 1;
            break;
        }
        let slot = program.fetch(pc);
        reach(pc, from.timestamp);
        if let Some(executor) = executors.get_mut(slot.executor()) {
            if M::METERED {
                vm.memory.mode.add_rows(slot.executor(), 1);
            }
            from = executor.execute(vm, &slot.instruction, from)?;
        } else {
            match slot.special() {
                Special::Terminate => {
                    let exit = ExitStatus::Terminated(slot.instruction.a);
                    return Ok(RunOutcome { state: from, instructions, exit });
                }
                Special::Phantom => from = phantom.execute(vm, &slot.instruction, from)?,
                Special::Disabled => {
                    let opcode = slot.instruction.opcode;
                    return Err(Box::new(ExecutionError::DisabledOperation { pc: from.pc, opcode }));
                }
                Special::Missing => return Err(Box::new(ExecutionError::PcNotFound { pc: from.pc, from: last })),
            }
        }
        last = Some(pc);
        if (M::METERED || M::RECORD) && from.timestamp >= clock_end {
            let clk_max_bits = limits.clk_max_bits;
            return Err(Box::new(ExecutionError::ClockOverflow { pc: from.pc, clk_max_bits }));
        }
    }
    // The next run would not know where the jump was.
    if last.is_some() && program.instruction(from.pc).is_none() {
        return Err(Box::new(ExecutionError::PcNotFound { pc: from.pc, from: last }));
    }
    Ok(RunOutcome { state: from, instructions, exit: ExitStatus::Suspended })
}
