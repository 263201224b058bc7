//! The machine of these tests: addition, exclusive or of bytes, loads and stores of words, and one phantom instruction.

use std::borrow::{Borrow, BorrowMut};

use p3_field::PrimeCharacteristicRing;
use serde::{Deserialize, Serialize};
use vm_core::arch::{
    AdapterAirContext, AdapterRuntimeContext, AirPart, BITWISE_BUS, ExecutionBridge, ExecutionError, ExecutionMode,
    ExecutionResult, ExecutionState, MemoryConfig, MinimalInstruction, PhantomContext, PhantomSubExecutor, RANGE_BUS,
    Streams, SystemConfig, VmAdapterAir, VmAdapterChip, VmAdapterInterface, VmChipWrapper, VmCoreAir, VmCoreChip,
    VmExtension, VmInventory, VmInventoryBuilder, VmInventoryError,
};
use vm_core::instructions::{Instruction, LocalOpcode, SystemOpcode, VmOpcode};
use vm_core::machine::testing::{TestAdapter, TestChip, TestCore, TestInterface, TestOpcode};
use vm_core::primitives::{BitwiseTable, names_of, width_of};
use vm_core::stark::{F, VmAirBuilder};
use vm_core::system::memory::{
    MemoryAddress, MemoryBridge, MemoryController, REGISTER_SPACE, ReadRecord, WriteAux, WriteRecord, cells_of,
};
use vm_derive::{AlignedBorrow, AnyEnum, Chip, ChipUsageGetter, InstructionExecutor, LocalOpcode, VmConfig};

/// Opcodes in addition to [`TestOpcode`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, LocalOpcode)]
#[opcode_offset = 0x100]
#[allow(clippy::upper_case_acronyms)]
pub(crate) enum Op {
    /// `a = b ^ c` of bytes.
    XOR,
    /// Stores register `a` to space `c`, at the pointer in register `b`.
    STORE,
    /// Loads register `a` from space `c`, at the pointer in register `b`.
    LOAD,
}

fn register(index: u32) -> u32 {
    4 * index
}

pub(crate) fn add(to: u32, x: u32, y: u32) -> Instruction {
    Instruction::new(TestOpcode::ADD, [to, x, y].map(register))
}
pub(crate) fn xor(to: u32, x: u32, y: u32) -> Instruction {
    Instruction::new(Op::XOR, [to, x, y].map(register))
}
pub(crate) fn store(value: u32, pointer: u32, space: u32) -> Instruction {
    Instruction::new(Op::STORE, [register(value), register(pointer), space])
}
pub(crate) fn load(to: u32, pointer: u32, space: u32) -> Instruction {
    Instruction::new(Op::LOAD, [register(to), register(pointer), space])
}
pub(crate) fn nop() -> Instruction {
    Instruction::new(SystemOpcode::PHANTOM, [0; 3])
}
pub(crate) fn terminate(code: u32) -> Instruction {
    Instruction::new(SystemOpcode::TERMINATE, [code])
}

/// Columns of [`XorCore`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub(crate) struct XorCols<T> {
    pub(crate) is_valid: T,
    /// Low cells of the operands and of the result. The lookup table proves that they are bytes. High cells are zero.
    pub(crate) bytes: [T; 3],
}

/// Core of the exclusive or of two bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct XorCore;

impl AirPart for XorCore {
    fn width(&self) -> usize {
        width_of::<XorCols<u8>>()
    }
    fn column_names(&self) -> Vec<String> {
        names_of::<XorCols<u8>>()
    }
    fn selectors(&self) -> Vec<usize> {
        vec![0]
    }
}

impl<AB: VmAirBuilder> VmCoreAir<AB, TestInterface> for XorCore {
    fn eval(
        &self,
        builder: &mut AB,
        local: &[AB::Var],
        _from_pc: AB::Var,
    ) -> AdapterAirContext<AB::Expr, TestInterface> {
        let cols: &XorCols<AB::Var> = local.borrow();
        builder.assert_bool(cols.is_valid);
        BITWISE_BUS.query(builder, cols.bytes, cols.is_valid);
        let [x, y, z] = cols.bytes.map(|byte| [byte.into(), AB::Expr::ZERO]);
        let opcode = AB::Expr::from_u32(Op::XOR.global_opcode().as_u32());
        let instruction = MinimalInstruction { is_valid: cols.is_valid.into(), opcode };
        AdapterAirContext { to_pc: None, reads: [x, y], writes: z, instruction }
    }
}

