//! DIV, DIVU, REM and REMU.
//!
//! Write X, C, Q, R for the integers that the operands, the quotient and the remainder stand for: the word, minus 2^32
//! if the sign column is set. The AIR proves, over the integers,
//! 1. `X = C·Q + R`;
//! 2. R is zero or has the sign of X;
//! 3. `|R| < |C|`, or C is zero (then 1 gives R = X) and Q is the word of all ones.
//!
//! For C ≠ 0 this determines Q and R, as for every truncated division; so nothing else needs to be said about the sign
//! of Q. In particular −2^31 / −1 is Q = 2^31, the word 0x8000_0000 without sign, as the specification wants.

use std::borrow::{Borrow, BorrowMut};

use p3_air::AirBuilder;
use p3_field::PrimeCharacteristicRing;
use vm_core::arch::{
    AdapterAirContext, AdapterRuntimeContext, ExecutionResult, MinimalInstruction, RANGE_BUS, VmCoreAir, VmCoreChip,
};
use vm_core::instructions::{Instruction, VmOpcode};
use vm_core::stark::{F, VmAirBuilder};
use vm_derive::AlignedBorrow;

use crate::adapters::{AluAdapter, AluInterface};
use crate::byte_product::{byte_cells, product_limbs, product_limbs_host};
use crate::opcodes::DivRemOpcode;
use crate::support::{CELL, CELL_BITS, air_part, cells, chip, limbs, local_opcode, opcode_expr, opcode_name};

/// Bits of the carries out of the three lower cells of `C·Q + R − X`, the last one plus [`CARRY_OFFSET`].
const CARRY_BITS: [usize; 3] = [9, 10, 10];
/// The third carry is at least −2: two operands of 16 bits are subtracted there.
const CARRY_OFFSET: i64 = 2;
/// Bits of the carry out of the low cell of `|C| − |R| − 1`, plus [`GAP_CARRY_OFFSET`].
const GAP_CARRY_BITS: usize = 2;
/// That carry is in −2..=1.
const GAP_CARRY_OFFSET: i64 = 2;

/// Columns of [`DivRemCore`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct DivRemCols<T> {
    /// Cells of rs1, the dividend; memory bus.
    pub x: [T; 2],
    /// Bytes of rs2, the divisor; memory bus and range checks.
    pub c: [T; 4],
    /// Bytes of the quotient; range-checked, and fixed by the division.
    pub q: [T; 4],
    /// Cells of the remainder; range-checked, and fixed by the division.
    pub r: [T; 2],
    /// Cells of the result; copied from the quotient or the remainder by a constraint.
    pub y: [T; 2],
    /// Sign of the dividend; boolean, zero for DIVU and REMU, else fixed by the range check of `x[1] − 2^15·sign`.
    pub x_sign: T,
    /// Sign of the divisor; boolean, zero for DIVU and REMU, else fixed by the range check of `c[3] − 128·sign`.
    pub c_sign: T,
    /// Sign of the quotient; boolean, and fixed by the division (zero if the divisor is).
    pub q_sign: T,
    /// Sign of the remainder; boolean, and fixed by the division.
    pub r_sign: T,
    /// The divisor is zero; boolean. Set, it forces the divisor to zero; not set, `gap` has no witness for zero.
    pub is_zero: T,
    /// Carries out of the three lower cells of `C·Q + R − X`; range-checked, and fixed by the division.
    pub carry: [T; 3],
    /// Cells of `|C| − |R| − 1`; range-checked, and fixed by a constraint (free, and without effect, if the divisor is
    /// zero).
    pub gap: [T; 2],
    /// Carry out of the low cell of `gap`; as `gap`.
    pub gap_carry: T,
    /// The row is an instruction; boolean.
    pub is_valid: T,
    /// The row is a DIVU or REMU; boolean, and with `is_rem` fixed by the opcode in the program lookup.
    pub is_unsigned: T,
    /// The row is a REM or REMU; as `is_unsigned`.
    pub is_rem: T,
}

/// DIV, DIVU, REM and REMU.
#[derive(Clone, Copy, Debug, Default)]
pub struct DivRemCore;

air_part!(DivRemCore, DivRemCols, "core", [is_valid]);

chip! {
    /// DIV, DIVU, REM and REMU.
    DivRemChip = "DivRem": AluAdapter, DivRemCore
}

