//! The complete machine: its chips, runs of programs, proofs of runs, and their verification.
//!
//! Modules import only from those further right: `testing` → `prove` → `run` and `verify` → `complex`.

mod audit;
#[cfg(feature = "prover")]
mod cached;
mod complex;
pub mod fusion;
#[cfg(feature = "prover")]
mod prove;
#[cfg(feature = "prover")]
mod run;
mod slots;
#[cfg(feature = "prover")]
pub mod testing;
#[cfg(feature = "prover")]
mod traces;
mod verify;

pub use audit::{AccessPart, MachineError};
#[cfg(feature = "prover")]
pub use cached::CachedProgram;
pub use complex::{SystemBase, VmChipComplex};
#[cfg(feature = "prover")]
pub use prove::*;
#[cfg(feature = "prover")]
pub use run::*;
pub use slots::{AirSlot, SystemAir};
#[cfg(feature = "prover")]
pub use traces::{AirUsage, ProofInput, RunMemory};
pub use verify::*;
