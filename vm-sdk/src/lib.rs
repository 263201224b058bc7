//! The SDK: programs that use or extend the machine depend on this crate only.
//!
//! - [`sdk`]: run programs, prove runs, verify proofs;
//! - [`verifier`]: verify proofs;
//! - [`program`], [`transpiler`], [`elf`]: from ELF files to executables;
//! - [`io`]: typed input and public values;
//! - [`guest_build`]: from guest packages to ELF files;
//! - [`config`]: the first-party RISC-V machine;
//! - [`cpu`]: whether this program was compiled for the CPU on which it runs;
//! - `cli`: the commands of `cargo chipwright` for any machine (feature `cli`);
//! - `debug`: runs of programs under the debugger gdb (feature `debugger`);
//! - [`prelude`]: names that most extensions and machines need;
//! - [`profile`], [`coverage`]: what a run executes, by function and source line;
//! - [`compare`]: runs of a guest on this computer and on the machine;
//! - [`run_folder`]: runs that are proven segment by segment;
//! - [`report`], [`files`], [`input`], [`resources`]: parts of the command `cargo chipwright`, which is the package
//!   `cargo-chipwright`.
//!
//! Without the default feature `prover`, the modules `sdk`, `program`, `profile`, `coverage`, `compare`, `guest_build` and
//! `run_folder` are absent, and so are the virtual machine and the test kit in [`arch`]. The rest verifies proofs, has fewer
//! dependencies and needs no operating system.
//!
//! For guest programs (`target_arch = "riscv32"`), this crate consists of the macros, `hint`, [`message`] and [`prelude`], so
//! that an extension's guest functions do not depend on the proving stack.
#![cfg_attr(target_arch = "riscv32", no_std)]

// Generated code names this crate.
extern crate self as vm_sdk;

/// All macros.
pub use vm_derive as macros;
pub use vm_derive::{adapter, columns, instruction, phantom, vm_extension};

#[cfg(all(feature = "cli", not(target_arch = "riscv32")))]
pub use cli::main as cli;
#[doc(hidden)]
#[cfg(not(target_arch = "riscv32"))]
pub use vm_core::__private;
#[cfg(not(target_arch = "riscv32"))]
pub use vm_core::{instructions, parallel, primitives, stark, system};

/// The architecture: configuration, execution, extensions, chips, and the virtual machine that is made of them.
#[cfg(not(target_arch = "riscv32"))]
pub mod arch {
    pub use vm_core::arch::*;
    pub use vm_core::machine::*;
}

/// Adapters of RISC-V instructions, and their interfaces to cores.
#[cfg(not(target_arch = "riscv32"))]
pub use vm_rv32im::adapters as rv32;

/// Traits of the proof backend for writing circuits.
#[cfg(not(target_arch = "riscv32"))]
pub mod p3 {
    pub use p3_air as air;
    pub use p3_field as field;
    pub use p3_matrix as matrix;
}

#[cfg(not(target_arch = "riscv32"))]
pub mod backtrace;
#[cfg(all(feature = "cli", not(target_arch = "riscv32")))]
pub mod cli;
#[cfg(all(feature = "prover", not(target_arch = "riscv32")))]
pub mod compare;
#[cfg(not(target_arch = "riscv32"))]
pub mod config;
#[cfg(all(feature = "prover", not(target_arch = "riscv32")))]
pub mod coverage;
#[cfg(not(target_arch = "riscv32"))]
pub mod cpu;
#[cfg(all(feature = "debugger", not(target_arch = "riscv32")))]
pub mod debug;
#[cfg(not(target_arch = "riscv32"))]
pub mod elf;
#[cfg(not(target_arch = "riscv32"))]
pub mod error;
#[cfg(not(target_arch = "riscv32"))]
pub mod files;
#[cfg(all(feature = "prover", not(target_arch = "riscv32")))]
pub mod fused;
#[cfg(all(feature = "prover", not(target_arch = "riscv32")))]
pub mod guest_build;
#[cfg(target_arch = "riscv32")]
pub mod hint;
#[cfg(not(target_arch = "riscv32"))]
pub mod input;
#[cfg(not(target_arch = "riscv32"))]
pub mod io;
pub mod message;
pub mod prelude;
#[cfg(all(feature = "prover", not(target_arch = "riscv32")))]
pub mod profile;
#[cfg(all(feature = "prover", not(target_arch = "riscv32")))]
pub mod program;
#[cfg(not(target_arch = "riscv32"))]
pub mod report;
#[cfg(not(target_arch = "riscv32"))]
pub mod resources;
#[cfg(all(feature = "prover", not(target_arch = "riscv32")))]
pub mod run_folder;
#[cfg(all(feature = "prover", not(target_arch = "riscv32")))]
pub mod sdk;
#[cfg(not(target_arch = "riscv32"))]
pub mod transpiler;
#[cfg(not(target_arch = "riscv32"))]
pub mod verifier;
