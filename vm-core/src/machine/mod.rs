//! The complete machine: its chips, runs of programs, proofs of runs, and their verification.
//!
//! Modules import only from those further right: `testing` → `prove` → `run` and `verify` → `complex`.

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
