//! The library of adapters as authors of other extensions use it: sample instructions on every adapter, with the
//! generated tests, and forged runs of instructions on memory blocks.
#![allow(missing_docs, unreachable_pub)]

// Generated code names the crate that users depend on.
extern crate vm_core as vm_sdk;

mod by_hand;
mod forgeries;

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::authoring::{Bits, Bytes, Core, CoreAdapter, CoreBuilder, Io, Word};
use vm_core::arch::{ALLOCATED_OPCODES, AirPart, ChipUsageGetter, ExecutionResult, SystemConfig, SystemPort, VmConfig};
use vm_core::instructions::{Instruction, VmOpcode};
use vm_core::machine::testing::{Case, ExtensionVm, Guard, Verdict, VmChipTestBuilder};
use vm_core::stark::{BabyBearBlake3Engine, F};
use vm_core::system::memory::{CELL_INV, MAIN_SPACE, REGISTER_SPACE};
use vm_derive::{columns, instruction, vm_extension};
use vm_rv32im::adapters::{
    LoadedWord, Rv32Alu, Rv32AluImm, Rv32AluImmInPlace, Rv32AluInPlace, Rv32Branch, Rv32Constant, Rv32Heap, Rv32Load,
    Rv32Store, Rv32Unary, Rv32UnaryInPlace, StoreOperands, Subwords, check_aligned,
};

/// Proves `x + c = s` modulo 2^32, for words in range.
fn assert_sum<B: CoreBuilder>(b: &mut B, [x, c, s]: [Word<B::Var>; 3]) {
    let mut carry = B::Expr::ZERO;
    for i in 0..2 {
        carry = (carry + x[i] + c[i] - s[i]) * CELL_INV;
        b.assert_bool(carry.clone());
    }
}

/// `y = x + c`.
#[instruction(adapter = Rv32Alu, columns = SumCols, encode(custom1, funct3 = 0, funct7 = 0))]
pub struct Sum;

#[columns]
pub struct SumCols<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    c: Word<T>,
    #[write(0)]
    y: Word<T>,
}

#[instruction]
impl Core for Sum {
    fn execute(&self, [x, c]: [u32; 2]) -> u32 {
        x.wrapping_add(c)
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &SumCols<B::Var>) {
        assert_sum(b, [cols.x, cols.c, cols.y]);
    }
}

/// `y = x + imm`.
#[instruction(adapter = Rv32AluImm, columns = SumCols, encode(custom1, funct3 = 1))]
pub struct SumImm;

#[instruction]
impl Core for SumImm {
    fn execute(&self, [x, imm]: [u32; 2]) -> u32 {
        x.wrapping_add(imm)
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &SumCols<B::Var>) {
        assert_sum(b, [cols.x, cols.c, cols.y]);
    }
}

/// The bytes in reverse order.
#[instruction(adapter = Rv32Unary, columns = SwapCols, encode(custom1, funct3 = 2, imm = 0), computed(write(0)))]
pub struct Swap;

#[columns]
pub struct SwapCols<T> {
    #[read(0)]
    x: Bytes<T>,
}

#[instruction]
impl Core for Swap {
    fn execute(&self, x: u32) -> u32 {
        x.swap_bytes()
    }

    fn write<B: CoreBuilder>(&self, cols: &SwapCols<B::Var>, _: usize, _: usize) -> [B::Expr; 2] {
        let [b0, b1, b2, b3] = cols.x.map(Into::<B::Expr>::into);
        let base = B::Expr::from_u32(1 << 8);
        [b3 + b2 * base.clone(), b1 + b0 * base]
    }
}

/// The word in memory with all bits flipped.
#[instruction(adapter = Rv32Load, columns = LoadNotCols, encode(custom1, funct3 = 3), computed(write(0)))]
pub struct LoadNot;

#[columns]
pub struct LoadNotCols<T> {
    #[read(0)]
    x: Bits<T>,
}

#[instruction]
impl Core for LoadNot {
    fn execute(&self, LoadedWord { word, .. }: LoadedWord) -> u32 {
        !word
    }

    fn write<B: CoreBuilder>(&self, cols: &LoadNotCols<B::Var>, _: usize, _: usize) -> [B::Expr; 2] {
        [0, 16].map(|half| {
            (0..16).fold(B::Expr::from_u32(0xFFFF), |sum, i| sum - cols.x[half + i] * B::Expr::from_u32(1 << i))
        })
    }
}

