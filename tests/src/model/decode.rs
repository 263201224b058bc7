//! Decoder of instruction words. It follows the tables of "RV32/64G Instruction Set Listings" in the RISC-V
//! unprivileged specification, and the table of host calls in `tests/fixtures/README.md`.

/// Register number, 0–31.
pub type Reg = usize;

/// A decoded instruction. Immediates are sign-extended to 32 bits (and shifted, for the U and J formats), so they can
/// be added with a wrapping `u32` addition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields are the operands under their names in the specification")]
pub enum Insn {
    /// `rd = imm`.
    Lui { rd: Reg, imm: u32 },
    /// `rd = pc + imm`.
    Auipc { rd: Reg, imm: u32 },
    /// `rd = pc + 4; pc += imm`.
    Jal { rd: Reg, imm: u32 },
    /// `rd = pc + 4; pc = (rs1 + imm) & !1`.
    Jalr { rd: Reg, rs1: Reg, imm: u32 },
    /// `if rs1 cond rs2 { pc += imm }`.
    Branch { cond: Cond, rs1: Reg, rs2: Reg, imm: u32 },
    /// `rd = [rs1 + imm]`.
    Load { kind: LoadKind, rd: Reg, rs1: Reg, imm: u32 },
    /// Writes the low `size` bytes of `rs2` to `[rs1 + imm]`.
    Store { size: u32, rs1: Reg, rs2: Reg, imm: u32 },
    /// `rd = rs1 op imm`.
    OpImm { op: Op, rd: Reg, rs1: Reg, imm: u32 },
    /// `rd = rs1 op rs2`.
    OpReg { op: Op, rd: Reg, rs1: Reg, rs2: Reg },
    /// Does nothing: the machine has one thread, so its accesses are already ordered.
    Fence,
    /// System call with the number in `a7`.
    Ecall,
    /// `csrrw x0, cycle, x0`, which assemblers write as `unimp`. Ends the program with exit code 2.
    Unimp,
    /// Host call: ends the program with exit code `code`.
    Terminate { code: u32 },
    /// Host call: writes the next word of the hint stream to `[rd]`.
    HintStoreW { rd: Reg },
    /// Host call: writes the next `rs1` words of the hint stream to `[rd..]`.
    HintBuffer { rd: Reg, rs1: Reg },
    /// Host call: writes the word `rs1` to the public values at `rd + imm`.
    Reveal { rd: Reg, rs1: Reg, imm: u32 },
    /// Host call: makes the next input vector the hint stream.
    HintInput,
    /// Host call: prints `[rd .. rd + rs1]`.
    PrintStr { rd: Reg, rs1: Reg },
    /// Host call: makes `rd` random words the hint stream.
    HintRandom { rd: Reg },
    /// Host call: marks the begin or the end of a span for profiles.
    Span,
}

/// Branch conditions. `Ltu` and `Geu` are unsigned comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "named like the instructions")]
pub enum Cond {
    Eq,
    Ne,
    Lt,
    Ge,
    Ltu,
    Geu,
}

/// Widths of loads: signed and unsigned bytes and half-words, and words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "named like the instructions")]
pub enum LoadKind {
    Lb,
    Lh,
    Lw,
    Lbu,
    Lhu,
}

/// Arithmetic operations on two words. Instructions with an immediate use the same ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "named like the instructions")]
pub enum Op {
    Add,
    Sub,
    Sll,
    Slt,
    Sltu,
    Xor,
    Srl,
    Sra,
    Or,
    And,
    Mul,
    Mulh,
    Mulhsu,
    Mulhu,
    Div,
    Divu,
    Rem,
    Remu,
}

/// Returns bits `low..=high` of `word`, shifted down to bit 0.
fn bits(word: u32, high: u32, low: u32) -> u32 {
    (word >> low) & ((1 << (high - low + 1)) - 1)
}

/// Returns a word with copies of bit 31 of `word` in the bits from `from` on, and zeros below.
fn sign_from(word: u32, from: u32) -> u32 {
    if word >> 31 == 1 { u32::MAX << from } else { 0 }
}

fn imm_i(word: u32) -> u32 {
    sign_from(word, 11) | bits(word, 30, 20)
}

fn imm_s(word: u32) -> u32 {
    sign_from(word, 11) | (bits(word, 30, 25) << 5) | bits(word, 11, 7)
}

fn imm_b(word: u32) -> u32 {
    sign_from(word, 12) | (bits(word, 7, 7) << 11) | (bits(word, 30, 25) << 5) | (bits(word, 11, 8) << 1)
}

fn imm_u(word: u32) -> u32 {
    word & 0xffff_f000
}

fn imm_j(word: u32) -> u32 {
    sign_from(word, 20) | (bits(word, 19, 12) << 12) | (bits(word, 20, 20) << 11) | (bits(word, 30, 21) << 1)
}

