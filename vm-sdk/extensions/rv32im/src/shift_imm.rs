//! SLLI, SRLI (AIR `ShiftImm`) and SRAI (AIR `ShiftRightArithImm`).
//!
//! With the shift `16·q + r` and the cells cut at bit k, `move = 2^(16 − k)` brings lower parts to the top:
//! - left (k = 16 − r): the cells become `low[0]·move` and `high[0] + low[1]·move`;
//! - right (k = r): they become `high[0] + low[1]·move` and `high[1]`;
//!
//! then q moves them by one cell. No product exceeds a cell, so the result needs no range check.

use std::borrow::{Borrow, BorrowMut};

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::{AdapterAirContext, AdapterRuntimeContext, ExecutionResult, VmCoreAir, VmCoreChip};
use vm_core::instructions::{Instruction, VmOpcode};
use vm_core::stark::{F, VmAirBuilder};
use vm_derive::AlignedBorrow;

use crate::adapters::{AluImmAdapter, AluImmInPlaceAdapter, AluImmInterface, OperandsInstruction};
use crate::opcodes::{ShiftImmOpcode, ShiftRightArithImmOpcode};
use crate::shift_split::{Cut, SplitCols, eval_cut};
use crate::support::{CELL_BITS, air_part, cells, chip, local_opcode, opcode_expr, opcode_name};

/// Columns of [`ShiftImmCore`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct ShiftImmCols<T> {
    /// rs1, cut at bit k.
    pub split: SplitCols<T>,
    /// k; program lookup.
    pub bits: T,
    /// 2^k; program lookup.
    pub power: T,
    /// 2^(16 − k); program lookup.
    pub shift: T,
    /// Cells of the result; fixed by the parts.
    pub y: [T; 2],
    /// The row is an SLLI by less than 16; boolean, and part of the opcode and of operand `f`, which the program lookup
    /// fixes.
    pub left: T,
    /// The row is an SLLI by 16 or more; as `left`.
    pub left_cell: T,
    /// The row is an SRLI by less than 16; as `left`.
    pub right: T,
    /// The row is an SRLI by 16 or more; as `left`.
    pub right_cell: T,
}

/// SLLI and SRLI.
#[derive(Clone, Copy, Debug, Default)]
pub struct ShiftImmCore;

air_part!(ShiftImmCore, ShiftImmCols, "core", [left, left_cell, right, right_cell]);

chip! {
    /// SLLI and SRLI.
    ShiftImmChip = "ShiftImm": AluImmAdapter, ShiftImmCore
}

chip! {
    /// SLLI and SRLI with rd = rs1.
    ShiftImmInPlaceChip = "ShiftImmInPlace": AluImmInPlaceAdapter, ShiftImmCore
}

impl<AB: VmAirBuilder> VmCoreAir<AB, AluImmInterface> for ShiftImmCore {
    fn eval(
        &self,
        builder: &mut AB,
        local: &[AB::Var],
        _from_pc: AB::Var,
    ) -> AdapterAirContext<AB::Expr, AluImmInterface> {
        let cols: &ShiftImmCols<AB::Var> = local.borrow();
        let is_left = cols.left + cols.left_cell;
        let is_right = cols.right + cols.right_cell;
        let is_valid = is_left.clone() + is_right.clone();
        for flag in [cols.left, cols.left_cell, cols.right, cols.right_cell] {
            builder.assert_bool(flag);
        }
        builder.assert_bool(is_valid.clone());

        let cut = Cut {
            bits: cols.bits.into(),
            power: cols.power.into(),
            has_sign: AB::Expr::ZERO,
            sign_weight: AB::Expr::ZERO,
        };
        eval_cut(builder, &cols.split, cut, is_valid.clone());

        let [high0, high1] = cols.split.high;
        let bottom = cols.split.low[0] * cols.shift;
        let middle = cols.split.low[1] * cols.shift + high0;
        builder
            .assert_eq(cols.y[0], bottom.clone() * cols.left + middle.clone() * cols.right + high1 * cols.right_cell);
        builder.assert_eq(cols.y[1], middle * cols.left + bottom * cols.left_cell + high1 * cols.right);

        let opcode = opcode_expr::<AB::Expr>(ShiftImmOpcode::SLLI) * is_left
            + opcode_expr::<AB::Expr>(ShiftImmOpcode::SRLI) * is_right;
        let by_cell = cols.left_cell + cols.right_cell;
        AdapterAirContext {
            to_pc: None,
            reads: cols.split.x.map(Into::into),
            writes: cols.y.map(Into::into),
            instruction: OperandsInstruction {
                is_valid,
                opcode,
                operands: [cols.bits.into(), cols.power.into(), cols.shift.into(), by_cell],
            },
        }
    }
}

