//! BEQ, BNE (AIR `BranchEqual`) and BLT, BLTU, BGE, BGEU (AIR `BranchLessThan`).

use p3_air::AirBuilder;
use p3_field::{Field, PrimeCharacteristicRing};
use vm_core::arch::authoring::{Core, CoreBuilder, Io, Word};
use vm_core::stark::F;
use vm_derive::{columns, instruction};

use crate::adapters::Rv32Branch;
use crate::less_than::{LessThanWitness, compare, order_limb};

/// BEQ and BNE.
#[instruction(adapter = Rv32Branch, columns = BranchEqualCols, opcode = 0x148, computed(write(0)))]
#[derive(PartialEq, Eq)]
pub enum BranchEqual {
    /// Branches if `rs1 = rs2`.
    #[encode(branch, funct3 = 0)]
    BEQ,
    /// Branches if `rs1 ≠ rs2`.
    #[encode(branch, funct3 = 1)]
    BNE,
}

/// Columns of [`BranchEqual`].
#[columns]
pub struct BranchEqualCols<T> {
    /// Cells of rs1; bound by the memory bus.
    #[read(0)]
    pub x: Word<T>,
    /// Cells of rs2; bound by the memory bus.
    #[read(1)]
    pub c: Word<T>,
    /// 1 if the words are equal, else 0; determined by the differences.
    pub equal: T,
    /// Factors that make a sum of the differences equal to 1, if the words differ. They only witness that a difference
    /// is not zero, so any such factors will do; if the words are equal, they are free.
    #[free("only witnesses that a difference is not zero")]
    pub inverse: [T; 2],
    /// Selector of BEQ rows: boolean, and part of the opcode that the program lookup fixes.
    #[opcode(BranchEqual::BEQ)]
    pub is_beq: T,
    /// Selector of BNE rows; like `is_beq`.
    #[opcode(BranchEqual::BNE)]
    pub is_bne: T,
}

#[instruction]
impl Core for BranchEqual {
    #[inline(always)]
    fn execute(&self, [x, c]: [u32; 2]) -> bool {
        match self {
            Self::BEQ => x == c,
            Self::BNE => x != c,
        }
    }

    #[inline(always)]
    fn witness(&self, io: &Io<Self>, cols: &mut BranchEqualCols<F>) {
        let [x, c] = io.reads;
        cols.equal = F::from_bool(x == c);
        // One difference with an inverse suffices.
        cols.inverse = match (cols.x[0] - cols.c[0]).try_inverse() {
            Some(inverse) => [inverse, F::ZERO],
            None => [F::ZERO, (cols.x[1] - cols.c[1]).try_inverse().unwrap_or(F::ZERO)],
        };
    }

    fn eval<B: CoreBuilder>(&self, builder: &mut B, cols: &BranchEqualCols<B::Var>) {
        // Soundness: on a valid row, the only solution is equal = 1 for equal words and equal = 0 for different words.
        let difference = [cols.x[0] - cols.c[0], cols.x[1] - cols.c[1]];
        let [by_low, by_high] = cols.inverse.map(Into::<B::Expr>::into);
        for difference in difference.clone() {
            builder.when(cols.equal).assert_zero(difference);
        }
        let [low, high] = difference;
        builder.assert_eq(low * by_low + high * by_high, builder.is_valid() - cols.equal);
    }

    fn write<B: CoreBuilder>(&self, cols: &BranchEqualCols<B::Var>, _value: usize, _word: usize) -> [B::Expr; 2] {
        let equal: B::Expr = cols.equal.into();
        [equal.clone() * cols.is_beq + (B::Expr::ONE - equal) * cols.is_bne, B::Expr::ZERO]
    }
}

/// BLT, BLTU, BGE and BGEU.
#[instruction(adapter = Rv32Branch, columns = BranchLessThanCols, opcode = 0x150, computed(write(0)))]
#[derive(PartialEq, Eq)]
pub enum BranchLessThan {
    /// Branches if `rs1 < rs2`, signed.
    #[encode(branch, funct3 = 4)]
    BLT,
    /// Branches if `rs1 < rs2`, unsigned.
    #[encode(branch, funct3 = 6)]
    BLTU,
    /// Branches if `rs1 ≥ rs2`, signed.
    #[encode(branch, funct3 = 5)]
    BGE,
    /// Branches if `rs1 ≥ rs2`, unsigned.
    #[encode(branch, funct3 = 7)]
    BGEU,
}

