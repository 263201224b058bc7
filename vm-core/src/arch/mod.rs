//! The architecture of the machine: configuration, execution, extensions, chips, segments and the virtual machine.

#[cfg(feature = "prover")]
mod audit;
pub mod authoring;
mod buses;
mod chip;
mod chip_complex;
mod config;
mod execution;
mod extensions;
pub mod hasher;
mod integration_api;
mod interpreter;
mod modes;
mod no_chip;
mod phantom;
mod program_table;
mod proof;
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
pub use execution::*;
pub use extensions::*;
pub use hasher::{DIGEST_WIDTH, Digest, Hasher, LEAF_DOMAIN, Poseidon2Hasher, commit_elements};
pub use integration_api::*;
pub use interpreter::*;
pub use modes::*;
pub use phantom::*;
pub use program_table::*;
pub use proof::*;
pub use segment::*;
#[cfg(feature = "prover")]
pub use vm::*;
pub use vm_state::*;
