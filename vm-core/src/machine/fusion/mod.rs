//! Fused blocks: circuits for sequences of instructions, made from the circuits of the instructions and the program.
//!
//! The circuit of a path is made in these steps:
//!
//! 1. The AIRs of its instructions are recorded (`template`) and put side by side, with the operands of the instructions as
//!    constants (`block`).
//! 2. Equations are added: between the state, the words and the parts of words that neighbouring instructions have in common
//!    (`link`, `splits`), and those that follow from the ranges of cells (`ranges`). Messages that they make equal are removed in
//!    pairs.
//! 3. Linear equations eliminate columns (`block`).
//! 4. Queries that follow from others (`queries`) and columns that nothing depends on are dropped, and the rest is an AIR
//!    (`circuit`).
//!
//! The arguments for their soundness are next to the code, and `docs/fusion-soundness.md` has them together.

mod block;
#[cfg(feature = "prover")]
mod choose;
mod circuit;
mod error;
mod expr;
mod instructions;
mod link;
mod plan;
mod queries;
mod ranges;
#[cfg(feature = "prover")]
mod rows;
mod splits;
mod template;

#[cfg(feature = "prover")]
pub use choose::{ChosenPlan, FusionBudget};
#[cfg(feature = "prover")]
pub(in crate::machine) use choose::{Estimate, MESSAGE};
pub use circuit::FusedCircuit;
pub use error::FusionError;
pub use plan::{FusableMachine, FusedPath, Fuser, Fusion, FusionPlan, MAX_INSTRUCTIONS, MAX_PATH_LENGTH, MAX_PATHS};
#[cfg(feature = "prover")]
pub(in crate::machine) use rows::FusedRows;
