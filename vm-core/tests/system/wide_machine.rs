//! A machine with wide accesses: hand-written instructions that reverse N words.

use std::borrow::{Borrow, BorrowMut};
use std::sync::Arc;

use p3_air::{Air, BaseAir, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use vm_core::arch::{
    Chip, ChipTraces, ChipUsageGetter, ExecutionBridge, ExecutionError, ExecutionMode, ExecutionResult, ExecutionState,
    GenerationError, InstructionExecutor, MemoryConfig, NoChip, RANGE_BUS, SystemConfig, TraceContext, VmExtension,
    VmInventory, VmInventoryBuilder, VmInventoryError, VmState,
};
use vm_core::instructions::{Instruction, PC_STEP, VmOpcode};
use vm_core::primitives::{names_of, width_of};
use vm_core::stark::{AirRef, F, MachineAir, VmAirBuilder};
use vm_core::system::memory::{MemoryAddress, MemoryBridge, REGISTER_SPACE, cells_of};
use vm_derive::{AlignedBorrow, AnyEnum, Chip, ChipUsageGetter, InstructionExecutor, VmConfig};

use crate::machine::Toy;

/// Returns the instruction that copies `N` words in reverse order, from the pointer in register `from.1` of space
/// `from.0` to the pointer in register `to.1` of space `to.0`.
pub(crate) fn reverse<const N: usize>(from: (u32, u32), to: (u32, u32)) -> Instruction {
    Instruction::from_parts(opcode(N), [4 * from.1, 4 * to.1, from.0, to.0, 0, 0, 0])
}

fn opcode(words: usize) -> VmOpcode {
    VmOpcode::from_u32(0x400 + words as u32)
}

#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
struct ReverseCols<T, const N: usize> {
    is_valid: T,
    from: ExecutionState<T>,
    /// Byte pointers of the two registers with the pointers. Bound by the program table, like the spaces.
    registers: [T; 2],
    spaces: [T; 2],
    /// Timestamps of the previous accesses of the registers.
    read_prev: [T; 2],
    /// Cells of the pointers. Bound by the memory bus.
    pointers: [[T; 2]; 2],
    /// Cells of the words that are read. Bound by the adapter row that receives the request.
    data: [[T; 2]; N],
}

#[derive(Clone, Copy)]
struct ReverseAir<const N: usize>;

impl<const N: usize> BaseAir<F> for ReverseAir<N> {
    fn width(&self) -> usize {
        width_of::<ReverseCols<u8, N>>()
    }
}

impl<const N: usize> MachineAir for ReverseAir<N> {
    fn name(&self) -> String {
        format!("Reverse{N}")
    }
    fn column_names(&self) -> Vec<String> {
        names_of::<ReverseCols<u8, N>>()
    }
    fn selectors(&self) -> Vec<usize> {
        vec![0]
    }
}

impl<AB: VmAirBuilder, const N: usize> Air<AB> for ReverseAir<N> {
    fn eval(&self, builder: &mut AB) {
        let main = builder.main();
        let cols: &ReverseCols<AB::Var, N> = main.current_slice().borrow();
        let valid = cols.is_valid;
        builder.assert_bool(valid);
        let time = |ticks: usize| cols.from.timestamp + AB::Expr::from_usize(ticks);
        for i in 0..2 {
            let register = MemoryAddress::new(AB::Expr::from_u32(REGISTER_SPACE), cols.registers[i].into());
            MemoryBridge.read(builder, register, cols.pointers[i].map(Into::into), time(i), cols.read_prev[i], valid);
            // Soundness (M1): the pointer is below 2^29. Its low cell has 16 bits, because all cells of memory do.
            RANGE_BUS.query(builder, [cols.pointers[i][1].into(), AB::Expr::from_u8(13)], valid);
        }
        let address = |i: usize| {
            let [low, high] = cols.pointers[i];
            MemoryAddress::new(cols.spaces[i].into(), high * AB::Expr::from_u32(1 << 16) + low)
        };
        let words: [[AB::Expr; 2]; N] = cols.data.map(|word| word.map(Into::into));
        let mut reversed = words.clone();
        reversed.reverse();
        MemoryBridge.read_wide(builder, address(0), words, time(2), valid);
        // Soundness (M12): the written cells are copies of cells that were read.
        MemoryBridge.write_wide(builder, address(1), reversed, time(2 + N), valid);
        let ([a, b], [c, d]) = (cols.registers, cols.spaces);
        let operands = [a, b, c, d].map(Into::into);
        let opcode = AB::Expr::from_u32(opcode(N).as_u32());
        ExecutionBridge::default().execute(builder, opcode, operands, cols.from, None, 2 + 2 * N, valid);
    }
}

struct Record<const N: usize> {
    from: ExecutionState<u32>,
    read_prev: [u32; 2],
    pointers: [u32; 2],
    data: [u32; N],
}

/// Executor and chip of the instruction.
pub(crate) struct ReverseChip<const N: usize> {
    records: Vec<Record<N>>,
}

impl<const N: usize> InstructionExecutor for ReverseChip<N> {
    fn execute<M: ExecutionMode>(
        &mut self,
        vm: &mut VmState<M>,
        instruction: &Instruction,
        from: ExecutionState<u32>,
    ) -> ExecutionResult<ExecutionState<u32>> {
        let fail = |source| ExecutionError::memory(from.pc, source);
        let memory = &mut vm.memory;
        let (source, first) = memory.read(REGISTER_SPACE, instruction.a).map_err(fail)?;
        let (target, second) = memory.read(REGISTER_SPACE, instruction.b).map_err(fail)?;
        let data: [u32; N] = memory.read_wide(instruction.c, source).map_err(fail)?;
        let mut reversed = data;
        reversed.reverse();
        memory.write_wide(instruction.d, target, reversed).map_err(fail)?;
        if M::RECORD {
            let read_prev = [first, second].map(|record| record.prev_timestamp);
            self.records.push(Record { from, read_prev, pointers: [source, target], data });
        }
        Ok(ExecutionState::new(from.pc + PC_STEP, vm.memory.timestamp()))
    }
    fn get_opcode_name(&self, _: VmOpcode) -> String {
        format!("REVERSE{N}")
    }
}

impl<const N: usize> ChipUsageGetter for ReverseChip<N> {
    fn air_name(&self) -> String {
        ReverseAir::<N>.name()
    }
    fn current_trace_height(&self) -> usize {
        self.records.len()
    }
    fn trace_width(&self) -> usize {
        ReverseAir::<N>.width()
    }
}

impl<const N: usize> Chip for ReverseChip<N> {
    fn air(&self) -> AirRef {
        Arc::new(ReverseAir::<N>)
    }
    fn generate_traces(&mut self, ctx: &TraceContext<'_>) -> Result<ChipTraces, GenerationError> {
        let records = std::mem::take(&mut self.records);
        if records.is_empty() {
            return Ok(ChipTraces::default());
        }
        let width = ReverseAir::<N>.width();
        let mut values = F::zero_vec(records.len().next_power_of_two() * width);
        for (row, record) in values.chunks_exact_mut(width).zip(&records) {
            let instruction = ctx.instruction(record.from.pc)?;
            let cols: &mut ReverseCols<F, N> = row.borrow_mut();
            cols.is_valid = F::ONE;
            cols.from = ExecutionState::new(F::from_u32(record.from.pc), F::from_u32(record.from.timestamp));
            cols.registers = [instruction.a, instruction.b].map(F::from_u32);
            cols.spaces = [instruction.c, instruction.d].map(F::from_u32);
            cols.read_prev = record.read_prev.map(F::from_u32);
            cols.pointers = record.pointers.map(cells_of);
            cols.data = record.data.map(cells_of);
        }
        Ok(ChipTraces { traces: vec![RowMajorMatrix::new(values, width)], public_values: Vec::new() })
    }
}

/// Executors of [`Reversal`].
#[derive(AnyEnum, ChipUsageGetter, Chip, InstructionExecutor)]
pub(crate) enum ReverseExecutor {
    Two(ReverseChip<2>),
    Four(ReverseChip<4>),
    Eight(ReverseChip<8>),
    Sixteen(ReverseChip<16>),
    ThirtyTwo(ReverseChip<32>),
}

impl ReverseExecutor {
    fn of_width(words: usize) -> Self {
        match words {
            2 => Self::Two(ReverseChip { records: Vec::new() }),
            4 => Self::Four(ReverseChip { records: Vec::new() }),
            8 => Self::Eight(ReverseChip { records: Vec::new() }),
            16 => Self::Sixteen(ReverseChip { records: Vec::new() }),
            32 => Self::ThirtyTwo(ReverseChip { records: Vec::new() }),
            other => panic!("there is no chip for {other} words"),
        }
    }
}

/// Extension with instructions that reverse words.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reversal {
    /// Widths of the instructions.
    pub(crate) instructions: Vec<usize>,
    /// Access widths that the extension requests.
    pub(crate) asks: Vec<usize>,
}

