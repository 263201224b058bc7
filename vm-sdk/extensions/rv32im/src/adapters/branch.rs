//! Conditional branches: `if f(rs1, rs2) jump to target`.

use std::borrow::{Borrow, BorrowMut};

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::authoring::{CoreAdapter, CoreInterface, DecodeOperands, Sample, SampleOperands, Samples};
use vm_core::arch::{
    AdapterAirContext, AdapterRuntimeContext, ExecutionMode, ExecutionResult, ExecutionState, SystemPort, VmAdapterAir,
    VmAdapterChip, VmAdapterInterface,
};
use vm_core::instructions::{Instruction, PC_LIMIT, PC_STEP};
use vm_core::stark::{F, VmAirBuilder};
use vm_core::system::memory::{MemoryController, REGISTER_SPACE, ReadRecord};
use vm_derive::AlignedBorrow;

use super::{access_time, read_register, register_address, state_cells};
use crate::fields::Fields;
use crate::opcodes::{jump_target, register};
use crate::support::{air_part, are_registers};

/// Interface of two words in, a decision out: `fn execute(&self, [x, c]: [u32; 2]) -> bool`. The decision is value 0
/// written, a single cell: a boolean column, or computed.
pub struct BranchInterface;

/// Values that the core of a branch passes to the adapter about the instruction.
pub struct BranchInstruction<T> {
    /// Boolean: the row is an instruction.
    pub is_valid: T,
    /// Global opcode.
    pub opcode: T,
    /// 1 if the branch is taken; of degree at most 2. Soundness: the core proves that it is boolean on valid rows.
    pub taken: T,
}

impl VmAdapterInterface for BranchInterface {
    type HostReads = [u32; 2];
    type HostWrites = bool;
    type Reads<T> = [[T; 2]; 2];
    type Writes<T> = ();
    type ProcessedInstruction<T> = BranchInstruction<T>;
}

impl CoreInterface for BranchInterface {
    const READS: &'static [usize] = &[1, 1];
    const WRITES: &'static [usize] = &[0];

    #[inline(always)]
    fn read_word(reads: &[u32; 2], value: usize, _word: usize) -> u32 {
        reads[value]
    }

    #[inline(always)]
    fn write_word(writes: &bool, _value: usize, _word: usize) -> u32 {
        u32::from(*writes)
    }

    #[inline(always)]
    fn output(instruction: &Instruction, _from_pc: u32, taken: bool) -> AdapterRuntimeContext<Self> {
        AdapterRuntimeContext { to_pc: taken.then_some(instruction.c), writes: taken }
    }

    fn context<T: PrimeCharacteristicRing>(
        is_valid: T,
        opcode: T,
        mut read: impl FnMut(usize, usize) -> [T; 2],
        mut write: impl FnMut(usize, usize) -> [T; 2],
    ) -> AdapterAirContext<T, Self> {
        let [taken, _] = write(0, 0);
        AdapterAirContext {
            to_pc: None,
            reads: [read(0, 0), read(1, 0)],
            writes: (),
            instruction: BranchInstruction { is_valid, opcode, taken },
        }
    }
}

/// Columns of [`Rv32Branch`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct Rv32BranchCols<T> {
    /// State before the instruction; received from the execution bus.
    pub from_state: ExecutionState<T>,
    /// Operand `a`; fixed by the program lookup.
    pub rs1: T,
    /// Operand `b`; fixed by the program lookup.
    pub rs2: T,
    /// Operand `c`; fixed by the program lookup.
    pub target: T,
    /// Next pc; determined by the decision.
    pub to_pc: T,
    /// Times of the previous accesses to rs1 and rs2; bound by the memory bus, and the distances are range-checked.
    pub reads_prev_timestamp: [T; 2],
}

/// Record of a branch: the previous accesses and the decision.
#[derive(Clone, Copy, Debug)]
pub struct BranchWriteRecord {
    taken: bool,
}

/// Adapter for branches. Reads rs1 and rs2 (operands `a` and `b`): two accesses. Continues at operand `c` if the core
/// decides to branch, else at the next instruction.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rv32Branch {
    port: SystemPort,
}

air_part!(Rv32Branch, Rv32BranchCols<u8>, "adapter");

impl CoreAdapter for Rv32Branch {
    fn new(port: SystemPort) -> Self {
        Self { port }
    }
}

impl DecodeOperands for Rv32Branch {
    /// B format.
    fn operands(word: u32, pc: u32) -> [u32; 7] {
        let fields = Fields(word);
        [register(fields.rs1()), register(fields.rs2()), jump_target(pc, fields.b_imm()), 0, 0, 0, 0]
    }
}

