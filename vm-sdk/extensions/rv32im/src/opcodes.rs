//! Opcodes of the extension and the meaning of their operands.
//!
//! Operands that name a register are byte pointers into address space 1 (`4 × number`). The destination `x0` is
//! replaced by [`SINK`], a register that nothing reads, so that `x0` stays zero and no row needs a "does it write"
//! flag. Immediates are ready 16-bit limbs (low, high) of the sign-extended 32-bit value; branch and jump targets are
//! absolute program counters. The program table is fixed by the verifying key, so AIRs rely on all of this.

use vm_derive::LocalOpcode;

/// Byte pointer of a register in address space 1.
pub const fn register(number: u8) -> u32 {
    4 * number as u32
}

/// Where writes to `x0` go: register number 32.
pub const SINK: u32 = register(32);
/// A register for sequences that replace one guest instruction (number 33); no guest instruction names it.
pub const SCRATCH: u32 = register(33);
/// Counts the words that the current `HINT_BUFFER` has stored (number 34); zero between instructions.
pub const HINT_CURSOR: u32 = register(34);

/// Register–register addition: `a` = rd, `b` = rs1, `c` = rs2.
#[allow(clippy::upper_case_acronyms, missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, LocalOpcode)]
#[opcode_offset = 0x100]
pub enum AddSubOpcode {
    ADD,
    SUB,
}

/// Register–immediate addition: `a` = rd, `b` = rs1, (`c`, `d`) = immediate.
#[allow(clippy::upper_case_acronyms, missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, LocalOpcode)]
#[opcode_offset = 0x108]
pub enum AddImmOpcode {
    ADDI,
}

/// Bitwise, register–register: `a` = rd, `b` = rs1, `c` = rs2.
#[allow(clippy::upper_case_acronyms, missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, LocalOpcode)]
#[opcode_offset = 0x110]
pub enum BitwiseOpcode {
    XOR,
    OR,
    AND,
}

/// Bitwise, register–immediate: `a` = rd, `b` = rs1, `c`, `d` = low bytes of the immediate, `e` = both high bytes.
#[allow(clippy::upper_case_acronyms, missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, LocalOpcode)]
#[opcode_offset = 0x118]
pub enum BitwiseImmOpcode {
    XORI,
    ORI,
    ANDI,
}

/// Shifts by a register: `a` = rd, `b` = rs1, `c` = rs2.
#[allow(clippy::upper_case_acronyms, missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, LocalOpcode)]
#[opcode_offset = 0x120]
pub enum ShiftOpcode {
    SLL,
    SRL,
    SRA,
}

/// Logical shifts by an immediate `s = 16·q + r`: `a` = rd, `b` = rs1, `c` = k, `d` = 2^k, `e` = 2^(16−k), `f` = q,
/// where cells are split at bit `k` = `16 − r` (left) or `r` (right).
#[allow(clippy::upper_case_acronyms, missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, LocalOpcode)]
#[opcode_offset = 0x128]
pub enum ShiftImmOpcode {
    SLLI,
    SRLI,
}

/// Arithmetic right shift by an immediate; operands as [`ShiftImmOpcode`].
#[allow(clippy::upper_case_acronyms, missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, LocalOpcode)]
#[opcode_offset = 0x130]
pub enum ShiftRightArithImmOpcode {
    SRAI,
}

/// Comparison into a register: `a` = rd, `b` = rs1, `c` = rs2.
#[allow(clippy::upper_case_acronyms, missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, LocalOpcode)]
#[opcode_offset = 0x138]
pub enum LessThanOpcode {
    SLT,
    SLTU,
}

/// Comparison with an immediate: `a` = rd, `b` = rs1, (`c`, `d`) = immediate; for SLTI the high limb is given
/// with its top bit flipped.
#[allow(clippy::upper_case_acronyms, missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, LocalOpcode)]
#[opcode_offset = 0x140]
pub enum LessThanImmOpcode {
    SLTI,
    SLTIU,
}

/// Branches on equality: `a` = rs1, `b` = rs2, `c` = target pc.
#[allow(clippy::upper_case_acronyms, missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, LocalOpcode)]
#[opcode_offset = 0x148]
pub enum BranchEqualOpcode {
    BEQ,
    BNE,
}

