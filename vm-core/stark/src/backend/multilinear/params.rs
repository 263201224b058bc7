//! Parameters of the multilinear backend.

use alloc::vec::Vec;

use p3_security::SecurityAssumption;
use p3_whir::{FoldingFactor, ProtocolParameters};
use serde::{Deserialize, Serialize};

use crate::keys::MIN_LOG_HEIGHT;

/// log2 of the number of values that the first round of an opening folds into one. No trace can be lower.
pub(super) const FIRST_FOLD: usize = MIN_LOG_HEIGHT;

/// Parameters of the multilinear backend. All of them are part of the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MultilinearParams {
    /// Schedule of the openings of main traces.
    pub main: Schedule,
    /// Schedule of the openings of preprocessed traces.
    pub preprocessed: Schedule,
    /// Bits of the proof of work before the challenges that fingerprint messages.
    pub lookup_pow_bits: usize,
    /// log2 of the maximum number of cells of a batch, rounded up to a power of two.
    pub max_log_cells: usize,
    /// Maximum number of columns of all instances of a batch together. Each is opened, and combining the openings costs
    /// security.
    pub max_columns: usize,
}

/// How commitments are opened: the rounds of WHIR (Arnon, Chiesa, Fenzi, Yogev, eprint 2024/1586) for each size. The
/// numbers of queries and the bits of the proofs of work follow from them.
///
/// The analysis is that of unique decoding for every preset. Up to the Johnson bound, openings would be a third smaller,
/// but with challenges of the quartic extension they reach 100 bits only with proofs of work of 22 bits and more for each
/// fold, which take longer than all the rest; and with those of the quintic extension, proving takes a third longer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Security bits of each error term of an opening.
    pub security_level: usize,
    /// log2 of the number of cells that the first of `openings` is for.
    pub least_log_cells: usize,
    /// Openings of commitments, each for twice as many cells as the one before.
    pub openings: Vec<Opening>,
}

/// How a commitment of one size is opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// Maximum bits of a proof of work.
    pub pow_bits: usize,
    /// Rounds. The first one opens the commitment.
    pub rounds: Vec<Round>,
}

/// A round of an opening: queries to a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// log2 of the inverse rate of the code.
    pub log_inv_rate: usize,
    /// log2 of the number of values that a query folds into one.
    pub fold: usize,
}

impl Schedule {
    /// Returns the protocol parameters for 2^`log_cells` stacked cells. Of a size that the schedule does not have, they
    /// have no rounds, which the backend refuses.
    pub(super) fn protocol(&self, log_cells: usize) -> ProtocolParameters {
        let index = log_cells.checked_sub(self.least_log_cells);
        let opening = index.and_then(|index| self.openings.get(index));
        let rounds = opening.map_or(&[][..], |opening| &opening.rounds);
        let mut rates = rounds.iter().map(|round| round.log_inv_rate);
        ProtocolParameters {
            security_level: self.security_level,
            pow_bits: opening.map_or(0, |opening| opening.pow_bits),
            starting_log_inv_rate: rates.next().unwrap_or(1),
            round_log_inv_rates: rates.collect(),
            folding_factor: FoldingFactor::PerRound(rounds.iter().map(|round| round.fold).collect()),
            soundness_type: SecurityAssumption::UniqueDecoding,
        }
    }
}
