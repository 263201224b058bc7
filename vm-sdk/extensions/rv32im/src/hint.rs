//! HINT_STOREW and HINT_BUFFER: words of the hint stream enter memory.
//!
//! A hint is whatever the prover likes: the AIRs prove only that it is a word and where it goes. These chips need the
//! host's streams, which adapters and cores do not see, so each is one AIR of its own behind a [`HintChip`].

mod buffer;
mod store_word;

pub use buffer::{HintBufferAir, HintBufferChip, HintBufferCols, HintBufferRecord};
pub use store_word::{HintStoreWordAir, HintStoreWordChip, HintStoreWordCols, HintStoreWordRecord};

use std::sync::Arc;

use p3_air::BaseAir;
use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use rayon::prelude::*;
use vm_core::arch::{
    Chip, ChipTraces, ChipUsageGetter, ExecutionError, ExecutionMode, ExecutionResult, ExecutionState, GenerationError,
    InstructionExecutor, Streams, TraceContext, VmState, split_heights,
};
use vm_core::instructions::{Instruction, VmOpcode};
use vm_core::stark::{AirRef, AnyAir, F};

use crate::opcodes::HintStoreOpcode;
use crate::support::{are_registers, opcode_name};

/// An AIR with the execution and the witness of its instruction.
pub trait HintInstruction: AnyAir + Copy + Default {
    /// What one step leaves for its row.
    type Record: Copy + Send + Sync;

    /// Executes one step; returns the next program counter.
    fn execute<M: ExecutionMode>(
        vm: &mut VmState<M>,
        instruction: &Instruction,
        pc: u32,
    ) -> ExecutionResult<(u32, Self::Record)>;

    /// Fills one row.
    fn fill_row(row: &mut [F], instruction: &Instruction, from: ExecutionState<u32>, record: &Self::Record);
}

/// Executor and chip of a hint instruction.
pub struct HintChip<A: HintInstruction> {
    air: A,
    records: Vec<(ExecutionState<u32>, A::Record)>,
}

impl<A: HintInstruction> Default for HintChip<A> {
    fn default() -> Self {
        Self { air: A::default(), records: Vec::new() }
    }
}

impl<A: HintInstruction> InstructionExecutor for HintChip<A> {
    fn accepts(&self, instruction: &Instruction) -> bool {
        are_registers(&[instruction.b, instruction.c])
    }

    #[inline(always)]
    fn execute<M: ExecutionMode>(
        &mut self,
        vm: &mut VmState<M>,
        instruction: &Instruction,
        from: ExecutionState<u32>,
    ) -> ExecutionResult<ExecutionState<u32>> {
        let (to_pc, record) = A::execute(vm, instruction, from.pc)?;
        if M::RECORD {
            self.records.push((from, record));
        }
        Ok(ExecutionState::new(to_pc, vm.memory.timestamp()))
    }

    fn get_opcode_name(&self, opcode: VmOpcode) -> String {
        opcode_name::<HintStoreOpcode>(opcode)
    }
}

impl<A: HintInstruction> ChipUsageGetter for HintChip<A> {
    fn air_name(&self) -> String {
        self.air.name()
    }

    fn current_trace_height(&self) -> usize {
        self.records.len()
    }

    fn trace_width(&self) -> usize {
        BaseAir::<F>::width(&self.air)
    }
}

impl<A: HintInstruction> Chip for HintChip<A> {
    fn air(&self) -> AirRef {
        Arc::new(self.air)
    }

    fn generate_traces(&mut self, ctx: &TraceContext<'_>) -> Result<ChipTraces, GenerationError> {
        let records = std::mem::take(&mut self.records);
        let width = self.trace_width();
        let mut rest = records.as_slice();
        let mut traces = Vec::new();
        for height in split_heights(records.len(), ctx.max_log_height, ctx.max_instances) {
            let (rows, tail) = rest.split_at(height.min(rest.len()));
            rest = tail;
            let mut values = F::zero_vec(height * width);
            values.par_chunks_exact_mut(width).with_min_len(256).zip(rows).try_for_each(|(row, (from, record))| {
                A::fill_row(row, ctx.instruction(from.pc)?, *from, record);
                Ok::<_, GenerationError>(())
            })?;
            traces.push(RowMajorMatrix::new(values, width));
        }
        if !rest.is_empty() {
            return Err(GenerationError::TraceHeightsLimitExceeded {
                air: self.air_name(),
                height: records.len(),
                limit: ctx.max_instances << ctx.max_log_height,
            });
        }
        Ok(ChipTraces { traces, public_values: Vec::new() })
    }
}

/// Takes the next word from the hint stream.
#[inline(always)]
fn pop_word(streams: &mut Streams, pc: u32) -> ExecutionResult<u32> {
    if streams.hint_stream.len() < 4 {
        return Err(out_of_hints(pc, 4, streams));
    }
    let mut word = [0; 4];
    for (byte, hint) in word.iter_mut().zip(streams.hint_stream.drain(..4)) {
        *byte = hint;
    }
    Ok(u32::from_le_bytes(word))
}

#[cold]
fn out_of_hints(pc: u32, requested: usize, streams: &Streams) -> Box<ExecutionError> {
    Box::new(ExecutionError::HintOutOfBounds { pc, requested, available: streams.hint_stream.len() })
}

/// `BuildChip`, `MachineAir` and `BaseAir` of a hint instruction.
macro_rules! hint_chip {
    ($(#[$doc:meta])* $chip:ident = $name:literal: $air:ident, $cols:ident) => {
        $(#[$doc])*
        pub type $chip = super::HintChip<$air>;

        impl ::vm_core::arch::BuildChip<$crate::Rv32im> for $chip {
            fn build(
                _extension: &$crate::Rv32im,
                _builder: &::vm_core::arch::VmInventoryBuilder<'_>,
            ) -> Result<Self, ::vm_core::arch::VmInventoryError> {
                Ok(Self::default())
            }
        }

        impl ::p3_air::BaseAir<::vm_core::stark::F> for $air {
            fn width(&self) -> usize {
                ::vm_core::primitives::width_of::<$cols<u8>>()
            }
        }

        impl ::vm_core::stark::MachineAir for $air {
            fn name(&self) -> String {
                $name.to_owned()
            }

            fn column_names(&self) -> Vec<String> {
                ::vm_core::primitives::names_of::<$cols<u8>>()
            }

            fn selectors(&self) -> Vec<usize> {
                vec![::core::mem::offset_of!($cols<u8>, is_valid)]
            }
        }
    };
}
use hint_chip;
