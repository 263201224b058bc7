//! Comparison of the model with independent implementations: its decoder and the assembler with the `riscv-isa` crate,
//! and execution with `qemu-riscv32` if that is installed.

use std::process::Command;

use riscv_isa::{Decoder, Instruction as I, Target};

use super::decode::Op;
use super::*;
use crate::fixtures::pseudo_random_words;

/// Decodes `word` with `riscv-isa` for an RV32IM machine, and returns the result as an instruction of the model.
fn oracle(word: u32, target: &Target) -> Option<Insn> {
    use decode::Cond::*;
    use decode::LoadKind::*;
    let branch = |cond, rs1: u32, rs2: u32, offset: i32| Insn::Branch {
        cond,
        rs1: rs1 as usize,
        rs2: rs2 as usize,
        imm: offset as u32,
    };
    let load = |kind, rd: u32, rs1: u32, offset: i32| Insn::Load {
        kind,
        rd: rd as usize,
        rs1: rs1 as usize,
        imm: offset as u32,
    };
    let store = |size, rs1: u32, rs2: u32, offset: i32| Insn::Store {
        size,
        rs1: rs1 as usize,
        rs2: rs2 as usize,
        imm: offset as u32,
    };
    let op_imm =
        |op, rd: u32, rs1: u32, imm: i32| Insn::OpImm { op, rd: rd as usize, rs1: rs1 as usize, imm: imm as u32 };
    let op_reg =
        |op, rd: u32, rs1: u32, rs2: u32| Insn::OpReg { op, rd: rd as usize, rs1: rs1 as usize, rs2: rs2 as usize };
    Some(match Decoder::from_le_bytes(*target, &word.to_le_bytes()).next()? {
        I::LUI { rd, imm } => Insn::Lui { rd: rd as usize, imm: imm << 12 },
        I::AUIPC { rd, imm } => Insn::Auipc { rd: rd as usize, imm: imm << 12 },
        I::JAL { rd, offset } => Insn::Jal { rd: rd as usize, imm: offset as u32 },
        I::JALR { rd, rs1, offset } => Insn::Jalr { rd: rd as usize, rs1: rs1 as usize, imm: offset as u32 },
        I::BEQ { rs1, rs2, offset } => branch(Eq, rs1, rs2, offset),
        I::BNE { rs1, rs2, offset } => branch(Ne, rs1, rs2, offset),
        I::BLT { rs1, rs2, offset } => branch(Lt, rs1, rs2, offset),
        I::BGE { rs1, rs2, offset } => branch(Ge, rs1, rs2, offset),
        I::BLTU { rs1, rs2, offset } => branch(Ltu, rs1, rs2, offset),
        I::BGEU { rs1, rs2, offset } => branch(Geu, rs1, rs2, offset),
        I::LB { rd, rs1, offset } => load(Lb, rd, rs1, offset),
        I::LH { rd, rs1, offset } => load(Lh, rd, rs1, offset),
        I::LW { rd, rs1, offset } => load(Lw, rd, rs1, offset),
        I::LBU { rd, rs1, offset } => load(Lbu, rd, rs1, offset),
        I::LHU { rd, rs1, offset } => load(Lhu, rd, rs1, offset),
        I::SB { rs1, rs2, offset } => store(1, rs1, rs2, offset),
        I::SH { rs1, rs2, offset } => store(2, rs1, rs2, offset),
        I::SW { rs1, rs2, offset } => store(4, rs1, rs2, offset),
        I::ADDI { rd, rs1, imm } => op_imm(Op::Add, rd, rs1, imm),
        I::SLTI { rd, rs1, imm } => op_imm(Op::Slt, rd, rs1, imm),
        I::SLTIU { rd, rs1, imm } => op_imm(Op::Sltu, rd, rs1, imm),
        I::XORI { rd, rs1, imm } => op_imm(Op::Xor, rd, rs1, imm),
        I::ORI { rd, rs1, imm } => op_imm(Op::Or, rd, rs1, imm),
        I::ANDI { rd, rs1, imm } => op_imm(Op::And, rd, rs1, imm),
        I::SLLI { rd, rs1, shamt } => op_imm(Op::Sll, rd, rs1, shamt as i32),
        I::SRLI { rd, rs1, shamt } => op_imm(Op::Srl, rd, rs1, shamt as i32),
        I::SRAI { rd, rs1, shamt } => op_imm(Op::Sra, rd, rs1, shamt as i32),
        I::ADD { rd, rs1, rs2 } => op_reg(Op::Add, rd, rs1, rs2),
        I::SUB { rd, rs1, rs2 } => op_reg(Op::Sub, rd, rs1, rs2),
        I::SLL { rd, rs1, rs2 } => op_reg(Op::Sll, rd, rs1, rs2),
        I::SLT { rd, rs1, rs2 } => op_reg(Op::Slt, rd, rs1, rs2),
        I::SLTU { rd, rs1, rs2 } => op_reg(Op::Sltu, rd, rs1, rs2),
        I::XOR { rd, rs1, rs2 } => op_reg(Op::Xor, rd, rs1, rs2),
        I::SRL { rd, rs1, rs2 } => op_reg(Op::Srl, rd, rs1, rs2),
        I::SRA { rd, rs1, rs2 } => op_reg(Op::Sra, rd, rs1, rs2),
        I::OR { rd, rs1, rs2 } => op_reg(Op::Or, rd, rs1, rs2),
        I::AND { rd, rs1, rs2 } => op_reg(Op::And, rd, rs1, rs2),
        I::MUL { rd, rs1, rs2 } => op_reg(Op::Mul, rd, rs1, rs2),
        I::MULH { rd, rs1, rs2 } => op_reg(Op::Mulh, rd, rs1, rs2),
        I::MULHSU { rd, rs1, rs2 } => op_reg(Op::Mulhsu, rd, rs1, rs2),
        I::MULHU { rd, rs1, rs2 } => op_reg(Op::Mulhu, rd, rs1, rs2),
        I::DIV { rd, rs1, rs2 } => op_reg(Op::Div, rd, rs1, rs2),
        I::DIVU { rd, rs1, rs2 } => op_reg(Op::Divu, rd, rs1, rs2),
        I::REM { rd, rs1, rs2 } => op_reg(Op::Rem, rd, rs1, rs2),
        I::REMU { rd, rs1, rs2 } => op_reg(Op::Remu, rd, rs1, rs2),
        I::FENCE { .. } => Insn::Fence,
        I::ECALL => Insn::Ecall,
        _ => return None,
    })
}

