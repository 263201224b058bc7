//! The chip framework: an adapter speaks to memory, program and execution; a core computes.
//!
//! `VmChipWrapper<Adapter, Core>` is an executor and a chip; `VmAirWrapper<AdapterAir, CoreAir>` its AIR. A row is the
//! adapter's columns followed by the core's. The framework owns padding (an all-zero row), the parallel filling of
//! rows and the order of accesses.

use std::borrow::{Borrow, Cow};
use std::sync::Arc;

use p3_air::{Air, BaseAir, WindowAccess};

use crate::instructions::{Instruction, VmOpcode};
use crate::stark::{AirRef, F, MachineAir, VmAirBuilder, origin_scope};

use super::chip::{Chip, ChipTraces, ChipUsageGetter, GenerationError, TraceContext};
use super::execution::{
    ExecutionMode, ExecutionResult, ExecutionState, InstructionExecutor, MemoryController, VmState,
};

/// What an adapter hands to a core and takes from it, on the host and in the AIR.
pub trait VmAdapterInterface: 'static {
    /// Values read, on the host (usually `[u32; N]`, one word each).
    type HostReads: Copy + Send + Sync;
    /// Values to write, on the host.
    type HostWrites: Copy + Send + Sync;
    /// Expressions read, in the AIR (usually `[[T; 2]; N]`, two 16-bit cells per word).
    type Reads<T>;
    /// Expressions to write.
    type Writes<T>;
    /// What the core tells about the instruction: `is_valid`, opcode, immediates.
    type ProcessedInstruction<T>;
}

/// What a core returns on the host. `to_pc: None` means the next instruction.
#[derive(Clone, Copy, Debug)]
pub struct AdapterRuntimeContext<I: VmAdapterInterface> {
    /// Next program counter, if it is not `pc + 4`.
    pub to_pc: Option<u32>,
    /// Values to write.
    pub writes: I::HostWrites,
}

impl<I: VmAdapterInterface> AdapterRuntimeContext<I> {
    /// Continues at the next instruction.
    #[inline(always)]
    pub const fn without_pc(writes: I::HostWrites) -> Self {
        Self { to_pc: None, writes }
    }
}

/// What a core tells its adapter in the AIR. `to_pc: None` means the next instruction.
pub struct AdapterAirContext<T, I: VmAdapterInterface> {
    /// Next program counter, if it is not `pc + 4`.
    pub to_pc: Option<T>,
    /// Values read.
    pub reads: I::Reads<T>,
    /// Values written.
    pub writes: I::Writes<T>,
    /// Instruction.
    pub instruction: I::ProcessedInstruction<T>,
}

/// Host side of an adapter: register and memory accesses of an instruction.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an adapter",
    note = "use an adapter of the library, such as `Rv32Alu`, or implement `VmAdapterChip` (for annotated instructions also \
            `CoreAdapter`)"
)]
pub trait VmAdapterChip: Send + Sync + 'static {
    /// What the reads leave for the trace.
    type ReadRecord: Copy + Send + Sync;
    /// What the writes leave for the trace.
    type WriteRecord: Copy + Send + Sync;
    /// Interface to the core.
    type Interface: VmAdapterInterface;
    /// The AIR.
    type Air: AirPart;

    /// The AIR.
    fn air(&self) -> &Self::Air;

    /// Whether the adapter serves this instruction (see [`InstructionExecutor::accepts`]).
    fn accepts(&self, _instruction: &Instruction) -> bool {
        true
    }

    /// Performs the reads.
    fn preprocess<M: ExecutionMode>(
        &self,
        memory: &mut MemoryController<M>,
        instruction: &Instruction,
        from_pc: u32,
    ) -> ExecutionResult<(<Self::Interface as VmAdapterInterface>::HostReads, Self::ReadRecord)>;

    /// Performs the writes.
    fn postprocess<M: ExecutionMode>(
        &self,
        memory: &mut MemoryController<M>,
        instruction: &Instruction,
        from_pc: u32,
        output: AdapterRuntimeContext<Self::Interface>,
        read_record: &Self::ReadRecord,
    ) -> ExecutionResult<Self::WriteRecord>;

    /// Fills the adapter's columns of one row.
    fn generate_trace_row(
        &self,
        row: &mut [F],
        instruction: &Instruction,
        from: ExecutionState<u32>,
        read_record: &Self::ReadRecord,
        write_record: &Self::WriteRecord,
    );
}

/// Host side of a core: a pure function of the reads, and the witness of its columns.
pub trait VmCoreChip<I: VmAdapterInterface>: Send + Sync + 'static {
    /// What the computation leaves for the trace.
    type Record: Copy + Send + Sync;
    /// The AIR.
    type Air: AirPart;

    /// The AIR.
    fn air(&self) -> &Self::Air;

    /// Whether the core serves this instruction (see [`InstructionExecutor::accepts`]).
    fn accepts(&self, _instruction: &Instruction) -> bool {
        true
    }

    /// Computes the writes. The only place where the instruction's semantics are written.
    fn execute_instruction(
        &self,
        instruction: &Instruction,
        from_pc: u32,
        reads: I::HostReads,
    ) -> ExecutionResult<(AdapterRuntimeContext<I>, Self::Record)>;

    /// Name of an opcode.
    fn get_opcode_name(&self, opcode: VmOpcode) -> String;

    /// Fills the core's columns of one row.
    fn generate_trace_row(&self, row: &mut [F], instruction: &Instruction, from_pc: u32, record: &Self::Record);
}

