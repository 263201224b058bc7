//! Loads: `rd = f(memory[rs1 + immediate])`.

use std::borrow::{Borrow, BorrowMut};
use std::fmt::Debug;
use std::marker::PhantomData;

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::authoring::{CoreAdapter, CoreInterface, DecodeOperands, Sample, SampleOperands, Samples};
use vm_core::arch::{
    AdapterAirContext, AdapterRuntimeContext, ExecutionError, ExecutionMode, ExecutionResult, ExecutionState, Streams,
    SystemPort, VmAdapterAir, VmAdapterChip, VmAdapterInterface,
};
use vm_core::instructions::Instruction;
use vm_core::stark::{F, VmAirBuilder};
use vm_core::system::memory::{MAIN_SPACE, MemoryAddress, MemoryController, ReadRecord, WriteAux, WriteRecord};
use vm_derive::AlignedBorrow;

use super::address::{AddressCols, eval_offset, pointer};
use super::{
    access_time, check_aligned, read_register, register_address, sample_pointer, sample_register, state_cells,
    write_cells, write_register,
};
use crate::fields::Fields;
use crate::opcodes::{destination, register};
use crate::support::{air_part, are_limbs, are_registers, limbs};

/// Part of a memory word that an instruction accesses.
pub trait Access: Clone + Copy + Debug + Default + Send + Sync + 'static {
    /// Whether the core chooses a part of the word, by the pointer modulo 4.
    const SUBWORD: bool;
}

/// The whole word. A pointer that is not a multiple of 4 is an error.
#[derive(Clone, Copy, Debug, Default)]
pub struct Words;

impl Access for Words {
    const SUBWORD: bool = false;
}

/// A part of the word. The core refuses pointers that are not a multiple of its width ([`check_aligned`]); the adapter
/// passes the pointer's two lowest bits to the core.
#[derive(Clone, Copy, Debug, Default)]
pub struct Subwords;

impl Access for Subwords {
    const SUBWORD: bool = true;
}

/// Interface of one word of main memory in (value 0), one word out: `fn execute(&self, LoadedWord { word, .. }:
/// LoadedWord) -> u32`. With [`Subwords`], the two lowest bits of the pointer are values 1 and 2, single cells.
pub struct LoadInterface<A>(PhantomData<A>);

/// Values that a load reads on the host.
#[derive(Clone, Copy, Debug)]
pub struct LoadedWord {
    /// Aligned word that contains the pointer.
    pub word: u32,
    /// The byte pointer.
    pub pointer: u32,
}

/// Values that the core of a load passes to the adapter about the instruction.
pub struct LoadInstruction<T> {
    /// Boolean: the row is an instruction.
    pub is_valid: T,
    /// Global opcode.
    pub opcode: T,
    /// Bits of the pointer modulo 4: columns of the core, which the adapter proves boolean; `None` for words.
    /// Soundness: the core must exclude the combinations that are not aligned to its width.
    pub offset: Option<[T; 2]>,
}

impl<A: Access> VmAdapterInterface for LoadInterface<A> {
    type HostReads = LoadedWord;
    type HostWrites = u32;
    type Reads<T> = [T; 2];
    type Writes<T> = [T; 2];
    type ProcessedInstruction<T> = LoadInstruction<T>;
}

impl<A: Access> CoreInterface for LoadInterface<A> {
    const READS: &'static [usize] = if A::SUBWORD { &[1, 0, 0] } else { &[1] };
    const WRITES: &'static [usize] = &[1];

    #[inline(always)]
    fn read_word(reads: &LoadedWord, value: usize, _word: usize) -> u32 {
        match value {
            0 => reads.word,
            bit => reads.pointer >> (bit - 1) & 1,
        }
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
        let offset = A::SUBWORD.then(|| offset_bits(&mut read, 1));
        AdapterAirContext {
            to_pc: None,
            reads: read(0, 0),
            writes: write(0, 0),
            instruction: LoadInstruction { is_valid, opcode, offset },
        }
    }
}

/// Returns two values that are single cells.
pub(super) fn offset_bits<T>(read: &mut impl FnMut(usize, usize) -> [T; 2], first: usize) -> [T; 2] {
    let ([low, _], [high, _]) = (read(first, 0), read(first + 1, 0));
    [low, high]
}

/// Columns of [`Rv32Load`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct Rv32LoadCols<T> {
    /// State before the instruction; received from the execution bus.
    pub from_state: ExecutionState<T>,
    /// Operand `a`; fixed by the program lookup.
    pub rd: T,
    /// Operand `b`; fixed by the program lookup.
    pub rs1: T,
    /// Pointer, with operands `c` and `d`.
    pub address: AddressCols<T>,
    /// Times of the previous accesses to rs1 and to the memory word; bound by the memory bus, and the distances are
    /// range-checked.
    pub reads_prev_timestamp: [T; 2],
    /// Previous word of rd and the time of its access; bound by the memory bus, and the distance is range-checked.
    pub write: WriteAux<T>,
}

