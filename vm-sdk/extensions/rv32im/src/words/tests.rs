//! All words against an independent decoder, and the operand conventions on concrete words.

use std::str::FromStr;
use std::sync::LazyLock;

use proptest::prelude::*;
use riscv_isa::{Instruction as Oracle, Target};
use vm_core::arch::{SystemPort, VmExtension, VmInventory, VmInventoryBuilder};
use vm_core::instructions::{PC_LIMIT, Program};

use super::*;
use crate::fields::Fields;
use crate::{Rv32im, Rv32imExecutor, Rv32imPeriphery};

const PC: u32 = 0x0020_0800;
const EBREAK: u32 = 0x0010_0073;
const UNIMP: u32 = 0xc000_1073;
/// Major opcodes of RV32IM and of the host interface.
const OPCODES: [u32; 12] = [0x03, 0x0b, 0x0f, 0x13, 0x17, 0x23, 0x33, 0x37, 0x63, 0x67, 0x6f, 0x73];

fn inventory() -> VmInventory<Rv32imExecutor, Rv32imPeriphery> {
    Rv32im.build(&VmInventoryBuilder::new(SystemPort::default(), Vec::new())).unwrap()
}

static DECODERS: LazyLock<Vec<WordDecoder>> = LazyLock::new(|| inventory().decoders().to_vec());
static TARGET: LazyLock<Target> = LazyLock::new(|| Target::from_str("RV32IM").expect("a known target"));

/// Name and instruction of a word.
fn decode_named(word: u32, pc: u32) -> Option<(&'static str, Instruction)> {
    DECODERS.iter().find_map(|decoder| Some((decoder.name, decoder.decode(word, pc)?)))
}

fn decode(word: u32, pc: u32) -> Option<Instruction> {
    decode_named(word, pc).map(|(_, instruction)| instruction)
}

fn at(word: u32, pc: u32) -> Instruction {
    decode(word, pc).expect("an instruction")
}

fn text(word: u32) -> Option<String> {
    let decoder = DECODERS.iter().find(|decoder| decoder.encoding.matches(word))?;
    Some(Fields(word).assembly(decoder.name))
}

