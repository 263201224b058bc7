//! Addition, subtraction, multiplication and division of elements.
//!
//! Coefficients of results are below the modulus, so they are determined; those of operands need not be. Each relation holds
//! between integers: it is a multiple of the modulus.

use p3_field::PrimeCharacteristicRing;
use vm_modular::Listed;
use vm_modular::arithmetic::Sum;
use vm_modular::columns::{byte_cells, cells_of_bytes};
use vm_modular::modulus::Modulus;
use vm_sdk::arch::authoring::{Io, Limbs, Reads, Samples, mark_highest_difference};
use vm_sdk::arch::{ExecutionError, ExecutionResult};
use vm_sdk::prelude::*;
use vm_sdk::rv32::Rv32Heap;

use crate::element::{element, element_words, inverse, product};

/// `addcomplex rd, rs1, rs2` and `subcomplex rd, rs1, rs2`: `[rd] = [rs1] ± [rs2]`. `PAIR` is `2·WORDS`, `CARRIES` is
/// `2·WORDS − 1`.
#[instruction(
    adapter = Rv32Heap<2, PAIR, PAIR>,
    columns = SumCols<WORDS, PAIR, CARRIES>,
    name = self.modulus.air_name(&format!("{:?}Complex", self.operation)),
    encode(custom1, funct3 = 2, funct7 = self.modulus.funct7(self.operation as u32))
)]
pub struct SumComplex<const WORDS: usize, const PAIR: usize, const CARRIES: usize> {
    /// The modulus.
    pub modulus: Listed<Modulus>,
    /// The operation.
    pub operation: Sum,
}

/// Columns of [`SumComplex`].
#[columns]
pub struct SumCols<T, const WORDS: usize, const PAIR: usize, const CARRIES: usize> {
    /// First operand; bound by the memory bus.
    #[read(0)]
    pub(crate) x: [Word<T>; PAIR],
    /// Second operand; bound by the memory bus.
    #[read(1)]
    pub(crate) y: [Word<T>; PAIR],
    /// The result, which the relations and its bounds determine.
    #[write(0)]
    pub(crate) r: [Word<T>; PAIR],
    /// For each coefficient, determined by its relation.
    pub(crate) quotient: [[T; 1]; 2],
    pub(crate) carry: [[T; CARRIES]; 2],
    /// Mark the highest cells in which the coefficients differ from the modulus.
    pub(crate) differs: [[[T; 2]; WORDS]; 2],
}

impl<const WORDS: usize, const PAIR: usize, const CARRIES: usize> SumComplex<WORDS, PAIR, CARRIES> {
    /// Returns `x ± y − r` of both coefficients.
    pub(crate) fn relations<E: PrimeCharacteristicRing, C: Copy + Into<E>>(
        &self,
        cols: &SumCols<C, WORDS, PAIR, CARRIES>,
    ) -> [Limbs<E>; 2] {
        [0, 1].map(|coefficient| {
            let [x, y, r] = [cols.x, cols.y, cols.r].map(|cells| Limbs::cells(part(&cells, coefficient)));
            self.operation.relation(x, y, r)
        })
    }
}

/// Returns the cells or bytes of a coefficient.
fn part<C, const PAIR: usize, const PER_WORD: usize>(words: &[[C; PER_WORD]; PAIR], coefficient: usize) -> &[C] {
    &words.as_flattened()[coefficient * PAIR / 2 * PER_WORD..][..PAIR / 2 * PER_WORD]
}

#[instruction]
impl<const WORDS: usize, const PAIR: usize, const CARRIES: usize> Core for SumComplex<WORDS, PAIR, CARRIES> {
    fn execute(&self, reads: [[u32; PAIR]; 2]) -> [u32; PAIR] {
        let ([x, y], modulus) = (reads.map(|words| element(&words)), self.modulus.value);
        element_words::<WORDS, PAIR>([0, 1].map(|i| self.operation.of(modulus, x[i], y[i])))
    }

