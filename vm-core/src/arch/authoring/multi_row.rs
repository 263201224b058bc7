//! Instructions that take several rows, such as the rounds of a hash function.
//!
//! This is the lower of two layers. The core makes its own memory accesses and emits its own messages. The framework keeps
//! the records, spreads the rows over one or several traces without splitting those of a record, fills them in parallel
//! and pads the traces with zero rows. [`RowCore`](super::RowCore) is built on it.

use std::borrow::Cow;
use std::sync::Arc;

use p3_air::{Air, BaseAir, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;

use crate::arch::MemoryController;
use crate::arch::{
    AirPart, Chip, ChipTraces, ChipUsageGetter, ExecutionMode, ExecutionResult, ExecutionState, GenerationError,
    InstructionExecutor, SystemPort, TraceContext, VmState,
};
use crate::instructions::{Instruction, VmOpcode};
use crate::parallel::*;
use crate::stark::{AirRef, AnyAir, F, Instances, MachineAir, VmAirBuilder};

/// Host side of a multi-row instruction.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no semantics",
    note = "write `#[instruction] impl MultiRowCore for {Self} {{ fn execute(&self, …) … }}`"
)]
pub trait MultiRowCore: AirPart {
    /// Record of one execution, from which its rows are filled.
    type Record: Send + Sync;

    /// Returns whether the core can prove this instruction (see [`InstructionExecutor::accepts`]).
    fn accepts(&self, _instruction: &Instruction) -> bool {
        true
    }

    /// Returns how many instances the AIR may have in a proof. By default key generation derives it: an AIR that reads
    /// the next row has a single instance. A core whose rows are [closed](Instances::Closed) may have several: the rows of
    /// an execution are never split.
    fn instances(&self) -> Instances {
        Instances::Derived
    }

    /// Returns why the prover may choose the cell of a column on this row, if it may.
    ///
    /// The generated test calls this method for rows that are not padding. Rows of several kinds share columns, so most
    /// free cells belong to an access that the row does not make.
    fn free_cell(_column: &str, _row: &[F]) -> Option<&'static str> {
        None
    }

    /// Executes the instruction. Returns the next program counter and the record.
    ///
    /// All accesses go through `memory`, and each takes one tick. The record's content is used only if `M::RECORD` is
    /// true, but [`Self::rows`] of the record must be correct in every mode.
    ///
    /// # Errors
    /// Returns why the instruction failed, such as [`ExecutionError::Memory`](crate::arch::ExecutionError::Memory). The
    /// run stops with this error.
    fn execute<M: ExecutionMode>(
        &self,
        memory: &mut MemoryController<M>,
        instruction: &Instruction,
        from: ExecutionState<u32>,
    ) -> ExecutionResult<(u32, Self::Record)>;

    /// Returns the number of rows of an execution, at least 1.
    fn rows(&self, record: &Self::Record) -> usize;

    /// Fills the rows of an execution. `cells` has `rows(record) · width()` cells in row-major order, all zero.
    fn generate_rows(
        &self,
        cells: &mut [F],
        instruction: &Instruction,
        from: ExecutionState<u32>,
        record: &Self::Record,
    );
}

/// Values of the machine that the AIR of a multi-row instruction needs.
#[derive(Clone, Copy, Debug)]
pub struct RowContext {
    /// The system's buses.
    pub port: SystemPort,
    /// The instruction's opcode.
    pub opcode: VmOpcode,
}

/// Constraints of a multi-row instruction.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no constraints",
    note = "write `#[instruction] impl<AB: VmAirBuilder> MultiRowAir<AB> for {Self} {{ fn eval(&self, …) … }}`"
)]
pub trait MultiRowAir<AB: VmAirBuilder>: AirPart {
    /// Constrains a row and the transition to the next one.
    ///
    /// Soundness: padding rows are all zero. On the last row, `next` may be anything, so what reads it must be multiplied
    /// by the transition selector (`builder.when_transition()`), and the AIR itself must prove that the first row
    /// continues nothing and that the last row is not continued. It must also prove that the rows of one instruction
    /// belong together and that they make exactly one step of execution.
    fn eval(&self, builder: &mut AB, context: &RowContext, local: &[AB::Var], next: &[AB::Var]);
}

/// AIR of a [`MultiRowCore`].
#[derive(Clone, Debug)]
pub struct MultiRowAirWrapper<C> {
    name: Cow<'static, str>,
    core: C,
    context: RowContext,
}

impl<C: AirPart> BaseAir<F> for MultiRowAirWrapper<C> {
    fn width(&self) -> usize {
        self.core.width()
    }
}

impl<C: MultiRowCore> MachineAir for MultiRowAirWrapper<C> {
    fn name(&self) -> String {
        self.name.to_string()
    }
    fn column_names(&self) -> Vec<String> {
        self.core.column_names()
    }
    fn selectors(&self) -> Vec<usize> {
        self.core.selectors()
    }
    fn instances(&self) -> Instances {
        self.core.instances()
    }
}

