//! SLT, SLTU (AIR `LessThan`) and SLTI, SLTIU (AIR `LessThanImm`), and the comparison that branches share.

use std::borrow::{Borrow, BorrowMut};

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::{
    AdapterAirContext, AdapterRuntimeContext, ExecutionResult, MinimalInstruction, RANGE_BUS, VmCoreAir, VmCoreChip,
};
use vm_core::instructions::{Instruction, VmOpcode};
use vm_core::stark::{F, VmAirBuilder};
use vm_derive::AlignedBorrow;

use crate::adapters::{AluAdapter, AluImmAdapter, AluImmInterface, AluInterface, OperandsInstruction};
use crate::opcodes::{LessThanImmOpcode, LessThanOpcode};
use crate::support::{
    CELL, CELL_BITS, CELL_INV, air_part, are_limbs, cells, chip, flag, limbs, local_opcode, opcode_expr, opcode_name,
    word,
};

/// 2^15: the sign bit of a high cell.
const SIGN: u32 = 1 << (CELL_BITS - 1);

/// The high cell of a word with its top bit flipped if `is_signed`, which turns a signed order into the unsigned one.
/// `sign` is the top bit if `is_signed`, else 0.
pub(crate) fn order_limb<AB: VmAirBuilder>(
    builder: &mut AB,
    limb: AB::Var,
    sign: AB::Var,
    is_signed: AB::Expr,
    is_valid: AB::Expr,
) -> AB::Expr {
    builder.assert_bool(sign);
    // Soundness: signed, limb + 2^15 is below 2^16 exactly if the top bit is 0, and limb + 2^15 − 2^16 is not negative
    // exactly if it is 1; unsigned, limb − 2^16·sign is in range only for sign = 0. So the check fixes the sign.
    let flipped = is_signed * AB::Expr::from_u32(SIGN) - sign * CELL + limb;
    RANGE_BUS.query(builder, [flipped.clone(), AB::Expr::from_usize(CELL_BITS)], is_valid);
    flipped
}

/// Proves `less = (x < c)` for words of 16-bit limbs. `difference` is the low limb of `x − c` modulo 2^32.
pub(crate) fn compare<AB: VmAirBuilder>(
    builder: &mut AB,
    [x0, x1]: [AB::Expr; 2],
    [c0, c1]: [AB::Expr; 2],
    difference: AB::Var,
    less: AB::Var,
    is_valid: AB::Expr,
) {
    let borrow = (c0 - x0 + difference) * CELL_INV;
    builder.assert_bool(borrow.clone());
    builder.assert_bool(less);
    // Soundness: x − c + 2^32·less = difference + 2^16·high with both limbs in range is true over the integers, so
    // less is 1 exactly if x − c is negative.
    let high = x1 - c1 - borrow + less * CELL;
    RANGE_BUS.query(builder, [difference.into(), AB::Expr::from_usize(CELL_BITS)], is_valid.clone());
    RANGE_BUS.query(builder, [high, AB::Expr::from_usize(CELL_BITS)], is_valid);
}

/// Values of the columns of a comparison.
pub(crate) struct LessThanWitness {
    pub(crate) x_sign: bool,
    pub(crate) c_sign: bool,
    pub(crate) difference: u32,
    pub(crate) less: bool,
}

impl LessThanWitness {
    #[inline(always)]
    pub(crate) const fn new(x: u32, c: u32, is_signed: bool) -> Self {
        Self {
            x_sign: is_signed && x.cast_signed() < 0,
            c_sign: is_signed && c.cast_signed() < 0,
            difference: limbs(x.wrapping_sub(c))[0],
            less: if is_signed { x.cast_signed() < c.cast_signed() } else { x < c },
        }
    }
}

/// Columns of [`LessThanCore`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct LessThanCols<T> {
    /// Cells of rs1; memory bus.
    pub x: [T; 2],
    /// Cells of rs2; memory bus.
    pub c: [T; 2],
    /// Bit 31 of x in a signed comparison, else 0; fixed by a range check.
    pub x_sign: T,
    /// Bit 31 of c in a signed comparison, else 0; fixed by a range check.
    pub c_sign: T,
    /// Low cell of `x − c`; range-checked, fixed by the borrow.
    pub difference: T,
    /// x is less than c; boolean, fixed by a range check.
    pub less: T,
    /// The row is an SLT; boolean, and part of the opcode that the program lookup fixes.
    pub is_slt: T,
    /// The row is an SLTU; as `is_slt`.
    pub is_sltu: T,
}

/// SLT and SLTU.
#[derive(Clone, Copy, Debug, Default)]
pub struct LessThanCore;

air_part!(LessThanCore, LessThanCols, "core", [is_slt, is_sltu]);

chip! {
    /// SLT and SLTU.
    LessThanChip = "LessThan": AluAdapter, LessThanCore
}

