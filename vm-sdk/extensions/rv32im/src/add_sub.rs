//! ADD and SUB.

use std::borrow::{Borrow, BorrowMut};

use p3_air::AirBuilder;
use p3_field::PrimeCharacteristicRing;
use vm_core::arch::{
    AdapterAirContext, AdapterRuntimeContext, ExecutionResult, MinimalInstruction, RANGE_BUS, VmCoreAir, VmCoreChip,
};
use vm_core::instructions::{Instruction, VmOpcode};
use vm_core::stark::{F, VmAirBuilder};
use vm_derive::AlignedBorrow;

use crate::adapters::{AluAdapter, AluInPlaceAdapter, AluInterface};
use crate::opcodes::AddSubOpcode;
use crate::support::{CELL_BITS, CELL_INV, air_part, cells, chip, flag, local_opcode, opcode_expr, opcode_name};

/// Columns of [`AddSubCore`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct AddSubCols<T> {
    /// Cells of rs1; memory bus.
    pub x: [T; 2],
    /// Cells of rs2; memory bus.
    pub c: [T; 2],
    /// Cells of the result; range-checked, and fixed by the carry chain.
    pub y: [T; 2],
    /// The row is an ADD; boolean, and part of the opcode that the program lookup fixes.
    pub is_add: T,
    /// The row is a SUB; as `is_add`.
    pub is_sub: T,
}

/// ADD and SUB: `x + c = y`, or `y + c = x`, modulo 2^32.
#[derive(Clone, Copy, Debug, Default)]
pub struct AddSubCore;

air_part!(AddSubCore, AddSubCols, "core", [is_add, is_sub]);

chip! {
    /// ADD and SUB.
    AddSubChip = "AddSub": AluAdapter, AddSubCore
}

chip! {
    /// ADD and SUB with rd = rs1.
    AddSubInPlaceChip = "AddSubInPlace": AluInPlaceAdapter, AddSubCore
}

impl<AB: VmAirBuilder> VmCoreAir<AB, AluInterface> for AddSubCore {
    fn eval(
        &self,
        builder: &mut AB,
        local: &[AB::Var],
        _from_pc: AB::Var,
    ) -> AdapterAirContext<AB::Expr, AluInterface> {
        let cols: &AddSubCols<AB::Var> = local.borrow();
        let is_valid = cols.is_add + cols.is_sub;
        builder.assert_bool(cols.is_add);
        builder.assert_bool(cols.is_sub);
        builder.assert_bool(is_valid.clone());

        // a + b = s modulo 2^32: the carry out of a limb is (a + b + carry in − s) / 2^16.
        let mut assert_sum = |enabled: AB::Var, a: [AB::Var; 2], b: [AB::Var; 2], s: [AB::Var; 2]| {
            let carry0 = (a[0] + b[0] - s[0]) * CELL_INV;
            let carry1 = (a[1] + b[1] + carry0.clone() - s[1]) * CELL_INV;
            // Soundness: all cells are below 2^16 (reads by the memory invariant, y by the range checks), so a boolean
            // carry makes the equation true over the integers and fixes the one result.
            builder.when(enabled).assert_bool(carry0);
            builder.when(enabled).assert_bool(carry1);
        };
        assert_sum(cols.is_add, cols.x, cols.c, cols.y);
        assert_sum(cols.is_sub, cols.y, cols.c, cols.x);

        for y in cols.y {
            RANGE_BUS.query(builder, [y.into(), AB::Expr::from_usize(CELL_BITS)], is_valid.clone());
        }

        let opcode = opcode_expr::<AB::Expr>(AddSubOpcode::ADD) * cols.is_add
            + opcode_expr::<AB::Expr>(AddSubOpcode::SUB) * cols.is_sub;
        AdapterAirContext {
            to_pc: None,
            reads: [cols.x, cols.c].map(|word| word.map(Into::into)),
            writes: cols.y.map(Into::into),
            instruction: MinimalInstruction { is_valid, opcode },
        }
    }
}

/// Operands of an addition or subtraction.
#[derive(Clone, Copy, Debug)]
pub struct AddSubRecord {
    x: u32,
    c: u32,
}

