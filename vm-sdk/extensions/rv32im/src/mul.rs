//! MUL.

use std::borrow::{Borrow, BorrowMut};

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::{
    AdapterAirContext, AdapterRuntimeContext, BITWISE_BUS, ExecutionResult, MinimalInstruction, RANGE_BUS, VmCoreAir,
    VmCoreChip,
};
use vm_core::instructions::{Instruction, VmOpcode};
use vm_core::stark::{F, VmAirBuilder};
use vm_derive::AlignedBorrow;

use crate::adapters::{AluAdapter, AluInterface};
use crate::byte_product::{byte_cells, product_limbs, product_limbs_host};
use crate::opcodes::MulOpcode;
use crate::support::{CELL, CELL_BITS, air_part, cells, chip, opcode_expr, opcode_name};

/// Bits of the carries: S_0 < 2^16·510, and S_1 with that carry < 2^16·1020.
const CARRY_BITS: [usize; 2] = [9, 10];

/// Columns of [`MulCore`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct MulCols<T> {
    /// Bytes of rs1; memory bus and bitwise lookup.
    pub x: [T; 4],
    /// Bytes of rs2; memory bus and bitwise lookup.
    pub c: [T; 4],
    /// XOR of the bytes of each cell of rs1; bitwise lookup. Two bytes cost less this way than by two range checks.
    pub x_xor: [T; 2],
    /// XOR of the bytes of each cell of rs2; as `x_xor`.
    pub c_xor: [T; 2],
    /// Cells of the result; range-checked, and fixed by the product.
    pub y: [T; 2],
    /// Carries out of the two cells; range-checked, and fixed by the product.
    pub carry: [T; 2],
    /// The row is a MUL; boolean.
    pub is_valid: T,
}

/// MUL: `y = x · c` modulo 2^32.
#[derive(Clone, Copy, Debug, Default)]
pub struct MulCore;

air_part!(MulCore, MulCols, "core", [is_valid]);

chip! {
    /// MUL.
    MulChip = "Mul": AluAdapter, MulCore
}

impl<AB: VmAirBuilder> VmCoreAir<AB, AluInterface> for MulCore {
    fn eval(
        &self,
        builder: &mut AB,
        local: &[AB::Var],
        _from_pc: AB::Var,
    ) -> AdapterAirContext<AB::Expr, AluInterface> {
        let cols: &MulCols<AB::Var> = local.borrow();
        builder.assert_bool(cols.is_valid);
        let x: [AB::Expr; 4] = cols.x.map(Into::into);
        let c: [AB::Expr; 4] = cols.c.map(Into::into);

        // Soundness: the bitwise table holds bytes only, so the splits of the operands are unique.
        for (bytes, xor) in [(cols.x, cols.x_xor), (cols.c, cols.c_xor)] {
            BITWISE_BUS.query(builder, [bytes[0], bytes[1], xor[0]], cols.is_valid);
            BITWISE_BUS.query(builder, [bytes[2], bytes[3], xor[1]], cols.is_valid);
        }

        // Soundness: both sides of the two equations are below 2^27 < p, so they hold over the integers; a cell below
        // 2^16 is the remainder by 2^16 and the carry the quotient.
        let [s0, s1, ..] = product_limbs(&x, &c);
        builder.assert_eq(s0, cols.y[0] + cols.carry[0] * CELL);
        builder.assert_eq(s1 + cols.carry[0], cols.y[1] + cols.carry[1] * CELL);
        for (y, (carry, bits)) in cols.y.into_iter().zip(cols.carry.into_iter().zip(CARRY_BITS)) {
            RANGE_BUS.query(builder, [y.into(), AB::Expr::from_usize(CELL_BITS)], cols.is_valid);
            RANGE_BUS.query(builder, [carry.into(), AB::Expr::from_usize(bits)], cols.is_valid);
        }

        AdapterAirContext {
            to_pc: None,
            reads: [byte_cells(&x), byte_cells(&c)],
            writes: cols.y.map(Into::into),
            instruction: MinimalInstruction { is_valid: cols.is_valid.into(), opcode: opcode_expr(MulOpcode::MUL) },
        }
    }
}