/// The shifted word.
#[inline(always)]
const fn compute(opcode: ShiftImmOpcode, instruction: &Instruction, x: u32) -> u32 {
    let by_cells = instruction.f.wrapping_mul(CELL_BITS as u32);
    match opcode {
        ShiftImmOpcode::SLLI => x.wrapping_shl(by_cells.wrapping_add(CELL_BITS as u32).wrapping_sub(instruction.c)),
        ShiftImmOpcode::SRLI => x.wrapping_shr(by_cells.wrapping_add(instruction.c)),
    }
}

/// Whether operands `c` to `f` describe a cut: k, 2^k, 2^(16 − k), q.
fn is_cut(instruction: &Instruction) -> bool {
    instruction.c <= 16
        && instruction.d == 1 << instruction.c
        && instruction.e == 1 << (16 - instruction.c)
        && instruction.f <= 1
}

impl VmCoreChip<AluImmInterface> for ShiftImmCore {
    /// rs1.
    type Record = u32;
    type Air = Self;

    fn air(&self) -> &Self {
        self
    }

    fn accepts(&self, instruction: &Instruction) -> bool {
        is_cut(instruction)
    }

    #[inline(always)]
    fn execute_instruction(
        &self,
        instruction: &Instruction,
        from_pc: u32,
        x: u32,
    ) -> ExecutionResult<(AdapterRuntimeContext<AluImmInterface>, u32)> {
        let y = compute(local_opcode(instruction, from_pc)?, instruction, x);
        Ok((AdapterRuntimeContext::without_pc(y), x))
    }

    fn get_opcode_name(&self, opcode: VmOpcode) -> String {
        opcode_name::<ShiftImmOpcode>(opcode)
    }

    #[inline(always)]
    fn generate_trace_row(&self, row: &mut [F], instruction: &Instruction, from_pc: u32, &x: &u32) {
        let cols: &mut ShiftImmCols<F> = row.borrow_mut();
        // An opcode of another class never reaches a record.
        let Ok(opcode) = local_opcode(instruction, from_pc) else { return };
        cols.split.fill(x, instruction.c);
        cols.bits = F::from_u32(instruction.c);
        cols.power = F::from_u32(instruction.d);
        cols.shift = F::from_u32(instruction.e);
        cols.y = cells(compute(opcode, instruction, x));
        *match (opcode, instruction.f) {
            (ShiftImmOpcode::SLLI, 0) => &mut cols.left,
            (ShiftImmOpcode::SLLI, _) => &mut cols.left_cell,
            (ShiftImmOpcode::SRLI, 0) => &mut cols.right,
            (ShiftImmOpcode::SRLI, _) => &mut cols.right_cell,
        } = F::ONE;
    }
}

/// Columns of [`ShiftRightArithImmCore`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct ShiftRightArithImmCols<T> {
    /// rs1, cut at bit k.
    pub split: SplitCols<T>,
    /// k; program lookup.
    pub bits: T,
    /// 2^k; program lookup.
    pub power: T,
    /// 2^(16 − k); program lookup.
    pub shift: T,
    /// The shift is 16 or more; program lookup.
    pub by_cell: T,
    /// Bit 31 of rs1; boolean, fixed by the range check of the cut.
    pub sign: T,
    /// `sign · shift`.
    pub sign_weight: T,
    /// Cells of the result; fixed by the parts.
    pub y: [T; 2],
    /// The row is an SRAI; boolean.
    pub is_valid: T,
}

/// SRAI: the logical right shift with ones above a negative number.
#[derive(Clone, Copy, Debug, Default)]
pub struct ShiftRightArithImmCore;

air_part!(ShiftRightArithImmCore, ShiftRightArithImmCols, "core", [is_valid]);

chip! {
    /// SRAI.
    ShiftRightArithImmChip = "ShiftRightArithImm": AluImmAdapter, ShiftRightArithImmCore
}

