//! Instructions with one source register and constant operands: `rd = f(rs1, operands)`.

use std::borrow::{Borrow, BorrowMut};
use std::marker::PhantomData;

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::authoring::{CoreAdapter, CoreInterface, DecodeOperands, Sample, SampleOperands, Samples};
use vm_core::arch::{
    AdapterAirContext, AdapterRuntimeContext, ExecutionMode, ExecutionResult, ExecutionState, Streams, SystemPort,
    VmAdapterAir, VmAdapterChip, VmAdapterInterface,
};
use vm_core::instructions::Instruction;
use vm_core::stark::{F, VmAirBuilder};
use vm_core::system::memory::{MemoryController, REGISTER_SPACE, ReadRecord, WriteAux, WriteRecord};
use vm_derive::AlignedBorrow;

use super::operands::{AluOperands, Immediate, NoOperands, SampleAluOperands};
use super::{
    access_time, read_register, register_address, sample_fixed, sample_register, state_cells, write_cells,
    write_register,
};
use crate::fields::Fields;
use crate::opcodes::{destination, register};
use crate::support::{air_part, are_registers};

/// Interface of one word and constant operands in, one word out.
pub struct AluImmInterface<O>(PhantomData<O>);

/// Values that a core with constant operands passes to the adapter about the instruction.
pub struct OperandsInstruction<T> {
    /// Boolean: the row is an instruction.
    pub is_valid: T,
    /// Global opcode.
    pub opcode: T,
    /// Operands `c` to `f`: columns of the core, fixed by the program lookup.
    pub operands: [T; 4],
}

impl<O: AluOperands> VmAdapterInterface for AluImmInterface<O> {
    type HostReads = O::HostReads;
    type HostWrites = O::HostWrites;
    type Reads<T> = [T; 2];
    type Writes<T> = [T; 2];
    type ProcessedInstruction<T> = OperandsInstruction<T>;
}

impl<O: AluOperands> CoreInterface for AluImmInterface<O> {
    const READS: &'static [usize] = O::READS;
    const WRITES: &'static [usize] = O::WRITES;

    #[inline(always)]
    fn read_word(reads: &O::HostReads, value: usize, word: usize) -> u32 {
        O::read_word(reads, value, word)
    }

    #[inline(always)]
    fn write_word(writes: &O::HostWrites, value: usize, word: usize) -> u32 {
        O::write_word(writes, value, word)
    }

    #[inline(always)]
    fn output(_instruction: &Instruction, _from_pc: u32, writes: O::HostWrites) -> AdapterRuntimeContext<Self> {
        AdapterRuntimeContext { to_pc: O::output(writes).1, writes }
    }

    fn context<T: PrimeCharacteristicRing>(
        is_valid: T,
        opcode: T,
        mut read: impl FnMut(usize, usize) -> [T; 2],
        mut write: impl FnMut(usize, usize) -> [T; 2],
    ) -> AdapterAirContext<T, Self> {
        let mut operands = [T::ZERO, T::ZERO, T::ZERO, T::ZERO];
        let mut slots = operands.iter_mut();
        for (value, &words) in O::READS.iter().enumerate().skip(1) {
            let cells =
                (0..words.max(1)).flat_map(|word| read(value, word)).take(if words == 0 { 1 } else { 2 * words });
            for (cell, slot) in cells.zip(slots.by_ref()) {
                *slot = cell;
            }
        }
        AdapterAirContext {
            to_pc: (O::WRITES.len() > 1).then(|| {
                let [to_pc, _] = write(1, 0);
                to_pc
            }),
            reads: read(0, 0),
            writes: write(0, 0),
            instruction: OperandsInstruction { is_valid, opcode, operands },
        }
    }
}

/// Columns of [`Rv32AluImm`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct Rv32AluImmCols<T> {
    /// State before the instruction; received from the execution bus.
    pub from_state: ExecutionState<T>,
    /// Operand `a`; fixed by the program lookup.
    pub rd: T,
    /// Operand `b`; fixed by the program lookup.
    pub rs1: T,
    /// Time of the previous access to rs1; bound by the memory bus, and the distance is range-checked.
    pub read_prev_timestamp: T,
    /// Previous word of rd and the time of its access; bound by the memory bus, and the distance is range-checked.
    pub write: WriteAux<T>,
}

