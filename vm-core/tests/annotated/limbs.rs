//! Relations between integers of several limbs: false rows, each of which only one kind of check rejects.

use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};
use vm_core::arch::authoring::{Bytes, Core, CoreBuilder, Io, Limbs, Word, mark_highest_difference};
use vm_core::arch::{ALLOCATED_OPCODES, SystemConfig, VmConfig};
use vm_core::instructions::{Instruction, LocalOpcode, SystemOpcode, VmOpcode};
use vm_core::machine::testing::{ChipTest, ExtensionVm, Rejection, TestAdapter, VmChipTestBuilder};
use vm_core::primitives::BytePairsTable;
use vm_core::stark::{BabyBearBlake3Engine, F};
use vm_derive::{columns, instruction, vm_extension};

/// The modulus.
const M: u32 = 0x8000_00FF;

/// What a cheating host does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cheat {
    /// Adds this number to the result, and this one to the quotient; carries are rounded down.
    Add(u32, i64),
    /// Adds these numbers, and chooses the last carry so that the last equation holds.
    AddAndMendLast(u32, i64),
    /// Adds these numbers, and chooses field elements as carries, so that all equations hold.
    AddWithFieldCarries(u32, i64),
    /// Adds the modulus to the result and marks these cells, high cell last.
    NotReduced([i64; 2]),
}

/// `x·c` modulo [`M`].
#[instruction(adapter = TestAdapter, columns = MulModCols)]
#[derive(Clone, Copy, Debug)]
pub struct MulMod {
    /// If the host cheats, the circuit has no constraints of the instruction, so that the traces can be filled.
    cheat: Option<Cheat>,
}

#[columns]
pub struct MulModCols<T> {
    #[read(0, proven)]
    x: Bytes<T>,
    #[read(1, proven)]
    c: Bytes<T>,
    #[write(0)]
    y: Word<T>,
    quotient: [T; 5],
    carry: [T; 3],
    differs: [T; 2],
}

fn difference<E: PrimeCharacteristicRing, C: Copy + Into<E>>(cols: &MulModCols<C>) -> Limbs<E> {
    let multiple = Limbs::bytes(&cols.quotient) * Limbs::constant(&M.to_le_bytes());
    Limbs::bytes(&cols.x) * Limbs::bytes(&cols.c) - multiple - Limbs::cells(&cols.y)
}

impl MulMod {
    /// Returns the result and the quotient that the host claims.
    fn claim(&self, [x, c]: [u32; 2]) -> (u32, u64) {
        let product = u64::from(x) * u64::from(c);
        let (quotient, rest) = (product / u64::from(M), (product % u64::from(M)) as u32);
        match self.cheat {
            None => (rest, quotient),
            Some(Cheat::Add(y, q) | Cheat::AddAndMendLast(y, q) | Cheat::AddWithFieldCarries(y, q)) => {
                (rest.wrapping_add(y), quotient.wrapping_add_signed(q))
            }
            Some(Cheat::NotReduced(_)) => (rest + M, quotient - 1),
        }
    }
}

#[instruction]
impl Core for MulMod {
    fn execute(&self, reads: [u32; 2]) -> u32 {
        self.claim(reads).0
    }

    fn witness(&self, io: &Io<Self>, cols: &mut MulModCols<F>) {
        let quotient = self.claim(io.reads).1.to_le_bytes();
        cols.quotient = std::array::from_fn(|i| F::from_u8(quotient[i]));
        difference(cols).fill_carries(&mut cols.carry);
        mark_highest_difference(&[io.writes], &[M], &mut cols.differs);
        match self.cheat {
            Some(Cheat::AddAndMendLast(..)) => cols.carry[2] = offset(cols, 2) - sums(cols)[3],
            Some(Cheat::AddWithFieldCarries(..)) => {
                let mut carry = F::ZERO;
                for (i, sum) in sums(cols).into_iter().enumerate().take(3) {
                    carry = (sum + carry) * F::from_u32(1 << 16).inverse();
                    cols.carry[i] = offset(cols, i) + carry;
                }
            }
            Some(Cheat::NotReduced(marks)) => cols.differs = marks.map(F::from_i64),
            _ => {}
        }
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &MulModCols<B::Var>) {
        if self.cheat.is_some() {
            return;
        }
        b.byte_pairs(&cols.x);
        b.byte_pairs(&cols.c);
        b.byte_pairs(&cols.quotient);
        b.assert_limbs_zero(&difference(cols), &cols.carry);
        b.assert_below(&cols.y, &[M], &cols.differs);
    }
}

