//! Everything for building and using a machine, and for writing extensions: `use vm_sdk::prelude::*;`.

pub use vm_derive::{
    AlignedBorrow, AnyEnum, Chip, ChipUsageGetter, InstructionExecutor, LocalOpcode, VmConfig, columns, instruction,
    vm_extension,
};

#[cfg(not(target_arch = "riscv32"))]
pub use host::*;

#[cfg(not(target_arch = "riscv32"))]
mod host {
    pub use p3_air::AirBuilder;
    pub use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};
    pub use vm_core::arch::authoring::{
        Bits, Bytes, Core, CoreBuilder, Io, MultiRowAir, MultiRowCore, RowContext, Word,
    };
    pub use vm_core::arch::{
        AirPart, Chip, DefaultSegmentationStrategy, ExecutionError, ExecutionMode, ExecutionResult, ExecutionState,
        InstructionExecutor, SegmentationStrategy, SystemConfig, SystemPort, VmConfig, VmExtension,
    };
    pub use vm_core::instructions::{Instruction, LocalOpcode, Program, VmExe, VmOpcode};
    pub use vm_core::machine::{ContinuationProof, VmProof, VmVerifyingKey};
    #[cfg(feature = "prover")]
    pub use vm_core::machine::{ExecutionReport, VirtualMachine, VmExecutor};
    pub use vm_core::primitives::BitwiseTable;
    pub use vm_core::stark::{
        BabyBearBlake3Engine, BabyBearKeccakEngine, BabyBearPoseidon2Engine, Bus, F, SecurityPreset, StarkEngine,
        VmAirBuilder,
    };
    pub use vm_core::system::memory::MemoryController;
    pub use vm_rv32im::Rv32im;
    pub use vm_rv32im::adapters::{
        LoadedWord, Rv32Alu, Rv32AluImm, Rv32AluImmInPlace, Rv32AluInPlace, Rv32Branch, Rv32Heap, Rv32Load,
        Rv32Message, Rv32Registers, Rv32Store, Rv32Unary, Rv32UnaryInPlace, StoreOperands, Subwords, check_aligned,
        operands,
    };

    pub use crate::config::Rv32imVm;
    pub use crate::io::{Inputs, PublicValues};
    pub use crate::transpiler::{Transpiler, WordTranspiler, load_elf};
    #[cfg(feature = "prover")]
    pub use crate::{program::GuestProgram, sdk::Sdk};
}
