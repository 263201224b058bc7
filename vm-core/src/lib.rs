//! A zkVM without an instruction set: memory, execution, chips, segmentation, STARK proving and verification.
//!
//! Instruction sets are extensions in crates of their own. This crate knows only the two system instructions,
//! TERMINATE and PHANTOM.
//!
//! Without the feature `prover`, the crate can load verifying keys and verify proofs, but it cannot run programs or
//! prove.

// Generated code refers to the crate `vm_sdk`, on which users depend and which exports the same modules.
extern crate self as vm_sdk;

#[doc(hidden)]
pub mod __private;
pub mod arch;
pub mod instructions;
pub mod machine;
pub mod parallel;
pub mod primitives;
pub mod system;

pub use vm_stark as stark;
