//! SLL, SRL and SRA by a register. [`crate::shift_imm`] explains how cells are shifted.

use p3_air::AirBuilder;
use p3_field::PrimeCharacteristicRing;
use vm_core::arch::authoring::{Core, CoreBuilder, Io, Word};
use vm_core::stark::F;
use vm_derive::{columns, instruction};

use crate::adapters::Rv32Alu;
use crate::shift_imm::arithmetic_right;
use crate::shift_split::{Cut, SplitCols, eval_cut};
use crate::support::{CELL_BITS, inv_pow2};

/// Number of bits of rs2 that give the shift amount.
const AMOUNT_BITS: usize = 5;

/// SLL, SRL and SRA.
#[instruction(adapter = Rv32Alu, columns = ShiftCols, opcode = 0x120, computed(read(0)))]
#[derive(PartialEq, Eq)]
pub enum Shift {
    /// Left shift: `rd = rs1 << (rs2 % 32)`.
    #[encode(op, funct3 = 1, funct7 = 0x00)]
    SLL,
    /// Logical right shift: `rd = rs1 >> (rs2 % 32)`.
    #[encode(op, funct3 = 5, funct7 = 0x00)]
    SRL,
    /// Arithmetic right shift: `rd = rs1 >> (rs2 % 32)`, signed.
    #[encode(op, funct3 = 5, funct7 = 0x20)]
    SRA,
}

/// Columns of [`Shift`]. The shift amount is `16·q + r`; the flags encode q.
#[columns]
pub struct ShiftCols<T> {
    /// rs1, cut at bit k.
    pub split: SplitCols<T>,
    /// Cells of rs2; bound by the memory bus.
    #[read(1)]
    pub c: Word<T>,
    /// Bits of r; boolean, and determined by the range check of the rest of rs2's low cell.
    #[bool]
    pub amount: [T; 4],
    /// 2^(r mod 4); determined by the bits.
    pub small_power: T,
    /// 2^r; determined by the bits.
    pub power: T,
    /// 2^(16 − r); determined by `power`.
    pub co_power: T,
    /// k, the bit at which cells are cut: 16 − r for left shifts, r for right shifts.
    pub bits: T,
    /// Bit 31 of rs1 for SRA, else 0; boolean, and determined by the range check of the cut.
    #[bool]
    pub sign: T,
    /// `sign · co_power`.
    pub sign_weight: T,
    /// Cells of the result; determined by the parts.
    #[write(0, proven)]
    pub y: Word<T>,
    /// Selector of left shifts by less than 16: boolean, and part of the opcode that the program lookup fixes.
    #[opcode(Shift::SLL)]
    pub left: T,
    /// Selector of left shifts by 16 or more; like `left`.
    #[opcode(Shift::SLL)]
    pub left_cell: T,
    /// Selector of right shifts by less than 16; like `left`.
    #[opcode(Shift::SRL)]
    pub right: T,
    /// Selector of right shifts by 16 or more; like `left`.
    #[opcode(Shift::SRL)]
    pub right_cell: T,
    /// 1 if the right shift is arithmetic; boolean, and part of the opcode.
    #[opcode_bit(1)]
    pub is_sra: T,
}

#[instruction]
impl Core for Shift {
    #[inline(always)]
    fn execute(&self, [x, c]: [u32; 2]) -> u32 {
        // Only the low five bits are the amount.
        match self {
            Self::SLL => x.wrapping_shl(c),
            Self::SRL => x.wrapping_shr(c),
            Self::SRA => x.cast_signed().wrapping_shr(c).cast_unsigned(),
        }
    }

    #[inline(always)]
    fn witness(&self, io: &Io<Self>, cols: &mut ShiftCols<F>) {
        let [x, c] = io.reads;
        let r = c % 16;
        let is_left = *self == Self::SLL;
        let bits = if is_left { 16 - r } else { r };
        cols.split.fill(x, bits);
        cols.amount = std::array::from_fn(|i| F::from_u32(r >> i & 1));
        cols.small_power = F::from_u32(1 << (r % 4));
        cols.power = F::from_u32(1 << r);
        cols.co_power = F::from_u32(1 << (16 - r));
        cols.bits = F::from_u32(bits);
        cols.is_sra = F::from_bool(*self == Self::SRA);
        cols.sign = cols.is_sra * F::from_u32(x >> 31);
        cols.sign_weight = cols.sign * cols.co_power;
        *match (is_left, c >> 4 & 1) {
            (true, 0) => &mut cols.left,
            (true, _) => &mut cols.left_cell,
            (false, 0) => &mut cols.right,
            (false, _) => &mut cols.right_cell,
        } = F::ONE;
    }

