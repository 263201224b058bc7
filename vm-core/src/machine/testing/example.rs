//! The smallest complete chip: an adapter that reads two registers and writes one, and a core that adds two words.

use std::borrow::{Borrow, BorrowMut};

use p3_air::AirBuilder;
use p3_field::{Field, PrimeCharacteristicRing};
use vm_derive::{AlignedBorrow, LocalOpcode};

use crate::arch::authoring::{CoreAdapter, CoreInterface, DecodeOperands, Sample, SampleOperands, Samples};
use crate::arch::{
    AdapterAirContext, AdapterRuntimeContext, AirPart, ExecutionBridge, ExecutionError, ExecutionMode, ExecutionResult,
    ExecutionState, MemoryController, MinimalInstruction, RANGE_BUS, REGISTER_SPACE, Streams, SystemPort, VmAdapterAir,
    VmAdapterChip, VmAdapterInterface, VmChipWrapper, VmCoreAir, VmCoreChip,
};
use crate::instructions::{Instruction, LocalOpcode, VmOpcode};
use crate::primitives::{names_of, width_of};
use crate::stark::{F, VmAirBuilder};
use crate::system::memory::{MemoryAddress, MemoryBridge, ReadRecord, WriteAux, WriteRecord, cells_of};

/// Opcodes of [`TestCore`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, LocalOpcode)]
#[opcode_offset = 0x0E57_0000]
pub enum TestOpcode {
    /// `a = b + c` modulo 2^32. The operands a, b and c are byte pointers of registers.
    ADD,
}

/// Interface between adapter and core: the core gets two words and returns one.
#[derive(Clone, Copy, Debug)]
pub struct TestInterface;

impl VmAdapterInterface for TestInterface {
    type HostReads = [u32; 2];
    type HostWrites = u32;
    type Reads<T> = [[T; 2]; 2];
    type Writes<T> = [T; 2];
    type ProcessedInstruction<T> = MinimalInstruction<T>;
}

impl CoreInterface for TestInterface {
    const READS: &'static [usize] = &[1, 1];
    const WRITES: &'static [usize] = &[1];

    fn read_word(reads: &[u32; 2], value: usize, _word: usize) -> u32 {
        reads[value]
    }
    fn write_word(write: &u32, _value: usize, _word: usize) -> u32 {
        *write
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

/// Columns of [`TestAdapter`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct TestAdapterCols<T> {
    /// Program counter and timestamp of the instruction. Bound by the execution bus.
    pub from: ExecutionState<T>,
    /// Byte pointers of the written register and the two read registers. Bound by the program table.
    pub pointers: [T; 3],
    /// Timestamps of the previous accesses of the read registers.
    pub read_prev: [T; 2],
    /// Timestamp and value of the previous access of the written register.
    pub write_aux: WriteAux<T>,
}

/// Adapter that reads registers `b` and `c` and writes register `a`. An instruction takes three ticks.
#[derive(Clone, Copy, Debug, Default)]
pub struct TestAdapter;

impl CoreAdapter for TestAdapter {
    fn new(_port: SystemPort) -> Self {
        Self
    }
}

/// Decodes the fields rd, rs1 and rs2 of RISC-V's R format.
impl DecodeOperands for TestAdapter {
    fn operands(word: u32, _pc: u32) -> [u32; 7] {
        let register = |low: u32| 4 * ((word >> low) & 31);
        [register(7), register(15), register(20), 0, 0, 0, 0]
    }
}

impl SampleOperands for TestAdapter {
    fn sample(samples: &mut Samples) -> Sample {
        let [rd, rs1, rs2] = [(); 3].map(|()| samples.register());
        let (x, y) = (samples.word(), samples.word());
        Sample::new([rd, rs1, rs2, 0, 0, 0, 0]).register(rs1, x).register(rs2, y)
    }

    fn source(sample: &Sample, value: usize, _word: usize) -> Option<(u32, u32)> {
        Some((REGISTER_SPACE, sample.operands[1 + value]))
    }
}

impl AirPart for TestAdapter {
    fn width(&self) -> usize {
        width_of::<TestAdapterCols<u8>>()
    }
    fn column_names(&self) -> Vec<String> {
        names_of::<TestAdapterCols<u8>>()
    }
}

impl VmAdapterChip for TestAdapter {
    type ReadRecord = [ReadRecord; 2];
    type WriteRecord = WriteRecord;
    type Interface = TestInterface;
    type Air = Self;

    fn air(&self) -> &Self {
        self
    }

    fn preprocess<M: ExecutionMode>(
        &self,
        memory: &mut MemoryController<M>,
        _: &mut Streams,
        instruction: &Instruction,
        from_pc: u32,
    ) -> ExecutionResult<([u32; 2], [ReadRecord; 2])> {
        let mut read =
            |pointer| memory.read(REGISTER_SPACE, pointer).map_err(|source| ExecutionError::memory(from_pc, source));
        let (x, x_record) = read(instruction.b)?;
        let (c, c_record) = read(instruction.c)?;
        Ok(([x, c], [x_record, c_record]))
    }

    fn postprocess<M: ExecutionMode>(
        &self,
        memory: &mut MemoryController<M>,
        instruction: &Instruction,
        from_pc: u32,
        output: AdapterRuntimeContext<TestInterface>,
        _read_record: &[ReadRecord; 2],
    ) -> ExecutionResult<WriteRecord> {
        memory
            .write(REGISTER_SPACE, instruction.a, output.writes)
            .map_err(|source| ExecutionError::memory(from_pc, source))
    }

