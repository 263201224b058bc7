//! Meaning of the operands. (The opcodes are those of the instructions: `AddSub::ADD` and so on.)
//!
//! Operands that name a register are byte pointers into address space 1 (`4 × number`). The destination `x0` is
//! replaced by [`SINK`], a register that no instruction reads, so `x0` stays zero and no row needs a flag for whether
//! it writes. Immediates are given as 16-bit limbs (low, high) of the sign-extended 32-bit value; branch and jump
//! targets are absolute program counters. The program table is fixed by the verifying key, so AIRs rely on all of this.

use vm_core::instructions::PC_LIMIT;

/// Returns the byte pointer of a register in address space 1.
pub const fn register(number: u8) -> u32 {
    4 * number as u32
}

/// Register that receives writes to `x0`: number 32.
pub const SINK: u32 = register(32);
/// Returns the byte pointer of a destination register: [`SINK`] for `x0`.
pub const fn destination(rd: u8) -> u32 {
    if rd == 0 { SINK } else { register(rd) }
}

/// Returns the absolute target of a jump; [`PC_LIMIT`] if it is out of range. There is no instruction at that address
/// or at a misaligned one, so such a jump traps when, and only when, it is taken.
pub const fn jump_target(pc: u32, offset: i32) -> u32 {
    let target = pc.wrapping_add_signed(offset);
    if target < PC_LIMIT { target } else { PC_LIMIT }
}

/// Register for the routine that serves `ecall`: number 33. No guest instruction can name it.
pub const SCRATCH: u32 = register(33);
/// Register that counts the words that the current `HINT_BUFFER` has stored: number 34. Zero between instructions.
pub const HINT_CURSOR: u32 = register(34);
