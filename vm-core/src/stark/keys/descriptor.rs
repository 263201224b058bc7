//! What a key says about AIRs and buses.

use serde::{Deserialize, Serialize};

use crate::stark::air::BusKind;

/// What a key says about one AIR.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AirDescriptor {
    /// Name.
    pub name: String,
    /// Main columns.
    pub width: usize,
    /// Preprocessed columns.
    pub preprocessed_width: usize,
    /// log2 rows of the preprocessed trace, if there is one.
    pub preprocessed_log_height: Option<usize>,
    /// Public values.
    pub public_values: usize,
    /// Number of constraints.
    pub constraints: usize,
    /// Number of bus messages per row.
    pub messages: usize,
    /// Digest of constraints and messages, in order.
    pub symbolic_digest: [u8; 32],
    /// Digest of the names of all columns, in order.
    pub columns_digest: [u8; 32],
    /// Main columns read on the next row.
    pub main_next: Vec<usize>,
    /// Preprocessed columns read on the next row.
    pub preprocessed_next: Vec<usize>,
    /// Committed lookup columns, without the accumulator.
    pub lookup_columns: usize,
    /// Chunks of the quotient polynomial.
    pub quotient_chunks: usize,
    /// Largest number of instances: 1 unless the AIR is repeatable.
    pub max_instances: usize,
    /// Whether every proof must contain it.
    pub required: bool,
    /// log2 rows that every proof must use, if fixed.
    pub fixed_log_height: Option<usize>,
    /// log2 of the largest number of rows.
    pub max_log_height: usize,
    /// Σ weights of the messages of a row: queries, sends and receives.
    pub weight: u64,
}

impl AirDescriptor {
    /// Committed base-field columns: main ones, and four per lookup column and for their accumulator.
    pub fn committed_columns(&self) -> usize {
        committed_columns(self.width, self.lookup_columns)
    }
}

/// [`AirDescriptor::committed_columns`] of main and lookup columns; the latter are in the extension field of degree 4.
pub(in crate::stark) fn committed_columns(width: usize, lookup_columns: usize) -> usize {
    width + if lookup_columns > 0 { 4 * (lookup_columns + 1) } else { 0 }
}

/// What a key says about one bus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusDescriptor {
    /// Name.
    pub name: String,
    /// Fields per message.
    pub arity: usize,
    /// Kind.
    pub kind: BusKind,
}