impl<AB: VmAirBuilder> VmCoreAir<AB, AluInterface> for LessThanCore {
    fn eval(
        &self,
        builder: &mut AB,
        local: &[AB::Var],
        _from_pc: AB::Var,
    ) -> AdapterAirContext<AB::Expr, AluInterface> {
        let cols: &LessThanCols<AB::Var> = local.borrow();
        let is_valid = cols.is_slt + cols.is_sltu;
        builder.assert_bool(cols.is_slt);
        builder.assert_bool(cols.is_sltu);
        builder.assert_bool(is_valid.clone());

        let x_high = order_limb(builder, cols.x[1], cols.x_sign, cols.is_slt.into(), is_valid.clone());
        let c_high = order_limb(builder, cols.c[1], cols.c_sign, cols.is_slt.into(), is_valid.clone());
        let (x, c) = ([cols.x[0].into(), x_high], [cols.c[0].into(), c_high]);
        compare(builder, x, c, cols.difference, cols.less, is_valid.clone());

        let opcode = opcode_expr::<AB::Expr>(LessThanOpcode::SLT) * cols.is_slt
            + opcode_expr::<AB::Expr>(LessThanOpcode::SLTU) * cols.is_sltu;
        AdapterAirContext {
            to_pc: None,
            reads: [cols.x, cols.c].map(|word| word.map(Into::into)),
            writes: [cols.less.into(), AB::Expr::ZERO],
            instruction: MinimalInstruction { is_valid, opcode },
        }
    }
}

/// Operands of a comparison.
#[derive(Clone, Copy, Debug)]
pub struct LessThanRecord {
    x: u32,
    c: u32,
}

impl VmCoreChip<AluInterface> for LessThanCore {
    type Record = LessThanRecord;
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
    ) -> ExecutionResult<(AdapterRuntimeContext<AluInterface>, LessThanRecord)> {
        let less = match local_opcode(instruction, from_pc)? {
            LessThanOpcode::SLT => x.cast_signed() < c.cast_signed(),
            LessThanOpcode::SLTU => x < c,
        };
        Ok((AdapterRuntimeContext::without_pc(u32::from(less)), LessThanRecord { x, c }))
    }

    fn get_opcode_name(&self, opcode: VmOpcode) -> String {
        opcode_name::<LessThanOpcode>(opcode)
    }

    #[inline(always)]
    fn generate_trace_row(&self, row: &mut [F], instruction: &Instruction, _from_pc: u32, record: &LessThanRecord) {
        let LessThanRecord { x, c } = *record;
        let cols: &mut LessThanCols<F> = row.borrow_mut();
        cols.is_slt = flag(instruction, LessThanOpcode::SLT);
        cols.is_sltu = flag(instruction, LessThanOpcode::SLTU);
        let witness = LessThanWitness::new(x, c, cols.is_slt == F::ONE);
        cols.x = cells(x);
        cols.c = cells(c);
        cols.x_sign = F::from_bool(witness.x_sign);
        cols.c_sign = F::from_bool(witness.c_sign);
        cols.difference = F::from_u32(witness.difference);
        cols.less = F::from_bool(witness.less);
    }
}

/// Columns of [`LessThanImmCore`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct LessThanImmCols<T> {
    /// Cells of rs1; memory bus.
    pub x: [T; 2],
    /// Limbs of the immediate, for SLTI with bit 31 flipped; program lookup.
    pub imm: [T; 2],
    /// Bit 31 of x in a signed comparison, else 0; fixed by a range check.
    pub x_sign: T,
    /// Low cell of `x − imm`; range-checked, fixed by the borrow.
    pub difference: T,
    /// x is less than the immediate; boolean, fixed by a range check.
    pub less: T,
    /// The row is an SLTI; boolean, and part of the opcode that the program lookup fixes.
    pub is_slti: T,
    /// The row is an SLTIU; as `is_slti`.
    pub is_sltiu: T,
}

/// SLTI and SLTIU. The program table holds SLTI's immediate with its sign bit flipped, so that only x needs that.
#[derive(Clone, Copy, Debug, Default)]
pub struct LessThanImmCore;

air_part!(LessThanImmCore, LessThanImmCols, "core", [is_slti, is_sltiu]);

chip! {
    /// SLTI and SLTIU.
    LessThanImmChip = "LessThanImm": AluImmAdapter, LessThanImmCore
}

impl<AB: VmAirBuilder> VmCoreAir<AB, AluImmInterface> for LessThanImmCore {
    fn eval(
        &self,
        builder: &mut AB,
        local: &[AB::Var],
        _from_pc: AB::Var,
    ) -> AdapterAirContext<AB::Expr, AluImmInterface> {
        let cols: &LessThanImmCols<AB::Var> = local.borrow();
        let is_valid = cols.is_slti + cols.is_sltiu;
        builder.assert_bool(cols.is_slti);
        builder.assert_bool(cols.is_sltiu);
        builder.assert_bool(is_valid.clone());

        let x_high = order_limb(builder, cols.x[1], cols.x_sign, cols.is_slti.into(), is_valid.clone());
        let [c, d] = cols.imm.map(Into::<AB::Expr>::into);
        let (x, imm) = ([cols.x[0].into(), x_high], [c.clone(), d.clone()]);
        compare(builder, x, imm, cols.difference, cols.less, is_valid.clone());

        let opcode = opcode_expr::<AB::Expr>(LessThanImmOpcode::SLTI) * cols.is_slti
            + opcode_expr::<AB::Expr>(LessThanImmOpcode::SLTIU) * cols.is_sltiu;
        AdapterAirContext {
            to_pc: None,
            reads: cols.x.map(Into::into),
            writes: [cols.less.into(), AB::Expr::ZERO],
            instruction: OperandsInstruction { is_valid, opcode, operands: [c, d, AB::Expr::ZERO, AB::Expr::ZERO] },
        }
    }
}

