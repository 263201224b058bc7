//! The proof system: AIRs, keys, proving, verifying, security accounting and the debug checker.
//!
//! Only this crate names the proof backends, those of Plonky3. Of its modules, `backend` imports from `keys` and `air`, and
//! `keys` imports from `air`; there are no imports in the other direction.
//!
//! Without the feature `std`, the crate verifies proofs under keys that contain their circuits
//! ([`VerifyingKey::load_trusted`]), and needs no operating system.

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
