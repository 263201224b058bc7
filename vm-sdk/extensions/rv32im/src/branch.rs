//! BEQ, BNE (AIR `BranchEqual`) and BLT, BLTU, BGE, BGEU (AIR `BranchLessThan`).

use std::borrow::{Borrow, BorrowMut};

use p3_air::AirBuilder;
use p3_field::{Field, PrimeCharacteristicRing};
use vm_core::arch::{AdapterAirContext, AdapterRuntimeContext, ExecutionResult, VmCoreAir, VmCoreChip};
use vm_core::instructions::{Instruction, LocalOpcode, VmOpcode};
use vm_core::stark::{F, VmAirBuilder};
use vm_derive::AlignedBorrow;

use crate::adapters::{BranchAdapter, BranchInstruction, BranchInterface};
use crate::less_than::{LessThanWitness, compare, order_limb};
use crate::opcodes::{BranchEqualOpcode, BranchLessThanOpcode};
use crate::support::{air_part, cells, chip, flag, local_opcode, opcode_expr, opcode_name};

/// Columns of [`BranchEqualCore`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct BranchEqualCols<T> {
    /// Cells of rs1; memory bus.
    pub x: [T; 2],
    /// Cells of rs2; memory bus.
    pub c: [T; 2],
    /// Both words are equal; fixed by the differences.
    pub equal: T,
    /// If the words differ: factors with which the differences sum to one. Free otherwise, and in their choice: they
    /// only witness that a difference is not zero.
    pub inverse: [T; 2],
    /// The row is a BEQ; boolean, and part of the opcode that the program lookup fixes.
    pub is_beq: T,
    /// The row is a BNE; as `is_beq`.
    pub is_bne: T,
}

/// BEQ and BNE.
#[derive(Clone, Copy, Debug, Default)]
pub struct BranchEqualCore;

air_part!(BranchEqualCore, BranchEqualCols, "core", [is_beq, is_bne]);

chip! {
    /// BEQ and BNE.
    BranchEqualChip = "BranchEqual": BranchAdapter, BranchEqualCore
}

impl<AB: VmAirBuilder> VmCoreAir<AB, BranchInterface> for BranchEqualCore {
    fn eval(
        &self,
        builder: &mut AB,
        local: &[AB::Var],
        _from_pc: AB::Var,
    ) -> AdapterAirContext<AB::Expr, BranchInterface> {
        let cols: &BranchEqualCols<AB::Var> = local.borrow();
        let is_valid = cols.is_beq + cols.is_bne;
        builder.assert_bool(cols.is_beq);
        builder.assert_bool(cols.is_bne);
        builder.assert_bool(is_valid.clone());

        // Soundness: on a valid row, equal words leave equal = 1, and different words equal = 0, as the only solution.
        let difference = [cols.x[0] - cols.c[0], cols.x[1] - cols.c[1]];
        let [by_low, by_high] = cols.inverse.map(Into::<AB::Expr>::into);
        for difference in difference.clone() {
            builder.when(cols.equal).assert_zero(difference);
        }
        let [low, high] = difference;
        builder.assert_eq(low * by_low + high * by_high, is_valid.clone() - cols.equal);

        let equal: AB::Expr = cols.equal.into();
        let taken = equal.clone() * cols.is_beq + (AB::Expr::ONE - equal) * cols.is_bne;
        let opcode = opcode_expr::<AB::Expr>(BranchEqualOpcode::BEQ) * cols.is_beq
            + opcode_expr::<AB::Expr>(BranchEqualOpcode::BNE) * cols.is_bne;
        AdapterAirContext {
            to_pc: None,
            reads: [cols.x, cols.c].map(|word| word.map(Into::into)),
            writes: (),
            instruction: BranchInstruction { is_valid, opcode, taken },
        }
    }
}

/// Operands of a branch.
#[derive(Clone, Copy, Debug)]
pub struct BranchRecord {
    x: u32,
    c: u32,
}

impl VmCoreChip<BranchInterface> for BranchEqualCore {
    type Record = BranchRecord;
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
    ) -> ExecutionResult<(AdapterRuntimeContext<BranchInterface>, BranchRecord)> {
        let taken = match local_opcode(instruction, from_pc)? {
            BranchEqualOpcode::BEQ => x == c,
            BranchEqualOpcode::BNE => x != c,
        };
        Ok((BranchAdapter::output(instruction, taken), BranchRecord { x, c }))
    }

    fn get_opcode_name(&self, opcode: VmOpcode) -> String {
        opcode_name::<BranchEqualOpcode>(opcode)
    }

    #[inline(always)]
    fn generate_trace_row(&self, row: &mut [F], instruction: &Instruction, _from_pc: u32, record: &BranchRecord) {
        let BranchRecord { x, c } = *record;
        let cols: &mut BranchEqualCols<F> = row.borrow_mut();
        cols.x = cells(x);
        cols.c = cells(c);
        cols.equal = F::from_bool(x == c);
        // The first difference that has an inverse is enough.
        cols.inverse = match (cols.x[0] - cols.c[0]).try_inverse() {
            Some(inverse) => [inverse, F::ZERO],
            None => [F::ZERO, (cols.x[1] - cols.c[1]).try_inverse().unwrap_or(F::ZERO)],
        };
        cols.is_beq = flag(instruction, BranchEqualOpcode::BEQ);
        cols.is_bne = flag(instruction, BranchEqualOpcode::BNE);
    }
}

