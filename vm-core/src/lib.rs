//! The machine and its proof: memory, execution, chips, segmentation and STARK proving.
//!
//! Nothing in this crate knows an instruction set.

extern crate self as vm_core;

pub mod arch;
pub mod instructions;
pub mod primitives;
pub mod stark;
pub mod system;