/// Branches on order: `a` = rs1, `b` = rs2, `c` = target pc.
#[allow(clippy::upper_case_acronyms, missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, LocalOpcode)]
#[opcode_offset = 0x150]
pub enum BranchLessThanOpcode {
    BLT,
    BLTU,
    BGE,
    BGEU,
}

/// Writes a constant and continues at a constant pc: `a` = rd, (`b`, `c`) = limbs of the value, `d` = next pc.
/// LUI and AUIPC continue at `pc + 4`; JAL writes `pc + 4` and jumps.
#[allow(clippy::upper_case_acronyms, missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, LocalOpcode)]
#[opcode_offset = 0x158]
pub enum ConstantOpcode {
    LUI,
    AUIPC,
    JAL,
}

/// Indirect jump: `a` = rd, `b` = rs1, (`c`, `d`) = immediate, (`e`, `f`) = limbs of `pc + 4`.
#[allow(clippy::upper_case_acronyms, missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, LocalOpcode)]
#[opcode_offset = 0x160]
pub enum JalrOpcode {
    JALR,
}

/// Word load: `a` = rd, `b` = rs1, (`c`, `d`) = immediate.
#[allow(clippy::upper_case_acronyms, missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, LocalOpcode)]
#[opcode_offset = 0x168]
pub enum LoadWordOpcode {
    LW,
}

/// Byte and half-word loads: `a` = rd, `b` = rs1, (`c`, `d`) = immediate.
#[allow(clippy::upper_case_acronyms, missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, LocalOpcode)]
#[opcode_offset = 0x170]
pub enum LoadSubwordOpcode {
    LB,
    LBU,
    LH,
    LHU,
}

/// Word stores: `a` = rs2 (data), `b` = rs1 (base), (`c`, `d`) = immediate. REVEAL stores to address space 3.
#[allow(clippy::upper_case_acronyms, missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, LocalOpcode)]
#[opcode_offset = 0x178]
pub enum StoreWordOpcode {
    SW,
    REVEAL,
}

/// Byte and half-word stores: `a` = rs2 (data), `b` = rs1 (base), (`c`, `d`) = immediate.
#[allow(clippy::upper_case_acronyms, missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, LocalOpcode)]
#[opcode_offset = 0x180]
pub enum StoreSubwordOpcode {
    SB,
    SH,
}

/// Low word of a product: `a` = rd, `b` = rs1, `c` = rs2.
#[allow(clippy::upper_case_acronyms, missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, LocalOpcode)]
#[opcode_offset = 0x188]
pub enum MulOpcode {
    MUL,
}

/// High word of a product: `a` = rd, `b` = rs1, `c` = rs2.
#[allow(clippy::upper_case_acronyms, missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, LocalOpcode)]
#[opcode_offset = 0x190]
pub enum MulHOpcode {
    MULH,
    MULHSU,
    MULHU,
}

/// Division and remainder: `a` = rd, `b` = rs1, `c` = rs2.
#[allow(clippy::upper_case_acronyms, missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, LocalOpcode)]
#[opcode_offset = 0x198]
pub enum DivRemOpcode {
    DIV,
    DIVU,
    REM,
    REMU,
}

/// Stores hint words. HINT_STOREW: next word → `[rd]`, `b` = rd. HINT_BUFFER: `b` = rd (base pointer), `c` = rs1
/// (number of words); one row and one step of the machine per word, counted in [`HINT_CURSOR`].
#[allow(clippy::upper_case_acronyms, missing_docs, non_camel_case_types)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, LocalOpcode)]
#[opcode_offset = 0x1A0]
pub enum HintStoreOpcode {
    HINT_STOREW,
    HINT_BUFFER,
}

/// Discriminants of the phantom sub-instructions (operand `c` of PHANTOM; `a` = rd, `b` = rs1).
pub mod phantom {
    /// Pops the next input vector into the hint stream.
    pub const HINT_INPUT: u16 = 0x20;
    /// Prints `[rd .. rd + rs1]`.
    pub const PRINT_STR: u16 = 0x21;
    /// Fills the hint stream with `4 × rd` random bytes.
    pub const HINT_RANDOM: u16 = 0x22;
}
