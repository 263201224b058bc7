//! Executor or periphery type of extensions that have no such chips.

use std::any::Any;

use crate::instructions::{Instruction, VmOpcode};
use crate::stark::AirRef;

use super::chip::{Chip, ChipTraces, ChipUsageGetter, GenerationError, TraceContext};
use super::execution::{ExecutionMode, ExecutionResult, ExecutionState, InstructionExecutor, VmState};
use super::extensions::AnyEnum;

/// Enum without variants, for extensions without executors or without periphery chips.
#[derive(Clone, Copy, Debug)]
pub enum NoChip {}

impl AnyEnum for NoChip {
    fn as_any_kind(&self) -> &dyn Any {
        match *self {}
    }
    fn as_any_kind_mut(&mut self) -> &mut dyn Any {
        match *self {}
    }
}

impl ChipUsageGetter for NoChip {
    fn air_name(&self) -> String {
        match *self {}
    }
    fn current_trace_height(&self) -> usize {
        match *self {}
    }
    fn trace_width(&self) -> usize {
        match *self {}
    }
}

impl Chip for NoChip {
    fn air(&self) -> AirRef {
        match *self {}
    }
    fn generate_traces(&mut self, _ctx: &TraceContext<'_>) -> Result<ChipTraces, GenerationError> {
        match *self {}
    }
}

impl InstructionExecutor for NoChip {
    fn execute<M: ExecutionMode>(
        &mut self,
        _vm: &mut VmState<M>,
        _instruction: &Instruction,
        _from: ExecutionState<u32>,
    ) -> ExecutionResult<ExecutionState<u32>> {
        match *self {}
    }
    fn get_opcode_name(&self, _opcode: VmOpcode) -> String {
        match *self {}
    }
}
