//! JALR.

use std::borrow::{Borrow, BorrowMut};

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::{AdapterAirContext, AdapterRuntimeContext, ExecutionResult, RANGE_BUS, VmCoreAir, VmCoreChip};
use vm_core::instructions::{Instruction, VmOpcode};
use vm_core::stark::{F, VmAirBuilder};
use vm_derive::AlignedBorrow;

use crate::adapters::{AluImmAdapter, AluImmInterface, OperandsInstruction};
use crate::opcodes::JalrOpcode;
use crate::support::{
    CELL, CELL_BITS, CELL_INV, air_part, are_limbs, cells, chip, limbs, opcode_expr, opcode_name, word,
};

/// Bits of the high cell of a program counter below 2^30.
const PC_HIGH_BITS: usize = 14;

/// Columns of [`JalrCore`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct JalrCols<T> {
    /// Cells of rs1; memory bus.
    pub x: [T; 2],
    /// Limbs of the immediate; program lookup.
    pub imm: [T; 2],
    /// Limbs of `pc + 4`; program lookup.
    pub link: [T; 2],
    /// Bit 0 of the sum, which the jump clears; boolean.
    pub lsb: T,
    /// Half of the low cell of the next pc; range-checked, fixed by the carry.
    pub half: T,
    /// High cell of the next pc; range-checked, fixed by the carry.
    pub high: T,
    /// The row is a JALR; boolean.
    pub is_valid: T,
}

/// JALR: `rd = pc + 4`, next pc `(x + imm) & !1`.
#[derive(Clone, Copy, Debug, Default)]
pub struct JalrCore;

air_part!(JalrCore, JalrCols, "core", [is_valid]);

chip! {
    /// JALR.
    JalrChip = "Jalr": AluImmAdapter, JalrCore
}

impl<AB: VmAirBuilder> VmCoreAir<AB, AluImmInterface> for JalrCore {
    fn eval(
        &self,
        builder: &mut AB,
        local: &[AB::Var],
        _from_pc: AB::Var,
    ) -> AdapterAirContext<AB::Expr, AluImmInterface> {
        let cols: &JalrCols<AB::Var> = local.borrow();
        builder.assert_bool(cols.is_valid);
        builder.assert_bool(cols.lsb);

        let low = cols.half * AB::Expr::TWO;
        let carry0 = (cols.x[0] + cols.imm[0] - low.clone() - cols.lsb) * CELL_INV;
        let carry1 = (cols.x[1] + cols.imm[1] + carry0.clone() - cols.high) * CELL_INV;
        builder.assert_bool(carry0);
        builder.assert_bool(carry1);
        // Soundness: 2·half + lsb covers a cell once, so carries and bit 0 are unique; the high cell keeps the next pc
        // below 2^30, where it cannot wrap around the field.
        RANGE_BUS.query(builder, [cols.half.into(), AB::Expr::from_usize(CELL_BITS - 1)], cols.is_valid);
        RANGE_BUS.query(builder, [cols.high.into(), AB::Expr::from_usize(PC_HIGH_BITS)], cols.is_valid);

        let [c, d] = cols.imm.map(Into::into);
        let [e, f] = cols.link.map(Into::into);
        AdapterAirContext {
            to_pc: Some(low + cols.high * CELL),
            reads: cols.x.map(Into::into),
            // Soundness: the program table holds 16-bit limbs, so the written cells need no range check.
            writes: cols.link.map(Into::into),
            instruction: OperandsInstruction {
                is_valid: cols.is_valid.into(),
                opcode: opcode_expr(JalrOpcode::JALR),
                operands: [c, d, e, f],
            },
        }
    }
}

/// The sum, of which bit 0 is cleared to give the next pc.
#[inline(always)]
const fn compute(instruction: &Instruction, x: u32) -> u32 {
    x.wrapping_add(word(instruction.c, instruction.d))
}

