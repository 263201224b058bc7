//! The decoder against an independent one, and the host interface against its table.

use std::str::FromStr;

use proptest::prelude::*;
use riscv_isa::{Instruction as Oracle, Target};

use super::*;

/// What the independent decoder makes of a word, in our terms. `None`: not an RV32IM instruction.
fn oracle(word: u32, target: &Target) -> Option<DecodedInstruction> {
    use Oracle::*;
    let n = |x: u32| x as u8;
    let branch = |op, rs1, rs2, offset| I::Branch { op, rs1: n(rs1), rs2: n(rs2), offset };
    let load = |op, rd, rs1, imm| I::Load { op, rd: n(rd), rs1: n(rs1), imm };
    let store = |op, rs1, rs2, imm| I::Store { op, rs1: n(rs1), rs2: n(rs2), imm };
    let imm_op = |op, rd, rs1, imm| I::OpImm { op, rd: n(rd), rs1: n(rs1), imm };
    let shift = |op, rd, rs1, shamt| I::ShiftImm { op, rd: n(rd), rs1: n(rs1), amount: n(shamt) };
    let reg = |op, rd, rs1, rs2| I::Op { op, rd: n(rd), rs1: n(rs1), rs2: n(rs2) };
    Some(match riscv_isa::decode_full(word, target) {
        // The oracle gives the 20 bits shifted down.
        LUI { rd, imm } => I::Lui { rd: n(rd), value: imm << 12 },
        AUIPC { rd, imm } => I::Auipc { rd: n(rd), value: imm << 12 },
        JAL { rd, offset } => I::Jal { rd: n(rd), offset },
        JALR { rd, rs1, offset } => I::Jalr { rd: n(rd), rs1: n(rs1), imm: offset },
        BEQ { rs1, rs2, offset } => branch(BranchOp::Beq, rs1, rs2, offset),
        BNE { rs1, rs2, offset } => branch(BranchOp::Bne, rs1, rs2, offset),
        BLT { rs1, rs2, offset } => branch(BranchOp::Blt, rs1, rs2, offset),
        BGE { rs1, rs2, offset } => branch(BranchOp::Bge, rs1, rs2, offset),
        BLTU { rs1, rs2, offset } => branch(BranchOp::Bltu, rs1, rs2, offset),
        BGEU { rs1, rs2, offset } => branch(BranchOp::Bgeu, rs1, rs2, offset),
        LB { rd, rs1, offset } => load(LoadOp::Lb, rd, rs1, offset),
        LH { rd, rs1, offset } => load(LoadOp::Lh, rd, rs1, offset),
        LW { rd, rs1, offset } => load(LoadOp::Lw, rd, rs1, offset),
        LBU { rd, rs1, offset } => load(LoadOp::Lbu, rd, rs1, offset),
        LHU { rd, rs1, offset } => load(LoadOp::Lhu, rd, rs1, offset),
        SB { rs1, rs2, offset } => store(StoreOp::Sb, rs1, rs2, offset),
        SH { rs1, rs2, offset } => store(StoreOp::Sh, rs1, rs2, offset),
        SW { rs1, rs2, offset } => store(StoreOp::Sw, rs1, rs2, offset),
        ADDI { rd, rs1, imm } => imm_op(ImmOp::Addi, rd, rs1, imm),
        SLTI { rd, rs1, imm } => imm_op(ImmOp::Slti, rd, rs1, imm),
        SLTIU { rd, rs1, imm } => imm_op(ImmOp::Sltiu, rd, rs1, imm),
        XORI { rd, rs1, imm } => imm_op(ImmOp::Xori, rd, rs1, imm),
        ORI { rd, rs1, imm } => imm_op(ImmOp::Ori, rd, rs1, imm),
        ANDI { rd, rs1, imm } => imm_op(ImmOp::Andi, rd, rs1, imm),
        SLLI { rd, rs1, shamt } => shift(ShiftOp::Sll, rd, rs1, shamt),
        SRLI { rd, rs1, shamt } => shift(ShiftOp::Srl, rd, rs1, shamt),
        SRAI { rd, rs1, shamt } => shift(ShiftOp::Sra, rd, rs1, shamt),
        ADD { rd, rs1, rs2 } => reg(RegOp::Add, rd, rs1, rs2),
        SUB { rd, rs1, rs2 } => reg(RegOp::Sub, rd, rs1, rs2),
        SLL { rd, rs1, rs2 } => reg(RegOp::Sll, rd, rs1, rs2),
        SLT { rd, rs1, rs2 } => reg(RegOp::Slt, rd, rs1, rs2),
        SLTU { rd, rs1, rs2 } => reg(RegOp::Sltu, rd, rs1, rs2),
        XOR { rd, rs1, rs2 } => reg(RegOp::Xor, rd, rs1, rs2),
        SRL { rd, rs1, rs2 } => reg(RegOp::Srl, rd, rs1, rs2),
        SRA { rd, rs1, rs2 } => reg(RegOp::Sra, rd, rs1, rs2),
        OR { rd, rs1, rs2 } => reg(RegOp::Or, rd, rs1, rs2),
        AND { rd, rs1, rs2 } => reg(RegOp::And, rd, rs1, rs2),
        MUL { rd, rs1, rs2 } => reg(RegOp::Mul, rd, rs1, rs2),
        MULH { rd, rs1, rs2 } => reg(RegOp::Mulh, rd, rs1, rs2),
        MULHSU { rd, rs1, rs2 } => reg(RegOp::Mulhsu, rd, rs1, rs2),
        MULHU { rd, rs1, rs2 } => reg(RegOp::Mulhu, rd, rs1, rs2),
        DIV { rd, rs1, rs2 } => reg(RegOp::Div, rd, rs1, rs2),
        DIVU { rd, rs1, rs2 } => reg(RegOp::Divu, rd, rs1, rs2),
        REM { rd, rs1, rs2 } => reg(RegOp::Rem, rd, rs1, rs2),
        REMU { rd, rs1, rs2 } => reg(RegOp::Remu, rd, rs1, rs2),
        FENCE { .. } => I::Fence,
        ECALL => I::Ecall,
        EBREAK => I::Ebreak,
        _ => return None,
    })
}

