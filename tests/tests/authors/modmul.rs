//! Multiplication of 256-bit numbers modulo a prime: operands and result in main memory, one row per instruction.

use p3_lookup::{Count, InteractionBuilder};
use ruint::aliases::{U256, U512};
use vm_sdk::arch::RANGE_BUS;
use vm_sdk::arch::authoring::{Limbs, Reads, Samples, mark_highest_difference};
use vm_sdk::arch::testing::check_instruction;
use vm_sdk::p3::air::AirBuilder;
use vm_sdk::prelude::*;
use vm_sdk::primitives::BytePairsTable;
use vm_sdk::rv32::Rv32Heap;
use vm_sdk::system::memory::MAIN_SPACE;

use crate::{Provers, Test, assert_lookup_forgery, complaint, instruction, program};

/// The prime of secp256k1, 2^256 − 2^32 − 977.
const P: U256 = U256::MAX.wrapping_sub(U256::from_limbs([(1 << 32) + 976, 0, 0, 0]));

fn number(words: [u32; 8]) -> U256 {
    U256::from_le_bytes::<32>(std::array::from_fn(|i| words[i / 4].to_le_bytes()[i % 4]))
}

fn words(number: U256) -> [u32; 8] {
    std::array::from_fn(|i| (number >> (32 * i)).wrapping_to())
}

/// Constraint that the author forgot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dropped {
    /// The quotient consists of bytes.
    QuotientBytes,
    /// The result is below the modulus.
    Reduced,
    /// The carry with this index is in range.
    Carry(usize),
}

/// `modmul rd, rs1, rs2`: `[rd] = [rs1]·[rs2]` modulo the prime. The registers hold pointers to 32 bytes.
#[instruction(adapter = Rv32Heap<2, 8, 8>, columns = ModMulCols, encode(custom1, funct3 = 1, funct7 = 0))]
#[derive(Clone, Debug)]
pub(crate) struct ModMul {
    dropped: Option<Dropped>,
    /// Whether the host does what the dropped constraint excludes.
    cheats: bool,
}

#[columns]
pub(crate) struct ModMulCols<T> {
    #[read(0, proven)]
    x: [Bytes<T>; 8],
    #[read(1, proven)]
    y: [Bytes<T>; 8],
    #[write(0)]
    r: [Word<T>; 8],
    /// Operands need not be reduced, so the quotient may be 2^256 or more.
    quotient: [T; 33],
    carry: [T; 31],
    differs: [T; 16],
}

/// Returns `x·y − quotient·P − r`, which is zero.
fn difference<E: PrimeCharacteristicRing, C: Copy + Into<E>>(cols: &ModMulCols<C>) -> Limbs<E> {
    let [x, y] = [cols.x, cols.y].map(|number| Limbs::bytes(number.as_flattened()));
    let multiple = Limbs::bytes(&cols.quotient) * Limbs::constant(&P.to_le_bytes::<32>());
    x * y - multiple - Limbs::cells(cols.r.as_flattened())
}

impl ModMul {
    /// Returns the result and the quotient that the host claims.
    fn claim(&self, [x, y]: [[u32; 8]; 2]) -> (U256, U512) {
        let product: U512 = number(x).widening_mul(number(y));
        let (quotient, rest) = product.div_rem(U512::from(P));
        let rest = U256::from(rest);
        match self.dropped {
            Some(Dropped::Reduced) if self.cheats => (rest + P, quotient - U512::ONE),
            Some(Dropped::QuotientBytes) if self.cheats => (rest ^ U256::ONE, quotient),
            _ => (rest, quotient),
        }
    }
}

#[instruction]
impl Core for ModMul {
    fn execute(&self, reads: [[u32; 8]; 2]) -> [u32; 8] {
        words(self.claim(reads).0)
    }

    fn sample(&self, samples: &mut Samples) -> Option<Reads<Self>> {
        // A result and the prime together have 256 bits only if the result is short.
        let (result, y) = (samples.below(1 << 16), number(std::array::from_fn(|_| samples.word())));
        let x = U256::from(result).mul_mod(y.inv_mod(P)?, P);
        Some([words(x), words(y)])
    }

