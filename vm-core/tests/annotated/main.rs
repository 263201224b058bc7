//! Annotated instructions with the smallest adapter: flags, roles, opcodes, encodings and generated tests.
#![allow(missing_docs, unreachable_pub)]

// Generated code refers to the crate `vm_sdk`, on which users depend.
extern crate vm_core as vm_sdk;

mod byte_pairs;
mod samples;

use std::marker::PhantomData;

use p3_air::AirBuilder;
use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};
use vm_core::arch::authoring::{Core, CoreBuilder, Io, Word, instruction_table};
use vm_core::arch::{ALLOCATED_OPCODES, ChipUsageGetter, SystemConfig, SystemPort, VmConfig, VmInventoryError};
use vm_core::instructions::{Instruction, LocalOpcode, VmOpcode};
use vm_core::machine::testing::{
    Case, ExtensionVm, Guard, TestAdapter, Verdict, VmChipTestBuilder, check, check_instruction,
};
use vm_core::primitives::{FixedTable, TableContent};
use vm_core::stark::{BabyBearBlake3Engine, Bus, F};
use vm_derive::{VmConfig, columns, instruction, vm_extension};

/// Two instructions that share a chip.
#[instruction(adapter = TestAdapter, columns = SumCols)]
pub enum Sum {
    /// `y = x + c`.
    #[encode(op, funct3 = 0, funct7 = 0)]
    #[guest = "add"]
    Add,
    /// `y = x - c`.
    #[encode(op, funct3 = 0, funct7 = 0x20)]
    #[guest(fn sub(x: u32, c: u32) -> u32)]
    Sub,
}

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
        match self {
            Self::Add => x.wrapping_add(c),
            Self::Sub => x.wrapping_sub(c),
        }
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &SumCols<B::Var>) {
        for (flag, a, sum) in [(Self::Add, cols.x, cols.y), (Self::Sub, cols.y, cols.x)] {
            let flag = b.flag(flag as usize);
            let mut carry = B::Expr::ZERO;
            for i in 0..2 {
                carry = (carry + a[i] + cols.c[i] - sum[i]) * F::from_u32(1 << 16).inverse();
                b.when(flag.clone()).assert_bool(carry.clone());
            }
        }
    }
}

/// Compares two words: 1 if they are equal. One witness is free.
#[instruction(adapter = TestAdapter, columns = EqualCols, encode(op, funct3 = 2, funct7 = 0x7F), guest = equal, name = "Equality")]
pub struct Equal;

#[columns]
pub struct EqualCols<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    c: Word<T>,
    #[write(0, proven)]
    y: Word<T>,
    #[bool]
    equal: T,
    #[free("the prover may choose which difference the inverses prove to be nonzero")]
    inverse: [T; 2],
}

#[instruction]
impl Core for Equal {
    fn execute(&self, [x, c]: [u32; 2]) -> u32 {
        u32::from(x == c)
    }

    fn witness(&self, io: &Io<Self>, cols: &mut EqualCols<F>) {
        cols.equal = F::from_u32(io.writes);
        for i in 0..2 {
            if let Some(inverse) = (cols.x[i] - cols.c[i]).try_inverse() {
                cols.inverse[i] = inverse;
                break;
            }
        }
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &EqualCols<B::Var>) {
        let difference = [0, 1].map(|i| cols.x[i] - cols.c[i]);
        let mut witnessed: B::Expr = cols.equal.into();
        for (difference, inverse) in difference.into_iter().zip(cols.inverse) {
            b.when(cols.equal).assert_zero(difference.clone());
            witnessed += difference * inverse;
        }
        let is_valid = b.is_valid();
        b.assert_eq(witnessed, is_valid);
        b.assert_eq(cols.y[0], cols.equal);
        b.assert_zero(cols.y[1]);
    }
}

#[vm_extension(instructions(Sum, Equal))]
#[derive(Clone, Copy, Debug)]
pub struct Arithmetic;

