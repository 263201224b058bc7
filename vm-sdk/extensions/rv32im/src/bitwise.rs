//! XOR, OR and AND of registers.

use std::borrow::{Borrow, BorrowMut};

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::{
    AdapterAirContext, AdapterRuntimeContext, BITWISE_BUS, ExecutionResult, MinimalInstruction, VmCoreAir, VmCoreChip,
};
use vm_core::instructions::{Instruction, VmOpcode};
use vm_core::stark::{F, VmAirBuilder};
use vm_derive::AlignedBorrow;

use crate::adapters::{AluAdapter, AluInPlaceAdapter, AluInterface};
use crate::opcodes::BitwiseOpcode;
use crate::support::{
    BYTE_INV, HALF, air_part, cells, chip, flag, local_opcode, low_bytes, opcode_expr, opcode_name, xor_bytes,
};

/// Columns of [`BitwiseCore`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct BitwiseCols<T> {
    /// Cells of rs1; memory bus.
    pub x: [T; 2],
    /// Cells of rs2; memory bus.
    pub c: [T; 2],
    /// Low bytes of the cells of x; bitwise lookup, as the high bytes `(x − low) / 2^8`.
    pub x_low: [T; 2],
    /// Low bytes of the cells of c; bitwise lookup, as the high bytes.
    pub c_low: [T; 2],
    /// Bytes of `x ^ c`, in order; bitwise lookup.
    pub xor: [T; 4],
    /// Cells of the result; fixed by x, c and xor.
    pub y: [T; 2],
    /// The row is an XOR; boolean, and part of the opcode that the program lookup fixes.
    pub is_xor: T,
    /// The row is an OR; as `is_xor`.
    pub is_or: T,
    /// The row is an AND; as `is_xor`.
    pub is_and: T,
}

/// XOR, OR and AND, bytewise: `or = (x + c + xor) / 2`, `and = (x + c − xor) / 2`.
#[derive(Clone, Copy, Debug, Default)]
pub struct BitwiseCore;

air_part!(BitwiseCore, BitwiseCols, "core", [is_xor, is_or, is_and]);

chip! {
    /// XOR, OR and AND of registers.
    BitwiseChip = "BitwiseReg": AluAdapter, BitwiseCore
}

chip! {
    /// XOR, OR and AND with rd = rs1.
    BitwiseInPlaceChip = "BitwiseRegInPlace": AluInPlaceAdapter, BitwiseCore
}

impl<AB: VmAirBuilder> VmCoreAir<AB, AluInterface> for BitwiseCore {
    fn eval(
        &self,
        builder: &mut AB,
        local: &[AB::Var],
        _from_pc: AB::Var,
    ) -> AdapterAirContext<AB::Expr, AluInterface> {
        let cols: &BitwiseCols<AB::Var> = local.borrow();
        let is_valid = cols.is_xor + cols.is_or + cols.is_and;
        builder.assert_bool(cols.is_xor);
        builder.assert_bool(cols.is_or);
        builder.assert_bool(cols.is_and);
        builder.assert_bool(is_valid.clone());

        for i in 0..2 {
            // Soundness: both bytes of a cell come out of the table, so the cell's split into bytes is the only one,
            // and y, a function of two cells and their exact XOR, is below 2^16 without a check of its own.
            let x_high = (cols.x[i] - cols.x_low[i]) * BYTE_INV;
            let c_high = (cols.c[i] - cols.c_low[i]) * BYTE_INV;
            let [xor_low, xor_high] = [cols.xor[2 * i], cols.xor[2 * i + 1]];
            BITWISE_BUS.query(builder, [cols.x_low[i], cols.c_low[i], xor_low], is_valid.clone());
            BITWISE_BUS.query(builder, [x_high, c_high, xor_high.into()], is_valid.clone());

            let xor = xor_high * AB::Expr::from_u32(1 << 8) + xor_low;
            let sum = cols.x[i] + cols.c[i];
            builder.assert_eq(
                cols.y[i],
                xor.clone() * cols.is_xor
                    + (sum.clone() + xor.clone()) * HALF * cols.is_or
                    + (sum - xor) * HALF * cols.is_and,
            );
        }

        let opcode = opcode_expr::<AB::Expr>(BitwiseOpcode::XOR) * cols.is_xor
            + opcode_expr::<AB::Expr>(BitwiseOpcode::OR) * cols.is_or
            + opcode_expr::<AB::Expr>(BitwiseOpcode::AND) * cols.is_and;
        AdapterAirContext {
            to_pc: None,
            reads: [cols.x, cols.c].map(|word| word.map(Into::into)),
            writes: cols.y.map(Into::into),
            instruction: MinimalInstruction { is_valid, opcode },
        }
    }
}