/// Operands of a multiplication.
#[derive(Clone, Copy, Debug)]
pub struct MulRecord {
    x: u32,
    c: u32,
}

impl VmCoreChip<AluInterface> for MulCore {
    type Record = MulRecord;
    type Air = Self;

    fn air(&self) -> &Self {
        self
    }

    #[inline(always)]
    fn execute_instruction(
        &self,
        _instruction: &Instruction,
        _from_pc: u32,
        [x, c]: [u32; 2],
    ) -> ExecutionResult<(AdapterRuntimeContext<AluInterface>, MulRecord)> {
        Ok((AdapterRuntimeContext::without_pc(x.wrapping_mul(c)), MulRecord { x, c }))
    }

    fn get_opcode_name(&self, opcode: VmOpcode) -> String {
        opcode_name::<MulOpcode>(opcode)
    }

    #[inline(always)]
    fn generate_trace_row(&self, row: &mut [F], _instruction: &Instruction, _from_pc: u32, record: &MulRecord) {
        let MulRecord { x, c } = *record;
        let cols: &mut MulCols<F> = row.borrow_mut();
        let xor = |word: u32| {
            let [b0, b1, b2, b3] = word.to_le_bytes();
            [b0 ^ b1, b2 ^ b3].map(F::from_u8)
        };
        let [s0, s1, ..] = product_limbs_host(x, c);
        let carry0 = s0 >> CELL_BITS;
        let carry1 = (s1 + carry0) >> CELL_BITS;
        cols.x = x.to_le_bytes().map(F::from_u8);
        cols.c = c.to_le_bytes().map(F::from_u8);
        cols.x_xor = xor(x);
        cols.c_xor = xor(c);
        cols.y = cells(x.wrapping_mul(c));
        cols.carry = [carry0, carry1].map(F::from_i64);
        cols.is_valid = F::ONE;
    }
}

#[cfg(test)]
mod tests {
    use vm_core::instructions::Instruction;
    use vm_core::primitives::width_of;

    use super::*;
    use crate::opcodes::register;
    use crate::support::CELL_INV;
    use crate::test_util::{Case, check_with, cost, pairs};

    fn case(x: u32, c: u32) -> Case {
        Case::new(Instruction::new(MulOpcode::MUL, [register(5), register(6), register(7)]))
            .register(register(5), 0xDEAD_BEEF)
            .register(register(6), x)
            .register(register(7), c)
    }

    #[test]
    fn results_are_the_low_words_of_64_bit_products() {
        for (x, c) in pairs(200) {
            let outcome = case(x, c).run::<MulChip>().unwrap();
            assert_eq!(outcome.register(register(5)), (u64::from(x) * u64::from(c)) as u32, "{x:#x} * {c:#x}");
            assert_eq!(outcome.to.pc, 0x1004);
        }
    }

    #[test]
    fn rows_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<MulChip>(), (27, 48));
        let mut cases: Vec<_> = pairs(2).map(|(x, c)| case(x, c)).collect();
        cases.push(case(u32::MAX, u32::MAX));
        // Carries that make both equations true in the field.
        let repair = |row: &mut [F]| {
            let core = row.len() - width_of::<MulCols<u8>>();
            let cols: &mut MulCols<F> = row[core..].borrow_mut();
            let [s0, s1, ..] = product_limbs(&cols.x, &cols.c);
            cols.carry[0] = (s0 - cols.y[0]) * CELL_INV;
            cols.carry[1] = (s1 + cols.carry[0] - cols.y[1]) * CELL_INV;
        };
        check_with::<MulChip>(&cases, &[&repair], &[]).expect(&[], &[]);
    }
}
