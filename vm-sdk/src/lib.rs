//! SDK.

pub mod elf;
pub mod transpiler;