    fn sample(&self, samples: &mut Samples) -> Option<Reads<Self>> {
        Some([sample::<WORDS, PAIR>(&self.modulus, samples), sample::<WORDS, PAIR>(&self.modulus, samples)])
    }

    fn witness(&self, io: &Io<Self>, cols: &mut SumCols<F, WORDS, PAIR, CARRIES>) {
        let modulus = self.modulus.value.words::<WORDS>();
        for (i, relation) in self.relations(cols).into_iter().enumerate() {
            relation.fill_multiple(&modulus, &mut cols.quotient[i], &mut cols.carry[i]);
            let written = &io.writes[i * WORDS..][..WORDS];
            mark_highest_difference(written, &modulus, cols.differs[i].as_flattened_mut());
        }
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &SumCols<B::Var, WORDS, PAIR, CARRIES>) {
        let modulus = self.modulus.value.words::<WORDS>();
        for (i, relation) in self.relations(cols).into_iter().enumerate() {
            b.assert_multiple(relation, &modulus, &cols.quotient[i], &cols.carry[i]);
            // Soundness: the relation also holds for r + modulus, with another quotient.
            b.assert_below(part(&cols.r, i), &modulus, cols.differs[i].as_flattened());
        }
    }
}

/// Samples an element. Some have equal coefficients: the inverse of either shows that a divisor is not zero.
fn sample<const WORDS: usize, const PAIR: usize>(modulus: &Listed<Modulus>, samples: &mut Samples) -> [u32; PAIR] {
    let mut coefficients = [modulus.sample::<WORDS>(samples), modulus.sample::<WORDS>(samples)];
    if samples.below(4) == 0 {
        coefficients[1] = coefficients[0];
    }
    std::array::from_fn(|i| coefficients[i / WORDS][i % WORDS])
}

/// `mulcomplex rd, rs1, rs2`: `[rd] = [rs1]·[rs2]`. `PAIR` is `2·WORDS`, `QUOTIENT` is `4·WORDS + 1`; `CARRIES` says how many
/// limbs an equation has.
#[instruction(
    adapter = Rv32Heap<2, PAIR, PAIR>,
    columns = ProductCols<WORDS, PAIR, QUOTIENT, CARRIES>,
    name = self.0.air_name("MulComplex"),
    encode(custom1, funct3 = 2, funct7 = self.0.funct7(2))
)]
pub struct MulComplex<const WORDS: usize, const PAIR: usize, const QUOTIENT: usize, const CARRIES: usize>(
    pub Listed<Modulus>,
);

/// Columns of [`MulComplex`].
#[columns]
pub struct ProductCols<T, const WORDS: usize, const PAIR: usize, const QUOTIENT: usize, const CARRIES: usize> {
    /// First operand; bound by the memory bus.
    #[read(0, proven)]
    pub(crate) x: [Bytes<T>; PAIR],
    /// Second operand; bound by the memory bus.
    #[read(1, proven)]
    pub(crate) y: [Bytes<T>; PAIR],
    /// The result, which the relations and its bounds determine.
    #[write(0)]
    pub(crate) r: [Word<T>; PAIR],
    /// For each coefficient, determined by its relation.
    pub(crate) quotient: [[T; QUOTIENT]; 2],
    pub(crate) carry: [[T; CARRIES]; 2],
    /// Mark the highest cells in which the coefficients differ from the modulus.
    pub(crate) differs: [[[T; 2]; WORDS]; 2],
}

/// Returns `x·y − r` of both coefficients.
pub(crate) fn products<E: PrimeCharacteristicRing>(
    [a, b]: [Limbs<E>; 2],
    [c, d]: [Limbs<E>; 2],
    [r, s]: [Limbs<E>; 2],
) -> [Limbs<E>; 2] {
    [a.clone() * c.clone() - b.clone() * d.clone() - r, a * d + b * c - s]
}

