//! The phantom AIR: one step of time for an instruction whose effect is on the host only.

use std::borrow::{Borrow, BorrowMut};
use std::sync::Arc;

use p3_air::{Air, BaseAir, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use vm_derive::AlignedBorrow;

use crate::arch::{
    Chip, ChipTraces, ChipUsageGetter, ExecutionBridge, ExecutionError, ExecutionMode, ExecutionResult, ExecutionState,
    GenerationError, PhantomSubExecutor, TraceContext, VmState, split_heights,
};
use crate::instructions::{Instruction, LocalOpcode, PC_STEP, SystemOpcode};
use crate::primitives::{names_of, width_of};
use crate::stark::{AirRef, F, MachineAir, VmAirBuilder};

/// Columns of one phantom instruction.
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct PhantomCols<T> {
    /// Row is an instruction. Boolean.
    pub is_valid: T,
    /// Bound by the execution bus.
    pub from: ExecutionState<T>,
    /// Bound by the program table.
    pub operands: [T; 3],
}

/// Phantom AIR.
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

/// Executes phantom instructions through the extensions' sub-executors.
#[derive(Default)]
pub struct PhantomChip {
    sub_executors: Vec<(u16, Box<dyn PhantomSubExecutor>)>,
    records: Vec<ExecutionState<u32>>,
}

impl PhantomChip {
    /// A chip with the given sub-executors.
    pub fn new(sub_executors: Vec<(u16, Box<dyn PhantomSubExecutor>)>) -> Self {
        Self { sub_executors, records: Vec::new() }
    }

    /// Executes one phantom instruction.
    pub fn execute<M: ExecutionMode>(
        &mut self,
        vm: &mut VmState<M>,
        instruction: &Instruction,
        from: ExecutionState<u32>,
    ) -> ExecutionResult<ExecutionState<u32>> {
        let discriminant = instruction.c as u16;
        let Some((_, sub)) = self.sub_executors.iter().find(|(d, _)| *d == discriminant) else {
            return Err(Box::new(ExecutionError::PhantomNotFound { pc: from.pc, discriminant }));
        };
        sub.execute(vm.memory.memory(), &mut vm.streams, &mut vm.rng, instruction, from.pc)?;
        // Soundness (M2): the instruction takes one tick although it accesses nothing.
        vm.memory.tick();
        vm.memory.mode.add_phantom();
        if M::RECORD {
            self.records.push(from);
        }
        Ok(ExecutionState::new(from.pc.wrapping_add(PC_STEP), vm.memory.timestamp()))
    }
}

impl ChipUsageGetter for PhantomChip {
    fn air_name(&self) -> String {
        PhantomAir.name()
    }
    fn current_trace_height(&self) -> usize {
        self.records.len()
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
        let records = std::mem::take(&mut self.records);
        let width = PhantomAir.width();
        let mut rest = records.as_slice();
        let mut traces = Vec::new();
        for height in split_heights(records.len(), ctx.max_log_height, ctx.max_instances) {
            let (rows, tail) = rest.split_at(height.min(rest.len()));
            rest = tail;
            let mut values = F::zero_vec(height * width);
            for (row, from) in values.chunks_exact_mut(width).zip(rows) {
                let instruction = ctx.instruction(from.pc)?;
                let cols: &mut PhantomCols<F> = row.borrow_mut();
                cols.is_valid = F::ONE;
                cols.from = ExecutionState::new(F::from_u32(from.pc), F::from_u32(from.timestamp));
                cols.operands = [instruction.a, instruction.b, instruction.c].map(F::from_u32);
            }
            traces.push(RowMajorMatrix::new(values, width));
        }
        if !rest.is_empty() {
            return Err(GenerationError::TraceHeightsLimitExceeded {
                air: self.air_name(),
                height: records.len(),
                limit: ctx.max_instances << ctx.max_log_height,
            });
        }
        Ok(ChipTraces { traces, public_values: Vec::new() })
    }
}
