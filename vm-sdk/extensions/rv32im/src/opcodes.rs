//! The meaning of operands. (Opcodes are those of the instructions: `AddSub::ADD` and so on.)
//!
//! Operands that name a register are byte pointers into address space 1 (`4 × number`). The destination `x0` is
//! replaced by [`SINK`], a register that nothing reads, so that `x0` stays zero and no row needs a "does it write"
//! flag. Immediates are ready 16-bit limbs (low, high) of the sign-extended 32-bit value; branch and jump targets are
//! absolute program counters. The program table is fixed by the verifying key, so AIRs rely on all of this.

use vm_core::instructions::PC_LIMIT;

/// Byte pointer of a register in address space 1.
pub const fn register(number: u8) -> u32 {
    4 * number as u32
}

/// Where writes to `x0` go: register number 32.
pub const SINK: u32 = register(32);
/// Byte pointer of a destination register; nothing reads what `x0` would receive.
pub const fn destination(rd: u8) -> u32 {
    if rd == 0 { SINK } else { register(rd) }
}

/// Absolute jump target. Out of range becomes [`PC_LIMIT`]; that and misaligned targets are no instructions, so they
/// trap when (and only when) the jump is taken.
pub const fn jump_target(pc: u32, offset: i32) -> u32 {
    let target = pc.wrapping_add_signed(offset);
    if target < PC_LIMIT { target } else { PC_LIMIT }
}

/// A register for sequences that replace one guest instruction (number 33); no guest instruction names it.
pub const SCRATCH: u32 = register(33);
/// Counts the words that the current `HINT_BUFFER` has stored (number 34); zero between instructions.
pub const HINT_CURSOR: u32 = register(34);

/// Discriminants of the phantom sub-instructions (operand `c` of PHANTOM; `a` = rd, `b` = rs1).
pub mod phantom {
    /// Pops the next input vector into the hint stream.
    pub const HINT_INPUT: u16 = 0x20;
    /// Prints `[rd .. rd + rs1]`.
    pub const PRINT_STR: u16 = 0x21;
    /// Fills the hint stream with `4 × rd` random bytes.
    pub const HINT_RANDOM: u16 = 0x22;
}
