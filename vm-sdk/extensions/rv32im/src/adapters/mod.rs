//! Adapters: how an instruction's operands reach memory, the program table and the next state.
//!
//! Every access of a row happens at `from.timestamp + i`, `i` counting the accesses in the order in which the host
//! performs them. Register pointers are operands of the program table, which the verifying key fixes; they need no
//! range check.

mod alu;

pub use alu::{AluAdapter, AluAdapterCols, AluInterface};

use vm_core::arch::{ExecutionError, ExecutionMode, ExecutionResult};
use vm_core::system::memory::{MemoryController, REGISTER_SPACE, ReadRecord, WriteRecord};

/// Reads the register at a byte pointer.
#[inline(always)]
pub(crate) fn read_register<M: ExecutionMode>(
    memory: &mut MemoryController<M>,
    pointer: u32,
    pc: u32,
) -> ExecutionResult<(u32, ReadRecord)> {
    memory.read(REGISTER_SPACE, pointer).map_err(|source| ExecutionError::memory(pc, source))
}

/// Writes the register at a byte pointer.
#[inline(always)]
pub(crate) fn write_register<M: ExecutionMode>(
    memory: &mut MemoryController<M>,
    pointer: u32,
    value: u32,
    pc: u32,
) -> ExecutionResult<WriteRecord> {
    memory.write(REGISTER_SPACE, pointer, value).map_err(|source| ExecutionError::memory(pc, source))
}
