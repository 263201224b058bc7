//! Adapters that are declared by an author: instructions of many shapes, and forged runs of them.

use std::collections::BTreeSet;

use vm_sdk::arch::authoring::{CoreAdapter, DecodeOperands};
use vm_sdk::arch::testing::check_instruction;
use vm_sdk::arch::{ALLOCATED_OPCODES, AirPart, SystemPort, VmExtension};
use vm_sdk::instructions::{Instruction, VmOpcode};
use vm_sdk::prelude::*;
use vm_sdk::rv32::{Rv32B, Rv32Heap, Rv32I, Rv32R, Rv32R4};
use vm_sdk::system::memory::MAIN_SPACE;

use crate::{Builder, Test, instruction, program};

/// `[rd] = f([rs1])`, blocks of any number of words.
#[adapter(format = Rv32R, read(mem[rs1; N]), write(mem[rd; N]))]
pub(crate) struct Move<const N: usize>;

/// `rd = f([rs1], [rs2])`.
#[adapter(format = Rv32R, read(mem[rs1; N], mem[rs2; N]), write(rd))]
pub(crate) struct Compare<const N: usize>;

/// Jumps if `f([rs1], [rs2])`.
#[adapter(format = Rv32B, read(mem[rs1; 8], mem[rs2; 8]), branch)]
pub(crate) struct Branch256;

/// `rd = f(rs1, rs2, rs3)`.
#[adapter(format = Rv32R4, read(rs1, rs2, rs3), write(rd))]
pub(crate) struct Ternary;

/// `[rd] = f([rs1], [rs2], [rs3])`.
#[adapter(format = Rv32R4, read(mem[rs1; 2], mem[rs2; 2], mem[rs3; 2]), write(mem[rd; 2]))]
pub(crate) struct Ternary64;

/// `rd = f(rs1, imm)`.
#[adapter(format = Rv32I, read(rs1, imm), write(rd))]
pub(crate) struct WithImmediate;

/// A register and a block of an odd number of words in, another such block out.
#[adapter(format = Rv32R, read(rs1, mem[rs2; 3]), write(mem[rd; 5]))]
pub(crate) struct Odd;

/// `f(rs1, [rs2])`, without a result.
#[adapter(format = Rv32R, read(rs1, mem[rs2; 2]))]
pub(crate) struct ReadOnly;

/// `move rd, rs1`: copies `N` words.
#[instruction(adapter = Move<N>, columns = MoveCols<N>, computed(write(0)))]
pub(crate) struct MoveWords<const N: usize>;

#[columns]
pub(crate) struct MoveCols<T, const N: usize> {
    #[read(0)]
    x: [Word<T>; N],
}

#[instruction]
impl<const N: usize> Core for MoveWords<N> {
    fn execute(&self, x: [u32; N]) -> [u32; N] {
        x
    }

    fn write<B: CoreBuilder>(&self, cols: &MoveCols<B::Var, N>, _: usize, word: usize) -> [B::Expr; 2] {
        cols.x[word].map(Into::into)
    }
}

#[vm_extension(instructions(MoveWords<N>), tests = false)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moving<const N: usize>;

/// Proves `equal` to be 1 if all cells are equal, and 0 otherwise.
fn assert_equality<B: CoreBuilder>(b: &mut B, [x, c]: [&[Word<B::Var>]; 2], inverse: &[Word<B::Var>], equal: B::Var) {
    let mut sum = B::Expr::ZERO;
    for ((x, c), inverse) in x.iter().zip(c).zip(inverse) {
        for i in 0..2 {
            b.when(equal).assert_eq(x[i], c[i]);
            sum += (x[i] - c[i]) * inverse[i];
        }
    }
    // Soundness: if all cells are equal, the sum is 0 and `equal` is 1. Otherwise `equal` is 0, because it cannot be 1.
    b.assert_eq(sum, b.is_valid() - equal);
}

/// Fills the inverse of the first difference that has one.
fn fill_inverses([x, c]: [&[Word<F>]; 2], inverses: &mut [Word<F>]) {
    let inverses = inverses.as_flattened_mut().iter_mut();
    for ((x, c), slot) in x.as_flattened().iter().zip(c.as_flattened()).zip(inverses) {
        if let Some(inverse) = (*x - *c).try_inverse() {
            *slot = inverse;
            return;
        }
    }
}