    fn eval<B: CoreBuilder>(&self, builder: &mut B, cols: &ShiftCols<B::Var>) {
        let is_valid = builder.is_valid();
        let is_left = cols.left + cols.left_cell;
        let is_right = cols.right + cols.right_cell;
        // Soundness: otherwise a left shift could query the program table for SRL, whose opcode follows SLL's.
        builder.when(cols.is_sra).assert_zero(is_left.clone());

        // The amount. Soundness: r and q have five bits and the rest is a range-checked multiple of 32 below 2^16, so
        // the five bits are the lowest bits of rs2's low cell.
        let by_cell = cols.left_cell + cols.right_cell;
        let [a0, a1, a2, a3] = cols.amount;
        let r = a1 * B::Expr::TWO + a2 * B::Expr::from_u32(4) + a3 * B::Expr::from_u32(8) + a0;
        let amount = by_cell * B::Expr::from_usize(CELL_BITS) + r.clone();
        builder.range((-amount + cols.c[0]) * inv_pow2(AMOUNT_BITS), CELL_BITS - AMOUNT_BITS);

        // The powers of 2, all zero on a padding row. A bit b of weight w contributes 2^(w·b) = 1 + (2^w − 1)·b.
        let factor = |bit: B::Var, weight: u32| bit * B::Expr::from_u32((1 << weight) - 1) + B::Expr::ONE;
        builder.assert_eq(cols.small_power, (is_valid.clone() + a0) * factor(a1, 2));
        builder.assert_eq(cols.power, factor(a2, 4) * factor(a3, 8) * cols.small_power);
        builder.assert_eq(cols.power * cols.co_power, is_valid * B::Expr::from_u32(1 << CELL_BITS));
        let co_r = -r.clone() + B::Expr::from_usize(CELL_BITS);
        builder.assert_eq(cols.bits, co_r * is_left.clone() + r * is_right.clone());

        // Soundness: with a sign, a logical shift would fill in ones.
        builder.assert_zero((-cols.is_sra.into() + B::Expr::ONE) * cols.sign);
        builder.assert_eq(cols.sign_weight, cols.sign * cols.co_power);
        let cut = Cut {
            bits: cols.bits.into(),
            power: is_left * cols.co_power + is_right * cols.power,
            has_sign: cols.is_sra.into(),
            sign_weight: cols.sign_weight.into(),
        };
        eval_cut(builder, &cols.split, cut);

        // Soundness: all products fit into a cell (see `shift_imm`), so the result needs no range check.
        let bottom = cols.split.low[0] * cols.power;
        let middle = cols.split.low[1] * cols.power + cols.split.high[0];
        let [low, high, above] = arithmetic_right::<B>(&cols.split, cols.co_power, cols.sign, cols.sign_weight);
        builder.assert_eq(cols.y[0], bottom.clone() * cols.left + low * cols.right + high.clone() * cols.right_cell);
        builder.assert_eq(
            cols.y[1],
            middle * cols.left + bottom * cols.left_cell + high * cols.right + above * cols.right_cell,
        );
    }

