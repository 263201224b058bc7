//! HINT_STOREW and HINT_BUFFER: words of the hint stream enter memory.
//!
//! The prover chooses hints freely: the AIRs prove only that a hint is a word and where it is stored. These chips need
//! the host's streams, which adapters and cores have no access to, so each is an AIR of its own in a [`HintChip`].

mod buffer;
mod store_word;

pub use buffer::{HintBuffer, HintBufferAir, HintBufferChip, HintBufferCols, HintBufferRecord};
pub use store_word::{HintStoreWord, HintStoreWordAir, HintStoreWordChip, HintStoreWordCols, HintStoreWordRecord};

use std::sync::Arc;

use p3_air::BaseAir;
use vm_core::arch::authoring::{
    DecodeOperands, Encoding, InstructionInfo, PhantomSpec, Sample, SampleOperands, Samples,
};
use vm_core::arch::{
    Chip, ChipTraces, ChipUsageGetter, ExecutionError, ExecutionMode, ExecutionResult, ExecutionState, GenerationError,
    InstructionExecutor, Streams, TraceContext, VmState, no_record,
};
use vm_core::instructions::{Instruction, LocalOpcode, SystemOpcode, VmOpcode};
use vm_core::stark::{AirRef, AnyAir, F};
use vm_core::system::memory::MAIN_SPACE;
use vm_derive::LocalOpcode;

use crate::adapters::{sample_fixed, sample_pointer};
use crate::fields::Fields;
use crate::opcodes::register;
use crate::phantom::HintInput;
use crate::support::{are_registers, opcode_name};

/// Instructions that store hint words. HINT_STOREW: next word → `[rd]`, `b` = rd. HINT_BUFFER: `b` = rd (base pointer),
/// `c` = rs1 (number of words); one row and one step of the machine per word, counted in
/// [`crate::opcodes::HINT_CURSOR`].
#[allow(clippy::upper_case_acronyms, missing_docs, non_camel_case_types)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, LocalOpcode)]
#[opcode_offset = 0x1A0]
pub enum HintStoreOpcode {
    HINT_STOREW,
    HINT_BUFFER,
}

/// Why columns with hints are free.
const ANY_HINT: &str = "the prover chooses hints freely";

/// Operands of the hint instructions.
#[derive(Clone, Copy, Debug)]
pub struct HintOperands;

impl DecodeOperands for HintOperands {
    /// I format, where the immediate selects the instruction. Only HINT_BUFFER uses rs1.
    fn operands(word: u32, _pc: u32) -> [u32; 7] {
        let fields = Fields(word);
        let rs1 = if fields.i_imm() == HintStoreOpcode::HINT_BUFFER as i32 { register(fields.rs1()) } else { 0 };
        [0, register(fields.rd()), rs1, 0, 0, 0, 0]
    }
}

impl SampleOperands for HintOperands {
    fn sample(samples: &mut Samples) -> Sample {
        let (rd, pointer) = sample_pointer(samples);
        let ask = Instruction::new(SystemOpcode::PHANTOM, [0, 0, HintInput.discriminant().into()]);
        if samples.opcode() == HintStoreOpcode::HINT_STOREW.global_opcode() {
            // The first word of an input is its length, so two words are read.
            let store = Instruction::new(HintStoreOpcode::HINT_STOREW, [0, rd]);
            let sample = Sample::new([0, rd, 0, 0, 0, 0, 0]).before(ask).before(store);
            return sample.register(rd, pointer).input(samples.word().to_le_bytes());
        }
        let (rs1, word) = sample_fixed(samples);
        let count = 1 + word % 4;
        let words: Vec<u8> = (1..count).flat_map(|_| samples.word().to_le_bytes()).collect();
        let sample = Sample::new([0, rd, rs1, 0, 0, 0, 0]).before(ask).input(words);
        let sample = sample.register(rd, pointer).register(rs1, count);
        (0..count).fold(sample, |sample, i| sample.word(MAIN_SPACE, pointer + 4 * i, samples.word()))
    }
}

