//! Operand conventions, on concrete words and over all words.

use proptest::prelude::*;
use vm_core::instructions::{PC_LIMIT, Program};

use super::*;

const PC: u32 = 0x0020_0800;

fn at(word: u32, pc: u32) -> Instruction {
    Rv32imTranspiler.transpile(word, pc).expect("an instruction")
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
        // fence, unimp
        (0x0ff0_000f, Instruction::new(AddImm::ADDI, [SINK, 0, 0, 0])),
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
        assert_eq!(at(word, PC), expected, "{:?}", Rv32imTranspiler.disassemble(word));
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
    assert_eq!(Rv32imTranspiler.transpile(0x0010_0073, PC), None);
}

#[test]
fn ecall_jumps_to_a_sequence_that_terminates_with_the_status() {
    assert!(is_ecall(0x73) && !is_ecall(0x0010_0073));
    let ecall = at(0x73, PC);
    assert_eq!(ecall, Instruction::new(Constant::JAL, [SINK, 0x0804, 0x20, ECALL_PC]));

    let region = ecall_region();
    let program = Program::new(vec![region]).expect("a valid program");
    assert_eq!(program.get(ECALL_TRAP_PC), None);
    let branch = program.get(ECALL_PC + 4).unwrap();
    assert_eq!(*branch, Instruction::new(BranchEqual::BNE, [68, SCRATCH, ECALL_TRAP_PC]));
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
        opcode in prop::sample::select(vec![
            0x03u32, 0x0b, 0x0f, 0x13, 0x17, 0x23, 0x33, 0x37, 0x63, 0x67, 0x6f, 0x73,
        ]),
        pc in 0..PC_LIMIT / 4,
    ) {
        let Some(instruction) = Rv32imTranspiler.transpile(word & !0x7f | opcode, pc * 4) else { return Ok(()) };
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

/// The declarations' encodings and operands are the decoder's and the transpiler's.
#[test]
fn declared_words_are_those_that_the_decoder_knows() {
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};
    use vm_core::arch::{SystemPort, VmExtension, VmInventoryBuilder};

    let inventory = crate::Rv32im.build(&VmInventoryBuilder::new(SystemPort::default(), Vec::new())).unwrap();
    let declared = |word, pc| inventory.decoders().iter().find_map(|decoder| decoder.decode(word, pc));
    let opcodes = [0x03, 0x0b, 0x0f, 0x13, 0x17, 0x23, 0x33, 0x37, 0x63, 0x67, 0x6f, 0x73];
    let mut rng = StdRng::seed_from_u64(4);
    let (mut declared_words, mut reserved_words) = (0, 0);
    for i in 0..400_000 {
        let (pc, mut word) = (rng.random_range(0..PC_LIMIT / 4) * 4, rng.random::<u32>() & !0x7f | opcodes[i % 12]);
        match i % 7 {
            // Mostly words with few bits in funct7 and the immediate, which are more often instructions.
            0..3 => word &= 0x020f_ffff,
            3 => word &= 0x400f_ffff,
            4 => word &= 0x001f_ffff,
            _ => {}
        }
        let reserved = RESERVED_WORDS.iter().any(|(_, encoding)| encoding.matches(word));
        match declared(word, pc) {
            Some(instruction) => {
                assert!(!reserved, "{word:#010x} is reserved and declared");
                assert_eq!(Rv32imTranspiler.transpile(word, pc), Some(instruction), "{word:#010x}");
                declared_words += 1;
            }
            None => {
                assert_eq!(decode(word).is_some(), reserved, "{word:#010x}");
                reserved_words += usize::from(reserved);
            }
        }
    }
    for (name, encoding) in RESERVED_WORDS {
        assert!(decode(encoding.value).is_some() && declared(encoding.value, 0).is_none(), "{name}");
    }
    assert!(declared_words > 100_000 && reserved_words > 5_000, "{declared_words} {reserved_words}");
}

/// Shifts by operands that no word encodes would mean something else to the circuit than to the host.
#[test]
fn shifts_by_operands_that_no_word_encodes_are_not_served() {
    use vm_core::arch::{SystemPort, VmExtension, VmInventoryBuilder};

    let inventory = crate::Rv32im.build(&VmInventoryBuilder::new(SystemPort::default(), Vec::new())).unwrap();
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
    use vm_core::arch::{LoadedProgram, SystemPort, VmExtension, VmInventoryBuilder};
    use vm_core::system::program::ProgramAir;

    let inventory = crate::Rv32im.build(&VmInventoryBuilder::new(SystemPort::default(), Vec::new())).unwrap();
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
