//! SW and REVEAL.

use std::borrow::{Borrow, BorrowMut};

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::{AdapterAirContext, AdapterRuntimeContext, ExecutionResult, VmCoreAir, VmCoreChip};
use vm_core::instructions::{Instruction, VmOpcode};
use vm_core::stark::{F, VmAirBuilder};
use vm_core::system::memory::{MAIN_SPACE, PUBLIC_VALUES_SPACE};
use vm_derive::AlignedBorrow;

use crate::adapters::{StoreAdapter, StoreInstruction, StoreInterface, StoreOperands, StoreReads, check_aligned};
use crate::opcodes::StoreWordOpcode;
use crate::support::{air_part, cells, chip, flag, opcode_expr, opcode_name};

/// Columns of [`StoreWordCore`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct StoreWordCols<T> {
    /// Cells of rs2, which become the word; memory bus.
    pub data: [T; 2],
    /// Cells of the word before; memory bus.
    pub prev: [T; 2],
    /// The row is an SW; boolean, and part of the opcode that the program lookup fixes.
    pub is_sw: T,
    /// The row is a REVEAL; as `is_sw`.
    pub is_reveal: T,
}

/// SW to main memory and REVEAL to the public values: the word is copied, so its cells stay 16-bit.
#[derive(Clone, Copy, Debug, Default)]
pub struct StoreWordCore;

air_part!(StoreWordCore, StoreWordCols, "core", [is_sw, is_reveal]);

chip! {
    /// SW and REVEAL.
    StoreWordChip = "StoreWord": StoreAdapter, StoreWordCore
}

impl<AB: VmAirBuilder> VmCoreAir<AB, StoreInterface> for StoreWordCore {
    fn eval(
        &self,
        builder: &mut AB,
        local: &[AB::Var],
        _from_pc: AB::Var,
    ) -> AdapterAirContext<AB::Expr, StoreInterface> {
        let cols: &StoreWordCols<AB::Var> = local.borrow();
        let is_valid = cols.is_sw + cols.is_reveal;
        builder.assert_bool(cols.is_sw);
        builder.assert_bool(cols.is_reveal);
        builder.assert_bool(is_valid.clone());

        let opcode = opcode_expr::<AB::Expr>(StoreWordOpcode::SW) * cols.is_sw
            + opcode_expr::<AB::Expr>(StoreWordOpcode::REVEAL) * cols.is_reveal;
        // Soundness: the space is a function of the opcode, so no store reaches registers.
        let space = cols.is_sw * F::from_u32(MAIN_SPACE) + cols.is_reveal * F::from_u32(PUBLIC_VALUES_SPACE);
        AdapterAirContext {
            to_pc: None,
            reads: StoreReads { data: cols.data.map(Into::into), prev: cols.prev.map(Into::into) },
            writes: cols.data.map(Into::into),
            instruction: StoreInstruction { is_valid, opcode, space, offset: AB::Expr::ZERO },
        }
    }
}

/// Data and previous word of a store.
#[derive(Clone, Copy, Debug)]
pub struct StoreWordRecord {
    data: u32,
    prev: u32,
}

impl VmCoreChip<StoreInterface> for StoreWordCore {
    type Record = StoreWordRecord;
    type Air = Self;

    fn air(&self) -> &Self {
        self
    }

    #[inline(always)]
    fn execute_instruction(
        &self,
        _instruction: &Instruction,
        from_pc: u32,
        StoreOperands { pointer, data, prev }: StoreOperands,
    ) -> ExecutionResult<(AdapterRuntimeContext<StoreInterface>, StoreWordRecord)> {
        check_aligned(pointer, 4, from_pc)?;
        Ok((AdapterRuntimeContext::without_pc(data), StoreWordRecord { data, prev }))
    }

    fn get_opcode_name(&self, opcode: VmOpcode) -> String {
        opcode_name::<StoreWordOpcode>(opcode)
    }

    #[inline(always)]
    fn generate_trace_row(&self, row: &mut [F], instruction: &Instruction, _from_pc: u32, record: &StoreWordRecord) {
        let cols: &mut StoreWordCols<F> = row.borrow_mut();
        cols.data = cells(record.data);
        cols.prev = cells(record.prev);
        cols.is_sw = flag(instruction, StoreWordOpcode::SW);
        cols.is_reveal = flag(instruction, StoreWordOpcode::REVEAL);
    }
}

#[cfg(test)]
mod tests {
    use p3_field::PrimeField32;
    use vm_core::arch::ExecutionError;
    use vm_core::instructions::Instruction;
    use vm_core::system::memory::MemoryError;

