//! DIV, DIVU, REM and REMU.
//!
//! Let X, C, Q and R be the integers that the operands, the quotient and the remainder represent: the word, minus 2^32
//! if the sign column is set. The AIR proves, over the integers, that
//! 1. `X = C·Q + R`;
//! 2. R is zero or has the sign of X;
//! 3. `|R| < |C|`, or C is zero (then 1 gives R = X) and Q is the word of all ones.
//!
//! For C ≠ 0 this determines Q and R, as in every truncated division, so the sign of Q needs no constraint of its own.
//! In particular, −2^31 / −1 gives Q = 2^31, the word 0x8000_0000 without a sign, as the specification requires.

use p3_air::AirBuilder;
use p3_field::PrimeCharacteristicRing;
use vm_core::arch::authoring::{Bytes, Core, CoreBuilder, Io, Word};
use vm_core::stark::F;
use vm_derive::{columns, instruction};

use crate::adapters::Rv32Alu;
use crate::byte_product::{byte_cells, product_limbs, product_limbs_host};
use crate::support::{CELL, CELL_BITS, cells, limbs};

/// Bits of the carries out of the three lower cells of `C·Q + R − X`, the last one plus [`CARRY_OFFSET`].
const CARRY_BITS: [usize; 3] = [9, 10, 10];
/// Added to the third carry, which is at least −2 because two 16-bit operands are subtracted there.
const CARRY_OFFSET: i64 = 2;
/// Bits of the carry out of the low cell of `|C| − |R| − 1`, plus [`GAP_CARRY_OFFSET`].
const GAP_CARRY_BITS: usize = 2;
/// Added to that carry, which is in −2..=1.
const GAP_CARRY_OFFSET: i64 = 2;

/// DIV, DIVU, REM and REMU.
#[instruction(adapter = Rv32Alu, columns = DivRemCols, opcode = 0x198)]
#[derive(PartialEq, Eq)]
pub enum DivRem {
    /// Signed quotient, truncated.
    #[encode(op, funct3 = 4, funct7 = 1)]
    DIV,
    /// Unsigned quotient.
    #[encode(op, funct3 = 5, funct7 = 1)]
    DIVU,
    /// Remainder of the signed division.
    #[encode(op, funct3 = 6, funct7 = 1)]
    REM,
    /// Remainder of the unsigned division.
    #[encode(op, funct3 = 7, funct7 = 1)]
    REMU,
}

/// Columns of [`DivRem`].
#[columns]
pub struct DivRemCols<T> {
    /// Cells of rs1, the dividend; bound by the memory bus.
    #[read(0)]
    pub x: Word<T>,
    /// Bytes of rs2, the divisor; bound by the memory bus and range checks.
    #[read(1, proven)]
    pub c: Bytes<T>,
    /// Bytes of the quotient; range-checked, and determined by the division.
    #[range(8)]
    pub q: Bytes<T>,
    /// Cells of the remainder; range-checked, and determined by the division.
    #[range(16)]
    pub r: Word<T>,
    /// Cells of the result; copied from the quotient or the remainder by a constraint.
    #[write(0, proven)]
    pub y: Word<T>,
    /// Sign of the dividend; boolean. 0 for DIVU and REMU, else determined by the range check of `x[1] − 2^15·sign`.
    #[bool]
    pub x_sign: T,
    /// Sign of the divisor; boolean. 0 for DIVU and REMU, else determined by the range check of `c[3] − 128·sign`.
    #[bool]
    pub c_sign: T,
    /// Sign of the quotient; boolean, and determined by the division (0 if the divisor is 0).
    #[bool]
    pub q_sign: T,
    /// Sign of the remainder; boolean, and determined by the division.
    #[bool]
    pub r_sign: T,
    /// 1 if the divisor is zero; boolean. If it is 1, the divisor must be zero; if it is 0, `gap` has no solution for a
    /// divisor of zero.
    #[bool]
    pub is_zero: T,
    /// Carries out of the three lower cells of `C·Q + R − X`; range-checked, and determined by the division.
    pub carry: [T; 3],
    /// Cells of `|C| − |R| − 1`; range-checked, and determined by a constraint. Free, and without effect, if the
    /// divisor is zero.
    #[range(16)]
    pub gap: [T; 2],
    /// Carry out of the low cell of `gap`; like `gap`.
    pub gap_carry: T,
    /// Selector of used rows; boolean.
    #[valid]
    pub is_valid: T,
    /// Selector of DIVU and REMU rows: boolean, and, with `is_rem`, fixed by the opcode in the program lookup.
    #[opcode_bit(1)]
    pub is_unsigned: T,
    /// Selector of REM and REMU rows; like `is_unsigned`.
    #[opcode_bit(2)]
    pub is_rem: T,
}