impl VmCoreChip<TestInterface> for XorCore {
    type Record = [u32; 2];
    type Air = Self;

    fn air(&self) -> &Self {
        self
    }
    fn execute_instruction(
        &self,
        _: &Instruction,
        pc: u32,
        reads: [u32; 2],
    ) -> ExecutionResult<(AdapterRuntimeContext<TestInterface>, [u32; 2])> {
        if reads.iter().any(|x| *x > 255) {
            return Err(Box::new(ExecutionError::Fail { pc, message: format!("{reads:?} are not bytes") }));
        }
        Ok((AdapterRuntimeContext::without_pc(reads[0] ^ reads[1]), reads))
    }
    fn get_opcode_name(&self, opcode: VmOpcode) -> String {
        op_name(opcode)
    }
    fn generate_trace_row(&self, row: &mut [F], _: &Instruction, _: u32, [x, y]: &[u32; 2]) {
        let cols: &mut XorCols<F> = row.borrow_mut();
        cols.is_valid = F::ONE;
        cols.bytes = [*x, *y, x ^ y].map(F::from_u32);
    }
}

fn op_name(opcode: VmOpcode) -> String {
    Op::from_opcode(opcode).map_or_else(|| opcode.to_string(), |op| op.name().to_owned())
}

/// What the access core passes to its adapter.
pub(crate) struct AccessInstruction<T> {
    is_store: T,
    is_load: T,
    opcode: T,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct AccessInterface;

impl VmAdapterInterface for AccessInterface {
    type HostReads = [u32; 2];
    type HostWrites = ();
    /// Pointer, and the word that is moved.
    type Reads<T> = [[T; 2]; 2];
    type Writes<T> = ();
    type ProcessedInstruction<T> = AccessInstruction<T>;
}

/// Columns of [`AccessAdapter`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub(crate) struct AccessAdapterCols<T> {
    pub(crate) from: ExecutionState<T>,
    /// Byte pointers of the register with the value and of the register with the pointer.
    pub(crate) registers: [T; 2],
    pub(crate) space: T,
    pub(crate) read_prev: [T; 2],
    pub(crate) write_aux: WriteAux<T>,
}

/// Adapter that moves a word between a register and another address space. An instruction takes three ticks.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AccessAdapter;

#[derive(Clone, Copy, Debug)]
pub(crate) struct AccessReads {
    pointer: u32,
    data: u32,
    records: [ReadRecord; 2],
}

impl AirPart for AccessAdapter {
    fn width(&self) -> usize {
        width_of::<AccessAdapterCols<u8>>()
    }
    fn column_names(&self) -> Vec<String> {
        names_of::<AccessAdapterCols<u8>>()
    }
}

impl VmAdapterChip for AccessAdapter {
    type ReadRecord = AccessReads;
    type WriteRecord = WriteRecord;
    type Interface = AccessInterface;
    type Air = Self;

    fn air(&self) -> &Self {
        self
    }
    fn preprocess<M: ExecutionMode>(
        &self,
        memory: &mut MemoryController<M>,
        _: &mut Streams,
        instruction: &Instruction,
        pc: u32,
    ) -> ExecutionResult<([u32; 2], AccessReads)> {
        let fail = |source| ExecutionError::memory(pc, source);
        let (pointer, first) = memory.read(REGISTER_SPACE, instruction.b).map_err(fail)?;
        let source = if instruction.opcode == Op::STORE.global_opcode() {
            (REGISTER_SPACE, instruction.a)
        } else {
            (instruction.c, pointer)
        };
        let (data, second) = memory.read(source.0, source.1).map_err(fail)?;
        Ok(([pointer, data], AccessReads { pointer, data, records: [first, second] }))
    }
    fn postprocess<M: ExecutionMode>(
        &self,
        memory: &mut MemoryController<M>,
        instruction: &Instruction,
        pc: u32,
        _: AdapterRuntimeContext<AccessInterface>,
        reads: &AccessReads,
    ) -> ExecutionResult<WriteRecord> {
        let to = if instruction.opcode == Op::STORE.global_opcode() {
            (instruction.c, reads.pointer)
        } else {
            (REGISTER_SPACE, instruction.a)
        };
        memory.write(to.0, to.1, reads.data).map_err(|source| ExecutionError::memory(pc, source))
    }
    fn generate_trace_row(
        &self,
        row: &mut [F],
        instruction: &Instruction,
        from: ExecutionState<u32>,
        reads: &AccessReads,
        write: &WriteRecord,
    ) {
        let cols: &mut AccessAdapterCols<F> = row.borrow_mut();
        cols.from = ExecutionState::new(F::from_u32(from.pc), F::from_u32(from.timestamp));
        cols.registers = [instruction.a, instruction.b].map(F::from_u32);
        cols.space = F::from_u32(instruction.c);
        cols.read_prev = reads.records.map(|record| F::from_u32(record.prev_timestamp));
        cols.write_aux =
            WriteAux { prev_timestamp: F::from_u32(write.prev_timestamp), prev_data: cells_of(write.prev_data) };
    }
}