/// Returns name, documentation and encoding of a hint instruction.
const fn info(opcode: HintStoreOpcode, summary: &'static str) -> InstructionInfo {
    let name = match opcode {
        HintStoreOpcode::HINT_STOREW => "HINT_STOREW",
        HintStoreOpcode::HINT_BUFFER => "HINT_BUFFER",
    };
    // custom-0, funct3 = 1, the immediate.
    let encoding = Encoding::new(0xFFF0_707F, (opcode as u32) << 20 | 0x100B);
    InstructionInfo { name, summary, encoding: Some(encoding), guest: None }
}

/// An AIR together with the execution and the witness of its instruction.
pub trait HintInstruction: AnyAir + Copy + Default {
    /// Record of one step, from which its row is filled.
    type Record: Copy + Send + Sync;

    /// Executes one step and returns the next program counter.
    ///
    /// # Errors
    ///
    /// The step traps: an access outside of memory, a misaligned pointer, or a hint stream that is too short.
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
    /// Records of instructions that fused rows prove.
    set_aside: Vec<(ExecutionState<u32>, A::Record)>,
}

impl<A: HintInstruction> Default for HintChip<A> {
    fn default() -> Self {
        Self { air: A::default(), records: Vec::new(), set_aside: Vec::new() }
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
        ChipTraces::fill(ctx, &self.air_name(), self.trace_width(), &records, |(from, record), row| {
            A::fill_row(row, ctx.instruction(from.pc)?, *from, record);
            Ok(())
        })
    }

    fn can_set_aside(&self) -> bool {
        true
    }

    fn set_aside(&mut self, is_fused: &mut dyn FnMut(u32) -> bool) -> usize {
        self.set_aside.extend(self.records.extract_if(.., |(from, _)| is_fused(from.timestamp)));
        self.set_aside.len()
    }

    fn fill_set_aside(&self, ctx: &TraceContext<'_>, index: usize, row: &mut [F]) -> Result<(), GenerationError> {
        let (from, record) = self.set_aside.get(index).ok_or_else(|| no_record(&self.air_name(), index))?;
        A::fill_row(row, ctx.instruction(from.pc)?, *from, record);
        Ok(())
    }
}

#[cold]
fn out_of_hints(pc: u32, requested: usize, streams: &Streams) -> Box<ExecutionError> {
    Box::new(ExecutionError::HintOutOfBounds { pc, requested, available: streams.hint_stream.len() })
}

/// `InstructionSpec`, `MachineAir` and `BaseAir` of a hint instruction.
macro_rules! hint_chip {
    (
        #[doc = $summary:literal]
        $chip:ident = $instruction:ident: $air:ident, $cols:ident, $opcode:ident, free = $free:expr
    ) => {
        #[doc = $summary]
        #[derive(Clone, Copy, Debug)]
        pub struct $instruction;

        #[doc = concat!("Executor and chip of [`", stringify!($instruction), "`].")]
        pub type $chip = super::HintChip<$air>;

        impl ::vm_core::arch::authoring::InstructionSpec for $instruction {
            type Operands = super::HintOperands;
            type Chip = $chip;
            const NAME: &'static str = stringify!($instruction);
            const INSTRUCTIONS: &'static [::vm_core::arch::authoring::InstructionInfo] =
                &[super::info(super::HintStoreOpcode::$opcode, $summary)];
            const OPCODE: Option<u32> = Some(
                <super::HintStoreOpcode as ::vm_core::instructions::LocalOpcode>::CLASS_OFFSET
                    + super::HintStoreOpcode::$opcode as u32,
            );

            fn free_cell(column: &str, row: &[::vm_core::stark::F]) -> Option<&'static str> {
                let reason: fn(&str, &$cols<::vm_core::stark::F>) -> Option<&'static str> = $free;
                reason(column, row.borrow())
            }

            fn into_chip(self, _port: ::vm_core::arch::SystemPort, _opcode: u32) -> $chip {
                <$chip>::default()
            }
        }

        impl ::vm_core::arch::authoring::DefaultInstruction for $instruction {
            const VALUE: Self = Self;
        }

        impl ::p3_air::BaseAir<::vm_core::stark::F> for $air {
            fn width(&self) -> usize {
                ::vm_core::primitives::width_of::<$cols<u8>>()
            }
        }

        impl ::vm_core::stark::MachineAir for $air {
            fn name(&self) -> String {
                stringify!($instruction).to_owned()
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
