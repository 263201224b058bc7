//! MULH, MULHSU and MULHU.

use p3_air::AirBuilder;
use p3_field::PrimeCharacteristicRing;
use vm_core::arch::authoring::{Bytes, Core, CoreBuilder, Io, Word};
use vm_core::stark::F;
use vm_derive::{columns, instruction};

use crate::adapters::Rv32Alu;
use crate::byte_product::{byte_cells, product_limbs, product_limbs_host};
use crate::support::{CELL, CELL_BITS, cells, limbs};

/// Bits of the carries out of the three lower cells, the last one plus [`CARRY_OFFSET`].
const CARRY_BITS: [usize; 3] = [9, 10, 10];
/// Added to the third carry, which is at least −2 because two 16-bit operands are subtracted there.
const CARRY_OFFSET: i64 = 2;

/// MULH, MULHSU and MULHU: the high word of the exact product of two words, each of them signed or unsigned.
#[instruction(adapter = Rv32Alu, columns = MulHCols, opcode = 0x190)]
#[derive(PartialEq, Eq)]
pub enum MulH {
    /// High word of the product, both operands signed.
    #[encode(op, funct3 = 1, funct7 = 1)]
    MULH,
    /// High word of the product, the first operand signed.
    #[encode(op, funct3 = 2, funct7 = 1)]
    MULHSU,
    /// High word of the product, both operands unsigned.
    #[encode(op, funct3 = 3, funct7 = 1)]
    MULHU,
}

/// Columns of [`MulH`].
#[columns]
pub struct MulHCols<T> {
    /// Bytes of rs1; bound by the memory bus and range checks.
    #[read(0, proven)]
    pub x: Bytes<T>,
    /// Bytes of rs2; bound by the memory bus and range checks.
    #[read(1, proven)]
    pub c: Bytes<T>,
    /// Sign of rs1; boolean. 0 for MULHU, else determined by the range check of `x[3] − 128·sign`.
    #[bool]
    pub x_sign: T,
    /// Sign of rs2; boolean. 0 for MULHSU and MULHU, else determined by the range check of `c[3] − 128·sign`.
    #[bool]
    pub c_sign: T,
    /// Cells of the product's low word; range-checked, and determined by the product.
    #[range(16)]
    pub low: [T; 2],
    /// Cells of the result, the high word; range-checked, and determined by the product.
    #[write(0)]
    pub y: Word<T>,
    /// Carries out of the three lower cells; range-checked, and determined by the product.
    pub carry: [T; 3],
    /// 1 if the product is negative; boolean, and determined by the carry out of the highest cell.
    #[bool]
    pub negative: T,
    /// Selector of MULH rows: boolean, and part of the opcode that the program lookup fixes.
    #[opcode(MulH::MULH)]
    pub is_mulh: T,
    /// Selector of MULHSU rows; like `is_mulh`.
    #[opcode(MulH::MULHSU)]
    pub is_mulhsu: T,
    /// Selector of MULHU rows; like `is_mulh`.
    #[opcode(MulH::MULHU)]
    pub is_mulhu: T,
}

impl MulH {
    /// Returns both operands as the integers that the opcode interprets them as.
    #[inline(always)]
    const fn integers(self, [x, c]: [u32; 2]) -> [i128; 2] {
        match self {
            Self::MULH => [x as i32 as i128, c as i32 as i128],
            Self::MULHSU => [x as i32 as i128, c as i128],
            Self::MULHU => [x as i128, c as i128],
        }
    }
}

#[instruction]
impl Core for MulH {
    #[inline(always)]
    fn execute(&self, reads: [u32; 2]) -> u32 {
        let [a, b] = self.integers(reads);
        ((a * b) >> 32) as u32
    }

    #[inline(always)]
    fn witness(&self, io: &Io<Self>, cols: &mut MulHCols<F>) {
        let [x, c] = io.reads;
        let [a, b] = self.integers(io.reads);
        let (x_sign, c_sign) = (a < 0, b < 0);
        let [s0, s1, s2, _] = product_limbs_host(x, c);
        let minus2 = i64::from(limbs(c)[0]) * i64::from(x_sign) + i64::from(limbs(x)[0]) * i64::from(c_sign);
        let carry0 = s0 >> CELL_BITS;
        let carry1 = (s1 + carry0) >> CELL_BITS;
        let carry2 = (s2 + carry1 - minus2) >> CELL_BITS;
        cols.x_sign = F::from_bool(x_sign);
        cols.c_sign = F::from_bool(c_sign);
        cols.low = cells((a * b) as u32);
        cols.carry = [carry0, carry1, carry2].map(F::from_i64);
        cols.negative = F::from_bool(a * b < 0);
    }

