//! Relations between integers of several limbs: false rows, each of which only one kind of check rejects.

use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};
use vm_core::arch::authoring::{Bytes, Core, CoreBuilder, Io, Limbs, Word, mark_highest_difference};
use vm_core::arch::{ALLOCATED_OPCODES, SystemConfig};
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
fn run([x, c]: [u32; 2], cheat: Option<Cheat>) -> Test {
    let extension = Multiplying { cheat };
    let program = VmChipTestBuilder::new(ExtensionVm { system: SystemConfig::default(), extension });
    let multiply = Instruction::from_parts(VmOpcode::from_u32(ALLOCATED_OPCODES), [24, 20, 28, 0, 0, 0, 0]);
    let terminate = Instruction::from_parts(SystemOpcode::TERMINATE.global_opcode(), [0; 7]);
    program.register(5, x).register(7, c).instructions(0x1000, [multiply, terminate]).build().unwrap()
}

/// Returns the constraints of the chip that fail, as their indices and texts, and the messages of failing range checks.
fn failures(operands: [u32; 2], cheat: Cheat) -> (Vec<(usize, String)>, Vec<Vec<u32>>) {
    let complete = run(operands, None);
    let mut test = run(operands, Some(cheat)).under(complete.vm(), complete.key()).unwrap();
    test.recount_lookups().unwrap();
    let report = test.debug();
    assert!(report.problems.is_empty(), "{cheat:?}: {report}");
    let constraints = report.labels.iter().map(|((air, index), text)| {
        assert_eq!(report.airs[*air], "MulMod", "{cheat:?}: {report}");
        (*index, text.clone())
    });
    let ranges = report.imbalances.iter().map(|imbalance| {
        assert_eq!(imbalance.bus, "range", "{cheat:?}: {report}");
        imbalance.fields.iter().map(PrimeField32::as_canonical_u32).collect()
    });
    let found = (constraints.collect(), ranges.collect());
    assert!(matches!(test.attempt(), Err(Rejection::Verifier(_))), "{cheat:?}");
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