impl SampleOperands for Rv32Branch {
    fn sample(samples: &mut Samples) -> Sample {
        let [rs1, rs2] = [(); 2].map(|()| samples.register());
        let x = samples.word();
        // Half of the pairs are equal, unless earlier samples have set the registers.
        let c = if samples.below(2) == 0 { x } else { samples.word() };
        Sample::new([rs1, rs2, samples.target(), 0, 0, 0, 0]).register(rs1, x).register(rs2, c)
    }

    fn source(sample: &Sample, value: usize, _word: usize) -> Option<(u32, u32)> {
        Some((REGISTER_SPACE, sample.operands[value]))
    }
}

impl<AB: VmAirBuilder> VmAdapterAir<AB> for Rv32Branch {
    type Interface = BranchInterface;

    fn eval(&self, builder: &mut AB, local: &[AB::Var], ctx: AdapterAirContext<AB::Expr, BranchInterface>) {
        let cols: &Rv32BranchCols<AB::Var> = local.borrow();
        let BranchInstruction { is_valid, opcode, taken } = ctx.instruction;
        let memory = self.port.memory_bridge;
        let time = |i| access_time::<AB>(&cols.from_state, i);
        let [rs1_prev, rs2_prev] = cols.reads_prev_timestamp;

        let [x, c] = ctx.reads;
        memory.read(builder, register_address::<AB>(cols.rs1), x, time(0), rs1_prev, is_valid.clone());
        memory.read(builder, register_address::<AB>(cols.rs2), c, time(1), rs2_prev, is_valid.clone());

        // to_pc = taken ? target : pc + 4, and zero on a padding row.
        let step = is_valid.clone() * AB::Expr::from_u32(PC_STEP);
        let next = cols.from_state.pc + step;
        builder.assert_eq(cols.to_pc - next.clone(), taken * (cols.target - next));

        let operands = [cols.rs1, cols.rs2, cols.target].map(Into::into);
        let to_pc = Some(cols.to_pc.into());
        self.port.execution_bridge.execute(builder, opcode, operands, cols.from_state, to_pc, 2, is_valid);
    }

    fn get_from_pc(&self, local: &[AB::Var]) -> AB::Var {
        let cols: &Rv32BranchCols<AB::Var> = local.borrow();
        cols.from_state.pc
    }
}

impl VmAdapterChip for Rv32Branch {
    type ReadRecord = [ReadRecord; 2];
    type WriteRecord = BranchWriteRecord;
    type Interface = BranchInterface;
    type Air = Self;

    fn air(&self) -> &Self {
        self
    }

    fn accepts(&self, instruction: &Instruction) -> bool {
        are_registers(&[instruction.a, instruction.b]) && instruction.c <= PC_LIMIT
    }

    #[inline(always)]
    fn preprocess<M: ExecutionMode>(
        &self,
        memory: &mut MemoryController<M>,
        instruction: &Instruction,
        from_pc: u32,
    ) -> ExecutionResult<([u32; 2], [ReadRecord; 2])> {
        let (x, x_record) = read_register(memory, instruction.a, from_pc)?;
        let (c, c_record) = read_register(memory, instruction.b, from_pc)?;
        Ok(([x, c], [x_record, c_record]))
    }

    #[inline(always)]
    fn postprocess<M: ExecutionMode>(
        &self,
        _memory: &mut MemoryController<M>,
        _instruction: &Instruction,
        _from_pc: u32,
        output: AdapterRuntimeContext<BranchInterface>,
        _read_record: &[ReadRecord; 2],
    ) -> ExecutionResult<BranchWriteRecord> {
        Ok(BranchWriteRecord { taken: output.writes })
    }

    #[inline(always)]
    fn generate_trace_row(
        &self,
        row: &mut [F],
        instruction: &Instruction,
        from: ExecutionState<u32>,
        read_record: &[ReadRecord; 2],
        write_record: &BranchWriteRecord,
    ) {
        let cols: &mut Rv32BranchCols<F> = row.borrow_mut();
        cols.from_state = state_cells(from);
        cols.rs1 = F::from_u32(instruction.a);
        cols.rs2 = F::from_u32(instruction.b);
        cols.target = F::from_u32(instruction.c);
        cols.to_pc = if write_record.taken { cols.target } else { cols.from_state.pc + F::from_u32(PC_STEP) };
        cols.reads_prev_timestamp = read_record.map(|read| F::from_u32(read.prev_timestamp));
    }
}