/// Width, names and selectors of a part of a row.
pub trait AirPart: Clone + Send + Sync + 'static {
    /// Number of columns.
    fn width(&self) -> usize;
    /// One name per column.
    fn column_names(&self) -> Vec<String>;
    /// Indices, within the part, of the columns that switch the row on (see [`MachineAir::selectors`]).
    fn selectors(&self) -> Vec<usize> {
        Vec::new()
    }
}

/// Constraints of an adapter: program, execution and memory messages.
pub trait VmAdapterAir<AB: VmAirBuilder>: AirPart {
    /// Interface to the core.
    type Interface: VmAdapterInterface;

    /// Emits the messages and constraints of the row.
    fn eval(&self, builder: &mut AB, local: &[AB::Var], ctx: AdapterAirContext<AB::Expr, Self::Interface>);

    /// The row's program counter.
    fn get_from_pc(&self, local: &[AB::Var]) -> AB::Var;
}

/// Constraints of a core.
pub trait VmCoreAir<AB: VmAirBuilder, I: VmAdapterInterface>: AirPart {
    /// Constrains the core's columns and says what is read and written.
    fn eval(&self, builder: &mut AB, local: &[AB::Var], from_pc: AB::Var) -> AdapterAirContext<AB::Expr, I>;
}

/// AIR of an adapter and a core.
#[derive(Clone, Debug)]
pub struct VmAirWrapper<A, C> {
    /// Name of the AIR.
    pub name: Cow<'static, str>,
    /// Adapter.
    pub adapter: A,
    /// Core.
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

/// Everything that one executed instruction leaves for its row.
#[derive(Clone, Copy, Debug)]
struct Record<R, W, C> {
    from: ExecutionState<u32>,
    read: R,
    write: W,
    core: C,
}

/// A chip and executor made of an adapter and a core.
pub struct VmChipWrapper<A: VmAdapterChip, C: VmCoreChip<A::Interface>> {
    name: Cow<'static, str>,
    adapter: A,
    core: C,
    records: Vec<Record<A::ReadRecord, A::WriteRecord, C::Record>>,
}

impl<A: VmAdapterChip, C: VmCoreChip<A::Interface>> VmChipWrapper<A, C> {
    /// A chip without records. `name` names its AIR.
    pub fn new(name: impl Into<Cow<'static, str>>, adapter: A, core: C) -> Self {
        Self { name: name.into(), adapter, core, records: Vec::new() }
    }

    /// Copying records to a larger place is a fifth of a recording's time if their number doubles each time. Memory that is
    /// not used yet costs nothing.
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
}

impl<A: VmAdapterChip, C: VmCoreChip<A::Interface>> InstructionExecutor for VmChipWrapper<A, C> {
    #[inline(always)]
    fn execute<M: ExecutionMode>(
        &mut self,
        vm: &mut VmState<M>,
        instruction: &Instruction,
        from: ExecutionState<u32>,
    ) -> ExecutionResult<ExecutionState<u32>> {
        // Matched instead of `?`, which would move the values as a block: a wide load of what narrow stores have just written
        // stalls for longer than the whole instruction takes.
        let (reads, read) = match self.adapter.preprocess(&mut vm.memory, instruction, from.pc) {
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

    fn accepts(&self, instruction: &Instruction) -> bool {
        self.adapter.accepts(instruction) && self.core.accepts(instruction)
    }

    fn get_opcode_name(&self, opcode: VmOpcode) -> String {
        self.core.get_opcode_name(opcode)
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
        let adapter_width = self.adapter.air().width();
        ChipTraces::fill(ctx, &self.name, self.width(), &records, |record, row| {
            let instruction = ctx.instruction(record.from.pc)?;
            let (adapter, core) = row.split_at_mut(adapter_width);
            self.adapter.generate_trace_row(adapter, instruction, record.from, &record.read, &record.write);
            self.core.generate_trace_row(core, instruction, record.from.pc, &record.core);
            Ok(())
        })
    }
}

/// `is_valid` and opcode: all that most adapters need to know.
pub struct MinimalInstruction<T> {
    /// Boolean: the row is an instruction.
    pub is_valid: T,
    /// Global opcode.
    pub opcode: T,
}

/// [`MinimalInstruction`] with an immediate as two ready 16-bit limbs.
pub struct ImmInstruction<T> {
    /// Boolean: the row is an instruction.
    pub is_valid: T,
    /// Global opcode.
    pub opcode: T,
    /// Limbs of the immediate, as operands of the program table.
    pub immediate: [T; 2],
}

/// Views a slice of cells as a column struct.
#[inline(always)]
pub fn columns<C, T>(cells: &[T]) -> &C
where
    [T]: Borrow<C>,
{
    cells.borrow()
}