#[test]
fn decoder_agrees_with_riscv_isa_on_all_opcodes_and_functions() {
    let target: Target = "RV32IM".parse().unwrap();
    let mut legal = 0;
    let fillers = pseudo_random_words(21, 8).into_iter().chain([0, u32::MAX]);
    for filler in fillers {
        for selector in 0..1u32 << 17 {
            // All values of opcode, funct3 and funct7. The other bits come from the filler.
            let (opcode, funct3, funct7) = (selector & 0x7f, selector >> 7 & 7, selector >> 10);
            let word = filler & 0x01ff_8f80 | opcode | funct3 << 12 | funct7 << 25;
            let custom = opcode == asm::CUSTOM_0 || word == asm::unimp();
            // The specification says that this field is ignored, but the oracle does not ignore it. `fence.i` is not in
            // RV32IM.
            let fence_with_mode = opcode == 0x0f && funct3 == 0 && word >> 28 != 0;
            let fence_i = opcode == 0x0f && funct3 == 1;
            if !custom && !fence_with_mode && !fence_i {
                assert_eq!(decode(word), oracle(word, &target), "{word:#010x}");
                legal += u32::from(decode(word).is_some());
            }
        }
    }
    assert!(legal > 10_000, "only {legal} of the words are legal");
}

#[test]
fn custom_instructions_decode_exactly() {
    for selector in 0..1u32 << 15 {
        let (funct3, imm) = (selector & 7, (selector >> 3) as i32 - 2048);
        let expected = match (funct3, imm) {
            (0, code @ 0..) => Some(Insn::Terminate { code: code as u32 }),
            (1, 0) => Some(Insn::HintStoreW { rd: 5 }),
            (1, 1) => Some(Insn::HintBuffer { rd: 5, rs1: 6 }),
            (2, imm) => Some(Insn::Reveal { rd: 5, rs1: 6, imm: imm as u32 }),
            (3, 0) => Some(Insn::HintInput),
            (3, 1) => Some(Insn::PrintStr { rd: 5, rs1: 6 }),
            (3, 2) => Some(Insn::HintRandom { rd: 5 }),
            (3, 0x40 | 0x41) => Some(Insn::Span),
            _ => None,
        };
        assert_eq!(decode(asm::i_type(asm::CUSTOM_0, funct3, 5, 6, imm)), expected);
    }
}