/// `equal rd, rs1, rs2`: rd = 1 if two blocks of 384 bits are equal, else 0.
#[instruction(
    adapter = Compare<12>,
    columns = EqualCols<12>,
    encode(custom1, funct3 = 3, funct7 = 0),
    computed(write(0))
)]
pub(crate) struct Equal384;

#[columns]
pub(crate) struct EqualCols<T, const N: usize> {
    #[read(0)]
    x: [Word<T>; N],
    #[read(1)]
    c: [Word<T>; N],
    equal: T,
    #[free("only witnesses that a difference is not zero")]
    inverse: [Word<T>; N],
}

#[instruction]
impl Core for Equal384 {
    fn execute(&self, [x, c]: [[u32; 12]; 2]) -> u32 {
        u32::from(x == c)
    }

    fn witness(&self, io: &Io<Self>, cols: &mut EqualCols<F, 12>) {
        cols.equal = F::from_u32(io.writes);
        fill_inverses([&cols.x, &cols.c], &mut cols.inverse);
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &EqualCols<B::Var, 12>) {
        assert_equality(b, [&cols.x, &cols.c], &cols.inverse, cols.equal);
    }

    fn write<B: CoreBuilder>(&self, cols: &EqualCols<B::Var, 12>, _: usize, _: usize) -> [B::Expr; 2] {
        [cols.equal.into(), B::Expr::ZERO]
    }
}

/// `beq256 rs1, rs2, offset`: jumps if two blocks of 256 bits are equal.
#[instruction(adapter = Branch256, columns = BranchCols, encode(custom1, funct3 = 6))]
pub(crate) struct BranchEqual256;

#[columns]
pub(crate) struct BranchCols<T> {
    #[read(0)]
    x: [Word<T>; 8],
    #[read(1)]
    c: [Word<T>; 8],
    #[write(0, proven)]
    equal: T,
    #[free("only witnesses that a difference is not zero")]
    inverse: [Word<T>; 8],
}

#[instruction]
impl Core for BranchEqual256 {
    fn execute(&self, [x, c]: [[u32; 8]; 2]) -> bool {
        x == c
    }

    fn witness(&self, _: &Io<Self>, cols: &mut BranchCols<F>) {
        fill_inverses([&cols.x, &cols.c], &mut cols.inverse);
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &BranchCols<B::Var>) {
        assert_equality(b, [&cols.x, &cols.c], &cols.inverse, cols.equal);
    }
}

/// `choose rd, rs1, rs2, rs3`: rd = rs2 if rs1 is even, else rs3.
#[instruction(adapter = Ternary, columns = ChooseCols, encode(custom1, funct3 = 4))]
pub(crate) struct Choose;

#[columns]
pub(crate) struct ChooseCols<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    if_even: Word<T>,
    #[read(2)]
    if_odd: Word<T>,
    #[write(0, proven)]
    y: Word<T>,
    #[bool]
    is_odd: T,
    #[range(15)]
    half: T,
}

#[instruction]
impl Core for Choose {
    fn execute(&self, [x, if_even, if_odd]: [u32; 3]) -> u32 {
        if x % 2 == 0 { if_even } else { if_odd }
    }

    fn witness(&self, io: &Io<Self>, cols: &mut ChooseCols<F>) {
        cols.is_odd = F::from_u32(io.reads[0] & 1);
        cols.half = F::from_u32((io.reads[0] & 0xFFFF) >> 1);
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &ChooseCols<B::Var>) {
        b.assert_eq(cols.half * F::TWO + cols.is_odd, cols.x[0]);
        for i in 0..2 {
            b.assert_eq(cols.y[i] - cols.if_even[i], (cols.if_odd[i] - cols.if_even[i]) * cols.is_odd);
        }
    }
}

/// `mix rd, rs1, rs2, rs3`: the first word of one block, and the cells of the second words of two others.
#[instruction(adapter = Ternary64, columns = MixCols, encode(custom1, funct3 = 5), computed(write(0)))]
pub(crate) struct Mix;

#[columns]
pub(crate) struct MixCols<T> {
    #[read(0)]
    x: [Word<T>; 2],
    #[read(1)]
    c: [Word<T>; 2],
    #[read(2)]
    d: [Word<T>; 2],
}

#[instruction]
impl Core for Mix {
    fn execute(&self, [x, c, d]: [[u32; 2]; 3]) -> [u32; 2] {
        [x[0], c[1] & 0xFFFF | d[1] & 0xFFFF_0000]
    }

