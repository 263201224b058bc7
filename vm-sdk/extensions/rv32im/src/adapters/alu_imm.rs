//! Register–immediate instructions: `rd = f(rs1, operands)`.

use std::borrow::{Borrow, BorrowMut};

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::{
    AdapterAirContext, AdapterRuntimeContext, ExecutionMode, ExecutionResult, ExecutionState, SystemPort, VmAdapterAir,
    VmAdapterChip, VmAdapterInterface,
};
use vm_core::instructions::Instruction;
use vm_core::stark::{F, VmAirBuilder};
use vm_core::system::memory::{MemoryController, ReadRecord, WriteAux, WriteRecord};
use vm_derive::AlignedBorrow;

use super::{access_time, read_register, register_address, state_cells, write_cells, write_register};
use crate::support::{air_part, are_registers};

/// One word in, one word out, with constants from the instruction.
pub struct AluImmInterface;

/// What a core with immediate operands tells about the instruction.
pub struct OperandsInstruction<T> {
    /// Boolean: the row is an instruction.
    pub is_valid: T,
    /// Global opcode.
    pub opcode: T,
    /// Operands `c` to `f`: columns of the core, fixed by the program lookup.
    pub operands: [T; 4],
}

impl VmAdapterInterface for AluImmInterface {
    type HostReads = u32;
    type HostWrites = u32;
    type Reads<T> = [T; 2];
    type Writes<T> = [T; 2];
    type ProcessedInstruction<T> = OperandsInstruction<T>;
}

/// Columns of [`AluImmAdapter`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct AluImmAdapterCols<T> {
    /// State before the instruction; received from the execution bus.
    pub from_state: ExecutionState<T>,
    /// Operand `a`; program lookup.
    pub rd: T,
    /// Operand `b`; program lookup.
    pub rs1: T,
    /// Time of the previous access to rs1; memory bus, gap range-checked.
    pub read_prev_timestamp: T,
    /// The word that rd held before, and since when; memory bus, gap range-checked.
    pub write: WriteAux<T>,
}

/// Reads rs1 (operand `b`), then writes rd (operand `a`): two accesses. The core may choose the next pc.
#[derive(Clone, Copy, Debug, Default)]
pub struct AluImmAdapter {
    port: SystemPort,
}

impl AluImmAdapter {
    /// An adapter on the system's buses.
    pub const fn new(port: SystemPort) -> Self {
        Self { port }
    }
}

air_part!(AluImmAdapter, AluImmAdapterCols, "adapter");

impl<AB: VmAirBuilder> VmAdapterAir<AB> for AluImmAdapter {
    type Interface = AluImmInterface;

    fn eval(&self, builder: &mut AB, local: &[AB::Var], ctx: AdapterAirContext<AB::Expr, AluImmInterface>) {
        let cols: &AluImmAdapterCols<AB::Var> = local.borrow();
        let OperandsInstruction { is_valid, opcode, operands: [c, d, e, f] } = ctx.instruction;
        let memory = self.port.memory_bridge;
        let time = |i| access_time::<AB>(&cols.from_state, i);

        let rs1 = register_address::<AB>(cols.rs1);
        memory.read(builder, rs1, ctx.reads, time(0), cols.read_prev_timestamp, is_valid.clone());
        memory.write(
            builder,
            register_address::<AB>(cols.rd),
            ctx.writes,
            cols.write.prev_data.map(Into::into),
            time(1),
            cols.write.prev_timestamp,
            is_valid.clone(),
        );
        let operands = [cols.rd.into(), cols.rs1.into(), c, d, e, f];
        self.port.execution_bridge.execute(builder, opcode, operands, cols.from_state, ctx.to_pc, 2, is_valid);
    }

    fn get_from_pc(&self, local: &[AB::Var]) -> AB::Var {
        let cols: &AluImmAdapterCols<AB::Var> = local.borrow();
        cols.from_state.pc
    }
}

impl VmAdapterChip for AluImmAdapter {
    type ReadRecord = ReadRecord;
    type WriteRecord = WriteRecord;
    type Interface = AluImmInterface;
    type Air = Self;

    fn air(&self) -> &Self {
        self
    }

    fn accepts(&self, instruction: &Instruction) -> bool {
        are_registers(&[instruction.a, instruction.b])
    }

    #[inline(always)]
    fn preprocess<M: ExecutionMode>(
        &self,
        memory: &mut MemoryController<M>,
        instruction: &Instruction,
        from_pc: u32,
    ) -> ExecutionResult<(u32, ReadRecord)> {
        read_register(memory, instruction.b, from_pc)
    }

    #[inline(always)]
    fn postprocess<M: ExecutionMode>(
        &self,
        memory: &mut MemoryController<M>,
        instruction: &Instruction,
        from_pc: u32,
        output: AdapterRuntimeContext<AluImmInterface>,
        _read_record: &ReadRecord,
    ) -> ExecutionResult<WriteRecord> {
        write_register(memory, instruction.a, output.writes, from_pc)
    }

    #[inline(always)]
    fn generate_trace_row(
        &self,
        row: &mut [F],
        instruction: &Instruction,
        from: ExecutionState<u32>,
        read_record: &ReadRecord,
        write_record: &WriteRecord,
    ) {
        let cols: &mut AluImmAdapterCols<F> = row.borrow_mut();
        cols.from_state = state_cells(from);
        cols.rd = F::from_u32(instruction.a);
        cols.rs1 = F::from_u32(instruction.b);
        cols.read_prev_timestamp = F::from_u32(read_record.prev_timestamp);
        cols.write = write_cells(write_record);
    }
}
