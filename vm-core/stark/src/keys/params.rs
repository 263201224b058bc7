//! Security presets and their protocol parameters.

use serde::{Deserialize, Serialize};

/// Target level of security, and the kind of analysis that it is based on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SecurityPreset {
    /// At least 100 bits, proven with the published proximity-gap theorems (unique decoding).
    #[default]
    Provable100,
    /// Like [`Self::Provable100`], for proofs that are verified often: commitments have twice as many elements, so that
    /// fewer of them are opened.
    Small100,
    /// At least 100 bits under the random-words conjecture. For development: proofs are smaller and slightly faster.
    Conjectured100,
}

impl SecurityPreset {
    /// All presets.
    pub const ALL: [Self; 3] = [Self::Provable100, Self::Small100, Self::Conjectured100];

    /// Returns the name in file headers, keys and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Provable100 => "provable100",
            Self::Small100 => "small100",
            Self::Conjectured100 => "conjectured100",
        }
    }

    /// Returns the preset with this name, or `None` if there is none.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.name() == name)
    }

    /// Returns the security bits that every proof allowed by a key must reach. There is no preset for 128 bits, because
    /// the challenge field and digests of eight elements give at most 123 bits (M32).
    pub fn target_bits(self) -> usize {
        100
    }

    /// Returns log2 of the inverse rate of commitments to main traces: of how many times as long codes are as traces.
    pub fn log_blowup(self) -> usize {
        match self {
            Self::Small100 => 2,
            Self::Provable100 | Self::Conjectured100 => 1,
        }
    }

    /// Returns the parameters for machines whose tallest table has at least 2^10 rows. For smaller machines, key
    /// generation raises the number of queries, because each query gives fewer proven bits there.
    pub fn params(self) -> SecurityParams {
        SecurityParams {
            log_blowup: self.log_blowup(),
            log_final_poly_len: 0,
            max_log_arity: 3,
            num_queries: match self {
                Self::Provable100 => 203,
                Self::Small100 => 124,
                Self::Conjectured100 => 88,
            },
            query_pow_bits: 16,
            commit_pow_bits: 4,
            batch_pow_bits: 16,
            lookup_pow_bits: 16,
            ood_pow_bits: 8,
        }
    }
}

impl core::fmt::Display for SecurityPreset {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.name())
    }
}

/// Parameters of the low-degree test and of the proofs of work. A proof of work of n bits takes about 2^n hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityParams {
    /// log2 of the size of the committed domain divided by the height of the trace.
    pub log_blowup: usize,
    /// log2 of the length of the polynomial at which folding stops.
    pub log_final_poly_len: usize,
    /// log2 of the maximum folding arity.
    pub max_log_arity: usize,
    /// Number of queries of the low-degree test.
    pub num_queries: usize,
    /// Bits of the proof of work before the queries of the low-degree test are drawn.
    pub query_pow_bits: usize,
    /// Bits of the proof of work before each folding challenge.
    pub commit_pow_bits: usize,
    /// Bits of the proof of work before the challenge that combines the openings.
    pub batch_pow_bits: usize,
    /// Bits of the proof of work before the challenges for the fingerprints of bus messages.
    pub lookup_pow_bits: usize,
    /// Bits of the proof of work before the out-of-domain point.
    pub ood_pow_bits: usize,
}
