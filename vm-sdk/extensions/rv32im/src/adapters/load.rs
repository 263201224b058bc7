//! Loads: `rd = f(memory[rs1 + immediate])`.

use std::borrow::{Borrow, BorrowMut};

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::{
    AdapterAirContext, AdapterRuntimeContext, ExecutionError, ExecutionMode, ExecutionResult, ExecutionState,
    SystemPort, VmAdapterAir, VmAdapterChip, VmAdapterInterface,
};
use vm_core::instructions::Instruction;
use vm_core::stark::{F, VmAirBuilder};
use vm_core::system::memory::{MAIN_SPACE, MemoryAddress, MemoryController, ReadRecord, WriteAux, WriteRecord};
use vm_derive::AlignedBorrow;

use super::address::{AddressCols, pointer};
use super::{access_time, read_register, register_address, state_cells, write_cells, write_register};
use crate::support::{air_part, are_limbs, are_registers};

/// One word of main memory in, one word out.
pub struct LoadInterface;

/// What a load sees on the host.
#[derive(Clone, Copy, Debug)]
pub struct LoadedWord {
    /// The aligned word around the pointer.
    pub word: u32,
    /// The byte pointer; the core refuses it if it is not a multiple of its width.
    pub pointer: u32,
}

/// What the core of a load tells about the instruction.
pub struct LoadInstruction<T> {
    /// Boolean: the row is an instruction.
    pub is_valid: T,
    /// Global opcode.
    pub opcode: T,
    /// Pointer modulo 4. Soundness: the core proves it in 0..4 and a multiple of the access width.
    pub offset: T,
}

impl VmAdapterInterface for LoadInterface {
    type HostReads = LoadedWord;
    type HostWrites = u32;
    type Reads<T> = [T; 2];
    type Writes<T> = [T; 2];
    type ProcessedInstruction<T> = LoadInstruction<T>;
}

/// Columns of [`LoadAdapter`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct LoadAdapterCols<T> {
    /// State before the instruction; received from the execution bus.
    pub from_state: ExecutionState<T>,
    /// Operand `a`; program lookup.
    pub rd: T,
    /// Operand `b`; program lookup.
    pub rs1: T,
    /// Pointer, with operands `c` and `d`.
    pub address: AddressCols<T>,
    /// Times of the previous accesses to rs1 and to the memory word; memory bus, gap range-checked.
    pub reads_prev_timestamp: [T; 2],
    /// The word that rd held before, and since when; memory bus, gap range-checked.
    pub write: WriteAux<T>,
}

/// What the reads of a load leave.
#[derive(Clone, Copy, Debug)]
pub struct LoadRecord {
    base: u32,
    reads: [ReadRecord; 2],
}

/// Reads rs1 (operand `b`), reads the aligned word of main memory around `rs1 + (c, d)`, writes rd (operand `a`): three
/// accesses.
#[derive(Clone, Copy, Debug, Default)]
pub struct LoadAdapter {
    port: SystemPort,
}

impl LoadAdapter {
    /// An adapter on the system's buses.
    pub const fn new(port: SystemPort) -> Self {
        Self { port }
    }
}

air_part!(LoadAdapter, LoadAdapterCols, "adapter");

impl<AB: VmAirBuilder> VmAdapterAir<AB> for LoadAdapter {
    type Interface = LoadInterface;

    fn eval(&self, builder: &mut AB, local: &[AB::Var], ctx: AdapterAirContext<AB::Expr, LoadInterface>) {
        let cols: &LoadAdapterCols<AB::Var> = local.borrow();
        let LoadInstruction { is_valid, opcode, offset } = ctx.instruction;
        let memory = self.port.memory_bridge;
        let time = |i| access_time::<AB>(&cols.from_state, i);
        let [rs1_prev, word_prev] = cols.reads_prev_timestamp;

        let base = cols.address.base.map(Into::into);
        memory.read(builder, register_address::<AB>(cols.rs1), base, time(0), rs1_prev, is_valid.clone());
        let pointer = cols.address.eval(builder, offset, is_valid.clone());
        // Soundness: the address space is a constant: a load cannot reach registers or public values.
        let address = MemoryAddress::new(AB::Expr::from_u32(MAIN_SPACE), pointer);
        memory.read(builder, address, ctx.reads, time(1), word_prev, is_valid.clone());
        memory.write(
            builder,
            register_address::<AB>(cols.rd),
            ctx.writes,
            cols.write.prev_data.map(Into::into),
            time(2),
            cols.write.prev_timestamp,
            is_valid.clone(),
        );
        let [imm0, imm1] = cols.address.imm;
        let operands = [cols.rd, cols.rs1, imm0, imm1].map(Into::into);
        self.port.execution_bridge.execute(builder, opcode, operands, cols.from_state, ctx.to_pc, 3, is_valid);
    }

    fn get_from_pc(&self, local: &[AB::Var]) -> AB::Var {
        let cols: &LoadAdapterCols<AB::Var> = local.borrow();
        cols.from_state.pc
    }
}

impl VmAdapterChip for LoadAdapter {
    type ReadRecord = LoadRecord;
    type WriteRecord = WriteRecord;
    type Interface = LoadInterface;
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
    ) -> ExecutionResult<(LoadedWord, LoadRecord)> {
        let (base, base_record) = read_register(memory, instruction.b, from_pc)?;
        let pointer = pointer(base, [instruction.c, instruction.d]);
        let (word, word_record) =
            memory.read(MAIN_SPACE, pointer & !3).map_err(|source| ExecutionError::memory(from_pc, source))?;
        Ok((LoadedWord { word, pointer }, LoadRecord { base, reads: [base_record, word_record] }))
    }

    #[inline(always)]
    fn postprocess<M: ExecutionMode>(
        &self,
        memory: &mut MemoryController<M>,
        instruction: &Instruction,
        from_pc: u32,
        output: AdapterRuntimeContext<LoadInterface>,
        _read_record: &LoadRecord,
    ) -> ExecutionResult<WriteRecord> {
        write_register(memory, instruction.a, output.writes, from_pc)
    }

    #[inline(always)]
    fn generate_trace_row(
        &self,
        row: &mut [F],
        instruction: &Instruction,
        from: ExecutionState<u32>,
        read_record: &LoadRecord,
        write_record: &WriteRecord,
    ) {
        let cols: &mut LoadAdapterCols<F> = row.borrow_mut();
        cols.from_state = state_cells(from);
        cols.rd = F::from_u32(instruction.a);
        cols.rs1 = F::from_u32(instruction.b);
        cols.address.fill(read_record.base, [instruction.c, instruction.d]);
        cols.reads_prev_timestamp = read_record.reads.map(|read| F::from_u32(read.prev_timestamp));
        cols.write = write_cells(write_record);
    }
}