/// Loads the half-word at an even pointer.
#[instruction(
    adapter = Rv32Load<Subwords>,
    columns = LoadHalfCols,
    encode(custom1, funct3 = 4),
    computed(read(1), write(0))
)]
pub struct LoadHalf;

#[columns]
pub struct LoadHalfCols<T> {
    #[read(0)]
    x: Word<T>,
    #[read(2)]
    in_high: T,
    y: T,
}

#[instruction]
impl Core for LoadHalf {
    fn check(&self, reads: &LoadedWord, pc: u32) -> ExecutionResult<()> {
        check_aligned(reads.pointer, 2, pc)
    }

    fn execute(&self, LoadedWord { word, pointer }: LoadedWord) -> u32 {
        word >> (8 * (pointer % 4)) & 0xFFFF
    }

    fn witness(&self, io: &Io<Self>, cols: &mut LoadHalfCols<F>) {
        cols.y = F::from_u32(io.writes);
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &LoadHalfCols<B::Var>) {
        let [low, high] = cols.x;
        b.assert_eq(cols.y, (high - low) * cols.in_high + low);
    }

    fn read<B: CoreBuilder>(&self, _: &LoadHalfCols<B::Var>, _: usize, _: usize) -> [B::Expr; 2] {
        [B::Expr::ZERO, B::Expr::ZERO]
    }

    fn write<B: CoreBuilder>(&self, cols: &LoadHalfCols<B::Var>, _: usize, _: usize) -> [B::Expr; 2] {
        [cols.y.into(), B::Expr::ZERO]
    }
}

/// Adds to a word in memory.
#[instruction(adapter = Rv32Store, columns = SumCols, encode(custom1, funct3 = 5))]
pub struct AddToMemory;

#[instruction]
impl Core for AddToMemory {
    fn execute(&self, StoreOperands { data, prev, .. }: StoreOperands) -> u32 {
        data.wrapping_add(prev)
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &SumCols<B::Var>) {
        assert_sum(b, [cols.x, cols.c, cols.y]);
    }
}

/// `[rd] = [rs1] + [rs2]`, sums of eight words each.
#[instruction(adapter = Rv32Heap<2, 8, 8>, columns = AddBlocksCols, encode(custom1, funct3 = 6, funct7 = 0))]
pub struct AddBlocks;

#[columns]
pub struct AddBlocksCols<T> {
    #[read(0)]
    x: [Word<T>; 8],
    #[read(1)]
    c: [Word<T>; 8],
    #[write(0)]
    y: [Word<T>; 8],
}

#[instruction]
impl Core for AddBlocks {
    fn execute(&self, [x, c]: [[u32; 8]; 2]) -> [u32; 8] {
        std::array::from_fn(|i| x[i].wrapping_add(c[i]))
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &AddBlocksCols<B::Var>) {
        for i in 0..8 {
            assert_sum(b, [cols.x[i], cols.c[i], cols.y[i]]);
        }
    }
}

/// `[rd] = [rs1]` twice: four words from two.
#[instruction(
    adapter = Rv32Heap<1, 2, 4>,
    columns = RepeatCols,
    encode(custom1, funct3 = 7, funct7 = 0, rs2 = 0),
    computed(write(0))
)]
pub struct Repeat;

#[columns]
pub struct RepeatCols<T> {
    #[read(0)]
    x: [Word<T>; 2],
}

#[instruction]
impl Core for Repeat {
    fn execute(&self, [[x, y]]: [[u32; 2]; 1]) -> [u32; 4] {
        [x, y, x, y]
    }

    fn write<B: CoreBuilder>(&self, cols: &RepeatCols<B::Var>, _: usize, word: usize) -> [B::Expr; 2] {
        cols.x[word % 2].map(Into::into)
    }
}

/// Branches if the first operand is odd.
#[instruction(adapter = Rv32Branch, columns = BranchOddCols, encode(opcode = 0x5b, funct3 = 0))]
pub struct BranchOdd;

#[columns]
pub struct BranchOddCols<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    c: Word<T>,
    #[write(0)]
    odd: T,
    #[range(15)]
    half: T,
}

