//! The phantom AIR: advances time by one tick for an instruction with an effect on the host only.

use std::borrow::{Borrow, BorrowMut};
use std::sync::Arc;

use p3_air::{Air, BaseAir, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use vm_derive::AlignedBorrow;

use crate::arch::{
    Chip, ChipTraces, ChipUsageGetter, ExecutionBridge, ExecutionState, GenerationError, PhantomExecutor, TraceContext,
};
use crate::instructions::{LocalOpcode, SystemOpcode};
use crate::primitives::{names_of, width_of};
use crate::stark::{AirRef, F, MachineAir, VmAirBuilder};

/// Columns of the phantom AIR. A row is one phantom instruction.
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct PhantomCols<T> {
    /// Boolean. 1 on rows that hold an instruction.
    pub is_valid: T,
    /// Program counter and timestamp of the instruction. Bound by the execution bus.
    pub from: ExecutionState<T>,
    /// Operands a, b and c of the instruction. Bound by the program table.
    pub operands: [T; 3],
}

/// The phantom AIR.
#[derive(Clone, Copy, Debug, Default)]
pub struct PhantomAir;

impl BaseAir<F> for PhantomAir {
    fn width(&self) -> usize {
        width_of::<PhantomCols<u8>>()
    }
}

impl MachineAir for PhantomAir {
    fn name(&self) -> String {
        "Phantom".to_owned()
    }
    fn column_names(&self) -> Vec<String> {
        names_of::<PhantomCols<u8>>()
    }
    fn selectors(&self) -> Vec<usize> {
        vec![0]
    }
}

impl<AB: VmAirBuilder> Air<AB> for PhantomAir {
    fn eval(&self, builder: &mut AB) {
        let main = builder.main();
        let local: &PhantomCols<AB::Var> = main.current_slice().borrow();
        builder.assert_bool(local.is_valid);
        let opcode = AB::Expr::from_u32(SystemOpcode::PHANTOM.global_opcode().as_u32());
        let operands = local.operands.map(Into::into);
        ExecutionBridge::default().execute(builder, opcode, operands, local.from, None, 1, local.is_valid);
    }
}

/// Chip of phantom instructions.
#[derive(Default)]
pub struct PhantomChip {
    /// Executes the instructions and keeps their records.
    pub executor: PhantomExecutor,
}

impl ChipUsageGetter for PhantomChip {
    fn air_name(&self) -> String {
        PhantomAir.name()
    }
    fn current_trace_height(&self) -> usize {
        self.executor.records().len()
    }
    fn trace_width(&self) -> usize {
        PhantomAir.width()
    }
}

impl Chip for PhantomChip {
    fn air(&self) -> AirRef {
        Arc::new(PhantomAir)
    }

    fn generate_traces(&mut self, ctx: &TraceContext<'_>) -> Result<ChipTraces, GenerationError> {
        let records = self.executor.take_records();
        ChipTraces::fill(ctx, &self.air_name(), PhantomAir.width(), &records, |from, row| {
            let instruction = ctx.instruction(from.pc)?;
            let cols: &mut PhantomCols<F> = row.borrow_mut();
            cols.is_valid = F::ONE;
            cols.from = ExecutionState::new(F::from_u32(from.pc), F::from_u32(from.timestamp));
            cols.operands = [instruction.a, instruction.b, instruction.c].map(F::from_u32);
            Ok(())
        })
    }
}
