//! Random RV32IM programs and random plans over what they execute.

use std::collections::{BTreeMap, BTreeSet};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use vm_core::instructions::{Instruction, VmExe};
use vm_core::machine::fusion::{FusedPath, Fuser, Fusion, FusionError, FusionPlan};
use vm_sdk::config::Rv32imVm;
use vm_sdk::transpiler::load_elf;
use vm_tests::model::{Exit, Model, asm, data_address, elf_of};

/// Address at which the programs are linked.
pub(crate) const BASE: u32 = 0x0020_0800;

/// Size of the data in bytes.
const DATA: usize = 2048;

/// Operands around the limits of bytes, cells and signs.
const CORNERS: [u32; 12] =
    [0, 1, 31, 0x80, 0xff, 0x8000, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff];

type Op = fn(u32, u32, u32) -> u32;
type OpImm = fn(u32, u32, i32) -> u32;

const OPS: [Op; 18] = [
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
const OPS_IMM: [OpImm; 6] = [asm::addi, asm::slti, asm::sltiu, asm::xori, asm::ori, asm::andi];
const SHIFTS_IMM: [Op; 3] = [asm::slli, asm::srli, asm::srai];
const BRANCHES: [OpImm; 6] = [asm::beq, asm::bne, asm::blt, asm::bge, asm::bltu, asm::bgeu];
const LOADS: [(OpImm, i32); 5] = [(asm::lb, 1), (asm::lbu, 1), (asm::lh, 2), (asm::lhu, 2), (asm::lw, 4)];
const STORES: [(OpImm, i32); 3] = [(asm::sb, 1), (asm::sh, 2), (asm::sw, 4)];

/// Registers with data are x2 to x10. x16 points to the middle of the data; x14 and x15 hold pointers near it, sometimes
/// the same one.
const REGISTERS: u32 = 9;
const POINTERS: [u32; 3] = [14, 15, 16];
/// x20 and the ones after it count iterations, one for each depth of loops.
const COUNTER: u32 = 20;
/// Moves by two bytes in each iteration of programs that trap.
const TRAPPING: u32 = 18;

/// A program with its run in the reference model.
#[derive(Clone)]
pub(crate) struct Program {
    pub(crate) exe: VmExe,
    pub(crate) inputs: Vec<Vec<u8>>,
    pub(crate) instructions: BTreeMap<u32, Instruction>,
    /// Program counters in the order of execution, with the last one.
    pub(crate) executed: Vec<u32>,
    /// How the run ends.
    pub(crate) exit: Exit,
}

impl Program {
    /// Links a program with its data and runs it in the model. `code` gets the number of the data's page.
    pub(crate) fn new(data: &[u8], code: impl Fn(u32) -> Vec<u32>) -> Self {
        Self::with_inputs(data, vec![], code)
    }

    /// As [`Self::new`], with inputs of the run.
    pub(crate) fn with_inputs(data: &[u8], inputs: Vec<Vec<u8>>, code: impl Fn(u32) -> Vec<u32>) -> Self {
        // The address of the data depends on the length of the code only, and the length does not depend on the page.
        let page = data_address(&code(0), BASE) >> 12;
        let elf = elf_of(&code(page), data, BASE);
        let exe = load_elf(&elf, &Rv32imVm::default()).unwrap();
        let instructions = exe.program.iter().map(|(pc, instruction)| (pc, *instruction)).collect();
        let mut model = Model::from_elf(&elf).unwrap();
        model.inputs.extend(inputs.clone());
        let mut executed = Vec::new();
        let exit = loop {
            executed.push(model.pc);
            assert!(executed.len() < 10_000, "the program does not end");
            match model.step() {
                Ok(None) => {}
                Ok(Some(code)) => break Exit::Code(code),
                Err(trap) => break Exit::Trap(trap),
            }
        };
        Self { exe, inputs, instructions, executed, exit }
    }

    /// Returns a program made from a seed.
    pub(crate) fn random(seed: u64) -> Self {
        let rng = &mut StdRng::seed_from_u64(!seed);
        let data: Vec<u8> = (0..DATA).map(|_| rng.random()).collect();
        Self::new(&data, |page| Writer::program(seed, page))
    }

    /// Returns the path through these program counters.
    pub(crate) fn path(&self, pcs: &[u32]) -> FusedPath {
        FusedPath { steps: pcs.iter().map(|pc| (*pc, self.instructions[pc])).collect() }
    }

    /// Returns a random plan with its circuits. Most of its paths are parts of the run, so they go through jumps and taken
    /// branches and repeat loops; the others are successive instructions, which the run may or may not execute.
    ///
    /// Asserts that no path that was executed is refused as impossible.
    pub(crate) fn random_plan(&self, fuser: &mut Fuser<'_>, rng: &mut StdRng) -> Fusion {
        let mut plan = FusionPlan::default();
        let mut starts = BTreeSet::new();
        for _ in 0..rng.random_range(1..5) {
            // Sometimes where an earlier path starts, too.
            let again = plan.paths.first().filter(|_| rng.random_range(0..4) == 0).map(|path| path.steps[0].0);
            let again: Vec<usize> = (0..self.executed.len()).filter(|at| again == Some(self.executed[*at])).collect();
            let start = match again[..] {
                [] => rng.random_range(0..self.executed.len()),
                _ => again[rng.random_range(0..again.len())],
            };
            let longest = if rng.random_range(0..4) == 0 { 32 } else { 10 };
            let length = rng.random_range(2..longest);
            let was_executed = rng.random_range(0..8) > 0;
            let pcs: Vec<u32> = if was_executed {
                self.executed[start..].iter().copied().take(length).collect()
            } else {
                (0..length as u32).map(|index| self.executed[start] + 4 * index).collect()
            };
            let known = pcs.iter().take_while(|pc| self.instructions.contains_key(pc)).count();
            let path = self.path(&pcs[..known]);
            match fuser.fuse(&path.steps) {
                _ if path.steps.len() < 2 => {}
                Ok(_) if starts.insert((path.steps[0].0, path.steps.len())) => plan.paths.push(path),
                Err(error @ FusionError::Impossible { .. }) if was_executed && !self.ends_with(start + known) => {
                    panic!("{error}, but the run executes {:x?}", &pcs[..known])
                }
                _ => {}
            }
        }
        Fusion::new(plan, fuser).unwrap()
    }

    /// Returns whether the first `count` executed instructions include the last one, which terminates or traps.
    fn ends_with(&self, count: usize) -> bool {
        count == self.executed.len()
    }
}

/// Asserts that these are executions of paths in one part of a run: each is given by its path and the index of its first
/// instruction. They do not overlap, and no path is executed between them.
pub(crate) fn assert_followed(fusion: &Fusion, executed: &[u32], executions: &[(usize, usize)], what: &str) {
    let pcs = |path: usize| fusion.circuits[path].pcs.as_slice();
    let mut end = 0;
    let mut gaps = Vec::new();
    for &(path, at) in executions {
        assert!(at >= end, "{what}: executions overlap at instruction {at}");
        assert!(executed[at..].starts_with(pcs(path)), "{what}: path {path} is not executed at instruction {at}");
        gaps.push(end..at);
        end = at + pcs(path).len();
    }
    gaps.push(end..executed.len());
    for gap in gaps {
        for at in gap.clone() {
            let missed = (0..fusion.circuits.len()).find(|path| executed[at..gap.end].starts_with(pcs(*path)));
            assert_eq!(missed, None, "{what}: the path is executed at instruction {at}");
        }
    }
}

/// Writes random instructions.
struct Writer<'a> {
    rng: &'a mut StdRng,
    code: Vec<u32>,
    /// Calls of functions: index of the instruction, and number of the function.
    calls: Vec<(usize, usize)>,
}