/// Returns both coefficients of bytes.
pub(crate) fn of_bytes<E: PrimeCharacteristicRing, C: Copy + Into<E>, const PAIR: usize>(
    bytes: &[Bytes<C>; PAIR],
) -> [Limbs<E>; 2] {
    [0, 1].map(|coefficient| Limbs::bytes(part(bytes, coefficient)))
}

/// Returns both coefficients of 16-bit cells.
pub(crate) fn of_cells<E: PrimeCharacteristicRing, C: Copy + Into<E>, const PAIR: usize>(
    cells: &[Word<C>; PAIR],
) -> [Limbs<E>; 2] {
    [0, 1].map(|coefficient| Limbs::cells(part(cells, coefficient)))
}

#[instruction]
impl<const WORDS: usize, const PAIR: usize, const QUOTIENT: usize, const CARRIES: usize> Core
    for MulComplex<WORDS, PAIR, QUOTIENT, CARRIES>
{
    fn execute(&self, [x, y]: [[u32; PAIR]; 2]) -> [u32; PAIR] {
        element_words::<WORDS, PAIR>(product(self.0.value, element(&x), element(&y)))
    }

    fn sample(&self, samples: &mut Samples) -> Option<Reads<Self>> {
        Some([sample::<WORDS, PAIR>(&self.0, samples), sample::<WORDS, PAIR>(&self.0, samples)])
    }

    fn witness(&self, io: &Io<Self>, cols: &mut ProductCols<F, WORDS, PAIR, QUOTIENT, CARRIES>) {
        let modulus = self.0.value.words::<WORDS>();
        let relations = products(of_bytes(&cols.x), of_bytes(&cols.y), of_cells(&cols.r));
        for (i, relation) in relations.into_iter().enumerate() {
            relation.fill_multiple(&modulus, &mut cols.quotient[i], &mut cols.carry[i]);
            let written = &io.writes[i * WORDS..][..WORDS];
            mark_highest_difference(written, &modulus, cols.differs[i].as_flattened_mut());
        }
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &ProductCols<B::Var, WORDS, PAIR, QUOTIENT, CARRIES>) {
        let modulus = self.0.value.words::<WORDS>();
        b.byte_pairs(cols.x.as_flattened());
        b.byte_pairs(cols.y.as_flattened());
        let relations = products(of_bytes(&cols.x), of_bytes(&cols.y), of_cells(&cols.r));
        for (i, relation) in relations.into_iter().enumerate() {
            b.assert_multiple(relation, &modulus, &cols.quotient[i], &cols.carry[i]);
            // Soundness: the relation also holds for r + modulus, with another quotient.
            b.assert_below(part(&cols.r, i), &modulus, cols.differs[i].as_flattened());
        }
    }
}

/// `divcomplex rd, rs1, rs2`: `[rd] = [rs1] / [rs2]`. The parameters are those of [`MulComplex`]; `INVERSE` is `4·WORDS − 1`.
///
/// Nothing can be divided by zero: execution fails, and there is no proof.
#[instruction(
    adapter = Rv32Heap<2, PAIR, PAIR>,
    columns = DivCols<WORDS, PAIR, QUOTIENT, CARRIES, INVERSE>,
    name = self.0.air_name("DivComplex"),
    encode(custom1, funct3 = 2, funct7 = self.0.funct7(3))
)]
pub struct DivComplex<
    const WORDS: usize,
    const PAIR: usize,
    const QUOTIENT: usize,
    const CARRIES: usize,
    const INVERSE: usize,
>(pub Listed<Modulus>);

/// Columns of [`DivComplex`].
#[columns]
pub struct DivCols<
    T,
    const WORDS: usize,
    const PAIR: usize,
    const QUOTIENT: usize,
    const CARRIES: usize,
    const INVERSE: usize,
