//! ADDI.

use std::borrow::{Borrow, BorrowMut};

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::{AdapterAirContext, AdapterRuntimeContext, ExecutionResult, RANGE_BUS, VmCoreAir, VmCoreChip};
use vm_core::instructions::{Instruction, VmOpcode};
use vm_core::stark::{F, VmAirBuilder};
use vm_derive::AlignedBorrow;

use crate::adapters::{AluImmAdapter, AluImmInPlaceAdapter, AluImmInterface, OperandsInstruction};
use crate::opcodes::AddImmOpcode;
use crate::support::{CELL_BITS, CELL_INV, air_part, are_limbs, cells, chip, opcode_expr, opcode_name, word};

/// Columns of [`AddImmCore`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct AddImmCols<T> {
    /// Cells of rs1; memory bus.
    pub x: [T; 2],
    /// Limbs of the immediate; program lookup.
    pub imm: [T; 2],
    /// Cells of the result; range-checked, and fixed by the carry chain.
    pub y: [T; 2],
    /// The row is an ADDI; boolean.
    pub is_valid: T,
}

/// ADDI: `x + imm = y` modulo 2^32.
#[derive(Clone, Copy, Debug, Default)]
pub struct AddImmCore;

air_part!(AddImmCore, AddImmCols, "core", [is_valid]);

chip! {
    /// ADDI.
    AddImmChip = "AddImm": AluImmAdapter, AddImmCore
}

chip! {
    /// ADDI with rd = rs1.
    AddImmInPlaceChip = "AddImmInPlace": AluImmInPlaceAdapter, AddImmCore
}

impl<AB: VmAirBuilder> VmCoreAir<AB, AluImmInterface> for AddImmCore {
    fn eval(
        &self,
        builder: &mut AB,
        local: &[AB::Var],
        _from_pc: AB::Var,
    ) -> AdapterAirContext<AB::Expr, AluImmInterface> {
        let cols: &AddImmCols<AB::Var> = local.borrow();
        builder.assert_bool(cols.is_valid);

        // Soundness: the limbs are below 2^16 (x by the memory invariant, imm by the program table, y by the range
        // checks), so boolean carries make the equation true over the integers and fix the one result.
        let carry0 = (cols.x[0] + cols.imm[0] - cols.y[0]) * CELL_INV;
        let carry1 = (cols.x[1] + cols.imm[1] + carry0.clone() - cols.y[1]) * CELL_INV;
        builder.assert_bool(carry0);
        builder.assert_bool(carry1);
        for y in cols.y {
            RANGE_BUS.query(builder, [y.into(), AB::Expr::from_usize(CELL_BITS)], cols.is_valid);
        }

        let [c, d] = cols.imm.map(Into::into);
        AdapterAirContext {
            to_pc: None,
            reads: cols.x.map(Into::into),
            writes: cols.y.map(Into::into),
            instruction: OperandsInstruction {
                is_valid: cols.is_valid.into(),
                opcode: opcode_expr(AddImmOpcode::ADDI),
                operands: [c, d, AB::Expr::ZERO, AB::Expr::ZERO],
            },
        }
    }
}

/// The sum.
#[inline(always)]
const fn compute(instruction: &Instruction, x: u32) -> u32 {
    x.wrapping_add(word(instruction.c, instruction.d))
}

impl VmCoreChip<AluImmInterface> for AddImmCore {
    /// rs1.
    type Record = u32;
    type Air = Self;

    fn air(&self) -> &Self {
        self
    }

    fn accepts(&self, instruction: &Instruction) -> bool {
        are_limbs(&[instruction.c, instruction.d])
    }

    #[inline(always)]
    fn execute_instruction(
        &self,
        instruction: &Instruction,
        _from_pc: u32,
        x: u32,
    ) -> ExecutionResult<(AdapterRuntimeContext<AluImmInterface>, u32)> {
        Ok((AdapterRuntimeContext::without_pc(compute(instruction, x)), x))
    }

    fn get_opcode_name(&self, opcode: VmOpcode) -> String {
        opcode_name::<AddImmOpcode>(opcode)
    }

    #[inline(always)]
    fn generate_trace_row(&self, row: &mut [F], instruction: &Instruction, _from_pc: u32, &x: &u32) {
        let cols: &mut AddImmCols<F> = row.borrow_mut();
        cols.x = cells(x);
        cols.imm = [instruction.c, instruction.d].map(F::from_u32);
        cols.y = cells(compute(instruction, x));
        cols.is_valid = F::ONE;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opcodes::register;
    use crate::support::limbs;
    use crate::test_util::{Case, check, cost, pairs};

    fn case(x: u32, imm: u32) -> Case {
        let [low, high] = limbs(imm);
        Case::new(Instruction::new(AddImmOpcode::ADDI, [register(5), register(6), low, high]))
            .register(register(5), 0xDEAD_BEEF)
            .register(register(6), x)
    }

    #[test]
    fn results_are_those_of_wide_arithmetic() {
        for (x, imm) in pairs(100) {
            let outcome = case(x, imm).run::<AddImmChip>().unwrap();
            let y = (u64::from(x) + u64::from(imm)) % (1 << 32);
            assert_eq!(u64::from(outcome.register(register(5))), y, "{x:#x} + {imm:#x}");
            assert_eq!(outcome.to.pc, 0x1004);
        }
    }

    #[test]
    fn rows_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<AddImmChip>(), (15, 28));
        let cases: Vec<_> = pairs(5).map(|(x, imm)| case(x, imm)).collect();
        check::<AddImmChip>(&cases).expect(&[], &[]);
    }

    #[test]
    fn rows_in_place_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<AddImmInPlaceChip>(), (11, 24));
        let in_place = |x, imm| {
            let [low, high] = limbs(imm);
            Case::new(Instruction::new(AddImmOpcode::ADDI, [register(6), register(6), low, high]))
                .register(register(6), x)
        };
        for (x, imm) in pairs(20) {
            let outcome = in_place(x, imm).run::<AddImmInPlaceChip>().unwrap();
            assert_eq!(outcome.register(register(6)), x.wrapping_add(imm), "{x:#x} + {imm:#x}");
        }
        let cases: Vec<_> = pairs(5).map(|(x, imm)| in_place(x, imm)).collect();
        check::<AddImmInPlaceChip>(&cases).expect(&[], &[]);
    }
}
