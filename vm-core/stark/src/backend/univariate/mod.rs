//! The univariate backend: `p3-batch-stark` with FRI commitments.

mod air;
mod batch;
mod config;
mod packing;
mod proof_len;
mod security;

pub use batch::{
    BabyBearBlake3Engine, BabyBearKeccakEngine, BabyBearPoseidon2Engine, Blake3Config, KeccakConfig, Poseidon2Config,
};
#[cfg(feature = "std")]
pub(crate) use packing::packed_columns;
#[cfg(feature = "prover")]
pub use packing::{InstanceShape, instance_shape};