impl<AB: VmAirBuilder> VmCoreAir<AB, AluInterface> for DivRemCore {
    fn eval(
        &self,
        builder: &mut AB,
        local: &[AB::Var],
        _from_pc: AB::Var,
    ) -> AdapterAirContext<AB::Expr, AluInterface> {
        let cols: &DivRemCols<AB::Var> = local.borrow();
        for flag in [cols.is_valid, cols.is_unsigned, cols.is_rem] {
            builder.assert_bool(flag);
        }
        for sign in [cols.x_sign, cols.c_sign, cols.q_sign, cols.r_sign] {
            builder.assert_bool(sign);
        }
        builder.assert_bool(cols.is_zero);

        eval_ranges(builder, cols);
        for sign in [cols.x_sign, cols.c_sign] {
            builder.when(cols.is_unsigned).assert_zero(sign);
        }
        eval_division(builder, cols);
        eval_remainder(builder, cols);

        let q = byte_cells(&cols.q.map(Into::<AB::Expr>::into));
        for ((y, q), r) in cols.y.into_iter().zip(q).zip(cols.r) {
            builder.assert_eq(y, q.clone() + (r.into() - q) * cols.is_rem);
        }

        // Soundness: DIV, DIVU, REM, REMU are numbered in this order, so the opcode fixes both flags.
        let opcode = opcode_expr::<AB::Expr>(DivRemOpcode::DIV) + cols.is_unsigned + cols.is_rem * F::TWO;
        AdapterAirContext {
            to_pc: None,
            reads: [cols.x.map(Into::into), byte_cells(&cols.c.map(Into::into))],
            writes: cols.y.map(Into::into),
            instruction: MinimalInstruction { is_valid: cols.is_valid.into(), opcode },
        }
    }
}

/// Range checks of operands, quotient, remainder and carries, and with them the operands' signs.
fn eval_ranges<AB: VmAirBuilder>(builder: &mut AB, cols: &DivRemCols<AB::Var>) {
    let mut range = |value: AB::Expr, bits: AB::Expr| RANGE_BUS.query(builder, [value, bits], cols.is_valid);
    let is_signed = AB::Expr::ONE - cols.is_unsigned;
    let cell_bits = AB::Expr::from_usize(CELL_BITS);
    let byte_bits = AB::Expr::from_u32(8);

    // Soundness: a signed operand's top limb minus the sign's weight lacks its top bit, which forces the sign to be
    // that bit. An unsigned operand's sign is zero, and the same check says that its top limb is in range.
    range(cols.x[1] - cols.x_sign * F::from_u32(1 << 15), cell_bits.clone() - is_signed.clone());
    range(cols.c[3] - cols.c_sign * F::from_u32(1 << 7), byte_bits.clone() - is_signed);
    for &byte in cols.c[..3].iter().chain(&cols.q) {
        range(byte.into(), byte_bits.clone());
    }
    for cell in cols.r.into_iter().chain(cols.gap) {
        range(cell.into(), cell_bits.clone());
    }
    let [carry0, carry1, carry2] = cols.carry.map(Into::<AB::Expr>::into);
    for (carry, bits) in [carry0, carry1, carry2 + F::from_i64(CARRY_OFFSET)].into_iter().zip(CARRY_BITS) {
        range(carry, AB::Expr::from_usize(bits));
    }
    range(cols.gap_carry + F::from_i64(GAP_CARRY_OFFSET), AB::Expr::from_usize(GAP_CARRY_BITS));
}

/// `X = C·Q + R` over the integers.
fn eval_division<AB: VmAirBuilder>(builder: &mut AB, cols: &DivRemCols<AB::Var>) {
    let c = cols.c.map(Into::<AB::Expr>::into);
    let q = cols.q.map(Into::<AB::Expr>::into);
    let [s0, s1, s2, s3] = product_limbs(&c, &q);
    let [c0, c1] = byte_cells(&c);
    let [q0, q1] = byte_cells(&q);
    let [carry0, carry1, carry2] = cols.carry;

    // C·Q + R − X = (c·q + r − x) − 2^32·(c_sign·q + q_sign·c + r_sign − x_sign) + 2^64·c_sign·q_sign, by cells.
    // Soundness: every side is below 2^27 in absolute value, so the equations hold over the integers; weighted by
    // 2^(16·i) the carries cancel, and the sum of the four is the equation. There is no carry out of the highest cell:
    // the sum is zero itself, not only modulo 2^64.
    builder.assert_eq(s0 + cols.r[0] - cols.x[0], carry0 * CELL);
    builder.assert_eq(s1 + cols.r[1] - cols.x[1] + carry0, carry1 * CELL);
    let minus2 = q0 * cols.c_sign + c0 * cols.q_sign + cols.r_sign - cols.x_sign;
    builder.assert_eq(s2 + carry1 - minus2, carry2 * CELL);
    let minus3 = q1 * cols.c_sign + c1 * cols.q_sign - cols.c_sign * cols.q_sign * CELL;
    builder.assert_eq(s3 + carry2, minus3);
}