/// Columns of [`BranchLessThan`].
#[columns]
pub struct BranchLessThanCols<T> {
    /// Cells of rs1; bound by the memory bus.
    #[read(0)]
    pub x: Word<T>,
    /// Cells of rs2; bound by the memory bus.
    #[read(1)]
    pub c: Word<T>,
    /// Bit 31 of x in a signed comparison, else 0; determined by a range check.
    #[bool]
    pub x_sign: T,
    /// Bit 31 of c in a signed comparison, else 0; determined by a range check.
    #[bool]
    pub c_sign: T,
    /// Low cell of `x − c`; range-checked, and determined by the borrow.
    #[range(16)]
    pub difference: T,
    /// 1 if x is less than c; boolean, and determined by a range check.
    #[bool]
    pub less: T,
    /// 1 if the comparison is unsigned; boolean, and part of the opcode that the program lookup fixes.
    #[opcode_bit(1)]
    pub is_unsigned: T,
    /// 1 if the branch is taken when x is not less than c; like `is_unsigned`.
    #[opcode_bit(2)]
    pub is_ge: T,
    /// Selector of used rows; boolean.
    #[valid]
    pub is_valid: T,
}

#[instruction]
impl Core for BranchLessThan {
    #[inline(always)]
    fn execute(&self, [x, c]: [u32; 2]) -> bool {
        match self {
            Self::BLT => x.cast_signed() < c.cast_signed(),
            Self::BLTU => x < c,
            Self::BGE => x.cast_signed() >= c.cast_signed(),
            Self::BGEU => x >= c,
        }
    }

    #[inline(always)]
    fn witness(&self, io: &Io<Self>, cols: &mut BranchLessThanCols<F>) {
        let [x, c] = io.reads;
        let witness = LessThanWitness::new(x, c, matches!(self, Self::BLT | Self::BGE));
        cols.x_sign = witness.x_sign;
        cols.c_sign = witness.c_sign;
        cols.difference = witness.difference;
        cols.less = witness.less;
    }

    fn eval<B: CoreBuilder>(&self, builder: &mut B, cols: &BranchLessThanCols<B::Var>) {
        let is_signed = builder.is_valid() - cols.is_unsigned;
        let x_high = order_limb(builder, cols.x[1], cols.x_sign, is_signed.clone());
        let c_high = order_limb(builder, cols.c[1], cols.c_sign, is_signed);
        compare(builder, [cols.x[0].into(), x_high], [cols.c[0].into(), c_high], cols.difference, cols.less);
    }

