//! From decoded RISC-V instructions to instructions of the machine.
//!
//! The operand conventions are those of [`crate::opcodes`]. Everything that the pc and the word determine (targets,
//! link values, `auipc` results) is computed here, once, so that the circuits find constants in the program table.

use vm_core::arch::authoring::Encoding;
use vm_core::instructions::{Instruction, LocalOpcode, PC_STEP, Region, SystemOpcode};

use crate::decode::{BranchOp, DecodedInstruction, HostOp, ImmOp, LoadOp, RegOp, ShiftOp, StoreOp, decode};
use crate::instructions::*;
use crate::opcodes::{SCRATCH, SINK, destination, jump_target, phantom, register};
use crate::support::limbs;

/// Exit code of `unimp`.
pub const UNIMP_EXIT_CODE: u32 = 2;
/// Where the sequence that `ecall` jumps to lies: the first pc behind user memory.
pub const ECALL_PC: u32 = 1 << 29;
/// Where `ecall` ends up when the number in `a7` is not [`EXIT_SYSCALL`]: a pc without instruction.
pub const ECALL_TRAP_PC: u32 = ECALL_PC + 0x1000;
/// Number of the one supported system call, Linux `exit`: ends execution with the low byte of `a0`.
pub const EXIT_SYSCALL: u32 = 93;

/// Words that have a meaning without being an instruction with a chip of its own: no extension may claim them.
pub const RESERVED_WORDS: [(&str, Encoding); 8] = [
    ("fence", Encoding::new(0x0000_707f, 0x0000_000f)),
    ("ecall", Encoding::new(u32::MAX, 0x0000_0073)),
    ("ebreak", Encoding::new(u32::MAX, 0x0010_0073)),
    ("unimp", Encoding::new(u32::MAX, 0xc000_1073)),
    ("terminate", Encoding::new(0x8000_707f, 0x0000_000b)),
    ("hint_input", Encoding::new(0xfff0_707f, 0x0000_300b)),
    ("print_str", Encoding::new(0xfff0_707f, 0x0010_300b)),
    ("hint_random", Encoding::new(0xfff0_707f, 0x0020_300b)),
];

/// Turns a word of the executable into an instruction. Extensions with custom opcodes implement it to add theirs.
pub trait WordTranspiler: Send + Sync {
    /// Name of the instruction set, for errors.
    fn name(&self) -> &'static str {
        std::any::type_name::<Self>()
    }

    /// The instruction of `word` at `pc`, if the word is one of this transpiler's.
    fn transpile(&self, word: u32, pc: u32) -> Option<Instruction>;

    /// What the word says, for people.
    fn disassemble(&self, word: u32) -> Option<String>;
}

/// The transpiler of RV32IM and the host interface.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rv32imTranspiler;

impl WordTranspiler for Rv32imTranspiler {
    fn name(&self) -> &'static str {
        "RV32IM"
    }

    fn transpile(&self, word: u32, pc: u32) -> Option<Instruction> {
        transpile(&decode(word)?, pc)
    }

    fn disassemble(&self, word: u32) -> Option<String> {
        decode(word).map(|instruction| instruction.to_string())
    }
}

/// Whether a word is `ecall`, so that the program needs [`ecall_region`].
pub fn is_ecall(word: u32) -> bool {
    decode(word) == Some(DecodedInstruction::Ecall)
}