fn target() -> Target {
    Target::from_str("RV32IM").expect("a known target")
}

fn assert_same(word: u32, target: &Target) -> Result<(), TestCaseError> {
    let decoded = decode(word);
    match word & 0x7f {
        // Custom-0 is ours; the oracle knows nothing there.
        0x0b => return Ok(()),
        // Reserved fence modes (bits 28 to 31) are to be executed as ordinary fences; the oracle refuses them.
        0x0f => {
            prop_assert_eq!(decoded, (word & 0x7000 == 0).then_some(I::Fence), "{:#010x}", word);
            return Ok(());
        }
        0x73 if word == UNIMP => {
            prop_assert_eq!(decoded, Some(I::Unimp));
            return Ok(());
        }
        _ => {}
    }
    prop_assert_eq!(decoded, oracle(word, target), "{:#010x}", word);
    Ok(())
}

#[test]
fn every_opcode_funct3_funct7_agrees_with_an_independent_decoder() {
    let target = target();
    let registers = [(0, 0, 0), (0, 0, 1), (31, 31, 31), (1, 2, 3), (10, 21, 16)];
    for opcode in 0..128u32 {
        for funct3 in 0..8 {
            for funct7 in 0..128 {
                for (rd, rs1, rs2) in registers {
                    let word = opcode | rd << 7 | funct3 << 12 | rs1 << 15 | rs2 << 20 | funct7 << 25;
                    assert_same(word, &target).unwrap();
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn random_words_agree_with_an_independent_decoder(word in any::<u32>(), opcode in prop::sample::select(vec![
        0x03u32, 0x0f, 0x13, 0x17, 0x23, 0x33, 0x37, 0x63, 0x67, 0x6f, 0x73,
    ])) {
        let target = target();
        assert_same(word, &target)?;
        assert_same(word & !0x7f | opcode, &target)?;
    }
}

#[test]
fn illegal_encodings_are_refused() {
    for (word, what) in [
        (0x0000_0000, "all zero"),
        (0xffff_ffff, "all one"),
        (0x0000_1067, "jalr with funct3 = 1"),
        (0x0200_1013, "slli with funct7 = 1"),
        (0x4000_1013, "slli with funct7 = 0x20"),
        (0x0200_5013, "srli with funct7 = 1"),
        (0x0000_2063, "branch with funct3 = 2"),
        (0x0000_3003, "ld"),
        (0x0000_6003, "lwu"),
        (0x0000_3023, "sd"),
        (0x4000_1033, "sll with funct7 = 0x20"),
        (0x0400_0033, "op with funct7 = 2"),
        (0x0000_100f, "fence.i"),
        (0x0000_00f3, "ecall with rd = 1"),
        (0x3020_0073, "mret"),
        (0x1050_0073, "wfi"),
        (0xc000_2073, "csrrs of cycle"),
        (0x0000_4501, "a compressed instruction"),
    ] {
        assert_eq!(decode(word), None, "{what}");
    }
}

/// A word of the I format under custom-0.
fn host_word(funct3: u32, rd: u32, rs1: u32, imm: i32) -> u32 {
    0x0b | rd << 7 | funct3 << 12 | rs1 << 15 | (imm as u32) << 20
}

#[test]
fn host_instructions_decode_by_their_table() {
    for (word, expected) in [
        (host_word(0, 0, 0, 0), Some(HostOp::Terminate { code: 0 })),
        (host_word(0, 0, 0, 255), Some(HostOp::Terminate { code: 255 })),
        (host_word(0, 0, 0, -1), None),
        (host_word(1, 11, 0, 0), Some(HostOp::HintStoreW { rd: 11 })),
        (host_word(1, 11, 12, 1), Some(HostOp::HintBuffer { rd: 11, rs1: 12 })),
        (host_word(1, 11, 12, 2), None),
        (host_word(2, 5, 6, -4), Some(HostOp::Reveal { rd: 5, rs1: 6, imm: -4 })),
        (host_word(3, 0, 0, 0), Some(HostOp::HintInput)),
        (host_word(3, 7, 8, 1), Some(HostOp::PrintStr { rd: 7, rs1: 8 })),
        (host_word(3, 9, 0, 2), Some(HostOp::HintRandom { rd: 9 })),
        (host_word(3, 0, 0, 3), None),
        // keccak256, sha256, 256-bit operations: not part of this extension
        (host_word(4, 1, 2, 0), None),
        (host_word(5, 1, 2, 0), None),
        (host_word(6, 1, 2, 0), None),
        (host_word(7, 1, 2, 0), None),
    ] {
        assert_eq!(decode(word), expected.map(I::Host), "{word:#010x}");
    }
}

#[test]
fn text_is_readable() {
    for (word, text) in [
        (0x0020_8463, "beq x1, x2, 8"),
        (0xff41_2783, "lw x15, -12(x2)"),
        (0x00f1_2a23, "sw x15, 20(x2)"),
        (0x4020_5093, "srai x1, x0, 2"),
        (0x0000_10b7, "lui x1, 0x1"),
        (host_word(2, 5, 6, -4), "reveal x6, -4(x5)"),
    ] {
        assert_eq!(decode(word).map(|i| i.to_string()).as_deref(), Some(text));
    }
}