/// The instruction of a word of RV32IM according to the independent decoder, `None` for all other words.
fn oracle(word: u32, pc: u32) -> Option<Instruction> {
    use Oracle::*;
    let x = |number: u32| 4 * number;
    // Register 32 takes what is written to x0.
    let to = |rd: u32| x(if rd == 0 { 32 } else { rd });
    let halves = |value: u32| [value & 0xffff, value >> 16];
    let next = pc.wrapping_add(4);
    let jump = |offset: i32| pc.wrapping_add_signed(offset).min(PC_LIMIT);
    let reg = |opcode: VmOpcode, rd, rs1, rs2| Instruction::from_parts(opcode, [to(rd), x(rs1), x(rs2), 0, 0, 0, 0]);
    // A source that is also the destination comes first.
    let commutative = |opcode, rd, rs1, rs2| {
        if rd != 0 && rd == rs2 { reg(opcode, rd, rs2, rs1) } else { reg(opcode, rd, rs1, rs2) }
    };
    let imm = |opcode: VmOpcode, rd, rs1, imm: i32, flipped: u32| {
        let [low, high] = halves(imm as u32);
        Instruction::from_parts(opcode, [to(rd), x(rs1), low, high ^ flipped, 0, 0, 0])
    };
    let bytes = |opcode: VmOpcode, rd, rs1, imm: i32| {
        let [b0, b1, b2, b3] = imm.to_le_bytes().map(u32::from);
        assert_eq!(b2, b3);
        Instruction::from_parts(opcode, [to(rd), x(rs1), b0, b1, b2, 0, 0])
    };
    let shift = |opcode: VmOpcode, rd, rs1, shamt: u32, cut: u32| {
        Instruction::from_parts(opcode, [to(rd), x(rs1), cut, 1 << cut, 1 << (16 - cut), shamt / 16, 0])
    };
    let constant = |opcode: Constant, rd, value: u32, to_pc| {
        let [low, high] = halves(value);
        Instruction::new(opcode, [to(rd), low, high, to_pc])
    };
    let branch = |opcode: VmOpcode, rs1, rs2, offset| {
        Instruction::from_parts(opcode, [x(rs1), x(rs2), jump(offset), 0, 0, 0, 0])
    };
    let store = |opcode: VmOpcode, rs1, rs2, offset: i32| {
        let [low, high] = halves(offset as u32);
        Instruction::from_parts(opcode, [x(rs2), x(rs1), low, high, 0, 0, 0])
    };
    Some(match riscv_isa::decode_full(word, &TARGET) {
        // The oracle gives the 20 bits shifted down.
        LUI { rd, imm } => constant(Constant::LUI, rd, imm << 12, next),
        AUIPC { rd, imm } => constant(Constant::AUIPC, rd, pc.wrapping_add(imm << 12), next),
        JAL { rd, offset } => constant(Constant::JAL, rd, next, jump(offset)),
        JALR { rd, rs1, offset } => {
            let ([low, high], [link_low, link_high]) = (halves(offset as u32), halves(next));
            Instruction::new(Jalr::JALR, [to(rd), x(rs1), low, high, link_low, link_high])
        }
        BEQ { rs1, rs2, offset } => branch(BranchEqual::BEQ.global_opcode(), rs1, rs2, offset),
        BNE { rs1, rs2, offset } => branch(BranchEqual::BNE.global_opcode(), rs1, rs2, offset),
        BLT { rs1, rs2, offset } => branch(BranchLessThan::BLT.global_opcode(), rs1, rs2, offset),
        BGE { rs1, rs2, offset } => branch(BranchLessThan::BGE.global_opcode(), rs1, rs2, offset),
        BLTU { rs1, rs2, offset } => branch(BranchLessThan::BLTU.global_opcode(), rs1, rs2, offset),
        BGEU { rs1, rs2, offset } => branch(BranchLessThan::BGEU.global_opcode(), rs1, rs2, offset),
        LB { rd, rs1, offset } => imm(LoadSubword::LB.global_opcode(), rd, rs1, offset, 0),
        LH { rd, rs1, offset } => imm(LoadSubword::LH.global_opcode(), rd, rs1, offset, 0),
        LW { rd, rs1, offset } => imm(LoadWord::LW.global_opcode(), rd, rs1, offset, 0),
        LBU { rd, rs1, offset } => imm(LoadSubword::LBU.global_opcode(), rd, rs1, offset, 0),
        LHU { rd, rs1, offset } => imm(LoadSubword::LHU.global_opcode(), rd, rs1, offset, 0),
        SB { rs1, rs2, offset } => store(StoreSubword::SB.global_opcode(), rs1, rs2, offset),
        SH { rs1, rs2, offset } => store(StoreSubword::SH.global_opcode(), rs1, rs2, offset),
        SW { rs1, rs2, offset } => store(StoreWord::SW.global_opcode(), rs1, rs2, offset),
        ADDI { rd, rs1, imm: value } => imm(AddImm::ADDI.global_opcode(), rd, rs1, value, 0),
        SLTI { rd, rs1, imm: value } => imm(LessThanImm::SLTI.global_opcode(), rd, rs1, value, 0x8000),
        SLTIU { rd, rs1, imm: value } => imm(LessThanImm::SLTIU.global_opcode(), rd, rs1, value, 0),
        XORI { rd, rs1, imm } => bytes(BitwiseImm::XORI.global_opcode(), rd, rs1, imm),
        ORI { rd, rs1, imm } => bytes(BitwiseImm::ORI.global_opcode(), rd, rs1, imm),
        ANDI { rd, rs1, imm } => bytes(BitwiseImm::ANDI.global_opcode(), rd, rs1, imm),
        SLLI { rd, rs1, shamt } => shift(ShiftImm::SLLI.global_opcode(), rd, rs1, shamt, 16 - shamt % 16),
        SRLI { rd, rs1, shamt } => shift(ShiftImm::SRLI.global_opcode(), rd, rs1, shamt, shamt % 16),
        SRAI { rd, rs1, shamt } => shift(ShiftRightArithImm::SRAI.global_opcode(), rd, rs1, shamt, shamt % 16),
        ADD { rd, rs1, rs2 } => commutative(AddSub::ADD.global_opcode(), rd, rs1, rs2),
        SUB { rd, rs1, rs2 } => reg(AddSub::SUB.global_opcode(), rd, rs1, rs2),
        SLL { rd, rs1, rs2 } => reg(Shift::SLL.global_opcode(), rd, rs1, rs2),
        SLT { rd, rs1, rs2 } => reg(LessThan::SLT.global_opcode(), rd, rs1, rs2),
        SLTU { rd, rs1, rs2 } => reg(LessThan::SLTU.global_opcode(), rd, rs1, rs2),
        XOR { rd, rs1, rs2 } => commutative(Bitwise::XOR.global_opcode(), rd, rs1, rs2),
        SRL { rd, rs1, rs2 } => reg(Shift::SRL.global_opcode(), rd, rs1, rs2),
        SRA { rd, rs1, rs2 } => reg(Shift::SRA.global_opcode(), rd, rs1, rs2),
        OR { rd, rs1, rs2 } => commutative(Bitwise::OR.global_opcode(), rd, rs1, rs2),
        AND { rd, rs1, rs2 } => commutative(Bitwise::AND.global_opcode(), rd, rs1, rs2),
        MUL { rd, rs1, rs2 } => reg(Mul::MUL.global_opcode(), rd, rs1, rs2),
        MULH { rd, rs1, rs2 } => reg(MulH::MULH.global_opcode(), rd, rs1, rs2),
        MULHSU { rd, rs1, rs2 } => reg(MulH::MULHSU.global_opcode(), rd, rs1, rs2),
        MULHU { rd, rs1, rs2 } => reg(MulH::MULHU.global_opcode(), rd, rs1, rs2),
        DIV { rd, rs1, rs2 } => reg(DivRem::DIV.global_opcode(), rd, rs1, rs2),
        DIVU { rd, rs1, rs2 } => reg(DivRem::DIVU.global_opcode(), rd, rs1, rs2),
        REM { rd, rs1, rs2 } => reg(DivRem::REM.global_opcode(), rd, rs1, rs2),
        REMU { rd, rs1, rs2 } => reg(DivRem::REMU.global_opcode(), rd, rs1, rs2),
        ECALL => constant(Constant::JAL, 0, next, ECALL_PC),
        _ => return None,
    })
}

