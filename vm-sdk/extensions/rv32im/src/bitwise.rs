//! XOR, OR and AND of registers.

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::authoring::{Core, CoreBuilder, Io, Word};
use vm_core::stark::F;
use vm_derive::{columns, instruction};

use crate::adapters::Rv32Alu;
use crate::support::{BYTE_INV, HALF, low_bytes, xor_bytes};

/// XOR, OR and AND, bytewise: `or = (x + c + xor) / 2`, `and = (x + c − xor) / 2`.
#[instruction(adapter = Rv32Alu, columns = BitwiseCols, name = "BitwiseReg", opcode = 0x110)]
#[derive(PartialEq, Eq)]
pub enum Bitwise {
    /// Exclusive or: `rd = rs1 ^ rs2`.
    #[encode(op, funct3 = 4, funct7 = 0)]
    XOR,
    /// Or: `rd = rs1 | rs2`.
    #[encode(op, funct3 = 6, funct7 = 0)]
    OR,
    /// And: `rd = rs1 & rs2`.
    #[encode(op, funct3 = 7, funct7 = 0)]
    AND,
}

/// Columns of [`Bitwise`].
#[columns]
pub struct BitwiseCols<T> {
    /// Cells of rs1; bound by the memory bus.
    #[read(0)]
    pub x: Word<T>,
    /// Cells of rs2; bound by the memory bus.
    #[read(1)]
    pub c: Word<T>,
    /// Low bytes of the cells of x; bound by the bitwise lookup, like the high bytes `(x − low) / 2^8`.
    pub x_low: [T; 2],
    /// Low bytes of the cells of c; bound by the bitwise lookup, like the high bytes.
    pub c_low: [T; 2],
    /// Bytes of `x ^ c`, lowest first; bound by the bitwise lookup.
    pub xor: [T; 4],
    /// Cells of the result; determined by x, c and xor.
    #[write(0, proven)]
    pub y: Word<T>,
    /// Selector of XOR rows: boolean, and part of the opcode that the program lookup fixes.
    #[opcode(Bitwise::XOR)]
    pub is_xor: T,
    /// Selector of OR rows; like `is_xor`.
    #[opcode(Bitwise::OR)]
    pub is_or: T,
    /// Selector of AND rows; like `is_xor`.
    #[opcode(Bitwise::AND)]
    pub is_and: T,
}

#[instruction]
impl Core for Bitwise {
    #[inline(always)]
    fn execute(&self, [x, c]: [u32; 2]) -> u32 {
        match self {
            Self::XOR => x ^ c,
            Self::OR => x | c,
            Self::AND => x & c,
        }
    }

    #[inline(always)]
    fn witness(&self, io: &Io<Self>, cols: &mut BitwiseCols<F>) {
        let [x, c] = io.reads;
        cols.x_low = low_bytes(x);
        cols.c_low = low_bytes(c);
        cols.xor = xor_bytes(x, c);
    }

    fn eval<B: CoreBuilder>(&self, builder: &mut B, cols: &BitwiseCols<B::Var>) {
        for i in 0..2 {
            // Soundness: the table contains bytes only, so the split of each cell into bytes is unique. y is a function
            // of two cells and their exact XOR, so it is below 2^16 without a range check of its own.
            let x_high = (cols.x[i] - cols.x_low[i]) * BYTE_INV;
            let c_high = (cols.c[i] - cols.c_low[i]) * BYTE_INV;
            let [xor_low, xor_high] = [cols.xor[2 * i], cols.xor[2 * i + 1]];
            builder.xor(cols.x_low[i], cols.c_low[i], xor_low);
            builder.xor(x_high, c_high, xor_high);

            let xor = xor_high * B::Expr::from_u32(1 << 8) + xor_low;
            let sum = cols.x[i] + cols.c[i];
            builder.assert_eq(
                cols.y[i],
                xor.clone() * cols.is_xor
                    + (sum.clone() + xor.clone()) * HALF * cols.is_or
                    + (sum - xor) * HALF * cols.is_and,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::Rv32AluInPlace;
    use crate::opcodes::register;
    use crate::test_util::pairs;
    use vm_core::instructions::Instruction;
    use vm_core::machine::testing::{Case, Specialised, check, cost};

    type BitwiseInPlaceChip = Specialised<Bitwise, Rv32AluInPlace>;

    fn case(opcode: Bitwise, x: u32, c: u32) -> Case {
        Case::new(Instruction::new(opcode, [register(5), register(6), register(7)]))
            .register(register(5), 0xDEAD_BEEF)
            .register(register(6), x)
            .register(register(7), c)
    }

    #[test]
    fn results_are_those_of_single_bits() {
        for (x, c) in pairs(50) {
            for opcode in [Bitwise::XOR, Bitwise::OR, Bitwise::AND] {
                let outcome = case(opcode, x, c).run::<Bitwise>().unwrap();
                let y = outcome.register(register(5));
                for bit in 0..32 {
                    let ones = (x >> bit & 1) + (c >> bit & 1);
                    let expected = match opcode {
                        Bitwise::XOR => ones == 1,
                        Bitwise::OR => ones > 0,
                        Bitwise::AND => ones == 2,
                    };
                    assert_eq!(y >> bit & 1 == 1, expected, "{opcode:?} {x:#x} {c:#x}, bit {bit}");
                }
            }
        }
    }

    #[test]
    fn rows_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<Bitwise>(), (27, 40));
        let cases: Vec<_> = [Bitwise::XOR, Bitwise::OR, Bitwise::AND]
            .into_iter()
            .flat_map(|opcode| pairs(2).step_by(4).map(move |(x, c)| case(opcode, x, c)))
            .collect();
        check::<Bitwise>(&cases).expect(&[], &[]);
    }

    #[test]
    fn rows_in_place_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<BitwiseInPlaceChip>(), (23, 32));
        let in_place = |opcode, x, c| {
            let operands = [register(6), register(6), register(7)];
            Case::new(Instruction::new(opcode, operands)).register(register(6), x).register(register(7), c)
        };
        let mut cases = Vec::new();
        for opcode in [Bitwise::XOR, Bitwise::OR, Bitwise::AND] {
            for (x, c) in pairs(2).step_by(4) {
                let general = case(opcode, x, c).run::<Bitwise>().unwrap().register(register(5));
                let outcome = in_place(opcode, x, c).run::<BitwiseInPlaceChip>().unwrap();
                assert_eq!(outcome.register(register(6)), general, "{opcode:?} {x:#x} {c:#x}");
                cases.push(in_place(opcode, x, c));
            }
        }
        check::<BitwiseInPlaceChip>(&cases).expect(&[], &[]);
    }
}
