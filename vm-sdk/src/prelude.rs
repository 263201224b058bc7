//! Everything for building and using a machine: `use vm_sdk::prelude::*;`.

pub use vm_core::arch::{
    ExecutionReport, SystemConfig, VirtualMachine, VmConfig, VmExecutor, VmExtension, VmProof, VmVerifyingKey,
};
pub use vm_core::instructions::{Instruction, LocalOpcode, Program, VmExe, VmOpcode};
pub use vm_core::stark::{
    BabyBearBlake3Engine, BabyBearKeccakEngine, BabyBearPoseidon2Engine, SecurityPreset, StarkEngine,
};
pub use vm_derive::{LocalOpcode, VmConfig};
pub use vm_rv32im::Rv32im;

pub use crate::config::Rv32imVm;
pub use crate::program::GuestProgram;
pub use crate::sdk::Sdk;
pub use crate::transpiler::{Transpiler, WordTranspiler, load_elf};
