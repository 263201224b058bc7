//! A chip of the test kit that sets a word of memory to a constant, so that the next instruction reads it.

use std::borrow::{Borrow, BorrowMut};
use std::sync::Arc;

use p3_air::{Air, BaseAir, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use vm_derive::{AlignedBorrow, LocalOpcode};

use crate::arch::{
    Chip, ChipTraces, ChipUsageGetter, ExecutionBridge, ExecutionError, ExecutionMode, ExecutionResult, ExecutionState,
    GenerationError, InstructionExecutor, TraceContext, VmState,
};
use crate::instructions::{Instruction, LocalOpcode, PC_STEP, VmOpcode};
use crate::primitives::{names_of, width_of};
use crate::stark::{AirRef, F, MachineAir, VmAirBuilder};
use crate::system::memory::{MemoryAddress, MemoryBridge, WriteAux, WriteRecord, cells_of};

/// Opcode of [`SetWordChip`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, LocalOpcode)]
#[opcode_offset = 0x0E57_1000]
pub(super) enum SetWordOpcode {
    /// Operands: address space, byte pointer, and the cells of the word.
    Set,
}

/// Returns the instruction that sets a word.
pub(super) fn set_word(space: u32, pointer: u32, value: u32) -> Instruction {
    let operands = [space, pointer, value & 0xFFFF, value >> 16, 0, 0, 0];
    Instruction::from_parts(SetWordOpcode::Set.global_opcode(), operands)
}

/// Columns of [`SetWordChip`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
struct SetWordCols<T> {
    is_valid: T,
    from: ExecutionState<T>,
    /// Address space, pointer and cells. Bound by the program table.
    operands: [T; 4],
    write: WriteAux<T>,
}

#[derive(Clone, Copy, Debug)]
struct SetWordAir;

const NAME: &str = "TestSetWord";

impl BaseAir<F> for SetWordAir {
    fn width(&self) -> usize {
        width_of::<SetWordCols<u8>>()
    }
}

impl MachineAir for SetWordAir {
    fn name(&self) -> String {
        NAME.to_owned()
    }
    fn column_names(&self) -> Vec<String> {
        names_of::<SetWordCols<u8>>()
    }
    fn selectors(&self) -> Vec<usize> {
        vec![0]
    }
}

impl<AB: VmAirBuilder> Air<AB> for SetWordAir {
    fn eval(&self, builder: &mut AB) {
        let main = builder.main();
        let cols: &SetWordCols<AB::Var> = main.current_slice().borrow();
        builder.assert_bool(cols.is_valid);
        let [space, pointer, data @ ..] = cols.operands.map(Into::<AB::Expr>::into);
        let WriteAux { prev_timestamp, prev_data } = cols.write;
        let (address, prev_data) = (MemoryAddress::new(space, pointer), prev_data.map(Into::into));
        MemoryBridge.write(builder, address, data, prev_data, cols.from.timestamp, prev_timestamp, cols.is_valid);
        let opcode = AB::Expr::from_u32(SetWordOpcode::Set.global_opcode().as_u32());
        let operands = cols.operands.map(Into::into);
        ExecutionBridge::default().execute(builder, opcode, operands, cols.from, None, 1, cols.is_valid.into());
    }
}

/// Executor and chip that set words to constants of the program.
#[derive(Default)]
pub(super) struct SetWordChip(Vec<(ExecutionState<u32>, WriteRecord)>);

impl InstructionExecutor for SetWordChip {
    fn execute<M: ExecutionMode>(
        &mut self,
        vm: &mut VmState<M>,
        instruction: &Instruction,
        from: ExecutionState<u32>,
    ) -> ExecutionResult<ExecutionState<u32>> {
        let Instruction { a: space, b: pointer, c: low, d: high, .. } = *instruction;
        let written = vm.memory.write(space, pointer, low | high << 16);
        let record = written.map_err(|source| ExecutionError::memory(from.pc, source))?;
        if M::RECORD {
            self.0.push((from, record));
        }
        Ok(ExecutionState::new(from.pc.wrapping_add(PC_STEP), vm.memory.timestamp()))
    }

    fn get_opcode_name(&self, _opcode: VmOpcode) -> String {
        SetWordOpcode::Set.name().to_owned()
    }
}

impl ChipUsageGetter for SetWordChip {
    fn air_name(&self) -> String {
        NAME.to_owned()
    }
    fn current_trace_height(&self) -> usize {
        self.0.len()
    }
    fn trace_width(&self) -> usize {
        SetWordAir.width()
    }
}

impl Chip for SetWordChip {
    fn air(&self) -> AirRef {
        Arc::new(SetWordAir)
    }

    fn generate_traces(&mut self, ctx: &TraceContext<'_>) -> Result<ChipTraces, GenerationError> {
        let records = std::mem::take(&mut self.0);
        ChipTraces::fill(ctx, NAME, self.trace_width(), &records, |(from, write), row| {
            let Instruction { a, b, c, d, .. } = *ctx.instruction(from.pc)?;
            let cols: &mut SetWordCols<F> = row.borrow_mut();
            cols.is_valid = F::ONE;
            cols.from = ExecutionState::new(F::from_u32(from.pc), F::from_u32(from.timestamp));
            cols.operands = [a, b, c, d].map(F::from_u32);
            cols.write =
                WriteAux { prev_timestamp: F::from_u32(write.prev_timestamp), prev_data: cells_of(write.prev_data) };
            Ok(())
        })
    }
}
