//! Everything that the expansions of the macros name.
//!
//! Not part of the public interface: the macros and this module change together. Expansions name nothing else of this
//! crate, so that they do not depend on where an item lives.

use crate::arch::authoring::WordFormat;
pub use crate::arch::authoring::{
    Block, Branch, Carried, ColumnRoles, CoreChip, CoreSpec, DeclaredAdapter, DecodeOperands, DefaultInstruction,
    Encoding, Hint, Immediate, InstructionInfo, InstructionSpec, MultiRowChip, MultiRowCore, Pair, PhantomSpec,
    Register, RegisterField, RegisterRole, Roles, RowContext, RowSpec, RowsChip, RowsCore, Samples, Span, Triple,
    Value, call, check_adapter, check_block, check_columns, check_immediate, check_rows, check_target, core_chip,
    free_cell, free_columns, free_row_columns, rows_chip,
};
pub use crate::arch::{
    AnyEnum, BuildChip, Chip, ChipTraces, ChipUsageGetter, ExecutionMode, ExecutionResult, ExecutionState,
    GenerationError, InstructionExecutor, LookupTable, NoChip, SystemConfig, SystemPort, TraceContext, VmConfig,
    VmExtension, VmInventory, VmInventoryBuilder, VmInventoryError, VmState,
};
pub use crate::instructions::{Instruction, LocalOpcode, VmOpcode};
#[cfg(feature = "prover")]
pub use crate::machine::testing::{check_instruction, check_instruction_on, check_specialised, check_specialised_on};
pub use crate::primitives::{ColumnLayout, names_of};
pub use crate::stark::{AirRef, F};

/// Result of building the chips of an extension or a machine.
pub type InventoryResult<E, P> = Result<VmInventory<E, P>, VmInventoryError>;

/// Checks that `Columns` has the size and the alignment of an array of `cells` cells.
pub const fn is_made_of<Columns, Cell>(cells: usize) -> bool {
    align_of::<Columns>() == align_of::<Cell>() && size_of::<Columns>() == cells * size_of::<Cell>()
}

/// Returns the name of a field in a column struct whose own name is `prefix`, or empty if the struct is the whole row.
pub fn column_name(prefix: &str, field: &str) -> String {
    if prefix.is_empty() { field.to_owned() } else { format!("{prefix}.{field}") }
}

/// Returns an encoding with another field fixed, if the value fits.
///
/// # Errors
/// [`VmInventoryError::EncodingField`] if it does not.
pub fn with_field(
    encoding: Encoding,
    instruction: &'static str,
    (field, low, bits): (&'static str, u32, u32),
    value: u32,
) -> Result<Encoding, VmInventoryError> {
    let error = VmInventoryError::EncodingField { instruction, field, value, bits };
    encoding.with_field(low, bits, value).ok_or(error)
}

/// Returns an encoding with another field fixed, in constants.
///
/// # Panics
/// If the value does not fit: a compile error.
pub const fn with_constant_field(encoding: Encoding, low: u32, bits: u32, value: u32) -> Encoding {
    match encoding.with_field(low, bits, value) {
        Some(encoding) => encoding,
        None => panic!(
            "the value of a field of an encoding is too large: `funct3` has 3 bits, `funct7` 7, registers 5, `imm` 12"
        ),
    }
}

/// Checks that no opcode belongs to both classes.
pub const fn are_disjoint<A: LocalOpcode, B: LocalOpcode>() -> bool {
    const fn end<C: LocalOpcode>() -> usize {
        C::CLASS_OFFSET as usize + C::ALL.len()
    }
    end::<A>() <= B::CLASS_OFFSET as usize || end::<B>() <= A::CLASS_OFFSET as usize
}

/// Operands of an instruction that `#[instruction]` rejected. The program does not compile, so nothing decodes them.
#[derive(Debug)]
pub enum RejectedOperands {}

impl DecodeOperands for RejectedOperands {
    fn operands(_word: u32, _pc: u32) -> [u32; 7] {
        [0; 7]
    }
}

/// Format of an adapter that `#[adapter]` rejected. The program does not compile, so nothing decodes its words.
#[derive(Debug)]
pub enum RejectedFormat {}

impl WordFormat for RejectedFormat {
    fn source(_word: u32, _field: RegisterField) -> u32 {
        0
    }

    fn destination(_word: u32, _field: RegisterField) -> u32 {
        0
    }
}
