//! Names that nearly every extension and machine needs: `use vm_sdk::prelude::*;`.
//!
//! - declarations: `instruction`, `columns`, `adapter`, `phantom`, `vm_extension` and the derive macro `VmConfig`;
//! - columns and constraints: `Word`, `Bytes`, `Bits`, `Core`, `CoreBuilder`, `Io`, the field `F`, and the traits with
//!   the methods of builders and field elements;
//! - instructions with several rows: `RowCore`, `RowBuilder`, `Row`, `Access`, `When`;
//! - phantom instructions: `PhantomSubExecutor`, `PhantomContext`, `ExecutionResult`;
//! - adapters of instructions on registers: `Rv32Alu`, `Rv32AluImm`, `Rv32Unary`;
//! - machines: `SystemConfig`, `Rv32im`, `VirtualMachine`, `BabyBearWhirPoseidon2Engine`, `StarkEngine`, `SecurityPreset`,
//!   `GuestProgram`, `Inputs`, `PublicValues`.
//!
//! Everything else is imported by its path: other adapters from `vm_sdk::rv32`, layers below annotated instructions from
//! `vm_sdk::arch`, and the other derive macros from `vm_sdk::macros`. Items and imports of your own take precedence over
//! names of the prelude.

pub use vm_derive::{VmConfig, adapter, columns, instruction, phantom, vm_extension};

#[cfg(not(target_arch = "riscv32"))]
pub use host::*;

#[cfg(not(target_arch = "riscv32"))]
mod host {
    pub use p3_air::AirBuilder;
    pub use p3_field::{Field, PrimeCharacteristicRing};
    pub use vm_core::arch::authoring::{
        Access, Bits, Bytes, Core, CoreBuilder, Io, Row, RowBuilder, RowCore, When, Word,
    };
    pub use vm_core::arch::{ExecutionResult, PhantomContext, PhantomSubExecutor, SystemConfig, VmConfig};
    #[cfg(feature = "prover")]
    pub use vm_core::machine::VirtualMachine;
    pub use vm_core::stark::{BabyBearWhirPoseidon2Engine, F, SecurityPreset, StarkEngine};
    pub use vm_rv32im::Rv32im;
    pub use vm_rv32im::adapters::{Rv32Alu, Rv32AluImm, Rv32Unary};

    pub use crate::io::{Inputs, PublicValues};
    #[cfg(feature = "prover")]
    pub use crate::program::GuestProgram;
}