impl DivRem {
    /// Returns quotient and remainder.
    #[inline(always)]
    const fn divide(self, [x, c]: [u32; 2]) -> (u32, u32) {
        if c == 0 {
            return (u32::MAX, x);
        }
        match self {
            Self::DIV | Self::REM => {
                let (x, c) = (x as i32, c as i32);
                (x.wrapping_div(c) as u32, x.wrapping_rem(c) as u32)
            }
            Self::DIVU | Self::REMU => (x / c, x % c),
        }
    }
}

#[instruction]
impl Core for DivRem {
    #[inline(always)]
    fn execute(&self, reads: [u32; 2]) -> u32 {
        let (q, r) = self.divide(reads);
        match self {
            Self::DIV | Self::DIVU => q,
            Self::REM | Self::REMU => r,
        }
    }

    #[inline(always)]
    fn witness(&self, io: &Io<Self>, cols: &mut DivRemCols<F>) {
        let [x, c] = io.reads;
        let (q, r) = self.divide(io.reads);
        let is_signed = matches!(self, Self::DIV | Self::REM);
        let x_sign = is_signed && x >> 31 == 1;
        let c_sign = is_signed && c >> 31 == 1;
        let q_sign = c != 0 && q != 0 && x_sign != c_sign;
        let r_sign = x_sign && r != 0;

        let of = |sign: bool, value: u32| i64::from(value) * i64::from(sign);
        let [s0, s1, s2, _] = product_limbs_host(c, q);
        let [x0, x1] = limbs(x).map(i64::from);
        let [r0, r1] = limbs(r).map(i64::from);
        let minus2 = of(c_sign, limbs(q)[0]) + of(q_sign, limbs(c)[0]) + i64::from(r_sign) - i64::from(x_sign);
        let carry0 = (s0 + r0 - x0) >> CELL_BITS;
        let carry1 = (s1 + r1 - x1 + carry0) >> CELL_BITS;
        let carry2 = (s2 + carry1 - minus2) >> CELL_BITS;

        if c != 0 {
            let magnitude = |sign: bool, value: u32| if sign { value.wrapping_neg() } else { value };
            let gap = magnitude(c_sign, c) - magnitude(r_sign, r) - 1;
            let signed = |sign: bool, value: u32| i64::from(limbs(value)[0]) * if sign { -1 } else { 1 };
            let low = signed(c_sign, c) - signed(r_sign, r) - 1;
            cols.gap = cells(gap);
            cols.gap_carry = F::from_i64(low >> CELL_BITS);
        }

        cols.q = q.to_le_bytes().map(F::from_u8);
        cols.r = cells(r);
        cols.x_sign = F::from_bool(x_sign);
        cols.c_sign = F::from_bool(c_sign);
        cols.q_sign = F::from_bool(q_sign);
        cols.r_sign = F::from_bool(r_sign);
        cols.is_zero = F::from_bool(c == 0);
        cols.carry = [carry0, carry1, carry2].map(F::from_i64);
    }

    fn free_cell(column: &str, cols: &DivRemCols<F>) -> Option<&'static str> {
        let is_free = cols.is_zero == F::ONE && column.starts_with("gap");
        is_free.then_some("no remainder is compared with a divisor of zero")
    }

    fn eval<B: CoreBuilder>(&self, builder: &mut B, cols: &DivRemCols<B::Var>) {
        eval_ranges(builder, cols);
        for sign in [cols.x_sign, cols.c_sign] {
            builder.when(cols.is_unsigned).assert_zero(sign);
        }
        eval_division(builder, cols);
        eval_remainder(builder, cols);

        let q = byte_cells(&cols.q.map(Into::<B::Expr>::into));
        for ((y, q), r) in cols.y.into_iter().zip(q).zip(cols.r) {
            builder.assert_eq(y, q.clone() + (r.into() - q) * cols.is_rem);
        }
    }
}