impl<AB: VmAirBuilder> VmAdapterAir<AB> for AccessAdapter {
    type Interface = AccessInterface;

    fn eval(&self, builder: &mut AB, local: &[AB::Var], ctx: AdapterAirContext<AB::Expr, AccessInterface>) {
        let cols: &AccessAdapterCols<AB::Var> = local.borrow();
        let AccessInstruction { is_store, is_load, opcode } = ctx.instruction;
        let is_valid = is_store.clone() + is_load.clone();
        let [pointer_cells, data] = ctx.reads;
        let [low, high] = pointer_cells.clone();
        let pointer = high * AB::Expr::from_u32(1 << 16) + low;
        let register = |i: usize| MemoryAddress::new(AB::Expr::from_u32(REGISTER_SPACE), cols.registers[i].into());
        let time = |access: usize| cols.from.timestamp + AB::Expr::from_usize(access);
        let select = |register_if: &AB::Expr, other_if: &AB::Expr| {
            let space = register_if.clone() * AB::Expr::from_u32(REGISTER_SPACE) + other_if.clone() * cols.space;
            MemoryAddress::new(space, register_if.clone() * cols.registers[0] + other_if.clone() * pointer.clone())
        };
        MemoryBridge.read(builder, register(1), pointer_cells, time(0), cols.read_prev[0], is_valid.clone());
        let source = select(&is_store, &is_load);
        MemoryBridge.read(builder, source, data.clone(), time(1), cols.read_prev[1], is_valid.clone());
        let prev = cols.write_aux.prev_data.map(Into::into);
        let target = select(&is_load, &is_store);
        let prev_time = cols.write_aux.prev_timestamp;
        MemoryBridge.write(builder, target, data, prev, time(2), prev_time, is_valid.clone());
        let operands = [cols.registers[0].into(), cols.registers[1].into(), cols.space.into()];
        ExecutionBridge::default().execute(builder, opcode, operands, cols.from, ctx.to_pc, 3, is_valid);
    }
    fn get_from_pc(&self, local: &[AB::Var]) -> AB::Var {
        let cols: &AccessAdapterCols<AB::Var> = local.borrow();
        cols.from.pc
    }
}

/// Columns of [`AccessCore`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub(crate) struct AccessCols<T> {
    pub(crate) is_store: T,
    pub(crate) is_load: T,
    pub(crate) pointer: [T; 2],
    pub(crate) data: [T; 2],
}

/// Core that proves the range of the pointer of an access.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AccessCore;

impl AirPart for AccessCore {
    fn width(&self) -> usize {
        width_of::<AccessCols<u8>>()
    }
    fn column_names(&self) -> Vec<String> {
        names_of::<AccessCols<u8>>()
    }
    fn selectors(&self) -> Vec<usize> {
        vec![0, 1]
    }
}

impl<AB: VmAirBuilder> VmCoreAir<AB, AccessInterface> for AccessCore {
    fn eval(&self, builder: &mut AB, local: &[AB::Var], _: AB::Var) -> AdapterAirContext<AB::Expr, AccessInterface> {
        let cols: &AccessCols<AB::Var> = local.borrow();
        builder.assert_bool(cols.is_store);
        builder.assert_bool(cols.is_load);
        builder.assert_bool(cols.is_store + cols.is_load);
        // Soundness (M1): the pointer is below 2^29. Its low cell has 16 bits, because all cells of memory do.
        RANGE_BUS.query(builder, [cols.pointer[1].into(), AB::Expr::from_u8(13)], cols.is_store + cols.is_load);
        let opcode = |op: Op| AB::Expr::from_u32(op.global_opcode().as_u32());
        AdapterAirContext {
            to_pc: None,
            reads: [cols.pointer, cols.data].map(|word| word.map(Into::into)),
            writes: (),
            instruction: AccessInstruction {
                is_store: cols.is_store.into(),
                is_load: cols.is_load.into(),
                opcode: opcode(Op::STORE) * cols.is_store + opcode(Op::LOAD) * cols.is_load,
            },
        }
    }
}