    use super::*;
    use crate::opcodes::register;
    use crate::support::limbs;
    use crate::test_util::{Case, Guard, NUM_PUBLIC_VALUES, Verdict, check, cost};

    fn case(opcode: StoreWordOpcode, base: u32, immediate: i32, data: u32) -> Case {
        let [low, high] = limbs(immediate as u32);
        Case::new(Instruction::new(opcode, [register(5), register(6), low, high]))
            .register(register(5), data)
            .register(register(6), base)
    }

    fn sw(base: u32, immediate: i32, prev: u32, data: u32) -> Case {
        let pointer = base.wrapping_add(immediate as u32) & !3 & 0x1FFF_FFFF;
        case(StoreWordOpcode::SW, base, immediate, data).memory(MAIN_SPACE, pointer, prev)
    }

    #[test]
    fn the_word_goes_to_the_space_of_the_opcode() {
        for (base, immediate) in [(0x1000, 0), (0x1_0000, -4), (0xFFFF_FFFC, 4), (0x1FFF_FFF0, 12)] {
            let outcome = sw(base, immediate, 1, 0x89AB_CDEF).run::<StoreWordChip>().unwrap();
            let pointer = base.wrapping_add(immediate as u32);
            assert_eq!(outcome.memory.peek(MAIN_SPACE, pointer), Ok(0x89AB_CDEF));
        }
        for index in (0..NUM_PUBLIC_VALUES as u32).step_by(4) {
            let outcome = case(StoreWordOpcode::REVEAL, index, 0, 0x89AB_CDEF).run::<StoreWordChip>().unwrap();
            assert_eq!(outcome.memory.peek(PUBLIC_VALUES_SPACE, index), Ok(0x89AB_CDEF));
            assert_eq!(outcome.memory.peek(MAIN_SPACE, index), Ok(0));
        }
    }

    #[test]
    fn rows_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<StoreWordChip>(), (18, 32));
        let mut cases = vec![
            sw(0x1000, 0, 0x7654_3210, 0x89AB_CDEF),
            sw(0x1_0000, -4, u32::MAX, 0),
            sw(0xFFFF_FFFC, 4, 0, u32::MAX),
            sw(3, -3, 1, 2),
            case(StoreWordOpcode::REVEAL, 8, 0, 0x89AB_CDEF),
            case(StoreWordOpcode::REVEAL, 0, 12, 0xFFFF),
        ];
        // The base register is stored.
        let instruction = Instruction::new(StoreWordOpcode::SW, [register(6), register(6), 8, 0]);
        cases.push(Case::new(instruction).register(register(6), 0x100));
        // Idle: both flags at once are refused by the opcode as well; the high cell's range is for pointers that the
        // host refuses, see below.
        check::<StoreWordChip>(&cases).expect(&[], &[Guard::Constraint(2), Guard::Lookup(6)]);
    }

    #[test]
    fn a_pointer_beyond_the_field_is_not_a_small_one() {
        // base = p + 3: with immediate −3, the pointer is 0 modulo p.
        let [low, high] = cells(F::ORDER_U32 + 3);
        let trial = sw(3, -3, 1, 2).trial::<StoreWordChip>();
        let changes = [("adapter.address.base[0]", low), ("adapter.address.base[1]", high)];
        let Verdict::Refused(guards) = trial.with(&changes) else { panic!("accepted") };
        assert!(guards.contains(&Guard::Lookup(6)), "{guards:?}");
        assert!(!guards.iter().any(|guard| matches!(guard, Guard::Constraint(_))));
    }

    #[test]
    fn misaligned_and_out_of_range_pointers_are_errors() {
        let error = |case: Case| *case.run::<StoreWordChip>().map(|_| ()).unwrap_err();
        for opcode in [StoreWordOpcode::SW, StoreWordOpcode::REVEAL] {
            let source = MemoryError::Misaligned { pointer: 18, width: 4 };
            assert_eq!(error(case(opcode, 17, 1, 0)), ExecutionError::Memory { pc: 0x1000, source });
        }
        let source = MemoryError::OutOfRange { space: MAIN_SPACE, pointer: 0x2000_0000, size: 1 << 29 };
        assert_eq!(error(case(StoreWordOpcode::SW, 0x2000_0000, 0, 0)), ExecutionError::Memory { pc: 0x1000, source });
        let index = NUM_PUBLIC_VALUES as u32;
        let expected =
            ExecutionError::PublicValueIndexOutOfBounds { pc: 0x1000, index, num_public_values: NUM_PUBLIC_VALUES };
        assert_eq!(error(case(StoreWordOpcode::REVEAL, index, 0, 0)), expected);
    }
}
