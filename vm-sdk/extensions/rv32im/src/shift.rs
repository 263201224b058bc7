//! SLL, SRL and SRA by a register; see [`crate::shift_imm`] for how cells move.

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
use crate::opcodes::ShiftOpcode;
use crate::shift_imm::arithmetic_right;
use crate::shift_split::{Cut, SplitCols, eval_cut};
use crate::support::{CELL_BITS, air_part, cells, chip, inv_pow2, local_opcode, opcode_expr, opcode_name};

/// Bits of a shift amount that RISC-V looks at.
const AMOUNT_BITS: usize = 5;

/// Columns of [`ShiftCore`]. The shift is `16·q + r`; q is in the flags.
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct ShiftCols<T> {
    /// rs1, cut at bit k.
    pub split: SplitCols<T>,
    /// Cells of rs2; memory bus.
    pub c: [T; 2],
    /// Bits of r; boolean, fixed by the range check of the rest of rs2's low cell.
    pub amount: [T; 4],
    /// 2^(r mod 4); fixed by the bits.
    pub small_power: T,
    /// 2^r; fixed by the bits.
    pub power: T,
    /// 2^(16 − r); fixed by `power`.
    pub co_power: T,
    /// k, where cells are cut: 16 − r (left) or r (right).
    pub bits: T,
    /// Bit 31 of rs1 for SRA, else 0; boolean, fixed by the range check of the cut.
    pub sign: T,
    /// `sign · co_power`.
    pub sign_weight: T,
    /// Cells of the result; fixed by the parts.
    pub y: [T; 2],
    /// The row is a left shift by less than 16; boolean, and part of the opcode that the program lookup fixes.
    pub left: T,
    /// The row is a left shift by 16 or more; as `left`.
    pub left_cell: T,
    /// The row is a right shift by less than 16; as `left`.
    pub right: T,
    /// The row is a right shift by 16 or more; as `left`.
    pub right_cell: T,
    /// The right shift is arithmetic; boolean, and part of the opcode.
    pub is_sra: T,
}

/// SLL, SRL and SRA.
#[derive(Clone, Copy, Debug, Default)]
pub struct ShiftCore;

air_part!(ShiftCore, ShiftCols, "core", [left, left_cell, right, right_cell]);

chip! {
    /// SLL, SRL and SRA.
    ShiftChip = "Shift": AluAdapter, ShiftCore
}

