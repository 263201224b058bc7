//! Addition and doubling of points.
//!
//! Both find the third point of a line with the curve: with the slope λ, its coordinates satisfy
//! `x3 = λ² − x1 − x2` and `y3 = λ·(x1 − x3) − y1`. Coordinates of the result are below the modulus, so they are
//! determined; those of the operands need not be.

use p3_field::PrimeCharacteristicRing;
use vm_modular::Listed;
use vm_modular::columns::{byte_cells, cells_of_bytes, word_cells, word_of_bytes};
use vm_modular::number::{Number, number, words};
use vm_sdk::arch::authoring::{Io, Limbs, Reads, Samples, mark_highest_difference};
use vm_sdk::arch::{ExecutionError, ExecutionResult};
use vm_sdk::macros::AlignedBorrow;
use vm_sdk::prelude::*;
use vm_sdk::rv32::Rv32Heap;

use crate::curve::{Curve, Sum};

/// `sw_add_ne rd, rs1, rs2`: `[rd] = [rs1] + [rs2]` for points that are not at infinity and whose x-coordinates differ. With
/// others, execution fails.
///
/// A prover can claim any result for two *equal* points, as the line through them is not determined. So programs compare the
/// coordinates before, with instructions of the extension for the curve's field.
///
/// `POINT` is `2·WORDS`, `QUOTIENT` is `4·WORDS + 1`, `CARRIES` says how many limbs an equation has.
#[instruction(
    adapter = Rv32Heap<2, POINT, POINT>,
    columns = AddCols<WORDS, QUOTIENT, CARRIES>,
    name = self.0.air_name("AddPoints"),
    encode(custom1, funct3 = 1, funct7 = self.0.funct7(0)),
    computed(read(0), read(1), write(0))
)]
pub struct AddPoints<const WORDS: usize, const POINT: usize, const QUOTIENT: usize, const CARRIES: usize>(
    pub Listed<Curve>,
);

/// Columns of [`AddPoints`].
#[columns]
pub struct AddCols<T, const WORDS: usize, const QUOTIENT: usize, const CARRIES: usize> {
    /// Coordinates of the operands; bound by the memory bus.
    pub(crate) x1: [Bytes<T>; WORDS],
    pub(crate) y1: [Word<T>; WORDS],
    pub(crate) x2: [Bytes<T>; WORDS],
    pub(crate) y2: [Word<T>; WORDS],
    /// Determined by the relation λ·(x2 − x1) = y2 − y1.
    pub(crate) slope_quotient: [T; QUOTIENT],
    pub(crate) slope_carry: [T; CARRIES],
    pub(crate) line: LineCols<T, WORDS, QUOTIENT, CARRIES>,
}

/// Slope and third point of a line.
#[derive(AlignedBorrow, Clone, Copy, Debug)]
#[repr(C)]
pub struct LineCols<T, const WORDS: usize, const QUOTIENT: usize, const CARRIES: usize> {
    /// The slope, not necessarily below the modulus.
    pub(crate) slope: [Bytes<T>; WORDS],
    /// The result, which its relations and its bounds determine.
    pub(crate) x3: [Bytes<T>; WORDS],
    pub(crate) y3: [Word<T>; WORDS],
    /// Determined by the relation of x3.
    pub(crate) x_quotient: [T; QUOTIENT],
    pub(crate) x_carry: [T; CARRIES],
    /// Determined by the relation of y3.
    pub(crate) y_quotient: [T; QUOTIENT],
    pub(crate) y_carry: [T; CARRIES],
    /// Mark the highest cells in which the coordinates differ from the modulus.
    pub(crate) x_differs: [[T; 2]; WORDS],
    pub(crate) y_differs: [[T; 2]; WORDS],
}

/// An integer of bytes.
pub(crate) fn bytes<E: PrimeCharacteristicRing, C: Copy + Into<E>, const W: usize>(cols: &[Bytes<C>; W]) -> Limbs<E> {
    Limbs::bytes(cols.as_flattened())
}

/// An integer of 16-bit cells.
pub(crate) fn cells<E: PrimeCharacteristicRing, C: Copy + Into<E>, const W: usize>(cols: &[Word<C>; W]) -> Limbs<E> {
    Limbs::cells(cols.as_flattened())
}

impl<C: Copy, const W: usize, const Q: usize, const K: usize> LineCols<C, W, Q, K> {
    /// Returns `λ² − x1 − x2 − x3` and `λ·(x1 − x3) − y1 − y3`.
    pub(crate) fn relations<E: PrimeCharacteristicRing>(&self, [x1, x2, y1]: [Limbs<E>; 3]) -> [Limbs<E>; 2]
    where
        C: Into<E>,
    {
        let (slope, x3): (Limbs<E>, Limbs<E>) = (bytes(&self.slope), bytes(&self.x3));
        [slope.clone() * slope.clone() - x1.clone() - x2 - x3.clone(), slope * (x1 - x3) - y1 - cells(&self.y3)]
    }
}

