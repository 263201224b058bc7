//! What an instance of an AIR adds to the size of a batch.

use crate::keys::MAX_DEGREE;

use super::air::BackendAir;

/// What a backend's prover holds in memory when it needs most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProverMemory {
    /// Traces, lookup columns and quotients, with their low-degree extensions.
    Committed {
        /// log2 of how many times as long low-degree extensions are as traces.
        log_blowup: usize,
    },
    /// The stacked traces with their code, and the fractions of all messages.
    Stacked {
        /// log2 of how many times as long the code is as the traces. Codes of up to 2^20 cells may be longer, which takes
        /// less than 20 MB.
        log_blowup: usize,
    },
}

impl ProverMemory {
    /// Returns how many rows of padding another instance must save to be worth its openings, which cost proof size and
    /// time of the verifier.
    pub fn rows_per_instance(self) -> usize {
        match self {
            // Each column is opened at each query.
            Self::Committed { .. } => 1 << 12,
            // Each column is one element in the proof.
            Self::Stacked { .. } => 1 << 9,
        }
    }
}

impl Default for ProverMemory {
    fn default() -> Self {
        Self::Committed { log_blowup: 1 }
    }
}

/// Columns that a backend adds to an AIR.
#[derive(Clone, Copy, Debug, Default)]
pub struct Packing {
    /// Number of committed lookup columns, without the accumulator.
    pub(super) lookup_columns: usize,
    /// Number of chunks of the quotient polynomial.
    pub(super) quotient_chunks: usize,
}

/// Contribution of one instance of an AIR to the size of a batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AirCost {
    pub(super) main_width: usize,
    pub(super) main_next: usize,
    pub(super) preprocessed_width: usize,
    pub(super) preprocessed_next: usize,
    pub(super) packing: Packing,
    /// Number of constraints, without those of lookup columns.
    pub(super) constraints: usize,
    pub(super) degree: usize,
    /// Number of messages per row.
    pub(super) denominators: usize,
    /// Number of provided entries among them. They have weight 0 in the check for overflow of the field.
    pub(super) provided: usize,
    pub(super) max_message_width: usize,
}

impl AirCost {
    /// Returns the cost of an AIR. `packing` is what the backend adds to it.
    pub(super) fn new(air: &BackendAir, packing: Packing) -> Self {
        let (widths, symbolic) = (air.widths(), &air.symbolic);
        Self {
            main_width: widths.main,
            main_next: symbolic.reads.main_next.len(),
            preprocessed_width: widths.preprocessed,
            preprocessed_next: symbolic.reads.preprocessed_next.len(),
            packing,
            constraints: symbolic.constraints.len(),
            degree: MAX_DEGREE,
            denominators: symbolic.messages.len(),
            provided: symbolic.messages.iter().filter(|m| m.weight == 0).count(),
            max_message_width: symbolic.messages.iter().map(|m| m.fields.len()).max().unwrap_or(0),
        }
    }
}
