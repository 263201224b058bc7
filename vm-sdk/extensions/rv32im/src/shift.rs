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
