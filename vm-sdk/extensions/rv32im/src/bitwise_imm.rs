//! XORI, ORI and ANDI.

use std::borrow::{Borrow, BorrowMut};

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::{AdapterAirContext, AdapterRuntimeContext, BITWISE_BUS, ExecutionResult, VmCoreAir, VmCoreChip};
use vm_core::instructions::{Instruction, VmOpcode};
use vm_core::stark::{F, VmAirBuilder};
use vm_derive::AlignedBorrow;

use crate::adapters::{AluImmAdapter, AluImmInPlaceAdapter, AluImmInterface, OperandsInstruction};
use crate::opcodes::BitwiseImmOpcode;
use crate::support::{
    BYTE_INV, HALF, air_part, cells, chip, flag, local_opcode, low_bytes, opcode_expr, opcode_name, word, xor_bytes,
};

/// Columns of [`BitwiseImmCore`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct BitwiseImmCols<T> {
    /// Cells of rs1; memory bus.
    pub x: [T; 2],
    /// Low bytes of the cells of x; bitwise lookup, as the high bytes `(x − low) / 2^8`.
    pub x_low: [T; 2],
    /// Bytes of the immediate: 0, 1, and the one that is both 2 and 3; program lookup.
    pub imm: [T; 3],
    /// Bytes of `x ^ imm`, in order; bitwise lookup.
    pub xor: [T; 4],
    /// Cells of the result; fixed by x, imm and xor.
    pub y: [T; 2],
    /// The row is an XORI; boolean, and part of the opcode that the program lookup fixes.
    pub is_xor: T,
    /// The row is an ORI; as `is_xor`.
    pub is_or: T,
    /// The row is an ANDI; as `is_xor`.
    pub is_and: T,
}

/// XORI, ORI and ANDI, bytewise: `or = (x + imm + xor) / 2`, `and = (x + imm − xor) / 2`.
#[derive(Clone, Copy, Debug, Default)]
pub struct BitwiseImmCore;

air_part!(BitwiseImmCore, BitwiseImmCols, "core", [is_xor, is_or, is_and]);

chip! {
    /// XORI, ORI and ANDI.
    BitwiseImmChip = "BitwiseImm": AluImmAdapter, BitwiseImmCore
}

chip! {
    /// XORI, ORI and ANDI with rd = rs1.
    BitwiseImmInPlaceChip = "BitwiseImmInPlace": AluImmInPlaceAdapter, BitwiseImmCore
}

impl<AB: VmAirBuilder> VmCoreAir<AB, AluImmInterface> for BitwiseImmCore {
    fn eval(
        &self,
        builder: &mut AB,
        local: &[AB::Var],
        _from_pc: AB::Var,
    ) -> AdapterAirContext<AB::Expr, AluImmInterface> {
        let cols: &BitwiseImmCols<AB::Var> = local.borrow();
        let is_valid = cols.is_xor + cols.is_or + cols.is_and;
        builder.assert_bool(cols.is_xor);
        builder.assert_bool(cols.is_or);
        builder.assert_bool(cols.is_and);
        builder.assert_bool(is_valid.clone());

        let [imm0, imm1, imm_high] = cols.imm;
        for (i, [c_low, c_high]) in [[imm0, imm1], [imm_high, imm_high]].into_iter().enumerate() {
            // Soundness: both bytes of a cell come out of the table, so the cell's split into bytes is the only one,
            // and y, a function of two cells and their exact XOR, is below 2^16 without a check of its own.
            let x_high = (cols.x[i] - cols.x_low[i]) * BYTE_INV;
            let [xor_low, xor_high] = [cols.xor[2 * i], cols.xor[2 * i + 1]];
            BITWISE_BUS.query(builder, [cols.x_low[i], c_low, xor_low], is_valid.clone());
            BITWISE_BUS.query(builder, [x_high, c_high.into(), xor_high.into()], is_valid.clone());

            let xor = xor_high * AB::Expr::from_u32(1 << 8) + xor_low;
            let sum = c_high * AB::Expr::from_u32(1 << 8) + c_low + cols.x[i];
            builder.assert_eq(
                cols.y[i],
                xor.clone() * cols.is_xor
                    + (sum.clone() + xor.clone()) * HALF * cols.is_or
                    + (sum - xor) * HALF * cols.is_and,
            );
        }

        let opcode = opcode_expr::<AB::Expr>(BitwiseImmOpcode::XORI) * cols.is_xor
            + opcode_expr::<AB::Expr>(BitwiseImmOpcode::ORI) * cols.is_or
            + opcode_expr::<AB::Expr>(BitwiseImmOpcode::ANDI) * cols.is_and;
        let [c, d, e] = cols.imm.map(Into::into);
        AdapterAirContext {
            to_pc: None,
            reads: cols.x.map(Into::into),
            writes: cols.y.map(Into::into),
            instruction: OperandsInstruction { is_valid, opcode, operands: [c, d, e, AB::Expr::ZERO] },
        }
    }
}

/// The immediate, from its bytes.
#[inline(always)]
const fn immediate(instruction: &Instruction) -> u32 {
    let Instruction { c, d, e, .. } = *instruction;
    word(c.wrapping_add(d << 8), e.wrapping_add(e << 8))
}

