//! Parameters of the multilinear backend.

use p3_security::SecurityAssumption;
use p3_whir::{FoldingFactor, ProtocolParameters};
use serde::{Deserialize, Serialize};

use crate::stark::keys::{MIN_LOG_HEIGHT, SecurityPreset};

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
}

/// How commitments are opened: the folds and rates of the rounds of WHIR (Arnon, Chiesa, Fenzi, Yogev,
/// eprint 2024/1586). The numbers of queries and the bits of the proofs of work follow from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// log2 of the number of values that the first round folds into one.
    pub first_fold: usize,
    /// Same for the other rounds.
    pub fold: usize,
    /// log2 of the inverse rate of the committed code.
    pub log_inv_rate: usize,
    /// log2 of the inverse rates of the codes of the later rounds. If there are more rounds, each has a rate that is
    /// half that of the round before it.
    pub round_log_inv_rates: Vec<usize>,
    /// Security bits of each error term of an opening.
    pub security_level: usize,
    /// Maximum bits of a proof of work.
    pub max_pow_bits: usize,
}

impl Schedule {
    /// Returns the protocol parameters for 2^`log_cells` stacked cells.
    pub(super) fn protocol(&self, preset: SecurityPreset, log_cells: usize) -> ProtocolParameters {
        let folding_factor = FoldingFactor::ConstantFromSecondRound(self.first_fold, self.fold);
        let rounds = folding_factor.compute_folding_schedule(log_cells).map_or(0, |folds| folds.len() - 1);
        let mut rates: Vec<usize> = self.round_log_inv_rates.iter().copied().take(rounds).collect();
        let mut last = rates.last().copied().unwrap_or(self.log_inv_rate);
        while rates.len() < rounds {
            last += 1;
            rates.push(last);
        }
        ProtocolParameters {
            security_level: self.security_level,
            pow_bits: self.max_pow_bits,
            round_log_inv_rates: rates,
            folding_factor,
            soundness_type: assumption(preset),
            starting_log_inv_rate: self.log_inv_rate,
        }
    }

    /// Returns the schedule of a preset, for the given security of each error term.
    pub(super) fn new(preset: SecurityPreset, security_level: usize) -> Self {
        let round_log_inv_rates = match preset {
            SecurityPreset::Provable100 => vec![2, 4, 7],
            SecurityPreset::Johnson100 | SecurityPreset::Conjectured100 => vec![2, 5, 8],
        };
        Self { first_fold: FIRST_FOLD, fold: 4, log_inv_rate: 1, round_log_inv_rates, security_level, max_pow_bits: 16 }
    }
}

/// Returns the distance up to which a preset relies on proximity gaps. No preset relies on a conjecture: closer to
/// capacity, a commitment would leave so many candidates open that the challenges before the opening lose more bits
/// than queries are saved.
pub(super) fn assumption(preset: SecurityPreset) -> SecurityAssumption {
    match preset {
        SecurityPreset::Provable100 => SecurityAssumption::UniqueDecoding,
        SecurityPreset::Johnson100 | SecurityPreset::Conjectured100 => SecurityAssumption::JohnsonBound,
    }
}
