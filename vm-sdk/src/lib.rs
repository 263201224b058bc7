//! The SDK: what users of the machine depend on.
//!
//! - [`sdk`]: run programs, prove runs, verify proofs;
//! - [`verifier`]: verify proofs;
//! - [`program`], [`transpiler`], [`elf`]: from ELF files to executables;
//! - [`io`]: typed input and public values;
//! - [`guest_build`]: from guest packages to ELF files;
//! - `templates` (with the feature `new`): new packages;
//! - [`config`]: the first-party RISC-V machine;
//! - [`prelude`]: what most programs import;
//! - [`run_folder`]: runs that are proven piece by piece;
//! - [`report`], [`files`], [`input`], [`resources`]: what the `cargo-chipwright` command is made of.
//!
//! Without the feature `prover` (it is a default feature), `sdk`, `program` and `guest_build` are absent, and so are the virtual
//! machine and the test kit in [`arch`]: what is left verifies proofs, has fewer dependencies and needs no operating
//! system.
//!
//! In guest programs (`target_arch = "riscv32"`) only the macros and [`message`] exist, so that an extension's guest functions
//! bring nothing of the proving stack along.
#![cfg_attr(target_arch = "riscv32", no_std)]

// Generated code names this crate.
extern crate self as vm_sdk;

/// All macros.
pub use vm_derive as macros;
pub use vm_derive::{columns, instruction, vm_extension};

/// Everything else is for the host.
macro_rules! host_only {
    ($($item:item)*) => {
        $(
            #[cfg(not(target_arch = "riscv32"))]
            $item
        )*
    };
}

host_only! {
    #[doc(hidden)]
    pub use vm_core::__private;
    pub use vm_core::{arch, instructions, parallel, primitives, stark, system};
    /// Adapters of RISC-V instructions, and their interfaces to cores.
    pub use vm_rv32im::adapters as rv32;

    /// The proof backend's traits that circuits are written with.
    pub mod p3 {
        pub use p3_air as air;
        pub use p3_field as field;
        pub use p3_matrix as matrix;
    }

    pub mod config;
    pub mod elf;
    pub mod error;
    pub mod files;
    #[cfg(feature = "prover")]
    pub mod guest_build;
    pub mod input;
    pub mod io;
    #[cfg(feature = "prover")]
    pub mod program;
    pub mod report;
    pub mod resources;
    #[cfg(feature = "prover")]
    pub mod run_folder;
    #[cfg(feature = "prover")]
    pub mod sdk;
    #[cfg(feature = "new")]
    pub mod templates;
    pub mod transpiler;
    pub mod verifier;
}

pub mod message;
pub mod prelude;