    fn read<B: CoreBuilder>(&self, cols: &ShiftCols<B::Var>, _value: usize, _word: usize) -> [B::Expr; 2] {
        cols.split.x.map(Into::into)
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::BorrowMut;

    use p3_field::{Field, PrimeField32};

    use super::*;
    use crate::opcodes::register;
    use crate::support::CELL;
    use crate::test_util::WORDS;
    use vm_core::instructions::Instruction;
    use vm_core::machine::testing::{Case, Change, Guard, check_with, cost};

    fn case(opcode: Shift, x: u32, c: u32) -> Case {
        Case::new(Instruction::new(opcode, [register(5), register(6), register(7)]))
            .register(register(5), 0xDEAD_BEEF)
            .register(register(6), x)
            .register(register(7), c)
    }

    /// Returns the core's columns.
    fn core(row: &mut [F]) -> &mut ShiftCols<F> {
        // After the ten columns of the adapter.
        row[10..].borrow_mut()
    }

    // Repairs: what a cheating prover recomputes after a change, from the result backwards.

    fn result(row: &mut [F]) {
        let cols = core(row);
        let bottom = cols.split.low[0] * cols.power;
        let middle = cols.split.low[1] * cols.power + cols.split.high[0];
        let low = cols.split.low[1] * cols.co_power + cols.split.high[0];
        let high = cols.sign * CELL - cols.sign_weight + cols.split.high[1];
        let above = cols.sign * (CELL - F::ONE);
        cols.y = [
            bottom * cols.left + low * cols.right + high * cols.right_cell,
            middle * cols.left + bottom * cols.left_cell + high * cols.right + above * cols.right_cell,
        ];
    }

    fn weight(row: &mut [F]) {
        let cols = core(row);
        cols.sign_weight = cols.sign * cols.co_power;
        result(row);
    }

    /// Cuts the cells at the bit that the powers give.
    fn cut(row: &mut [F]) {
        let cols = core(row);
        let is_left = cols.left + cols.left_cell;
        let power = if is_left == F::ONE { cols.co_power } else { cols.power }.as_canonical_u32();
        if power != 0 {
            let x = cols.split.x.map(|cell| cell.as_canonical_u32());
            cols.split.high = x.map(|x| F::from_u32(x / power));
            cols.split.low = x.map(|x| F::from_u32(x % power));
        }
        weight(row);
    }

    fn co_power(row: &mut [F]) {
        let cols = core(row);
        cols.co_power = cols.power.try_inverse().unwrap_or(F::ZERO) * CELL;
        cut(row);
    }

    /// Recomputes the powers and the bit to cut at from the bits of the amount.
    fn powers(row: &mut [F]) {
        let cols = core(row);
        let [a0, a1, a2, a3] = cols.amount;
        let factor = |bit: F, weight: u32| F::ONE + bit * F::from_u32((1 << weight) - 1);
        cols.small_power = (F::ONE + a0) * factor(a1, 2);
        cols.power = cols.small_power * factor(a2, 4) * factor(a3, 8);
        let r = a0 + a1.double() + a2 * F::from_u32(4) + a3 * F::from_u32(8);
        let is_left = cols.left + cols.left_cell;
        cols.bits = is_left * (F::from_u32(16) - r) + (F::ONE - is_left) * r;
        co_power(row);
    }

    #[test]
    fn results_are_those_of_wide_arithmetic_and_only_five_bits_count() {
        for x in WORDS {
            for amount in 0..32 {
                for rest in [0, 0x20, 0xFFE0, 0xFFFF_FFE0] {
                    let signed = i64::from(x) - i64::from(x >> 31) * (1 << 32);
                    for (opcode, y) in [
                        (Shift::SLL, i64::from(x) * (1 << amount) % (1 << 32)),
                        (Shift::SRL, i64::from(x) / (1 << amount)),
                        (Shift::SRA, signed.div_euclid(1 << amount).rem_euclid(1 << 32)),
                    ] {
                        let outcome = case(opcode, x, amount | rest).run::<Shift>().unwrap();
                        assert_eq!(i64::from(outcome.register(register(5))), y, "{opcode:?} {x:#x} {amount}");
                    }
                }
            }
        }
    }

    #[test]
    fn rows_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<Shift>(), (35, 40));
        let mut cases = Vec::new();
        for (x, c) in [(0x8001_8001, 0), (0xF234_5678, 0xFFFF_FFF7), (0x7001_1FFF, 18), (0xFFFF_FFFF, 13)] {
            cases.extend([Shift::SLL, Shift::SRL, Shift::SRA].map(|opcode| case(opcode, x, c)));
        }
        // The opcode of one direction with the flags of the other.
        let turn = |row: &mut [F], is_sra: F| {
            let cols = core(row);
            std::mem::swap(&mut cols.left, &mut cols.right);
            std::mem::swap(&mut cols.left_cell, &mut cols.right_cell);
            cols.is_sra = is_sra;
        };
        // Two flags of 1, one of which has the effect, and a third of −1, so that the sum is 1.
        let set_flags = |row: &mut [F], flags: [i32; 4]| {
            let cols = core(row);
            [cols.left, cols.left_cell, cols.right, cols.right_cell] = flags.map(F::from_i32);
        };
        // Bit 1 as twice bit 0.
        let double_bit = |row: &mut [F]| {
            let cols = core(row);
            (cols.amount[0], cols.amount[1]) = (cols.amount[0] + cols.amount[1].double(), F::ZERO);
        };
        let attacks: [Change<'_>; 7] = [
            &|row| turn(row, -F::ONE),
            &|row| turn(row, F::ONE),
            &|row| set_flags(row, [-1, 1, 1, 0]),
            &|row| set_flags(row, [1, -1, 0, 1]),
            &|row| set_flags(row, [0, 1, 1, -1]),
            &|row| set_flags(row, [1, 0, -1, 1]),
            &double_bit,
        ];
        // Several flags at once: the opcode rejects them, too.
        check_with::<Shift>(&cases, &[&result, &weight, &cut, &powers, &co_power], &attacks)
            .expect(&[], &[Guard::Constraint(5)]);
    }
}
