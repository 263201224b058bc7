//! Shared lookup tables and sub-circuits.

mod columns;

pub use columns::{ColumnLayout, names_of, width_of};