    fn write<B: CoreBuilder>(&self, cols: &BranchLessThanCols<B::Var>, _value: usize, _word: usize) -> [B::Expr; 2] {
        // less XOR is_ge
        [cols.less + cols.is_ge - cols.less * cols.is_ge * B::Expr::TWO, B::Expr::ZERO]
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::BorrowMut;

    use super::*;
    use crate::opcodes::register;
    use crate::test_util::pairs;
    use vm_core::instructions::{Instruction, LocalOpcode};
    use vm_core::machine::testing::{Case, Guard, check_with, cost};

    const TARGET: u32 = 0x3FFF_FFF0;
    /// Columns of the adapter: the pc, the target and the next pc, of eight.
    const FROM_PC: usize = 0;
    const TO: usize = 4;
    const NEXT: usize = 5;
    const ADAPTER: usize = 8;

    fn case(opcode: impl LocalOpcode, x: u32, c: u32) -> Case {
        Case::new(Instruction::new(opcode, [register(6), register(7), TARGET]))
            .register(register(6), x)
            .register(register(7), c)
    }

    /// Pairs of operands, including equal words, equal cells and neighbouring values.
    fn operands(randoms: usize) -> impl Iterator<Item = (u32, u32)> {
        let near = [(5, 5), (0x1_0005, 5), (0x1_0005, 0x1_0006), (0x8000_0000, 0x7FFF_FFFF), (0xFFFF_FFFF, 0)];
        near.into_iter().chain(pairs(randoms))
    }

    /// Sets the next pc to the one that a decision leads to.
    fn set_next_pc(adapter: &mut [F], taken: F) {
        let next = adapter[FROM_PC] + F::from_u32(4);
        adapter[NEXT] = next + taken * (adapter[TO] - next);
    }

    #[test]
    fn equality_decides() {
        for (x, c) in operands(50) {
            let equal = i64::from(x) - i64::from(c) == 0;
            for (opcode, taken) in [(BranchEqual::BEQ, equal), (BranchEqual::BNE, !equal)] {
                let outcome = case(opcode, x, c).run::<BranchEqual>().unwrap();
                assert_eq!(outcome.to.pc, if taken { TARGET } else { 0x1004 }, "{opcode:?} {x:#x} {c:#x}");
            }
        }
    }

    #[test]
    fn order_decides() {
        for (x, c) in operands(50) {
            let signed = |word: u32| i64::from(word) - i64::from(word >> 31) * (1 << 32);
            let (less, less_unsigned) = (signed(x) - signed(c) < 0, i64::from(x) - i64::from(c) < 0);
            for (opcode, taken) in [
                (BranchLessThan::BLT, less),
                (BranchLessThan::BLTU, less_unsigned),
                (BranchLessThan::BGE, !less),
                (BranchLessThan::BGEU, !less_unsigned),
            ] {
                let outcome = case(opcode, x, c).run::<BranchLessThan>().unwrap();
                assert_eq!(outcome.to.pc, if taken { TARGET } else { 0x1004 }, "{opcode:?} {x:#x} {c:#x}");
            }
        }
    }

    #[test]
    fn equality_rows_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<BranchEqual>(), (17, 24));
        // Recompute the next pc, with and without the factors, from a changed witness.
        let next_pc = |row: &mut [F]| {
            let (adapter, core) = row.split_at_mut(ADAPTER);
            let core: &mut BranchEqualCols<F> = core.borrow_mut();
            set_next_pc(adapter, core.equal * core.is_beq + (F::ONE - core.equal) * core.is_bne);
        };
        let factors_and_next_pc = |row: &mut [F]| {
            let core: &mut BranchEqualCols<F> = row[ADAPTER..].borrow_mut();
            let factor = |i: usize| (F::ONE - core.equal) * (core.x[i] - core.c[i]).try_inverse().unwrap_or(F::ZERO);
            core.inverse = if core.x[0] == core.c[0] { [F::ZERO, factor(1)] } else { [factor(0), F::ZERO] };
            next_pc(row);
        };
        let cases: Vec<_> = [BranchEqual::BEQ, BranchEqual::BNE]
            .into_iter()
            .flat_map(|opcode| operands(3).map(move |(x, c)| case(opcode, x, c)))
            .collect();
        // The factors only witness a difference that is not zero. Where no difference is, or another one is, they are
        // free. With one flag −1 and the other 1, the row sends no message.
        check_with::<BranchEqual>(&cases, &[&next_pc, &factors_and_next_pc], &[])
            .expect(&["core.inverse[0]", "core.inverse[1]"], &[Guard::Constraint(1)]);
    }

    #[test]
    fn order_rows_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<BranchLessThan>(), (19, 32));
        let cases: Vec<_> = BranchLessThan::ALL
            .iter()
            .flat_map(|&opcode| operands(3).step_by(2).map(move |(x, c)| case(opcode, x, c)))
            .collect();
        // Recompute the next pc from a changed witness.
        let next_pc = |row: &mut [F]| {
            let (adapter, core) = row.split_at_mut(ADAPTER);
            let core: &mut BranchLessThanCols<F> = core.borrow_mut();
            set_next_pc(adapter, core.less + core.is_ge - core.less * core.is_ge.double());
        };
        check_with::<BranchLessThan>(&cases, &[&next_pc], &[]).expect(&[], &[]);
    }
}