/// Operands of a bitwise operation.
#[derive(Clone, Copy, Debug)]
pub struct BitwiseRecord {
    x: u32,
    c: u32,
}

/// The result of an opcode on two words.
#[inline(always)]
const fn compute(opcode: BitwiseOpcode, x: u32, c: u32) -> u32 {
    match opcode {
        BitwiseOpcode::XOR => x ^ c,
        BitwiseOpcode::OR => x | c,
        BitwiseOpcode::AND => x & c,
    }
}

impl VmCoreChip<AluInterface> for BitwiseCore {
    type Record = BitwiseRecord;
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
    ) -> ExecutionResult<(AdapterRuntimeContext<AluInterface>, BitwiseRecord)> {
        let y = compute(local_opcode(instruction, from_pc)?, x, c);
        Ok((AdapterRuntimeContext::without_pc(y), BitwiseRecord { x, c }))
    }

    fn get_opcode_name(&self, opcode: VmOpcode) -> String {
        opcode_name::<BitwiseOpcode>(opcode)
    }

    #[inline(always)]
    fn generate_trace_row(&self, row: &mut [F], instruction: &Instruction, from_pc: u32, record: &BitwiseRecord) {
        let BitwiseRecord { x, c } = *record;
        let cols: &mut BitwiseCols<F> = row.borrow_mut();
        // An opcode of another class never reaches a record.
        let y = local_opcode(instruction, from_pc).map_or(0, |opcode| compute(opcode, x, c));
        cols.x = cells(x);
        cols.c = cells(c);
        cols.x_low = low_bytes(x);
        cols.c_low = low_bytes(c);
        cols.xor = xor_bytes(x, c);
        cols.y = cells(y);
        cols.is_xor = flag(instruction, BitwiseOpcode::XOR);
        cols.is_or = flag(instruction, BitwiseOpcode::OR);
        cols.is_and = flag(instruction, BitwiseOpcode::AND);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opcodes::register;
    use crate::test_util::{Case, Guard, check, cost, pairs};

    fn case(opcode: BitwiseOpcode, x: u32, c: u32) -> Case {
        Case::new(Instruction::new(opcode, [register(5), register(6), register(7)]))
            .register(register(5), 0xDEAD_BEEF)
            .register(register(6), x)
            .register(register(7), c)
    }

    #[test]
    fn results_are_those_of_single_bits() {
        for (x, c) in pairs(50) {
            for opcode in [BitwiseOpcode::XOR, BitwiseOpcode::OR, BitwiseOpcode::AND] {
                let outcome = case(opcode, x, c).run::<BitwiseChip>().unwrap();
                let y = outcome.register(register(5));
                for bit in 0..32 {
                    let ones = (x >> bit & 1) + (c >> bit & 1);
                    let expected = match opcode {
                        BitwiseOpcode::XOR => ones == 1,
                        BitwiseOpcode::OR => ones > 0,
                        BitwiseOpcode::AND => ones == 2,
                    };
                    assert_eq!(y >> bit & 1 == 1, expected, "{opcode:?} {x:#x} {c:#x}, bit {bit}");
                }
            }
        }
    }

    #[test]
    fn rows_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<BitwiseChip>(), (27, 40));
        let cases: Vec<_> = [BitwiseOpcode::XOR, BitwiseOpcode::OR, BitwiseOpcode::AND]
            .into_iter()
            .flat_map(|opcode| pairs(2).step_by(4).map(move |(x, c)| case(opcode, x, c)))
            .collect();
        // Several flags at once: refused by the opcode as well.
        check::<BitwiseChip>(&cases).expect(&[], &[Guard::Constraint(3)]);
    }

    #[test]
    fn rows_in_place_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<BitwiseInPlaceChip>(), (23, 32));
        let in_place = |opcode, x, c| {
            let operands = [register(6), register(6), register(7)];
            Case::new(Instruction::new(opcode, operands)).register(register(6), x).register(register(7), c)
        };
        let mut cases = Vec::new();
        for opcode in [BitwiseOpcode::XOR, BitwiseOpcode::OR, BitwiseOpcode::AND] {
            for (x, c) in pairs(2).step_by(4) {
                let general = case(opcode, x, c).run::<BitwiseChip>().unwrap().register(register(5));
                let outcome = in_place(opcode, x, c).run::<BitwiseInPlaceChip>().unwrap();
                assert_eq!(outcome.register(register(6)), general, "{opcode:?} {x:#x} {c:#x}");
                cases.push(in_place(opcode, x, c));
            }
        }
        check::<BitwiseInPlaceChip>(&cases).expect(&[], &[Guard::Constraint(3)]);
    }
}