> {
    /// First operand; bound by the memory bus.
    #[read(0)]
    pub(crate) x: [Word<T>; PAIR],
    /// Second operand; bound by the memory bus.
    #[read(1, proven)]
    pub(crate) y: [Bytes<T>; PAIR],
    /// The result: determined by r·y = x, since y is not zero, and by its bounds.
    #[write(0, proven)]
    pub(crate) r: [Bytes<T>; PAIR],
    /// For each coefficient of r·y = x, determined by its relation.
    pub(crate) quotient: [[T; QUOTIENT]; 2],
    pub(crate) carry: [[T; CARRIES]; 2],
    /// The coefficient of y that is not zero: that of 1, or that of u if the flag is set.
    #[free("if neither is zero, the inverse of either shows that y is not zero")]
    pub(crate) is_imaginary: T,
    /// The inverse of this coefficient, not necessarily below the modulus.
    pub(crate) inverse: [Bytes<T>; WORDS],
    /// Determined by the relation of the inverse.
    pub(crate) inverse_quotient: [T; QUOTIENT],
    pub(crate) inverse_carry: [T; INVERSE],
    /// Mark the highest cells in which the coefficients differ from the modulus.
    pub(crate) differs: [[[T; 2]; WORDS]; 2],
}

impl<const W: usize, const P: usize, const Q: usize, const K: usize, const I: usize> DivComplex<W, P, Q, K, I> {
    /// Returns `r·y − x` of both coefficients, and `coefficient·inverse − 1`. `one` is 1 on rows that are instructions and 0 on
    /// padding rows.
    pub(crate) fn relations<E: PrimeCharacteristicRing, C: Copy + Into<E>>(
        cols: &DivCols<C, W, P, Q, K, I>,
        one: E,
    ) -> ([Limbs<E>; 2], Limbs<E>) {
        let y: [Limbs<E>; 2] = of_bytes(&cols.y);
        let [real, imaginary] = y.clone();
        let inverse: Limbs<E> = Limbs::bytes(cols.inverse.as_flattened());
        let coefficient = imaginary.select(cols.is_imaginary, real);
        (products(of_bytes(&cols.r), y, of_cells(&cols.x)), coefficient * inverse - Limbs::single(one, 0, 1))
    }
}

