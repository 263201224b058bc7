//! Adapters: how an instruction's operands reach memory, the program table and the next state. They serve the
//! instructions of this extension and of others.
//!
//! | adapter | format | values read | values written | columns | accesses |
//! |---|---|---|---|---|---|
//! | [`Rv32Alu`] | R | rs1, rs2 | rd | 10 | 3 |
//! | [`Rv32AluInPlace`] | R, rd = rs1 | rs1, rs2 | rd | 6 | 2 |
//! | [`Rv32AluImm`]`<O>` | I | rs1, constants of form `O` ([`operands`]) | rd; of a jump, the next pc | 8 | 2 |
//! | [`Rv32AluImmInPlace`]`<O>` | I, rd = rs1 | as above | as above | 4 | 1 |
//! | [`Rv32Unary`], [`Rv32UnaryInPlace`] | I | rs1 | rd | 8, 4 | 2, 1 |
//! | [`Rv32Constant`] | U, J | a constant | rd | 7 | 1 |
//! | [`Rv32Branch`] | B | rs1, rs2 | the branch is taken | 8 | 2 |
//! | [`Rv32Load`]`<A>` | I | word of memory; with [`Subwords`], two bits of the pointer | rd | 14 | 3 |
//! | [`Rv32Store`]`<A>` | S | rs2, old word; with [`Subwords`], two bits of the pointer | new word | 12 | 3 |
//! | [`Rv32Heap`]`<R, N, M>` | R, pointers | `R` blocks of `N` words | a block of `M` words | 6 + 4·R | R + 1, and blocks |
//! | [`Rv32HeapToRegister`]`<R, N>` | R, pointers | `R` blocks of `N` words | rd | 6 + 4·R | R + 1, and blocks |
//!
//! Blocks of an odd number of words take further columns: one to read a block, three to write one.
//!
//! [`Rv32Alu`], [`Rv32Branch`], [`Rv32Heap`] and [`Rv32HeapToRegister`] are declarations, as are adapters of other extensions for other shapes. The
//! others are written by hand, because they do what a declaration cannot say: in-place adapters read and write a register
//! in one access; loads and stores add an immediate to a pointer, and reach parts of words and other address spaces;
//! [`Rv32AluImm`] has constants of many forms, which it shares with its in-place adapter, and the next pc of an indirect
//! jump; the next pc of [`Rv32Constant`] is an operand.
//!
//! Every access of a row happens at `from.timestamp + i`, where `i` counts the accesses in the order in which the host
//! performs them. Register pointers are operands in the program table, which the verifying key fixes, so they need no
//! range check.

pub(crate) mod address;
mod alu_imm;
mod constant;
mod declared;
pub mod formats;
mod in_place;
mod load;
pub mod operands;
mod registers;
mod store;

pub use alu_imm::{AluImmInterface, OperandsInstruction, Rv32AluImm, Rv32AluImmCols, Rv32Unary};
pub use constant::{ConstantInterface, Rv32Constant, Rv32ConstantCols};
pub use declared::{AluInterface, BranchInterface, HeapInterface, Rv32Alu, Rv32Branch, Rv32Heap, Rv32HeapToRegister};
pub use formats::{Rv32B, Rv32I, Rv32R, Rv32R4};
pub use in_place::{Rv32AluImmInPlace, Rv32AluImmInPlaceCols, Rv32AluInPlace, Rv32AluInPlaceCols, Rv32UnaryInPlace};
pub use load::{Access, LoadInstruction, LoadInterface, LoadedWord, Rv32Load, Rv32LoadCols, Subwords, Words};
pub use registers::{Rv32Message, Rv32Registers};
pub use store::{Rv32Store, Rv32StoreCols, StoreInstruction, StoreInterface, StoreOperands, StoreReads, Target};

use p3_field::PrimeCharacteristicRing;
pub(crate) use vm_core::arch::authoring::{sample_fixed, sample_pointer, sample_register};
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

/// Checks that a pointer is a multiple of the access width, a power of two.
///
/// # Errors
///
/// [`MemoryError::Misaligned`] if it is not.
#[inline(always)]
pub fn check_aligned(pointer: u32, width: u32, pc: u32) -> ExecutionResult<()> {
    if pointer & (width - 1) == 0 { Ok(()) } else { Err(misaligned(pc, pointer, width)) }
}

/// Returns the error of an access whose pointer is not a multiple of its width.
#[cold]
fn misaligned(pc: u32, pointer: u32, width: u32) -> Box<ExecutionError> {
    ExecutionError::memory(pc, Box::new(MemoryError::Misaligned { pointer, width }))
}

/// Returns the address of the register at a byte pointer.
#[inline(always)]
pub(crate) fn register_address<AB: VmAirBuilder>(pointer: AB::Var) -> MemoryAddress<AB::Expr> {
    MemoryAddress::new(AB::Expr::from_u32(REGISTER_SPACE), pointer.into())
}

/// Time of the row's access number `i`.
#[inline(always)]
pub(crate) fn access_time<AB: VmAirBuilder>(from: &ExecutionState<AB::Var>, i: usize) -> AB::Expr {
    from.timestamp + AB::Expr::from_usize(i)
}

/// Returns the state as cells.
#[inline(always)]
pub(crate) fn state_cells(from: ExecutionState<u32>) -> ExecutionState<F> {
    ExecutionState::new(F::from_u32(from.pc), F::from_u32(from.timestamp))
}

/// Returns the auxiliary columns of a write.
#[inline(always)]
pub(crate) fn write_cells(record: &WriteRecord) -> WriteAux<F> {
    WriteAux { prev_timestamp: F::from_u32(record.prev_timestamp), prev_data: cells(record.prev_data) }
}