    fn generate_trace_row(
        &self,
        row: &mut [F],
        instruction: &Instruction,
        from: ExecutionState<u32>,
        reads: &[ReadRecord; 2],
        write: &WriteRecord,
    ) {
        let cols: &mut TestAdapterCols<F> = row.borrow_mut();
        cols.from = ExecutionState::new(F::from_u32(from.pc), F::from_u32(from.timestamp));
        cols.pointers = [instruction.a, instruction.b, instruction.c].map(F::from_u32);
        cols.read_prev = reads.map(|record| F::from_u32(record.prev_timestamp));
        cols.write_aux =
            WriteAux { prev_timestamp: F::from_u32(write.prev_timestamp), prev_data: cells_of(write.prev_data) };
    }
}

impl<AB: VmAirBuilder> VmAdapterAir<AB> for TestAdapter {
    type Interface = TestInterface;

    fn eval(&self, builder: &mut AB, local: &[AB::Var], ctx: AdapterAirContext<AB::Expr, TestInterface>) {
        let cols: &TestAdapterCols<AB::Var> = local.borrow();
        let MinimalInstruction { is_valid, opcode } = ctx.instruction;
        let bridge = MemoryBridge;
        let address = |pointer: AB::Var| MemoryAddress::new(AB::Expr::from_u32(REGISTER_SPACE), pointer.into());
        let time = |access: usize| cols.from.timestamp + AB::Expr::from_usize(access);
        for (access, data) in ctx.reads.into_iter().enumerate() {
            let pointer = address(cols.pointers[access + 1]);
            bridge.read(builder, pointer, data, time(access), cols.read_prev[access], is_valid.clone());
        }
        let WriteAux { prev_timestamp, prev_data } = cols.write_aux;
        let pointer = address(cols.pointers[0]);
        let prev_data = prev_data.map(Into::into);
        bridge.write(builder, pointer, ctx.writes, prev_data, time(2), prev_timestamp, is_valid.clone());
        let operands = cols.pointers.map(Into::into);
        ExecutionBridge::default().execute(builder, opcode, operands, cols.from, ctx.to_pc, 3, is_valid);
    }

    fn get_from_pc(&self, local: &[AB::Var]) -> AB::Var {
        let cols: &TestAdapterCols<AB::Var> = local.borrow();
        cols.from.pc
    }
}

/// Columns of [`TestCore`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct TestCoreCols<T> {
    /// Boolean. 1 on rows that hold an instruction.
    pub is_valid: T,
    /// Cells of the words that are added. Bound by the memory bus.
    pub x: [[T; 2]; 2],
    /// Cells of the sum. Range-checked, and determined by the carries.
    pub y: [T; 2],
}

/// Core that adds two words modulo 2^32.
#[derive(Clone, Copy, Debug, Default)]
pub struct TestCore;

/// Chip of an addition of two registers.
pub type TestChip = VmChipWrapper<TestAdapter, TestCore>;

impl AirPart for TestCore {
    fn width(&self) -> usize {
        width_of::<TestCoreCols<u8>>()
    }
    fn column_names(&self) -> Vec<String> {
        names_of::<TestCoreCols<u8>>()
    }
    fn selectors(&self) -> Vec<usize> {
        vec![0]
    }
}

impl<AB: VmAirBuilder> VmCoreAir<AB, TestInterface> for TestCore {
    fn eval(
        &self,
        builder: &mut AB,
        local: &[AB::Var],
        _from_pc: AB::Var,
    ) -> AdapterAirContext<AB::Expr, TestInterface> {
        let cols: &TestCoreCols<AB::Var> = local.borrow();
        builder.assert_bool(cols.is_valid);
        let mut carry = AB::Expr::ZERO;
        for cell in 0..2 {
            carry = (cols.x[0][cell] + cols.x[1][cell] + carry - cols.y[cell])
                * AB::Expr::from(F::from_u32(1 << 16).inverse());
            // Soundness: all cells are below 2^16, so with a boolean carry the equation holds over the integers.
            builder.when(cols.is_valid).assert_bool(carry.clone());
            RANGE_BUS.query(builder, [cols.y[cell].into(), AB::Expr::from_u8(16)], cols.is_valid);
        }
        let opcode = AB::Expr::from_u32(TestOpcode::ADD.global_opcode().as_u32());
        AdapterAirContext {
            to_pc: None,
            reads: cols.x.map(|word| word.map(Into::into)),
            writes: cols.y.map(Into::into),
            instruction: MinimalInstruction { is_valid: cols.is_valid.into(), opcode },
        }
    }
}

impl VmCoreChip<TestInterface> for TestCore {
    type Record = [u32; 2];
    type Air = Self;

    fn air(&self) -> &Self {
        self
    }

    fn execute_instruction(
        &self,
        _instruction: &Instruction,
        _from_pc: u32,
        reads: [u32; 2],
    ) -> ExecutionResult<(AdapterRuntimeContext<TestInterface>, [u32; 2])> {
        Ok((AdapterRuntimeContext::without_pc(reads[0].wrapping_add(reads[1])), reads))
    }

    fn get_opcode_name(&self, opcode: VmOpcode) -> String {
        TestOpcode::from_opcode(opcode).map_or_else(|| opcode.to_string(), |opcode| opcode.name().to_owned())
    }

    fn generate_trace_row(&self, row: &mut [F], _instruction: &Instruction, _from_pc: u32, reads: &[u32; 2]) {
        let cols: &mut TestCoreCols<F> = row.borrow_mut();
        cols.is_valid = F::ONE;
        cols.x = reads.map(cells_of);
        cols.y = cells_of(reads[0].wrapping_add(reads[1]));
    }
}
