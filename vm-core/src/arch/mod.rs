//! The parts that a machine is built from: configuration, execution, extensions, the chip framework and annotated
//! instructions.

pub mod authoring;
mod bridges;
mod buses;
mod chip;
mod columns;
mod config;
mod execution;
mod extensions;
mod integration_api;
mod no_chip;
mod samples;
mod segment;

pub(crate) use bridges::wide_request;
pub use bridges::*;
pub use buses::*;
pub use chip::*;
pub use columns::{ColumnLayout, names_of, width_of};
pub use config::*;
#[cfg(feature = "prover")]
pub(crate) use execution::WideRecord;
pub use execution::*;
pub use extensions::*;
pub use integration_api::*;
pub use no_chip::NoChip;
pub use segment::*;
pub use vm_verifier::hasher::{
    DIGEST_WIDTH, Digest, Hasher, HexDigest, HexDigestError, LEAF_DOMAIN, Poseidon2Hasher, commit_elements,
};
