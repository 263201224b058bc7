//! The architecture of the machine: configuration, execution, extensions, chips, segments and the virtual machine.

#[cfg(feature = "prover")]
mod audit;
pub mod authoring;
mod buses;
mod chip;
mod chip_complex;
mod config;
#[cfg(feature = "prover")]
mod continuation;
mod execution;
#[cfg(feature = "prover")]
mod executor;
mod extensions;
pub mod hasher;
mod integration_api;
mod interpreter;
#[cfg(feature = "prover")]
mod metering;
mod modes;
mod no_chip;
mod phantom;
#[cfg(feature = "prover")]
mod plan;
mod program_table;
mod proof;
#[cfg(feature = "prover")]
mod saved_state;
mod segment;
#[cfg(feature = "prover")]
pub mod testing;
#[cfg(feature = "prover")]
mod vm;
mod vm_state;

#[cfg(feature = "prover")]
pub use audit::MachineError;
pub use buses::*;
pub use chip::*;
pub use chip_complex::*;
pub use config::*;
#[cfg(feature = "prover")]
pub use continuation::*;
pub use execution::*;
#[cfg(feature = "prover")]
pub use executor::*;
pub use extensions::*;
pub use hasher::{DIGEST_WIDTH, Digest, Hasher, LEAF_DOMAIN, Poseidon2Hasher, commit_elements};
pub use integration_api::*;
pub use interpreter::*;
#[cfg(feature = "prover")]
pub use metering::*;
pub use modes::*;
pub use phantom::*;
#[cfg(feature = "prover")]
pub use plan::*;
pub use program_table::*;
pub use proof::*;
#[cfg(feature = "prover")]
pub use saved_state::*;
pub use segment::*;
#[cfg(feature = "prover")]
pub use vm::*;
pub use vm_state::*;
