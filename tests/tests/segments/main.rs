//! Damaged and forged files with proofs of runs in segments. All of them are refused, without panics and with bounded
//! memory. Also compares plans of unusual programs with their traces.

mod allocator;
mod corruption;
mod estimates;
mod mutations;