/// Copies the low cell of the first operand, but does not constrain the high cell of the result.
#[instruction(adapter = TestAdapter, columns = LooseCols)]
pub struct Loose;

#[columns]
pub struct LooseCols<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    c: Word<T>,
    #[write(0)]
    y: Word<T>,
}

#[instruction]
impl Core for Loose {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &LooseCols<B::Var>) {
        b.assert_eq(cols.y[0], cols.x[0]);
    }
}

#[vm_extension(instructions(Loose), tests = false)]
#[derive(Clone, Copy, Debug)]
pub struct LooseArithmetic;

#[test]
fn an_under_constrained_column_is_named() {
    let outcome = std::panic::catch_unwind(|| check_instruction::<_, Loose>(&LooseArithmetic));
    let message = *outcome.unwrap_err().downcast::<String>().unwrap();
    assert!(message.contains("core.y[1] (on 69 of 69 rows) changes a word that it sends to memory"), "{message}");
    assert!(message.contains("`Loose`") && !message.contains("core.y[0]"), "{message}");
    assert!(
        message.contains("the verifier accepts a proof of the forgery that starts from core.y[1] in row 0"),
        "{message}"
    );
}

/// Copies the first operand, but not from the columns that hold it.
#[instruction(adapter = TestAdapter, columns = DetachedCols)]
pub struct Detached;

#[columns]
pub struct DetachedCols<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    c: Word<T>,
    #[write(0)]
    y: Word<T>,
    /// The operand once more: no constraint says so.
    copy: Word<T>,
}

#[instruction]
impl Core for Detached {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x
    }

    fn witness(&self, _: &Io<Self>, cols: &mut DetachedCols<F>) {
        cols.copy = cols.x;
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &DetachedCols<B::Var>) {
        b.assert_eq(cols.y[0], cols.copy[0]);
        b.assert_eq(cols.y[1], cols.copy[1]);
    }
}

/// Adds the operands without checking that the carry of the low cell is boolean.
#[instruction(adapter = TestAdapter, columns = CarryCols)]
pub struct Carry;

#[columns]
pub struct CarryCols<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    c: Word<T>,
    #[write(0)]
    y: Word<T>,
    carry: T,
    #[bool]
    overflow: T,
}

#[instruction]
impl Core for Carry {
    fn execute(&self, [x, c]: [u32; 2]) -> u32 {
        x.wrapping_add(c)
    }

    fn witness(&self, io: &Io<Self>, cols: &mut CarryCols<F>) {
        let [x, c] = io.reads;
        cols.carry = F::from_bool((x & 0xFFFF) + (c & 0xFFFF) > 0xFFFF);
        cols.overflow = F::from_bool(x.checked_add(c).is_none());
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &CarryCols<B::Var>) {
        let base = F::from_u32(1 << 16);
        b.assert_eq(cols.x[0] + cols.c[0], cols.y[0] + cols.carry * base);
        b.assert_eq(cols.x[1] + cols.c[1] + cols.carry, cols.y[1] + cols.overflow * base);
    }
}

/// Copies the first operand with a constraint of degree 4, for which no key can be made.
#[instruction(adapter = TestAdapter, columns = LooseCols)]
pub struct Steep;

#[instruction]
impl Core for Steep {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &LooseCols<B::Var>) {
        b.assert_eq(cols.y[0], cols.x[0]);
        b.assert_zero((cols.y[1] - cols.x[1]) * cols.x[0] * cols.c[0] * cols.c[1]);
    }
}

#[vm_extension(instructions(Detached, Carry), tests = false)]
#[derive(Clone, Copy, Debug)]
pub struct Careless;

#[vm_extension(instructions(Sum, Steep), tests = false)]
#[derive(Clone, Copy, Debug)]
pub struct Mixed;

/// Returns the message with which a generated test fails.
fn failure(test: impl FnOnce() + std::panic::UnwindSafe) -> String {
    *std::panic::catch_unwind(test).unwrap_err().downcast().unwrap()
}

