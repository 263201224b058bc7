//! Instructions on memory blocks: registers hold pointers, `[rd] = f([rs1], [rs2])`.

use std::borrow::{Borrow, BorrowMut};

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::authoring::{CoreAdapter, CoreInterface, DecodeOperands, Sample, SampleOperands, Samples};
use vm_core::arch::{
    AdapterAirContext, AdapterRuntimeContext, ExecutionError, ExecutionMode, ExecutionResult, ExecutionState,
    MinimalInstruction, RANGE_BUS, SystemPort, VmAdapterAir, VmAdapterChip, VmAdapterInterface,
};
use vm_core::instructions::Instruction;
use vm_core::stark::{F, VmAirBuilder};
use vm_core::system::memory::{MAIN_SPACE, MemoryAddress, MemoryController, REGISTER_SPACE, ReadRecord};
use vm_derive::AlignedBorrow;

use super::address::HIGH_BITS;
use super::{access_time, check_aligned, read_register, register_address, sample_pointer, state_cells};
use crate::fields::Fields;
use crate::opcodes::register;
use crate::support::{CELL, air_part, are_registers, cells};

/// Interface of `READS` blocks of `READ_WORDS` words in, a block of `WRITE_WORDS` words out:
/// `fn execute(&self, [x, c]: [[u32; READ_WORDS]; 2]) -> [u32; WRITE_WORDS]`.
pub struct HeapInterface<const READS: usize, const READ_WORDS: usize, const WRITE_WORDS: usize>;

impl<const READS: usize, const READ_WORDS: usize, const WRITE_WORDS: usize> VmAdapterInterface
    for HeapInterface<READS, READ_WORDS, WRITE_WORDS>
{
    type HostReads = [[u32; READ_WORDS]; READS];
    type HostWrites = [u32; WRITE_WORDS];
    type Reads<T> = [[[T; 2]; READ_WORDS]; READS];
    type Writes<T> = [[T; 2]; WRITE_WORDS];
    type ProcessedInstruction<T> = MinimalInstruction<T>;
}

impl<const READS: usize, const READ_WORDS: usize, const WRITE_WORDS: usize> CoreInterface
    for HeapInterface<READS, READ_WORDS, WRITE_WORDS>
{
    const READS: &'static [usize] = &[READ_WORDS; READS];
    const WRITES: &'static [usize] = &[WRITE_WORDS];

    #[inline(always)]
    fn read_word(reads: &[[u32; READ_WORDS]; READS], value: usize, word: usize) -> u32 {
        reads[value][word]
    }

    #[inline(always)]
    fn write_word(writes: &[u32; WRITE_WORDS], _value: usize, word: usize) -> u32 {
        writes[word]
    }

    fn context<T: PrimeCharacteristicRing>(
        is_valid: T,
        opcode: T,
        mut read: impl FnMut(usize, usize) -> [T; 2],
        mut write: impl FnMut(usize, usize) -> [T; 2],
    ) -> AdapterAirContext<T, Self> {
        AdapterAirContext {
            to_pc: None,
            reads: std::array::from_fn(|value| std::array::from_fn(|word| read(value, word))),
            writes: std::array::from_fn(|word| write(0, word)),
            instruction: MinimalInstruction { is_valid, opcode },
        }
    }
}

/// Columns of [`Rv32Heap`]; the words are columns of the core.
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct Rv32HeapCols<T, const READS: usize> {
    /// State before the instruction; received from the execution bus.
    pub from_state: ExecutionState<T>,
    /// Operand `a`; fixed by the program lookup.
    pub rd: T,
    /// Operands `b` (and `c`); fixed by the program lookup.
    pub sources: [T; READS],
    /// Cells of rd, the pointer to the result; bound by the memory bus, and the high cell is range-checked.
    pub to: [T; 2],
    /// Cells of rs1 (and rs2), the pointers to the sources; like `to`.
    pub from: [[T; 2]; READS],
    /// Time of the previous access to rd; bound by the memory bus, and the distance is range-checked.
    pub to_prev_timestamp: T,
    /// Times of the previous accesses to rs1 (and rs2); bound by the memory bus, and the distances are range-checked.
    pub from_prev_timestamp: [T; READS],
}

