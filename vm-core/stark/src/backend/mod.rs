//! The proof backends, and what they share: keys, the check of a proof's shape and the start of the transcript.

mod air;
mod config;
mod cost;
mod engine;
mod error;
mod hashes;
mod key;
#[cfg(feature = "std")]
mod keygen;
mod labels;
mod multilinear;
mod proof;
#[cfg(feature = "prover")]
mod prover;
mod shape;
mod shared_mmcs;
mod transcript;
mod univariate;

pub use config::{BackendConfig, Com, EngineConfig};
pub use cost::ProverMemory;
pub use engine::{Engine, StarkEngine};
pub use error::{ProveError, ShapeError, VerifyError};
pub use hashes::{Blake3Hashes, Hashes, KeccakHashes, Poseidon2Hashes};
#[cfg(feature = "prover")]
pub use key::ProvingKey;
pub use key::{KEY_VERSION, KeyBody, StoredVerifyingKey, VerifyingKey, tagged_digest};
pub use multilinear::*;
pub use proof::Proof;
#[cfg(test)]
pub(crate) use transcript::start as start_transcript;
#[cfg(feature = "std")]
pub(super) use univariate::packed_columns;
pub use univariate::*;