#[test]
fn an_operand_that_is_not_tied_to_its_witness_is_found() {
    let message = failure(|| check_instruction::<_, Detached>(&Careless));
    assert!(message.contains("the whole witness, from another execution"), "{message}");
    assert!(message.contains("core.copy[0]") && message.contains("the verifier accepts"), "{message}");
}

#[test]
fn a_repair_shows_that_a_carry_is_not_bounded() {
    // A changed carry alone is refused. Only with another result and another carry of the high cell, it is not.
    let message = failure(|| check_instruction::<_, Carry>(&Careless));
    assert!(message.contains("core.carry (on") && message.contains("a word that it sends to memory"), "{message}");
    assert!(message.contains("the verifier accepts"), "{message}");
}

#[test]
fn errors_of_set_up_belong_to_the_chip_that_causes_them() {
    check_instruction::<_, Sum>(&Mixed);
    let message = failure(|| check_instruction::<_, Steep>(&Mixed));
    assert!(message.contains("`Steep`") && message.contains("degree"), "{message}");
}

/// Computes whether the low cell of the first operand is not zero. `CLAIM` chooses which cells `free_cell` claims to be
/// free.
#[instruction(adapter = TestAdapter, columns = NonZeroCols)]
#[derive(Clone, Debug)]
pub struct NonZero<const CLAIM: usize>;

/// Claims nothing.
const NO_CLAIM: usize = 0;
/// Claims the cell that is free: the inverse of zero.
const TRUE_CLAIM: usize = 1;
/// In addition, claims a cell that is determined.
const IDLE_CLAIM: usize = 2;

#[columns]
pub struct NonZeroCols<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    c: Word<T>,
    #[write(0, proven)]
    y: Word<T>,
    inverse: T,
}

#[instruction]
impl<const CLAIM: usize> Core for NonZero<CLAIM> {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        u32::from(x & 0xFFFF != 0)
    }

    fn witness(&self, _: &Io<Self>, cols: &mut NonZeroCols<F>) {
        cols.inverse = cols.x[0].try_inverse().unwrap_or(F::ZERO);
    }

    fn free_cell(column: &str, cols: &NonZeroCols<F>) -> Option<&'static str> {
        let is_free = match column {
            "inverse" => CLAIM != NO_CLAIM && cols.x[0] == F::ZERO,
            "y[1]" => CLAIM == IDLE_CLAIM,
            _ => false,
        };
        is_free.then_some("zero has no inverse")
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &NonZeroCols<B::Var>) {
        b.assert_eq(cols.x[0] * cols.inverse, cols.y[0]);
        b.assert_eq(cols.x[0] * cols.y[0], cols.x[0]);
        b.assert_zero(cols.y[1]);
    }
}

#[vm_extension(instructions(NonZero<CLAIM> = NonZero), tests = false)]
#[derive(Clone, Copy, Debug)]
pub struct Claiming<const CLAIM: usize>;

#[test]
fn cells_that_are_free_on_some_rows_need_a_reason_and_reasons_a_need() {
    fn outcome<const CLAIM: usize>() -> Result<(), String> {
        std::panic::catch_unwind(|| check_instruction::<_, NonZero<CLAIM>>(&Claiming::<CLAIM>))
            .map_err(|message| *message.downcast::<String>().unwrap())
    }
    assert_eq!(outcome::<TRUE_CLAIM>(), Ok(()));
    let message = outcome::<NO_CLAIM>().unwrap_err();
    assert!(message.contains("core.inverse (on ") && !message.contains("core.y"), "{message}");
    let message = outcome::<IDLE_CLAIM>().unwrap_err();
    assert!(message.contains("core.y[1] is declared to be free") && !message.contains("inverse ("), "{message}");
}

#[test]
fn guest_functions_compute_the_same_on_the_host() {
    assert_eq!((add(7, u32::MAX), sub(1, 2), equal(3, 3), equal(3, 4)), (6, u32::MAX, 1, 0));
}

/// Computes the two low bits of the first operand, by a one-hot column for each of their values.
#[instruction(adapter = TestAdapter, columns = LowBitsCols)]
pub struct LowBits;

