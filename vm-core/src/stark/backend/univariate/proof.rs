//! A proof of one batch.

use p3_batch_stark::BatchProof;
use serde::{Deserialize, Serialize};

use crate::stark::air::F;

use super::config::BackendConfig;

/// Proof of one batch of AIR instances under one key.
///
/// Nothing in it is trusted: counts, heights and public values are checked against the key before the backend runs, and
/// all of them are part of the transcript.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Proof<SC: BackendConfig> {
    /// Number of instances per AIR, in key order.
    pub instance_counts: Vec<u32>,
    /// Public values per AIR, in key order; empty for absent AIRs.
    pub public_values: Vec<Vec<F>>,
    /// The backend's proof.
    pub batch: BatchProof<SC>,
}

impl<SC: BackendConfig> Proof<SC> {
    /// log2 heights of the instances of each AIR, in key order. Empty lists when the proof is malformed.
    pub fn log_heights(&self) -> Vec<Vec<usize>> {
        let mut bits = self.batch.degree_bits.iter().copied();
        self.instance_counts.iter().map(|&n| bits.by_ref().take(n as usize).collect()).collect()
    }
}

impl<SC: BackendConfig> std::fmt::Debug for Proof<SC> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proof")
            .field("instance_counts", &self.instance_counts)
            .field("log_heights", &self.batch.degree_bits)
            .field("public_values", &self.public_values)
            .finish_non_exhaustive()
    }
}
