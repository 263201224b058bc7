//! SLT, SLTU (AIR `LessThan`) and SLTI, SLTIU (AIR `LessThanImm`), and the comparison that branches share.

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::authoring::{Core, CoreBuilder, Io, Word};
use vm_core::stark::F;
use vm_derive::{columns, instruction};

use crate::adapters::operands::OrderImmediate;
use crate::adapters::{Rv32Alu, Rv32AluImm};
use crate::support::{CELL, CELL_BITS, CELL_INV, limbs};

/// 2^15, the weight of the sign bit in a high cell.
const SIGN: u32 = 1 << (CELL_BITS - 1);

/// Returns the high cell of a word, with its top bit flipped if `is_signed`: this turns the signed order into the
/// unsigned one. Proves that `sign`, a boolean, is the top bit if `is_signed`, else 0.
pub(crate) fn order_limb<B: CoreBuilder>(builder: &mut B, limb: B::Var, sign: B::Var, is_signed: B::Expr) -> B::Expr {
    // Soundness: if the comparison is signed, limb + 2^15 is below 2^16 exactly if the top bit is 0, and limb + 2^15 −
    // 2^16 is not negative exactly if it is 1. If it is unsigned, limb − 2^16·sign is in range only for sign = 0. So
    // the check determines the sign.
    let flipped = is_signed * B::Expr::from_u32(SIGN) - sign * CELL + limb;
    builder.range(flipped.clone(), CELL_BITS);
    flipped
}

/// Proves `less = (x < c)` for words of 16-bit limbs. The caller proves that `less` is boolean, and that `difference`,
/// the low limb of `x − c` modulo 2^32, has 16 bits.
pub(crate) fn compare<B: CoreBuilder>(
    builder: &mut B,
    [x0, x1]: [B::Expr; 2],
    [c0, c1]: [B::Expr; 2],
    difference: B::Var,
    less: B::Var,
) {
    let borrow = (c0 - x0 + difference) * CELL_INV;
    builder.assert_bool(borrow.clone());
    // Soundness: with both limbs in range, x − c + 2^32·less = difference + 2^16·high holds over the integers, so less
    // is 1 exactly if x − c is negative.
    builder.range(x1 - c1 - borrow + less * CELL, CELL_BITS);
}

/// Values of a comparison's columns.
pub(crate) struct LessThanWitness {
    pub(crate) x_sign: F,
    pub(crate) c_sign: F,
    pub(crate) difference: F,
    pub(crate) less: F,
}

impl LessThanWitness {
    #[inline(always)]
    pub(crate) fn new(x: u32, c: u32, is_signed: bool) -> Self {
        Self {
            x_sign: F::from_bool(is_signed && x.cast_signed() < 0),
            c_sign: F::from_bool(is_signed && c.cast_signed() < 0),
            difference: F::from_u32(limbs(x.wrapping_sub(c))[0]),
            less: F::from_bool(if is_signed { x.cast_signed() < c.cast_signed() } else { x < c }),
        }
    }
}

/// SLT and SLTU.
#[instruction(adapter = Rv32Alu, columns = LessThanCols, opcode = 0x138, computed(write(0)))]
#[derive(PartialEq, Eq)]
pub enum LessThan {
    /// Signed comparison: `rd = 1` if `rs1 < rs2`, else 0.
    #[encode(op, funct3 = 2, funct7 = 0)]
    SLT,
    /// Unsigned comparison: `rd = 1` if `rs1 < rs2`, else 0.
    #[encode(op, funct3 = 3, funct7 = 0)]
    SLTU,
}

/// Columns of [`LessThan`].
#[columns]
pub struct LessThanCols<T> {
    /// Cells of rs1; bound by the memory bus.
    #[read(0)]
    pub x: Word<T>,
    /// Cells of rs2; bound by the memory bus.
    #[read(1)]
    pub c: Word<T>,
    /// Bit 31 of x in a signed comparison, else 0; determined by a range check.
    #[bool]
    pub x_sign: T,
    /// Bit 31 of c in a signed comparison, else 0; determined by a range check.
    #[bool]
    pub c_sign: T,
    /// Low cell of `x − c`; range-checked, and determined by the borrow.
    #[range(16)]
    pub difference: T,
    /// 1 if x is less than c; boolean, and determined by a range check.
    #[bool]
    pub less: T,
    /// Selector of SLT rows: boolean, and part of the opcode that the program lookup fixes.
    #[opcode(LessThan::SLT)]
    pub is_slt: T,
    /// Selector of SLTU rows; like `is_slt`.
    #[opcode(LessThan::SLTU)]
    pub is_sltu: T,
}

