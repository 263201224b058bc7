//! Tests of fused blocks: runs with and without them, the theorem on which they rest, forged rows, and plans.

mod choice;
mod equivalence;
mod forgeries;
mod judge;
mod keys;
mod lift;
mod plans;
mod programs;
mod proofs;
mod support;
mod toys;
