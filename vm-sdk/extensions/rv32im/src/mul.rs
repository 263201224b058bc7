//! MUL.

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::authoring::{Bytes, Core, CoreBuilder, Io, Word};
use vm_core::stark::F;
use vm_derive::{columns, instruction};

use crate::adapters::Rv32Alu;
use crate::byte_product::{product_limbs, product_limbs_host};
use crate::support::{CELL, CELL_BITS};

/// Bits of the carries: S_0 < 2^16·510, and S_1 plus the first carry < 2^16·1020.
const CARRY_BITS: [usize; 2] = [9, 10];

/// MUL: `y = x · c` modulo 2^32.
#[instruction(adapter = Rv32Alu, columns = MulCols, opcode = 0x188)]
#[derive(PartialEq, Eq)]
pub enum Mul {
    /// Low word of the product: `rd = rs1 · rs2`.
    #[encode(op, funct3 = 0, funct7 = 1)]
    MUL,
}

/// Columns of [`Mul`].
#[columns]
pub struct MulCols<T> {
    /// Bytes of rs1; bound by the memory bus and the bitwise lookup.
    #[read(0, proven)]
    pub x: Bytes<T>,
    /// Bytes of rs2; bound by the memory bus and the bitwise lookup.
    #[read(1, proven)]
    pub c: Bytes<T>,
    /// XOR of the bytes of each cell of rs1; bound by the bitwise lookup. One lookup for two bytes costs less than two
    /// range checks.
    pub x_xor: [T; 2],
    /// XOR of the bytes of each cell of rs2; like `x_xor`.
    pub c_xor: [T; 2],
    /// Cells of the result; range-checked, and determined by the product.
    #[write(0)]
    pub y: Word<T>,
    /// Carries out of the two cells; range-checked, and determined by the product.
    pub carry: [T; 2],
    /// Selector of MUL rows; boolean.
    #[valid]
    pub is_valid: T,
}

#[instruction]
impl Core for Mul {
    #[inline(always)]
    fn execute(&self, [x, c]: [u32; 2]) -> u32 {
        x.wrapping_mul(c)
    }

    #[inline(always)]
    fn witness(&self, io: &Io<Self>, cols: &mut MulCols<F>) {
        let [x, c] = io.reads;
        let xor = |word: u32| {
            let [b0, b1, b2, b3] = word.to_le_bytes();
            [b0 ^ b1, b2 ^ b3].map(F::from_u8)
        };
        let [s0, s1, ..] = product_limbs_host(x, c);
        let carry0 = s0 >> CELL_BITS;
        let carry1 = (s1 + carry0) >> CELL_BITS;
        cols.x_xor = xor(x);
        cols.c_xor = xor(c);
        cols.carry = [carry0, carry1].map(F::from_i64);
    }

    fn eval<B: CoreBuilder>(&self, builder: &mut B, cols: &MulCols<B::Var>) {
        // Soundness: the bitwise table contains bytes only, so the splits of the operands are unique.
        for (bytes, xor) in [(cols.x, cols.x_xor), (cols.c, cols.c_xor)] {
            builder.xor(bytes[0], bytes[1], xor[0]);
            builder.xor(bytes[2], bytes[3], xor[1]);
        }

        // Soundness: both sides of the two equations are below 2^27 < p, so they hold over the integers. So each cell,
        // which is below 2^16, is the remainder modulo 2^16, and the carry is the quotient.
        let [s0, s1, ..] = product_limbs::<B::Expr>(&cols.x.map(Into::into), &cols.c.map(Into::into));
        builder.assert_eq(s0, cols.y[0] + cols.carry[0] * CELL);
        builder.assert_eq(s1 + cols.carry[0], cols.y[1] + cols.carry[1] * CELL);
        for (carry, bits) in cols.carry.into_iter().zip(CARRY_BITS) {
            builder.range(carry, bits);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::BorrowMut;

    use vm_core::instructions::Instruction;

    use super::*;
    use crate::opcodes::register;
    use crate::support::CELL_INV;
    use crate::test_util::pairs;
    use vm_core::machine::testing::{Case, check_with, cost};

    fn case(x: u32, c: u32) -> Case {
        Case::new(Instruction::new(Mul::MUL, [register(5), register(6), register(7)]))
            .register(register(5), 0xDEAD_BEEF)
            .register(register(6), x)
            .register(register(7), c)
    }

    #[test]
    fn results_are_the_low_words_of_64_bit_products() {
        for (x, c) in pairs(200) {
            let outcome = case(x, c).run::<Mul>().unwrap();
            assert_eq!(outcome.register(register(5)), (u64::from(x) * u64::from(c)) as u32, "{x:#x} * {c:#x}");
            assert_eq!(outcome.to.pc, 0x1004);
        }
    }

    #[test]
    fn rows_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<Mul>(), (27, 48));
        let mut cases: Vec<_> = pairs(2).map(|(x, c)| case(x, c)).collect();
        cases.push(case(u32::MAX, u32::MAX));
        // Recompute the carries so that both equations hold in the field.
        let repair = |row: &mut [F]| {
            let core = row.len() - size_of::<MulCols<u8>>();
            let cols: &mut MulCols<F> = row[core..].borrow_mut();
            let [s0, s1, ..] = product_limbs(&cols.x, &cols.c);
            cols.carry[0] = (s0 - cols.y[0]) * CELL_INV;
            cols.carry[1] = (s1 + cols.carry[0] - cols.y[1]) * CELL_INV;
        };
        check_with::<Mul>(&cases, &[&repair], &[]).expect(&[], &[]);
    }
}
