//! SLLI, SRLI (AIR `ShiftImm`) and SRAI (AIR `ShiftRightArithImm`).
//!
//! Let the amount be `16·q + r`, and let the cells be cut at bit k. The factor `move = 2^(16 − k)` shifts the lower
//! parts to the top:
//! - left shift (k = 16 − r): the cells become `low[0]·move` and `high[0] + low[1]·move`;
//! - right shift (k = r): they become `high[0] + low[1]·move` and `high[1]`.
//!
//! Then the cells move by q cells. All products fit into a cell, so the result needs no range check.

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::authoring::{Core, CoreBuilder, Io, Word};
use vm_core::instructions::Instruction;
use vm_core::stark::{F, VmAirBuilder};
use vm_derive::{columns, instruction};

use crate::adapters::Rv32AluImm;
use crate::adapters::operands::{ShiftAmount, ShiftReads};
use crate::shift_split::{Cut, SplitCols, eval_cut};
use crate::support::CELL_BITS;

/// SLLI and SRLI.
#[instruction(
    adapter = Rv32AluImm<ShiftAmount>,
    columns = ShiftImmCols,
    opcode = 0x128,
    computed(read(0), read(4))
)]
#[derive(PartialEq, Eq)]
pub enum ShiftImm {
    /// Left shift by a constant: `rd = rs1 << imm`.
    #[encode(op_imm, funct3 = 1, funct7 = 0x00)]
    SLLI,
    /// Logical right shift by a constant: `rd = rs1 >> imm`.
    #[encode(op_imm, funct3 = 5, funct7 = 0x00)]
    SRLI,
}

/// Columns of [`ShiftImm`].
#[columns]
pub struct ShiftImmCols<T> {
    /// rs1, cut at bit k.
    pub split: SplitCols<T>,
    /// k; fixed by the program lookup.
    #[read(1)]
    pub bits: T,
    /// 2^k; fixed by the program lookup.
    #[read(2)]
    pub power: T,
    /// 2^(16 − k); fixed by the program lookup.
    #[read(3)]
    pub shift: T,
    /// Cells of the result; determined by the parts.
    #[write(0, proven)]
    pub y: Word<T>,
    /// Selector of SLLI rows by less than 16: boolean, and part of the opcode and of operand `f`, which the program
    /// lookup fixes.
    #[opcode(ShiftImm::SLLI)]
    pub left: T,
    /// Selector of SLLI rows by 16 or more; like `left`.
    #[opcode(ShiftImm::SLLI)]
    pub left_cell: T,
    /// Selector of SRLI rows by less than 16; like `left`.
    #[opcode(ShiftImm::SRLI)]
    pub right: T,
    /// Selector of SRLI rows by 16 or more; like `left`.
    #[opcode(ShiftImm::SRLI)]
    pub right_cell: T,
}

#[instruction]
impl Core for ShiftImm {
    #[inline(always)]
    fn execute(&self, ShiftReads { x, bits, cells }: ShiftReads) -> u32 {
        let by_cells = cells.wrapping_mul(CELL_BITS as u32);
        match self {
            Self::SLLI => x.wrapping_shl(by_cells.wrapping_add(CELL_BITS as u32).wrapping_sub(bits)),
            Self::SRLI => x.wrapping_shr(by_cells.wrapping_add(bits)),
        }
    }

    fn accepts(&self, instruction: &Instruction) -> bool {
        // 16 − r or r, where r is below 16.
        match self {
            Self::SLLI => instruction.c > 0,
            Self::SRLI => instruction.c < 16,
        }
    }

    #[inline(always)]
    fn witness(&self, io: &Io<Self>, cols: &mut ShiftImmCols<F>) {
        let ShiftReads { x, bits, cells } = io.reads;
        cols.split.fill(x, bits);
        *match (self, cells) {
            (Self::SLLI, 0) => &mut cols.left,
            (Self::SLLI, _) => &mut cols.left_cell,
            (Self::SRLI, 0) => &mut cols.right,
            (Self::SRLI, _) => &mut cols.right_cell,
        } = F::ONE;
    }