impl<AB: VmAirBuilder> VmCoreAir<AB, AluImmInterface> for ShiftRightArithImmCore {
    fn eval(
        &self,
        builder: &mut AB,
        local: &[AB::Var],
        _from_pc: AB::Var,
    ) -> AdapterAirContext<AB::Expr, AluImmInterface> {
        let cols: &ShiftRightArithImmCols<AB::Var> = local.borrow();
        builder.assert_bool(cols.is_valid);
        builder.assert_bool(cols.sign);
        builder.assert_eq(cols.sign_weight, cols.sign * cols.shift);
        let cut = Cut {
            bits: cols.bits.into(),
            power: cols.power.into(),
            has_sign: cols.is_valid.into(),
            sign_weight: cols.sign_weight.into(),
        };
        eval_cut(builder, &cols.split, cut, cols.is_valid.into());

        let [low, high, above] = arithmetic_right::<AB>(&cols.split, cols.shift, cols.sign, cols.sign_weight);
        // Soundness: by_cell is an operand of the program table, 0 or 1.
        builder.assert_eq(cols.y[0] - low.clone(), (high.clone() - low) * cols.by_cell);
        builder.assert_eq(cols.y[1] - high.clone(), (above - high) * cols.by_cell);

        AdapterAirContext {
            to_pc: None,
            reads: cols.split.x.map(Into::into),
            writes: cols.y.map(Into::into),
            instruction: OperandsInstruction {
                is_valid: cols.is_valid.into(),
                opcode: opcode_expr(ShiftRightArithImmOpcode::SRAI),
                operands: [cols.bits, cols.power, cols.shift, cols.by_cell].map(Into::into),
            },
        }
    }
}

/// The two cells of a word shifted right by k < 16, and the cell above them; all sign bits. `shift` is 2^(16 − k),
/// `sign_weight` is `sign · shift`: the vacated bits are `2^16 − shift` for a negative number.
pub(crate) fn arithmetic_right<AB: VmAirBuilder>(
    split: &SplitCols<AB::Var>,
    shift: AB::Var,
    sign: AB::Var,
    sign_weight: AB::Var,
) -> [AB::Expr; 3] {
    let [high0, high1] = split.high;
    let low = split.low[1] * shift + high0;
    let high = sign * AB::Expr::from_u32(1 << CELL_BITS) - sign_weight + high1;
    [low, high, sign * AB::Expr::from_u32((1 << CELL_BITS) - 1)]
}

/// The shifted word.
#[inline(always)]
const fn compute_arithmetic(instruction: &Instruction, x: u32) -> u32 {
    let amount = instruction.f.wrapping_mul(CELL_BITS as u32).wrapping_add(instruction.c);
    x.cast_signed().wrapping_shr(amount).cast_unsigned()
}

impl VmCoreChip<AluImmInterface> for ShiftRightArithImmCore {
    /// rs1.
    type Record = u32;
    type Air = Self;

    fn air(&self) -> &Self {
        self
    }

    fn accepts(&self, instruction: &Instruction) -> bool {
        is_cut(instruction)
    }

    #[inline(always)]
    fn execute_instruction(
        &self,
        instruction: &Instruction,
        _from_pc: u32,
        x: u32,
    ) -> ExecutionResult<(AdapterRuntimeContext<AluImmInterface>, u32)> {
        Ok((AdapterRuntimeContext::without_pc(compute_arithmetic(instruction, x)), x))
    }

    fn get_opcode_name(&self, opcode: VmOpcode) -> String {
        opcode_name::<ShiftRightArithImmOpcode>(opcode)
    }

    #[inline(always)]
    fn generate_trace_row(&self, row: &mut [F], instruction: &Instruction, _from_pc: u32, &x: &u32) {
        let cols: &mut ShiftRightArithImmCols<F> = row.borrow_mut();
        cols.split.fill(x, instruction.c);
        cols.bits = F::from_u32(instruction.c);
        cols.power = F::from_u32(instruction.d);
        cols.shift = F::from_u32(instruction.e);
        cols.by_cell = F::from_u32(instruction.f);
        cols.sign = F::from_u32(x >> 31);
        cols.sign_weight = cols.sign * cols.shift;
        cols.y = cells(compute_arithmetic(instruction, x));
        cols.is_valid = F::ONE;
    }
}

#[cfg(test)]
mod tests {
    use vm_core::instructions::LocalOpcode;
    use vm_core::primitives::width_of;

    use super::*;
    use crate::adapters::AluImmAdapterCols;
    use crate::opcodes::register;
    use crate::support::CELL;
    use crate::test_util::{Case, Guard, WORDS, check, check_with, cost};

