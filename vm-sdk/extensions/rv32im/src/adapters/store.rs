//! Stores: `memory[rs1 + immediate] = f(rs2, old word)`.

use std::borrow::{Borrow, BorrowMut};

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::{
    AdapterAirContext, AdapterRuntimeContext, ExecutionError, ExecutionMode, ExecutionResult, ExecutionState,
    SystemPort, VmAdapterAir, VmAdapterChip, VmAdapterInterface,
};
use vm_core::instructions::{Instruction, LocalOpcode};
use vm_core::stark::{F, VmAirBuilder};
use vm_core::system::memory::{
    MAIN_SPACE, MemoryAddress, MemoryController, MemoryError, PUBLIC_VALUES_SPACE, ReadRecord, WriteRecord,
};
use vm_derive::AlignedBorrow;

use super::address::{AddressCols, pointer};
use super::{access_time, read_register, register_address, state_cells};
use crate::opcodes::StoreWordOpcode;
use crate::support::{air_part, are_limbs, are_registers};

/// The data register and the word before the store in, the word after it out.
pub struct StoreInterface;

/// What a store sees on the host.
#[derive(Clone, Copy, Debug)]
pub struct StoreOperands {
    /// rs2.
    pub data: u32,
    /// The aligned word around the pointer, before the store.
    pub prev: u32,
    /// The byte pointer; the core refuses it if it is not a multiple of its width.
    pub pointer: u32,
}

/// What a store sees in the AIR; both are columns of the core.
pub struct StoreReads<T> {
    /// Cells of rs2.
    pub data: [T; 2],
    /// Cells of the aligned word before the store.
    pub prev: [T; 2],
}

/// What the core of a store tells about the instruction.
pub struct StoreInstruction<T> {
    /// Boolean: the row is an instruction.
    pub is_valid: T,
    /// Global opcode.
    pub opcode: T,
    /// Address space. Soundness: a function of the proven opcode, so that a store cannot reach registers.
    pub space: T,
    /// Pointer modulo 4. Soundness: the core proves it in 0..4 and a multiple of the access width.
    pub offset: T,
}

impl VmAdapterInterface for StoreInterface {
    type HostReads = StoreOperands;
    type HostWrites = u32;
    type Reads<T> = StoreReads<T>;
    type Writes<T> = [T; 2];
    type ProcessedInstruction<T> = StoreInstruction<T>;
}

/// Columns of [`StoreAdapter`]; the cells of rs2 and of the word before the store are columns of the core.
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct StoreAdapterCols<T> {
    /// State before the instruction; received from the execution bus.
    pub from_state: ExecutionState<T>,
    /// Operand `a`; program lookup.
    pub rs2: T,
    /// Operand `b`; program lookup.
    pub rs1: T,
    /// Pointer, with operands `c` and `d`.
    pub address: AddressCols<T>,
    /// Times of the previous accesses to rs1 and rs2; memory bus, gap range-checked.
    pub reads_prev_timestamp: [T; 2],
    /// Time of the previous access to the memory word; memory bus, gap range-checked.
    pub write_prev_timestamp: T,
}

/// What the reads of a store leave.
#[derive(Clone, Copy, Debug)]
pub struct StoreRecord {
    base: u32,
    reads: [ReadRecord; 2],
}

/// Reads rs1 (operand `b`) and rs2 (operand `a`), then writes the aligned word around `rs1 + (c, d)`: three accesses.
/// The word lies in main memory, for REVEAL in the public values.
#[derive(Clone, Copy, Debug, Default)]
pub struct StoreAdapter {
    port: SystemPort,
}

impl StoreAdapter {
    /// An adapter on the system's buses.
    pub const fn new(port: SystemPort) -> Self {
        Self { port }
    }
}

/// Address space that an instruction stores to.
#[inline(always)]
fn space_of(instruction: &Instruction) -> u32 {
    if instruction.opcode == StoreWordOpcode::REVEAL.global_opcode() { PUBLIC_VALUES_SPACE } else { MAIN_SPACE }
}

/// A store outside of its address space.
#[cold]
#[inline(never)]
fn store_error(pc: u32, source: Box<MemoryError>) -> Box<ExecutionError> {
    match *source {
        MemoryError::OutOfRange { space: PUBLIC_VALUES_SPACE, pointer, size } => {
            let num_public_values = usize::try_from(size).unwrap_or(usize::MAX);
            Box::new(ExecutionError::PublicValueIndexOutOfBounds { pc, index: pointer, num_public_values })
        }
        _ => ExecutionError::memory(pc, source),
    }
}