/// Returns the instruction that `word` encodes, or `None` if it is not a legal one. Unused operand fields of `fence`
/// and of the host calls are ignored. All other fields must match their table row exactly.
pub fn decode(word: u32) -> Option<Insn> {
    let rd = bits(word, 11, 7) as Reg;
    let rs1 = bits(word, 19, 15) as Reg;
    let rs2 = bits(word, 24, 20) as Reg;
    let funct3 = bits(word, 14, 12);
    let funct7 = bits(word, 31, 25);
    let insn = match bits(word, 6, 0) {
        0b011_0111 => Insn::Lui { rd, imm: imm_u(word) },
        0b001_0111 => Insn::Auipc { rd, imm: imm_u(word) },
        0b110_1111 => Insn::Jal { rd, imm: imm_j(word) },
        0b110_0111 if funct3 == 0 => Insn::Jalr { rd, rs1, imm: imm_i(word) },
        0b110_0011 => {
            let cond = match funct3 {
                0b000 => Cond::Eq,
                0b001 => Cond::Ne,
                0b100 => Cond::Lt,
                0b101 => Cond::Ge,
                0b110 => Cond::Ltu,
                0b111 => Cond::Geu,
                _ => return None,
            };
            Insn::Branch { cond, rs1, rs2, imm: imm_b(word) }
        }
        0b000_0011 => {
            let kind = match funct3 {
                0b000 => LoadKind::Lb,
                0b001 => LoadKind::Lh,
                0b010 => LoadKind::Lw,
                0b100 => LoadKind::Lbu,
                0b101 => LoadKind::Lhu,
                _ => return None,
            };
            Insn::Load { kind, rd, rs1, imm: imm_i(word) }
        }
        0b010_0011 => {
            let size = match funct3 {
                0b000 => 1,
                0b001 => 2,
                0b010 => 4,
                _ => return None,
            };
            Insn::Store { size, rs1, rs2, imm: imm_s(word) }
        }
        0b001_0011 => {
            let (op, imm) = match (funct3, funct7) {
                (0b000, _) => (Op::Add, imm_i(word)),
                (0b010, _) => (Op::Slt, imm_i(word)),
                (0b011, _) => (Op::Sltu, imm_i(word)),
                (0b100, _) => (Op::Xor, imm_i(word)),
                (0b110, _) => (Op::Or, imm_i(word)),
                (0b111, _) => (Op::And, imm_i(word)),
                // The shift amount is in the field of rs2.
                (0b001, 0b000_0000) => (Op::Sll, bits(word, 24, 20)),
                (0b101, 0b000_0000) => (Op::Srl, bits(word, 24, 20)),
                (0b101, 0b010_0000) => (Op::Sra, bits(word, 24, 20)),
                _ => return None,
            };
            Insn::OpImm { op, rd, rs1, imm }
        }
        0b011_0011 => {
            let op = match (funct7, funct3) {
                (0b000_0000, 0b000) => Op::Add,
                (0b010_0000, 0b000) => Op::Sub,
                (0b000_0000, 0b001) => Op::Sll,
                (0b000_0000, 0b010) => Op::Slt,
                (0b000_0000, 0b011) => Op::Sltu,
                (0b000_0000, 0b100) => Op::Xor,
                (0b000_0000, 0b101) => Op::Srl,
                (0b010_0000, 0b101) => Op::Sra,
                (0b000_0000, 0b110) => Op::Or,
                (0b000_0000, 0b111) => Op::And,
                (0b000_0001, 0b000) => Op::Mul,
                (0b000_0001, 0b001) => Op::Mulh,
                (0b000_0001, 0b010) => Op::Mulhsu,
                (0b000_0001, 0b011) => Op::Mulhu,
                (0b000_0001, 0b100) => Op::Div,
                (0b000_0001, 0b101) => Op::Divu,
                (0b000_0001, 0b110) => Op::Rem,
                (0b000_0001, 0b111) => Op::Remu,
                _ => return None,
            };
            Insn::OpReg { op, rd, rs1, rs2 }
        }
        // Implementations must ignore reserved fields of a fence (specification, "Memory Ordering Instructions").
        // `fence.i` (funct3 = 1) orders nothing either, because code does not change.
        0b000_1111 if funct3 <= 1 => Insn::Fence,
        0b111_0011 => match word {
            0x0000_0073 => Insn::Ecall,
            0xc000_1073 => Insn::Unimp,
            _ => return None,
        },
        0b000_1011 => match (funct3, imm_i(word)) {
            // A negative immediate is not an exit code.
            (0, code @ 0..=0x7ff) => Insn::Terminate { code },
            (1, 0) => Insn::HintStoreW { rd },
            (1, 1) => Insn::HintBuffer { rd, rs1 },
            (2, imm) => Insn::Reveal { rd, rs1, imm },
            (3, 0) => Insn::HintInput,
            (3, 1) => Insn::PrintStr { rd, rs1 },
            (3, 2) => Insn::HintRandom { rd },
            (3, 0x40 | 0x41) => Insn::Span,
            _ => return None,
        },
        _ => return None,
    };
    Some(insn)
}
