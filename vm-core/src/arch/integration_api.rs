//! The chip framework: a chip is made of an adapter and a core. The adapter accesses memory and connects the row to the
//! program and to the execution; the core computes.
//!
//! `VmChipWrapper<Adapter, Core>` is an executor and a chip, and `VmAirWrapper<AdapterAir, CoreAir>` is its AIR. A row
//! consists of the adapter's columns followed by the core's columns. The framework calls the adapter's reads, the core
//! and the adapter's writes in this order, fills the rows in parallel, and pads the trace with all-zero rows.

use std::borrow::{Borrow, Cow};
use std::sync::Arc;

use p3_air::{Air, BaseAir, WindowAccess};

use crate::instructions::{Instruction, VmOpcode};
use crate::stark::{AirRef, F, MachineAir, VmAirBuilder, origin_scope};

use super::chip::{Chip, ChipTraces, ChipUsageGetter, GenerationError, TraceContext, no_record};
use super::execution::{
    ExecutionMode, ExecutionResult, ExecutionState, InstructionExecutor, MemoryController, Streams, VmState,
};
use super::samples::Samples;

/// Types of the values that an adapter and a core exchange, on the host and in the AIR.
pub trait VmAdapterInterface: 'static {
    /// Values read, on the host; usually `[u32; N]`, one `u32` per word.
    type HostReads: Copy + Send + Sync;
    /// Values written, on the host.
    type HostWrites: Copy + Send + Sync;
    /// Expressions of the values read, in the AIR; usually `[[T; 2]; N]`, two 16-bit cells per word.
    type Reads<T>;
    /// Expressions of the values written, in the AIR.
    type Writes<T>;
    /// Expressions for the lookup of the instruction, such as `is_valid`, the opcode and immediates.
    type ProcessedInstruction<T>;
}

/// Output of a core for its adapter, on the host.
#[derive(Clone, Copy, Debug)]
pub struct AdapterRuntimeContext<I: VmAdapterInterface> {
    /// Next program counter; `None` means `pc + 4`.
    pub to_pc: Option<u32>,
    /// Values to write.
    pub writes: I::HostWrites,
}

impl<I: VmAdapterInterface> AdapterRuntimeContext<I> {
    /// Creates an output that continues at the next instruction.
    #[inline(always)]
    pub const fn without_pc(writes: I::HostWrites) -> Self {
        Self { to_pc: None, writes }
    }
}

/// Output of a core for its adapter, in the AIR.
pub struct AdapterAirContext<T, I: VmAdapterInterface> {
    /// Next program counter; `None` means `pc + 4`.
    pub to_pc: Option<T>,
    /// Expressions of the values read.
    pub reads: I::Reads<T>,
    /// Expressions of the values written.
    pub writes: I::Writes<T>,
    /// Expressions for the lookup of the instruction.
    pub instruction: I::ProcessedInstruction<T>,
}

/// Host side of an adapter: the register and memory accesses of an instruction.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an adapter",
    note = "use an adapter of the library, such as `Rv32Alu`, or implement `VmAdapterChip` (for annotated instructions also \
            `CoreAdapter`)"
)]
pub trait VmAdapterChip: Send + Sync + 'static {
    /// Record of the reads, for filling the trace.
    type ReadRecord: Copy + Send + Sync;
    /// Record of the writes, for filling the trace.
    type WriteRecord: Copy + Send + Sync;
    /// Interface between the adapter and the core.
    type Interface: VmAdapterInterface;
    /// Adapter's part of the AIR.
    type Air: AirPart;

    /// Returns the adapter's part of the AIR.
    fn air(&self) -> &Self::Air;

    /// Returns whether the adapter can prove this instruction (see [`InstructionExecutor::accepts`]).
    fn accepts(&self, _instruction: &Instruction) -> bool {
        true
    }

    /// Performs the instruction's reads, and takes the hints that it reads from the streams.
    ///
    /// # Errors
    /// Returns why a read failed, such as [`ExecutionError::Memory`](super::ExecutionError::Memory). The run stops with
    /// this error.
    fn preprocess<M: ExecutionMode>(
        &self,
        memory: &mut MemoryController<M>,
        streams: &mut Streams,
        instruction: &Instruction,
        from_pc: u32,
    ) -> ExecutionResult<(<Self::Interface as VmAdapterInterface>::HostReads, Self::ReadRecord)>;

    /// Performs the instruction's writes.
    ///
    /// # Errors
    /// Returns why a write failed, such as [`ExecutionError::Memory`](super::ExecutionError::Memory). The run stops
    /// with this error.
    fn postprocess<M: ExecutionMode>(
        &self,
        memory: &mut MemoryController<M>,
        instruction: &Instruction,
        from_pc: u32,
        output: AdapterRuntimeContext<Self::Interface>,
        read_record: &Self::ReadRecord,
    ) -> ExecutionResult<Self::WriteRecord>;

    /// Fills the adapter's columns of one row; all cells are zero before.
    fn generate_trace_row(
        &self,
        row: &mut [F],
        instruction: &Instruction,
        from: ExecutionState<u32>,
        read_record: &Self::ReadRecord,
        write_record: &Self::WriteRecord,
    );
}