    fn witness(&self, io: &Io<Self>, cols: &mut ModMulCols<F>) {
        let quotient = self.claim(io.reads).1.to_le_bytes::<64>();
        cols.quotient = std::array::from_fn(|i| F::from_u8(quotient[i]));
        if self.cheats && self.dropped == Some(Dropped::QuotientBytes) {
            solve_quotient(cols);
        }
        difference(cols).fill_carries(&mut cols.carry);
        mark_highest_difference(&io.writes, &words(P), &mut cols.differs);
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &ModMulCols<B::Var>) {
        b.byte_pairs(cols.x.as_flattened());
        b.byte_pairs(cols.y.as_flattened());
        if self.dropped != Some(Dropped::QuotientBytes) {
            b.byte_pairs(&cols.quotient);
        }
        match self.dropped {
            Some(Dropped::Carry(forgotten)) => {
                let mut builder = Forgetful { inner: b, forgotten, ranges: 0 };
                builder.assert_limbs_zero(&difference(cols), &cols.carry);
            }
            _ => b.assert_limbs_zero(&difference(cols), &cols.carry),
        }
        if self.dropped != Some(Dropped::Reduced) {
            b.assert_below(cols.r.as_flattened(), &words(P), &cols.differs);
        }
    }
}

/// A builder that forgets a range check.
struct Forgetful<'a, B> {
    inner: &'a mut B,
    /// Index of the range check.
    forgotten: usize,
    /// Number of range checks so far.
    ranges: usize,
}

impl<B: CoreBuilder> AirBuilder for Forgetful<'_, B> {
    type F = B::F;
    type Expr = B::Expr;
    type Var = B::Var;
    type PreprocessedWindow = B::PreprocessedWindow;
    type MainWindow = B::MainWindow;
    type PublicVar = B::PublicVar;
    type PeriodicVar = B::PeriodicVar;

    fn main(&self) -> Self::MainWindow {
        self.inner.main()
    }
    fn preprocessed(&self) -> &Self::PreprocessedWindow {
        self.inner.preprocessed()
    }
    fn is_first_row(&self) -> Self::Expr {
        self.inner.is_first_row()
    }
    fn is_last_row(&self) -> Self::Expr {
        self.inner.is_last_row()
    }
    fn is_transition(&self) -> Self::Expr {
        self.inner.is_transition()
    }
    fn assert_zero<I: Into<Self::Expr>>(&mut self, x: I) {
        self.inner.assert_zero(x);
    }
}

impl<B: CoreBuilder> InteractionBuilder for Forgetful<'_, B> {
    fn push_interaction<E: Into<Self::Expr>>(
        &mut self,
        bus_name: &str,
        fields: impl IntoIterator<Item = E>,
        count: impl Into<Count<Self::Expr>>,
    ) {
        let is_range = bus_name == RANGE_BUS.name;
        self.ranges += usize::from(is_range);
        if !is_range || self.ranges != self.forgotten + 1 {
            self.inner.push_interaction(bus_name, fields, count);
        }
    }
    fn push_local_interaction(&mut self, tuples: impl IntoIterator<Item = (Vec<Self::Expr>, Count<Self::Expr>)>) {
        self.inner.push_local_interaction(tuples);
    }
}

impl<B: CoreBuilder> CoreBuilder for Forgetful<'_, B> {
    fn is_valid(&self) -> Self::Expr {
        self.inner.is_valid()
    }
    fn flag(&self, instruction: usize) -> Self::Expr {
        self.inner.flag(instruction)
    }
}

/// Chooses field elements as the quotient with which all equations hold and all carries are zero: Gaussian elimination.
fn solve_quotient(cols: &mut ModMulCols<F>) {
    let [x, y] = [cols.x, cols.y].map(|number| number.as_flattened().to_vec());
    let modulus = P.to_le_bytes::<32>().map(F::from_u8);
    let product = |k: usize| (0..=k).filter_map(|i| Some(*x.get(i)? * *y.get(k - i)?)).sum::<F>();
    let byte = |k: usize, j: usize| k.checked_sub(j).and_then(|i| modulus.get(i)).copied().unwrap_or(F::ZERO);
    let pair = |low: F, high: F| low + high * F::from_u32(256);
    // One row per equation: the factors of the quotient's limbs, and what they must add up to.
    let mut rows: Vec<Vec<F>> = (0..32)
        .map(|k| {
            let factors = (0..33).map(|j| pair(byte(2 * k, j), byte(2 * k + 1, j)));
            let result = cols.r.as_flattened().get(k).copied().unwrap_or(F::ZERO);
            factors.chain([pair(product(2 * k), product(2 * k + 1)) - result]).collect()
        })
        .collect();
    let mut pivots = Vec::new();
    for column in 0..33 {
        let done = pivots.len();
        let Some(row) = (done..32).find(|row| rows[*row][column] != F::ZERO) else { continue };
        rows.swap(done, row);
        let inverse = rows[done][column].inverse();
        rows[done].iter_mut().for_each(|cell| *cell *= inverse);
        let pivot = rows[done].clone();
        for row in (0..32).filter(|row| *row != done) {
            let factor = rows[row][column];
            rows[row].iter_mut().zip(&pivot).for_each(|(cell, other)| *cell -= factor * *other);
        }
        pivots.push(column);
    }
    assert_eq!(pivots.len(), 32, "the equations are independent");
    cols.quotient = [F::ZERO; 33];
    pivots.iter().zip(&rows).for_each(|(column, row)| cols.quotient[*column] = row[33]);
}