/// Columns of [`BranchLessThanCore`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct BranchLessThanCols<T> {
    /// Cells of rs1; memory bus.
    pub x: [T; 2],
    /// Cells of rs2; memory bus.
    pub c: [T; 2],
    /// Bit 31 of x in a signed comparison, else 0; fixed by a range check.
    pub x_sign: T,
    /// Bit 31 of c in a signed comparison, else 0; fixed by a range check.
    pub c_sign: T,
    /// Low cell of `x − c`; range-checked, fixed by the borrow.
    pub difference: T,
    /// x is less than c; boolean, fixed by a range check.
    pub less: T,
    /// The comparison is unsigned; boolean, and part of the opcode that the program lookup fixes.
    pub is_unsigned: T,
    /// The branch is taken if x is not less than c; as `is_unsigned`.
    pub is_ge: T,
    /// The row is an instruction; boolean.
    pub is_valid: T,
}

/// BLT, BLTU, BGE and BGEU.
#[derive(Clone, Copy, Debug, Default)]
pub struct BranchLessThanCore;

air_part!(BranchLessThanCore, BranchLessThanCols, "core", [is_valid]);

chip! {
    /// BLT, BLTU, BGE and BGEU.
    BranchLessThanChip = "BranchLessThan": BranchAdapter, BranchLessThanCore
}

impl<AB: VmAirBuilder> VmCoreAir<AB, BranchInterface> for BranchLessThanCore {
    fn eval(
        &self,
        builder: &mut AB,
        local: &[AB::Var],
        _from_pc: AB::Var,
    ) -> AdapterAirContext<AB::Expr, BranchInterface> {
        let cols: &BranchLessThanCols<AB::Var> = local.borrow();
        let is_valid: AB::Expr = cols.is_valid.into();
        builder.assert_bool(cols.is_valid);
        builder.assert_bool(cols.is_unsigned);
        builder.assert_bool(cols.is_ge);

        let is_signed = is_valid.clone() - cols.is_unsigned;
        let x_high = order_limb(builder, cols.x[1], cols.x_sign, is_signed.clone(), is_valid.clone());
        let c_high = order_limb(builder, cols.c[1], cols.c_sign, is_signed, is_valid.clone());
        let (x, c) = ([cols.x[0].into(), x_high], [cols.c[0].into(), c_high]);
        compare(builder, x, c, cols.difference, cols.less, is_valid.clone());

        // less XOR is_ge
        let taken = cols.less + cols.is_ge - cols.less * cols.is_ge * AB::Expr::TWO;
        // Soundness: the position in the class is is_unsigned + 2·is_ge, which names each of the four opcodes once.
        let opcode = opcode_expr::<AB::Expr>(BranchLessThanOpcode::BLT) + cols.is_unsigned + cols.is_ge * AB::Expr::TWO;
        AdapterAirContext {
            to_pc: None,
            reads: [cols.x, cols.c].map(|word| word.map(Into::into)),
            writes: (),
            instruction: BranchInstruction { is_valid, opcode, taken },
        }
    }
}

impl VmCoreChip<BranchInterface> for BranchLessThanCore {
    type Record = BranchRecord;
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
    ) -> ExecutionResult<(AdapterRuntimeContext<BranchInterface>, BranchRecord)> {
        let taken = match local_opcode(instruction, from_pc)? {
            BranchLessThanOpcode::BLT => x.cast_signed() < c.cast_signed(),
            BranchLessThanOpcode::BLTU => x < c,
            BranchLessThanOpcode::BGE => x.cast_signed() >= c.cast_signed(),
            BranchLessThanOpcode::BGEU => x >= c,
        };
        Ok((BranchAdapter::output(instruction, taken), BranchRecord { x, c }))
    }

    fn get_opcode_name(&self, opcode: VmOpcode) -> String {
        opcode_name::<BranchLessThanOpcode>(opcode)
    }

    #[inline(always)]
    fn generate_trace_row(&self, row: &mut [F], instruction: &Instruction, _from_pc: u32, record: &BranchRecord) {
        let BranchRecord { x, c } = *record;
        let cols: &mut BranchLessThanCols<F> = row.borrow_mut();
        let index = instruction.opcode.local(BranchLessThanOpcode::CLASS_OFFSET);
        let (is_unsigned, is_ge) = (index & 1, index >> 1);
        let witness = LessThanWitness::new(x, c, is_unsigned == 0);
        cols.x = cells(x);
        cols.c = cells(c);
        cols.x_sign = F::from_bool(witness.x_sign);
        cols.c_sign = F::from_bool(witness.c_sign);
        cols.difference = F::from_u32(witness.difference);
        cols.less = F::from_bool(witness.less);
        cols.is_unsigned = F::from_u32(is_unsigned);
        cols.is_ge = F::from_u32(is_ge);
        cols.is_valid = F::ONE;
    }
}

