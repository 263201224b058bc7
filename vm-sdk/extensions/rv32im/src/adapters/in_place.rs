//! Instructions whose destination is their first source: `rd = f(rd, …)`.
//!
//! About half of the register arithmetic in compiled programs is of this kind. The register is read and written in one
//! access that receives the old word and sends the new one. That saves two memory messages, one range check and four
//! columns compared with the general circuits, with the same semantics and the same cores.

use std::borrow::{Borrow, BorrowMut};
use std::marker::PhantomData;

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::authoring::{CoreAdapter, DecodeOperands, Sample, SampleOperands, Samples};
use vm_core::arch::{
    AdapterAirContext, AdapterRuntimeContext, ExecutionError, ExecutionMode, ExecutionResult, ExecutionState,
    MinimalInstruction, Streams, SystemPort, VmAdapterAir, VmAdapterChip,
};
use vm_core::instructions::Instruction;
use vm_core::stark::{F, VmAirBuilder};
use vm_core::system::memory::{MemoryController, REGISTER_SPACE, ReadRecord, WriteRecord};
use vm_derive::AlignedBorrow;

use super::alu_imm::constants;
use super::operands::{AluOperands, Immediate, NoOperands, SampleAluOperands};
use super::{
    AluImmInterface, AluInterface, OperandsInstruction, Rv32Alu, Rv32AluImm, access_time, read_register,
    register_address, state_cells, write_register,
};
use crate::support::{air_part, are_registers};

/// Appended to the names of AIRs.
const SUFFIX: &str = "InPlace";

/// Turns a sample of the general adapter into one with rd = rs1.
fn in_place(mut sample: Sample) -> Sample {
    sample.operands[0] = sample.operands[1];
    sample
}

/// Returns the register at a byte pointer without an access of its own: the same instruction is about to write it.
#[inline(always)]
fn peek_register<M: ExecutionMode>(memory: &MemoryController<M>, pointer: u32, pc: u32) -> ExecutionResult<u32> {
    memory.memory().peek(REGISTER_SPACE, pointer).map_err(|source| ExecutionError::memory(pc, source))
}

/// Columns of [`Rv32AluInPlace`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct Rv32AluInPlaceCols<T> {
    /// State before the instruction; received from the execution bus.
    pub from_state: ExecutionState<T>,
    /// Operands `a` and `b`; fixed by the program lookup.
    pub rd: T,
    /// Operand `c`; fixed by the program lookup.
    pub rs2: T,
    /// Time of the previous access to rs2; bound by the memory bus, and the distance is range-checked.
    pub rs2_prev_timestamp: T,
    /// Time of the previous access to rd; bound by the memory bus, and the distance is range-checked.
    pub rd_prev_timestamp: T,
}

/// Adapter for two registers. Reads rs2 (operand `c`), then replaces rd (operands `a` and `b`): two accesses.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rv32AluInPlace {
    port: SystemPort,
}

air_part!(Rv32AluInPlace, Rv32AluInPlaceCols<u8>, "adapter");

impl CoreAdapter for Rv32AluInPlace {
    const SUFFIX: &'static str = SUFFIX;

    fn new(port: SystemPort) -> Self {
        Self { port }
    }
}

impl DecodeOperands for Rv32AluInPlace {
    fn operands(word: u32, pc: u32) -> [u32; 7] {
        Rv32Alu::operands(word, pc)
    }
}

impl SampleOperands for Rv32AluInPlace {
    fn sample(samples: &mut Samples) -> Sample {
        in_place(Rv32Alu::sample(samples))
    }

    fn source(sample: &Sample, value: usize, word: usize) -> Option<(u32, u32)> {
        Rv32Alu::source(sample, value, word)
    }
}

impl<AB: VmAirBuilder> VmAdapterAir<AB> for Rv32AluInPlace {
    type Interface = AluInterface;

    fn eval(&self, builder: &mut AB, local: &[AB::Var], ctx: AdapterAirContext<AB::Expr, AluInterface>) {
        let cols: &Rv32AluInPlaceCols<AB::Var> = local.borrow();
        let MinimalInstruction { is_valid, opcode } = ctx.instruction;
        let memory = self.port.memory_bridge;
        let time = |i| access_time::<AB>(&cols.from_state, i);
        let [x, c] = ctx.reads;

        let rs2 = register_address::<AB>(cols.rs2);
        memory.read(builder, rs2, c, time(0), cols.rs2_prev_timestamp, is_valid.clone());
        // Soundness: the word that the write replaces is the first operand.
        let rd = register_address::<AB>(cols.rd);
        memory.write(builder, rd, ctx.writes, x, time(1), cols.rd_prev_timestamp, is_valid.clone());
        let operands = [cols.rd, cols.rd, cols.rs2].map(Into::into);
        self.port.execution_bridge.execute(builder, opcode, operands, cols.from_state, ctx.to_pc, 2, is_valid);
    }

    fn get_from_pc(&self, local: &[AB::Var]) -> AB::Var {
        let cols: &Rv32AluInPlaceCols<AB::Var> = local.borrow();
        cols.from_state.pc
    }
}

impl VmAdapterChip for Rv32AluInPlace {
    type ReadRecord = ReadRecord;
    type WriteRecord = WriteRecord;
    type Interface = AluInterface;
    type Air = Self;

    fn air(&self) -> &Self {
        self
    }

    fn accepts(&self, instruction: &Instruction) -> bool {
        instruction.a == instruction.b && are_registers(&[instruction.a, instruction.c])
    }

    #[inline(always)]
    fn preprocess<M: ExecutionMode>(
        &self,
        memory: &mut MemoryController<M>,
        _: &mut Streams,
        instruction: &Instruction,
        from_pc: u32,
    ) -> ExecutionResult<([u32; 2], ReadRecord)> {
        let (c, record) = read_register(memory, instruction.c, from_pc)?;
        let x = peek_register(memory, instruction.a, from_pc)?;
        Ok(([x, c], record))
    }