impl<const W: usize, const Q: usize, const K: usize> LineCols<F, W, Q, K> {
    fn fill(&mut self, curve: &Listed<Curve>, sum: &Sum, points: [Limbs<F>; 3]) {
        let modulus = curve.value.modulus().words::<W>();
        let [x3, y3] = sum.point;
        (self.slope, self.x3, self.y3) = (byte_cells(sum.slope), byte_cells(x3), word_cells(y3));
        let [x, y] = self.relations(points);
        x.fill_multiple(&modulus, &mut self.x_quotient, &mut self.x_carry);
        y.fill_multiple(&modulus, &mut self.y_quotient, &mut self.y_carry);
        mark_highest_difference(&words::<W>(x3), &modulus, self.x_differs.as_flattened_mut());
        mark_highest_difference(&words::<W>(y3), &modulus, self.y_differs.as_flattened_mut());
    }
}

/// Proves that the third point is on the line through `x1`, `y1` and `x2` with the slope of the columns.
fn eval_line<B: CoreBuilder, const W: usize, const Q: usize, const K: usize>(
    b: &mut B,
    line: &LineCols<B::Var, W, Q, K>,
    curve: &Listed<Curve>,
    points: [Limbs<B::Expr>; 3],
) {
    let modulus = curve.value.modulus().words::<W>();
    b.byte_pairs(line.slope.as_flattened());
    b.byte_pairs(line.x3.as_flattened());
    // Soundness: cells that are written to memory have 16 bits.
    for cell in line.y3.as_flattened() {
        b.range(*cell, 16);
    }
    let [x, y] = line.relations(points);
    b.assert_multiple(x, &modulus, &line.x_quotient, &line.x_carry);
    b.assert_multiple(y, &modulus, &line.y_quotient, &line.y_carry);
    // Soundness: the relations also hold for coordinates that are greater by the modulus.
    let x3: Vec<B::Expr> = cells_of_bytes(&line.x3);
    b.assert_below(&x3, &modulus, line.x_differs.as_flattened());
    b.assert_below(line.y3.as_flattened(), &modulus, line.y_differs.as_flattened());
}

/// Returns a word of the point that is written.
fn third_point<B: CoreBuilder, const W: usize, const Q: usize, const K: usize>(
    line: &LineCols<B::Var, W, Q, K>,
    word: usize,
) -> [B::Expr; 2] {
    match line.x3.get(word) {
        Some(bytes) => word_of_bytes(bytes),
        None => line.y3[word - W].map(Into::into),
    }
}

/// Splits the words of a point into its coordinates.
fn coordinates<const W: usize>(point: &[u32]) -> [Number; 2] {
    let (x, y) = point.split_at(W);
    [number(x), number(y)]
}

/// Returns the words of a point.
fn point_words<const W: usize, const P: usize>(point: [Number; 2]) -> [u32; P] {
    let [x, y] = point.map(words::<W>);
    std::array::from_fn(|i| if i < W { x[i] } else { y[i - W] })
}

/// Samples the words of a point of the curve, or of another one with the same `a`. Some coordinates are not reduced.
fn sample<const W: usize, const P: usize>(curve: &Listed<Curve>, samples: &mut Samples) -> [u32; P] {
    let (modulus, small) = (curve.value.modulus().words::<W>(), samples.below(3));
    let mut point = std::array::from_fn(|_| samples.word());
    match samples.below(6) {
        0 => point[..W].copy_from_slice(&modulus),
        1 => point = [u32::MAX; P],
        2 => point.iter_mut().enumerate().for_each(|(i, word)| *word = if i % W == 0 { small } else { 0 }),
        _ => {}
    }
    point
}

impl<const W: usize, const P: usize, const Q: usize, const K: usize> AddPoints<W, P, Q, K> {
    fn sum(&self, [first, second]: &[[u32; P]; 2]) -> Option<Sum> {
        self.0.value.add(coordinates::<W>(first), coordinates::<W>(second))
    }

    /// Returns `λ·(x2 − x1) − (y2 − y1)`.
    fn slope<E: PrimeCharacteristicRing, C: Copy + Into<E>>(cols: &AddCols<C, W, Q, K>) -> Limbs<E> {
        bytes(&cols.line.slope) * (bytes(&cols.x2) - bytes(&cols.x1)) - cells(&cols.y2) + cells(&cols.y1)
    }
}