/// Extension with the instruction.
#[vm_extension(
    instructions(ModMul = ModMul { dropped: self.dropped, cheats: self.cheats }),
    lookups(BytePairs: BytePairsTable),
    tests = false
)]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ModMulExtension {
    dropped: Option<Dropped>,
    cheats: bool,
}

#[test]
fn the_complete_chip_passes_the_generated_test() {
    check_instruction::<_, ModMul>(&ModMulExtension::default());
}

#[test]
fn the_generated_test_finds_the_quotient_that_is_not_in_range() {
    let careless = ModMulExtension { dropped: Some(Dropped::QuotientBytes), cheats: false };
    let message = complaint(|| check_instruction::<_, ModMul>(&careless));
    assert!(message.contains("core.quotient["), "{message}");
}

#[test]
fn the_generated_test_finds_the_result_that_is_not_reduced() {
    let careless = ModMulExtension { dropped: Some(Dropped::Reduced), cheats: false };
    let message = complaint(|| check_instruction::<_, ModMul>(&careless));
    assert!(message.contains("  core.r[0][0] (on "), "{message}");
    assert!(message.contains("the verifier accepts a proof of the forgery"), "{message}");
}

#[test]
fn the_generated_test_finds_the_carry_that_is_not_in_range() {
    // The equations of the result have the lower carries, and the quotient alone has the higher ones.
    for carry in [3, 20, 30] {
        let careless = ModMulExtension { dropped: Some(Dropped::Carry(carry)), cheats: false };
        let message = complaint(|| check_instruction::<_, ModMul>(&careless));
        assert!(message.contains(&format!("core.carry[{carry}]")), "{message}");
        assert!(message.contains("the verifier accepts a proof of the forgery"), "{message}");
    }
}

/// The figures of the book.
#[test]
fn a_product_is_one_row() {
    let test = run(None, false);
    let airs = test.key().verifying_key().stark().airs().to_vec();
    let air = airs.iter().find(|air| air.name == "ModMul").unwrap();
    assert_eq!((air.width, air.messages), (175, 115));
}

/// Pointers to the result and the operands.
const POINTERS: [u32; 3] = [0x1000, 0x2000, 0x3000];

/// Runs `[x5] = [x6]·[x7]` with −1 and −1 modulo the prime, whose product is 1.
fn run(dropped: Option<Dropped>, cheats: bool) -> Test<ModMulExtension> {
    let mut program = program(ModMulExtension { dropped, cheats });
    for (register, pointer) in (5..).zip(POINTERS) {
        program = program.register(register, pointer);
    }
    for (i, word) in (0..).zip(words(P - U256::ONE)) {
        program = program.word(MAIN_SPACE, POINTERS[1] + 4 * i, word).word(MAIN_SPACE, POINTERS[2] + 4 * i, word);
    }
    program.instructions(crate::PC, [instruction([5, 6, 7])]).build().unwrap()
}

fn provers(dropped: Dropped) -> Provers<ModMulExtension> {
    Provers { careless: run(Some(dropped), false), cheating: run(Some(dropped), true), complete: run(None, false) }
}

/// Returns the result in the final memory.
fn result(test: &Test<ModMulExtension>) -> U256 {
    let word = |i| test.modes().memory.get(&(MAIN_SPACE, POINTERS[0] + 4 * i)).copied().unwrap_or(0);
    number(std::array::from_fn(|i| word(i as u32)))
}

#[test]
fn without_range_checks_of_the_quotient_a_prover_claims_any_product() {
    let provers = provers(Dropped::QuotientBytes);
    assert_eq!(result(&provers.complete), U256::ONE);
    assert_eq!(result(&provers.cheating), U256::ZERO);
    assert_lookup_forgery(&provers, "byte_pairs");
}

#[test]
fn without_the_bound_a_prover_claims_a_result_that_is_not_reduced() {
    let provers = provers(Dropped::Reduced);
    assert_eq!(result(&provers.cheating), P + U256::ONE);
    assert_lookup_forgery(&provers, "range");
}