/// Returns the sums of two neighbouring limbs each.
fn sums(cols: &MulModCols<F>) -> [F; 4] {
    let coefficient =
        |a: &[F], b: &[F], k: usize| -> F { (0..=k).filter_map(|i| Some(*a.get(i)? * *b.get(k - i)?)).sum() };
    let modulus = M.to_le_bytes().map(F::from_u8);
    let limb = |k: usize| coefficient(&cols.x, &cols.c, k) - coefficient(&cols.quotient, &modulus, k);
    std::array::from_fn(|i| {
        limb(2 * i) + limb(2 * i + 1) * F::from_u32(256) - cols.y.get(i).copied().unwrap_or(F::ZERO)
    })
}

/// Returns what the column of a carry has in addition to the carry, from a row without any.
fn offset(cols: &MulModCols<F>, carry: usize) -> F {
    let mut zero = MulModCols { x: [F::ZERO; 4], c: [F::ZERO; 4], y: [F::ZERO; 2], quotient: [F::ZERO; 5], ..*cols };
    difference(&zero).fill_carries(&mut zero.carry);
    zero.carry[carry]
}

#[vm_extension(instructions(MulMod = MulMod { cheat: self.cheat }), lookups(BytePairs: BytePairsTable))]
#[derive(Clone, Copy, Debug, Default)]
pub struct Multiplying {
    cheat: Option<Cheat>,
}

type Test = ChipTest<BabyBearBlake3Engine, ExtensionVm<Multiplying>>;

/// Multiplies two numbers on a host that cheats.
fn run(operands: [u32; 2], cheat: Option<Cheat>) -> Test {
    run_on(Multiplying { cheat }, operands)
}

/// Runs the only instruction of an extension on two numbers.
fn run_on<X>(extension: X, [x, c]: [u32; 2]) -> ChipTest<BabyBearBlake3Engine, ExtensionVm<X>>
where
    ExtensionVm<X>: VmConfig,
{
    let program = VmChipTestBuilder::new(ExtensionVm { system: SystemConfig::default(), extension });
    let multiply = Instruction::from_parts(VmOpcode::from_u32(ALLOCATED_OPCODES), [24, 20, 28, 0, 0, 0, 0]);
    let terminate = Instruction::from_parts(SystemOpcode::TERMINATE.global_opcode(), [0; 7]);
    program.register(5, x).register(7, c).instructions(0x1000, [multiply, terminate]).build().unwrap()
}

/// Returns the constraints of the chip that fail, as their indices and texts, and the messages of failing range checks.
fn failures(operands: [u32; 2], cheat: Cheat) -> (Vec<(usize, String)>, Vec<Vec<u32>>) {
    let complete = run(operands, None);
    let test = run(operands, Some(cheat)).under(complete.vm(), complete.key()).unwrap();
    failures_of(test, "MulMod", &format!("{cheat:?}"))
}

/// As [`failures`], for a forged trace of the chip `chip`.
fn failures_of<VC: VmConfig>(
    mut test: ChipTest<BabyBearBlake3Engine, VC>,
    chip: &str,
    cheat: &str,
) -> (Vec<(usize, String)>, Vec<Vec<u32>>) {
    test.recount_lookups().unwrap();
    let report = test.debug();
    assert!(report.problems.is_empty(), "{cheat}: {report}");
    let constraints = report.labels.iter().map(|((air, index), text)| {
        assert_eq!(report.airs[*air], chip, "{cheat}: {report}");
        (*index, text.clone())
    });
    let ranges = report.imbalances.iter().map(|imbalance| {
        assert_eq!(imbalance.bus, "range", "{cheat}: {report}");
        imbalance.fields.iter().map(PrimeField32::as_canonical_u32).collect()
    });
    let found = (constraints.collect(), ranges.collect());
    assert!(matches!(test.attempt(), Err(Rejection::Verifier(_))), "{cheat}");
    found
}

/// Operands with a product of `q·M + rest`.
const fn operands(q: u32, rest: u32) -> [u32; 2] {
    [q * M + rest, 1]
}

#[test]
fn honest_products_are_accepted() {
    for (x, c) in [(0, 0), (u32::MAX, u32::MAX), (M, M), (M - 1, M - 1), (0x1234_5678, 0x9ABC_DEF0)] {
        let test = run([x, c], None);
        assert!(test.debug().is_ok());
        test.prove_and_verify().unwrap();
    }
}

/// Characteristic of the field.
const P: u64 = F::ORDER_U32 as u64;