/// Host side of a core: computes the writes from the reads, and fills the core's columns.
pub trait VmCoreChip<I: VmAdapterInterface>: Send + Sync + 'static {
    /// Record of the computation, for filling the trace.
    type Record: Copy + Send + Sync;
    /// Core's part of the AIR.
    type Air: AirPart;

    /// Returns the core's part of the AIR.
    fn air(&self) -> &Self::Air;

    /// Returns whether the core can prove this instruction (see [`InstructionExecutor::accepts`]).
    fn accepts(&self, _instruction: &Instruction) -> bool {
        true
    }

    /// Computes the values to write from those that were read. This is the only definition of the instruction's
    /// semantics.
    ///
    /// # Errors
    /// Returns why the instruction traps, such as [`ExecutionError::Fail`](super::ExecutionError::Fail). The run stops
    /// with this error.
    fn execute_instruction(
        &self,
        instruction: &Instruction,
        from_pc: u32,
        reads: I::HostReads,
    ) -> ExecutionResult<(AdapterRuntimeContext<I>, Self::Record)>;

    /// Returns the name of an opcode, for reports.
    fn get_opcode_name(&self, opcode: VmOpcode) -> String;

    /// Returns random values to read in generated tests (see [`InstructionExecutor::sample_reads`]).
    fn sample_reads(&self, _opcode: VmOpcode, _samples: &mut Samples) -> Option<Vec<Vec<u32>>> {
        None
    }

    /// Fills the core's columns of one row; all cells are zero before.
    fn generate_trace_row(&self, row: &mut [F], instruction: &Instruction, from_pc: u32, record: &Self::Record);
}

/// A part of an AIR: some adjacent columns with their constraints.
pub trait AirPart: Clone + Send + Sync + 'static {
    /// Returns the number of columns.
    fn width(&self) -> usize;
    /// Returns one name per column.
    fn column_names(&self) -> Vec<String>;
    /// Returns the indices of the selectors, counted from the part's first column (see [`MachineAir::selectors`]).
    fn selectors(&self) -> Vec<usize> {
        Vec::new()
    }
}

/// Constraints of an adapter, and its messages on the program, execution and memory buses.
pub trait VmAdapterAir<AB: VmAirBuilder>: AirPart {
    /// Interface between the adapter and the core.
    type Interface: VmAdapterInterface;

    /// Emits the constraints and messages of a row. `local` has the adapter's columns; `ctx` is the core's output.
    fn eval(&self, builder: &mut AB, local: &[AB::Var], ctx: AdapterAirContext<AB::Expr, Self::Interface>);

    /// Returns the column with the program counter of the row's instruction.
    fn get_from_pc(&self, local: &[AB::Var]) -> AB::Var;
}

/// Constraints of a core.
pub trait VmCoreAir<AB: VmAirBuilder, I: VmAdapterInterface>: AirPart {
    /// Emits the constraints of a row and returns the core's output for the adapter. `local` has the core's columns;
    /// `from_pc` is the program counter of the row's instruction.
    fn eval(&self, builder: &mut AB, local: &[AB::Var], from_pc: AB::Var) -> AdapterAirContext<AB::Expr, I>;
}

/// AIR made of the parts of an adapter and a core.
#[derive(Clone, Debug)]
pub struct VmAirWrapper<A, C> {
    /// Name of the AIR.
    pub name: Cow<'static, str>,
    /// Adapter's part.
    pub adapter: A,
    /// Core's part.
    pub core: C,
}

impl<A: AirPart, C: AirPart> BaseAir<F> for VmAirWrapper<A, C> {
    fn width(&self) -> usize {
        self.adapter.width() + self.core.width()
    }
}

impl<A: AirPart, C: AirPart> MachineAir for VmAirWrapper<A, C> {
    fn name(&self) -> String {
        self.name.to_string()
    }

    fn column_names(&self) -> Vec<String> {
        let mut names = self.adapter.column_names();
        names.extend(self.core.column_names());
        names
    }

