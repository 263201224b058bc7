//! LW.

use std::borrow::{Borrow, BorrowMut};

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::{AdapterAirContext, AdapterRuntimeContext, ExecutionResult, VmCoreAir, VmCoreChip};
use vm_core::instructions::{Instruction, VmOpcode};
use vm_core::stark::{F, VmAirBuilder};
use vm_derive::AlignedBorrow;

use crate::adapters::{LoadAdapter, LoadInstruction, LoadInterface, LoadedWord, check_aligned};
use crate::opcodes::LoadWordOpcode;
use crate::support::{air_part, cells, chip, opcode_expr, opcode_name};

/// Columns of [`LoadWordCore`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct LoadWordCols<T> {
    /// Cells of the word, in memory and then in rd; memory bus.
    pub word: [T; 2],
    /// The row is an LW; boolean.
    pub is_valid: T,
}

/// LW: the word is copied, so its cells stay 16-bit.
#[derive(Clone, Copy, Debug, Default)]
pub struct LoadWordCore;

air_part!(LoadWordCore, LoadWordCols, "core", [is_valid]);

chip! {
    /// LW.
    LoadWordChip = "LoadWord": LoadAdapter, LoadWordCore
}

impl<AB: VmAirBuilder> VmCoreAir<AB, LoadInterface> for LoadWordCore {
    fn eval(
        &self,
        builder: &mut AB,
        local: &[AB::Var],
        _from_pc: AB::Var,
    ) -> AdapterAirContext<AB::Expr, LoadInterface> {
        let cols: &LoadWordCols<AB::Var> = local.borrow();
        builder.assert_bool(cols.is_valid);
        AdapterAirContext {
            to_pc: None,
            reads: cols.word.map(Into::into),
            writes: cols.word.map(Into::into),
            instruction: LoadInstruction {
                is_valid: cols.is_valid.into(),
                opcode: opcode_expr(LoadWordOpcode::LW),
                // Soundness: the pointer itself goes to the memory bus, where a misaligned one has no source.
                offset: AB::Expr::ZERO,
            },
        }
    }
}

impl VmCoreChip<LoadInterface> for LoadWordCore {
    /// The word.
    type Record = u32;
    type Air = Self;

    fn air(&self) -> &Self {
        self
    }

    #[inline(always)]
    fn execute_instruction(
        &self,
        _instruction: &Instruction,
        from_pc: u32,
        LoadedWord { pointer, word }: LoadedWord,
    ) -> ExecutionResult<(AdapterRuntimeContext<LoadInterface>, u32)> {
        check_aligned(pointer, 4, from_pc)?;
        Ok((AdapterRuntimeContext::without_pc(word), word))
    }

    fn get_opcode_name(&self, opcode: VmOpcode) -> String {
        opcode_name::<LoadWordOpcode>(opcode)
    }

    #[inline(always)]
    fn generate_trace_row(&self, row: &mut [F], _instruction: &Instruction, _from_pc: u32, record: &u32) {
        let cols: &mut LoadWordCols<F> = row.borrow_mut();
        cols.word = cells(*record);
        cols.is_valid = F::ONE;
    }
}

#[cfg(test)]
mod tests {
    use p3_field::PrimeField32;
    use vm_core::arch::ExecutionError;
    use vm_core::instructions::Instruction;
    use vm_core::system::memory::{MAIN_SPACE, MemoryError};

    use super::*;
    use crate::opcodes::register;
    use crate::support::limbs;
    use crate::test_util::{Case, Guard, Verdict, check, cost};

    fn case(base: u32, immediate: i32, word: u32) -> Case {
        let [low, high] = limbs(immediate as u32);
        Case::new(Instruction::new(LoadWordOpcode::LW, [register(5), register(6), low, high]))
            .register(register(5), 0xDEAD_BEEF)
            .register(register(6), base)
            .memory(MAIN_SPACE, base.wrapping_add(immediate as u32) & !3 & 0x1FFF_FFFF, word)
    }

    /// Base and immediate: carries in the low and the high cell, both ends of memory, wrapping around 2^32.
    const ADDRESSES: [(u32, i32); 8] = [
        (0x1000, 0),
        (0x1000, -4),
        (0x1_0000, -4),
        (0xFFFC, 4),
        (0x1FFF_FFF0, 12),
        (3, -3),
        (0xFFFF_FFFC, 4),
        (0x0020_0401, 2047),
    ];

    #[test]
    fn the_word_at_base_plus_immediate_is_loaded() {
        for (i, (base, immediate)) in ADDRESSES.into_iter().enumerate() {
            let word = 0x89AB_CDEF_u32.rotate_left(i as u32);
            let outcome = case(base, immediate, word).run::<LoadWordChip>().unwrap();
            assert_eq!(outcome.register(register(5)), word, "{base:#x} + {immediate}");
            assert_eq!(outcome.to.pc, 0x1004);
        }
    }

    #[test]
    fn rows_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<LoadWordChip>(), (17, 32));
        let mut cases: Vec<_> = ADDRESSES.into_iter().map(|(base, imm)| case(base, imm, 0x89AB_CDEF)).collect();
        // Into the base register.
        let instruction = Instruction::new(LoadWordOpcode::LW, [register(6), register(6), 8, 0]);
        cases.push(Case::new(instruction).register(register(6), 0x100).memory(MAIN_SPACE, 0x108, 7));
        // Idle: the high cell's range is for pointers that the host refuses, see below.
        check::<LoadWordChip>(&cases).expect(&[], &[Guard::Lookup(3)]);
    }

    #[test]
    fn a_pointer_beyond_the_field_is_not_a_small_one() {
        // base = p + 3: with immediate −3, the pointer is 0 modulo p.
        let [low, high] = cells(F::ORDER_U32 + 3);
        let trial = case(3, -3, 7).trial::<LoadWordChip>();
        let changes = [("adapter.address.base[0]", low), ("adapter.address.base[1]", high)];
        let Verdict::Refused(guards) = trial.with(&changes) else { panic!("accepted") };
        assert!(guards.contains(&Guard::Lookup(3)), "{guards:?}");
        assert!(!guards.iter().any(|guard| matches!(guard, Guard::Constraint(_))));
    }

    #[test]
    fn misaligned_and_out_of_range_pointers_are_errors() {
        for offset in 1..4 {
            let error = case(0x1000 + offset, 0, 0).run::<LoadWordChip>().map(|_| ()).unwrap_err();
            let source = MemoryError::Misaligned { pointer: 0x1000 + offset, width: 4 };
            assert_eq!(*error, ExecutionError::Memory { pc: 0x1000, source });
        }
        for pointer in [0x2000_0000_u32, 0x7800_0000, 0xFFFF_FFFC] {
            let error = case(pointer, 0, 0).run::<LoadWordChip>().map(|_| ()).unwrap_err();
            let source = MemoryError::OutOfRange { space: MAIN_SPACE, pointer, size: 1 << 29 };
            assert_eq!(*error, ExecutionError::Memory { pc: 0x1000, source });
        }
    }
}