    #[inline(always)]
    fn postprocess<M: ExecutionMode>(
        &self,
        memory: &mut MemoryController<M>,
        instruction: &Instruction,
        from_pc: u32,
        output: AdapterRuntimeContext<AluInterface>,
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
        let cols: &mut Rv32AluInPlaceCols<F> = row.borrow_mut();
        cols.from_state = state_cells(from);
        cols.rd = F::from_u32(instruction.a);
        cols.rs2 = F::from_u32(instruction.c);
        cols.rs2_prev_timestamp = F::from_u32(read_record.prev_timestamp);
        cols.rd_prev_timestamp = F::from_u32(write_record.prev_timestamp);
    }
}

/// Columns of [`Rv32AluImmInPlace`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct Rv32AluImmInPlaceCols<T> {
    /// State before the instruction; received from the execution bus.
    pub from_state: ExecutionState<T>,
    /// Operands `a` and `b`; fixed by the program lookup.
    pub rd: T,
    /// Time of the previous access to rd; bound by the memory bus, and the distance is range-checked.
    pub rd_prev_timestamp: T,
}

/// Adapter for one register and constant operands of form `O`. Replaces rd (operands `a` and `b`): one access.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rv32AluImmInPlace<O = Immediate> {
    port: SystemPort,
    operands: PhantomData<O>,
}

/// Adapter for one register: replaces rd, which is also rs1.
pub type Rv32UnaryInPlace = Rv32AluImmInPlace<NoOperands>;

air_part!([O: AluOperands] Rv32AluImmInPlace<O>, Rv32AluImmInPlaceCols<u8>, "adapter");

impl<O: AluOperands> CoreAdapter for Rv32AluImmInPlace<O> {
    const SUFFIX: &'static str = SUFFIX;

    fn new(port: SystemPort) -> Self {
        Self { port, operands: PhantomData }
    }
}

impl<O: AluOperands> DecodeOperands for Rv32AluImmInPlace<O> {
    fn operands(word: u32, pc: u32) -> [u32; 7] {
        Rv32AluImm::<O>::operands(word, pc)
    }
}

impl<O: SampleAluOperands> SampleOperands for Rv32AluImmInPlace<O> {
    fn sample(samples: &mut Samples) -> Sample {
        in_place(Rv32AluImm::<O>::sample(samples))
    }

    fn source(sample: &Sample, value: usize, word: usize) -> Option<(u32, u32)> {
        Rv32AluImm::<O>::source(sample, value, word)
    }
}

impl<AB: VmAirBuilder, O: AluOperands> VmAdapterAir<AB> for Rv32AluImmInPlace<O> {
    type Interface = AluImmInterface<O>;

    fn eval(&self, builder: &mut AB, local: &[AB::Var], ctx: AdapterAirContext<AB::Expr, AluImmInterface<O>>) {
        let cols: &Rv32AluImmInPlaceCols<AB::Var> = local.borrow();
        let OperandsInstruction { is_valid, opcode, operands: [c, d, e, f] } = ctx.instruction;
        // Soundness: the word that the write replaces is the operand.
        self.port.memory_bridge.write(
            builder,
            register_address::<AB>(cols.rd),
            ctx.writes,
            ctx.reads,
            access_time::<AB>(&cols.from_state, 0),
            cols.rd_prev_timestamp,
            is_valid.clone(),
        );
        let operands = [cols.rd.into(), cols.rd.into(), c, d, e, f];
        self.port.execution_bridge.execute(builder, opcode, operands, cols.from_state, ctx.to_pc, 1, is_valid);
    }

    fn get_from_pc(&self, local: &[AB::Var]) -> AB::Var {
        let cols: &Rv32AluImmInPlaceCols<AB::Var> = local.borrow();
        cols.from_state.pc
    }
}

impl<O: AluOperands> VmAdapterChip for Rv32AluImmInPlace<O> {
    type ReadRecord = ();
    type WriteRecord = WriteRecord;
    type Interface = AluImmInterface<O>;
    type Air = Self;

    fn air(&self) -> &Self {
        self
    }

    fn accepts(&self, instruction: &Instruction) -> bool {
        instruction.a == instruction.b && are_registers(&[instruction.a]) && O::accepts(constants(instruction))
    }

    #[inline(always)]
    fn preprocess<M: ExecutionMode>(
        &self,
        memory: &mut MemoryController<M>,
        _: &mut Streams,
        instruction: &Instruction,
        from_pc: u32,
    ) -> ExecutionResult<(O::HostReads, ())> {
        let x = peek_register(memory, instruction.a, from_pc)?;
        Ok((O::reads(x, constants(instruction)), ()))
    }

    #[inline(always)]
    fn postprocess<M: ExecutionMode>(
        &self,
        memory: &mut MemoryController<M>,
        instruction: &Instruction,
        from_pc: u32,
        output: AdapterRuntimeContext<AluImmInterface<O>>,
        _read_record: &(),
    ) -> ExecutionResult<WriteRecord> {
        write_register(memory, instruction.a, O::output(output.writes).0, from_pc)
    }

    #[inline(always)]
    fn generate_trace_row(
        &self,
        row: &mut [F],
        instruction: &Instruction,
        from: ExecutionState<u32>,
        _read_record: &(),
        write_record: &WriteRecord,
    ) {
        let cols: &mut Rv32AluImmInPlaceCols<F> = row.borrow_mut();
        cols.from_state = state_cells(from);
        cols.rd = F::from_u32(instruction.a);
        cols.rd_prev_timestamp = F::from_u32(write_record.prev_timestamp);
    }
}