/// Adapter for one source register and constant operands of form `O`. Reads rs1 (operand `b`), then writes rd (operand
/// `a`): two accesses. With [`Immediate`], the values read are rs1 and the sign-extended immediate.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rv32AluImm<O = Immediate> {
    port: SystemPort,
    operands: PhantomData<O>,
}

/// Adapter for two registers: reads rs1, then writes rd. `fn execute(&self, x: u32) -> u32`.
pub type Rv32Unary = Rv32AluImm<NoOperands>;

air_part!([O: AluOperands] Rv32AluImm<O>, Rv32AluImmCols<u8>, "adapter");

impl<O: AluOperands> CoreAdapter for Rv32AluImm<O> {
    fn new(port: SystemPort) -> Self {
        Self { port, operands: PhantomData }
    }
}

impl<O: AluOperands> DecodeOperands for Rv32AluImm<O> {
    /// I format.
    fn operands(word: u32, pc: u32) -> [u32; 7] {
        let (fields, [c, d, e, f]) = (Fields(word), O::decode(word, pc));
        [destination(fields.rd()), register(fields.rs1()), c, d, e, f, 0]
    }
}

impl<O: SampleAluOperands> SampleOperands for Rv32AluImm<O> {
    fn sample(samples: &mut Samples) -> Sample {
        let (rd, (rs1, x)) = if O::WRITES.len() > 1 {
            (sample_register(samples), sample_fixed(samples))
        } else {
            (samples.register(), (samples.register(), samples.word()))
        };
        let [c, d, e, f] = O::sample(samples, x);
        Sample::new([rd, rs1, c, d, e, f, 0]).register(rs1, x)
    }

    /// Only rs1 is in memory.
    fn source(sample: &Sample, value: usize, _word: usize) -> Option<(u32, u32)> {
        (value == 0).then_some((REGISTER_SPACE, sample.operands[1]))
    }
}

/// Returns operands `c` to `f`.
#[inline(always)]
pub(super) const fn constants(instruction: &Instruction) -> [u32; 4] {
    let Instruction { c, d, e, f, .. } = *instruction;
    [c, d, e, f]
}

impl<AB: VmAirBuilder, O: AluOperands> VmAdapterAir<AB> for Rv32AluImm<O> {
    type Interface = AluImmInterface<O>;

    fn eval(&self, builder: &mut AB, local: &[AB::Var], ctx: AdapterAirContext<AB::Expr, AluImmInterface<O>>) {
        let cols: &Rv32AluImmCols<AB::Var> = local.borrow();
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
        let cols: &Rv32AluImmCols<AB::Var> = local.borrow();
        cols.from_state.pc
    }
}

impl<O: AluOperands> VmAdapterChip for Rv32AluImm<O> {
    type ReadRecord = ReadRecord;
    type WriteRecord = WriteRecord;
    type Interface = AluImmInterface<O>;
    type Air = Self;

    fn air(&self) -> &Self {
        self
    }

    fn accepts(&self, instruction: &Instruction) -> bool {
        are_registers(&[instruction.a, instruction.b]) && O::accepts(constants(instruction))
    }

    #[inline(always)]
    fn preprocess<M: ExecutionMode>(
        &self,
        memory: &mut MemoryController<M>,
        _: &mut Streams,
        instruction: &Instruction,
        from_pc: u32,
    ) -> ExecutionResult<(O::HostReads, ReadRecord)> {
        let (x, record) = read_register(memory, instruction.b, from_pc)?;
        Ok((O::reads(x, constants(instruction)), record))
    }

    #[inline(always)]
    fn postprocess<M: ExecutionMode>(
        &self,
        memory: &mut MemoryController<M>,
        instruction: &Instruction,
        from_pc: u32,
        output: AdapterRuntimeContext<AluImmInterface<O>>,
        _read_record: &ReadRecord,
    ) -> ExecutionResult<WriteRecord> {
        write_register(memory, instruction.a, O::output(output.writes).0, from_pc)
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
        let cols: &mut Rv32AluImmCols<F> = row.borrow_mut();
        cols.from_state = state_cells(from);
        cols.rd = F::from_u32(instruction.a);
        cols.rs1 = F::from_u32(instruction.b);
        cols.read_prev_timestamp = F::from_u32(read_record.prev_timestamp);
        cols.write = write_cells(write_record);
    }
}
