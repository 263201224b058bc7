//! The machine and its proof: memory, execution, chips, segmentation and STARK proving.
//!
//! Nothing in this crate knows an instruction set.

// Generated code names the crate that users depend on, which exports the same modules.
extern crate self as vm_sdk;

pub mod arch;
pub mod instructions;
pub mod primitives;
pub mod stark;
pub mod system;