impl VmExtension for Reversal {
    type Executor = ReverseExecutor;
    type Periphery = NoChip;

    fn build(&self, _: &VmInventoryBuilder<'_>) -> Result<VmInventory<ReverseExecutor, NoChip>, VmInventoryError> {
        let mut inventory = VmInventory::new();
        for &words in &self.instructions {
            inventory.add_executor(ReverseExecutor::of_width(words), [opcode(words)])?;
        }
        for &words in &self.asks {
            inventory.add_access_width(words)?;
        }
        Ok(inventory)
    }
}

/// A machine with the extensions [`Toy`] and [`Reversal`].
#[derive(Clone, Debug, VmConfig)]
pub(crate) struct WideVm {
    #[system]
    pub(crate) system: SystemConfig,
    #[extension]
    pub(crate) toy: Toy,
    #[extension]
    pub(crate) reversal: Reversal,
}

impl WideVm {
    /// Creates a configuration with instructions for these widths, whose adapters are requested.
    pub(crate) fn new(widths: &[usize]) -> Self {
        let memory_config = MemoryConfig { pointer_max_bits: 24, ..MemoryConfig::default() };
        let reversal = Reversal { instructions: widths.to_vec(), asks: widths.to_vec() };
        Self { system: SystemConfig { memory_config, ..SystemConfig::default() }, toy: Toy, reversal }
    }
}
