//! The verifier of runs.
//!
//! A run is proven in segments. The verifier checks each segment's STARK, that the segments follow one another from the
//! program's entry point to its end, and that the public values are those of the final memory.
//!
//! The crate has no code of any machine. A [`StoredRunKey`] contains the machine's circuits as data, and is accepted only if
//! it has the commitment of the program that the caller trusts. Setup on a computer that has the machine's code makes that
//! commitment: `cargo chipwright prove` prints it.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod connector;
mod error;
pub mod hasher;
mod key;
mod layout;
mod proof;
mod public_values;
mod verifier;

pub use connector::{CONNECTOR_AIR, CONNECTOR_PUBLIC_VALUES, ConnectorPublicValues, SUSPENDED_CODE};
pub use error::VmVerificationError;
pub use key::{ExeCommitment, RunKeyError, RunVerifyingKey, StoredRunKey};
pub use layout::{LEAF_BYTES, LOG_LEAF_BYTES, RunLayout};
pub use proof::{ContinuationProof, MAX_SEGMENTS, VerifiedRun, VmProof};
pub use public_values::{PUBLIC_VALUES_AIR, PublicValuesError, UserPublicValuesProof, public_value_bytes};
pub use vm_stark as stark;
