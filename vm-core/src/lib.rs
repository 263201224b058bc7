//! The machine and its proof: memory, execution, chips, segmentation and STARK proving.
//!
//! Nothing in this crate knows an instruction set.

pub mod stark;