#[instruction]
impl Core for BranchOdd {
    fn execute(&self, [x, _]: [u32; 2]) -> bool {
        x & 1 == 1
    }

    fn witness(&self, io: &Io<Self>, cols: &mut BranchOddCols<F>) {
        cols.half = F::from_u32((io.reads[0] & 0xFFFF) >> 1);
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &BranchOddCols<B::Var>) {
        b.assert_eq(cols.half * F::TWO + cols.odd, cols.x[0]);
    }
}

/// A decision is a single cell, and its column is boolean without a constraint of the core. If it was 2, the next pc
/// would be twice as far away as the target.
#[test]
fn decisions_are_boolean() {
    let (pc, target) = (0x1000, 0x1040);
    let instruction = Instruction::from_parts(VmOpcode::from_u32(ALLOCATED_OPCODES), [20, 24, target, 0, 0, 0, 0]);
    let trial = Case::new(instruction).pc(pc).register(20, 6).trial::<BranchOdd>();
    let to_pc = F::from_u32(pc + 4 + 2 * (target - pc - 4));
    let forged = [("core.odd", F::TWO), ("core.half", F::TWO), ("adapter.to_pc", to_pc)];
    let Verdict::Refused(guards) = trial.with(&forged) else { panic!("accepted") };
    assert!(matches!(guards[..], [Guard::Constraint(_)]), "{guards:?}");
}

/// Generates tests: modes agree, traces are valid, proofs verify, and no change of a column goes unnoticed.
#[vm_extension(instructions(
    Sum with Rv32AluInPlace,
    SumImm with Rv32AluImmInPlace,
    Swap with Rv32UnaryInPlace,
    LoadNot,
    LoadHalf,
    AddToMemory,
    AddBlocks,
    Repeat,
    BranchOdd,
))]
#[derive(Clone, Copy, Debug, Default)]
pub struct Library;

/// A machine with the sample instructions.
fn config() -> ExtensionVm<Library> {
    ExtensionVm { system: SystemConfig::default(), extension: Library }
}

/// Returns the machine's instruction for a word.
fn decode(word: u32) -> Instruction {
    let inventory = config().create_inventory(SystemPort::default()).unwrap();
    inventory.decoders().iter().find_map(|decoder| decoder.decode(word, 0x1000)).unwrap()
}

/// Returns the opcode of the chip with a name.
fn opcode(air: &str) -> VmOpcode {
    let inventory = config().create_inventory(SystemPort::default()).unwrap();
    let mut opcodes = inventory.opcodes();
    let (opcode, _) = opcodes.find(|(_, id)| inventory.executors()[*id].air_name() == air).unwrap();
    opcode
}

#[test]
fn words_are_decoded_by_the_adapter() {
    // custom1 = 0x2b: sum x3, x1, x2; sum x0, x1, x2; sum_imm x3, x1, -1
    let sum = opcode("Sum");
    assert_eq!(decode(0x0020_81ab), Instruction::from_parts(sum, [12, 4, 8, 0, 0, 0, 0]));
    assert_eq!(decode(0x0020_802b), Instruction::from_parts(sum, [128, 4, 8, 0, 0, 0, 0]));
    let imm = opcode("SumImm");
    assert_eq!(decode(0xfff0_91ab), Instruction::from_parts(imm, [12, 4, 0xffff, 0xffff, 0, 0, 0]));
    // swap x3, x1
    assert_eq!(decode(0x0000_a1ab), Instruction::from_parts(opcode("Swap"), [12, 4, 0, 0, 0, 0, 0]));
    // load_not x3, 4(x1)
    assert_eq!(decode(0x0040_b1ab), Instruction::from_parts(opcode("LoadNot"), [12, 4, 4, 0, 0, 0, 0]));
    // add_to_memory x1, -4(x3): in the I format, rd is the base
    let add = opcode("AddToMemory");
    assert_eq!(decode(0xffc0_d1ab), Instruction::from_parts(add, [4, 12, 0xfffc, 0xffff, 0, 0, 0]));
    // add_blocks x3, x1, x2; repeat x0, x1: pointers, so x0 is x0
    assert_eq!(decode(0x0020_e1ab), Instruction::from_parts(opcode("AddBlocks"), [12, 4, 8, 0, 0, 0, 0]));
    assert_eq!(decode(0x0000_f02b), Instruction::from_parts(opcode("Repeat"), [0, 4, 0, 0, 0, 0, 0]));
}