impl VmCoreChip<AccessInterface> for AccessCore {
    type Record = [u32; 2];
    type Air = Self;

    fn air(&self) -> &Self {
        self
    }
    fn execute_instruction(
        &self,
        _: &Instruction,
        _: u32,
        reads: [u32; 2],
    ) -> ExecutionResult<(AdapterRuntimeContext<AccessInterface>, [u32; 2])> {
        Ok((AdapterRuntimeContext::without_pc(()), reads))
    }
    fn get_opcode_name(&self, opcode: VmOpcode) -> String {
        op_name(opcode)
    }
    fn generate_trace_row(&self, row: &mut [F], instruction: &Instruction, _: u32, [pointer, data]: &[u32; 2]) {
        let cols: &mut AccessCols<F> = row.borrow_mut();
        cols.is_store = F::from_bool(instruction.opcode == Op::STORE.global_opcode());
        cols.is_load = F::ONE - cols.is_store;
        cols.pointer = cells_of(*pointer);
        cols.data = cells_of(*data);
    }
}

pub(crate) type XorChip = VmChipWrapper<TestAdapter, XorCore>;
pub(crate) type AccessChip = VmChipWrapper<AccessAdapter, AccessCore>;

/// Executors of [`Toy`].
#[derive(AnyEnum, ChipUsageGetter, Chip, InstructionExecutor)]
pub(crate) enum ToyExecutor {
    Add(TestChip),
    Xor(XorChip),
    Access(AccessChip),
}

/// Tables of [`Toy`].
#[derive(AnyEnum, ChipUsageGetter, Chip)]
pub(crate) enum ToyPeriphery {
    Bytes(BitwiseTable),
}

/// Phantom instruction that does nothing.
struct Nop;

impl PhantomSubExecutor for Nop {
    fn execute(&self, _: &mut PhantomContext<'_>) -> ExecutionResult<()> {
        Ok(())
    }
}

/// The instructions of these tests.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Toy;

impl VmExtension for Toy {
    type Executor = ToyExecutor;
    type Periphery = ToyPeriphery;

    fn build(&self, _: &VmInventoryBuilder<'_>) -> Result<VmInventory<ToyExecutor, ToyPeriphery>, VmInventoryError> {
        let mut inventory = VmInventory::new();
        let chip = VmChipWrapper::new("Add", TestAdapter, TestCore);
        inventory.add_executor(ToyExecutor::Add(chip), [TestOpcode::ADD.global_opcode()])?;
        let chip = VmChipWrapper::new("Xor", TestAdapter, XorCore);
        inventory.add_executor(ToyExecutor::Xor(chip), [Op::XOR.global_opcode()])?;
        let chip = VmChipWrapper::new("Access", AccessAdapter, AccessCore);
        inventory.add_executor(ToyExecutor::Access(chip), [Op::STORE, Op::LOAD].map(LocalOpcode::global_opcode))?;
        inventory.add_periphery_chip(ToyPeriphery::Bytes(BitwiseTable::default()));
        inventory.add_phantom_sub_executor(0, Nop)?;
        Ok(inventory)
    }
}

/// A machine with the extension [`Toy`].
#[derive(Clone, Debug, Serialize, Deserialize, VmConfig)]
pub(crate) struct ToyVm {
    #[system]
    pub(crate) system: SystemConfig,
    #[extension]
    toy: Toy,
}

impl ToyVm {
    /// Creates a configuration with address spaces of 2^24 bytes, 32 bytes of public values and timestamps below
    /// 2^`clk_max_bits`.
    pub(crate) fn new(clk_max_bits: usize) -> Self {
        let memory_config = MemoryConfig { pointer_max_bits: 24, clk_max_bits, ..MemoryConfig::default() };
        Self { system: SystemConfig { memory_config, ..SystemConfig::default() }, toy: Toy }
    }
}
