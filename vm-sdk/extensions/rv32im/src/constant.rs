//! LUI, AUIPC and JAL: a constant into rd, a constant next pc.

use std::borrow::{Borrow, BorrowMut};

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::authoring::{
    CoreAdapter, CoreInterface, DefaultInstruction, Encoding, InstructionInfo, InstructionSpec,
};
use vm_core::arch::{
    AdapterAirContext, AdapterRuntimeContext, ExecutionResult, ImmInstruction, SystemPort, VmChipWrapper, VmCoreAir,
    VmCoreChip,
};
use vm_core::instructions::{Instruction, LocalOpcode, VmOpcode};
use vm_core::stark::{F, VmAirBuilder};
use vm_derive::{AlignedBorrow, LocalOpcode};

use crate::adapters::{ConstantInterface, Rv32Constant};
use crate::support::{air_part, opcode_name};

/// Instructions that write a constant and continue at a constant pc: `a` = rd, (`b`, `c`) = limbs of the value, `d` =
/// next pc. LUI and AUIPC continue at `pc + 4`; JAL writes `pc + 4` and jumps.
///
/// The chip's core is written by hand: its one opcode column, a number, replaces three flags.
#[allow(clippy::upper_case_acronyms, missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, LocalOpcode)]
#[opcode_offset = 0x158]
pub enum Constant {
    LUI,
    AUIPC,
    JAL,
}

/// Columns of [`ConstantCore`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct ConstantCols<T> {
    /// Limbs of the constant; fixed by the program lookup.
    pub value: [T; 2],
    /// Number of the opcode within its class: 0, 1 or 2, and fixed by the program lookup.
    pub opcode: T,
    /// Selector of used rows; boolean.
    pub is_valid: T,
}

/// Core of LUI, AUIPC and JAL: all three write operands `b` and `c` and continue at operand `d`.
#[derive(Clone, Copy, Debug, Default)]
pub struct ConstantCore;

air_part!(ConstantCore, ConstantCols<u8>, "core", [is_valid]);

/// Executor and chip of [`Constant`].
pub type ConstantChip = VmChipWrapper<Rv32Constant, ConstantCore>;

impl InstructionSpec for Constant {
    type Operands = Rv32Constant;
    type Chip = ConstantChip;
    const NAME: &'static str = "Constant";
    const INSTRUCTIONS: &'static [InstructionInfo] = &[
        info("LUI", "Upper immediate: `rd = imm << 12`.", 0x37),
        info("AUIPC", "Upper immediate relative to the pc: `rd = pc + (imm << 12)`.", 0x17),
        info("JAL", "Jump: continues at `pc + imm`, `rd = pc + 4`.", 0x6f),
    ];
    const OPCODE: Option<u32> = Some(Self::CLASS_OFFSET);

    fn into_chip(self, port: SystemPort, _opcode: u32) -> ConstantChip {
        VmChipWrapper::new(Self::NAME, Rv32Constant::new(port), ConstantCore)
    }
}

/// An instruction that is encoded by its major opcode alone.
const fn info(name: &'static str, summary: &'static str, opcode: u32) -> InstructionInfo {
    InstructionInfo { name, summary, encoding: Some(Encoding::new(0x7f, opcode)), guest: None }
}

impl DefaultInstruction for Constant {
    const VALUE: Self = Self::LUI;
}

impl<AB: VmAirBuilder> VmCoreAir<AB, ConstantInterface> for ConstantCore {
    fn eval(
        &self,
        builder: &mut AB,
        local: &[AB::Var],
        _from_pc: AB::Var,
    ) -> AdapterAirContext<AB::Expr, ConstantInterface> {
        let cols: &ConstantCols<AB::Var> = local.borrow();
        builder.assert_bool(cols.is_valid);
        // Soundness: this restricts the row to the opcodes of this AIR. All three mean the same, so it does not matter
        // which one it is.
        let opcode: AB::Expr = cols.opcode.into();
        builder.assert_zero(opcode.clone() * (opcode.clone() - AB::Expr::ONE) * (opcode.clone() - AB::Expr::TWO));

        // Soundness: the program table contains 16-bit limbs, so the written cells need no range check.
        AdapterAirContext {
            to_pc: None,
            reads: (),
            writes: cols.value.map(Into::into),
            instruction: ImmInstruction {
                is_valid: cols.is_valid.into(),
                opcode: opcode + AB::Expr::from_u32(Constant::CLASS_OFFSET),
                immediate: cols.value.map(Into::into),
            },
        }
    }
}

impl VmCoreChip<ConstantInterface> for ConstantCore {
    /// Empty: the instruction contains everything that the row needs.
    type Record = ();
    type Air = Self;

    fn air(&self) -> &Self {
        self
    }

    #[inline(always)]
    fn execute_instruction(
        &self,
        instruction: &Instruction,
        from_pc: u32,
        value: u32,
    ) -> ExecutionResult<(AdapterRuntimeContext<ConstantInterface>, ())> {
        Ok((ConstantInterface::output(instruction, from_pc, value), ()))
    }

    fn get_opcode_name(&self, opcode: VmOpcode) -> String {
        opcode_name::<Constant>(opcode)
    }

    #[inline(always)]
    fn generate_trace_row(&self, row: &mut [F], instruction: &Instruction, _from_pc: u32, _record: &()) {
        let cols: &mut ConstantCols<F> = row.borrow_mut();
        cols.value = [instruction.b, instruction.c].map(F::from_u32);
        cols.opcode = F::from_u32(instruction.opcode.local(Constant::CLASS_OFFSET));
        cols.is_valid = F::ONE;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opcodes::register;
    use crate::support::limbs;
    use crate::test_util::WORDS;
    use vm_core::machine::testing::{Case, check, cost};

    fn case(opcode: Constant, value: u32, next: u32) -> Case {
        let [low, high] = limbs(value);
        Case::new(Instruction::new(opcode, [register(5), low, high, next])).register(register(5), 0xDEAD_BEEF)
    }

    fn cases() -> impl Iterator<Item = (Case, u32, u32)> {
        let opcodes = Constant::ALL.iter().zip([0x1004, 0x1004, 0x3FFF_FFF8]);
        opcodes.flat_map(|(&opcode, next)| WORDS.map(|value| (case(opcode, value, next), value, next)))
    }

    #[test]
    fn the_constant_is_written_and_the_next_pc_taken() {
        for (case, value, next) in cases() {
            let outcome = case.run::<Constant>().unwrap();
            assert_eq!((outcome.register(register(5)), outcome.to.pc), (value, next));
        }
    }

    #[test]
    fn rows_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<Constant>(), (11, 20));
        let cases: Vec<_> = cases().map(|(case, ..)| case).collect();
        check::<Constant>(&cases).expect(&[], &[]);
    }
}