    fn case(opcode: impl LocalOpcode, is_left: bool, x: u32, amount: u32) -> Case {
        let (q, r) = (amount / 16, amount % 16);
        let k = if is_left { 16 - r } else { r };
        let operands = [register(5), register(6), k, 1 << k, 1 << (16 - k), q];
        Case::new(Instruction::new(opcode, operands)).register(register(5), 0xDEAD_BEEF).register(register(6), x)
    }

    #[test]
    fn results_are_those_of_wide_arithmetic() {
        for x in WORDS {
            for amount in 0..32 {
                let power = 1u64 << amount;
                let left = case(ShiftImmOpcode::SLLI, true, x, amount).run::<ShiftImmChip>().unwrap();
                assert_eq!(
                    u64::from(left.register(register(5))),
                    u64::from(x) * power % (1 << 32),
                    "{x:#x} << {amount}"
                );
                let right = case(ShiftImmOpcode::SRLI, false, x, amount).run::<ShiftImmChip>().unwrap();
                assert_eq!(u64::from(right.register(register(5))), u64::from(x) / power, "{x:#x} >> {amount}");
                let case = case(ShiftRightArithImmOpcode::SRAI, false, x, amount);
                let arithmetic = case.run::<ShiftRightArithImmChip>().unwrap();
                let signed = i64::from(x) - i64::from(x >> 31) * (1 << 32);
                let expected = signed.div_euclid(1 << amount).rem_euclid(1 << 32);
                assert_eq!(i64::from(arithmetic.register(register(5))), expected, "{x:#x} >>> {amount}");
            }
        }
    }

    const AMOUNTS: [u32; 7] = [0, 1, 8, 15, 16, 17, 31];

    #[test]
    fn logical_rows_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<ShiftImmChip>(), (23, 32));
        let mut cases = Vec::new();
        for amount in AMOUNTS {
            for x in [0x8001_8001, 0x1234_5678] {
                cases.push(case(ShiftImmOpcode::SLLI, true, x, amount));
                cases.push(case(ShiftImmOpcode::SRLI, false, x, amount));
            }
        }
        check::<ShiftImmChip>(&cases).expect(&[], &[Guard::Constraint(4)]);
    }

    #[test]
    fn arithmetic_rows_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<ShiftRightArithImmChip>(), (23, 32));
        let mut cases = Vec::new();
        for amount in AMOUNTS {
            for x in [0x8001_8001, 0x7234_5678, 0xFFFF_FFFF] {
                cases.push(case(ShiftRightArithImmOpcode::SRAI, false, x, amount));
            }
        }
        // The result that follows from a changed witness.
        let result = |row: &mut [F]| {
            let cols: &mut ShiftRightArithImmCols<F> = row[width_of::<AluImmAdapterCols<u8>>()..].borrow_mut();
            let low = cols.split.high[0] + cols.split.low[1] * cols.shift;
            let high = cols.split.high[1] + cols.sign * CELL - cols.sign_weight;
            let above = cols.sign * (CELL - F::ONE);
            cols.y = if cols.by_cell == F::ZERO { [low, high] } else { [high, above] };
        };
        let weight_and_result = |row: &mut [F]| {
            let cols: &mut ShiftRightArithImmCols<F> = row[width_of::<AluImmAdapterCols<u8>>()..].borrow_mut();
            cols.sign_weight = cols.sign * cols.shift;
            result(row);
        };
        check_with::<ShiftRightArithImmChip>(&cases, &[&result, &weight_and_result], &[]).expect(&[], &[]);
    }

    #[test]
    fn logical_rows_in_place_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<ShiftImmInPlaceChip>(), (19, 28));
        let mut cases = Vec::new();
        for amount in AMOUNTS {
            let words = [0x8001_8001, 0x1234_5678].into_iter();
            let opcodes = [(ShiftImmOpcode::SLLI, true), (ShiftImmOpcode::SRLI, false)];
            for (x, (opcode, is_left)) in words.flat_map(|x| opcodes.map(|opcode| (x, opcode))) {
                let mut in_place = case(opcode, is_left, x, amount);
                in_place.instruction.a = register(6);
                let general = case(opcode, is_left, x, amount).run::<ShiftImmChip>().unwrap().register(register(5));
                let outcome = in_place.run::<ShiftImmInPlaceChip>().unwrap();
                assert_eq!(outcome.register(register(6)), general, "{opcode:?} {x:#x} {amount}");
                cases.push(in_place);
            }
        }
        check::<ShiftImmInPlaceChip>(&cases).expect(&[], &[Guard::Constraint(4)]);
    }
}
