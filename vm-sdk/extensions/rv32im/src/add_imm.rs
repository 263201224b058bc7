//! ADDI.

use vm_core::arch::authoring::{Core, CoreBuilder, Word};
use vm_derive::{columns, instruction};

use crate::adapters::Rv32AluImm;
use crate::support::CELL_INV;

/// ADDI: `x + imm = y` modulo 2^32.
#[instruction(adapter = Rv32AluImm, columns = AddImmCols, opcode = 0x108)]
#[derive(PartialEq, Eq)]
pub enum AddImm {
    /// Sum with a constant: `rd = rs1 + imm`.
    #[encode(op_imm, funct3 = 0)]
    ADDI,
}

/// Columns of [`AddImm`].
#[columns]
pub struct AddImmCols<T> {
    /// Cells of rs1; bound by the memory bus.
    #[read(0)]
    pub x: Word<T>,
    /// Limbs of the immediate; fixed by the program lookup.
    #[read(1)]
    pub imm: Word<T>,
    /// Cells of the result; range-checked, and determined by the carry chain.
    #[write(0)]
    pub y: Word<T>,
    /// Selector of ADDI rows; boolean.
    #[valid]
    pub is_valid: T,
}

#[instruction]
impl Core for AddImm {
    #[inline(always)]
    fn execute(&self, [x, imm]: [u32; 2]) -> u32 {
        x.wrapping_add(imm)
    }

    fn eval<B: CoreBuilder>(&self, builder: &mut B, cols: &AddImmCols<B::Var>) {
        // Soundness: all limbs are below 2^16 (x by the memory invariant, imm by the program table, y by its range
        // checks). So with boolean carries the equation holds over the integers, which determines the result.
        let carry0 = (cols.x[0] + cols.imm[0] - cols.y[0]) * CELL_INV;
        let carry1 = (cols.x[1] + cols.imm[1] + carry0.clone() - cols.y[1]) * CELL_INV;
        builder.assert_bool(carry0);
        builder.assert_bool(carry1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::Rv32AluImmInPlace;
    use crate::opcodes::register;
    use crate::support::limbs;
    use crate::test_util::pairs;
    use vm_core::instructions::Instruction;
    use vm_core::machine::testing::{Case, Specialised, check, cost};

    type AddImmInPlaceChip = Specialised<AddImm, Rv32AluImmInPlace>;

    fn case(x: u32, imm: u32) -> Case {
        let [low, high] = limbs(imm);
        Case::new(Instruction::new(AddImm::ADDI, [register(5), register(6), low, high]))
            .register(register(5), 0xDEAD_BEEF)
            .register(register(6), x)
    }

    #[test]
    fn results_are_those_of_wide_arithmetic() {
        for (x, imm) in pairs(100) {
            let outcome = case(x, imm).run::<AddImm>().unwrap();
            let y = (u64::from(x) + u64::from(imm)) % (1 << 32);
            assert_eq!(u64::from(outcome.register(register(5))), y, "{x:#x} + {imm:#x}");
            assert_eq!(outcome.to.pc, 0x1004);
        }
    }

    #[test]
    fn rows_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<AddImm>(), (15, 28));
        let cases: Vec<_> = pairs(5).map(|(x, imm)| case(x, imm)).collect();
        check::<AddImm>(&cases).expect(&[], &[]);
    }

    #[test]
    fn rows_in_place_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<AddImmInPlaceChip>(), (11, 24));
        let in_place = |x, imm| {
            let [low, high] = limbs(imm);
            Case::new(Instruction::new(AddImm::ADDI, [register(6), register(6), low, high])).register(register(6), x)
        };
        for (x, imm) in pairs(20) {
            let outcome = in_place(x, imm).run::<AddImmInPlaceChip>().unwrap();
            assert_eq!(outcome.register(register(6)), x.wrapping_add(imm), "{x:#x} + {imm:#x}");
        }
        let cases: Vec<_> = pairs(5).map(|(x, imm)| in_place(x, imm)).collect();
        check::<AddImmInPlaceChip>(&cases).expect(&[], &[]);
    }
}