    fn write<B: CoreBuilder>(&self, cols: &MixCols<B::Var>, _: usize, word: usize) -> [B::Expr; 2] {
        if word == 0 { cols.x[0].map(Into::into) } else { [cols.c[1][0].into(), cols.d[1][1].into()] }
    }
}

/// `add_imm rd, rs1, imm`: adds modulo 2^32.
#[instruction(adapter = WithImmediate, columns = AddCols, encode(custom1, funct3 = 0))]
pub(crate) struct AddConstant;

#[columns]
pub(crate) struct AddCols<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    c: Word<T>,
    #[write(0)]
    y: Word<T>,
}

#[instruction]
impl Core for AddConstant {
    fn execute(&self, (x, c): (u32, u32)) -> u32 {
        x.wrapping_add(c)
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &AddCols<B::Var>) {
        let mut carry = B::Expr::ZERO;
        for i in 0..2 {
            carry = (carry + cols.x[i] + cols.c[i] - cols.y[i]) * F::from_u32(1 << 16).inverse();
            b.assert_bool(carry.clone());
        }
    }
}

/// `spread rd, rs1, rs2`: a register, three words, and the register again.
#[instruction(adapter = Odd, columns = SpreadCols, encode(custom1, funct3 = 1, funct7 = 0), computed(write(0)))]
pub(crate) struct Spread;

#[columns]
pub(crate) struct SpreadCols<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    block: [Word<T>; 3],
}

#[instruction]
impl Core for Spread {
    fn execute(&self, (x, [a, b, c]): (u32, [u32; 3])) -> [u32; 5] {
        [x, a, b, c, x]
    }

    fn write<B: CoreBuilder>(&self, cols: &SpreadCols<B::Var>, _: usize, word: usize) -> [B::Expr; 2] {
        if word.is_multiple_of(4) { cols.x } else { cols.block[word - 1] }.map(Into::into)
    }
}

/// `touch rs1, rs2`: reads a register and two words, and does nothing with them.
#[instruction(adapter = ReadOnly, columns = TouchCols, encode(custom1, funct3 = 2, funct7 = 0, rd = 0))]
pub(crate) struct Touch;

#[columns]
pub(crate) struct TouchCols<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    block: [Word<T>; 2],
}

#[instruction]
impl Core for Touch {
    fn execute(&self, _: (u32, [u32; 2])) {}
}

/// Returns an instruction of [`Shapes`], by its number.
fn shape(number: u32, [a, b, c, d]: [u32; 4]) -> Instruction {
    Instruction::from_parts(VmOpcode::from_u32(ALLOCATED_OPCODES + number), [a, b, c, d, 0, 0, 0])
}

/// The generated tests of instructions of all shapes.
#[vm_extension(instructions(Equal384, BranchEqual256, Choose, Mix, AddConstant, Spread, Touch))]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shapes;

#[test]
fn blocks_have_any_number_of_words() {
    check_instruction::<_, MoveWords<1>>(&Moving::<1>);
    check_instruction::<_, MoveWords<7>>(&Moving::<7>);
    check_instruction::<_, MoveWords<24>>(&Moving::<24>);
    check_instruction::<_, MoveWords<96>>(&Moving::<96>);
}

#[test]
fn adapters_have_the_columns_and_the_widths_that_they_need() {
    fn columns<A: CoreAdapter + AirPart>() -> usize {
        A::new(SystemPort::default()).width()
    }
    fn widths<A: DecodeOperands>() -> &'static [usize] {
        A::ACCESS_WIDTHS
    }
    // State, three registers, pointers, times.
    assert_eq!((columns::<Move<8>>(), columns::<Move<12>>(), columns::<Move<96>>()), (10, 10, 10));
    // A word that is read alone needs its time, a word that is written its time and its previous content.
    assert_eq!((columns::<Move<1>>(), columns::<Move<9>>()), (14, 14));
    // In place of a pointer and its time, the time and the previous content of the register.
    assert_eq!((columns::<Compare<12>>(), columns::<Branch256>()), (14, 12));
    assert_eq!((columns::<Ternary>(), columns::<WithImmediate>(), columns::<ReadOnly>()), (12, 8, 8));
    assert_eq!((columns::<Rv32Heap<2, 12, 12>>(), columns::<Rv32Heap<1, 16, 16>>()), (14, 10));
    assert_eq!(widths::<Move<1>>(), [0; 0]);
    assert_eq!(widths::<Move<12>>(), [8, 4]);
    assert_eq!(widths::<Move<96>>(), [32]);
    assert_eq!(widths::<Odd>(), [2, 4]);
    assert_eq!(widths::<Rv32Heap<2, 24, 7>>(), [16, 8, 4, 2]);
    assert_eq!(widths::<Ternary>(), [0; 0]);
}

