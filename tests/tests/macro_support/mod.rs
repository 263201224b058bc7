//! The smallest types that satisfy the macros' traits, for tests of what the macros generate.
#![allow(dead_code, missing_docs, unreachable_pub)]

use vm_core::arch::authoring::{CoreAdapter, DecodeOperands};
use vm_core::arch::{
    AdapterRuntimeContext, BuildChip, Chip, ChipTraces, ChipUsageGetter, ExecutionMode, ExecutionResult,
    ExecutionState, GenerationError, InstructionExecutor, PhantomContext, PhantomSubExecutor, Streams, SystemPort,
    TraceContext, VmAdapterChip, VmInventoryBuilder, VmInventoryError, VmState,
};
use vm_core::instructions::{Instruction, LocalOpcode, VmOpcode};
use vm_core::machine::testing::{TestAdapter, TestInterface};
use vm_core::primitives::RangeTable;
use vm_core::stark::{AirRef, Bus, F};
use vm_core::system::memory::{MemoryController, ReadRecord, WriteRecord};

/// Chips that only have a name: as executors they leave the state unchanged, and their traces are empty.
macro_rules! chips {
    ($($(#[$attr:meta])* $chip:ident),* $(,)?) => {$(
        $(#[$attr])*
        #[derive(Clone, Debug, Default)]
        pub struct $chip;

        impl ChipUsageGetter for $chip {
            fn air_name(&self) -> String {
                stringify!($chip).to_owned()
            }
            fn current_trace_height(&self) -> usize {
                3
            }
            fn trace_width(&self) -> usize {
                7
            }
        }

        impl Chip for $chip {
            fn air(&self) -> AirRef {
                Chip::air(&RangeTable::default())
            }
            fn generate_traces(&mut self, _: &TraceContext<'_>) -> Result<ChipTraces, GenerationError> {
                Ok(ChipTraces::default())
            }
        }

        impl InstructionExecutor for $chip {
            fn execute<M: ExecutionMode>(
                &mut self,
                _: &mut VmState<M>,
                _: &Instruction,
                from: ExecutionState<u32>,
            ) -> ExecutionResult<ExecutionState<u32>> {
                Ok(from)
            }
            fn get_opcode_name(&self, opcode: VmOpcode) -> String {
                format!("{} {opcode}", stringify!($chip))
            }
        }

        impl<X> BuildChip<X> for $chip {
            fn build(_: &X, _: &VmInventoryBuilder<'_>) -> Result<Self, VmInventoryError> {
                Ok(Self)
            }
        }
    )*};
}

chips!(AddChip, AluChip, LeftChip, RightChip, MulChip, HelperChip, ByteTable);

/// Opcode classes, each with its offset and names.
macro_rules! opcodes {
    ($($class:ident = $offset:literal { $($opcode:ident),* })*) => {$(
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(clippy::upper_case_acronyms)]
        pub enum $class { $($opcode),* }

        impl LocalOpcode for $class {
            const CLASS_OFFSET: u32 = $offset;
            const ALL: &'static [Self] = &[$(Self::$opcode),*];
            fn local_index(self) -> u32 {
                self as u32
            }
            fn name(self) -> &'static str {
                match self { $(Self::$opcode => stringify!($opcode)),* }
            }
        }
    )*};
}

opcodes! {
    AluOpcode = 0x200 { ADD, SUB }
    ShiftOpcode = 0x210 { SLL, SRL, SRA }
    MulOpcode = 0x220 { MUL }
    ModOpcode = 0x230 { MOD }
    OverlappingOpcode = 0x201 { ROTL, ROTR }
}

/// A chip with parameters.
#[derive(Clone, Debug, Default, vm_derive::ChipUsageGetter, vm_derive::Chip, vm_derive::InstructionExecutor)]
pub struct ManyChip<const N: usize>(pub AddChip);

/// A bus.
pub const HELPER_BUS: Bus = Bus::permutation("helper", 2);

/// Phantom instructions without effect.
macro_rules! phantoms {
    ($($name:ident),*) => {$(
        pub struct $name;
        impl PhantomSubExecutor for $name {
            fn execute(&self, _: &mut PhantomContext<'_>) -> ExecutionResult<()> {
                Ok(())
            }
        }
    )*};
}

phantoms!(HintInput, PrintStr);

/// The smallest adapter for special cases: [`TestAdapter`], for instructions that read one register twice.
#[derive(Clone, Copy, Debug)]
pub struct SameRegister;

impl VmAdapterChip for SameRegister {
    type ReadRecord = [ReadRecord; 2];
    type WriteRecord = WriteRecord;
    type Interface = TestInterface;
    type Air = TestAdapter;

    fn air(&self) -> &TestAdapter {
        &TestAdapter
    }

    fn accepts(&self, instruction: &Instruction) -> bool {
        instruction.b == instruction.c
    }

    fn preprocess<M: ExecutionMode>(
        &self,
        memory: &mut MemoryController<M>,
        streams: &mut Streams,
        instruction: &Instruction,
        from_pc: u32,
    ) -> ExecutionResult<([u32; 2], [ReadRecord; 2])> {
        TestAdapter.preprocess(memory, streams, instruction, from_pc)
    }

    fn postprocess<M: ExecutionMode>(
        &self,
        memory: &mut MemoryController<M>,
        instruction: &Instruction,
        from_pc: u32,
        output: AdapterRuntimeContext<TestInterface>,
        reads: &[ReadRecord; 2],
    ) -> ExecutionResult<WriteRecord> {
        TestAdapter.postprocess(memory, instruction, from_pc, output, reads)
    }

    fn generate_trace_row(
        &self,
        row: &mut [F],
        instruction: &Instruction,
        from: ExecutionState<u32>,
        reads: &[ReadRecord; 2],
        write: &WriteRecord,
    ) {
        TestAdapter.generate_trace_row(row, instruction, from, reads, write);
    }
}

impl DecodeOperands for SameRegister {
    fn operands(word: u32, pc: u32) -> [u32; 7] {
        TestAdapter::operands(word, pc)
    }
}

impl CoreAdapter for SameRegister {
    const SUFFIX: &'static str = "Same";

    fn new(_: SystemPort) -> Self {
        Self
    }
}