#[columns]
pub struct LowBitsCols<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    c: Word<T>,
    #[write(0)]
    y: Word<T>,
    #[one_hot]
    is: [T; 4],
    #[range(14)]
    rest: T,
}

#[instruction]
impl Core for LowBits {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x & 3
    }

    fn witness(&self, io: &Io<Self>, cols: &mut LowBitsCols<F>) {
        cols.is[io.writes as usize] = F::ONE;
        cols.rest = F::from_u32((io.reads[0] & 0xFFFF) >> 2);
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &LowBitsCols<B::Var>) {
        let bits = cols.is[1] + cols.is[2] * F::TWO + cols.is[3] * F::from_u8(3);
        b.assert_eq(cols.rest * F::from_u8(4) + bits.clone(), cols.x[0]);
        b.assert_eq(cols.y[0], bits);
        b.assert_zero(cols.y[1]);
    }
}

#[vm_extension(instructions(LowBits))]
#[derive(Clone, Copy, Debug)]
pub struct LowBitsExtension;

#[test]
fn one_hot_columns_are_boolean_and_one_of_them_is_set() {
    // One column is −1 and two others are 1, so their sum is 1, and the low bits are their weighted sum, such as 5.
    // Then two columns are set, or none. Each time, a single constraint refuses the row.
    let rows: [([i64; 4], u32); 6] = [
        ([-1, 0, 1, 1], 5),
        ([0, -1, 1, 1], 4),
        ([0, 1, -1, 1], 2),
        ([0, 1, 1, -1], 0),
        ([0, 1, 0, 1], 4),
        ([0, 0, 0, 0], 0),
    ];
    let mut decisive = std::collections::BTreeSet::new();
    for (is, bits) in rows {
        let instruction = Instruction::from_parts(VmOpcode::from_u32(ALLOCATED_OPCODES), [40, 44, 48, 0, 0, 0, 0]);
        let trial = Case::new(instruction).register(44, 8 + bits).trial::<LowBits>();
        let mut forged = vec![("core.rest", F::TWO), ("core.y[0]", F::from_u32(bits))];
        forged.extend(["core.is[0]", "core.is[1]", "core.is[2]", "core.is[3]"].into_iter().zip(is.map(F::from_i64)));
        let Verdict::Refused(guards) = trial.with(&forged) else { panic!("{is:?} is accepted") };
        assert!(matches!(guards[..], [Guard::Constraint(_)]), "{is:?}: {guards:?}");
        decisive.extend(guards);
    }
    assert_eq!(decisive.len(), 5, "four booleans and their sum");
}

/// Adds a constant with which the extension is configured.
#[instruction(adapter = TestAdapter, columns = OffsetCols, opcode = 0x777)]
#[derive(Clone, Debug)]
pub struct AddOffset {
    offset: u16,
}

#[columns]
pub struct OffsetCols<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    c: Word<T>,
    #[write(0)]
    y: Word<T>,
}

#[instruction]
impl Core for AddOffset {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x.wrapping_add(u32::from(self.offset))
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &OffsetCols<B::Var>) {
        let mut carry = b.is_valid() * F::from_u16(self.offset);
        for i in 0..2 {
            carry = (carry + cols.x[i] - cols.y[i]) * F::from_u32(1 << 16).inverse();
            b.assert_bool(carry.clone());
        }
    }
}

/// Extension with a run-time parameter.
#[vm_extension(instructions(AddOffset = AddOffset { offset: self.offset }), tests = Offset { offset: 77 })]
#[derive(Clone, Copy, Debug)]
pub struct Offset {
    offset: u16,
}

/// Type parameter of a generic instruction.
pub trait Choice: Clone + std::fmt::Debug + Send + Sync + 'static {
    /// Index of the operand that is copied.
    const OPERAND: usize;
}

#[derive(Clone, Debug)]
pub struct First;
impl Choice for First {
    const OPERAND: usize = 0;
}