#[test]
fn adapters_have_as_many_columns_as_documented() {
    fn columns<A: CoreAdapter + AirPart>() -> usize {
        A::new(SystemPort::default()).width()
    }
    assert_eq!((columns::<Rv32Alu>(), columns::<Rv32AluInPlace>()), (10, 6));
    assert_eq!((columns::<Rv32AluImm>(), columns::<Rv32AluImmInPlace>()), (8, 4));
    assert_eq!((columns::<Rv32Unary>(), columns::<Rv32UnaryInPlace>()), (8, 4));
    assert_eq!((columns::<Rv32Constant>(), columns::<Rv32Branch>()), (7, 8));
    assert_eq!((columns::<Rv32Load>(), columns::<Rv32Store>()), (14, 12));
    assert_eq!((columns::<Rv32Heap<1, 4, 4>>(), columns::<Rv32Heap<2, 8, 8>>()), (10, 14));
}

#[test]
fn the_machine_gets_the_access_adapters_that_its_instructions_need() {
    let inventory = config().create_inventory(SystemPort::default()).unwrap();
    assert_eq!(inventory.access_widths().collect::<Vec<_>>(), [2, 4, 8]);
}

/// Builds a test with overlapping blocks, both ends of memory, and a long gap before the second access.
fn blocks() -> VmChipTestBuilder<ExtensionVm<Library>> {
    let (add, repeat, sum) = (opcode("AddBlocks"), opcode("Repeat"), opcode("Sum"));
    let mut builder = VmChipTestBuilder::new(config());
    for (register, value) in [(4, 0x1000), (8, 0x1010), (12, 0x1FFF_FFE0), (16, 0x1008), (20, u32::MAX)] {
        builder = builder.word(REGISTER_SPACE, register, value);
    }
    for word in 0..16 {
        builder = builder.word(MAIN_SPACE, 0x1000 + 4 * word, 0xFFFF_0000_u32.wrapping_add(0x1_0001 * word));
    }
    builder.instructions(
        0x100,
        [
            Instruction::from_parts(add, [12, 4, 8, 0, 0, 0, 0]),
            Instruction::from_parts(add, [16, 4, 8, 0, 0, 0, 0]),
            Instruction::from_parts(repeat, [4, 16, 0, 0, 0, 0, 0]),
            Instruction::from_parts(sum, [20, 20, 20, 0, 0, 0, 0]),
        ],
    )
}

#[test]
fn blocks_may_overlap_and_lie_at_the_end_of_memory() {
    let report = blocks().run().unwrap();
    let before: Vec<u32> = (0..16).map(|word| 0xFFFF_0000_u32.wrapping_add(0x1_0001 * word)).collect();
    let sums: Vec<u32> = (0..8).map(|i| before[i].wrapping_add(before[i + 4])).collect();
    let word = |pointer: u32| report.memory.get(&(MAIN_SPACE, pointer)).copied().unwrap_or(0);
    for (i, &sum) in sums.iter().enumerate() {
        assert_eq!(word(0x1FFF_FFE0 + 4 * i as u32), sum);
        assert_eq!(word(0x1008 + 4 * i as u32), if i < 2 { [sums[0], sums[1]][i] } else { sum });
    }
    assert_eq!([word(0x1000), word(0x1004)], [sums[0], sums[1]]);
    blocks().build::<BabyBearBlake3Engine>().unwrap().prove_and_verify().unwrap();
}

#[test]
fn bad_pointers_are_errors() {
    let run = |pointer: u32| {
        let instruction = Instruction::from_parts(opcode("Repeat"), [4, 8, 0, 0, 0, 0, 0]);
        let builder = VmChipTestBuilder::new(config()).word(REGISTER_SPACE, 4, pointer);
        builder.instruction(0x100, instruction).run().map(|_| ()).unwrap_err().to_string()
    };
    assert!(run(0x1002).contains("misaligned"), "{}", run(0x1002));
    assert!(run(0x1FFF_FFF4).contains("is outside of memory"), "{}", run(0x1FFF_FFF4));
}
