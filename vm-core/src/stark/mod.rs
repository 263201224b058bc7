//! The proof backend: AIR handles, keys, proving, verifying, security accounting and the debug checker.
//!
//! This is the only module that names the batch-STARK backend.

mod air;
mod builders;
mod bus;

pub use air::{AirRef, AnyAir, EF, F, Instances, MachineAir, SymbolicBuilder, VmAirBuilder};
pub use builders::{PackedF, ProverBuilder, RowBuilder, RowMessage, VerifierBuilder};
pub use bus::{Bus, BusKind};