/// Adapter for blocks in main memory. Registers hold pointers, which are multiples of 4. Reads rs1 and rs2 (operands
/// `b` and `c`; only `b` for one source) and rd (operand `a`), then `READ_WORDS` words at each source, then writes
/// `WRITE_WORDS` words at rd. The destination may overlap the sources. Words are accessed by wide accesses, so both
/// numbers are 2, 4, 8, 16 or 32.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rv32Heap<const READS: usize, const READ_WORDS: usize, const WRITE_WORDS: usize> {
    port: SystemPort,
}

air_part!(
    [const READS: usize, const READ_WORDS: usize, const WRITE_WORDS: usize]
    Rv32Heap<READS, READ_WORDS, WRITE_WORDS>, Rv32HeapCols<u8, READS>, "adapter"
);

impl<const READS: usize, const READ_WORDS: usize, const WRITE_WORDS: usize> CoreAdapter
    for Rv32Heap<READS, READ_WORDS, WRITE_WORDS>
{
    fn new(port: SystemPort) -> Self {
        const { assert!(READS == 1 || READS == 2, "an instruction has one or two source registers") };
        Self { port }
    }
}

impl<const READS: usize, const READ_WORDS: usize, const WRITE_WORDS: usize> DecodeOperands
    for Rv32Heap<READS, READ_WORDS, WRITE_WORDS>
{
    const ACCESS_WIDTHS: &'static [usize] = &[READ_WORDS, WRITE_WORDS];

    /// R format. No register is written, so rd may be x0.
    fn operands(word: u32, _pc: u32) -> [u32; 7] {
        let fields = Fields(word);
        let second = if READS > 1 { register(fields.rs2()) } else { 0 };
        [register(fields.rd()), register(fields.rs1()), second, 0, 0, 0, 0]
    }
}

impl<const READS: usize, const READ_WORDS: usize, const WRITE_WORDS: usize> SampleOperands
    for Rv32Heap<READS, READ_WORDS, WRITE_WORDS>
{
    fn sample(samples: &mut Samples) -> Sample {
        let (rd, to) = sample_pointer(samples);
        let mut sample = Sample::new([rd, 0, 0, 0, 0, 0, 0]).register(rd, to);
        for source in 0..READS {
            let (rs, from) = sample_pointer(samples);
            sample.operands[1 + source] = rs;
            sample = sample.register(rs, from);
            for word in 0..READ_WORDS as u32 {
                sample = sample.word(MAIN_SPACE, from + 4 * word, samples.word());
            }
        }
        sample
    }

    fn source(sample: &Sample, value: usize, word: usize) -> Option<(u32, u32)> {
        let pointer = sample.word_at(REGISTER_SPACE, sample.operands[1 + value])?;
        Some((MAIN_SPACE, pointer + 4 * word as u32))
    }
}

impl<AB: VmAirBuilder, const READS: usize, const READ_WORDS: usize, const WRITE_WORDS: usize> VmAdapterAir<AB>
    for Rv32Heap<READS, READ_WORDS, WRITE_WORDS>
{
    type Interface = HeapInterface<READS, READ_WORDS, WRITE_WORDS>;

    fn eval(&self, builder: &mut AB, local: &[AB::Var], ctx: AdapterAirContext<AB::Expr, Self::Interface>) {
        let cols: &Rv32HeapCols<AB::Var, READS> = local.borrow();
        let MinimalInstruction { is_valid, opcode } = ctx.instruction;
        let memory = self.port.memory_bridge;
        let time = |i| access_time::<AB>(&cols.from_state, i);

        let pointers = cols.sources.into_iter().zip(cols.from).zip(cols.from_prev_timestamp);
        let pointers = pointers.chain([((cols.rd, cols.to), cols.to_prev_timestamp)]);
        for (i, ((register, [low, high]), prev)) in pointers.enumerate() {
            let address = register_address::<AB>(register);
            memory.read(builder, address, [low.into(), high.into()], time(i), prev, is_valid.clone());
            // Soundness: the pointer is an integer below 2^30 < p (M1), and only aligned pointers below 2^29 have a
            // source (see `adapters::address`).
            RANGE_BUS.query(builder, [high.into(), AB::Expr::from_usize(HIGH_BITS)], is_valid.clone());
        }
        // Soundness: the address space is a constant, so blocks reach neither registers nor public values.
        let address = |[low, high]: [AB::Var; 2]| {
            MemoryAddress::new(AB::Expr::from_u32(MAIN_SPACE), high * AB::Expr::from(CELL) + low)
        };
        let mut ticks = READS + 1;
        for (pointer, words) in cols.from.into_iter().zip(ctx.reads) {
            memory.read_wide(builder, address(pointer), words, time(ticks), is_valid.clone());
            ticks += READ_WORDS;
        }
        memory.write_wide(builder, address(cols.to), ctx.writes, time(ticks), is_valid.clone());
        ticks += WRITE_WORDS;
        let mut operands = [cols.rd.into(), AB::Expr::ZERO, AB::Expr::ZERO];
        for (slot, source) in operands[1..].iter_mut().zip(cols.sources) {
            *slot = source.into();
        }
        self.port.execution_bridge.execute(builder, opcode, operands, cols.from_state, ctx.to_pc, ticks, is_valid);
    }

    fn get_from_pc(&self, local: &[AB::Var]) -> AB::Var {
        let cols: &Rv32HeapCols<AB::Var, READS> = local.borrow();
        cols.from_state.pc
    }
}