/// Endless source of deterministic choices.
struct Choices {
    words: Vec<u32>,
    next: usize,
}

impl Choices {
    fn new(seed: u64) -> Self {
        Self { words: pseudo_random_words(seed, 40_000), next: 0 }
    }

    fn word(&mut self) -> u32 {
        self.next += 1;
        self.words[self.next % self.words.len()]
    }

    fn below(&mut self, limit: u32) -> u32 {
        self.word() % limit
    }

    /// Returns a word that is often close to a boundary case.
    fn value(&mut self) -> u32 {
        match self.below(4) {
            0 => [0, 1, 2, 31, 32, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, 0xffff_fffe, 0xffff_ffff]
                [self.below(10) as usize],
            1 => self.word() >> self.below(32),
            _ => self.word(),
        }
    }

    fn imm(&mut self) -> i32 {
        self.below(4096) as i32 - 2048
    }
}

/// Register with the address of the middle of the data. Random programs do not write it.
const DATA: asm::Reg = 31;
/// Scratch register for jumps.
const LINK: asm::Reg = 30;
const DATA_SIZE: u32 = 4096;
const BASE: u32 = 0x0020_0800;

/// Returns a program of `count` random steps: arithmetic on any registers, accesses to the data, and jumps over the
/// next instruction.
fn random_program(choices: &mut Choices, count: usize) -> Vec<u32> {
    let alu = [
        asm::add,
        asm::sub,
        asm::sll,
        asm::slt,
        asm::sltu,
        asm::xor,
        asm::srl,
        asm::sra,
        asm::or,
        asm::and,
        asm::mul,
        asm::mulh,
        asm::mulhsu,
        asm::mulhu,
        asm::div,
        asm::divu,
        asm::rem,
        asm::remu,
    ];
    let alu_imm = [asm::addi, asm::slti, asm::sltiu, asm::xori, asm::ori, asm::andi];
    let shifts = [asm::slli, asm::srli, asm::srai];
    let accesses = [
        (asm::lb as fn(_, _, _) -> _, 1),
        (asm::lbu, 1),
        (asm::lh, 2),
        (asm::lhu, 2),
        (asm::lw, 4),
        (asm::sb, 1),
        (asm::sh, 2),
        (asm::sw, 4),
    ];
    let branches = [asm::beq, asm::bne, asm::blt, asm::bge, asm::bltu, asm::bgeu];

    let mut words: Vec<u32> = (1..DATA).flat_map(|reg| asm::li(reg, choices.value())).collect();
    for _ in 0..count {
        // x0 may be a destination, x31 (`DATA`) may not.
        let (rd, rs1, rs2) = (choices.below(DATA), choices.below(32), choices.below(32));
        match choices.below(16) {
            0..6 => words.push(alu[choices.below(alu.len() as u32) as usize](rd, rs1, rs2)),
            6..8 => words.push(alu_imm[choices.below(alu_imm.len() as u32) as usize](rd, rs1, choices.imm())),
            8 => words.push(shifts[choices.below(3) as usize](rd, rs1, choices.below(32))),
            9 => words.push(asm::lui(rd, choices.below(1 << 20))),
            10 => words.push(asm::auipc(rd, choices.below(1 << 20))),
            11..13 => {
                let (access, size) = accesses[choices.below(accesses.len() as u32) as usize];
                words.push(access(rd, DATA, choices.imm() / size * size));
            }
            13 => words.extend(asm::li(rd, choices.value())),
            14 => words.extend([branches[choices.below(6) as usize](rs1, rs2, 8), asm::addi(rd, rd, 1)]),
            _ => {
                // The odd offset checks that jalr clears the lowest bit.
                let jump = if choices.below(2) == 0 { asm::jal(rd, 8) } else { asm::jalr(rd, LINK, 13) };
                words.extend([asm::auipc(LINK, 0), jump, asm::addi(LINK, LINK, 1)]);
            }
        }
    }
    words
}

