//! XORI, ORI and ANDI.

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::authoring::{Core, CoreBuilder, Io, Word};
use vm_core::stark::F;
use vm_derive::{columns, instruction};

use crate::adapters::Rv32AluImm;
use crate::adapters::operands::ImmediateBytes;
use crate::support::{BYTE_INV, HALF, low_bytes, xor_bytes};

/// XORI, ORI and ANDI, bytewise: `or = (x + imm + xor) / 2`, `and = (x + imm − xor) / 2`.
#[instruction(
    adapter = Rv32AluImm<ImmediateBytes>,
    columns = BitwiseImmCols,
    opcode = 0x118,
    computed(read(1), read(2), read(3))
)]
#[derive(PartialEq, Eq)]
pub enum BitwiseImm {
    /// Exclusive or with a constant: `rd = rs1 ^ imm`.
    #[encode(op_imm, funct3 = 4)]
    XORI,
    /// Or with a constant: `rd = rs1 | imm`.
    #[encode(op_imm, funct3 = 6)]
    ORI,
    /// And with a constant: `rd = rs1 & imm`.
    #[encode(op_imm, funct3 = 7)]
    ANDI,
}

/// Columns of [`BitwiseImm`].
#[columns]
pub struct BitwiseImmCols<T> {
    /// Cells of rs1; bound by the memory bus.
    #[read(0)]
    pub x: Word<T>,
    /// Low bytes of the cells of x; bound by the bitwise lookup, like the high bytes `(x − low) / 2^8`.
    pub x_low: [T; 2],
    /// Bytes 0 and 1 of the immediate, and the byte that is both its byte 2 and its byte 3; fixed by the program
    /// lookup.
    pub imm: [T; 3],
    /// Bytes of `x ^ imm`, lowest first; bound by the bitwise lookup.
    pub xor: [T; 4],
    /// Cells of the result; determined by x, imm and xor.
    #[write(0, proven)]
    pub y: Word<T>,
    /// Selector of XORI rows: boolean, and part of the opcode that the program lookup fixes.
    #[opcode(BitwiseImm::XORI)]
    pub is_xor: T,
    /// Selector of ORI rows; like `is_xor`.
    #[opcode(BitwiseImm::ORI)]
    pub is_or: T,
    /// Selector of ANDI rows; like `is_xor`.
    #[opcode(BitwiseImm::ANDI)]
    pub is_and: T,
}

#[instruction]
impl Core for BitwiseImm {
    #[inline(always)]
    fn execute(&self, [x, imm]: [u32; 2]) -> u32 {
        match self {
            Self::XORI => x ^ imm,
            Self::ORI => x | imm,
            Self::ANDI => x & imm,
        }
    }

    #[inline(always)]
    fn witness(&self, io: &Io<Self>, cols: &mut BitwiseImmCols<F>) {
        let [x, imm] = io.reads;
        let [b0, b1, b2, _] = imm.to_le_bytes().map(F::from_u8);
        cols.x_low = low_bytes(x);
        cols.imm = [b0, b1, b2];
        cols.xor = xor_bytes(x, imm);
    }

    fn eval<B: CoreBuilder>(&self, builder: &mut B, cols: &BitwiseImmCols<B::Var>) {
        let [imm0, imm1, imm_high] = cols.imm;
        for (i, [c_low, c_high]) in [[imm0, imm1], [imm_high, imm_high]].into_iter().enumerate() {
            // Soundness: the table contains bytes only, so the split of each cell into bytes is unique. y is a function
            // of two cells and their exact XOR, so it is below 2^16 without a range check of its own.
            let x_high = (cols.x[i] - cols.x_low[i]) * BYTE_INV;
            let [xor_low, xor_high] = [cols.xor[2 * i], cols.xor[2 * i + 1]];
            builder.xor(cols.x_low[i], c_low, xor_low);
            builder.xor(x_high, c_high, xor_high);

            let xor = xor_high * B::Expr::from_u32(1 << 8) + xor_low;
            let sum = c_high * B::Expr::from_u32(1 << 8) + c_low + cols.x[i];
            builder.assert_eq(
                cols.y[i],
                xor.clone() * cols.is_xor
                    + (sum.clone() + xor.clone()) * HALF * cols.is_or
                    + (sum - xor) * HALF * cols.is_and,
            );
        }
    }

    fn read<B: CoreBuilder>(&self, cols: &BitwiseImmCols<B::Var>, value: usize, _word: usize) -> [B::Expr; 2] {
        [cols.imm[value - 1].into(), B::Expr::ZERO]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::Rv32AluImmInPlace;
    use crate::opcodes::register;
    use crate::test_util::pairs;
    use vm_core::instructions::Instruction;
    use vm_core::machine::testing::{Case, Specialised, check, cost};

    type BitwiseImmInPlaceChip = Specialised<BitwiseImm, Rv32AluImmInPlace<ImmediateBytes>>;

    /// A case whose immediate is the sign-extended low 12 bits of `imm`.
    fn case(opcode: BitwiseImm, x: u32, imm: u32) -> (Case, u32) {
        let imm = ((imm << 20) as i32 >> 20) as u32;
        let [b0, b1, b2, b3] = imm.to_le_bytes().map(u32::from);
        assert_eq!(b2, b3);
        let instruction = Instruction::new(opcode, [register(5), register(6), b0, b1, b2]);
        (Case::new(instruction).register(register(5), 0xDEAD_BEEF).register(register(6), x), imm)
    }

    #[test]
    fn results_are_those_of_single_bits() {
        for (x, imm) in pairs(50) {
            for opcode in [BitwiseImm::XORI, BitwiseImm::ORI, BitwiseImm::ANDI] {
                let (case, imm) = case(opcode, x, imm);
                let y = case.run::<BitwiseImm>().unwrap().register(register(5));
                for bit in 0..32 {
                    let ones = (x >> bit & 1) + (imm >> bit & 1);
                    let expected = match opcode {
                        BitwiseImm::XORI => ones == 1,
                        BitwiseImm::ORI => ones > 0,
                        BitwiseImm::ANDI => ones == 2,
                    };
                    assert_eq!(y >> bit & 1 == 1, expected, "{opcode:?} {x:#x} {imm:#x}, bit {bit}");
                }
            }
        }
    }

    #[test]
    fn rows_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<BitwiseImm>(), (24, 32));
        let cases: Vec<_> = [BitwiseImm::XORI, BitwiseImm::ORI, BitwiseImm::ANDI]
            .into_iter()
            .flat_map(|opcode| pairs(2).step_by(4).map(move |(x, imm)| case(opcode, x, imm).0))
            .collect();
        check::<BitwiseImm>(&cases).expect(&[], &[]);
    }

    #[test]
    fn rows_in_place_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<BitwiseImmInPlaceChip>(), (20, 28));
        let mut cases = Vec::new();
        for opcode in [BitwiseImm::XORI, BitwiseImm::ORI, BitwiseImm::ANDI] {
            for (x, imm) in pairs(2).step_by(4) {
                let (general, _) = case(opcode, x, imm);
                let mut in_place = general.clone();
                in_place.instruction.a = register(6);
                let expected = general.run::<BitwiseImm>().unwrap().register(register(5));
                let outcome = in_place.run::<BitwiseImmInPlaceChip>().unwrap();
                assert_eq!(outcome.register(register(6)), expected, "{opcode:?} {x:#x} {imm:#x}");
                cases.push(in_place);
            }
        }
        check::<BitwiseImmInPlaceChip>(&cases).expect(&[], &[]);
    }
}
