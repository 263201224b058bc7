//! Tests of the proof backend on toy machines, through the real prover and verifier.

mod roundtrip;
mod toys;
