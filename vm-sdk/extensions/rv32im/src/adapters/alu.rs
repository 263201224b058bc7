//! Register–register instructions: `rd = f(rs1, rs2)`.

use std::borrow::{Borrow, BorrowMut};

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::{
    AdapterAirContext, AdapterRuntimeContext, ExecutionMode, ExecutionResult, ExecutionState, MinimalInstruction,
    SystemPort, VmAdapterAir, VmAdapterChip, VmAdapterInterface,
};
use vm_core::instructions::Instruction;
use vm_core::stark::{F, VmAirBuilder};
use vm_core::system::memory::{MemoryController, ReadRecord, WriteAux, WriteRecord};
use vm_derive::AlignedBorrow;

use super::{access_time, read_register, register_address, state_cells, write_cells, write_register};
use crate::support::{air_part, are_registers};

/// Two words in, one word out.
pub struct AluInterface;

impl VmAdapterInterface for AluInterface {
    type HostReads = [u32; 2];
    type HostWrites = u32;
    type Reads<T> = [[T; 2]; 2];
    type Writes<T> = [T; 2];
    type ProcessedInstruction<T> = MinimalInstruction<T>;
}

/// Columns of [`AluAdapter`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct AluAdapterCols<T> {
    /// State before the instruction; received from the execution bus.
    pub from_state: ExecutionState<T>,
    /// Operand `a`; program lookup.
    pub rd: T,
    /// Operand `b`; program lookup.
    pub rs1: T,
    /// Operand `c`; program lookup.
    pub rs2: T,
    /// Times of the previous accesses to rs1 and rs2; memory bus, gap range-checked.
    pub reads_prev_timestamp: [T; 2],
    /// The word that rd held before, and since when; memory bus, gap range-checked.
    pub write: WriteAux<T>,
}

/// Reads rs1 and rs2 (operands `b`, `c`), then writes rd (operand `a`): three accesses.
#[derive(Clone, Copy, Debug, Default)]
pub struct AluAdapter {
    port: SystemPort,
}

impl AluAdapter {
    /// An adapter on the system's buses.
    pub const fn new(port: SystemPort) -> Self {
        Self { port }
    }
}

air_part!(AluAdapter, AluAdapterCols, "adapter");

impl<AB: VmAirBuilder> VmAdapterAir<AB> for AluAdapter {
    type Interface = AluInterface;

    fn eval(&self, builder: &mut AB, local: &[AB::Var], ctx: AdapterAirContext<AB::Expr, AluInterface>) {
        let cols: &AluAdapterCols<AB::Var> = local.borrow();
        let MinimalInstruction { is_valid, opcode } = ctx.instruction;
        let memory = self.port.memory_bridge;
        let time = |i| access_time::<AB>(&cols.from_state, i);
        let [rs1_prev, rs2_prev] = cols.reads_prev_timestamp;

        let [x, c] = ctx.reads;
        memory.read(builder, register_address::<AB>(cols.rs1), x, time(0), rs1_prev, is_valid.clone());
        memory.read(builder, register_address::<AB>(cols.rs2), c, time(1), rs2_prev, is_valid.clone());
        memory.write(
            builder,
            register_address::<AB>(cols.rd),
            ctx.writes,
            cols.write.prev_data.map(Into::into),
            time(2),
            cols.write.prev_timestamp,
            is_valid.clone(),
        );
        let operands = [cols.rd, cols.rs1, cols.rs2].map(Into::into);
        self.port.execution_bridge.execute(builder, opcode, operands, cols.from_state, ctx.to_pc, 3, is_valid);
    }

    fn get_from_pc(&self, local: &[AB::Var]) -> AB::Var {
        let cols: &AluAdapterCols<AB::Var> = local.borrow();
        cols.from_state.pc
    }
}

impl VmAdapterChip for AluAdapter {
    type ReadRecord = [ReadRecord; 2];
    type WriteRecord = WriteRecord;
    type Interface = AluInterface;
    type Air = Self;

    fn air(&self) -> &Self {
        self
    }

    fn accepts(&self, instruction: &Instruction) -> bool {
        are_registers(&[instruction.a, instruction.b, instruction.c])
    }

    #[inline(always)]
    fn preprocess<M: ExecutionMode>(
        &self,
        memory: &mut MemoryController<M>,
        instruction: &Instruction,
        from_pc: u32,
    ) -> ExecutionResult<([u32; 2], [ReadRecord; 2])> {
        let (x, x_record) = read_register(memory, instruction.b, from_pc)?;
        let (c, c_record) = read_register(memory, instruction.c, from_pc)?;
        Ok(([x, c], [x_record, c_record]))
    }

    #[inline(always)]
    fn postprocess<M: ExecutionMode>(
        &self,
        memory: &mut MemoryController<M>,
        instruction: &Instruction,
        from_pc: u32,
        output: AdapterRuntimeContext<AluInterface>,
        _read_record: &[ReadRecord; 2],
    ) -> ExecutionResult<WriteRecord> {
        write_register(memory, instruction.a, output.writes, from_pc)
    }

    #[inline(always)]
    fn generate_trace_row(
        &self,
        row: &mut [F],
        instruction: &Instruction,
        from: ExecutionState<u32>,
        read_record: &[ReadRecord; 2],
        write_record: &WriteRecord,
    ) {
        let cols: &mut AluAdapterCols<F> = row.borrow_mut();
        cols.from_state = state_cells(from);
        cols.rd = F::from_u32(instruction.a);
        cols.rs1 = F::from_u32(instruction.b);
        cols.rs2 = F::from_u32(instruction.c);
        cols.reads_prev_timestamp = read_record.map(|read| F::from_u32(read.prev_timestamp));
        cols.write = write_cells(write_record);
    }
}
