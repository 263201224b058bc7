//! Tests of the proof backend on toy machines, through the real prover and verifier.

mod encoding;
mod forgery;
mod keys;
mod refusals;
mod reports;
mod roundtrip;
mod toys;
mod transcript;
