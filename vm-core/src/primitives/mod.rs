//! Lookup tables that chips share, and column structs.

mod bitwise;
mod byte_pairs;
mod columns;
mod fixed_table;
mod range;

pub use bitwise::{BitwiseTable, bitwise_content};
pub use byte_pairs::{BytePairsAir, BytePairsCols, BytePairsTable};
pub use columns::{ColumnLayout, names_of, width_of};
pub use fixed_table::{FixedTable, FixedTableAir, TableContent};
pub use range::{RANGE_MAX_BITS, RangeTable, range_content};