    fn eval<B: CoreBuilder>(&self, builder: &mut B, cols: &ShiftImmCols<B::Var>) {
        let cut = Cut {
            bits: cols.bits.into(),
            power: cols.power.into(),
            has_sign: B::Expr::ZERO,
            sign_weight: B::Expr::ZERO,
        };
        eval_cut(builder, &cols.split, cut);

        let [high0, high1] = cols.split.high;
        let bottom = cols.split.low[0] * cols.shift;
        let middle = cols.split.low[1] * cols.shift + high0;
        builder
            .assert_eq(cols.y[0], bottom.clone() * cols.left + middle.clone() * cols.right + high1 * cols.right_cell);
        builder.assert_eq(cols.y[1], middle * cols.left + bottom * cols.left_cell + high1 * cols.right);
    }

    fn read<B: CoreBuilder>(&self, cols: &ShiftImmCols<B::Var>, value: usize, _word: usize) -> [B::Expr; 2] {
        match value {
            0 => cols.split.x.map(Into::into),
            _ => [cols.left_cell + cols.right_cell, B::Expr::ZERO],
        }
    }
}

/// SRAI: a logical right shift that fills in ones if the number is negative.
#[instruction(
    adapter = Rv32AluImm<ShiftAmount>,
    columns = ShiftRightArithImmCols,
    opcode = 0x130,
    computed(read(0))
)]
#[derive(PartialEq, Eq)]
pub enum ShiftRightArithImm {
    /// Arithmetic right shift by a constant: `rd = rs1 >> imm`, signed.
    #[encode(op_imm, funct3 = 5, funct7 = 0x20)]
    SRAI,
}

/// Columns of [`ShiftRightArithImm`].
#[columns]
pub struct ShiftRightArithImmCols<T> {
    /// rs1, cut at bit k.
    pub split: SplitCols<T>,
    /// k; fixed by the program lookup.
    #[read(1)]
    pub bits: T,
    /// 2^k; fixed by the program lookup.
    #[read(2)]
    pub power: T,
    /// 2^(16 − k); fixed by the program lookup.
    #[read(3)]
    pub shift: T,
    /// 1 if the amount is 16 or more; fixed by the program lookup.
    #[read(4)]
    pub by_cell: T,
    /// Bit 31 of rs1; boolean, and determined by the range check of the cut.
    #[bool]
    pub sign: T,
    /// `sign · shift`.
    pub sign_weight: T,
    /// Cells of the result; determined by the parts.
    #[write(0, proven)]
    pub y: Word<T>,
    /// Selector of SRAI rows; boolean.
    #[valid]
    pub is_valid: T,
}

#[instruction]
impl Core for ShiftRightArithImm {
    #[inline(always)]
    fn execute(&self, ShiftReads { x, bits, cells }: ShiftReads) -> u32 {
        let amount = cells.wrapping_mul(CELL_BITS as u32).wrapping_add(bits);
        x.cast_signed().wrapping_shr(amount).cast_unsigned()
    }

    fn accepts(&self, instruction: &Instruction) -> bool {
        instruction.c < 16
    }

    #[inline(always)]
    fn witness(&self, io: &Io<Self>, cols: &mut ShiftRightArithImmCols<F>) {
        let ShiftReads { x, bits, .. } = io.reads;
        cols.split.fill(x, bits);
        cols.sign = F::from_u32(x >> 31);
        cols.sign_weight = cols.sign * cols.shift;
    }

    fn eval<B: CoreBuilder>(&self, builder: &mut B, cols: &ShiftRightArithImmCols<B::Var>) {
        builder.assert_eq(cols.sign_weight, cols.sign * cols.shift);
        let cut = Cut {
            bits: cols.bits.into(),
            power: cols.power.into(),
            has_sign: cols.is_valid.into(),
            sign_weight: cols.sign_weight.into(),
        };
        eval_cut(builder, &cols.split, cut);

        let [low, high, above] = arithmetic_right::<B>(&cols.split, cols.shift, cols.sign, cols.sign_weight);
        // Soundness: by_cell is an operand in the program table, and 0 or 1.
        builder.assert_eq(cols.y[0] - low.clone(), (high.clone() - low) * cols.by_cell);
        builder.assert_eq(cols.y[1] - high.clone(), (above - high) * cols.by_cell);
    }

    fn read<B: CoreBuilder>(&self, cols: &ShiftRightArithImmCols<B::Var>, _: usize, _: usize) -> [B::Expr; 2] {
        cols.split.x.map(Into::into)
    }
}

/// Returns the two cells of a word that is shifted right by k < 16, and the cell above them, which consists of sign
/// bits. `shift` is 2^(16 − k) and `sign_weight` is `sign · shift`: the vacated bits of a negative number are `2^16 −
/// shift`.
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

