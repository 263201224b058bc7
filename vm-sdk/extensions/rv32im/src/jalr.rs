//! JALR.

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::authoring::{Core, CoreBuilder, Io, Word};
use vm_core::stark::F;
use vm_derive::{columns, instruction};

use crate::adapters::Rv32AluImm;
use crate::adapters::operands::{Jump, JumpReads, JumpWrites};
use crate::support::{CELL, CELL_INV, limbs};

/// JALR: `rd = pc + 4`, next pc `(x + imm) & !1`.
#[instruction(
    adapter = Rv32AluImm<Jump>,
    columns = JalrCols,
    opcode = 0x160,
    computed(write(0), write(1))
)]
#[derive(PartialEq, Eq)]
pub enum Jalr {
    /// Indirect jump: continues at `rs1 + imm`, `rd = pc + 4`.
    #[encode(opcode = 0x67, funct3 = 0)]
    JALR,
}

/// Columns of [`Jalr`].
#[columns]
pub struct JalrCols<T> {
    /// Cells of rs1; bound by the memory bus.
    #[read(0)]
    pub x: Word<T>,
    /// Limbs of the immediate; fixed by the program lookup.
    #[read(1)]
    pub imm: Word<T>,
    /// Limbs of `pc + 4`; fixed by the program lookup.
    #[read(2)]
    pub link: Word<T>,
    /// Bit 0 of the sum, which the jump clears; boolean.
    #[bool]
    pub lsb: T,
    /// Half of the low cell of the next pc; range-checked, and determined by the carry.
    #[range(15)]
    pub half: T,
    /// High cell of the next pc; range-checked, and determined by the carry.
    #[range(14)]
    pub high: T,
    /// Selector of JALR rows; boolean.
    #[valid]
    pub is_valid: T,
}

#[instruction]
impl Core for Jalr {
    #[inline(always)]
    fn execute(&self, JumpReads { x, imm, link }: JumpReads) -> JumpWrites {
        // A target without an instruction, such as one above 2^30, is an error when the next instruction is fetched.
        JumpWrites { link, to_pc: x.wrapping_add(imm) & !1 }
    }

    #[inline(always)]
    fn witness(&self, io: &Io<Self>, cols: &mut JalrCols<F>) {
        let [low, high] = limbs(io.reads.x.wrapping_add(io.reads.imm));
        cols.lsb = F::from_u32(low & 1);
        cols.half = F::from_u32(low >> 1);
        cols.high = F::from_u32(high);
    }

    fn eval<B: CoreBuilder>(&self, builder: &mut B, cols: &JalrCols<B::Var>) {
        // Soundness: 2·half + lsb represents each 16-bit value exactly once, so the carries and bit 0 are unique. The
        // range of the high cell keeps the next pc below 2^30, where it cannot wrap around the field.
        let carry0 = (cols.x[0] + cols.imm[0] - cols.half * F::TWO - cols.lsb) * CELL_INV;
        let carry1 = (cols.x[1] + cols.imm[1] + carry0.clone() - cols.high) * CELL_INV;
        builder.assert_bool(carry0);
        builder.assert_bool(carry1);
    }

    fn write<B: CoreBuilder>(&self, cols: &JalrCols<B::Var>, value: usize, _word: usize) -> [B::Expr; 2] {
        match value {
            // Soundness: the program table contains 16-bit limbs, so the written cells need no range check.
            0 => cols.link.map(Into::into),
            _ => [cols.half * F::TWO + cols.high * CELL, B::Expr::ZERO],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opcodes::register;
    use vm_core::instructions::Instruction;
    use vm_core::machine::testing::{Case, check, cost};

    const LINK: u32 = 0x0002_0004;

    fn case(x: u32, imm: u32) -> Case {
        let ([i0, i1], [l0, l1]) = (limbs(imm), limbs(LINK));
        Case::new(Instruction::new(Jalr::JALR, [register(1), register(6), i0, i1, l0, l1]))
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
            let outcome = case(x, imm).run::<Jalr>().unwrap();
            assert_eq!(outcome.to.pc, to_pc, "{x:#x} + {imm:#x}");
            assert_eq!(outcome.register(register(1)), LINK);
        }
    }

    #[test]
    fn the_base_is_read_before_the_link_is_written() {
        let ([i0, i1], [l0, l1]) = (limbs(8), limbs(LINK));
        let instruction = Instruction::new(Jalr::JALR, [register(1), register(1), i0, i1, l0, l1]);
        let outcome = Case::new(instruction).pc(LINK - 4).register(register(1), 0x5000).run::<Jalr>().unwrap();
        assert_eq!((outcome.to.pc, outcome.register(register(1))), (0x5008, LINK));
    }

    #[test]
    fn rows_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<Jalr>(), (18, 28));
        let cases: Vec<_> = JUMPS.iter().map(|&(x, imm, _)| case(x, imm)).collect();
        check::<Jalr>(&cases).expect(&[], &[]);
    }
}
