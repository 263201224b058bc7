//! Strict decoder of RV32IM and of the host interface.
//!
//! A word is either exactly one of the instructions of the unprivileged specification (RV32I 2.1 with M 2.0), one of
//! the host instructions of the custom-0 opcode, or nothing: reserved encodings are never mapped to a neighbour.

mod fields;
mod instruction;
#[cfg(test)]
mod tests;

pub use fields::Fields;
pub use instruction::{BranchOp, DecodedInstruction, HostOp, ImmOp, LoadOp, RegOp, ShiftOp, StoreOp};

use DecodedInstruction as I;

/// Major opcodes (bits 0 to 6).
mod major {
    pub(super) const LOAD: u32 = 0x03;
    pub(super) const CUSTOM_0: u32 = 0x0b;
    pub(super) const MISC_MEM: u32 = 0x0f;
    pub(super) const OP_IMM: u32 = 0x13;
    pub(super) const AUIPC: u32 = 0x17;
    pub(super) const STORE: u32 = 0x23;
    pub(super) const OP: u32 = 0x33;
    pub(super) const LUI: u32 = 0x37;
    pub(super) const BRANCH: u32 = 0x63;
    pub(super) const JALR: u32 = 0x67;
    pub(super) const JAL: u32 = 0x6f;
}

/// `ecall`.
const ECALL: u32 = 0x0000_0073;
/// `ebreak`.
const EBREAK: u32 = 0x0010_0073;
/// `unimp`, which assemblers write as `csrrw x0, cycle, x0`.
const UNIMP: u32 = 0xc000_1073;

/// The instruction that a word encodes, if it is one.
pub fn decode(word: u32) -> Option<DecodedInstruction> {
    match word {
        ECALL => return Some(I::Ecall),
        EBREAK => return Some(I::Ebreak),
        UNIMP => return Some(I::Unimp),
        _ => {}
    }
    let f = Fields(word);
    let (rd, rs1, rs2) = (f.rd(), f.rs1(), f.rs2());
    Some(match f.opcode() {
        major::LUI => I::Lui { rd, value: f.u_imm() },
        major::AUIPC => I::Auipc { rd, value: f.u_imm() },
        major::JAL => I::Jal { rd, offset: f.j_imm() },
        major::JALR if f.funct3() == 0 => I::Jalr { rd, rs1, imm: f.i_imm() },
        major::BRANCH => I::Branch { op: branch(f.funct3())?, rs1, rs2, offset: f.b_imm() },
        major::LOAD => I::Load { op: load(f.funct3())?, rd, rs1, imm: f.i_imm() },
        major::STORE => I::Store { op: store(f.funct3())?, rs1, rs2, imm: f.s_imm() },
        major::OP_IMM => match (f.funct3(), f.funct7()) {
            (1, 0x00) => I::ShiftImm { op: ShiftOp::Sll, rd, rs1, amount: rs2 },
            (5, 0x00) => I::ShiftImm { op: ShiftOp::Srl, rd, rs1, amount: rs2 },
            (5, 0x20) => I::ShiftImm { op: ShiftOp::Sra, rd, rs1, amount: rs2 },
            (funct3, _) => I::OpImm { op: immediate(funct3)?, rd, rs1, imm: f.i_imm() },
        },
        major::OP => I::Op { op: register(f.funct7(), f.funct3())?, rd, rs1, rs2 },
        // The specification wants reserved `fm`, `rd` and `rs1` fields of fences ignored.
        major::MISC_MEM if f.funct3() == 0 => I::Fence,
        major::CUSTOM_0 => I::Host(host(f)?),
        _ => return None,
    })
}

const fn branch(funct3: u32) -> Option<BranchOp> {
    Some(match funct3 {
        0 => BranchOp::Beq,
        1 => BranchOp::Bne,
        4 => BranchOp::Blt,
        5 => BranchOp::Bge,
        6 => BranchOp::Bltu,
        7 => BranchOp::Bgeu,
        _ => return None,
    })
}

const fn load(funct3: u32) -> Option<LoadOp> {
    Some(match funct3 {
        0 => LoadOp::Lb,
        1 => LoadOp::Lh,
        2 => LoadOp::Lw,
        4 => LoadOp::Lbu,
        5 => LoadOp::Lhu,
        _ => return None,
    })
}

const fn store(funct3: u32) -> Option<StoreOp> {
    Some(match funct3 {
        0 => StoreOp::Sb,
        1 => StoreOp::Sh,
        2 => StoreOp::Sw,
        _ => return None,
    })
}

const fn immediate(funct3: u32) -> Option<ImmOp> {
    Some(match funct3 {
        0 => ImmOp::Addi,
        2 => ImmOp::Slti,
        3 => ImmOp::Sltiu,
        4 => ImmOp::Xori,
        6 => ImmOp::Ori,
        7 => ImmOp::Andi,
        _ => return None,
    })
}

const fn register(funct7: u32, funct3: u32) -> Option<RegOp> {
    Some(match (funct7, funct3) {
        (0x00, 0) => RegOp::Add,
        (0x20, 0) => RegOp::Sub,
        (0x00, 1) => RegOp::Sll,
        (0x00, 2) => RegOp::Slt,
        (0x00, 3) => RegOp::Sltu,
        (0x00, 4) => RegOp::Xor,
        (0x00, 5) => RegOp::Srl,
        (0x20, 5) => RegOp::Sra,
        (0x00, 6) => RegOp::Or,
        (0x00, 7) => RegOp::And,
        (0x01, 0) => RegOp::Mul,
        (0x01, 1) => RegOp::Mulh,
        (0x01, 2) => RegOp::Mulhsu,
        (0x01, 3) => RegOp::Mulhu,
        (0x01, 4) => RegOp::Div,
        (0x01, 5) => RegOp::Divu,
        (0x01, 6) => RegOp::Rem,
        (0x01, 7) => RegOp::Remu,
        _ => return None,
    })
}

/// The custom-0 instructions. Register fields that an instruction does not use are ignored, as other machines with
/// this guest interface do; the immediate selects the instruction and is compared in full.
fn host(f: Fields) -> Option<HostOp> {
    let (rd, rs1, imm) = (f.rd(), f.rs1(), f.i_imm());
    Some(match (f.funct3(), imm) {
        // A negative immediate is no exit code: it would not survive as a process status or as a field element.
        (0, 0..) => HostOp::Terminate { code: imm as u32 },
        (1, 0) => HostOp::HintStoreW { rd },
        (1, 1) => HostOp::HintBuffer { rd, rs1 },
        (2, _) => HostOp::Reveal { rd, rs1, imm },
        (3, 0) => HostOp::HintInput,
        (3, 1) => HostOp::PrintStr { rd, rs1 },
        (3, 2) => HostOp::HintRandom { rd },
        _ => return None,
    })
}