/// The result of an opcode on two words.
#[inline(always)]
const fn compute(opcode: BitwiseImmOpcode, x: u32, imm: u32) -> u32 {
    match opcode {
        BitwiseImmOpcode::XORI => x ^ imm,
        BitwiseImmOpcode::ORI => x | imm,
        BitwiseImmOpcode::ANDI => x & imm,
    }
}

impl VmCoreChip<AluImmInterface> for BitwiseImmCore {
    /// rs1.
    type Record = u32;
    type Air = Self;

    fn air(&self) -> &Self {
        self
    }

    fn accepts(&self, instruction: &Instruction) -> bool {
        [instruction.c, instruction.d, instruction.e].iter().all(|byte| *byte < 1 << 8)
    }

    #[inline(always)]
    fn execute_instruction(
        &self,
        instruction: &Instruction,
        from_pc: u32,
        x: u32,
    ) -> ExecutionResult<(AdapterRuntimeContext<AluImmInterface>, u32)> {
        let y = compute(local_opcode(instruction, from_pc)?, x, immediate(instruction));
        Ok((AdapterRuntimeContext::without_pc(y), x))
    }

    fn get_opcode_name(&self, opcode: VmOpcode) -> String {
        opcode_name::<BitwiseImmOpcode>(opcode)
    }

    #[inline(always)]
    fn generate_trace_row(&self, row: &mut [F], instruction: &Instruction, from_pc: u32, &x: &u32) {
        let cols: &mut BitwiseImmCols<F> = row.borrow_mut();
        let imm = immediate(instruction);
        // An opcode of another class never reaches a record.
        let y = local_opcode(instruction, from_pc).map_or(0, |opcode| compute(opcode, x, imm));
        cols.x = cells(x);
        cols.x_low = low_bytes(x);
        cols.imm = [instruction.c, instruction.d, instruction.e].map(F::from_u32);
        cols.xor = xor_bytes(x, imm);
        cols.y = cells(y);
        cols.is_xor = flag(instruction, BitwiseImmOpcode::XORI);
        cols.is_or = flag(instruction, BitwiseImmOpcode::ORI);
        cols.is_and = flag(instruction, BitwiseImmOpcode::ANDI);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opcodes::register;
    use crate::test_util::{Case, Guard, check, cost, pairs};

    /// The immediate is the sign-extended low twelve bits of `imm`.
    fn case(opcode: BitwiseImmOpcode, x: u32, imm: u32) -> (Case, u32) {
        let imm = ((imm << 20) as i32 >> 20) as u32;
        let [b0, b1, b2, b3] = imm.to_le_bytes().map(u32::from);
        assert_eq!(b2, b3);
        let instruction = Instruction::new(opcode, [register(5), register(6), b0, b1, b2]);
        (Case::new(instruction).register(register(5), 0xDEAD_BEEF).register(register(6), x), imm)
    }

    #[test]
    fn results_are_those_of_single_bits() {
        for (x, imm) in pairs(50) {
            for opcode in [BitwiseImmOpcode::XORI, BitwiseImmOpcode::ORI, BitwiseImmOpcode::ANDI] {
                let (case, imm) = case(opcode, x, imm);
                let y = case.run::<BitwiseImmChip>().unwrap().register(register(5));
                for bit in 0..32 {
                    let ones = (x >> bit & 1) + (imm >> bit & 1);
                    let expected = match opcode {
                        BitwiseImmOpcode::XORI => ones == 1,
                        BitwiseImmOpcode::ORI => ones > 0,
                        BitwiseImmOpcode::ANDI => ones == 2,
                    };
                    assert_eq!(y >> bit & 1 == 1, expected, "{opcode:?} {x:#x} {imm:#x}, bit {bit}");
                }
            }
        }
    }

    #[test]
    fn rows_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<BitwiseImmChip>(), (24, 32));
        let cases: Vec<_> = [BitwiseImmOpcode::XORI, BitwiseImmOpcode::ORI, BitwiseImmOpcode::ANDI]
            .into_iter()
            .flat_map(|opcode| pairs(2).step_by(4).map(move |(x, imm)| case(opcode, x, imm).0))
            .collect();
        // Several flags at once: refused by the opcode as well.
        check::<BitwiseImmChip>(&cases).expect(&[], &[Guard::Constraint(3)]);
    }

    #[test]
    fn rows_in_place_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<BitwiseImmInPlaceChip>(), (20, 28));
        let mut cases = Vec::new();
        for opcode in [BitwiseImmOpcode::XORI, BitwiseImmOpcode::ORI, BitwiseImmOpcode::ANDI] {
            for (x, imm) in pairs(2).step_by(4) {
                let (general, _) = case(opcode, x, imm);
                let mut in_place = general.clone();
                in_place.instruction.a = register(6);
                let expected = general.run::<BitwiseImmChip>().unwrap().register(register(5));
                let outcome = in_place.run::<BitwiseImmInPlaceChip>().unwrap();
                assert_eq!(outcome.register(register(6)), expected, "{opcode:?} {x:#x} {imm:#x}");
                cases.push(in_place);
            }
        }
        check::<BitwiseImmInPlaceChip>(&cases).expect(&[], &[Guard::Constraint(3)]);
    }
}