    fn selectors(&self) -> Vec<usize> {
        let offset = self.adapter.width();
        self.adapter.selectors().into_iter().chain(self.core.selectors().into_iter().map(|i| i + offset)).collect()
    }
}

impl<AB, A, C> Air<AB> for VmAirWrapper<A, C>
where
    AB: VmAirBuilder,
    A: VmAdapterAir<AB>,
    C: VmCoreAir<AB, A::Interface>,
{
    fn eval(&self, builder: &mut AB) {
        let main = builder.main();
        let local = main.current_slice();
        let (adapter, core) = local.split_at(self.adapter.width());
        let origin = origin_scope::<AB>("core");
        let ctx = self.core.eval(builder, core, self.adapter.get_from_pc(adapter));
        drop(origin);
        let _origin = origin_scope::<AB>("adapter");
        self.adapter.eval(builder, adapter, ctx);
    }
}

/// Record of one executed instruction, from which its row is filled.
#[derive(Clone, Copy, Debug)]
struct Record<R, W, C> {
    from: ExecutionState<u32>,
    read: R,
    write: W,
    core: C,
}

/// Chip and executor made of an adapter and a core.
pub struct VmChipWrapper<A: VmAdapterChip, C: VmCoreChip<A::Interface>> {
    name: Cow<'static, str>,
    adapter: A,
    core: C,
    records: Vec<RecordOf<A, C>>,
    /// Records of instructions that fused rows prove.
    set_aside: Vec<RecordOf<A, C>>,
}

type RecordOf<A, C> = Record<
    <A as VmAdapterChip>::ReadRecord,
    <A as VmAdapterChip>::WriteRecord,
    <C as VmCoreChip<<A as VmAdapterChip>::Interface>>::Record,
>;

impl<A: VmAdapterChip, C: VmCoreChip<A::Interface>> VmChipWrapper<A, C> {
    /// Creates a chip without records. `name` is the name of its AIR.
    pub fn new(name: impl Into<Cow<'static, str>>, adapter: A, core: C) -> Self {
        Self { name: name.into(), adapter, core, records: Vec::new(), set_aside: Vec::new() }
    }

    /// Makes room for three times as many records again.
    ///
    /// If the capacity only doubled each time, copying records to the new allocation would take a fifth of the time of
    /// a preflight run. Allocated memory that is not used yet costs nothing.
    #[cold]
    #[inline(never)]
    fn grow(&mut self) {
        self.records.reserve(3 * self.records.len() + 1024);
    }

    fn air_wrapper(&self) -> VmAirWrapper<A::Air, C::Air> {
        VmAirWrapper { name: self.name.clone(), adapter: self.adapter.air().clone(), core: self.core.air().clone() }
    }

    fn width(&self) -> usize {
        self.adapter.air().width() + self.core.air().width()
    }

    fn fill_row(&self, ctx: &TraceContext<'_>, record: &RecordOf<A, C>, row: &mut [F]) -> Result<(), GenerationError> {
        let instruction = ctx.instruction(record.from.pc)?;
        let (adapter, core) = row.split_at_mut(self.adapter.air().width());
        self.adapter.generate_trace_row(adapter, instruction, record.from, &record.read, &record.write);
        self.core.generate_trace_row(core, instruction, record.from.pc, &record.core);
        Ok(())
    }
}

/// Largest size in bytes of the words that an instruction reads or writes, for which it is a part of the interpreter's loop.
/// Instructions on longer operands are called: they take much longer than a call, and a loop that contains them all takes
/// minutes to compile.
const INLINED: usize = 16;

impl<A: VmAdapterChip, C: VmCoreChip<A::Interface>> VmChipWrapper<A, C> {
    const IS_INLINED: bool = size_of::<<A::Interface as VmAdapterInterface>::HostReads>() <= INLINED
        && size_of::<<A::Interface as VmAdapterInterface>::HostWrites>() <= INLINED;

    #[inline(never)]
    fn execute_called<M: ExecutionMode>(
        &mut self,
        vm: &mut VmState<M>,
        instruction: &Instruction,
        from: ExecutionState<u32>,
    ) -> ExecutionResult<ExecutionState<u32>> {
        self.execute_inlined(vm, instruction, from)
    }

