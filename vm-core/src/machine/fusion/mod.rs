//! Fused blocks: circuits for sequences of instructions, made from the circuits of the instructions and the program.

mod block;
#[cfg(feature = "prover")]
mod choose;
mod circuit;
mod error;
mod expr;
mod instructions;
mod link;
mod plan;
#[cfg(feature = "prover")]
mod rows;
mod splits;
mod template;

#[cfg(feature = "prover")]
pub use choose::{ChosenPlan, FusionBudget};
pub use circuit::FusedCircuit;
pub use error::FusionError;
pub use plan::{FusableMachine, FusedPath, Fuser, Fusion, FusionPlan, MAX_INSTRUCTIONS, MAX_PATH_LENGTH, MAX_PATHS};
#[cfg(feature = "prover")]
pub(in crate::machine) use rows::FusedRows;
