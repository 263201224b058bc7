//! Forged traces of every RV32IM AIR, judged by the real prover and verifier.
//!
//! (The chips' own tests mutate single rows exhaustively. Here whole runs are forged, consistently across AIRs, as far as
//! an attacker can.)

mod arithmetic;
mod attack;
mod control;
mod every_air;
mod memory;
mod products;
mod program;
mod public_values;