/// Checks the ranges of operands and carries, which also determines the operands' signs.
fn eval_ranges<B: CoreBuilder>(builder: &mut B, cols: &DivRemCols<B::Var>) {
    // Soundness: for a signed operand, the check leaves one bit less to the top limb minus the sign's weight, which
    // forces the sign to be the top bit. For an unsigned operand the sign is zero, and the same check proves that its
    // top limb is in range.
    let is_signed = B::Expr::ONE - cols.is_unsigned;
    let x_bits = B::Expr::from_usize(CELL_BITS) - is_signed.clone();
    builder.range_by(cols.x[1] - cols.x_sign * F::from_u32(1 << 15), x_bits);
    builder.range_by(cols.c[3] - cols.c_sign * F::from_u32(1 << 7), B::Expr::from_u32(8) - is_signed);
    for &byte in &cols.c[..3] {
        builder.range(byte, 8);
    }
    let [carry0, carry1, carry2] = cols.carry.map(Into::<B::Expr>::into);
    for (carry, bits) in [carry0, carry1, carry2 + F::from_i64(CARRY_OFFSET)].into_iter().zip(CARRY_BITS) {
        builder.range(carry, bits);
    }
    builder.range(cols.gap_carry + F::from_i64(GAP_CARRY_OFFSET), GAP_CARRY_BITS);
}

/// Proves `X = C·Q + R` over the integers.
fn eval_division<B: CoreBuilder>(builder: &mut B, cols: &DivRemCols<B::Var>) {
    let c = cols.c.map(Into::<B::Expr>::into);
    let q = cols.q.map(Into::<B::Expr>::into);
    let [s0, s1, s2, s3] = product_limbs(&c, &q);
    let [c0, c1] = byte_cells(&c);
    let [q0, q1] = byte_cells(&q);
    let [carry0, carry1, carry2] = cols.carry;

    // C·Q + R − X = (c·q + r − x) − 2^32·(c_sign·q + q_sign·c + r_sign − x_sign) + 2^64·c_sign·q_sign, cell by cell.
    // Soundness: every side is below 2^27 in absolute value, so the equations hold over the integers. In their sum with
    // weights 2^(16·i) the carries cancel, which leaves the equation above. No carry leaves the highest cell, so the
    // sum is zero itself, not only modulo 2^64.
    builder.assert_eq(s0 + cols.r[0] - cols.x[0], carry0 * CELL);
    builder.assert_eq(s1 + cols.r[1] - cols.x[1] + carry0, carry1 * CELL);
    let minus2 = q0 * cols.c_sign + c0 * cols.q_sign + cols.r_sign - cols.x_sign;
    builder.assert_eq(s2 + carry1 - minus2, carry2 * CELL);
    let minus3 = q1 * cols.c_sign + c1 * cols.q_sign - cols.c_sign * cols.q_sign * CELL;
    builder.assert_eq(s3 + carry2, minus3);
}

/// Constrains the remainder's sign and size, and division by zero.
fn eval_remainder<B: CoreBuilder>(builder: &mut B, cols: &DivRemCols<B::Var>) {
    let [c0, c1] = byte_cells(&cols.c.map(Into::<B::Expr>::into));
    let one = B::Expr::ONE;

    // Soundness: a remainder whose sign differs from the dividend's is zero, because its cells are below 2^16 and so
    // their sum is zero only if both are. (r = 0 with r_sign = 1 means R = −2^32, which the gap, or X = R, excludes.)
    builder.when(cols.x_sign - cols.r_sign).assert_zero(cols.r[0] + cols.r[1]);

    // Soundness: is_zero implies that the divisor's cells, both below 2^16, are zero, and that the quotient is all
    // ones.
    let mut when_zero = builder.when(cols.is_zero);
    when_zero.assert_zero(c0.clone() + c1.clone());
    for byte in cols.q {
        when_zero.assert_eq(byte, B::Expr::from_u32(0xFF));
    }
    when_zero.assert_zero(cols.q_sign);

    // |C| − |R| − 1 = gap, where |C| = (1 − 2·c_sign)·c + 2^32·c_sign, and |R| likewise.
    // Soundness: all terms are below 2^19 in absolute value, so both equations hold over the integers. No carry leaves
    // the high cell, so gap ≥ 0, that is, |R| < |C|. For C = 0 there is no solution, so is_zero must be 1. (The 1 is
    // is_valid, so that an all-zero row is a padding row.)
    let c_factor = one.clone() - cols.c_sign.into().double();
    let r_factor = one - cols.r_sign.into().double();
    let low = c0 * c_factor.clone() - r_factor.clone() * cols.r[0] - cols.is_valid;
    let high = c1 * c_factor - r_factor * cols.r[1] + cols.gap_carry + (cols.c_sign - cols.r_sign) * CELL;
    let mut when_nonzero = builder.when_ne(cols.is_zero, B::Expr::ONE);
    when_nonzero.assert_eq(low, cols.gap[0] + cols.gap_carry * CELL);
    when_nonzero.assert_eq(high, cols.gap[1]);
}

#[cfg(test)]
mod tests;
