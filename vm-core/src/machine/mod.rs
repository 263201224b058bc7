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
#[cfg(feature = "prover")]
pub mod testing;
mod verify;

#[cfg(feature = "prover")]
pub use audit::MachineError;
pub use complex::*;
#[cfg(feature = "prover")]
pub use prove::*;
#[cfg(feature = "prover")]
pub use run::*;
pub use verify::*;
