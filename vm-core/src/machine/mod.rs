//! The whole machine, and what happens to it: runs, proofs and their verification.
//!
//! Imports go from `testing` to `prove` to `run` and `verify`, and from these to `complex`, never back.

#[cfg(feature = "prover")]
mod audit;
mod complex;
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

#[cfg(feature = "prover")]
pub use audit::MachineError;
pub use complex::{SystemBase, VmChipComplex};
#[cfg(feature = "prover")]
pub use prove::*;
#[cfg(feature = "prover")]
pub use run::*;
pub use slots::{Slot, SystemSlot};
#[cfg(feature = "prover")]
pub use traces::{AirUsage, ProofInput, RunMemory};
pub use verify::*;