/// The result of an opcode on two words.
#[inline(always)]
const fn compute(opcode: AddSubOpcode, x: u32, c: u32) -> u32 {
    match opcode {
        AddSubOpcode::ADD => x.wrapping_add(c),
        AddSubOpcode::SUB => x.wrapping_sub(c),
    }
}

impl VmCoreChip<AluInterface> for AddSubCore {
    type Record = AddSubRecord;
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
    ) -> ExecutionResult<(AdapterRuntimeContext<AluInterface>, AddSubRecord)> {
        let y = compute(local_opcode(instruction, from_pc)?, x, c);
        Ok((AdapterRuntimeContext::without_pc(y), AddSubRecord { x, c }))
    }

    fn get_opcode_name(&self, opcode: VmOpcode) -> String {
        opcode_name::<AddSubOpcode>(opcode)
    }

    #[inline(always)]
    fn generate_trace_row(&self, row: &mut [F], instruction: &Instruction, from_pc: u32, record: &AddSubRecord) {
        let AddSubRecord { x, c } = *record;
        let cols: &mut AddSubCols<F> = row.borrow_mut();
        // An opcode of another class never reaches a record.
        let y = local_opcode(instruction, from_pc).map_or(0, |opcode| compute(opcode, x, c));
        cols.x = cells(x);
        cols.c = cells(c);
        cols.y = cells(y);
        cols.is_add = flag(instruction, AddSubOpcode::ADD);
        cols.is_sub = flag(instruction, AddSubOpcode::SUB);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opcodes::register;
    use crate::test_util::{Case, Guard, WORDS, check, cost, pairs};

    fn case(opcode: AddSubOpcode, x: u32, c: u32) -> Case {
        Case::new(Instruction::new(opcode, [register(5), register(6), register(7)]))
            .register(register(5), 0xDEAD_BEEF)
            .register(register(6), x)
            .register(register(7), c)
    }

    #[test]
    fn results_are_those_of_wide_arithmetic() {
        for (x, c) in pairs(100) {
            let (wide_x, wide_c) = (u64::from(x), u64::from(c));
            let difference = wide_x + (1 << 32) - wide_c;
            for (opcode, y) in [(AddSubOpcode::ADD, wide_x + wide_c), (AddSubOpcode::SUB, difference)] {
                let outcome = case(opcode, x, c).run::<AddSubChip>().unwrap();
                assert_eq!(u64::from(outcome.register(register(5))), y % (1 << 32), "{opcode:?} {x:#x} {c:#x}");
                assert_eq!(outcome.to.pc, 0x1004);
            }
        }
    }

    #[test]
    fn rows_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<AddSubChip>(), (18, 36));
        let mut cases = Vec::new();
        for opcode in [AddSubOpcode::ADD, AddSubOpcode::SUB] {
            cases.extend(pairs(3).map(|(x, c)| case(opcode, x, c)));
        }
        // One register three times.
        cases.push(Case::new(Instruction::new(AddSubOpcode::ADD, [20, 20, 20])).register(20, WORDS[5]));
        // Both flags at once: refused by the opcode as well.
        check::<AddSubChip>(&cases).expect(&[], &[Guard::Constraint(2)]);
    }

    #[test]
    fn rows_in_place_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<AddSubInPlaceChip>(), (14, 28));
        let in_place = |opcode, x, c| {
            let operands = [register(6), register(6), register(7)];
            Case::new(Instruction::new(opcode, operands)).register(register(6), x).register(register(7), c)
        };
        let mut cases = Vec::new();
        for opcode in [AddSubOpcode::ADD, AddSubOpcode::SUB] {
            for (x, c) in pairs(3) {
                let general = case(opcode, x, c).run::<AddSubChip>().unwrap().register(register(5));
                let outcome = in_place(opcode, x, c).run::<AddSubInPlaceChip>().unwrap();
                assert_eq!(outcome.register(register(6)), general, "{opcode:?} {x:#x} {c:#x}");
                cases.push(in_place(opcode, x, c));
            }
        }
        // One register three times.
        cases.push(Case::new(Instruction::new(AddSubOpcode::ADD, [20, 20, 20])).register(20, WORDS[5]));
        check::<AddSubInPlaceChip>(&cases).expect(&[], &[Guard::Constraint(2)]);
    }
}