#[test]
fn each_equation_is_needed() {
    let cheats = [
        // Carries are rounded down, so a smaller result violates one equation.
        Cheat::Add(1_u32.wrapping_neg(), 0),
        Cheat::Add(0x1_0000_u32.wrapping_neg(), 0),
        // 2·M − 510 = 2^32
        Cheat::AddAndMendLast(510_u32.wrapping_neg(), 2),
        // 2^17·M − 255·2^17 = 2^48
        Cheat::Add((255_u32 << 17).wrapping_neg(), 1 << 17),
    ];
    let equations = cheats.map(|cheat| {
        let (constraints, ranges) = failures(operands(1, 40_000_000), cheat);
        assert!(ranges.is_empty(), "{cheat:?}: {ranges:?}");
        let [(index, _)] = constraints[..] else { panic!("{cheat:?}: one equation fails: {constraints:?}") };
        index
    });
    // The equations are adjacent constraints.
    assert_eq!(equations.map(|index| index - equations[0]), [0, 1, 2, 3]);
}

#[test]
fn each_carry_is_in_range() {
    // The integer is a multiple of p: itself, or after the lower equations.
    let multiple = |power: u32| {
        let multiple = P << power;
        Cheat::AddWithFieldCarries((multiple % u64::from(M)) as u32, (multiple / u64::from(M)) as i64)
    };
    for (carry, rest, cheat) in [
        (0, F::ORDER_U32 + 5, Cheat::AddWithFieldCarries(F::ORDER_U32.wrapping_neg(), 0)),
        (1, 5, multiple(16)),
        (2, 5, multiple(32)),
    ] {
        let test = run(operands(0, rest), Some(cheat));
        let chip = test.air_index("MulMod").unwrap();
        let names = test.air("MulMod").unwrap().column_names();
        let column = names.iter().position(|name| *name == format!("core.carry[{carry}]")).unwrap();
        let trace = &test.inputs.iter().find(|input| input.air == chip).unwrap().traces[0];
        let (constraints, ranges) = failures(operands(0, rest), cheat);
        assert!(constraints.is_empty(), "{cheat:?}: {constraints:?}");
        let [range] = &ranges[..] else { panic!("{cheat:?}: one range check fails: {ranges:?}") };
        assert_eq!(range[0], trace.values[column].as_canonical_u32(), "{cheat:?}");
    }
}

#[test]
fn each_check_of_a_bound_is_needed() {
    let reduced = |rest: u32, marks: [i64; 2]| failures(operands(1, rest), Cheat::NotReduced(marks));
    // M + 1 differs from M in the low cell.
    let (constraints, ranges) = reduced(1, [1, 0]);
    assert!(constraints.is_empty(), "{constraints:?}");
    assert_eq!(ranges, [[F::ORDER_U32 - 2, 16]]);
    // Without a mark, nothing is compared.
    let (constraints, ranges) = reduced(0, [0, 0]);
    assert_eq!((constraints.len(), ranges), (1, vec![vec![F::ORDER_U32 - 1, 16]]), "{constraints:?}");
    // The low cell of 0x80010000 is smaller than that of M, but the high cell is greater.
    let (constraints, ranges) = reduced(0xFF01, [1, 0]);
    let [(_, text)] = &constraints[..] else { panic!("one constraint fails: {constraints:?}") };
    assert!(ranges.is_empty() && text.contains("core.y[1]"), "{text}");
    // Marks that are not boolean turn the sign of the difference.
    let (constraints, ranges) = reduced(1, [-1, 2]);
    assert!(ranges.is_empty(), "{ranges:?}");
    let texts: Vec<&str> = constraints.iter().map(|(_, text)| &text[..]).collect();
    assert_eq!(texts, ["core.differs[1]*(core.differs[1] - 1)", "core.differs[0]*(core.differs[0] - 1)"]);
}

/// The numbers of cells are checked when the chip is built.
#[instruction(adapter = TestAdapter, columns = super::SumCols)]
pub struct TooFewMarks;

#[instruction]
impl Core for TooFewMarks {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &super::SumCols<B::Var>) {
        b.assert_below(&cols.x, &[M], &cols.c[..1]);
    }
}

#[vm_extension(instructions(TooFewMarks), tests = false)]
#[derive(Clone, Copy, Debug)]
pub struct TooFew;

#[test]
fn a_bound_needs_as_many_marks_as_cells() {
    let message = super::failure(|| vm_core::machine::testing::check_instruction::<_, TooFewMarks>(&TooFew));
    assert_eq!(message, "`assert_below` compares 2 cells with 2 cells and has 1 columns: it needs as many of each");
}