air_part!(StoreAdapter, StoreAdapterCols, "adapter");

impl<AB: VmAirBuilder> VmAdapterAir<AB> for StoreAdapter {
    type Interface = StoreInterface;

    fn eval(&self, builder: &mut AB, local: &[AB::Var], ctx: AdapterAirContext<AB::Expr, StoreInterface>) {
        let cols: &StoreAdapterCols<AB::Var> = local.borrow();
        let StoreInstruction { is_valid, opcode, space, offset } = ctx.instruction;
        let memory = self.port.memory_bridge;
        let time = |i| access_time::<AB>(&cols.from_state, i);
        let [rs1_prev, rs2_prev] = cols.reads_prev_timestamp;

        let base = cols.address.base.map(Into::into);
        memory.read(builder, register_address::<AB>(cols.rs1), base, time(0), rs1_prev, is_valid.clone());
        let data = ctx.reads.data;
        memory.read(builder, register_address::<AB>(cols.rs2), data, time(1), rs2_prev, is_valid.clone());
        let pointer = cols.address.eval(builder, offset, is_valid.clone());
        memory.write(
            builder,
            MemoryAddress::new(space, pointer),
            ctx.writes,
            ctx.reads.prev,
            time(2),
            cols.write_prev_timestamp,
            is_valid.clone(),
        );
        let [imm0, imm1] = cols.address.imm;
        let operands = [cols.rs2, cols.rs1, imm0, imm1].map(Into::into);
        self.port.execution_bridge.execute(builder, opcode, operands, cols.from_state, ctx.to_pc, 3, is_valid);
    }

    fn get_from_pc(&self, local: &[AB::Var]) -> AB::Var {
        let cols: &StoreAdapterCols<AB::Var> = local.borrow();
        cols.from_state.pc
    }
}

impl VmAdapterChip for StoreAdapter {
    type ReadRecord = StoreRecord;
    type WriteRecord = WriteRecord;
    type Interface = StoreInterface;
    type Air = Self;

    fn air(&self) -> &Self {
        self
    }

    fn accepts(&self, instruction: &Instruction) -> bool {
        are_registers(&[instruction.a, instruction.b]) && are_limbs(&[instruction.c, instruction.d])
    }

    #[inline(always)]
    fn preprocess<M: ExecutionMode>(
        &self,
        memory: &mut MemoryController<M>,
        instruction: &Instruction,
        from_pc: u32,
    ) -> ExecutionResult<(StoreOperands, StoreRecord)> {
        let (base, base_record) = read_register(memory, instruction.b, from_pc)?;
        let (data, data_record) = read_register(memory, instruction.a, from_pc)?;
        let pointer = pointer(base, [instruction.c, instruction.d]);
        let prev =
            memory.memory().peek(space_of(instruction), pointer & !3).map_err(|source| store_error(from_pc, source))?;
        Ok((StoreOperands { data, prev, pointer }, StoreRecord { base, reads: [base_record, data_record] }))
    }

    #[inline(always)]
    fn postprocess<M: ExecutionMode>(
        &self,
        memory: &mut MemoryController<M>,
        instruction: &Instruction,
        from_pc: u32,
        output: AdapterRuntimeContext<StoreInterface>,
        read_record: &StoreRecord,
    ) -> ExecutionResult<WriteRecord> {
        let pointer = pointer(read_record.base, [instruction.c, instruction.d]);
        memory.write(space_of(instruction), pointer & !3, output.writes).map_err(|source| store_error(from_pc, source))
    }

    #[inline(always)]
    fn generate_trace_row(
        &self,
        row: &mut [F],
        instruction: &Instruction,
        from: ExecutionState<u32>,
        read_record: &StoreRecord,
        write_record: &WriteRecord,
    ) {
        let cols: &mut StoreAdapterCols<F> = row.borrow_mut();
        cols.from_state = state_cells(from);
        cols.rs2 = F::from_u32(instruction.a);
        cols.rs1 = F::from_u32(instruction.b);
        cols.address.fill(read_record.base, [instruction.c, instruction.d]);
        cols.reads_prev_timestamp = read_record.reads.map(|read| F::from_u32(read.prev_timestamp));
        cols.write_prev_timestamp = F::from_u32(write_record.prev_timestamp);
    }
}
