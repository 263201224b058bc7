//! Descriptions of AIRs and buses in keys.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::air::{BusKind, Widths};

/// Description of one AIR in a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AirDescriptor {
    /// Name, unique within the machine.
    pub name: String,
    /// Number of main columns.
    pub width: usize,
    /// Number of preprocessed columns.
    pub preprocessed_width: usize,
    /// log2 of the height of the preprocessed trace; `None` if there is no such trace.
    pub preprocessed_log_height: Option<usize>,
    /// Number of public values.
    pub public_values: usize,
    /// Number of constraints.
    pub constraints: usize,
    /// Number of messages per row.
    pub messages: usize,
    /// Digest of the constraints and messages, in order.
    pub symbolic_digest: [u8; 32],
    /// Digest of the names of all columns, in order.
    pub columns_digest: [u8; 32],
    /// Indices of the main columns that are read on the next row.
    pub main_next: Vec<usize>,
    /// Indices of the preprocessed columns that are read on the next row.
    pub preprocessed_next: Vec<usize>,
    /// Number of committed lookup columns, without the accumulator.
    pub lookup_columns: usize,
    /// Number of chunks of the quotient polynomial.
    pub quotient_chunks: usize,
    /// Maximum number of instances: 1 unless the AIR is repeatable.
    pub max_instances: usize,
    /// Whether every proof must contain the AIR.
    pub required: bool,
    /// log2 of the height in every proof; `None` if the height may vary.
    pub fixed_log_height: Option<usize>,
    /// log2 of the maximum height.
    pub max_log_height: usize,
    /// Sum of the weights of a row's messages: the number of its queries, sends and receives.
    pub weight: u64,
}

impl AirDescriptor {
    /// Returns the numbers of columns and public values.
    pub fn widths(&self) -> Widths {
        Widths { main: self.width, preprocessed: self.preprocessed_width, public_values: self.public_values }
    }

    /// Returns the number of committed columns of base field elements: the main columns, and four for each lookup
    /// column and for their accumulator.
    pub fn committed_columns(&self) -> usize {
        committed_columns(self.width, self.lookup_columns)
    }
}

/// Returns the number of committed columns of base field elements, from the numbers of main and lookup columns. Lookup
/// columns and their accumulator hold elements of the extension field of degree 4.
pub(crate) fn committed_columns(width: usize, lookup_columns: usize) -> usize {
    width + if lookup_columns > 0 { 4 * (lookup_columns + 1) } else { 0 }
}

/// Description of one bus in a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusDescriptor {
    /// Name, unique within the machine.
    pub name: String,
    /// Number of fields per message.
    pub arity: usize,
    /// Whether messages are sent and received, or queried and provided.
    pub kind: BusKind,
}
