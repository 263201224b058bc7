//! Kinds of values of declared adapters, as types, and what reading and writing them have in common.

use crate::arch::{ExecutionError, ExecutionMode, ExecutionResult, MemoryController, REGISTER_SPACE, ReadRecord};
use crate::instructions::Instruction;

/// The word of a register.
#[derive(Clone, Copy, Debug)]
pub enum Register {}

/// `N` words of main memory, at the pointer in a register.
#[derive(Clone, Copy, Debug)]
pub enum Block<const N: usize> {}

/// The immediate of the instruction word, a constant.
#[derive(Clone, Copy, Debug)]
pub enum Immediate {}

/// `N` words of the hint stream, which the prover chooses.
#[derive(Clone, Copy, Debug)]
pub enum Hint<const N: usize> {}

/// The decision of a conditional jump.
#[derive(Clone, Copy, Debug)]
pub enum Branch {}

/// The record of no access.
pub(super) const NO_READ: ReadRecord = ReadRecord { prev_timestamp: 0 };

/// Reads the register at a byte pointer.
#[inline(always)]
pub(super) fn read_register<M: ExecutionMode>(
    memory: &mut MemoryController<M>,
    pointer: u32,
    pc: u32,
) -> ExecutionResult<(u32, ReadRecord)> {
    memory.read(REGISTER_SPACE, pointer).map_err(|source| ExecutionError::memory(pc, source))
}

/// Returns operand `index` of an instruction; `a` is operand 0.
#[inline(always)]
pub(super) const fn operand_of(instruction: &Instruction, index: usize) -> u32 {
    match index {
        0 => instruction.a,
        1 => instruction.b,
        2 => instruction.c,
        3 => instruction.d,
        4 => instruction.e,
        5 => instruction.f,
        _ => instruction.g,
    }
}