/// Record of the reads of a load.
#[derive(Clone, Copy, Debug)]
pub struct LoadRecord {
    base: u32,
    reads: [ReadRecord; 2],
}

/// Adapter for loads. Reads rs1 (operand `b`) and the aligned word of main memory that contains `rs1 + (c, d)`, then
/// writes rd (operand `a`): three accesses.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rv32Load<A = Words> {
    port: SystemPort,
    access: PhantomData<A>,
}

air_part!([A: Access] Rv32Load<A>, Rv32LoadCols<u8>, "adapter");

impl<A: Access> CoreAdapter for Rv32Load<A> {
    fn new(port: SystemPort) -> Self {
        Self { port, access: PhantomData }
    }
}

impl<A: Access> DecodeOperands for Rv32Load<A> {
    /// I format.
    fn operands(word: u32, _pc: u32) -> [u32; 7] {
        let fields = Fields(word);
        let [low, high] = limbs(fields.i_imm().cast_unsigned());
        [destination(fields.rd()), register(fields.rs1()), low, high, 0, 0, 0]
    }
}

impl<A: Access> SampleOperands for Rv32Load<A> {
    fn sample(samples: &mut Samples) -> Sample {
        let (base, pointer) = sample_pointer(samples);
        // Even pointers suit half-words as well as bytes.
        let step = if A::SUBWORD { 2 } else { 4 };
        let [low, high] = limbs(step * samples.below(64));
        let word = pointer.wrapping_add(low) & !3;
        let rd = sample_register(samples);
        Sample::new([rd, base, low, high, 0, 0, 0]).register(base, pointer).word(MAIN_SPACE, word, samples.word())
    }
}

impl<AB: VmAirBuilder, A: Access> VmAdapterAir<AB> for Rv32Load<A> {
    type Interface = LoadInterface<A>;

    fn eval(&self, builder: &mut AB, local: &[AB::Var], ctx: AdapterAirContext<AB::Expr, LoadInterface<A>>) {
        let cols: &Rv32LoadCols<AB::Var> = local.borrow();
        let LoadInstruction { is_valid, opcode, offset } = ctx.instruction;
        let memory = self.port.memory_bridge;
        let time = |i| access_time::<AB>(&cols.from_state, i);
        let [rs1_prev, word_prev] = cols.reads_prev_timestamp;

        let base = cols.address.base.map(Into::into);
        memory.read(builder, register_address::<AB>(cols.rs1), base, time(0), rs1_prev, is_valid.clone());
        let offset = eval_offset(builder, offset);
        let pointer = cols.address.eval(builder, offset, is_valid.clone());
        // Soundness: the address space is a constant, so a load reaches neither registers nor public values.
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
        let cols: &Rv32LoadCols<AB::Var> = local.borrow();
        cols.from_state.pc
    }
}

impl<A: Access> VmAdapterChip for Rv32Load<A> {
    type ReadRecord = LoadRecord;
    type WriteRecord = WriteRecord;
    type Interface = LoadInterface<A>;
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
        _: &mut Streams,
        instruction: &Instruction,
        from_pc: u32,
    ) -> ExecutionResult<(LoadedWord, LoadRecord)> {
        let (base, base_record) = read_register(memory, instruction.b, from_pc)?;
        let pointer = pointer(base, [instruction.c, instruction.d]);
        let (word, word_record) =
            memory.read(MAIN_SPACE, pointer & !3).map_err(|source| ExecutionError::memory(from_pc, source))?;
        if !A::SUBWORD {
            check_aligned(pointer, 4, from_pc)?;
        }
        Ok((LoadedWord { word, pointer }, LoadRecord { base, reads: [base_record, word_record] }))
    }

    #[inline(always)]
    fn postprocess<M: ExecutionMode>(
        &self,
        memory: &mut MemoryController<M>,
        instruction: &Instruction,
        from_pc: u32,
        output: AdapterRuntimeContext<LoadInterface<A>>,
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
        let cols: &mut Rv32LoadCols<F> = row.borrow_mut();
        cols.from_state = state_cells(from);
        cols.rd = F::from_u32(instruction.a);
        cols.rs1 = F::from_u32(instruction.b);
        cols.address.fill(read_record.base, [instruction.c, instruction.d]);
        cols.reads_prev_timestamp = read_record.reads.map(|read| F::from_u32(read.prev_timestamp));
        cols.write = write_cells(write_record);
    }
}
