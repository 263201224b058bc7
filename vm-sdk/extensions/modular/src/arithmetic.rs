//! Addition, subtraction, multiplication and division.
//!
//! Each result is the remainder below the modulus, so it is determined. Operands need not be below the modulus. A
//! relation holds between integers: it is a multiple of the modulus.

use p3_field::PrimeCharacteristicRing;
use vm_sdk::arch::authoring::{Io, Limbs, Reads, Samples, mark_highest_difference};
use vm_sdk::arch::{ExecutionError, ExecutionResult};
use vm_sdk::prelude::*;
use vm_sdk::rv32::Rv32Heap;

use crate::Listed;
use crate::columns::{byte_cells, cells_of_bytes};
use crate::modulus::Modulus;
use crate::number::{Number, number, words};

/// Addition or subtraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sum {
    /// `x + y`.
    Add,
    /// `x − y`.
    Sub,
}

impl Sum {
    /// Returns the result below the modulus.
    pub fn of(self, modulus: Modulus, x: Number, y: Number) -> Number {
        match self {
            Self::Add => modulus.add(x, y),
            Self::Sub => modulus.sub(x, y),
        }
    }

    /// Returns `x ± y − r`.
    pub fn relation<E: PrimeCharacteristicRing>(self, x: Limbs<E>, y: Limbs<E>, r: Limbs<E>) -> Limbs<E> {
        match self {
            Self::Add => x + y - r,
            Self::Sub => x - y - r,
        }
    }
}

/// `addmod rd, rs1, rs2` and `submod rd, rs1, rs2`: `[rd] = [rs1] ± [rs2]`. `CARRIES` is `2·WORDS − 1`.
#[instruction(
    adapter = Rv32Heap<2, WORDS, WORDS>,
    columns = SumCols<WORDS, CARRIES>,
    name = self.modulus.air_name(&format!("{:?}Mod", self.operation)),
    encode(custom1, funct3 = 0, funct7 = self.modulus.funct7(self.operation as u32))
)]
pub struct SumMod<const WORDS: usize, const CARRIES: usize> {
    /// The modulus.
    pub modulus: Listed<Modulus>,
    /// The operation.
    pub operation: Sum,
}

/// Columns of [`SumMod`].
#[columns]
pub struct SumCols<T, const WORDS: usize, const CARRIES: usize> {
    /// First operand; bound by the memory bus.
    #[read(0)]
    pub(crate) x: [Word<T>; WORDS],
    /// Second operand; bound by the memory bus.
    #[read(1)]
    pub(crate) y: [Word<T>; WORDS],
    /// The result, which the relation and its bound determine.
    #[write(0)]
    pub(crate) r: [Word<T>; WORDS],
    /// Determined by the relation.
    pub(crate) quotient: [T; 1],
    /// Determined by the relation.
    pub(crate) carry: [T; CARRIES],
    /// Marks the highest cell in which the result differs from the modulus.
    pub(crate) differs: [[T; 2]; WORDS],
}

impl<const WORDS: usize, const CARRIES: usize> SumMod<WORDS, CARRIES> {
    pub(crate) fn relation<E: PrimeCharacteristicRing, C: Copy + Into<E>>(
        &self,
        cols: &SumCols<C, WORDS, CARRIES>,
    ) -> Limbs<E> {
        let [x, y, r] = [cols.x, cols.y, cols.r].map(|number| Limbs::cells(number.as_flattened()));
        self.operation.relation(x, y, r)
    }
}

#[instruction]
impl<const WORDS: usize, const CARRIES: usize> Core for SumMod<WORDS, CARRIES> {
    fn execute(&self, reads: [[u32; WORDS]; 2]) -> [u32; WORDS] {
        let [x, y] = reads.map(|words| number(&words));
        words(self.operation.of(self.modulus.value, x, y))
    }

    fn sample(&self, samples: &mut Samples) -> Option<Reads<Self>> {
        let y = self.modulus.sample(samples);
        let inverse = if self.operation == Sum::Add { Sum::Sub } else { Sum::Add };
        let x = self.modulus.sample_with(samples, |r| Some(inverse.of(self.modulus.value, r, number(&y))));
        Some([x, y])
    }

    fn witness(&self, io: &Io<Self>, cols: &mut SumCols<F, WORDS, CARRIES>) {
        let modulus = self.modulus.value.words::<WORDS>();
        self.relation(cols).fill_multiple(&modulus, &mut cols.quotient, &mut cols.carry);
        mark_highest_difference(&io.writes, &modulus, cols.differs.as_flattened_mut());
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &SumCols<B::Var, WORDS, CARRIES>) {
        let modulus = self.modulus.value.words::<WORDS>();
        b.assert_multiple(self.relation(cols), &modulus, &cols.quotient, &cols.carry);
        // Soundness: the relation also holds for r + modulus, with another quotient.
        b.assert_below(cols.r.as_flattened(), &modulus, cols.differs.as_flattened());
    }
}