#[derive(Clone, Debug)]
pub struct Second;
impl Choice for Second {
    const OPERAND: usize = 1;
}

/// Copies one of the operands.
#[instruction(adapter = TestAdapter, columns = CopyCols, encode(custom1, funct3 = 1, funct7 = 0))]
#[derive(Clone, Debug)]
pub struct Copied<C: Choice>(PhantomData<C>);

#[columns]
pub struct CopyCols<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    c: Word<T>,
    #[write(0, proven)]
    y: Word<T>,
}

#[instruction]
impl<C: Choice> Core for Copied<C> {
    fn execute(&self, reads: [u32; 2]) -> u32 {
        reads[C::OPERAND]
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &CopyCols<B::Var>) {
        for (y, source) in cols.y.into_iter().zip([cols.x, cols.c][C::OPERAND]) {
            b.assert_eq(y, source);
        }
    }
}

/// Generic extension.
#[vm_extension(instructions(Copied<C> = Copied(PhantomData)), tests = false)]
#[derive(Clone, Debug)]
pub struct Copying<C: Choice>(PhantomData<C>);

#[test]
fn a_generic_instruction_is_sound_for_every_parameter() {
    check_instruction::<_, Copied<First>>(&Copying::<First>(PhantomData));
    check_instruction::<_, Copied<Second>>(&Copying::<Second>(PhantomData));
}

/// Machine with several extensions, one of them optional.
#[derive(Clone, Debug, VmConfig)]
struct Machine {
    #[system]
    system: SystemConfig,
    #[extension]
    copying: Option<Copying<First>>,
    #[extension]
    arithmetic: Arithmetic,
    #[extension]
    offset: Offset,
}

fn machine(copying: bool) -> Machine {
    let copying = copying.then_some(Copying(PhantomData));
    Machine { system: SystemConfig::default(), copying, arithmetic: Arithmetic, offset: Offset { offset: 5 } }
}

/// Returns the opcodes of a machine, each with the name of the AIR that serves it.
fn opcodes(machine: &Machine) -> Vec<(String, u32)> {
    let inventory = machine.create_inventory(SystemPort::default()).unwrap();
    let all = inventory.opcodes().map(|(opcode, id)| (inventory.executors()[id].air_name(), opcode.as_u32()));
    all.collect()
}

#[test]
fn opcodes_are_allocated_per_machine_and_pinned_ones_stay() {
    let first = ALLOCATED_OPCODES;
    let named =
        |all: &[(&str, u32)]| all.iter().map(|(name, opcode)| ((*name).to_owned(), *opcode)).collect::<Vec<_>>();
    assert_eq!(
        opcodes(&machine(true)),
        named(&[
            ("AddOffset", 0x777),
            ("Copied", first),
            ("Sum", first + 1),
            ("Sum", first + 2),
            ("Equality", first + 3)
        ])
    );
    assert_eq!(
        opcodes(&machine(false)),
        named(&[("AddOffset", 0x777), ("Sum", first), ("Sum", first + 1), ("Equality", first + 2)])
    );
}

#[test]
fn declared_words_become_instructions_of_the_machine() {
    let inventory = machine(true).create_inventory(SystemPort::default()).unwrap();
    // sub x5, x6, x7
    let word = 0x4073_02B3;
    let decoded: Vec<Instruction> = inventory.decoders().iter().filter_map(|d| d.decode(word, 0)).collect();
    let opcode = opcodes(&machine(true))[3].1;
    assert_eq!(decoded.len(), 1);
    assert_eq!((decoded[0].opcode.as_u32(), decoded[0].a, decoded[0].b, decoded[0].c), (opcode, 20, 24, 28));
}