impl VmCoreChip<AluImmInterface> for JalrCore {
    /// rs1.
    type Record = u32;
    type Air = Self;

    fn air(&self) -> &Self {
        self
    }

    fn accepts(&self, instruction: &Instruction) -> bool {
        are_limbs(&[instruction.c, instruction.d, instruction.e, instruction.f])
    }

    #[inline(always)]
    fn execute_instruction(
        &self,
        instruction: &Instruction,
        _from_pc: u32,
        x: u32,
    ) -> ExecutionResult<(AdapterRuntimeContext<AluImmInterface>, u32)> {
        // A target that is no instruction, such as one beyond 2^30, is an error of the next step's fetch.
        let to_pc = Some(compute(instruction, x) & !1);
        Ok((AdapterRuntimeContext { to_pc, writes: word(instruction.e, instruction.f) }, x))
    }

    fn get_opcode_name(&self, opcode: VmOpcode) -> String {
        opcode_name::<JalrOpcode>(opcode)
    }

    #[inline(always)]
    fn generate_trace_row(&self, row: &mut [F], instruction: &Instruction, _from_pc: u32, &x: &u32) {
        let cols: &mut JalrCols<F> = row.borrow_mut();
        let [low, high] = limbs(compute(instruction, x));
        cols.x = cells(x);
        cols.imm = [instruction.c, instruction.d].map(F::from_u32);
        cols.link = [instruction.e, instruction.f].map(F::from_u32);
        cols.lsb = F::from_u32(low & 1);
        cols.half = F::from_u32(low >> 1);
        cols.high = F::from_u32(high);
        cols.is_valid = F::ONE;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opcodes::register;
    use crate::test_util::{Case, check, cost};

    const LINK: u32 = 0x0002_0004;

    fn case(x: u32, imm: u32) -> Case {
        let ([i0, i1], [l0, l1]) = (limbs(imm), limbs(LINK));
        Case::new(Instruction::new(JalrOpcode::JALR, [register(1), register(6), i0, i1, l0, l1]))
            .pc(LINK - 4)
            .register(register(6), x)
    }

    /// Base, offset, next pc.
    const JUMPS: [(u32, u32, u32); 9] = [
        (0x1000, 0, 0x1000),
        (0x1001, 0, 0x1000),
        (0x1000, 0x7FF, 0x17FE),
        (0x1_0000, 0xFFFF_FFFF, 0xFFFE),
        (0x0, 0x4, 0x4),
        (0xFFFF_F800, 0x7FF + 0x2000, 0x17FE + 0x800),
        (0x3FFF_FFFC, 0, 0x3FFF_FFFC),
        (0x4000_0000, 0xFFFF_FFFC, 0x3FFF_FFFC),
        (0xFFFF, 0x1, 0x1_0000),
    ];

    #[test]
    fn the_next_pc_is_the_sum_without_bit_0() {
        for (x, imm, to_pc) in JUMPS {
            let outcome = case(x, imm).run::<JalrChip>().unwrap();
            assert_eq!(outcome.to.pc, to_pc, "{x:#x} + {imm:#x}");
            assert_eq!(outcome.register(register(1)), LINK);
        }
    }

    #[test]
    fn the_base_is_read_before_the_link_is_written() {
        let ([i0, i1], [l0, l1]) = (limbs(8), limbs(LINK));
        let instruction = Instruction::new(JalrOpcode::JALR, [register(1), register(1), i0, i1, l0, l1]);
        let outcome = Case::new(instruction).pc(LINK - 4).register(register(1), 0x5000).run::<JalrChip>().unwrap();
        assert_eq!((outcome.to.pc, outcome.register(register(1))), (0x5008, LINK));
    }

    #[test]
    fn rows_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<JalrChip>(), (18, 28));
        let cases: Vec<_> = JUMPS.iter().map(|&(x, imm, _)| case(x, imm)).collect();
        check::<JalrChip>(&cases).expect(&[], &[]);
    }
}