#[instruction]
impl<const WORDS: usize, const POINT: usize, const QUOTIENT: usize, const CARRIES: usize> Core
    for AddPoints<WORDS, POINT, QUOTIENT, CARRIES>
{
    fn check(&self, reads: &[[u32; POINT]; 2], pc: u32) -> ExecutionResult<()> {
        if self.sum(reads).is_some() {
            return Ok(());
        }
        let message = format!(
            "sw_add_ne adds points of curve number {} with equal x-coordinates: compare them before, and double the point if \
             the y-coordinates are equal, too",
            self.0.number
        );
        Err(Box::new(ExecutionError::Fail { pc, message }))
    }

    fn execute(&self, reads: [[u32; POINT]; 2]) -> [u32; POINT] {
        self.sum(&reads).map_or([0; POINT], |sum| point_words::<WORDS, POINT>(sum.point))
    }

    fn sample(&self, samples: &mut Samples) -> Option<Reads<Self>> {
        Some([sample::<WORDS, POINT>(&self.0, samples), sample::<WORDS, POINT>(&self.0, samples)])
    }

    fn witness(&self, io: &Io<Self>, cols: &mut AddCols<F, WORDS, QUOTIENT, CARRIES>) {
        let [[x1, y1], [x2, y2]] = [0, 1].map(|i| coordinates::<WORDS>(&io.reads[i]));
        (cols.x1, cols.y1) = (byte_cells(x1), word_cells(y1));
        (cols.x2, cols.y2) = (byte_cells(x2), word_cells(y2));
        let Some(sum) = self.sum(&io.reads) else { return };
        cols.line.fill(&self.0, &sum, [bytes(&cols.x1), bytes(&cols.x2), cells(&cols.y1)]);
        let modulus = self.0.value.modulus().words::<WORDS>();
        Self::slope(cols).fill_multiple(&modulus, &mut cols.slope_quotient, &mut cols.slope_carry);
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &AddCols<B::Var, WORDS, QUOTIENT, CARRIES>) {
        b.byte_pairs(cols.x1.as_flattened());
        b.byte_pairs(cols.x2.as_flattened());
        let modulus = self.0.value.modulus().words::<WORDS>();
        // Soundness: the slope is determined modulo the modulus, unless x1 = x2 and y1 = y2.
        b.assert_multiple(Self::slope(cols), &modulus, &cols.slope_quotient, &cols.slope_carry);
        eval_line(b, &cols.line, &self.0, [bytes(&cols.x1), bytes(&cols.x2), cells(&cols.y1)]);
    }

    fn read<B: CoreBuilder>(
        &self,
        cols: &AddCols<B::Var, WORDS, QUOTIENT, CARRIES>,
        value: usize,
        word: usize,
    ) -> [B::Expr; 2] {
        let (x, y) = if value == 0 { (&cols.x1, &cols.y1) } else { (&cols.x2, &cols.y2) };
        match x.get(word) {
            Some(bytes) => word_of_bytes(bytes),
            None => y[word - WORDS].map(Into::into),
        }
    }

    fn write<B: CoreBuilder>(
        &self,
        cols: &AddCols<B::Var, WORDS, QUOTIENT, CARRIES>,
        _value: usize,
        word: usize,
    ) -> [B::Expr; 2] {
        third_point::<B, WORDS, QUOTIENT, CARRIES>(&cols.line, word)
    }
}

/// `sw_double rd, rs1`: `[rd] = 2·[rs1]` for a point that is not at infinity and whose y-coordinate is not zero. With others,
/// execution fails.
///
/// A prover can claim any result for an operand with y = 0 and 3·x² + a = 0, such as (0, 0) if a is 0. No point of a curve
/// without singular points is one, so programs make sure that the operand is on the curve.
///
/// The parameters are those of [`AddPoints`]; `TANGENT` is the number of carries of the relation of the slope.
#[instruction(
    adapter = Rv32Heap<1, POINT, POINT>,
    columns = DoubleCols<WORDS, QUOTIENT, CARRIES, TANGENT>,
    name = self.0.air_name("DoublePoint"),
    encode(custom1, funct3 = 1, funct7 = self.0.funct7(1), rs2 = 0),
    computed(read(0), write(0))
)]
pub struct DoublePoint<
    const WORDS: usize,
    const POINT: usize,
    const QUOTIENT: usize,
    const CARRIES: usize,
    const TANGENT: usize,
>(pub Listed<Curve>);