#[cfg(test)]
mod tests {
    use vm_core::primitives::width_of;

    use super::*;
    use crate::adapters::BranchAdapterCols;
    use crate::opcodes::register;
    use crate::test_util::{Case, Guard, check_with, cost, pairs};

    const TARGET: u32 = 0x3FFF_FFF0;

    fn case(opcode: impl LocalOpcode, x: u32, c: u32) -> Case {
        Case::new(Instruction::new(opcode, [register(6), register(7), TARGET]))
            .register(register(6), x)
            .register(register(7), c)
    }

    /// Pairs with equal words, equal cells and neighbours among them.
    fn operands(randoms: usize) -> impl Iterator<Item = (u32, u32)> {
        let near = [(5, 5), (0x1_0005, 5), (0x1_0005, 0x1_0006), (0x8000_0000, 0x7FFF_FFFF), (0xFFFF_FFFF, 0)];
        near.into_iter().chain(pairs(randoms))
    }

    /// The next pc that a decision leads to.
    fn set_next_pc(adapter: &mut [F], taken: F) {
        let adapter: &mut BranchAdapterCols<F> = adapter.borrow_mut();
        let next = adapter.from_state.pc + F::from_u32(4);
        adapter.to_pc = next + taken * (adapter.target - next);
    }

    #[test]
    fn equality_decides() {
        for (x, c) in operands(50) {
            let equal = i64::from(x) - i64::from(c) == 0;
            for (opcode, taken) in [(BranchEqualOpcode::BEQ, equal), (BranchEqualOpcode::BNE, !equal)] {
                let outcome = case(opcode, x, c).run::<BranchEqualChip>().unwrap();
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
                (BranchLessThanOpcode::BLT, less),
                (BranchLessThanOpcode::BLTU, less_unsigned),
                (BranchLessThanOpcode::BGE, !less),
                (BranchLessThanOpcode::BGEU, !less_unsigned),
            ] {
                let outcome = case(opcode, x, c).run::<BranchLessThanChip>().unwrap();
                assert_eq!(outcome.to.pc, if taken { TARGET } else { 0x1004 }, "{opcode:?} {x:#x} {c:#x}");
            }
        }
    }

    #[test]
    fn equality_rows_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<BranchEqualChip>(), (17, 24));
        // The next pc, with and without the factors, that follows from a changed witness.
        let next_pc = |row: &mut [F]| {
            let (adapter, core) = row.split_at_mut(width_of::<BranchAdapterCols<u8>>());
            let core: &mut BranchEqualCols<F> = core.borrow_mut();
            set_next_pc(adapter, core.equal * core.is_beq + (F::ONE - core.equal) * core.is_bne);
        };
        let factors_and_next_pc = |row: &mut [F]| {
            let core: &mut BranchEqualCols<F> = row[width_of::<BranchAdapterCols<u8>>()..].borrow_mut();
            let factor = |i: usize| (F::ONE - core.equal) * (core.x[i] - core.c[i]).try_inverse().unwrap_or(F::ZERO);
            core.inverse = if core.x[0] == core.c[0] { [F::ZERO, factor(1)] } else { [factor(0), F::ZERO] };
            next_pc(row);
        };
        let cases: Vec<_> = [BranchEqualOpcode::BEQ, BranchEqualOpcode::BNE]
            .into_iter()
            .flat_map(|opcode| operands(3).map(move |(x, c)| case(opcode, x, c)))
            .collect();
        // The factors only witness a difference that is not zero; where there is none, or another one, they are free.
        // Both flags at once: refused by the opcode as well. A flag of −1 beside the other one: the row is silent.
        check_with::<BranchEqualChip>(&cases, &[&next_pc, &factors_and_next_pc], &[])
            .expect(&["core.inverse[0]", "core.inverse[1]"], &[Guard::Constraint(1), Guard::Constraint(2)]);
    }

    #[test]
    fn order_rows_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<BranchLessThanChip>(), (19, 32));
        let cases: Vec<_> = BranchLessThanOpcode::ALL
            .iter()
            .flat_map(|&opcode| operands(3).step_by(2).map(move |(x, c)| case(opcode, x, c)))
            .collect();
        // The next pc that follows from a changed witness.
        let next_pc = |row: &mut [F]| {
            let (adapter, core) = row.split_at_mut(width_of::<BranchAdapterCols<u8>>());
            let core: &mut BranchLessThanCols<F> = core.borrow_mut();
            set_next_pc(adapter, core.less + core.is_ge - core.less * core.is_ge.double());
        };
        check_with::<BranchLessThanChip>(&cases, &[&next_pc], &[]).expect(&[], &[]);
    }
}
