//! Instructions that write a constant: `rd = constant`.

use std::borrow::{Borrow, BorrowMut};

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::authoring::{CoreAdapter, CoreInterface, DecodeOperands, Sample, SampleOperands, Samples};
use vm_core::arch::{
    AdapterAirContext, AdapterRuntimeContext, ExecutionMode, ExecutionResult, ExecutionState, ImmInstruction, Streams,
    SystemPort, VmAdapterAir, VmAdapterChip, VmAdapterInterface,
};
use vm_core::instructions::{Instruction, PC_LIMIT, PC_STEP};
use vm_core::stark::{F, VmAirBuilder};
use vm_core::system::memory::{MemoryController, WriteAux, WriteRecord};
use vm_derive::AlignedBorrow;

use super::{access_time, register_address, state_cells, write_cells, write_register};
use crate::fields::{Fields, major};
use crate::opcodes::{destination, jump_target};
use crate::support::{air_part, are_limbs, are_registers, limbs, word};

/// Interface of a constant in, one word out.
pub struct ConstantInterface;

impl VmAdapterInterface for ConstantInterface {
    type HostReads = u32;
    type HostWrites = u32;
    type Reads<T> = ();
    type Writes<T> = [T; 2];
    type ProcessedInstruction<T> = ImmInstruction<T>;
}

impl CoreInterface for ConstantInterface {
    const READS: &'static [usize] = &[1];
    const WRITES: &'static [usize] = &[1];

    #[inline(always)]
    fn read_word(reads: &u32, _value: usize, _word: usize) -> u32 {
        *reads
    }

    #[inline(always)]
    fn write_word(writes: &u32, _value: usize, _word: usize) -> u32 {
        *writes
    }

    #[inline(always)]
    fn output(instruction: &Instruction, _from_pc: u32, writes: u32) -> AdapterRuntimeContext<Self> {
        AdapterRuntimeContext { to_pc: Some(instruction.d), writes }
    }

    fn context<T: PrimeCharacteristicRing>(
        is_valid: T,
        opcode: T,
        mut read: impl FnMut(usize, usize) -> [T; 2],
        mut write: impl FnMut(usize, usize) -> [T; 2],
    ) -> AdapterAirContext<T, Self> {
        AdapterAirContext {
            to_pc: None,
            reads: (),
            writes: write(0, 0),
            instruction: ImmInstruction { is_valid, opcode, immediate: read(0, 0) },
        }
    }
}

/// Columns of [`Rv32Constant`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct Rv32ConstantCols<T> {
    /// State before the instruction; received from the execution bus.
    pub from_state: ExecutionState<T>,
    /// Operand `a`; fixed by the program lookup.
    pub rd: T,
    /// Operand `d`, the next pc; fixed by the program lookup.
    pub to_pc: T,
    /// Previous word of rd and the time of its access; bound by the memory bus, and the distance is range-checked.
    pub write: WriteAux<T>,
}

/// Adapter for constants. Writes rd (operand `a`): one access. Continues at operand `d`. The constant is operands `b`
/// and `c`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rv32Constant {
    port: SystemPort,
}

air_part!(Rv32Constant, Rv32ConstantCols<u8>, "adapter");

impl CoreAdapter for Rv32Constant {
    fn new(port: SystemPort) -> Self {
        Self { port }
    }
}

impl DecodeOperands for Rv32Constant {
    /// U format: the constant is the immediate, for AUIPC plus the pc. JAL (J format): the constant is `pc + 4`, and
    /// the target is the next pc.
    fn operands(word: u32, pc: u32) -> [u32; 7] {
        let (fields, next) = (Fields(word), pc.wrapping_add(PC_STEP));
        let (value, to_pc) = match fields.opcode() {
            major::AUIPC => (pc.wrapping_add(fields.u_imm()), next),
            major::JAL => (next, jump_target(pc, fields.j_imm())),
            _ => (fields.u_imm(), next),
        };
        let [low, high] = limbs(value);
        [destination(fields.rd()), low, high, to_pc, 0, 0, 0]
    }
}

impl SampleOperands for Rv32Constant {
    fn sample(samples: &mut Samples) -> Sample {
        let [low, high] = limbs(samples.word());
        Sample::new([samples.register(), low, high, samples.target(), 0, 0, 0])
    }
}

impl<AB: VmAirBuilder> VmAdapterAir<AB> for Rv32Constant {
    type Interface = ConstantInterface;

    fn eval(&self, builder: &mut AB, local: &[AB::Var], ctx: AdapterAirContext<AB::Expr, ConstantInterface>) {
        let cols: &Rv32ConstantCols<AB::Var> = local.borrow();
        let ImmInstruction { is_valid, opcode, immediate: [b, c] } = ctx.instruction;
        self.port.memory_bridge.write(
            builder,
            register_address::<AB>(cols.rd),
            ctx.writes,
            cols.write.prev_data.map(Into::into),
            access_time::<AB>(&cols.from_state, 0),
            cols.write.prev_timestamp,
            is_valid.clone(),
        );
        let operands = [cols.rd.into(), b, c, cols.to_pc.into()];
        let to_pc = Some(cols.to_pc.into());
        self.port.execution_bridge.execute(builder, opcode, operands, cols.from_state, to_pc, 1, is_valid);
    }

    fn get_from_pc(&self, local: &[AB::Var]) -> AB::Var {
        let cols: &Rv32ConstantCols<AB::Var> = local.borrow();
        cols.from_state.pc
    }
}

impl VmAdapterChip for Rv32Constant {
    type ReadRecord = ();
    type WriteRecord = WriteRecord;
    type Interface = ConstantInterface;
    type Air = Self;

    fn air(&self) -> &Self {
        self
    }

    fn accepts(&self, instruction: &Instruction) -> bool {
        are_registers(&[instruction.a]) && are_limbs(&[instruction.b, instruction.c]) && instruction.d <= PC_LIMIT
    }

    #[inline(always)]
    fn preprocess<M: ExecutionMode>(
        &self,
        _memory: &mut MemoryController<M>,
        _: &mut Streams,
        instruction: &Instruction,
        _from_pc: u32,
    ) -> ExecutionResult<(u32, ())> {
        Ok((word(instruction.b, instruction.c), ()))
    }

    #[inline(always)]
    fn postprocess<M: ExecutionMode>(
        &self,
        memory: &mut MemoryController<M>,
        instruction: &Instruction,
        from_pc: u32,
        output: AdapterRuntimeContext<ConstantInterface>,
        _read_record: &(),
    ) -> ExecutionResult<WriteRecord> {
        write_register(memory, instruction.a, output.writes, from_pc)
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
        let cols: &mut Rv32ConstantCols<F> = row.borrow_mut();
        cols.from_state = state_cells(from);
        cols.rd = F::from_u32(instruction.a);
        cols.to_pc = F::from_u32(instruction.d);
        cols.write = write_cells(write_record);
    }
}
