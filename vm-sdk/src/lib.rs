//! The SDK: what users of the machine depend on.
//!
//! - [`sdk`]: run programs, prove runs, verify proofs;
//! - [`program`], [`transpiler`], [`elf`]: from ELF files to executables;
//! - [`config`]: the first-party RISC-V machine;
//! - [`prelude`]: what most programs import;
//! - [`report`], [`files`], [`input`], [`resources`]: what the `cargo-vm` command is made of.

pub mod config;
pub mod elf;
pub mod error;
pub mod files;
pub mod input;
pub mod prelude;
pub mod program;
pub mod report;
pub mod resources;
pub mod sdk;
pub mod transpiler;