#[cfg(test)]
mod tests {
    use std::borrow::BorrowMut;

    use vm_core::instructions::LocalOpcode;
    use vm_core::primitives::width_of;

    use super::*;
    use crate::adapters::{Rv32AluImmCols, Rv32AluImmInPlace};
    use crate::opcodes::register;
    use crate::support::CELL;
    use crate::test_util::WORDS;
    use vm_core::machine::testing::{Case, Guard, Specialised, check, check_with, cost};

    type ShiftImmInPlaceChip = Specialised<ShiftImm, Rv32AluImmInPlace<ShiftAmount>>;

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
                let left = case(ShiftImm::SLLI, true, x, amount).run::<ShiftImm>().unwrap();
                assert_eq!(
                    u64::from(left.register(register(5))),
                    u64::from(x) * power % (1 << 32),
                    "{x:#x} << {amount}"
                );
                let right = case(ShiftImm::SRLI, false, x, amount).run::<ShiftImm>().unwrap();
                assert_eq!(u64::from(right.register(register(5))), u64::from(x) / power, "{x:#x} >> {amount}");
                let case = case(ShiftRightArithImm::SRAI, false, x, amount);
                let arithmetic = case.run::<ShiftRightArithImm>().unwrap();
                let signed = i64::from(x) - i64::from(x >> 31) * (1 << 32);
                let expected = signed.div_euclid(1 << amount).rem_euclid(1 << 32);
                assert_eq!(i64::from(arithmetic.register(register(5))), expected, "{x:#x} >>> {amount}");
            }
        }
    }

    const AMOUNTS: [u32; 7] = [0, 1, 8, 15, 16, 17, 31];

    #[test]
    fn logical_rows_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<ShiftImm>(), (23, 32));
        let mut cases = Vec::new();
        for amount in AMOUNTS {
            for x in [0x8001_8001, 0x1234_5678] {
                cases.push(case(ShiftImm::SLLI, true, x, amount));
                cases.push(case(ShiftImm::SRLI, false, x, amount));
            }
        }
        check::<ShiftImm>(&cases).expect(&[], &[Guard::Constraint(4)]);
    }

    #[test]
    fn arithmetic_rows_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<ShiftRightArithImm>(), (23, 32));
        let mut cases = Vec::new();
        for amount in AMOUNTS {
            for x in [0x8001_8001, 0x7234_5678, 0xFFFF_FFFF] {
                cases.push(case(ShiftRightArithImm::SRAI, false, x, amount));
            }
        }
        // Recompute the result from a changed witness.
        let result = |row: &mut [F]| {
            let cols: &mut ShiftRightArithImmCols<F> = row[width_of::<Rv32AluImmCols<u8>>()..].borrow_mut();
            let low = cols.split.high[0] + cols.split.low[1] * cols.shift;
            let high = cols.split.high[1] + cols.sign * CELL - cols.sign_weight;
            let above = cols.sign * (CELL - F::ONE);
            cols.y = if cols.by_cell == F::ZERO { [low, high] } else { [high, above] };
        };
        let weight_and_result = |row: &mut [F]| {
            let cols: &mut ShiftRightArithImmCols<F> = row[width_of::<Rv32AluImmCols<u8>>()..].borrow_mut();
            cols.sign_weight = cols.sign * cols.shift;
            result(row);
        };
        check_with::<ShiftRightArithImm>(&cases, &[&result, &weight_and_result], &[]).expect(&[], &[]);
    }

    #[test]
    fn logical_rows_in_place_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<ShiftImmInPlaceChip>(), (19, 28));
        let mut cases = Vec::new();
        for amount in AMOUNTS {
            let words = [0x8001_8001, 0x1234_5678].into_iter();
            let opcodes = [(ShiftImm::SLLI, true), (ShiftImm::SRLI, false)];
            for (x, (opcode, is_left)) in words.flat_map(|x| opcodes.map(|opcode| (x, opcode))) {
                let mut in_place = case(opcode, is_left, x, amount);
                in_place.instruction.a = register(6);
                let general = case(opcode, is_left, x, amount).run::<ShiftImm>().unwrap().register(register(5));
                let outcome = in_place.run::<ShiftImmInPlaceChip>().unwrap();
                assert_eq!(outcome.register(register(6)), general, "{opcode:?} {x:#x} {amount}");
                cases.push(in_place);
            }
        }
        check::<ShiftImmInPlaceChip>(&cases).expect(&[], &[Guard::Constraint(4)]);
    }
}