/// Appends an epilogue: it stores all registers at the start of the data, calls write(1, data, size) and exit(status).
/// Returns the words, and the index of the first word after the stores.
fn with_epilogue(mut words: Vec<u32>, status: u32) -> (Vec<u32>, usize) {
    let start = -(DATA_SIZE as i32) / 2;
    words.extend((0..32).map(|reg| asm::sw(reg, DATA, start + 4 * reg as i32)));
    let end = words.len();
    words.extend([asm::li(10, 1), vec![asm::addi(11, DATA, start)], asm::li(12, DATA_SIZE), asm::li(17, 64)].concat());
    words.push(asm::ecall());
    words.extend([asm::li(10, status), asm::li(17, SYSCALL_EXIT), vec![asm::ecall()]].concat());
    (words, end)
}

#[test]
#[cfg(unix)]
fn execution_agrees_with_qemu() {
    use std::os::unix::fs::PermissionsExt;

    let qemu = "qemu-riscv32";
    if Command::new(qemu).arg("--version").output().is_err() {
        return crate::tools::skip_without(qemu, "Debian and Ubuntu: apt-get install qemu-user");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("program.elf");
    for seed in 0..24 {
        let mut choices = Choices::new(1000 + seed);
        let (body, status) = (random_program(&mut choices, 1500), choices.below(256));
        // The address of the data depends on the length of the code only. It is always loaded with two words, `lui` and
        // `addi`, so that the length does not depend on the address.
        let length = |words: &[u32]| with_epilogue([vec![0; 2], words.to_vec()].concat(), status);
        let middle = data_address(&length(&body).0, BASE) + DATA_SIZE / 2;
        let address = [asm::lui(DATA, (middle + 0x800) >> 12), asm::addi(DATA, DATA, (middle as i32) << 20 >> 20)];
        let (words, end) = with_epilogue([address.to_vec(), body].concat(), status);
        let data: Vec<u8> = (0..DATA_SIZE / 4).flat_map(|_| choices.value().to_le_bytes()).collect();
        let elf = elf_of(&words, &data, BASE);

        let mut model = Model::from_elf(&elf).unwrap();
        let end_pc = BASE + 4 * end as u32;
        // qemu chooses the initial value of x2, but the program first sets all registers except x0 and x31.
        while model.pc != end_pc {
            assert_eq!(model.step(), Ok(None), "at {:#010x}", model.pc);
        }
        let expected = model.memory.read_bytes(middle - DATA_SIZE / 2, DATA_SIZE);

        std::fs::write(&path, &elf).unwrap();
        // qemu ends without a message if the file is not executable.
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
        let output = Command::new(qemu).arg(&path).output().unwrap();
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.stdout.len(), expected.len());
        let different = (0..expected.len()).find(|&i| output.stdout[i] != expected[i]);
        assert_eq!(different, None, "first byte of the data that differs, seed {seed}");
        // The model does not have the write system call, so it is skipped.
        while model.fetch() != Ok(asm::ecall()) {
            assert_eq!(model.step(), Ok(None));
        }
        model.pc += 4;
        let exit = model.run(vec![], 10).exit;
        assert_eq!((exit, output.status.code()), (Exit::Code(status), Some(status as i32)));
    }
}
