//! Proofs of runs in segments as files: damaged or forged in any way, they are refused, without panics and in bounded
//! memory.

mod allocator;
mod corruption;
mod estimates;
mod mutations;
