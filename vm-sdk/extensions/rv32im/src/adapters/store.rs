//! Stores: `memory[rs1 + immediate] = f(rs2, old word)`.

use std::borrow::{Borrow, BorrowMut};
use std::fmt::Debug;
use std::marker::PhantomData;

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::authoring::{CoreAdapter, CoreInterface, DecodeOperands, Sample, SampleOperands, Samples};
use vm_core::arch::{
    AdapterAirContext, AdapterRuntimeContext, ExecutionError, ExecutionMode, ExecutionResult, ExecutionState, Streams,
    SystemConfig, SystemPort, VmAdapterAir, VmAdapterChip, VmAdapterInterface,
};
use vm_core::instructions::Instruction;
use vm_core::stark::{F, VmAirBuilder};
use vm_core::system::memory::{
    MAIN_SPACE, MemoryAddress, MemoryController, MemoryError, PUBLIC_VALUES_SPACE, ReadRecord, WriteRecord,
};
use vm_derive::AlignedBorrow;

use super::address::{AddressCols, eval_offset, pointer};
use super::load::{Subwords, Words, offset_bits};
use super::{
    access_time, check_aligned, read_register, register_address, sample_pointer, sample_register, state_cells,
};
use crate::fields::{Fields, major};
use crate::opcodes::register;
use crate::support::{air_part, are_limbs, are_registers, limbs};

/// Address space and width of an instruction's stores.
pub trait Target: Clone + Copy + Debug + Default + Send + Sync + 'static {
    /// Whether the core chooses a part of the word, by the pointer modulo 4.
    const SUBWORD: bool;
    /// Whether the chip's instructions store to several address spaces. If not, they store to main memory.
    const SPACES: bool;

    /// Returns the address space of an instruction.
    #[inline(always)]
    fn space_of(_instruction: &Instruction) -> u32 {
        MAIN_SPACE
    }
}

impl Target for Words {
    const SUBWORD: bool = false;
    const SPACES: bool = false;
}

impl Target for Subwords {
    const SUBWORD: bool = true;
    const SPACES: bool = false;
}

/// Interface of the data register (value 0) and the word before the store (value 1) in, the word after it (value 0)
/// out: `fn execute(&self, StoreOperands { data, prev, .. }: StoreOperands) -> u32`. Single cells follow: with
/// [`Subwords`], the two lowest bits of the pointer (values 2 and 3); with a target of several spaces, the address
/// space (value 2, or 4 after the bits).
pub struct StoreInterface<T>(PhantomData<T>);

/// Values that a store reads on the host.
#[derive(Clone, Copy, Debug)]
pub struct StoreOperands {
    /// rs2.
    pub data: u32,
    /// Aligned word that contains the pointer, before the store.
    pub prev: u32,
    /// The byte pointer.
    pub pointer: u32,
}

/// Values that a store reads in the AIR; both are columns of the core.
pub struct StoreReads<T> {
    /// Cells of rs2.
    pub data: [T; 2],
    /// Cells of the aligned word before the store.
    pub prev: [T; 2],
}

/// Values that the core of a store passes to the adapter about the instruction.
pub struct StoreInstruction<T> {
    /// Boolean: the row is an instruction.
    pub is_valid: T,
    /// Global opcode.
    pub opcode: T,
    /// Address space. Soundness: a function of the proven opcode, so a store cannot reach the registers.
    pub space: T,
    /// Bits of the pointer modulo 4: columns of the core, which the adapter proves boolean; `None` for words.
    /// Soundness: the core must exclude the combinations that are not aligned to its width.
    pub offset: Option<[T; 2]>,
}

impl<A: Target> VmAdapterInterface for StoreInterface<A> {
    type HostReads = StoreOperands;
    type HostWrites = u32;
    type Reads<T> = StoreReads<T>;
    type Writes<T> = [T; 2];
    type ProcessedInstruction<T> = StoreInstruction<T>;
}

impl<A: Target> CoreInterface for StoreInterface<A> {
    const READS: &'static [usize] = match (A::SUBWORD, A::SPACES) {
        (false, false) => &[1, 1],
        (false, true) => &[1, 1, 0],
        (true, false) => &[1, 1, 0, 0],
        (true, true) => &[1, 1, 0, 0, 0],
    };
    const WRITES: &'static [usize] = &[1];

    #[inline(always)]
    fn read_word(reads: &StoreOperands, value: usize, _word: usize) -> u32 {
        match value {
            0 => reads.data,
            1 => reads.prev,
            bit => reads.pointer >> (bit - 2) & 1,
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
        let offset = A::SUBWORD.then(|| offset_bits(&mut read, 2));
        // Soundness: unless the core gives the space, it is a constant.
        let space = if A::SPACES {
            let [space, _] = read(Self::READS.len() - 1, 0);
            space
        } else {
            T::from_u32(MAIN_SPACE)
        };
        AdapterAirContext {
            to_pc: None,
            reads: StoreReads { data: read(0, 0), prev: read(1, 0) },
            writes: write(0, 0),
            instruction: StoreInstruction { is_valid, opcode, space, offset },
        }
    }
}

/// Columns of [`Rv32Store`]; the cells of rs2 and of the word before the store are columns of the core.
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct Rv32StoreCols<T> {
    /// State before the instruction; received from the execution bus.
    pub from_state: ExecutionState<T>,
    /// Operand `a`; fixed by the program lookup.
    pub rs2: T,
    /// Operand `b`; fixed by the program lookup.
    pub rs1: T,
    /// Pointer, with operands `c` and `d`.
    pub address: AddressCols<T>,
    /// Times of the previous accesses to rs1 and rs2; bound by the memory bus, and the distances are range-checked.
    pub reads_prev_timestamp: [T; 2],
    /// Time of the previous access to the memory word; bound by the memory bus, and the distance is range-checked.
    pub write_prev_timestamp: T,
}

