//! Phantom instructions: host-side effects that the proof does not constrain beyond one step of time.

use crate::instructions::{Instruction, PC_STEP};

use super::memory::GuestMemory;
use super::state::{HostRng, Streams, VmState};
use super::{ExecutionError, ExecutionMode, ExecutionResult, ExecutionState};

/// What a phantom sub-instruction does on the host. It may read memory and change the streams; it cannot change
/// guest memory, so it needs no constraint.
pub trait PhantomSubExecutor: Send + Sync {
    /// Name, for reports.
    fn name(&self) -> &'static str;

    /// Performs the effect.
    fn execute(
        &self,
        memory: &GuestMemory,
        streams: &mut Streams,
        rng: &mut HostRng,
        instruction: &Instruction,
        pc: u32,
    ) -> ExecutionResult<()>;
}

/// Executes phantom instructions through the extensions' sub-executors, and records them.
#[derive(Default)]
pub struct PhantomExecutor {
    sub_executors: Vec<(u16, Box<dyn PhantomSubExecutor>)>,
    records: Vec<ExecutionState<u32>>,
}

impl PhantomExecutor {
    /// An executor with the given sub-executors, by discriminant.
    pub fn new(sub_executors: Vec<(u16, Box<dyn PhantomSubExecutor>)>) -> Self {
        Self { sub_executors, records: Vec::new() }
    }

    /// Executes one phantom instruction and returns the state after it.
    ///
    /// # Errors
    /// [`ExecutionError::PhantomNotFound`] if no sub-executor has the instruction's discriminant, and whatever the
    /// sub-executor returns.
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

    /// States before the recorded instructions, in order.
    pub fn records(&self) -> &[ExecutionState<u32>] {
        &self.records
    }

    /// Takes the records.
    pub fn take_records(&mut self) -> Vec<ExecutionState<u32>> {
        std::mem::take(&mut self.records)
    }
}