/// `mulmod rd, rs1, rs2`: `[rd] = [rs1]·[rs2]`. `QUOTIENT` is `4·WORDS + 1`, and `CARRIES` is `4·WORDS − 1`.
#[instruction(
    adapter = Rv32Heap<2, WORDS, WORDS>,
    columns = ProductCols<WORDS, QUOTIENT, CARRIES>,
    name = self.0.air_name("MulMod"),
    encode(custom1, funct3 = 0, funct7 = self.0.funct7(2))
)]
pub struct MulMod<const WORDS: usize, const QUOTIENT: usize, const CARRIES: usize>(pub Listed<Modulus>);

/// Columns of [`MulMod`].
#[columns]
pub struct ProductCols<T, const WORDS: usize, const QUOTIENT: usize, const CARRIES: usize> {
    /// First operand; bound by the memory bus.
    #[read(0, proven)]
    pub(crate) x: [Bytes<T>; WORDS],
    /// Second operand; bound by the memory bus.
    #[read(1, proven)]
    pub(crate) y: [Bytes<T>; WORDS],
    /// The result, which the relation and its bound determine.
    #[write(0)]
    pub(crate) r: [Word<T>; WORDS],
    /// Determined by the relation.
    pub(crate) quotient: [T; QUOTIENT],
    /// Determined by the relation.
    pub(crate) carry: [T; CARRIES],
    /// Marks the highest cell in which the result differs from the modulus.
    pub(crate) differs: [[T; 2]; WORDS],
}

/// Returns `x·y − r`.
pub(crate) fn product<E: PrimeCharacteristicRing, C: Copy + Into<E>, const W: usize, const Q: usize, const K: usize>(
    cols: &ProductCols<C, W, Q, K>,
) -> Limbs<E> {
    Limbs::bytes(cols.x.as_flattened()) * Limbs::bytes(cols.y.as_flattened()) - Limbs::cells(cols.r.as_flattened())
}

#[instruction]
impl<const WORDS: usize, const QUOTIENT: usize, const CARRIES: usize> Core for MulMod<WORDS, QUOTIENT, CARRIES> {
    fn execute(&self, [x, y]: [[u32; WORDS]; 2]) -> [u32; WORDS] {
        words(self.0.value.mul(number(&x), number(&y)))
    }

    fn sample(&self, samples: &mut Samples) -> Option<Reads<Self>> {
        let y = self.0.sample(samples);
        let modulus = self.0.value;
        let x = self.0.sample_with(samples, |r| Some(modulus.mul(r, modulus.inverse(number(&y))?)));
        Some([x, y])
    }

    fn witness(&self, io: &Io<Self>, cols: &mut ProductCols<F, WORDS, QUOTIENT, CARRIES>) {
        let modulus = self.0.value.words::<WORDS>();
        product(cols).fill_multiple(&modulus, &mut cols.quotient, &mut cols.carry);
        mark_highest_difference(&io.writes, &modulus, cols.differs.as_flattened_mut());
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &ProductCols<B::Var, WORDS, QUOTIENT, CARRIES>) {
        let modulus = self.0.value.words::<WORDS>();
        b.byte_pairs(cols.x.as_flattened());
        b.byte_pairs(cols.y.as_flattened());
        b.assert_multiple(product(cols), &modulus, &cols.quotient, &cols.carry);
        // Soundness: the relation also holds for r + modulus, with another quotient.
        b.assert_below(cols.r.as_flattened(), &modulus, cols.differs.as_flattened());
    }
}

/// `divmod rd, rs1, rs2`: `[rd] = [rs1] / [rs2]`. The parameters are those of [`MulMod`].
///
/// Only numbers that have an inverse can be divided by: with others, execution fails, and there is no proof.
#[instruction(
    adapter = Rv32Heap<2, WORDS, WORDS>,
    columns = DivCols<WORDS, QUOTIENT, CARRIES>,
    name = self.0.air_name("DivMod"),
    encode(custom1, funct3 = 0, funct7 = self.0.funct7(3))
)]
pub struct DivMod<const WORDS: usize, const QUOTIENT: usize, const CARRIES: usize>(pub Listed<Modulus>);