impl<AB: VmAirBuilder> VmCoreAir<AB, AluInterface> for ShiftCore {
    fn eval(
        &self,
        builder: &mut AB,
        local: &[AB::Var],
        _from_pc: AB::Var,
    ) -> AdapterAirContext<AB::Expr, AluInterface> {
        let cols: &ShiftCols<AB::Var> = local.borrow();
        let is_left = cols.left + cols.left_cell;
        let is_right = cols.right + cols.right_cell;
        let is_valid = is_left.clone() + is_right.clone();
        for flag in [cols.left, cols.left_cell, cols.right, cols.right_cell, cols.is_sra] {
            builder.assert_bool(flag);
        }
        builder.assert_bool(is_valid.clone());
        // Soundness: otherwise a left shift could look SRL up, whose opcode follows SLL's.
        builder.when(cols.is_sra).assert_zero(is_left.clone());

        // The amount. Soundness: r and q are five bits and the rest is a range-checked multiple of 32 below 2^16, so
        // they are the bits of rs2's low cell.
        let by_cell = cols.left_cell + cols.right_cell;
        let [a0, a1, a2, a3] = cols.amount;
        let r = a1 * AB::Expr::TWO + a2 * AB::Expr::from_u32(4) + a3 * AB::Expr::from_u32(8) + a0;
        for bit in cols.amount {
            builder.assert_bool(bit);
        }
        let amount = by_cell * AB::Expr::from_usize(CELL_BITS) + r.clone();
        let rest = (-amount + cols.c[0]) * inv_pow2(AMOUNT_BITS);
        RANGE_BUS.query(builder, [rest, AB::Expr::from_usize(CELL_BITS - AMOUNT_BITS)], is_valid.clone());

        // Its powers; all zero on a padding row. A bit b of weight w contributes 2^(w·b) = 1 + (2^w − 1)·b.
        let factor = |bit: AB::Var, weight: u32| bit * AB::Expr::from_u32((1 << weight) - 1) + AB::Expr::ONE;
        builder.assert_eq(cols.small_power, (is_valid.clone() + a0) * factor(a1, 2));
        builder.assert_eq(cols.power, factor(a2, 4) * factor(a3, 8) * cols.small_power);
        builder.assert_eq(cols.power * cols.co_power, is_valid.clone() * AB::Expr::from_u32(1 << CELL_BITS));
        let co_r = -r.clone() + AB::Expr::from_usize(CELL_BITS);
        builder.assert_eq(cols.bits, co_r * is_left.clone() + r * is_right.clone());

        // Soundness: a sign without SRA would fill a logical shift with ones.
        builder.assert_bool(cols.sign);
        builder.assert_zero((-cols.is_sra.into() + AB::Expr::ONE) * cols.sign);
        builder.assert_eq(cols.sign_weight, cols.sign * cols.co_power);
        let cut = Cut {
            bits: cols.bits.into(),
            power: is_left.clone() * cols.co_power + is_right.clone() * cols.power,
            has_sign: cols.is_sra.into(),
            sign_weight: cols.sign_weight.into(),
        };
        eval_cut(builder, &cols.split, cut, is_valid.clone());

        let bottom = cols.split.low[0] * cols.power;
        let middle = cols.split.low[1] * cols.power + cols.split.high[0];
        let [low, high, above] = arithmetic_right::<AB>(&cols.split, cols.co_power, cols.sign, cols.sign_weight);
        builder.assert_eq(cols.y[0], bottom.clone() * cols.left + low * cols.right + high.clone() * cols.right_cell);
        builder.assert_eq(
            cols.y[1],
            middle * cols.left + bottom * cols.left_cell + high * cols.right + above * cols.right_cell,
        );

        let opcode = opcode_expr::<AB::Expr>(ShiftOpcode::SLL) * is_left
            + opcode_expr::<AB::Expr>(ShiftOpcode::SRL) * is_right
            + cols.is_sra;
        AdapterAirContext {
            to_pc: None,
            reads: [cols.split.x, cols.c].map(|word| word.map(Into::into)),
            writes: cols.y.map(Into::into),
            instruction: MinimalInstruction { is_valid, opcode },
        }
    }
}

/// Operands of a shift.
#[derive(Clone, Copy, Debug)]
pub struct ShiftRecord {
    x: u32,
    c: u32,
}

/// The shifted word; only the low five bits of the amount count.
#[inline(always)]
const fn compute(opcode: ShiftOpcode, x: u32, c: u32) -> u32 {
    match opcode {
        ShiftOpcode::SLL => x.wrapping_shl(c),
        ShiftOpcode::SRL => x.wrapping_shr(c),
        ShiftOpcode::SRA => x.cast_signed().wrapping_shr(c).cast_unsigned(),
    }
}

