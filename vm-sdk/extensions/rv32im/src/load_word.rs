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
                // Soundness: the pointer is proven to be 4·word, a misaligned one has no witness.
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
