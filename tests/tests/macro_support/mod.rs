//! The smallest types that satisfy the macros' traits, for tests of what the macros generate.
#![allow(dead_code, missing_docs, unreachable_pub)]

use vm_core::arch::{
    BuildChip, Chip, ChipTraces, ChipUsageGetter, ExecutionMode, ExecutionResult, ExecutionState, GenerationError,
    InstructionExecutor, PhantomSubExecutor, Streams, TraceContext, VmInventoryBuilder, VmInventoryError, VmState,
};
use vm_core::instructions::{Instruction, LocalOpcode, VmOpcode};
use vm_core::primitives::RangeTable;
use vm_core::stark::{AirRef, Bus};
use vm_core::system::memory::GuestMemory;

/// Chips that do nothing but carry their name: as executors they stay where they are, and their traces are empty.
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

/// Phantom sub-instructions without effect.
macro_rules! phantoms {
    ($($name:ident),*) => {$(
        pub struct $name;
        impl PhantomSubExecutor for $name {
            fn name(&self) -> &'static str {
                stringify!($name)
            }
            fn execute(
                &self,
                _: &GuestMemory,
                _: &mut Streams,
                _: &mut rand::rngs::StdRng,
                _: &Instruction,
                _: u32,
            ) -> ExecutionResult<()> {
                Ok(())
            }
        }
    )*};
}

phantoms!(HintInput, PrintStr);
