//! Fused blocks: circuits for sequences of instructions, made from the circuits of the instructions and the program.

mod block;
mod bytes;
mod circuit;
mod error;
mod expr;
mod instructions;
mod link;
mod plan;
mod template;

pub use circuit::FusedCircuit;
pub use error::FusionError;
pub use plan::{FusedPath, Fuser, Fusion, FusionPlan, MAX_INSTRUCTIONS, MAX_PATH_LENGTH, MAX_PATHS};