impl Writer<'_> {
    fn program(seed: u64, page: u32) -> Vec<u32> {
        let mut writer =
            Writer { rng: &mut StdRng::seed_from_u64(seed), code: vec![asm::lui(16, page)], calls: vec![] };
        writer.push(asm::addi(16, 16, DATA as i32 / 2 - 4));
        writer.pointer(14);
        writer.pointer(15);
        for register in 2..2 + REGISTERS {
            let corner = CORNERS[writer.below(CORNERS.len())];
            let value = if writer.rng.random() { corner } else { writer.rng.random() };
            writer.code.extend(asm::li(register, value));
        }
        let traps = writer.one_in(8);
        writer.push(asm::addi(TRAPPING, 16, 0));
        let items = 2 + writer.below(6);
        for _ in 0..items {
            if writer.one_in(2) {
                writer.loop_of(0, traps);
            } else {
                writer.items(6, 0);
            }
        }
        writer.push(asm::terminate(0));
        let functions: Vec<usize> = (0..2)
            .map(|_| {
                let start = writer.code.len();
                let count = 1 + writer.below(5);
                (0..count).for_each(|_| writer.instruction());
                writer.push(asm::jalr(0, 1, 0));
                start
            })
            .collect();
        for (at, function) in std::mem::take(&mut writer.calls) {
            writer.code[at] = asm::jal(1, 4 * (functions[function] as i32 - at as i32));
        }
        writer.code
    }

    fn push(&mut self, word: u32) {
        self.code.push(word);
    }

    fn below(&mut self, end: usize) -> usize {
        self.rng.random_range(0..end)
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    /// Writes up to `count` instructions, branches, calls and loops. Returns where each of them starts.
    fn items(&mut self, count: usize, depth: u32) -> Vec<usize> {
        let count = 1 + self.below(count);
        let item = |_| {
            let start = self.code.len();
            match self.below(16) {
                0 if depth < 2 => self.loop_of(depth, false),
                1 => {
                    let function = self.below(2);
                    self.calls.push((self.code.len(), function));
                    self.push(0);
                }
                2..4 => self.forward(),
                _ => self.instruction(),
            }
            start
        };
        (0..count).map(item).collect()
    }

    /// Writes a loop, some of which are entered in the middle of their body.
    fn loop_of(&mut self, depth: u32, traps: bool) {
        let counter = COUNTER + depth;
        let iterations = 1 + self.below(8) as i32;
        self.push(asm::addi(counter, 0, iterations));
        let entry = self.code.len();
        if self.one_in(3) {
            self.push(0);
        }
        let start = self.code.len();
        let items = self.items(6, depth + 1);
        if start > entry {
            let (branch, rs1, rs2) = (BRANCHES[self.below(6)], self.register(), self.register());
            let target = items[self.below(items.len())];
            self.code[entry] = branch(rs1, rs2, 4 * (target - entry) as i32);
        }
        if traps {
            self.push(asm::lw(2, TRAPPING, 0));
            self.push(asm::addi(TRAPPING, TRAPPING, 2));
        }
        self.push(asm::addi(counter, counter, -1));
        let back = 4 * (start as i32 - self.code.len() as i32);
        let word = if self.one_in(2) { asm::bne(counter, 0, back) } else { asm::blt(0, counter, back) };
        self.push(word);
    }

    /// Writes a branch or jump over a few instructions.
    fn forward(&mut self) {
        let over = 1 + self.below(3);
        let offset = 4 * (over as i32 + 1);
        let (rd, rs1, rs2) = (self.register(), self.register(), self.register());
        match self.below(6) {
            0 => self.push(asm::jal(rd, offset)),
            1 => {
                // JALR ignores the lowest bit of its target.
                let lsb = self.below(2) as i32;
                self.push(asm::auipc(17, 0));
                self.push(asm::jalr(rd, 17, offset + 4 + lsb));
            }
            kind => self.push(BRANCHES[(kind + rs1 as usize) % 6](rs1, rs2, offset)),
        }
        (0..over).for_each(|_| self.instruction());
    }

    /// Returns a register with data, or x0.
    fn register(&mut self) -> u32 {
        match self.rng.random_range(0..=REGISTERS) {
            0 => 0,
            register => register + 1,
        }
    }

    /// Sets a pointer to a word near the middle of the data.
    fn pointer(&mut self, register: u32) {
        let offset = 4 * self.rng.random_range(-2..3);
        let base = if self.one_in(2) { 16 } else { register.max(15) };
        self.push(asm::addi(register, if base == register { 16 } else { base }, offset));
    }

    /// Writes one instruction that does not jump.
    fn instruction(&mut self) {
        let (rd, rs1, rs2) = (self.register(), self.register(), self.register());
        // In place, as most compiled code.
        let rs1 = if self.one_in(3) { rd } else { rs1 };
        let word = match self.below(17) {
            0..4 => OPS[self.below(OPS.len())](rd, rs1, rs2),
            4..6 => OPS[self.below(10)](rd, rs1, rs2),
            6..8 => {
                let imm = if self.one_in(2) { self.below(4096) as i32 - 2048 } else { self.below(8) as i32 - 4 };
                OPS_IMM[self.below(6)](rd, rs1, imm)
            }
            8 => SHIFTS_IMM[self.below(3)](rd, rs1, self.below(32) as u32),
            9 => asm::lui(rd, self.below(1 << 20) as u32),
            10 => asm::auipc(rd, self.below(1 << 20) as u32),
            11 => return self.pointer(POINTERS[rd as usize % 2]),
            kind => {
                let base = POINTERS[self.below(3)];
                let (load, store) = (LOADS[self.below(5)], STORES[self.below(3)]);
                let (encode, width) = if kind < 14 { load } else { store };
                // Few words, so that accesses often meet.
                let offset = width * self.rng.random_range(-8 / width..12 / width);
                encode(if kind < 14 { rd } else { rs2 }, base, offset)
            }
        };
        self.push(word);
    }
}
