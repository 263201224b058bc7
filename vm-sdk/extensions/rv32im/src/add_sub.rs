//! ADD and SUB.

use p3_air::AirBuilder;
use vm_core::arch::authoring::{Core, CoreBuilder, Word};
use vm_derive::{columns, instruction};

use crate::adapters::Rv32Alu;
use crate::support::CELL_INV;

/// ADD and SUB: `x + c = y`, or `y + c = x`, modulo 2^32.
#[instruction(adapter = Rv32Alu, columns = AddSubCols, opcode = 0x100)]
#[derive(PartialEq, Eq)]
pub enum AddSub {
    /// Sum: `rd = rs1 + rs2`.
    #[encode(op, funct3 = 0, funct7 = 0x00)]
    ADD,
    /// Difference: `rd = rs1 − rs2`.
    #[encode(op, funct3 = 0, funct7 = 0x20)]
    SUB,
}

/// Columns of [`AddSub`].
#[columns]
pub struct AddSubCols<T> {
    /// Cells of rs1; bound by the memory bus.
    #[read(0)]
    pub x: Word<T>,
    /// Cells of rs2; bound by the memory bus.
    #[read(1)]
    pub c: Word<T>,
    /// Cells of the result; range-checked, and determined by the carry chain.
    #[write(0)]
    pub y: Word<T>,
    /// Selector of ADD rows: boolean, and part of the opcode that the program lookup fixes.
    #[opcode(AddSub::ADD)]
    pub is_add: T,
    /// Selector of SUB rows; like `is_add`.
    #[opcode(AddSub::SUB)]
    pub is_sub: T,
}

#[instruction]
impl Core for AddSub {
    #[inline(always)]
    fn execute(&self, [x, c]: [u32; 2]) -> u32 {
        match self {
            Self::ADD => x.wrapping_add(c),
            Self::SUB => x.wrapping_sub(c),
        }
    }

    fn eval<B: CoreBuilder>(&self, builder: &mut B, cols: &AddSubCols<B::Var>) {
        // a + b = s modulo 2^32. The carry out of a limb is (a + b + carry in − s) / 2^16.
        let mut assert_sum = |enabled: B::Var, a: Word<B::Var>, b: Word<B::Var>, s: Word<B::Var>| {
            let carry0 = (a[0] + b[0] - s[0]) * CELL_INV;
            let carry1 = (a[1] + b[1] + carry0.clone() - s[1]) * CELL_INV;
            // Soundness: all cells are below 2^16 (values read by the memory invariant, y by its range checks). So with
            // boolean carries the equation holds over the integers, which determines the result.
            builder.when(enabled).assert_bool(carry0);
            builder.when(enabled).assert_bool(carry1);
        };
        assert_sum(cols.is_add, cols.x, cols.c, cols.y);
        assert_sum(cols.is_sub, cols.y, cols.c, cols.x);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::Rv32AluInPlace;
    use crate::opcodes::register;
    use crate::test_util::{WORDS, pairs};
    use vm_core::instructions::Instruction;
    use vm_core::machine::testing::{Case, Specialised, check, cost};

    type AddSubInPlaceChip = Specialised<AddSub, Rv32AluInPlace>;

    fn case(opcode: AddSub, x: u32, c: u32) -> Case {
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
            for (opcode, y) in [(AddSub::ADD, wide_x + wide_c), (AddSub::SUB, difference)] {
                let outcome = case(opcode, x, c).run::<AddSub>().unwrap();
                assert_eq!(u64::from(outcome.register(register(5))), y % (1 << 32), "{opcode:?} {x:#x} {c:#x}");
                assert_eq!(outcome.to.pc, 0x1004);
            }
        }
    }

    #[test]
    fn rows_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<AddSub>(), (18, 36));
        let mut cases = Vec::new();
        for opcode in [AddSub::ADD, AddSub::SUB] {
            cases.extend(pairs(3).map(|(x, c)| case(opcode, x, c)));
        }
        // The same register as destination and as both sources.
        cases.push(Case::new(Instruction::new(AddSub::ADD, [20, 20, 20])).register(20, WORDS[5]));
        check::<AddSub>(&cases).expect(&[], &[]);
    }

    #[test]
    fn rows_in_place_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<AddSubInPlaceChip>(), (14, 28));
        let in_place = |opcode, x, c| {
            let operands = [register(6), register(6), register(7)];
            Case::new(Instruction::new(opcode, operands)).register(register(6), x).register(register(7), c)
        };
        let mut cases = Vec::new();
        for opcode in [AddSub::ADD, AddSub::SUB] {
            for (x, c) in pairs(3) {
                let general = case(opcode, x, c).run::<AddSub>().unwrap().register(register(5));
                let outcome = in_place(opcode, x, c).run::<AddSubInPlaceChip>().unwrap();
                assert_eq!(outcome.register(register(6)), general, "{opcode:?} {x:#x} {c:#x}");
                cases.push(in_place(opcode, x, c));
            }
        }
        // The same register as destination and as both sources.
        cases.push(Case::new(Instruction::new(AddSub::ADD, [20, 20, 20])).register(20, WORDS[5]));
        check::<AddSubInPlaceChip>(&cases).expect(&[], &[]);
    }
}