/// `x·c` modulo 2^32: an integer that is truncated.
#[instruction(adapter = TestAdapter, columns = MulLowCols)]
#[derive(Clone, Copy, Debug)]
pub struct MulLow {
    /// What a cheating host adds to the result, and whether it chooses field elements as carries, so that all equations hold.
    cheat: Option<(u32, bool)>,
}

#[columns]
pub struct MulLowCols<T> {
    #[read(0, proven)]
    x: Bytes<T>,
    #[read(1, proven)]
    c: Bytes<T>,
    #[write(0)]
    y: Word<T>,
    carry: [T; 2],
}

fn low_difference<E: PrimeCharacteristicRing, C: Copy + Into<E>>(cols: &MulLowCols<C>) -> Limbs<E> {
    (Limbs::bytes(&cols.x) * Limbs::bytes(&cols.c) - Limbs::cells(&cols.y)).truncated(4)
}

#[instruction]
impl Core for MulLow {
    fn execute(&self, [x, c]: [u32; 2]) -> u32 {
        x.wrapping_mul(c).wrapping_add(self.cheat.map_or(0, |(wrong, _)| wrong))
    }

    fn witness(&self, _: &Io<Self>, cols: &mut MulLowCols<F>) {
        low_difference(cols).fill_carries(&mut cols.carry);
        if let Some((_, true)) = self.cheat {
            // The sums of two neighbouring limbs each.
            let limb = |k: usize| (0..=k).map(|i| cols.x[i] * cols.c[k - i]).sum::<F>();
            let sum = |i: usize| limb(2 * i) + limb(2 * i + 1) * F::from_u32(256) - cols.y[i];
            // What the columns have in addition to the carries, from a row without any.
            let mut zero = MulLowCols { x: [F::ZERO; 4], c: [F::ZERO; 4], y: [F::ZERO; 2], ..*cols };
            low_difference(&zero).fill_carries(&mut zero.carry);
            let mut carry = F::ZERO;
            for i in 0..2 {
                carry = (sum(i) + carry) * F::from_u32(1 << 16).inverse();
                cols.carry[i] = zero.carry[i] + carry;
            }
        }
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &MulLowCols<B::Var>) {
        if self.cheat.is_none() {
            b.byte_pairs(&cols.x);
            b.byte_pairs(&cols.c);
            b.assert_limbs_zero(&low_difference(cols), &cols.carry);
        }
    }
}

#[vm_extension(instructions(MulLow = MulLow { cheat: self.cheat }), lookups(BytePairs: BytePairsTable))]
#[derive(Clone, Copy, Debug, Default)]
pub struct MultiplyingLow {
    cheat: Option<(u32, bool)>,
}

#[test]
fn every_equation_and_carry_of_a_truncated_product_is_needed() {
    let operands = [0xFFFF_0123, 0x89AB_FFFF];
    let complete = run_on(MultiplyingLow { cheat: None }, operands);
    complete.prove_and_verify().unwrap();
    let failures = |wrong: u32, in_field: bool| {
        let test = run_on(MultiplyingLow { cheat: Some((wrong, in_field)) }, operands);
        let test = test.under(complete.vm(), complete.key()).unwrap();
        let trace = test.trace("MulLow", 0).unwrap();
        let carries: Vec<u32> =
            trace.values[trace.width - 2..trace.width].iter().map(PrimeField32::as_canonical_u32).collect();
        (failures_of(test, "MulLow", &format!("{wrong:#x}, {in_field}")), carries)
    };
    // Carries are rounded down, so a smaller cell violates its own equation only.
    let equations = [1_u32, 0x1_0000].map(|wrong| {
        let ((constraints, ranges), _) = failures(wrong.wrapping_neg(), false);
        assert!(ranges.is_empty(), "{ranges:?}");
        let [(index, _)] = constraints[..] else { panic!("one equation fails: {constraints:?}") };
        index
    });
    assert_eq!(equations[1], equations[0] + 1);
    // The last carry belongs to no other equation, so only its range makes the high cell what it is.
    let ((constraints, ranges), carries) = failures(0x1_0000_u32.wrapping_neg(), true);
    let [range] = &ranges[..] else { panic!("one range check fails: {ranges:?}") };
    assert_eq!((constraints.len(), range[0]), (0, carries[1]), "{constraints:?}");
    // A lower carry that is no integer makes a higher one that is none, too.
    let ((constraints, ranges), carries) = failures(1_u32.wrapping_neg(), true);
    let failed: Vec<u32> = ranges.iter().map(|range| range[0]).collect();
    assert!(constraints.is_empty() && failed.contains(&carries[0]), "{constraints:?} {failed:?} {carries:?}");
}
