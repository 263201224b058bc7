//! Phantom instructions: effects on the host. The proof shows only that each of them takes one tick.

use crate::instructions::{Instruction, PC_STEP};

use super::memory::GuestMemory;
use super::state::{HostRng, Streams, VmState};
use super::{ExecutionError, ExecutionMode, ExecutionResult, ExecutionState};

/// Effect of the phantom instructions with one discriminant. It can read memory and change the host streams, but it
/// cannot change guest memory. Therefore it needs no constraints.
pub trait PhantomSubExecutor: Send + Sync {
    /// Returns the name of the phantom instruction, for reports.
    fn name(&self) -> &'static str;

    /// Performs the effect.
    ///
    /// # Errors
    /// Returns why the effect is impossible, such as [`ExecutionError::EndOfInputStream`]. The run stops with this
    /// error.
    fn execute(
        &self,
        memory: &GuestMemory,
        streams: &mut Streams,
        rng: &mut HostRng,
        instruction: &Instruction,
        pc: u32,
    ) -> ExecutionResult<()>;
}

/// Executor of phantom instructions. It calls the extensions' sub-executors, and records the instructions.
#[derive(Default)]
pub struct PhantomExecutor {
    sub_executors: Vec<(u16, Box<dyn PhantomSubExecutor>)>,
    records: Vec<ExecutionState<u32>>,
}

impl PhantomExecutor {
    /// Creates an executor with these sub-executors, each with its discriminant.
    pub fn new(sub_executors: Vec<(u16, Box<dyn PhantomSubExecutor>)>) -> Self {
        Self { sub_executors, records: Vec::new() }
    }

    /// Executes one phantom instruction and returns the state after it.
    ///
    /// # Errors
    /// - [`ExecutionError::PhantomNotFound`] if no sub-executor has the instruction's discriminant.
    /// - Any error that the sub-executor returns.
    pub fn execute<M: ExecutionMode>(
        &mut self,
        vm: &mut VmState<M>,
        instruction: &Instruction,
        from: ExecutionState<u32>,
    ) -> ExecutionResult<ExecutionState<u32>> {
        let discriminant = instruction.c as u16;
        let Some((_, sub)) = self.sub_executors.iter().find(|(d, _)| *d == discriminant) else {
            return Err(Box::new(ExecutionError::PhantomNotFound { pc: from.pc, discriminant }));
        };
        sub.execute(vm.memory.memory(), &mut vm.streams, &mut vm.rng, instruction, from.pc)?;
        // Soundness (M2): the instruction takes one tick although it accesses nothing.
        vm.memory.tick();
        vm.memory.mode.add_phantom();
        if M::RECORD {
            self.records.push(from);
        }
        Ok(ExecutionState::new(from.pc.wrapping_add(PC_STEP), vm.memory.timestamp()))
    }

    /// Returns the records: the state before each phantom instruction, in order of execution. Empty in modes that do
    /// not record.
    pub fn records(&self) -> &[ExecutionState<u32>] {
        &self.records
    }

    /// Takes the records and leaves none.
    pub fn take_records(&mut self) -> Vec<ExecutionState<u32>> {
        std::mem::take(&mut self.records)
    }
}