/// Columns of [`DoublePoint`].
#[columns]
pub struct DoubleCols<T, const WORDS: usize, const QUOTIENT: usize, const CARRIES: usize, const TANGENT: usize> {
    /// Coordinates of the operand; bound by the memory bus.
    pub(crate) x: [Bytes<T>; WORDS],
    pub(crate) y: [Bytes<T>; WORDS],
    /// Determined by the relation λ·2·y = 3·x² + a.
    pub(crate) slope_quotient: [T; QUOTIENT],
    pub(crate) slope_carry: [T; TANGENT],
    pub(crate) line: LineCols<T, WORDS, QUOTIENT, CARRIES>,
}

impl<const W: usize, const P: usize, const Q: usize, const K: usize, const T: usize> DoublePoint<W, P, Q, K, T> {
    fn sum(&self, point: &[u32; P]) -> Option<Sum> {
        self.0.value.double(coordinates::<W>(point))
    }

    /// Returns `λ·2·y − 3·x² − a`. `one` is 1 on rows that are instructions and 0 on padding rows.
    fn slope<E: PrimeCharacteristicRing, C: Copy + Into<E>>(
        &self,
        cols: &DoubleCols<C, W, Q, K, T>,
        one: E,
    ) -> Limbs<E> {
        let (x, y): (Limbs<E>, Limbs<E>) = (bytes(&cols.x), bytes(&cols.y));
        let a: Vec<u8> = words::<W>(self.0.value.a()).iter().flat_map(|word| word.to_le_bytes()).collect();
        let a = Limbs::single(one, 0, 1) * Limbs::parameter(&a);
        Limbs::constant(&[2]) * y * bytes(&cols.line.slope) - Limbs::constant(&[3]) * x.clone() * x - a
    }
}

#[instruction]
impl<const WORDS: usize, const POINT: usize, const QUOTIENT: usize, const CARRIES: usize, const TANGENT: usize> Core
    for DoublePoint<WORDS, POINT, QUOTIENT, CARRIES, TANGENT>
{
    fn check(&self, [read]: &[[u32; POINT]; 1], pc: u32) -> ExecutionResult<()> {
        if self.sum(read).is_some() {
            return Ok(());
        }
        let message = format!(
            "sw_double doubles a point of curve number {} whose y-coordinate is zero: the result is at infinity",
            self.0.number
        );
        Err(Box::new(ExecutionError::Fail { pc, message }))
    }

    fn execute(&self, [read]: [[u32; POINT]; 1]) -> [u32; POINT] {
        self.sum(&read).map_or([0; POINT], |sum| point_words::<WORDS, POINT>(sum.point))
    }

    fn sample(&self, samples: &mut Samples) -> Option<Reads<Self>> {
        Some([sample::<WORDS, POINT>(&self.0, samples)])
    }

    fn witness(&self, io: &Io<Self>, cols: &mut DoubleCols<F, WORDS, QUOTIENT, CARRIES, TANGENT>) {
        let [x, y] = coordinates::<WORDS>(&io.reads[0]);
        (cols.x, cols.y) = (byte_cells(x), byte_cells(y));
        let Some(sum) = self.sum(&io.reads[0]) else { return };
        cols.line.fill(&self.0, &sum, [bytes(&cols.x), bytes(&cols.x), bytes(&cols.y)]);
        let modulus = self.0.value.modulus().words::<WORDS>();
        self.slope(cols, F::ONE).fill_multiple(&modulus, &mut cols.slope_quotient, &mut cols.slope_carry);
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &DoubleCols<B::Var, WORDS, QUOTIENT, CARRIES, TANGENT>) {
        b.byte_pairs(cols.x.as_flattened());
        b.byte_pairs(cols.y.as_flattened());
        let (modulus, one) = (self.0.value.modulus().words::<WORDS>(), b.is_valid());
        // Soundness: the slope is determined modulo the modulus, unless y and 3·x² + a are both zero. No point of a curve without
        // singular points satisfies both; that the operand is on the curve is for programs.
        b.assert_multiple(self.slope(cols, one), &modulus, &cols.slope_quotient, &cols.slope_carry);
        eval_line(b, &cols.line, &self.0, [bytes(&cols.x), bytes(&cols.x), bytes(&cols.y)]);
    }

    fn read<B: CoreBuilder>(
        &self,
        cols: &DoubleCols<B::Var, WORDS, QUOTIENT, CARRIES, TANGENT>,
        _value: usize,
        word: usize,
    ) -> [B::Expr; 2] {
        word_of_bytes(cols.x.get(word).unwrap_or_else(|| &cols.y[word - WORDS]))
    }

    fn write<B: CoreBuilder>(
        &self,
        cols: &DoubleCols<B::Var, WORDS, QUOTIENT, CARRIES, TANGENT>,
        _value: usize,
        word: usize,
    ) -> [B::Expr; 2] {
        third_point::<B, WORDS, QUOTIENT, CARRIES>(&cols.line, word)
    }
}