/// The machine's instruction for `decoded` at `pc`; `None` for `ebreak`, which traps.
pub fn transpile(decoded: &DecodedInstruction, pc: u32) -> Option<Instruction> {
    use DecodedInstruction as I;
    let next = pc.wrapping_add(PC_STEP);
    Some(match *decoded {
        I::Lui { rd, value } => constant(Constant::LUI, rd, value, next),
        I::Auipc { rd, value } => constant(Constant::AUIPC, rd, pc.wrapping_add(value), next),
        I::Jal { rd, offset } => constant(Constant::JAL, rd, next, jump_target(pc, offset)),
        I::Jalr { rd, rs1, imm } => jalr(destination(rd), register(rs1), imm as u32, next),
        I::Branch { op, rs1, rs2, offset } => {
            let operands = [register(rs1), register(rs2), jump_target(pc, offset)];
            match op {
                BranchOp::Beq => Instruction::new(BranchEqual::BEQ, operands),
                BranchOp::Bne => Instruction::new(BranchEqual::BNE, operands),
                BranchOp::Blt => Instruction::new(BranchLessThan::BLT, operands),
                BranchOp::Bltu => Instruction::new(BranchLessThan::BLTU, operands),
                BranchOp::Bge => Instruction::new(BranchLessThan::BGE, operands),
                BranchOp::Bgeu => Instruction::new(BranchLessThan::BGEU, operands),
            }
        }
        I::Load { op, rd, rs1, imm } => {
            let [low, high] = limbs(imm as u32);
            let operands = [destination(rd), register(rs1), low, high];
            match op {
                LoadOp::Lw => Instruction::new(LoadWord::LW, operands),
                LoadOp::Lb => Instruction::new(LoadSubword::LB, operands),
                LoadOp::Lbu => Instruction::new(LoadSubword::LBU, operands),
                LoadOp::Lh => Instruction::new(LoadSubword::LH, operands),
                LoadOp::Lhu => Instruction::new(LoadSubword::LHU, operands),
            }
        }
        I::Store { op, rs1, rs2, imm } => match op {
            StoreOp::Sw => store(StoreWord::SW, rs2, rs1, imm),
            StoreOp::Sb => store(StoreSubword::SB, rs2, rs1, imm),
            StoreOp::Sh => store(StoreSubword::SH, rs2, rs1, imm),
        },
        I::OpImm { op, rd, rs1, imm } => op_imm(op, destination(rd), register(rs1), imm as u32),
        I::ShiftImm { op, rd, rs1, amount } => shift_imm(op, destination(rd), register(rs1), amount),
        I::Op { op, rd, rs1, rs2 } => op_register(op, [destination(rd), register(rs1), register(rs2)]),
        // One hart and no device: every order of memory accesses is already observed.
        I::Fence => op_imm(ImmOp::Addi, SINK, register(0), 0),
        I::Ecall => constant(Constant::JAL, 0, next, ECALL_PC),
        I::Ebreak => return None,
        I::Unimp => Instruction::new(SystemOpcode::TERMINATE, [UNIMP_EXIT_CODE]),
        I::Host(op) => host(op),
    })
}

/// The sequence behind `ecall`: `exit` when `a7` says so, a trap otherwise. It has no state of its own and never
/// returns, so it may be entered from any number of `ecall`s.
pub fn ecall_region() -> Region {
    const A0: u8 = 10;
    const A7: u8 = 17;
    const PROLOGUE: u32 = 5;
    let table = ECALL_PC + PROLOGUE * PC_STEP;
    let mut instructions = vec![
        op_imm(ImmOp::Addi, SCRATCH, register(0), EXIT_SYSCALL),
        Instruction::new(BranchEqual::BNE, [register(A7), SCRATCH, ECALL_TRAP_PC]),
        op_imm(ImmOp::Andi, SCRATCH, register(A0), 0xff),
        shift_imm(ShiftOp::Sll, SCRATCH, SCRATCH, 2),
        jalr(SINK, SCRATCH, table, table),
    ];
    instructions.extend((0..=0xff).map(|code| Instruction::new(SystemOpcode::TERMINATE, [code])));
    Region { base: ECALL_PC, instructions: instructions.into_iter().map(Some).collect() }
}

fn constant(opcode: Constant, rd: u8, value: u32, to_pc: u32) -> Instruction {
    let [low, high] = limbs(value);
    Instruction::new(opcode, [destination(rd), low, high, to_pc])
}

fn jalr(rd: u32, rs1: u32, imm: u32, link: u32) -> Instruction {
    let ([imm_low, imm_high], [link_low, link_high]) = (limbs(imm), limbs(link));
    Instruction::new(Jalr::JALR, [rd, rs1, imm_low, imm_high, link_low, link_high])
}

fn store(opcode: impl LocalOpcode, data: u8, base: u8, imm: i32) -> Instruction {
    let [low, high] = limbs(imm as u32);
    Instruction::new(opcode, [register(data), register(base), low, high])
}