/// The instruction of a word under custom-0, where the independent decoder knows nothing.
fn host_oracle(word: u32) -> Option<Instruction> {
    let (rd, rs1) = (4 * (word >> 7 & 31), 4 * (word >> 15 & 31));
    let imm = word as i32 >> 20;
    Some(match (word >> 12 & 7, imm) {
        (0, 0..) => Instruction::new(SystemOpcode::TERMINATE, [imm as u32]),
        (1, 0) => Instruction::new(HintStoreOpcode::HINT_STOREW, [0, rd]),
        (1, 1) => Instruction::new(HintStoreOpcode::HINT_BUFFER, [0, rd, rs1]),
        (2, _) => Instruction::new(StoreWord::REVEAL, [rs1, rd, imm as u32 & 0xffff, imm as u32 >> 16]),
        (3, 0) => Instruction::new(SystemOpcode::PHANTOM, [rd, rs1, 0x20]),
        (3, 1) => Instruction::new(SystemOpcode::PHANTOM, [rd, rs1, 0x21]),
        (3, 2) => Instruction::new(SystemOpcode::PHANTOM, [rd, rs1, 0x22]),
        (3, 0x40) => Instruction::new(SystemOpcode::PHANTOM, [rd, rs1, 0x24]),
        (3, 0x41) => Instruction::new(SystemOpcode::PHANTOM, [rd, rs1, 0x25]),
        _ => return None,
    })
}

fn assert_same(word: u32, pc: u32) -> Result<(), TestCaseError> {
    let expected = match word & 0x7f {
        0x0b => host_oracle(word),
        // Reserved fence modes (bits 28 to 31) are to be executed as ordinary fences; the oracle refuses them. It also
        // refuses `fence.i`, which is not in RV32IM.
        0x0f => (word & 0x6000 == 0).then(|| Instruction::new(AddImm::ADDI, [SINK, 0, 0, 0])),
        0x73 if word == UNIMP => Some(Instruction::new(SystemOpcode::TERMINATE, [2])),
        _ => oracle(word, pc),
    };
    prop_assert_eq!(decode(word, pc), expected, "{:#010x} at {:#x}", word, pc);
    let claims = DECODERS.iter().filter(|decoder| decoder.encoding.matches(word)).count();
    prop_assert_eq!(claims, usize::from(expected.is_some() || word == EBREAK), "{:#010x}", word);
    Ok(())
}

