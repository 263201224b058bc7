//! Tests of the proof system on toy machines, with the real prover and verifier.

mod encoding;
mod forgery;
mod keys;
mod multilinear;
mod refusals;
mod reports;
mod roundtrip;
mod security;
pub(crate) mod toys;
mod transcript;