#[test]
fn operands_are_decoded_from_instruction_words() {
    // rd = 3, rs1 = 4, rs2 = 5, rs3 = 6
    let word = |rd: u32| 0x2B | rd << 7 | 4 << 15 | 5 << 20 | 6 << 27;
    assert_eq!(Compare::<12>::operands(word(3), 0), [12, 16, 20, 0, 0, 0, 0]);
    // Writes to x0 go to a register that nothing reads; a pointer in x0 is 0.
    assert_eq!(Compare::<12>::operands(word(0), 0), [128, 16, 20, 0, 0, 0, 0]);
    assert_eq!(Move::<12>::operands(word(0), 0), [0, 16, 0, 0, 0, 0, 0]);
    assert_eq!(Ternary::operands(word(3), 0), [12, 16, 20, 24, 0, 0, 0]);
    // imm = −2
    assert_eq!(WithImmediate::operands(0xFFE2_01AB, 0), [12, 16, 0xFFFE, 0xFFFF, 0, 0, 0]);
    // beq256 x4, x5, −4
    assert_eq!(Branch256::operands(0xFE52_0EE3, 0x1000), [16, 20, 0xFFC, 0, 0, 0, 0]);
}

/// Change of a column.
type Change<'a> = (&'a str, fn(F) -> F);