#[test]
fn every_opcode_funct3_funct7_agrees_with_an_independent_decoder() {
    let registers = [(0, 0, 0), (0, 0, 1), (31, 31, 31), (1, 2, 3), (10, 21, 16)];
    for opcode in 0..128u32 {
        for funct3 in 0..8 {
            for funct7 in 0..128 {
                for (rd, rs1, rs2) in registers {
                    let word = opcode | rd << 7 | funct3 << 12 | rs1 << 15 | rs2 << 20 | funct7 << 25;
                    assert_same(word, PC).unwrap();
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100_000, ..ProptestConfig::default() })]

    #[test]
    fn random_words_agree_with_an_independent_decoder(
        word in any::<u32>(),
        opcode in prop::sample::select(OPCODES.to_vec()),
        // Words with few bits in funct7 and the immediate are more often instructions.
        mask in prop::sample::select(vec![u32::MAX, 0x020f_ffff, 0x400f_ffff, 0x001f_ffff]),
        pc in 0..PC_LIMIT / 4,
    ) {
        assert_same(word, 4 * pc)?;
        assert_same((word & !0x7f | opcode) & mask, 4 * pc)?;
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
        (0x0000_00f3, "ecall with rd = 1"),
        (0x3020_0073, "mret"),
        (0x1050_0073, "wfi"),
        (0xc000_2073, "csrrs of cycle"),
        (0x0000_4501, "a compressed instruction"),
    ] {
        assert_eq!(decode(word, PC), None, "{what}");
        assert_eq!(text(word), None, "{what}");
    }
}

/// A word of the I format under custom-0.
fn host_word(funct3: u32, rd: u32, rs1: u32, imm: i32) -> u32 {
    0x0b | rd << 7 | funct3 << 12 | rs1 << 15 | (imm as u32) << 20
}

#[test]
fn host_instructions_decode_by_their_table() {
    let terminate = |code| Instruction::new(SystemOpcode::TERMINATE, [code]);
    let phantom = |operands: [u32; 3]| Instruction::new(SystemOpcode::PHANTOM, operands);
    for (word, expected) in [
        (host_word(0, 0, 0, 0), Some(("terminate", terminate(0)))),
        (host_word(0, 0, 0, 255), Some(("terminate", terminate(255)))),
        (host_word(0, 0, 0, -1), None),
        (host_word(1, 11, 0, 0), Some(("HINT_STOREW", Instruction::new(HintStoreOpcode::HINT_STOREW, [0, 44])))),
        (host_word(1, 11, 12, 1), Some(("HINT_BUFFER", Instruction::new(HintStoreOpcode::HINT_BUFFER, [0, 44, 48])))),
        (host_word(1, 11, 12, 2), None),
        (host_word(2, 5, 6, -4), Some(("REVEAL", Instruction::new(StoreWord::REVEAL, [24, 20, 0xfffc, 0xffff])))),
        (host_word(3, 0, 0, 0), Some(("hint_input", phantom([0, 0, 0x20])))),
        (host_word(3, 7, 8, 1), Some(("print_str", phantom([28, 32, 0x21])))),
        (host_word(3, 9, 0, 2), Some(("hint_random", phantom([36, 0, 0x22])))),
        (host_word(3, 0, 0, 3), None),
        (host_word(3, 7, 8, 0x40), Some(("span_begin", phantom([28, 32, 0x24])))),
        (host_word(3, 0, 0, 0x41), Some(("span_end", phantom([0, 0, 0x25])))),
        (host_word(3, 0, 0, 0x42), None),
        // Words of other extensions: hashes, 256-bit operations.
        (host_word(4, 1, 2, 0), None),
        (host_word(5, 1, 2, 0), None),
        (host_word(6, 1, 2, 0), None),
        (host_word(7, 1, 2, 0), None),
    ] {
        assert_eq!(decode_named(word, PC), expected, "{word:#010x}");
    }
}

#[test]
fn text_is_readable() {
    for (word, expected) in [
        (0x0020_8463, "beq x1, x2, 8"),
        (0xff41_2783, "lw x15, -12(x2)"),
        (0x00f1_2a23, "sw x15, 20(x2)"),
        (0x4020_5093, "srai x1, x0, 2"),
        (0x0000_10b7, "lui x1, 0x1"),
        (0xfff1_0093, "addi x1, x2, -1"),
        (0x0231_70b3, "remu x1, x2, x3"),
        (0xffdf_f06f, "jal x0, -4"),
        (0xffc0_8067, "jalr x0, -4(x1)"),
        (0x0ff0_000f, "fence"),
        (0x0000_100f, "fence.i"),
        (ECALL, "ecall"),
        (EBREAK, "ebreak"),
        (UNIMP, "unimp"),
        (host_word(0, 0, 0, 7), "terminate 7"),
        (host_word(1, 11, 12, 1), "hint_buffer x11, x12"),
        (host_word(2, 5, 6, -4), "reveal x6, -4(x5)"),
    ] {
        assert_eq!(text(word).as_deref(), Some(expected));
    }
}

#[test]
fn operands_follow_the_opcode_table() {
    for (word, expected) in [
        // add x3, x1, x2; the same into x0
        (0x0020_81b3, Instruction::new(AddSub::ADD, [12, 4, 8])),
        (0x0020_8033, Instruction::new(AddSub::ADD, [SINK, 4, 8])),
        // addi x1, x2, -1
        (0xfff1_0093, Instruction::new(AddImm::ADDI, [4, 8, 0xffff, 0xffff])),
        // slti and sltiu x1, x2, -1: only the signed one has the top bit flipped
        (0xfff1_2093, Instruction::new(LessThanImm::SLTI, [4, 8, 0xffff, 0x7fff])),
        (0xfff1_3093, Instruction::new(LessThanImm::SLTIU, [4, 8, 0xffff, 0xffff])),
        // andi x1, x2, 0x123 and -256
        (0x1231_7093, Instruction::new(BitwiseImm::ANDI, [4, 8, 0x23, 0x01, 0])),
        (0xf001_7093, Instruction::new(BitwiseImm::ANDI, [4, 8, 0x00, 0xff, 0xff])),
        // slli x1, x2, 0 / 5 / 16 / 31
        (0x0001_1093, Instruction::new(ShiftImm::SLLI, [4, 8, 16, 1 << 16, 1, 0])),
        (0x0051_1093, Instruction::new(ShiftImm::SLLI, [4, 8, 11, 1 << 11, 1 << 5, 0])),
        (0x0101_1093, Instruction::new(ShiftImm::SLLI, [4, 8, 16, 1 << 16, 1, 1])),
        (0x01f1_1093, Instruction::new(ShiftImm::SLLI, [4, 8, 1, 2, 1 << 15, 1])),
        // srli x1, x2, 0 / 5; srai x1, x2, 21
        (0x0001_5093, Instruction::new(ShiftImm::SRLI, [4, 8, 0, 1, 1 << 16, 0])),
        (0x0051_5093, Instruction::new(ShiftImm::SRLI, [4, 8, 5, 1 << 5, 1 << 11, 0])),
        (0x4151_5093, Instruction::new(ShiftRightArithImm::SRAI, [4, 8, 5, 1 << 5, 1 << 11, 1])),
        // lui x1, 0x12345; auipc x1, 0xfffff (which wraps)
        (0x1234_50b7, Instruction::new(Constant::LUI, [4, 0x5000, 0x1234, PC + 4])),
        (0xffff_f097, Instruction::new(Constant::AUIPC, [4, 0xf800, 0x001f, PC + 4])),
        // jal x1, 8; jal x0, -4
        (0x0080_00ef, Instruction::new(Constant::JAL, [4, 0x0804, 0x20, PC + 8])),
        (0xffdf_f06f, Instruction::new(Constant::JAL, [SINK, 0x0804, 0x20, PC - 4])),
        // jalr x0, -4(x1)
        (0xffc0_8067, Instruction::new(Jalr::JALR, [SINK, 4, 0xfffc, 0xffff, 0x0804, 0x20])),
        // beq x1, x2, 8; bge x0, x2, -4
        (0x0020_8463, Instruction::new(BranchEqual::BEQ, [4, 8, PC + 8])),
        (0xfe20_5ee3, Instruction::new(BranchLessThan::BGE, [0, 8, PC - 4])),
        // lw x15, -12(x2); lbu x0, 1(x0)
        (0xff41_2783, Instruction::new(LoadWord::LW, [60, 8, 0xfff4, 0xffff])),
        (0x0010_4003, Instruction::new(LoadSubword::LBU, [SINK, 0, 1, 0])),
        // sw x15, 20(x2); sb x0, 0(x1): x0 is read, so it is no sink
        (0x00f1_2a23, Instruction::new(StoreWord::SW, [60, 8, 20, 0])),
        (0x0000_8023, Instruction::new(StoreSubword::SB, [0, 4, 0, 0])),
        // mulhsu, remu x1, x2, x3
        (0x0231_20b3, Instruction::new(MulH::MULHSU, [4, 8, 12])),
        (0x0231_70b3, Instruction::new(DivRem::REMU, [4, 8, 12])),
        // fence, fence.i, unimp
        (0x0ff0_000f, Instruction::new(AddImm::ADDI, [SINK, 0, 0, 0])),
        (0x0000_100f, Instruction::new(AddImm::ADDI, [SINK, 0, 0, 0])),
        (0xc000_1073, Instruction::new(SystemOpcode::TERMINATE, [2])),
        // terminate 7; hintstorew (x11); hintbuffer (x11), x12
        (0x0070_000b, Instruction::new(SystemOpcode::TERMINATE, [7])),
        (0x0000_158b, Instruction::new(HintStoreOpcode::HINT_STOREW, [0, 44])),
        (0x0016_158b, Instruction::new(HintStoreOpcode::HINT_BUFFER, [0, 44, 48])),
        // reveal x6, 4(x0): `rd` is the index, and x0 is zero, not the sink
        (0x0043_200b, Instruction::new(StoreWord::REVEAL, [24, 0, 4, 0])),
        // hintinput; printstr (x7), x8; hintrandom x9
        (0x0000_300b, Instruction::new(SystemOpcode::PHANTOM, [0, 0, 0x20])),
        (0x0014_338b, Instruction::new(SystemOpcode::PHANTOM, [28, 32, 0x21])),
        (0x0020_348b, Instruction::new(SystemOpcode::PHANTOM, [36, 0, 0x22])),
    ] {
        assert_eq!(at(word, PC), expected, "{:?}", text(word));
    }
}

#[test]
fn jumps_out_of_range_trap_and_misaligned_targets_are_kept() {
    // jal x0, -8 at pc 4 leaves the range below zero; beq x0, x0, 4094 near the top leaves it above.
    assert_eq!(at(0xff9f_f06f, 4).d, PC_LIMIT);
    assert_eq!(at(0x7e00_0fe3, PC_LIMIT - 4).c, PC_LIMIT);
    // jal x0, 6
    assert_eq!(at(0x0060_006f, PC).d, PC + 6);
}

#[test]
fn ebreak_is_no_instruction() {
    assert_eq!(decode(EBREAK, PC), None);
    assert_eq!(text(EBREAK).as_deref(), Some("ebreak"));
}

#[test]
fn ecall_jumps_to_a_sequence_that_terminates_with_the_status() {
    let ecall = at(ECALL, PC);
    assert_eq!(ecall, Instruction::new(Constant::JAL, [SINK, 0x0804, 0x20, ECALL_PC]));

    let region = ecall_region();
    let program = Program::new(vec![region]).expect("a valid program");
    let branch = program.get(ECALL_PC + 4).unwrap();
    assert_eq!((branch.opcode, branch.a, branch.b), (BranchEqual::BNE.global_opcode(), 68, SCRATCH));
    let unknown = Instruction::new(SystemOpcode::PHANTOM, [68, SINK, UNKNOWN_SYSCALL.into()]);
    assert_eq!(program.get(branch.c), Some(&unknown));
    assert_eq!(program.get(branch.c + 4), None, "nothing is executed after an unknown system call");
    let jump = program.get(ECALL_PC + 16).unwrap();
    let table = jump.c | jump.d << 16;
    for code in 0..=255 {
        assert_eq!(program.get(table + 4 * code), Some(&Instruction::new(SystemOpcode::TERMINATE, [code])));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, ..ProptestConfig::default() })]

    /// What the circuits rely on, for all words: canonical operands, registers in range, a destination that is not x0.
    #[test]
    fn operands_are_in_range(
        word in any::<u32>(),
        opcode in prop::sample::select(OPCODES.to_vec()),
        pc in 0..PC_LIMIT / 4,
    ) {
        let Some(instruction) = decode(word & !0x7f | opcode, pc * 4) else { return Ok(()) };
        prop_assert!(Program::from_instructions(pc * 4, &[instruction]).is_ok());
        match opcode {
            0x03 | 0x0f | 0x13 | 0x17 | 0x33 | 0x37 | 0x67 | 0x6f => {
                prop_assert!((4..=SINK).contains(&instruction.a) && instruction.a % 4 == 0);
            }
            0x23 | 0x63 => prop_assert!(instruction.a < SINK && instruction.a % 4 == 0),
            _ => {}
        }
        if opcode == 0x63 {
            prop_assert!(instruction.c <= PC_LIMIT);
        }
    }
}

