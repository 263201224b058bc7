//! The proof backend: AIR handles, keys, proving, verifying, security accounting and the debug checker.
//!
//! This is the only module that names the batch-STARK backend.

mod air;
mod backend_air;
mod builders;
mod bus;
mod checks;
pub mod codec;
mod config;
mod consistency;
mod counting;
#[cfg(feature = "prover")]
pub mod debug;
mod engine;
mod error;
mod facts;
mod keygen;
mod keys;
mod listing;
mod machine;
mod params;
mod print;
mod proof;
#[cfg(feature = "prover")]
mod proving;
mod security;
mod shape;
mod symbolic;
#[cfg(test)]
mod tests;

pub use air::{AirRef, AnyAir, EF, F, Instances, MachineAir, SymbolicBuilder, VmAirBuilder};
pub use builders::{PackedF, ProverBuilder, RowBuilder, RowMessage, VerifierBuilder};
pub use bus::{Bus, BusKind};
pub use config::{BackendConfig, Blake3Config, Com, EngineConfig, KeccakConfig, Poseidon2Config};
pub use counting::{LookupPlan, count_lookups};
pub use engine::{BabyBearBlake3Engine, BabyBearKeccakEngine, BabyBearPoseidon2Engine, Engine, StarkEngine};
pub use error::{KeyLoadError, KeygenError, ProveError, ShapeError, VerifyError};
#[cfg(feature = "prover")]
pub(crate) use facts::proves_boolean;
#[cfg(feature = "prover")]
pub(crate) use keygen::committed_columns_of;
pub use keys::{
    AirDescriptor, BusDescriptor, KEY_VERSION, KeyBody, KeygenLimits, StoredVerifyingKey, VerifyingKey, tagged_digest,
};
pub use listing::{list_air, list_machine};
pub use machine::AirSet;
pub use params::{SecurityParams, SecurityPreset};
pub use proof::{AirProofInput, Proof};
#[cfg(feature = "prover")]
pub use proving::ProvingKey;
pub use security::{SecurityReport, SecurityTerm};
pub use symbolic::{Expr, Reads, SymbolicAir, SymbolicMessage};
