//! Security presets and the protocol parameters that they stand for.

use serde::{Deserialize, Serialize};

/// A target level and the regime in which it is computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SecurityPreset {
    /// At least 100 bits proven in the published proximity-gap theorems (unique decoding).
    #[default]
    Provable100,
    /// At least 100 bits under the random-words conjecture; smaller and slightly faster proofs, for development.
    Conjectured100,
}

impl SecurityPreset {
    /// All presets.
    pub const ALL: [Self; 2] = [Self::Provable100, Self::Conjectured100];

    /// Name in file headers, keys and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Provable100 => "provable100",
            Self::Conjectured100 => "conjectured100",
        }
    }

    /// The preset with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.name() == name)
    }

    /// Bits that every allowed shape of a key must reach. There is no 128-bit preset: the challenge field and
    /// eight-element digests end at 123 bits (M32).
    pub fn target_bits(self) -> usize {
        100
    }

    /// Parameters for machines whose tallest table has at least 2^10 rows. Key generation raises the number of
    /// queries for smaller machines, where the theorems charge more per query.
    pub fn params(self) -> SecurityParams {
        SecurityParams {
            log_blowup: 1,
            log_final_poly_len: 0,
            max_log_arity: 3,
            num_queries: match self {
                Self::Provable100 => 203,
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

impl std::fmt::Display for SecurityPreset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Parameters of the low-degree test and of the grinding rounds. Bits of proof of work cost 2^bits hashes each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityParams {
    /// log2 of the ratio of committed domain to trace.
    pub log_blowup: usize,
    /// log2 of the length at which folding stops.
    pub log_final_poly_len: usize,
    /// log2 of the largest folding arity.
    pub max_log_arity: usize,
    /// Number of queries.
    pub num_queries: usize,
    /// Proof of work before the queries are drawn.
    pub query_pow_bits: usize,
    /// Proof of work before each folding challenge.
    pub commit_pow_bits: usize,
    /// Proof of work before the openings are combined.
    pub batch_pow_bits: usize,
    /// Proof of work before the bus fingerprint challenges.
    pub lookup_pow_bits: usize,
    /// Proof of work before the out-of-domain point.
    pub ood_pow_bits: usize,
}
