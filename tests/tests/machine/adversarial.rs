//! Forged traces of every RV32IM AIR, handed to the real prover and verifier.
//!
//! The chips' own tests mutate single rows exhaustively. These tests forge whole runs: each forgery is made consistent
//! across all AIRs, as far as an attacker could make it.

mod arithmetic;
mod attack;
mod control;
mod every_air;
mod memory;
mod products;
mod program;
mod public_values;