/// Columns of [`DivMod`].
#[columns]
pub struct DivCols<T, const WORDS: usize, const QUOTIENT: usize, const CARRIES: usize> {
    /// First operand; bound by the memory bus.
    #[read(0)]
    pub(crate) x: [Word<T>; WORDS],
    /// Second operand; bound by the memory bus.
    #[read(1, proven)]
    pub(crate) y: [Bytes<T>; WORDS],
    /// The result: determined by r·y = x, since y has an inverse, and by its bound.
    #[write(0, proven)]
    pub(crate) r: [Bytes<T>; WORDS],
    /// Determined by the relation r·y = x.
    pub(crate) quotient: [T; QUOTIENT],
    /// Determined by this relation.
    pub(crate) carry: [T; CARRIES],
    /// The inverse of y, not necessarily below the modulus.
    pub(crate) inverse: [Bytes<T>; WORDS],
    /// Determined by the relation y·inverse = 1.
    pub(crate) inverse_quotient: [T; QUOTIENT],
    /// Determined by this relation.
    pub(crate) inverse_carry: [T; CARRIES],
    /// Marks the highest cell in which the result differs from the modulus.
    pub(crate) differs: [[T; 2]; WORDS],
}

impl<const WORDS: usize, const QUOTIENT: usize, const CARRIES: usize> DivMod<WORDS, QUOTIENT, CARRIES> {
    /// Returns `r·y − x` and `y·inverse − 1`. `one` is 1 on rows that are instructions and 0 on padding rows.
    pub(crate) fn relations<E: PrimeCharacteristicRing, C: Copy + Into<E>>(
        cols: &DivCols<C, WORDS, QUOTIENT, CARRIES>,
        one: E,
    ) -> [Limbs<E>; 2] {
        let [y, r, inverse] = [cols.y, cols.r, cols.inverse].map(|number| Limbs::bytes(number.as_flattened()));
        [r * y.clone() - Limbs::cells(cols.x.as_flattened()), y * inverse - Limbs::single(one, 0, 1)]
    }
}

#[instruction]
impl<const WORDS: usize, const QUOTIENT: usize, const CARRIES: usize> Core for DivMod<WORDS, QUOTIENT, CARRIES> {
    fn check(&self, [_, y]: &[[u32; WORDS]; 2], pc: u32) -> ExecutionResult<()> {
        let modulus = self.0.value;
        let message = || {
            format!(
                "divmod divides by {}, which has no inverse modulo {modulus} (number {}): compare it with zero before",
                number(y),
                self.0.number
            )
        };
        match modulus.inverse(number(y)) {
            Some(_) => Ok(()),
            None => Err(Box::new(ExecutionError::Fail { pc, message: message() })),
        }
    }

    fn execute(&self, [x, y]: [[u32; WORDS]; 2]) -> [u32; WORDS] {
        let modulus = self.0.value;
        words(modulus.inverse(number(&y)).map_or(number(&x), |inverse| modulus.mul(number(&x), inverse)))
    }

    fn sample(&self, samples: &mut Samples) -> Option<Reads<Self>> {
        let y = self.0.sample(samples);
        Some([self.0.sample_with(samples, |r| Some(self.0.value.mul(r, number(&y)))), y])
    }

    fn witness(&self, io: &Io<Self>, cols: &mut DivCols<F, WORDS, QUOTIENT, CARRIES>) {
        let modulus = self.0.value.words::<WORDS>();
        if let Some(inverse) = self.0.value.inverse(number(&io.reads[1])) {
            cols.inverse = byte_cells(inverse);
        }
        let [quotient, inverse] = Self::relations(cols, F::ONE);
        quotient.fill_multiple(&modulus, &mut cols.quotient, &mut cols.carry);
        inverse.fill_multiple(&modulus, &mut cols.inverse_quotient, &mut cols.inverse_carry);
        mark_highest_difference(&io.writes, &modulus, cols.differs.as_flattened_mut());
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &DivCols<B::Var, WORDS, QUOTIENT, CARRIES>) {
        let modulus = self.0.value.words::<WORDS>();
        for bytes in [&cols.y, &cols.r, &cols.inverse] {
            b.byte_pairs(bytes.as_flattened());
        }
        let [quotient, inverse] = Self::relations(cols, b.is_valid());
        b.assert_multiple(quotient, &modulus, &cols.quotient, &cols.carry);
        // Soundness: without an inverse, r·y = x could have several solutions: all numbers, if both operands are zero.
        b.assert_multiple(inverse, &modulus, &cols.inverse_quotient, &cols.inverse_carry);
        // Soundness: the relation also holds for r + modulus, with another quotient.
        let cells: Vec<B::Expr> = cells_of_bytes(&cols.r);
        b.assert_below(&cells, &modulus, cols.differs.as_flattened());
    }
}
