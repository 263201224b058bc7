//! Operands of instructions that make their own accesses.

use vm_core::arch::authoring::DecodeOperands;

use crate::opcodes::register;

/// Operands `a`, `b`, `c`: byte pointers of the registers in the fields rd, rs1 and rs2, all of which the instruction
/// reads. For multi-row instructions, as in `#[instruction(multi_row, operands = Rv32Registers, …)]`.
#[derive(Clone, Copy, Debug)]
pub struct Rv32Registers;

impl DecodeOperands for Rv32Registers {
    /// R format.
    fn operands(word: u32, _pc: u32) -> [u32; 7] {
        let field = |low: u32| register((word >> low & 31) as u8);
        [field(7), field(15), field(20), 0, 0, 0, 0]
    }
}
