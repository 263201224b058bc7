//! Adapters: how an instruction's operands reach memory, the program table and the next state.
//!
//! Every access of a row happens at `from.timestamp + i`, `i` counting the accesses in the order in which the host
//! performs them. Register pointers are operands of the program table, which the verifying key fixes; they need no
//! range check.

pub(crate) mod address;
mod alu;
mod alu_imm;
mod branch;
mod constant;
mod in_place;
mod load;
mod store;

pub use alu::{AluAdapter, AluAdapterCols, AluInterface};
pub use alu_imm::{AluImmAdapter, AluImmAdapterCols, AluImmInterface, OperandsInstruction};
pub use branch::{BranchAdapter, BranchAdapterCols, BranchInstruction, BranchInterface};
pub use constant::{ConstantAdapter, ConstantAdapterCols, ConstantInterface};
pub use in_place::{AluImmInPlaceAdapter, AluImmInPlaceAdapterCols, AluInPlaceAdapter, AluInPlaceAdapterCols};
pub use load::{LoadAdapter, LoadAdapterCols, LoadInstruction, LoadInterface, LoadedWord};
pub use store::{StoreAdapter, StoreAdapterCols, StoreInstruction, StoreInterface, StoreOperands, StoreReads};

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::{ExecutionError, ExecutionMode, ExecutionResult, ExecutionState};
use vm_core::stark::{F, VmAirBuilder};
use vm_core::system::memory::{
    MemoryAddress, MemoryController, MemoryError, REGISTER_SPACE, ReadRecord, WriteAux, WriteRecord,
};

use crate::support::cells;

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

/// Refuses a pointer that is not a multiple of the access width (a power of two).
#[inline(always)]
pub(crate) fn check_aligned(pointer: u32, width: u32, pc: u32) -> ExecutionResult<()> {
    if pointer & (width - 1) == 0 { Ok(()) } else { Err(misaligned(pc, pointer, width)) }
}

/// The error of an access whose pointer is not a multiple of its width.
#[cold]
fn misaligned(pc: u32, pointer: u32, width: u32) -> Box<ExecutionError> {
    ExecutionError::memory(pc, Box::new(MemoryError::Misaligned { pointer, width }))
}

/// Address of the register at a byte pointer.
#[inline(always)]
pub(crate) fn register_address<AB: VmAirBuilder>(pointer: AB::Var) -> MemoryAddress<AB::Expr> {
    MemoryAddress::new(AB::Expr::from_u32(REGISTER_SPACE), pointer.into())
}

/// Time of the row's access number `i`.
#[inline(always)]
pub(crate) fn access_time<AB: VmAirBuilder>(from: &ExecutionState<AB::Var>, i: usize) -> AB::Expr {
    from.timestamp + AB::Expr::from_usize(i)
}

/// The state as cells.
#[inline(always)]
pub(crate) fn state_cells(from: ExecutionState<u32>) -> ExecutionState<F> {
    ExecutionState::new(F::from_u32(from.pc), F::from_u32(from.timestamp))
}

/// The auxiliary columns of a write.
#[inline(always)]
pub(crate) fn write_cells(record: &WriteRecord) -> WriteAux<F> {
    WriteAux { prev_timestamp: F::from_u32(record.prev_timestamp), prev_data: cells(record.prev_data) }
}
