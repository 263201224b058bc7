//! The proof system: AIRs, keys, proving, verifying, security accounting and the debug checker.
//!
//! Only this module names the proof backend, Plonky3's batch STARK. Of its submodules, `backend` imports from `keys`
//! and `air`, and `keys` imports from `air`; there are no imports in the other direction.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod air;
mod backend;
pub mod codec;
#[cfg(feature = "prover")]
pub mod debug;
mod keys;
#[cfg(feature = "std")]
mod listing;
#[cfg(test)]
mod tests;

pub use air::*;
pub use backend::*;
pub use keys::*;
#[cfg(feature = "std")]
pub use listing::{list_air, list_machine};