fn op_imm(op: ImmOp, rd: u32, rs1: u32, imm: u32) -> Instruction {
    let [low, high] = limbs(imm);
    // The high bytes of a sign-extended 12-bit immediate are equal.
    let bytes = [rd, rs1, low & 0xff, low >> 8, high & 0xff];
    match op {
        ImmOp::Addi => Instruction::new(AddImm::ADDI, [rd, rs1, low, high]),
        ImmOp::Slti => Instruction::new(LessThanImm::SLTI, [rd, rs1, low, high ^ 0x8000]),
        ImmOp::Sltiu => Instruction::new(LessThanImm::SLTIU, [rd, rs1, low, high]),
        ImmOp::Xori => Instruction::new(BitwiseImm::XORI, bytes),
        ImmOp::Ori => Instruction::new(BitwiseImm::ORI, bytes),
        ImmOp::Andi => Instruction::new(BitwiseImm::ANDI, bytes),
    }
}

fn shift_imm(op: ShiftOp, rd: u32, rs1: u32, amount: u8) -> Instruction {
    let (q, r) = (u32::from(amount) / 16, u32::from(amount) % 16);
    let k = if op == ShiftOp::Sll { 16 - r } else { r };
    let operands = [rd, rs1, k, 1 << k, 1 << (16 - k), q];
    match op {
        ShiftOp::Sll => Instruction::new(ShiftImm::SLLI, operands),
        ShiftOp::Srl => Instruction::new(ShiftImm::SRLI, operands),
        ShiftOp::Sra => Instruction::new(ShiftRightArithImm::SRAI, operands),
    }
}

fn op_register(op: RegOp, [rd, rs1, rs2]: [u32; 3]) -> Instruction {
    // `rd = rs1` has cheaper circuits than `rd = rs2`.
    let commutes = matches!(op, RegOp::Add | RegOp::Xor | RegOp::Or | RegOp::And);
    let operands = if commutes && rd == rs2 { [rd, rs2, rs1] } else { [rd, rs1, rs2] };
    match op {
        RegOp::Add => Instruction::new(AddSub::ADD, operands),
        RegOp::Sub => Instruction::new(AddSub::SUB, operands),
        RegOp::Xor => Instruction::new(Bitwise::XOR, operands),
        RegOp::Or => Instruction::new(Bitwise::OR, operands),
        RegOp::And => Instruction::new(Bitwise::AND, operands),
        RegOp::Sll => Instruction::new(Shift::SLL, operands),
        RegOp::Srl => Instruction::new(Shift::SRL, operands),
        RegOp::Sra => Instruction::new(Shift::SRA, operands),
        RegOp::Slt => Instruction::new(LessThan::SLT, operands),
        RegOp::Sltu => Instruction::new(LessThan::SLTU, operands),
        RegOp::Mul => Instruction::new(Mul::MUL, operands),
        RegOp::Mulh => Instruction::new(MulH::MULH, operands),
        RegOp::Mulhsu => Instruction::new(MulH::MULHSU, operands),
        RegOp::Mulhu => Instruction::new(MulH::MULHU, operands),
        RegOp::Div => Instruction::new(DivRem::DIV, operands),
        RegOp::Divu => Instruction::new(DivRem::DIVU, operands),
        RegOp::Rem => Instruction::new(DivRem::REM, operands),
        RegOp::Remu => Instruction::new(DivRem::REMU, operands),
    }
}

fn host(op: HostOp) -> Instruction {
    let phantom = |discriminant: u16, rd: u8, rs1: u8| {
        Instruction::new(SystemOpcode::PHANTOM, [register(rd), register(rs1), u32::from(discriminant)])
    };
    match op {
        HostOp::Terminate { code } => Instruction::new(SystemOpcode::TERMINATE, [code]),
        HostOp::HintStoreW { rd } => Instruction::new(HintStoreOpcode::HINT_STOREW, [0, register(rd)]),
        HostOp::HintBuffer { rd, rs1 } => {
            Instruction::new(HintStoreOpcode::HINT_BUFFER, [0, register(rd), register(rs1)])
        }
        HostOp::Reveal { rd, rs1, imm } => store(StoreWord::REVEAL, rs1, rd, imm),
        HostOp::HintInput => phantom(phantom::HINT_INPUT, 0, 0),
        HostOp::PrintStr { rd, rs1 } => phantom(phantom::PRINT_STR, rd, rs1),
        HostOp::HintRandom { rd } => phantom(phantom::HINT_RANDOM, rd, 0),
    }
}

#[cfg(test)]
mod tests;