/// Record of the reads of a store.
#[derive(Clone, Copy, Debug)]
pub struct StoreRecord {
    base: u32,
    reads: [ReadRecord; 2],
}

/// Adapter for stores. Reads rs1 (operand `b`) and rs2 (operand `a`), then writes the aligned word that contains `rs1 +
/// (c, d)`: three accesses.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rv32Store<A = Words> {
    port: SystemPort,
    target: PhantomData<A>,
}

/// Returns the error of a store outside of its address space.
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

air_part!([A: Target] Rv32Store<A>, Rv32StoreCols<u8>, "adapter");

impl<A: Target> CoreAdapter for Rv32Store<A> {
    fn new(port: SystemPort) -> Self {
        Self { port, target: PhantomData }
    }
}

impl<A: Target> DecodeOperands for Rv32Store<A> {
    /// S format. Words of a custom opcode have the I format, where rd is the base register and rs1 the data.
    fn operands(word: u32, _pc: u32) -> [u32; 7] {
        let fields = Fields(word);
        let (data, base, imm) = match fields.opcode() {
            major::STORE => (fields.rs2(), fields.rs1(), fields.s_imm()),
            _ => (fields.rs1(), fields.rd(), fields.i_imm()),
        };
        let [low, high] = limbs(imm.cast_unsigned());
        [register(data), register(base), low, high, 0, 0, 0]
    }
}

impl<A: Target> SampleOperands for Rv32Store<A> {
    fn sample(samples: &mut Samples) -> Sample {
        let (base, pointer) = sample_pointer(samples);
        let data = sample_register(samples);
        let space = A::space_of(&Instruction::from_parts(samples.opcode(), [data, base, 0, 0, 0, 0, 0]));
        let imm = if space == PUBLIC_VALUES_SPACE {
            let index = 4 * samples.below(SystemConfig::default().num_public_values as u32 / 4);
            index.wrapping_sub(pointer)
        } else {
            (if A::SUBWORD { 2 } else { 4 }) * samples.below(64)
        };
        let [low, high] = limbs(imm);
        let sample = Sample::new([data, base, low, high, 0, 0, 0]).register(base, pointer);
        sample.register(data, samples.word()).word(space, pointer.wrapping_add(imm) & !3, samples.word())
    }
}

impl<AB: VmAirBuilder, A: Target> VmAdapterAir<AB> for Rv32Store<A> {
    type Interface = StoreInterface<A>;

    fn eval(&self, builder: &mut AB, local: &[AB::Var], ctx: AdapterAirContext<AB::Expr, StoreInterface<A>>) {
        let cols: &Rv32StoreCols<AB::Var> = local.borrow();
        let StoreInstruction { is_valid, opcode, space, offset } = ctx.instruction;
        let memory = self.port.memory_bridge;
        let time = |i| access_time::<AB>(&cols.from_state, i);
        let [rs1_prev, rs2_prev] = cols.reads_prev_timestamp;

        let base = cols.address.base.map(Into::into);
        memory.read(builder, register_address::<AB>(cols.rs1), base, time(0), rs1_prev, is_valid.clone());
        let data = ctx.reads.data;
        memory.read(builder, register_address::<AB>(cols.rs2), data, time(1), rs2_prev, is_valid.clone());
        let offset = eval_offset(builder, offset);
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
        let cols: &Rv32StoreCols<AB::Var> = local.borrow();
        cols.from_state.pc
    }
}

impl<A: Target> VmAdapterChip for Rv32Store<A> {
    type ReadRecord = StoreRecord;
    type WriteRecord = WriteRecord;
    type Interface = StoreInterface<A>;
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
    ) -> ExecutionResult<(StoreOperands, StoreRecord)> {
        let (base, base_record) = read_register(memory, instruction.b, from_pc)?;
        let (data, data_record) = read_register(memory, instruction.a, from_pc)?;
        let pointer = pointer(base, [instruction.c, instruction.d]);
        let prev = memory
            .memory()
            .peek(A::space_of(instruction), pointer & !3)
            .map_err(|source| store_error(from_pc, source))?;
        if !A::SUBWORD {
            check_aligned(pointer, 4, from_pc)?;
        }
        Ok((StoreOperands { data, prev, pointer }, StoreRecord { base, reads: [base_record, data_record] }))
    }

    #[inline(always)]
    fn postprocess<M: ExecutionMode>(
        &self,
        memory: &mut MemoryController<M>,
        instruction: &Instruction,
        from_pc: u32,
        output: AdapterRuntimeContext<StoreInterface<A>>,
        read_record: &StoreRecord,
    ) -> ExecutionResult<WriteRecord> {
        let pointer = pointer(read_record.base, [instruction.c, instruction.d]);
        memory
            .write(A::space_of(instruction), pointer & !3, output.writes)
            .map_err(|source| store_error(from_pc, source))
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
        let cols: &mut Rv32StoreCols<F> = row.borrow_mut();
        cols.from_state = state_cells(from);
        cols.rs2 = F::from_u32(instruction.a);
        cols.rs1 = F::from_u32(instruction.b);
        cols.address.fill(read_record.base, [instruction.c, instruction.d]);
        cols.reads_prev_timestamp = read_record.reads.map(|read| F::from_u32(read.prev_timestamp));
        cols.write_prev_timestamp = F::from_u32(write_record.prev_timestamp);
    }
}