#[instruction]
impl Core for LessThan {
    #[inline(always)]
    fn execute(&self, [x, c]: [u32; 2]) -> u32 {
        u32::from(match self {
            Self::SLT => x.cast_signed() < c.cast_signed(),
            Self::SLTU => x < c,
        })
    }

    #[inline(always)]
    fn witness(&self, io: &Io<Self>, cols: &mut LessThanCols<F>) {
        let [x, c] = io.reads;
        let witness = LessThanWitness::new(x, c, *self == Self::SLT);
        cols.x_sign = witness.x_sign;
        cols.c_sign = witness.c_sign;
        cols.difference = witness.difference;
        cols.less = witness.less;
    }

    fn eval<B: CoreBuilder>(&self, builder: &mut B, cols: &LessThanCols<B::Var>) {
        let x_high = order_limb(builder, cols.x[1], cols.x_sign, cols.is_slt.into());
        let c_high = order_limb(builder, cols.c[1], cols.c_sign, cols.is_slt.into());
        compare(builder, [cols.x[0].into(), x_high], [cols.c[0].into(), c_high], cols.difference, cols.less);
    }

    fn write<B: CoreBuilder>(&self, cols: &LessThanCols<B::Var>, _value: usize, _word: usize) -> [B::Expr; 2] {
        [cols.less.into(), B::Expr::ZERO]
    }
}

/// SLTI and SLTIU. The program table contains SLTI's immediate with its sign bit flipped, so only x's must be flipped
/// here.
#[instruction(
    adapter = Rv32AluImm<OrderImmediate>,
    columns = LessThanImmCols,
    opcode = 0x140,
    computed(write(0))
)]
#[derive(PartialEq, Eq)]
pub enum LessThanImm {
    /// Signed comparison with a constant: `rd = 1` if `rs1 < imm`, else 0.
    #[encode(op_imm, funct3 = 2)]
    SLTI,
    /// Unsigned comparison with a sign-extended constant: `rd = 1` if `rs1 < imm`, else 0.
    #[encode(op_imm, funct3 = 3)]
    SLTIU,
}

/// Columns of [`LessThanImm`].
#[columns]
pub struct LessThanImmCols<T> {
    /// Cells of rs1; bound by the memory bus.
    #[read(0)]
    pub x: Word<T>,
    /// Limbs of the immediate, with bit 31 flipped for SLTI; fixed by the program lookup.
    #[read(1)]
    pub imm: Word<T>,
    /// Bit 31 of x in a signed comparison, else 0; determined by a range check.
    #[bool]
    pub x_sign: T,
    /// Low cell of `x − imm`; range-checked, and determined by the borrow.
    #[range(16)]
    pub difference: T,
    /// 1 if x is less than the immediate; boolean, and determined by a range check.
    #[bool]
    pub less: T,
    /// Selector of SLTI rows: boolean, and part of the opcode that the program lookup fixes.
    #[opcode(LessThanImm::SLTI)]
    pub is_slti: T,
    /// Selector of SLTIU rows; like `is_slti`.
    #[opcode(LessThanImm::SLTIU)]
    pub is_sltiu: T,
}

impl LessThanImm {
    /// Returns the immediate of the guest's code: SLTI's sign bit is flipped back.
    #[inline(always)]
    const fn immediate(self, imm: u32) -> u32 {
        match self {
            Self::SLTI => imm ^ (1 << 31),
            Self::SLTIU => imm,
        }
    }
}

#[instruction]
impl Core for LessThanImm {
    #[inline(always)]
    fn execute(&self, [x, imm]: [u32; 2]) -> u32 {
        let imm = self.immediate(imm);
        u32::from(match self {
            Self::SLTI => x.cast_signed() < imm.cast_signed(),
            Self::SLTIU => x < imm,
        })
    }