/// The remainder's sign and size, and division by zero.
fn eval_remainder<AB: VmAirBuilder>(builder: &mut AB, cols: &DivRemCols<AB::Var>) {
    let [c0, c1] = byte_cells(&cols.c.map(Into::<AB::Expr>::into));
    let one = AB::Expr::ONE;

    // Soundness: a remainder without the dividend's sign is zero: its cells are below 2^16, so their sum vanishes only
    // if both do. (r = 0 with r_sign = 1 is R = −2^32, which the gap, or X = R, excludes.)
    builder.when(cols.x_sign - cols.r_sign).assert_zero(cols.r[0] + cols.r[1]);

    // Soundness: is_zero implies that the divisor's cells, both below 2^16, are zero; then the quotient is all ones.
    let mut when_zero = builder.when(cols.is_zero);
    when_zero.assert_zero(c0.clone() + c1.clone());
    for byte in cols.q {
        when_zero.assert_eq(byte, AB::Expr::from_u32(0xFF));
    }
    when_zero.assert_zero(cols.q_sign);

    // |C| − |R| − 1 = gap, where |C| = (1 − 2·c_sign)·c + 2^32·c_sign, and |R| likewise.
    // Soundness: all terms are below 2^19 in absolute value, so both equations hold over the integers; there is no
    // carry out of the high cell, so gap ≥ 0, that is |R| < |C|. For C = 0 this has no solution, so is_zero must be
    // set. (The 1 is is_valid, so that the row of zeros is a padding row.)
    let c_factor = one.clone() - cols.c_sign.into().double();
    let r_factor = one - cols.r_sign.into().double();
    let low = c0 * c_factor.clone() - r_factor.clone() * cols.r[0] - cols.is_valid;
    let high = c1 * c_factor - r_factor * cols.r[1] + cols.gap_carry + (cols.c_sign - cols.r_sign) * CELL;
    let mut when_nonzero = builder.when_ne(cols.is_zero, AB::Expr::ONE);
    when_nonzero.assert_eq(low, cols.gap[0] + cols.gap_carry * CELL);
    when_nonzero.assert_eq(high, cols.gap[1]);
}

/// Operands of a division.
#[derive(Clone, Copy, Debug)]
pub struct DivRemRecord {
    x: u32,
    c: u32,
}

/// Quotient and remainder.
#[inline(always)]
const fn divide(opcode: DivRemOpcode, x: u32, c: u32) -> (u32, u32) {
    if c == 0 {
        return (u32::MAX, x);
    }
    match opcode {
        DivRemOpcode::DIV | DivRemOpcode::REM => {
            let (x, c) = (x as i32, c as i32);
            (x.wrapping_div(c) as u32, x.wrapping_rem(c) as u32)
        }
        DivRemOpcode::DIVU | DivRemOpcode::REMU => (x / c, x % c),
    }
}

/// The result of an opcode on two words.
#[inline(always)]
const fn compute(opcode: DivRemOpcode, x: u32, c: u32) -> u32 {
    let (q, r) = divide(opcode, x, c);
    match opcode {
        DivRemOpcode::DIV | DivRemOpcode::DIVU => q,
        DivRemOpcode::REM | DivRemOpcode::REMU => r,
    }
}

impl VmCoreChip<AluInterface> for DivRemCore {
    type Record = DivRemRecord;
    type Air = Self;

    fn air(&self) -> &Self {
        self
    }

    #[inline(always)]
    fn execute_instruction(
        &self,
        instruction: &Instruction,
        from_pc: u32,
        [x, c]: [u32; 2],
    ) -> ExecutionResult<(AdapterRuntimeContext<AluInterface>, DivRemRecord)> {
        let y = compute(local_opcode(instruction, from_pc)?, x, c);
        Ok((AdapterRuntimeContext::without_pc(y), DivRemRecord { x, c }))
    }

    fn get_opcode_name(&self, opcode: VmOpcode) -> String {
        opcode_name::<DivRemOpcode>(opcode)
    }

    #[inline(always)]
    fn generate_trace_row(&self, row: &mut [F], instruction: &Instruction, from_pc: u32, record: &DivRemRecord) {
        let DivRemRecord { x, c } = *record;
        let cols: &mut DivRemCols<F> = row.borrow_mut();
        // An opcode of another class never reaches a record.
        let Ok(opcode) = local_opcode(instruction, from_pc) else { return };
        let (q, r) = divide(opcode, x, c);
        let is_signed = matches!(opcode, DivRemOpcode::DIV | DivRemOpcode::REM);
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

        cols.x = cells(x);
        cols.c = c.to_le_bytes().map(F::from_u8);
        cols.q = q.to_le_bytes().map(F::from_u8);
        cols.r = cells(r);
        cols.y = cells(compute(opcode, x, c));
        cols.x_sign = F::from_bool(x_sign);
        cols.c_sign = F::from_bool(c_sign);
        cols.q_sign = F::from_bool(q_sign);
        cols.r_sign = F::from_bool(r_sign);
        cols.is_zero = F::from_bool(c == 0);
        cols.carry = [carry0, carry1, carry2].map(F::from_i64);
        cols.is_valid = F::ONE;
        cols.is_unsigned = F::from_bool(!is_signed);
        cols.is_rem = F::from_bool(matches!(opcode, DivRemOpcode::REM | DivRemOpcode::REMU));
    }
}

#[cfg(test)]
mod tests;
