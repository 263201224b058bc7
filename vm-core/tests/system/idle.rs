//! A chip with any AIR, on machines that execute nothing: only set-up looks at them.

use std::sync::Arc;

use vm_core::arch::{
    Chip, ChipTraces, ChipUsageGetter, ExecutionError, ExecutionMode, ExecutionResult, ExecutionState, GenerationError,
    InstructionExecutor, TraceContext, VmState,
};
use vm_core::instructions::{Instruction, VmOpcode};
use vm_core::stark::{AirRef, AnyAir, MachineAir};

/// Executor and periphery chip that neither executes nor has rows.
pub(crate) struct IdleChip<A>(pub(crate) A);

impl<A: MachineAir> ChipUsageGetter for IdleChip<A> {
    fn air_name(&self) -> String {
        self.0.name()
    }
    fn current_trace_height(&self) -> usize {
        0
    }
    fn trace_width(&self) -> usize {
        self.0.width()
    }
}

impl<A: MachineAir + AnyAir + Copy> Chip for IdleChip<A> {
    fn air(&self) -> AirRef {
        Arc::new(self.0)
    }
    fn generate_traces(&mut self, _: &TraceContext<'_>) -> Result<ChipTraces, GenerationError> {
        Ok(ChipTraces::default())
    }
}

impl<A: MachineAir> InstructionExecutor for IdleChip<A> {
    fn execute<M: ExecutionMode>(
        &mut self,
        _: &mut VmState<M>,
        _: &Instruction,
        from: ExecutionState<u32>,
    ) -> ExecutionResult<ExecutionState<u32>> {
        Err(Box::new(ExecutionError::Fail { pc: from.pc, message: "this machine executes nothing".into() }))
    }
    fn get_opcode_name(&self, opcode: VmOpcode) -> String {
        opcode.to_string()
    }
}