    #[inline(always)]
    fn witness(&self, io: &Io<Self>, cols: &mut LessThanImmCols<F>) {
        let [x, imm] = io.reads;
        let witness = LessThanWitness::new(x, self.immediate(imm), *self == Self::SLTI);
        cols.x_sign = witness.x_sign;
        cols.difference = witness.difference;
        cols.less = witness.less;
    }

    fn eval<B: CoreBuilder>(&self, builder: &mut B, cols: &LessThanImmCols<B::Var>) {
        let x_high = order_limb(builder, cols.x[1], cols.x_sign, cols.is_slti.into());
        compare(builder, [cols.x[0].into(), x_high], cols.imm.map(Into::into), cols.difference, cols.less);
    }

    fn write<B: CoreBuilder>(&self, cols: &LessThanImmCols<B::Var>, _value: usize, _word: usize) -> [B::Expr; 2] {
        [cols.less.into(), B::Expr::ZERO]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opcodes::register;
    use crate::test_util::pairs;
    use vm_core::instructions::Instruction;
    use vm_core::machine::testing::{Case, check, cost};

    fn case(opcode: LessThan, x: u32, c: u32) -> Case {
        Case::new(Instruction::new(opcode, [register(5), register(6), register(7)]))
            .register(register(5), 0xDEAD_BEEF)
            .register(register(6), x)
            .register(register(7), c)
    }

    /// A case with the operands that a word is decoded to: the top bit of SLTI's high limb is flipped.
    fn case_imm(opcode: LessThanImm, x: u32, imm: u32) -> Case {
        let [low, high] = limbs(imm);
        let high = if opcode == LessThanImm::SLTI { high ^ SIGN } else { high };
        Case::new(Instruction::new(opcode, [register(5), register(6), low, high]))
            .register(register(5), 0xDEAD_BEEF)
            .register(register(6), x)
    }

    /// Returns whether x < c, as signed and as unsigned words.
    fn less(x: u32, c: u32) -> [bool; 2] {
        let signed = |word: u32| i64::from(word) - i64::from(word >> 31) * (1 << 32);
        [signed(x) - signed(c) < 0, i64::from(x) - i64::from(c) < 0]
    }

    fn operands(randoms: usize) -> impl Iterator<Item = (u32, u32)> {
        let near = [(5, 5), (0x1_0005, 5), (5, 0x1_0000), (0x8000_0000, 0x7FFF_FFFF), (0x7FFF_FFFF, 0x8000_0000)];
        near.into_iter().chain(pairs(randoms))
    }

    #[test]
    fn results_are_those_of_wide_arithmetic() {
        for (x, c) in operands(50) {
            let [signed, unsigned] = less(x, c);
            for (opcode, y) in [(LessThan::SLT, signed), (LessThan::SLTU, unsigned)] {
                let outcome = case(opcode, x, c).run::<LessThan>().unwrap();
                assert_eq!(outcome.register(register(5)), u32::from(y), "{opcode:?} {x:#x} {c:#x}");
            }
            for (opcode, y) in [(LessThanImm::SLTI, signed), (LessThanImm::SLTIU, unsigned)] {
                let outcome = case_imm(opcode, x, c).run::<LessThanImm>().unwrap();
                assert_eq!(outcome.register(register(5)), u32::from(y), "{opcode:?} {x:#x} {c:#x}");
            }
        }
    }

    #[test]
    fn register_rows_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<LessThan>(), (20, 40));
        let cases: Vec<_> = [LessThan::SLT, LessThan::SLTU]
            .into_iter()
            .flat_map(|opcode| operands(3).map(move |(x, c)| case(opcode, x, c)))
            .collect();
        check::<LessThan>(&cases).expect(&[], &[]);
    }

    #[test]
    fn immediate_rows_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<LessThanImm>(), (17, 32));
        let cases: Vec<_> = [LessThanImm::SLTI, LessThanImm::SLTIU]
            .into_iter()
            .flat_map(|opcode| operands(3).map(move |(x, c)| case_imm(opcode, x, c)))
            .collect();
        check::<LessThanImm>(&cases).expect(&[], &[]);
    }
}