#[test]
fn instructions_of_several_extensions_are_proven_together() {
    let machine = machine(true);
    let numbers: Vec<u32> = opcodes(&machine).iter().map(|(_, opcode)| *opcode).collect();
    let instruction = |opcode: u32, operands: [u32; 3]| {
        Instruction::from_parts(VmOpcode::from_u32(opcode), [operands[0], operands[1], operands[2], 0, 0, 0, 0])
    };
    // x3 = x1 + x2; x4 = x3 − x1; x5 = (x4 == x2); x6 = x5 + 5; x7 = x6
    let program = [(2, [12, 4, 8]), (3, [16, 12, 4]), (4, [20, 16, 8]), (0, [24, 20, 0]), (1, [28, 24, 0])];
    let test = VmChipTestBuilder::new(machine)
        .register(1, 0xFFFF_FFF0)
        .register(2, 0x123)
        .instructions(0x1000, program.map(|(index, operands)| instruction(numbers[index], operands)))
        .build::<BabyBearBlake3Engine>()
        .unwrap();
    let run = test.prove_and_verify();
    assert!(run.is_ok(), "{:?}", run.err());
    assert_eq!(test.modes().run.registers[3..8], [0x113, 0x123, 1, 6, 6]);
}

/// Its encoding includes that of [`Equal`].
#[instruction(adapter = TestAdapter, columns = CopyCols, encode(op, funct3 = 2))]
pub struct Greedy;

#[instruction]
impl Core for Greedy {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x
    }
    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &CopyCols<B::Var>) {
        for i in 0..2 {
            b.assert_eq(cols.y[i], cols.x[i]);
        }
    }
}

/// Has the opcode of [`AddOffset`].
#[instruction(adapter = TestAdapter, columns = CopyCols, opcode = 0x777)]
pub struct Squatter;

#[instruction]
impl Core for Squatter {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x
    }
    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &CopyCols<B::Var>) {
        for i in 0..2 {
            b.assert_eq(cols.y[i], cols.x[i]);
        }
    }
}

#[vm_extension(instructions(Greedy))]
#[derive(Clone, Debug)]
pub struct GreedyExtension;

#[vm_extension(instructions(Squatter))]
#[derive(Clone, Debug)]
pub struct SquatterExtension;

#[derive(Clone, Debug, VmConfig)]
struct TwoWords {
    #[system]
    system: SystemConfig,
    #[extension]
    arithmetic: Arithmetic,
    #[extension]
    greedy: GreedyExtension,
}

#[derive(Clone, Debug, VmConfig)]
struct TwoOpcodes {
    #[system]
    system: SystemConfig,
    #[extension]
    offset: Offset,
    #[extension]
    squatter: SquatterExtension,
}

#[test]
fn a_machine_in_which_two_instructions_share_words_is_refused_with_both_names() {
    let machine = TwoWords { system: SystemConfig::default(), arithmetic: Arithmetic, greedy: GreedyExtension };
    let error = machine.create_inventory(SystemPort::default()).err().unwrap();
    assert!(matches!(error, VmInventoryError::EncodingCollision { first: "equal", second: "greedy", .. }), "{error}");
}

#[test]
fn a_machine_in_which_two_instructions_share_an_opcode_is_refused_with_both_names() {
    let offset = Offset { offset: 1 };
    let machine = TwoOpcodes { system: SystemConfig::default(), offset, squatter: SquatterExtension };
    let error = machine.create_inventory(SystemPort::default()).err().unwrap();
    let VmInventoryError::OpcodeCollision { first, second, .. } = &error else { panic!("{error}") };
    assert_eq!((first.as_str(), second.as_str()), ("AddOffset", "Squatter"));
}

#[test]
fn pinned_opcodes_are_a_class_and_declarations_are_documented() {
    assert_eq!(Squatter.global_opcode().as_u32(), 0x777);
    let table = instruction_table(&Arithmetic::instructions());
    assert!(
        table.contains("| `Add` | `w & 0xfe00707f == 0x00000033` | `fn add(x: u32, y: u32) -> u32` | `y = x + c`. |"),
        "{table}"
    );
    let vm = ExtensionVm { system: SystemConfig::default(), extension: Arithmetic };
    assert_eq!(vm.create_inventory(SystemPort::default()).unwrap().executors().len(), 2);
}

/// One instruction with a column of its own for `#[valid]`: its flag is that column.
#[instruction(adapter = TestAdapter, columns = ValidCopyCols)]
pub struct ValidCopy;

