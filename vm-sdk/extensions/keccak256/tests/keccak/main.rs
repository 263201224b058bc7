//! The instruction keccak256: digests, proofs, forgeries, mutations, and a guest that uses it.

mod digests;
mod forgeries;
mod guest;
mod proofs;
mod support;
mod sweeps;
