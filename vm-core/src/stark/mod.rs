//! The proof backend: AIRs, keys, proving, verifying, security accounting and the debug checker.
//!
//! This is the only module that names the proof backend. Imports go from `backend` to `keys` to `air`, never back.

mod air;
mod backend;
pub mod codec;
#[cfg(feature = "prover")]
pub mod debug;
mod keys;
mod listing;
#[cfg(test)]
mod tests;

pub use air::*;
pub use backend::*;
pub use keys::*;
pub use listing::{list_air, list_machine};
#[cfg(feature = "prover")]
pub(crate) use {air::proves_boolean, backend::committed_columns_of};