impl VmCoreChip<AluInterface> for ShiftCore {
    type Record = ShiftRecord;
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
    ) -> ExecutionResult<(AdapterRuntimeContext<AluInterface>, ShiftRecord)> {
        let y = compute(local_opcode(instruction, from_pc)?, x, c);
        Ok((AdapterRuntimeContext::without_pc(y), ShiftRecord { x, c }))
    }

    fn get_opcode_name(&self, opcode: VmOpcode) -> String {
        opcode_name::<ShiftOpcode>(opcode)
    }

    #[inline(always)]
    fn generate_trace_row(&self, row: &mut [F], instruction: &Instruction, from_pc: u32, record: &ShiftRecord) {
        let ShiftRecord { x, c } = *record;
        let cols: &mut ShiftCols<F> = row.borrow_mut();
        // An opcode of another class never reaches a record.
        let Ok(opcode) = local_opcode(instruction, from_pc) else { return };
        let r = c % 16;
        let is_left = opcode == ShiftOpcode::SLL;
        let bits = if is_left { 16 - r } else { r };
        cols.split.fill(x, bits);
        cols.c = cells(c);
        cols.amount = std::array::from_fn(|i| F::from_u32(r >> i & 1));
        cols.small_power = F::from_u32(1 << (r % 4));
        cols.power = F::from_u32(1 << r);
        cols.co_power = F::from_u32(1 << (16 - r));
        cols.bits = F::from_u32(bits);
        cols.is_sra = F::from_bool(opcode == ShiftOpcode::SRA);
        cols.sign = cols.is_sra * F::from_u32(x >> 31);
        cols.sign_weight = cols.sign * cols.co_power;
        cols.y = cells(compute(opcode, x, c));
        *match (is_left, c >> 4 & 1) {
            (true, 0) => &mut cols.left,
            (true, _) => &mut cols.left_cell,
            (false, 0) => &mut cols.right,
            (false, _) => &mut cols.right_cell,
        } = F::ONE;
    }
}

#[cfg(test)]
mod tests {
    use p3_field::{Field, PrimeField32};
    use vm_core::primitives::width_of;

    use super::*;
    use crate::adapters::AluAdapterCols;
    use crate::opcodes::register;
    use crate::support::CELL;
    use crate::test_util::{Case, Change, Guard, WORDS, check_with, cost};

    fn case(opcode: ShiftOpcode, x: u32, c: u32) -> Case {
        Case::new(Instruction::new(opcode, [register(5), register(6), register(7)]))
            .register(register(5), 0xDEAD_BEEF)
            .register(register(6), x)
            .register(register(7), c)
    }

    /// The columns of the core.
    fn core(row: &mut [F]) -> &mut ShiftCols<F> {
        row[width_of::<AluAdapterCols<u8>>()..].borrow_mut()
    }

    // Repairs: what a cheating prover recomputes behind a change, from the result backwards.

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

    /// Cuts the cells where the powers say.
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

    /// The powers and the bits to cut at, from the bits of the amount.
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
                        (ShiftOpcode::SLL, i64::from(x) * (1 << amount) % (1 << 32)),
                        (ShiftOpcode::SRL, i64::from(x) / (1 << amount)),
                        (ShiftOpcode::SRA, signed.div_euclid(1 << amount).rem_euclid(1 << 32)),
                    ] {
                        let outcome = case(opcode, x, amount | rest).run::<ShiftChip>().unwrap();
                        assert_eq!(i64::from(outcome.register(register(5))), y, "{opcode:?} {x:#x} {amount}");
                    }
                }
            }
        }
    }

    #[test]
    fn rows_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<ShiftChip>(), (35, 40));
        let mut cases = Vec::new();
        for (x, c) in [(0x8001_8001, 0), (0xF234_5678, 0xFFFF_FFF7), (0x7001_1FFF, 18), (0xFFFF_FFFF, 13)] {
            cases.extend([ShiftOpcode::SLL, ShiftOpcode::SRL, ShiftOpcode::SRA].map(|opcode| case(opcode, x, c)));
        }
        // One direction's opcode with the other one's flags.
        let turn = |row: &mut [F], is_sra: F| {
            let cols = core(row);
            std::mem::swap(&mut cols.left, &mut cols.right);
            std::mem::swap(&mut cols.left_cell, &mut cols.right_cell);
            cols.is_sra = is_sra;
        };
        // Two flags, of which one does the work, made one by a third that is −1.
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
        // Several flags at once: refused by the opcode as well.
        check_with::<ShiftChip>(&cases, &[&result, &weight, &cut, &powers, &co_power], &attacks)
            .expect(&[], &[Guard::Constraint(5)]);
    }
}
