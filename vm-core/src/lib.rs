//! The machine and its proof: memory, execution, chips, segmentation and STARK proving.
//!
//! Nothing in this crate knows an instruction set.
//!
//! Without the feature `prover`, machines are only described: enough to load verifying keys and to verify proofs.

// Generated code names the crate that users depend on, which exports the same modules.
extern crate self as vm_sdk;

#[doc(hidden)]
pub mod __private;
pub mod arch;
pub mod instructions;
pub mod machine;
pub mod parallel;
pub mod primitives;
pub mod stark;
pub mod system;
