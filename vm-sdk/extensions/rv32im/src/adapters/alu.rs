//! Register–register instructions: `rd = f(rs1, rs2)`.

use std::borrow::{Borrow, BorrowMut};

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::authoring::{CoreAdapter, CoreInterface, DecodeOperands, Sample, SampleOperands, Samples};
use vm_core::arch::{
    AdapterAirContext, AdapterRuntimeContext, ExecutionMode, ExecutionResult, ExecutionState, MinimalInstruction,
    SystemPort, VmAdapterAir, VmAdapterChip, VmAdapterInterface,
};
use vm_core::instructions::Instruction;
use vm_core::stark::{F, VmAirBuilder};
use vm_core::system::memory::{MemoryController, REGISTER_SPACE, ReadRecord, WriteAux, WriteRecord};
use vm_derive::AlignedBorrow;

use super::{access_time, read_register, register_address, state_cells, write_cells, write_register};
use crate::fields::{Fields, major};
use crate::opcodes::{destination, register};
use crate::support::{air_part, are_registers};

/// Two words in, one word out: `fn execute(&self, [x, c]: [u32; 2]) -> u32`.
pub struct AluInterface;

impl VmAdapterInterface for AluInterface {
    type HostReads = [u32; 2];
    type HostWrites = u32;
    type Reads<T> = [[T; 2]; 2];
    type Writes<T> = [T; 2];
    type ProcessedInstruction<T> = MinimalInstruction<T>;
}

impl CoreInterface for AluInterface {
    const READS: &'static [usize] = &[1, 1];
    const WRITES: &'static [usize] = &[1];

    #[inline(always)]
    fn read_word(reads: &[u32; 2], value: usize, _word: usize) -> u32 {
        reads[value]
    }

    #[inline(always)]
    fn write_word(writes: &u32, _value: usize, _word: usize) -> u32 {
        *writes
    }

    fn context<T: PrimeCharacteristicRing>(
        is_valid: T,
        opcode: T,
        mut read: impl FnMut(usize, usize) -> [T; 2],
        mut write: impl FnMut(usize, usize) -> [T; 2],
    ) -> AdapterAirContext<T, Self> {
        AdapterAirContext {
            to_pc: None,
            reads: [read(0, 0), read(1, 0)],
            writes: write(0, 0),
            instruction: MinimalInstruction { is_valid, opcode },
        }
    }
}

/// Columns of [`Rv32Alu`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct Rv32AluCols<T> {
    /// State before the instruction; received from the execution bus.
    pub from_state: ExecutionState<T>,
    /// Operand `a`; fixed by the program lookup.
    pub rd: T,
    /// Operand `b`; fixed by the program lookup.
    pub rs1: T,
    /// Operand `c`; fixed by the program lookup.
    pub rs2: T,
    /// Times of the previous accesses to rs1 and rs2; bound by the memory bus, and the distances are range-checked.
    pub reads_prev_timestamp: [T; 2],
    /// Previous word of rd and the time of its access; bound by the memory bus, and the distance is range-checked.
    pub write: WriteAux<T>,
}

/// Adapter for three registers. Reads rs1 and rs2 (operands `b` and `c`), then writes rd (operand `a`): three accesses.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rv32Alu {
    port: SystemPort,
}

air_part!(Rv32Alu, Rv32AluCols<u8>, "adapter");

impl CoreAdapter for Rv32Alu {
    fn new(port: SystemPort) -> Self {
        Self { port }
    }
}

impl DecodeOperands for Rv32Alu {
    /// R format.
    fn operands(word: u32, _pc: u32) -> [u32; 7] {
        let fields = Fields(word);
        let (rd, mut sources) = (destination(fields.rd()), [register(fields.rs1()), register(fields.rs2())]);
        // The specialised chips serve `rd = rs1`, not `rd = rs2`.
        if is_commutative(word) && rd == sources[1] {
            sources.reverse();
        }
        [rd, sources[0], sources[1], 0, 0, 0, 0]
    }
}

/// Returns whether a word is an ADD, XOR, OR or AND.
fn is_commutative(word: u32) -> bool {
    let fields = Fields(word);
    (fields.opcode(), fields.funct7()) == (major::OP, 0) && matches!(fields.funct3(), 0 | 4 | 6 | 7)
}

impl SampleOperands for Rv32Alu {
    fn sample(samples: &mut Samples) -> Sample {
        let [rd, rs1, rs2] = [(); 3].map(|()| samples.register());
        Sample::new([rd, rs1, rs2, 0, 0, 0, 0]).register(rs1, samples.word()).register(rs2, samples.word())
    }

    fn source(sample: &Sample, value: usize, _word: usize) -> Option<(u32, u32)> {
        Some((REGISTER_SPACE, sample.operands[1 + value]))
    }
}

impl<AB: VmAirBuilder> VmAdapterAir<AB> for Rv32Alu {
    type Interface = AluInterface;

    fn eval(&self, builder: &mut AB, local: &[AB::Var], ctx: AdapterAirContext<AB::Expr, AluInterface>) {
        let cols: &Rv32AluCols<AB::Var> = local.borrow();
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
        let cols: &Rv32AluCols<AB::Var> = local.borrow();
        cols.from_state.pc
    }
}

impl VmAdapterChip for Rv32Alu {
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
        let cols: &mut Rv32AluCols<F> = row.borrow_mut();
        cols.from_state = state_cells(from);
        cols.rd = F::from_u32(instruction.a);
        cols.rs1 = F::from_u32(instruction.b);
        cols.rs2 = F::from_u32(instruction.c);
        cols.reads_prev_timestamp = read_record.map(|read| F::from_u32(read.prev_timestamp));
        cols.write = write_cells(write_record);
    }
}
