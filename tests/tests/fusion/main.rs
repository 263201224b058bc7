//! Tests of fused blocks: runs with and without them, the theorem on which they rest, forged rows, and plans.

mod equivalence;
mod programs;
mod support;
