//! The univariate backend: `p3-batch-stark` with FRI commitments.

mod air;
mod config;
mod engine;
mod engine_config;
mod hashes;
mod key;
mod keygen;
mod packing;
mod proof;
mod proof_len;
#[cfg(feature = "prover")]
mod prover;
mod security;
mod shape;
mod shared_mmcs;
mod transcript;

pub use config::{BackendConfig, Com};
pub use engine::{BabyBearBlake3Engine, BabyBearKeccakEngine, BabyBearPoseidon2Engine, Engine, StarkEngine};
pub use engine_config::EngineConfig;
pub use hashes::{Blake3Config, KeccakConfig, Poseidon2Config};
#[cfg(feature = "prover")]
pub use key::ProvingKey;
pub use key::{KEY_VERSION, KeyBody, StoredVerifyingKey, VerifyingKey, tagged_digest};
pub(in crate::stark) use packing::packed_columns;
#[cfg(feature = "prover")]
pub(crate) use packing::{InstanceShape, instance_shape};
pub use proof::Proof;
