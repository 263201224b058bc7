//! The instructions on real machines: encodings, results, proofs, forgeries, a guest program.

mod forgeries;
mod guest;
mod runs;
mod support;
mod words;