/// Record of the reads of an instruction on blocks.
#[derive(Clone, Copy, Debug)]
pub struct HeapRecord<const READS: usize> {
    to: (u32, ReadRecord),
    from: [(u32, ReadRecord); READS],
}

impl<const READS: usize, const READ_WORDS: usize, const WRITE_WORDS: usize> VmAdapterChip
    for Rv32Heap<READS, READ_WORDS, WRITE_WORDS>
{
    type ReadRecord = HeapRecord<READS>;
    type WriteRecord = ();
    type Interface = HeapInterface<READS, READ_WORDS, WRITE_WORDS>;
    type Air = Self;

    fn air(&self) -> &Self {
        self
    }

    fn accepts(&self, instruction: &Instruction) -> bool {
        let Instruction { a, b, c, .. } = *instruction;
        are_registers(&[a, b, c]) && (READS > 1 || c == 0)
    }

    #[inline(always)]
    fn preprocess<M: ExecutionMode>(
        &self,
        memory: &mut MemoryController<M>,
        instruction: &Instruction,
        from_pc: u32,
    ) -> ExecutionResult<([[u32; READ_WORDS]; READS], HeapRecord<READS>)> {
        let mut from = [(0, ReadRecord::default()); READS];
        for (slot, register) in from.iter_mut().zip([instruction.b, instruction.c]) {
            *slot = read_register(memory, register, from_pc)?;
        }
        let to = read_register(memory, instruction.a, from_pc)?;
        for (pointer, _) in from.iter().chain([&to]) {
            check_aligned(*pointer, 4, from_pc)?;
        }
        let mut words = [[0; READ_WORDS]; READS];
        for (words, (pointer, _)) in words.iter_mut().zip(from) {
            *words = memory.read_wide(MAIN_SPACE, pointer).map_err(|source| ExecutionError::memory(from_pc, source))?;
        }
        Ok((words, HeapRecord { to, from }))
    }

    #[inline(always)]
    fn postprocess<M: ExecutionMode>(
        &self,
        memory: &mut MemoryController<M>,
        _instruction: &Instruction,
        from_pc: u32,
        output: AdapterRuntimeContext<Self::Interface>,
        read_record: &HeapRecord<READS>,
    ) -> ExecutionResult<()> {
        let (pointer, _) = read_record.to;
        memory.write_wide(MAIN_SPACE, pointer, output.writes).map_err(|source| ExecutionError::memory(from_pc, source))
    }

    #[inline(always)]
    fn generate_trace_row(
        &self,
        row: &mut [F],
        instruction: &Instruction,
        from: ExecutionState<u32>,
        read_record: &HeapRecord<READS>,
        _write_record: &(),
    ) {
        let cols: &mut Rv32HeapCols<F, READS> = row.borrow_mut();
        cols.from_state = state_cells(from);
        cols.rd = F::from_u32(instruction.a);
        for (slot, operand) in cols.sources.iter_mut().zip([instruction.b, instruction.c]) {
            *slot = F::from_u32(operand);
        }
        cols.to = cells(read_record.to.0);
        cols.from = read_record.from.map(|(pointer, _)| cells(pointer));
        cols.to_prev_timestamp = F::from_u32(read_record.to.1.prev_timestamp);
        cols.from_prev_timestamp = read_record.from.map(|(_, read)| F::from_u32(read.prev_timestamp));
    }
}