    fn eval<B: CoreBuilder>(&self, builder: &mut B, cols: &MulHCols<B::Var>) {
        let x: [B::Expr; 4] = cols.x.map(Into::into);
        let c: [B::Expr; 4] = cols.c.map(Into::into);

        // Soundness: all bytes are below 2^8, so the splits of the operands are unique. For a signed operand, top −
        // 128·sign of the top byte has seven bits, which forces the sign to be the top bit. For an unsigned one, the
        // sign is 0.
        let operands =
            [(&x, cols.x_sign, cols.is_mulh + cols.is_mulhsu), (&c, cols.c_sign, B::Expr::from(cols.is_mulh))];
        for (bytes, sign, is_signed) in operands {
            for byte in &bytes[..3] {
                builder.range(byte.clone(), 8);
            }
            builder.range_by(bytes[3].clone() - sign * F::from_u32(1 << 7), B::Expr::from_u32(8) - is_signed);
        }
        let [carry0, carry1, carry2] = cols.carry.map(Into::<B::Expr>::into);
        let shifted = carry2.clone() + F::from_i64(CARRY_OFFSET);
        for (carry, bits) in [carry0.clone(), carry1.clone(), shifted].into_iter().zip(CARRY_BITS) {
            builder.range(carry, bits);
        }
        builder.when(cols.is_mulhu).assert_zero(cols.x_sign);
        builder.when(cols.is_mulhsu + cols.is_mulhu).assert_zero(cols.c_sign);

        // With X = x − 2^32·x_sign and C likewise, X·C = x·c − 2^32·(x_sign·c + c_sign·x) + 2^64·x_sign·c_sign.
        // Soundness: every side of the four equations is below 2^27 in absolute value, so they hold over the integers.
        // The first three determine their cells and carries. The carry out of the last is −negative − x_sign·c_sign, so
        // that X·C = low + 2^32·y − 2^64·negative, which only one pair (y, negative) satisfies.
        let [s0, s1, s2, s3] = product_limbs(&x, &c);
        let [x0, x1] = byte_cells(&x);
        let [c0, c1] = byte_cells(&c);
        let minus2 = c0 * cols.x_sign + x0 * cols.c_sign;
        let minus3 = c1 * cols.x_sign + x1 * cols.c_sign;
        let carry3 = -(cols.x_sign * cols.c_sign + cols.negative);
        builder.assert_eq(s0, cols.low[0] + carry0.clone() * CELL);
        builder.assert_eq(s1 + carry0, cols.low[1] + carry1.clone() * CELL);
        builder.assert_eq(s2 + carry1 - minus2, cols.y[0] + carry2.clone() * CELL);
        builder.assert_eq(s3 + carry2 - minus3, cols.y[1] + carry3 * CELL);
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::BorrowMut;

    use vm_core::instructions::{Instruction, LocalOpcode};

    use super::*;
    use crate::opcodes::register;
    use crate::support::{CELL_INV, inv_pow2};
    use crate::test_util::{Columns, pairs};
    use vm_core::machine::testing::{Case, Verdict, check_with, cost};

    fn case(opcode: MulH, x: u32, c: u32) -> Case {
        Case::new(Instruction::new(opcode, [register(5), register(6), register(7)]))
            .register(register(5), 0xDEAD_BEEF)
            .register(register(6), x)
            .register(register(7), c)
    }

    /// Computes the high word of the product from the unsigned one, with the schoolbook correction for signs.
    fn model(opcode: MulH, x: u32, c: u32) -> u32 {
        let mut high = ((u64::from(x) * u64::from(c)) >> 32) as u32;
        if opcode != MulH::MULHU && x >= 1 << 31 {
            high = high.wrapping_sub(c);
        }
        if opcode == MulH::MULH && c >= 1 << 31 {
            high = high.wrapping_sub(x);
        }
        high
    }

    #[test]
    fn results_are_the_high_words_of_products() {
        for (x, c) in pairs(200) {
            for &opcode in MulH::ALL {
                let outcome = case(opcode, x, c).run::<MulH>().unwrap();
                assert_eq!(outcome.register(register(5)), model(opcode, x, c), "{opcode:?} {x:#x} {c:#x}");
                assert_eq!(outcome.to.pc, 0x1004);
            }
        }
    }

    #[test]
    fn rows_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<MulH>(), (31, 60));
        let operands = [
            (0, 0xFFFF_FFFF),
            (0xFFFF_FFFF, 0xFFFF_FFFF),
            (0x8000_0000, 0x8000_0000),
            (0x8000_0001, 0x7FFF_FFFF),
            (0x1234_5678, 0xFEDC_BA98),
        ];
        let cases: Vec<_> = MulH::ALL.iter().flat_map(|&opcode| operands.map(|(x, c)| case(opcode, x, c))).collect();
        // Recompute the carries and a high cell so that all equations hold in the field.
        let repair = |row: &mut [F]| {
            let core = row.len() - size_of::<MulHCols<u8>>();
            let cols: &mut MulHCols<F> = row[core..].borrow_mut();
            let [s0, s1, s2, s3] = product_limbs(&cols.x, &cols.c);
            let ([x0, x1], [c0, c1]) = (byte_cells(&cols.x), byte_cells(&cols.c));
            let (x_sign, c_sign) = (cols.x_sign, cols.c_sign);
            cols.carry[0] = (s0 - cols.low[0]) * CELL_INV;
            cols.carry[1] = (s1 + cols.carry[0] - cols.low[1]) * CELL_INV;
            cols.carry[2] = (s2 + cols.carry[1] - c0 * x_sign - x0 * c_sign - cols.y[0]) * CELL_INV;
            let carry3 = -(x_sign * c_sign + cols.negative);
            cols.y[1] = s3 + cols.carry[2] - c1 * x_sign - x1 * c_sign - carry3 * CELL;
        };
        let mut report = check_with::<MulH>(&cases, &[&repair], &[]);
        for (opcode, x, c, columns) in special_claims() {
            let trial = case(opcode, x, c).trial::<MulH>();
            match trial.with(&columns) {
                Verdict::Refused(guards) if guards.len() == 1 => report.idle.retain(|guard| *guard != guards[0]),
                verdict => panic!("{opcode:?} {x:#x} {c:#x}, {columns:?}: {verdict:?}"),
            }
        }
        report.expect(&[], &[]);
    }

    /// Changes that exactly one constraint or range check rejects: what a prover could do without it.
    fn special_claims() -> Vec<(MulH, u32, u32, Columns)> {
        vec![
            // 2^30 · 2^7 with a sign of 2^−7, which subtracts one from the high word.
            (MulH::MULH, 1 << 30, 1 << 7, vec![("core.x_sign", inv_pow2(7)), ("core.y[0]", F::from_u32(31))]),
            // Bytes that are out of range.
            (MulH::MULHU, 0x0404_0404, 0, vec![("core.x[0]", F::from_u32(0x104)), ("core.x[1]", F::from_u32(3))]),
            (MulH::MULHU, 0x0404_0404, 0, vec![("core.x[2]", F::from_u32(0x104)), ("core.x[3]", F::from_u32(3))]),
            (
                MulH::MULHU,
                0x0404_0404,
                0,
                vec![("core.x[0]", F::from_u32(3)), ("core.x[1]", F::from_u32(4) + inv_pow2(8))],
            ),
            // −2^31 · 2 instead of 2^31 · 2.
            (
                MulH::MULHU,
                1 << 31,
                2,
                vec![
                    ("core.x_sign", F::ONE),
                    ("core.y[0]", F::from_u32(0xFFFF)),
                    ("core.y[1]", F::from_u32(0xFFFF)),
                    ("core.carry[2]", -F::ONE),
                    ("core.negative", F::ONE),
                ],
            ),
        ]
    }

    /// The honest witness satisfies the constraints for all pairs of edge cases and for random pairs.
    #[test]
    fn every_product_has_a_witness() {
        for (x, c) in pairs(300) {
            for &opcode in MulH::ALL {
                case(opcode, x, c).trial::<MulH>();
            }
        }
    }
}
