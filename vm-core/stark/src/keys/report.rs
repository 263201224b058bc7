//! Reports of the security of a proof or a key, in bits.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

/// One term of the soundness error.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SecurityTerm {
    /// Name of the part of the protocol, such as `low-degree-test` or `logup-fingerprint`.
    pub name: &'static str,
    /// Security bits of this term.
    pub bits: f64,
}

/// Security of proofs of one shape, in bits. The shape of a proof is the set of its instances with their heights.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SecurityReport {
    /// Name of the key's preset.
    pub preset: &'static str,
    /// Kind of analysis: `proven, unique decoding`, `proven, list decoding (m = …)` or `conjectured`.
    pub regime: String,
    /// Security bits: those of the weakest term.
    pub bits: f64,
    /// Security bits that the preset requires.
    pub target_bits: usize,
    /// Name of the weakest term.
    pub binding: &'static str,
    /// All terms.
    pub terms: Vec<SecurityTerm>,
    /// log2 of the height of the tallest trace.
    pub log_height: usize,
    /// Number of instances.
    pub instances: usize,
    /// log2 of the number of bus denominators: messages times rows, including padding rows and provided entries.
    pub log_denominators: f64,
}

impl SecurityReport {
    /// Returns whether the security reaches the preset's target.
    pub fn reaches_target(&self) -> bool {
        self.bits >= self.target_bits as f64
    }
}

impl core::fmt::Display for SecurityReport {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{:.1} bits ({}; bound by {})", self.bits, self.regime, self.binding)
    }
}