/// Shifts by operands that no word encodes would mean something else to the circuit than to the host.
#[test]
fn shifts_by_operands_that_no_word_encodes_are_not_served() {
    let inventory = inventory();
    let served = |opcode, bits: u32| {
        let operands = [4, 8, bits, 1 << bits, 1 << (16 - bits), 1];
        inventory.executor_for(&Instruction::new(opcode, operands)).is_some()
    };
    assert!(!served(ShiftImm::SLLI, 0) && served(ShiftImm::SLLI, 16));
    assert!(served(ShiftImm::SRLI, 0) && !served(ShiftImm::SRLI, 16));
}

/// Circuits rely on operands without checking them, so only what they can rely on gets into the program table.
#[test]
fn only_well_formed_operands_are_served() {
    use p3_air::BaseAir;
    use vm_core::arch::LoadedProgram;
    use vm_core::system::program::ProgramAir;

    let inventory = inventory();
    let limb = 1 << 16;
    for (honest, malformed) in [
        (Instruction::new(AddSub::ADD, [12, 4, 8]), [0, 2].map(|i| (i, 4 * 64)).to_vec()),
        (Instruction::new(AddSub::SUB, [12, 12, 8]), vec![(2, 6)]),
        (Instruction::new(AddImm::ADDI, [4, 8, 1, 0]), vec![(1, 2), (2, limb), (3, limb)]),
        (Instruction::new(AddImm::ADDI, [4, 4, 1, 0]), vec![(2, limb), (3, limb)]),
        (Instruction::new(BitwiseImm::ANDI, [4, 8, 1, 2, 0]), vec![(2, 256), (3, 256), (4, 256)]),
        (Instruction::new(LessThanImm::SLTI, [4, 8, 1, 0]), vec![(2, limb), (3, limb)]),
        (Instruction::new(ShiftImm::SLLI, [4, 8, 11, 1 << 11, 1 << 5, 0]), vec![(2, 10), (3, 1 << 12), (4, 1), (5, 2)]),
        (Instruction::new(ShiftRightArithImm::SRAI, [4, 8, 15, 1 << 15, 2, 1]), vec![(2, 16), (3, 1), (4, 1), (5, 3)]),
        (Instruction::new(BranchEqual::BEQ, [4, 8, 0x1000]), vec![(0, 3), (2, PC_LIMIT + 4)]),
        (Instruction::new(Constant::LUI, [4, 1, 2, 0x1000]), vec![(1, limb), (2, limb), (3, PC_LIMIT + 4)]),
        (Instruction::new(Jalr::JALR, [4, 8, 1, 2, 3, 4]), (2..6).map(|i| (i, limb)).collect()),
        (Instruction::new(LoadWord::LW, [4, 8, 1, 2]), vec![(1, 256), (2, limb), (3, limb)]),
        (Instruction::new(StoreSubword::SB, [4, 8, 1, 2]), vec![(0, 5), (2, limb), (3, limb)]),
    ] {
        assert!(inventory.executor_for(&honest).is_some(), "{honest:?}");
        for (operand, value) in malformed {
            let mut operands = honest.operands();
            operands[operand] = value;
            let instruction = Instruction::from_parts(honest.opcode, operands);
            assert_eq!(inventory.executor_for(&instruction), None, "operand {operand} of {instruction:?}");
            let program = Program::from_instructions(PC, &[instruction]).unwrap();
            let table = ProgramAir::new(&LoadedProgram::new(&program, |i| inventory.executor_for(i)));
            let rows = table.preprocessed_trace().unwrap();
            assert!(rows.values.iter().all(|x| *x == vm_core::stark::F::default()), "in the table: {instruction:?}");
        }
    }
}
