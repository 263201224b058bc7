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