#[columns]
pub struct ValidCopyCols<T> {
    #[valid]
    valid: T,
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    c: Word<T>,
    #[write(0, proven)]
    y: Word<T>,
}

#[instruction]
impl Core for ValidCopy {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &ValidCopyCols<B::Var>) {
        let flag = b.flag(0);
        for i in 0..2 {
            b.when(flag.clone()).assert_eq(cols.y[i], cols.x[i]);
        }
    }
}

/// Two instructions whose opcode is a bit: no column is the flag of one of them.
#[instruction(adapter = TestAdapter, columns = BitCols)]
pub enum WithoutFlags {
    First,
    Second,
}

#[columns]
pub struct BitCols<T> {
    #[valid]
    valid: T,
    #[opcode_bit(1)]
    second: T,
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    c: Word<T>,
    #[write(0, proven)]
    y: Word<T>,
}

#[instruction]
impl Core for WithoutFlags {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &BitCols<B::Var>) {
        let flag = b.flag(Self::Second as usize);
        b.when(flag).assert_eq(cols.y[0], cols.x[0]);
    }
}

/// `x3 = f(x1, x2)` with the first opcode that a machine allocates.
fn case() -> Case {
    let opcode = VmOpcode::from_u32(ALLOCATED_OPCODES);
    Case::new(Instruction::from_parts(opcode, [12, 4, 8, 0, 0, 0, 0])).register(4, 0x1234_5678).register(8, 7)
}

#[test]
fn the_flag_of_one_instruction_is_its_valid_column() {
    // The constraints of `ValidCopy` depend on the flag. If it were zero, every result would be accepted.
    let report = check::<ValidCopy>(&[case()]);
    report.expect(&[], &[]);
}

#[test]
#[should_panic = "`flag(1)` has no column"]
fn a_flag_without_a_column_is_refused() {
    case().trial::<WithoutFlags>();
}

/// Lookup bus of the halfwords and their numbers of ones.
const ONES_BUS: Bus = Bus::lookup("ones", 2);

/// Content of a table that belongs to the tests: row `i` contains `i` and the number of ones among its 16 bits.
#[derive(Clone, Debug)]
pub struct Ones;

impl TableContent for Ones {
    fn name(&self) -> &'static str {
        "Ones"
    }
    fn bus(&self) -> Bus {
        ONES_BUS
    }
    fn field_names(&self) -> Vec<String> {
        vec!["halfword".to_owned(), "ones".to_owned()]
    }
    fn log_height(&self) -> usize {
        16
    }
    fn entry(&self, row: usize, _slot: usize) -> Vec<u32> {
        vec![row as u32, row.count_ones()]
    }
    fn position(&self, key: &[F]) -> Option<(usize, usize)> {
        let [halfword, ones] = [key[0].as_canonical_u32(), key[1].as_canonical_u32()];
        (halfword < 1 << 16 && ones == halfword.count_ones()).then_some((halfword as usize, 0))
    }
}

/// `y` is the number of ones in the low halfword of `x`, according to a lookup table.
#[instruction(adapter = TestAdapter, columns = CopyCols)]
pub struct LowOnes;

#[instruction]
impl Core for LowOnes {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        (x & 0xffff).count_ones()
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &CopyCols<B::Var>) {
        let is_valid = b.is_valid();
        ONES_BUS.query(b, [cols.x[0], cols.y[0]], is_valid);
        b.assert_zero(cols.y[1]);
    }
}

#[test]
fn a_case_has_the_lookup_tables_that_it_is_given() {
    let case = case().table(FixedTable::with_content(Ones));
    assert_eq!(case.run::<LowOnes>().unwrap().register(12), 0x5678u32.count_ones());
    check::<LowOnes>(&[case]).expect(&[], &[]);
}

#[test]
#[should_panic = "the row's messages are not those of the execution"]
fn queries_of_an_unknown_table_are_refused() {
    case().trial::<LowOnes>();
}
