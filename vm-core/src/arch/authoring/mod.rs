//! What instructions are declared with: column roles, cores, encodings, multi-row chips.

mod multi_row;

pub use multi_row::{MultiRowAir, MultiRowAirWrapper, MultiRowChip, MultiRowCore};
