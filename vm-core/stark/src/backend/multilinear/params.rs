//! Parameters of the multilinear backend.

use alloc::vec;
use alloc::vec::Vec;

use p3_security::SecurityAssumption;
use p3_whir::{FoldingFactor, ProtocolParameters};
use serde::{Deserialize, Serialize};

use crate::keys::{MIN_LOG_HEIGHT, SecurityPreset};

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

/// How commitments are opened: the folds and rates of the rounds of WHIR (Arnon, Chiesa, Fenzi, Yogev,
/// eprint 2024/1586). The numbers of queries and the bits of the proofs of work follow from it.
///
/// The analysis is that of unique decoding for every preset. Up to the Johnson bound, openings would be a third smaller,
/// but with challenges of the quartic extension they reach 100 bits only with proofs of work of 22 bits and more for each
/// fold, which take longer than all the rest; and with those of the quintic extension, proving takes a third longer.
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
    pub(super) fn protocol(&self, log_cells: usize) -> ProtocolParameters {
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
            soundness_type: SecurityAssumption::UniqueDecoding,
            starting_log_inv_rate: self.log_inv_rate,
        }
    }

    /// Returns the schedule of main traces, for the given security of each error term. Their code has a high rate, because
    /// committing them takes most of the time.
    pub(super) fn main(security_level: usize, preset: SecurityPreset) -> Self {
        Self {
            first_fold: FIRST_FOLD,
            fold: 4,
            log_inv_rate: preset.log_blowup(),
            round_log_inv_rates: match preset {
                // Lower rates would save less in queries than the longer paths of taller trees take.
                SecurityPreset::Small100 => vec![3, 4, 4, 4, 4],
                SecurityPreset::Provable100 | SecurityPreset::Conjectured100 => vec![2, 4, 7],
            },
            security_level,
            max_pow_bits: 16,
        }
    }

    /// Returns the schedule of preprocessed traces. They are committed once for many proofs, so their code has a lower
    /// rate, with which an opening takes fewer queries.
    pub(super) fn preprocessed(security_level: usize, preset: SecurityPreset) -> Self {
        let round_log_inv_rates = match preset {
            SecurityPreset::Small100 => vec![4, 4, 4, 4, 4],
            SecurityPreset::Provable100 | SecurityPreset::Conjectured100 => vec![5, 8],
        };
        Self { log_inv_rate: 3, round_log_inv_rates, ..Self::main(security_level, preset) }
    }
}