#[instruction]
impl<const WORDS: usize, const PAIR: usize, const QUOTIENT: usize, const CARRIES: usize, const INVERSE: usize> Core
    for DivComplex<WORDS, PAIR, QUOTIENT, CARRIES, INVERSE>
{
    fn check(&self, [_, y]: &[[u32; PAIR]; 2], pc: u32) -> ExecutionResult<()> {
        if inverse(self.0.value, element(y)).is_some() {
            return Ok(());
        }
        let message = format!(
            "divcomplex divides by zero, modulo {} (number {}): compare the divisor with zero before",
            self.0.value, self.0.number
        );
        Err(Box::new(ExecutionError::Fail { pc, message }))
    }

    fn execute(&self, [x, y]: [[u32; PAIR]; 2]) -> [u32; PAIR] {
        let (modulus, x) = (self.0.value, element(&x));
        element_words::<WORDS, PAIR>(inverse(modulus, element(&y)).map_or(x, |inverse| product(modulus, x, inverse)))
    }

    fn sample(&self, samples: &mut Samples) -> Option<Reads<Self>> {
        Some([sample::<WORDS, PAIR>(&self.0, samples), sample::<WORDS, PAIR>(&self.0, samples)])
    }

    fn witness(&self, io: &Io<Self>, cols: &mut DivCols<F, WORDS, PAIR, QUOTIENT, CARRIES, INVERSE>) {
        let (value, modulus) = (self.0.value, self.0.value.words::<WORDS>());
        let inverses = element(&io.reads[1]).map(|coefficient| value.inverse(coefficient));
        cols.is_imaginary = F::from_bool(inverses[0].is_none());
        if let Some(inverse) = inverses[0].or(inverses[1]) {
            cols.inverse = byte_cells(inverse);
        }
        let (quotients, inverse) = Self::relations(cols, F::ONE);
        for (i, relation) in quotients.into_iter().enumerate() {
            relation.fill_multiple(&modulus, &mut cols.quotient[i], &mut cols.carry[i]);
            let written = &io.writes[i * WORDS..][..WORDS];
            mark_highest_difference(written, &modulus, cols.differs[i].as_flattened_mut());
        }
        inverse.fill_multiple(&modulus, &mut cols.inverse_quotient, &mut cols.inverse_carry);
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &DivCols<B::Var, WORDS, PAIR, QUOTIENT, CARRIES, INVERSE>) {
        let modulus = self.0.value.words::<WORDS>();
        // Soundness: the relation counts on a flag.
        b.assert_bool(cols.is_imaginary);
        b.byte_pairs(cols.y.as_flattened());
        b.byte_pairs(cols.r.as_flattened());
        b.byte_pairs(cols.inverse.as_flattened());
        let (quotients, inverse) = Self::relations(cols, b.is_valid());
        // Soundness: y is not zero, so it has an inverse, because −1 is not a square modulo the prime; otherwise r·y = x would
        // have several solutions, or none.
        b.assert_multiple(inverse, &modulus, &cols.inverse_quotient, &cols.inverse_carry);
        for (i, relation) in quotients.into_iter().enumerate() {
            b.assert_multiple(relation, &modulus, &cols.quotient[i], &cols.carry[i]);
            // Soundness: the relation also holds for r + modulus, with another quotient.
            let cells: Vec<B::Expr> = cells_of_bytes(&cols.r[i * WORDS..][..WORDS]);
            b.assert_below(&cells, &modulus, cols.differs[i].as_flattened());
        }
    }
}

/// `setup rd, rs1`: proves that the first coefficient of `[rs1]` is the modulus, and writes zeros to `[rd]`. The *number* of the
/// register rs2 says for which chip: 0 for sums, 1 for products. All are one to this machine, whose circuits contain the
/// modulus.
#[instruction(
    adapter = Rv32Heap<1, PAIR, PAIR>,
    columns = SetupCols<PAIR>,
    name = self.modulus.air_name(&format!("SetupComplex{}", self.chip)),
    encode(custom1, funct3 = 2, funct7 = self.modulus.funct7(4), rs2 = self.chip),
    computed(write(0))
)]
pub struct SetupComplex<const WORDS: usize, const PAIR: usize> {
    /// The modulus.
    pub modulus: Listed<Modulus>,
    /// 0 or 1.
    pub chip: u32,
}

/// Columns of [`SetupComplex`].
#[columns]
pub struct SetupCols<T, const PAIR: usize> {
    /// The modulus, and a coefficient that is ignored; bound by the memory bus.
    #[read(0)]
    block: [Word<T>; PAIR],
}

#[instruction]
impl<const WORDS: usize, const PAIR: usize> Core for SetupComplex<WORDS, PAIR> {
    fn check(&self, [block]: &[[u32; PAIR]; 1], pc: u32) -> ExecutionResult<()> {
        self.modulus.check_setup(&block[..WORDS], pc)
    }

    fn execute(&self, _: [[u32; PAIR]; 1]) -> [u32; PAIR] {
        [0; PAIR]
    }

    fn sample(&self, samples: &mut Samples) -> Option<Reads<Self>> {
        let modulus = self.modulus.value.words::<WORDS>();
        Some([std::array::from_fn(|i| modulus.get(i).copied().unwrap_or_else(|| samples.word()))])
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &SetupCols<B::Var, PAIR>) {
        self.modulus.eval_setup(b, &cols.block[..WORDS]);
    }

    fn write<B: CoreBuilder>(&self, _: &SetupCols<B::Var, PAIR>, _value: usize, _word: usize) -> [B::Expr; 2] {
        [B::Expr::ZERO; 2]
    }
}