/// Changes cells of the first row of an AIR, and checks that the verifier rejects the traces for exactly these reasons:
/// names of buses, and `constraint`.
fn assert_refused<X>(program: &Builder<X>, air: &str, changes: &[Change<'_>], reasons: &[&str])
where
    X: VmExtension + Clone + Send + Sync + 'static,
    X::Executor: 'static,
    X::Periphery: 'static,
{
    let mut test: Test<X> = program.build().unwrap();
    test.prove_and_verify().expect("the honest traces are accepted");
    for (column, change) in changes {
        test.tamper(air, 0, 0, *column, change).unwrap();
    }
    let unanswered = test.recount_lookups().unwrap();
    let report = test.debug();
    assert!(report.problems.is_empty(), "{report}");
    let buses = report.imbalances.iter().map(|imbalance| imbalance.bus.as_str());
    let lookups = unanswered.iter().map(|query| query.bus);
    let constraints = report.labels.keys().map(|_| "constraint");
    let found: BTreeSet<&str> = buses.chain(lookups).chain(constraints).collect();
    assert_eq!(found, reasons.iter().copied().collect(), "{changes:?}");
    assert!(test.is_rejected(), "{changes:?}");
}

/// Adds a constant.
fn plus<const N: u32>(cell: F) -> F {
    cell + F::from_u32(N)
}

/// Sets a cell.
fn set<const N: u32>(_: F) -> F {
    F::from_u32(N)
}

/// A program that copies twelve words, as 8 and 4.
fn moving() -> Builder<Moving<12>> {
    let mut builder = program(Moving::<12>).register(5, 0x2000).register(6, 0x1000).register(7, 0x1004);
    for word in 0..16 {
        builder = builder.word(MAIN_SPACE, 0x1000 + 4 * word, 0x0101_0000 * word + word);
    }
    builder.instructions(crate::PC, [instruction([5, 6, 0]), instruction([5, 7, 0])])
}

#[test]
fn blocks_are_copied_in_all_modes() {
    let report = moving().run().unwrap();
    for word in 0..12 {
        let copied = report.memory.get(&(MAIN_SPACE, 0x2000 + 4 * word));
        assert_eq!(copied, Some(&(0x0101_0000 * (word + 1) + word + 1)), "{word}");
    }
}

#[test]
fn pointers_are_those_in_the_registers() {
    let (wide, all) = (["memory", "memory_wide_4", "memory_wide_8"], "MoveWords");
    assert_refused(&moving(), all, &[("adapter.rs1_pointer[0]", plus::<4>)], &wide);
    assert_refused(&moving(), all, &[("adapter.rd_pointer[0]", plus::<4>)], &wide);
    // The high cell is out of range, too.
    let beyond = [("adapter.rs1_pointer[1]", plus::<0x4000> as fn(F) -> F)];
    assert_refused(&moving(), all, &beyond, &["memory", "memory_wide_4", "memory_wide_8", "range"]);
    // The low cell makes up for the high one: the same address in the field, but not the word of the register.
    let same = [("adapter.rs1_pointer[0]", plus::<0x1_0000> as fn(F) -> F), ("adapter.rs1_pointer[1]", |c| c - F::ONE)];
    assert_refused(&moving(), all, &same, &["memory", "range"]);
}

#[test]
fn registers_are_those_of_the_program() {
    let air = "MoveWords";
    // x7 instead of x6, with its pointer: everything but the query of the program is that of an instruction.
    let other = [("adapter.rs1", set::<28> as fn(F) -> F)];
    assert_refused(&moving(), air, &other, &["memory", "program"]);
    assert_refused(&moving(), air, &[("adapter.rd", set::<24>)], &["memory", "program"]);
}

#[test]
fn times_are_those_of_the_accesses() {
    let air = "MoveWords";
    for column in ["adapter.reads_prev_timestamp[0]", "adapter.reads_prev_timestamp[1]"] {
        assert_refused(&moving(), air, &[(column, |c| c - F::ONE)], &["memory"]);
        // An access cannot follow one in the future.
        assert_refused(&moving(), air, &[(column, plus::<1000>)], &["memory", "range"]);
    }
    let later = [("adapter.from_state.timestamp", plus::<1> as fn(F) -> F)];
    assert_refused(&moving(), air, &later, &["execution", "memory", "memory_wide_4", "memory_wide_8"]);
}

#[test]
fn words_are_those_in_memory() {
    // A word of the first access and one of the second. The copy has the false word as well.
    assert_refused(&moving(), "MoveWords", &[("core.x[3][1]", plus::<1>)], &["memory_wide_8"]);
    assert_refused(&moving(), "MoveWords", &[("core.x[8][0]", plus::<1>)], &["memory_wide_4"]);
}

#[test]
fn single_words_of_blocks_are_those_in_memory() {
    let builder = program(Shapes).register(5, 0x2000).register(6, 77).register(7, 0x1000);
    let builder = (0..3).fold(builder, |builder, word| builder.word(MAIN_SPACE, 0x1000 + 4 * word, 0xA00 + word));
    let builder = builder.instruction(crate::PC, shape(5, [20, 24, 28, 0]));
    let air = "Spread";
    // The third word is read alone, and the fifth is written alone.
    assert_refused(&builder, air, &[("core.block[2][0]", plus::<1>)], &["memory", "memory_wide_4"]);
    assert_refused(&builder, air, &[("adapter.rs2_last_prev_timestamp", |c| c - F::ONE)], &["memory"]);
    assert_refused(&builder, air, &[("adapter.rs2_last_prev_timestamp", plus::<100>)], &["memory", "range"]);
    assert_refused(&builder, air, &[("adapter.write.prev_timestamp", |c| c - F::ONE)], &["memory"]);
    assert_refused(&builder, air, &[("adapter.write.prev_data[0]", plus::<1>)], &["memory"]);
    assert_refused(&builder, air, &[("core.x[0]", plus::<1>)], &["memory", "memory_wide_4"]);
}

/// Two equal blocks of twelve words at 0x1000 and 0x2000, and a different one at 0x3000. Their pointers are in x6 to x8.
fn blocks() -> Builder<Shapes> {
    let builder = program(Shapes).register(6, 0x1000).register(7, 0x2000).register(8, 0x3000).register(5, 9);
    (0..12).fold(builder, |builder, word| {
        let value = 0x1234_0000 + word;
        let builder = builder.word(MAIN_SPACE, 0x1000 + 4 * word, value).word(MAIN_SPACE, 0x2000 + 4 * word, value);
        builder.word(MAIN_SPACE, 0x3000 + 4 * word, if word == 11 { 0 } else { value })
    })
}

#[test]
fn results_in_registers_are_those_of_the_core() {
    let compare = |rs2: u32, rd: u32| blocks().instruction(crate::PC, shape(0, [4 * rd, 24, 4 * rs2, 0]));
    let result = |rs2, rd| compare(rs2, rd).run().unwrap().run.registers;
    assert_eq!((result(7, 5)[5], result(8, 5)[5]), (1, 0));
    // rd = x0 is register 32 in the program, and has no effect on the others.
    let (before, after) = (blocks().instruction(crate::PC, shape(0, [128, 24, 28, 0])), result(7, 32));
    assert_eq!((before.run().unwrap().run.registers[0], after[0], after[5]), (0, 0, 9));

    let air = "Equal384";
    let (equal, different) = (compare(7, 5), compare(8, 5));
    // Blocks that differ are said to be equal, and the other way round.
    assert_refused(&different, air, &[("core.equal", set::<1>)], &["constraint", "memory"]);
    assert_refused(&equal, air, &[("core.equal", set::<0>)], &["constraint", "memory"]);
    // The register of the result, its previous content and time.
    assert_refused(&equal, air, &[("adapter.rd", set::<36>)], &["memory", "program"]);
    assert_refused(&equal, air, &[("adapter.write.prev_data[0]", plus::<1>)], &["memory"]);
    assert_refused(&equal, air, &[("adapter.write.prev_timestamp", |c| c - F::ONE)], &["memory"]);
    assert_refused(&equal, air, &[("adapter.write.prev_timestamp", plus::<1000>)], &["memory", "range"]);
}

#[test]
fn branches_go_where_the_decision_leads() {
    // Both paths end at the instruction after next.
    let branch = |rs2: u32| {
        let target = crate::PC + 8;
        let builder = blocks().instruction(crate::PC, shape(1, [24, 4 * rs2, target, 0]));
        let touch = shape(6, [20, 24, 0, 0]);
        builder.instruction(crate::PC + 4, touch).instruction(crate::PC + 8, touch)
    };
    let rows = |rs2| branch(rs2).build::<vm_sdk::stark::BabyBearBlake3Engine>().unwrap();
    let touched = |rs2| rows(rs2).trace("Touch", 0).map(|trace| trace.values.len() / trace.width).unwrap_or(0);
    assert_eq!((touched(7) > 0, touched(8) > 0), (true, true));

    let air = "BranchEqual256";
    let (taken, not_taken) = (branch(7), branch(8));
    assert_refused(&taken, air, &[("adapter.to_pc", |c| c - F::from_u32(4))], &["constraint", "execution"]);
    assert_refused(&taken, air, &[("adapter.target", plus::<4>)], &["constraint", "program"]);
    let elsewhere = [("adapter.target", plus::<4> as fn(F) -> F), ("adapter.to_pc", plus::<4>)];
    assert_refused(&taken, air, &elsewhere, &["execution", "program"]);
    // The decision with the next pc that belongs to it: the core's constraints refuse it.
    let turned = [("core.equal", set::<0> as fn(F) -> F), ("adapter.to_pc", |c| c - F::from_u32(4))];
    assert_refused(&taken, air, &turned, &["constraint", "execution"]);
    assert_refused(&not_taken, air, &[("adapter.rs2", set::<28>)], &["memory", "program"]);
}

#[test]
fn immediates_are_those_of_the_instruction() {
    let builder = program(Shapes).register(6, 40).instruction(crate::PC, shape(4, [20, 24, 2, 0]));
    assert_eq!(builder.run().unwrap().run.registers[5], 42);
    // The sum is that of the false immediate.
    let false_sum = [("core.c[0]", plus::<1> as fn(F) -> F), ("core.y[0]", plus::<1>)];
    assert_refused(&builder, "AddConstant", &false_sum, &["memory", "program"]);
    // A limb of more than 16 bits is no operand.
    let wide = program(Shapes).instruction(crate::PC, shape(4, [20, 24, 1 << 16, 0]));
    assert!(wide.run().is_err());
}

#[test]
fn instructions_with_other_operands_are_refused() {
    let refused = |number, operands| blocks().instruction(crate::PC, shape(number, operands)).run().is_err();
    assert!(!refused(0, [20, 24, 28, 0]));
    // No register, a register that does not exist, and an operand that the row does not query.
    assert!(refused(0, [21, 24, 28, 0]) && refused(0, [20, 256, 28, 0]) && refused(0, [20, 24, 28, 1]));
    // A target beyond the last program counter.
    assert!(refused(1, [24, 28, (1 << 30) + 4, 0]));
}

#[test]
fn bad_pointers_are_errors() {
    let error = |pointer: u32| {
        let builder = program(Moving::<12>).register(5, 0x2000).register(6, pointer);
        builder.instruction(crate::PC, instruction([5, 6, 0])).run().map(|_| ()).unwrap_err().to_string()
    };
    assert!(error(0x1002).contains("misaligned"), "{}", error(0x1002));
    // The first access is within memory, the second is not.
    assert!(error(0x1FFF_FFE0).contains("is outside of memory"), "{}", error(0x1FFF_FFE0));
    assert!(error(u32::MAX - 3).contains("is outside of memory"), "{}", error(u32::MAX - 3));
}