/// The immediate as it stands in the guest's code: SLTI's flipped sign bit is flipped back.
#[inline(always)]
const fn immediate(instruction: &Instruction, is_signed: bool) -> u32 {
    let imm = word(instruction.c, instruction.d);
    if is_signed { imm ^ (1 << 31) } else { imm }
}

impl VmCoreChip<AluImmInterface> for LessThanImmCore {
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
        from_pc: u32,
        x: u32,
    ) -> ExecutionResult<(AdapterRuntimeContext<AluImmInterface>, u32)> {
        let less = match local_opcode(instruction, from_pc)? {
            LessThanImmOpcode::SLTI => x.cast_signed() < immediate(instruction, true).cast_signed(),
            LessThanImmOpcode::SLTIU => x < immediate(instruction, false),
        };
        Ok((AdapterRuntimeContext::without_pc(u32::from(less)), x))
    }

    fn get_opcode_name(&self, opcode: VmOpcode) -> String {
        opcode_name::<LessThanImmOpcode>(opcode)
    }

    #[inline(always)]
    fn generate_trace_row(&self, row: &mut [F], instruction: &Instruction, _from_pc: u32, &x: &u32) {
        let cols: &mut LessThanImmCols<F> = row.borrow_mut();
        cols.is_slti = flag(instruction, LessThanImmOpcode::SLTI);
        cols.is_sltiu = flag(instruction, LessThanImmOpcode::SLTIU);
        let is_signed = cols.is_slti == F::ONE;
        let witness = LessThanWitness::new(x, immediate(instruction, is_signed), is_signed);
        cols.x = cells(x);
        cols.imm = [instruction.c, instruction.d].map(F::from_u32);
        cols.x_sign = F::from_bool(witness.x_sign);
        cols.difference = F::from_u32(witness.difference);
        cols.less = F::from_bool(witness.less);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opcodes::register;
    use crate::test_util::{Case, Guard, check, cost, pairs};

    fn case(opcode: LessThanOpcode, x: u32, c: u32) -> Case {
        Case::new(Instruction::new(opcode, [register(5), register(6), register(7)]))
            .register(register(5), 0xDEAD_BEEF)
            .register(register(6), x)
            .register(register(7), c)
    }

    /// As the transpiler writes it: SLTI's high limb has its top bit flipped.
    fn case_imm(opcode: LessThanImmOpcode, x: u32, imm: u32) -> Case {
        let [low, high] = limbs(imm);
        let high = if opcode == LessThanImmOpcode::SLTI { high ^ SIGN } else { high };
        Case::new(Instruction::new(opcode, [register(5), register(6), low, high]))
            .register(register(5), 0xDEAD_BEEF)
            .register(register(6), x)
    }

    /// x < c as signed and as unsigned words.
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
            for (opcode, y) in [(LessThanOpcode::SLT, signed), (LessThanOpcode::SLTU, unsigned)] {
                let outcome = case(opcode, x, c).run::<LessThanChip>().unwrap();
                assert_eq!(outcome.register(register(5)), u32::from(y), "{opcode:?} {x:#x} {c:#x}");
            }
            for (opcode, y) in [(LessThanImmOpcode::SLTI, signed), (LessThanImmOpcode::SLTIU, unsigned)] {
                let outcome = case_imm(opcode, x, c).run::<LessThanImmChip>().unwrap();
                assert_eq!(outcome.register(register(5)), u32::from(y), "{opcode:?} {x:#x} {c:#x}");
            }
        }
    }

    #[test]
    fn register_rows_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<LessThanChip>(), (20, 40));
        let cases: Vec<_> = [LessThanOpcode::SLT, LessThanOpcode::SLTU]
            .into_iter()
            .flat_map(|opcode| operands(3).map(move |(x, c)| case(opcode, x, c)))
            .collect();
        // Both flags at once: refused by the opcode as well.
        check::<LessThanChip>(&cases).expect(&[], &[Guard::Constraint(2)]);
    }

    #[test]
    fn immediate_rows_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<LessThanImmChip>(), (17, 32));
        let cases: Vec<_> = [LessThanImmOpcode::SLTI, LessThanImmOpcode::SLTIU]
            .into_iter()
            .flat_map(|opcode| operands(3).map(move |(x, c)| case_imm(opcode, x, c)))
            .collect();
        // Both flags at once: refused by the opcode as well.
        check::<LessThanImmChip>(&cases).expect(&[], &[Guard::Constraint(2)]);
    }
}
