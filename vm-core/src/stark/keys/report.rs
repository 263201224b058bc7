//! Security of a shape, in bits.

use serde::Serialize;

/// One error term of a report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SecurityTerm {
    /// What the term bounds, such as `low-degree-test` or `logup-fingerprint`.
    pub name: &'static str,
    /// Security bits of this term.
    pub bits: f64,
}

/// Security of one shape, in bits, with the term that binds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SecurityReport {
    /// Preset under which the shape was judged.
    pub preset: &'static str,
    /// Analysis: `proven, unique decoding`, `proven, list decoding (m = …)` or `conjectured`.
    pub regime: String,
    /// Security bits: the smallest term.
    pub bits: f64,
    /// Bits that the preset promises.
    pub target_bits: usize,
    /// Name of the smallest term.
    pub binding: &'static str,
    /// All terms.
    pub terms: Vec<SecurityTerm>,
    /// log2 of the tallest trace of the shape.
    pub log_height: usize,
    /// Number of instances of the shape.
    pub instances: usize,
    /// log2 of the number of bus denominators, padding and provided entries included.
    pub log_denominators: f64,
}

impl SecurityReport {
    /// Whether the shape reaches the preset's target.
    pub fn reaches_target(&self) -> bool {
        self.bits >= self.target_bits as f64
    }
}

impl std::fmt::Display for SecurityReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.1} bits ({}; bound by {})", self.bits, self.regime, self.binding)
    }
}