    #[inline(always)]
    fn execute_inlined<M: ExecutionMode>(
        &mut self,
        vm: &mut VmState<M>,
        instruction: &Instruction,
        from: ExecutionState<u32>,
    ) -> ExecutionResult<ExecutionState<u32>> {
        // These matches replace `?`, which would move the values as a block. That needs a wide load of values that
        // narrow stores have just written, and such a load stalls for longer than the whole instruction takes.
        let (reads, read) = match self.adapter.preprocess(&mut vm.memory, &mut vm.streams, instruction, from.pc) {
            Ok((reads, read)) => (reads, read),
            Err(error) => return Err(error),
        };
        let (output, core) = match self.core.execute_instruction(instruction, from.pc, reads) {
            Ok((output, core)) => (output, core),
            Err(error) => return Err(error),
        };
        let to_pc = output.to_pc.unwrap_or_else(|| from.pc.wrapping_add(crate::instructions::PC_STEP));
        let write = self.adapter.postprocess(&mut vm.memory, instruction, from.pc, output, &read)?;
        if M::RECORD {
            if self.records.len() == self.records.capacity() {
                self.grow();
            }
            self.records.push(Record { from, read, write, core });
        }
        Ok(ExecutionState::new(to_pc, vm.memory.timestamp()))
    }
}

impl<A: VmAdapterChip, C: VmCoreChip<A::Interface>> InstructionExecutor for VmChipWrapper<A, C> {
    #[inline(always)]
    fn execute<M: ExecutionMode>(
        &mut self,
        vm: &mut VmState<M>,
        instruction: &Instruction,
        from: ExecutionState<u32>,
    ) -> ExecutionResult<ExecutionState<u32>> {
        if Self::IS_INLINED {
            self.execute_inlined(vm, instruction, from)
        } else {
            self.execute_called(vm, instruction, from)
        }
    }

    fn accepts(&self, instruction: &Instruction) -> bool {
        self.adapter.accepts(instruction) && self.core.accepts(instruction)
    }

    fn get_opcode_name(&self, opcode: VmOpcode) -> String {
        self.core.get_opcode_name(opcode)
    }

    fn sample_reads(&self, opcode: VmOpcode, samples: &mut Samples) -> Option<Vec<Vec<u32>>> {
        self.core.sample_reads(opcode, samples)
    }
}

impl<A: VmAdapterChip, C: VmCoreChip<A::Interface>> ChipUsageGetter for VmChipWrapper<A, C> {
    fn air_name(&self) -> String {
        self.name.to_string()
    }
    fn current_trace_height(&self) -> usize {
        self.records.len()
    }
    fn trace_width(&self) -> usize {
        self.width()
    }
}

impl<A, C> Chip for VmChipWrapper<A, C>
where
    A: VmAdapterChip,
    C: VmCoreChip<A::Interface>,
    VmAirWrapper<A::Air, C::Air>: crate::stark::AnyAir,
{
    fn air(&self) -> AirRef {
        Arc::new(self.air_wrapper())
    }

    fn generate_traces(&mut self, ctx: &TraceContext<'_>) -> Result<ChipTraces, GenerationError> {
        let records = std::mem::take(&mut self.records);
        ChipTraces::fill(ctx, &self.name, self.width(), &records, |record, row| self.fill_row(ctx, record, row))
    }

    fn can_set_aside(&self) -> bool {
        true
    }

    fn set_aside(&mut self, is_fused: &mut dyn FnMut(u32) -> bool) -> usize {
        let fused = self.records.extract_if(.., |record| is_fused(record.from.timestamp));
        self.set_aside.extend(fused);
        self.set_aside.len()
    }

    fn fill_set_aside(&self, ctx: &TraceContext<'_>, index: usize, row: &mut [F]) -> Result<(), GenerationError> {
        let record = self.set_aside.get(index).ok_or_else(|| no_record(&self.name, index))?;
        self.fill_row(ctx, record, row)
    }
}

/// Instruction expressions that suffice for most adapters: `is_valid` and the opcode.
pub struct MinimalInstruction<T> {
    /// Boolean: 1 if the row is an instruction, 0 on padding rows.
    pub is_valid: T,
    /// Opcode of the instruction in this machine.
    pub opcode: T,
}

/// Like [`MinimalInstruction`], with an immediate in addition.
pub struct ImmInstruction<T> {
    /// Boolean: 1 if the row is an instruction, 0 on padding rows.
    pub is_valid: T,
    /// Opcode of the instruction in this machine.
    pub opcode: T,
    /// 16-bit limbs of the immediate, low limb first: operands in the program table.
    pub immediate: [T; 2],
}

/// Views a slice of cells as a column struct.
///
/// # Panics
/// Panics unless the slice has exactly as many cells as the struct has columns.
#[inline(always)]
pub fn columns<C, T>(cells: &[T]) -> &C
where
    [T]: Borrow<C>,
{
    cells.borrow()
}