impl<AB: VmAirBuilder, C: MultiRowAir<AB>> Air<AB> for MultiRowAirWrapper<C> {
    fn eval(&self, builder: &mut AB) {
        let main = builder.main();
        self.core.eval(builder, &self.context, main.current_slice(), main.next_slice());
    }
}

/// One executed instruction.
struct Entry<R> {
    from: ExecutionState<u32>,
    record: R,
}

/// Executor and chip of a [`MultiRowCore`].
pub struct MultiRowChip<C: MultiRowCore> {
    name: Cow<'static, str>,
    core: C,
    context: RowContext,
    opcode_name: &'static str,
    entries: Vec<Entry<C::Record>>,
    height: usize,
    /// Largest number of rows of one execution.
    longest: usize,
}

impl<C: MultiRowCore> MultiRowChip<C> {
    /// Creates a chip without records. `name` is the name of its AIR, `opcode_name` that of its instruction.
    pub fn new(name: impl Into<Cow<'static, str>>, core: C, context: RowContext, opcode_name: &'static str) -> Self {
        Self { name: name.into(), core, context, opcode_name, entries: Vec::new(), height: 0, longest: 1 }
    }
}

impl<C: MultiRowCore> InstructionExecutor for MultiRowChip<C> {
    // Takes much longer than a call.
    #[inline(never)]
    fn execute<M: ExecutionMode>(
        &mut self,
        vm: &mut VmState<M>,
        instruction: &Instruction,
        from: ExecutionState<u32>,
    ) -> ExecutionResult<ExecutionState<u32>> {
        let (to_pc, record) = self.core.execute(&mut vm.memory, instruction, from)?;
        if M::METERED {
            vm.memory.mode.add_more_rows(self.core.rows(&record) - 1);
        }
        if M::RECORD {
            let rows = self.core.rows(&record);
            self.height += rows;
            self.longest = self.longest.max(rows);
            self.entries.push(Entry { from, record });
        }
        Ok(ExecutionState::new(to_pc, vm.memory.timestamp()))
    }

    fn accepts(&self, instruction: &Instruction) -> bool {
        self.core.accepts(instruction)
    }

    fn get_opcode_name(&self, opcode: VmOpcode) -> String {
        if opcode == self.context.opcode { self.opcode_name.to_owned() } else { opcode.to_string() }
    }
}

impl<C: MultiRowCore> ChipUsageGetter for MultiRowChip<C> {
    fn air_name(&self) -> String {
        self.name.to_string()
    }
    fn current_trace_height(&self) -> usize {
        self.height
    }
    fn trace_width(&self) -> usize {
        self.core.width()
    }
}

impl<C: MultiRowCore> Chip for MultiRowChip<C>
where
    MultiRowAirWrapper<C>: AnyAir,
{
    fn air(&self) -> AirRef {
        Arc::new(MultiRowAirWrapper { name: self.name.clone(), core: self.core.clone(), context: self.context })
    }

    fn generate_traces(&mut self, ctx: &TraceContext<'_>) -> Result<ChipTraces, GenerationError> {
        let entries = std::mem::take(&mut self.entries);
        let rows = std::mem::take(&mut self.height);
        let longest = std::mem::replace(&mut self.longest, 1);
        let is_closed = self.core.instances() == Instances::Closed;
        let split = if is_closed { ctx.split } else { ctx.split.with_max_instances(1) };
        let exceeded = || GenerationError::TraceHeightsLimitExceeded {
            air: self.name.to_string(),
            height: rows,
            limit: split.max_instances << split.max_log_height,
        };
        let heights = split.heights_of_groups(rows, longest).ok_or_else(exceeded)?;
        let width = self.core.width();
        let mut traces: Vec<Vec<F>> = heights.iter().map(|height| F::zero_vec(height * width)).collect();
        // Rows of an execution stay together, in the first instance that has room for them.
        let mut free: Vec<&mut [F]> = traces.iter_mut().map(Vec::as_mut_slice).collect();
        let mut groups = Vec::with_capacity(entries.len());
        for entry in &entries {
            let cells = self.core.rows(&entry.record) * width;
            let instance = free.iter_mut().find(|free| free.len() >= cells).ok_or_else(exceeded)?;
            let (group, rest) = std::mem::take(instance).split_at_mut(cells);
            *instance = rest;
            groups.push((group, entry));
        }
        groups.into_par_iter().try_for_each(|(group, Entry { from, record })| {
            self.core.generate_rows(group, ctx.instruction(from.pc)?, *from, record);
            Ok::<_, GenerationError>(())
        })?;
        let traces = traces.into_iter().map(|values| RowMajorMatrix::new(values, width)).collect();
        Ok(ChipTraces { traces, public_values: Vec::new() })
    }
}
