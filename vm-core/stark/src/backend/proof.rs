//! Proofs of one batch of traces.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::air::F;

use super::config::{BackendConfig, EngineConfig};

/// Proof of one batch of AIR instances under one key.
///
/// The verifier trusts none of it. Numbers of instances, heights and public values are checked against the key before
/// the backend runs, and the transcript observes all of them.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Proof<SC: BackendConfig> {
    /// Number of instances of each AIR, in key order.
    pub instance_counts: Vec<u32>,
    /// Public values of each AIR, in key order; empty for AIRs without instances.
    pub public_values: Vec<Vec<F>>,
    /// Proof of the backend.
    pub batch: SC::BatchProof,
}

impl<SC: EngineConfig> Proof<SC> {
    /// Returns log2 of the heights of each AIR's instances, in key order. If the proof is malformed, lists may be too
    /// short.
    pub fn log_heights(&self) -> Vec<Vec<usize>> {
        let mut bits = SC::log_heights(&self.batch).iter().copied();
        self.instance_counts.iter().map(|&n| bits.by_ref().take(n as usize).collect()).collect()
    }
}

impl<SC: EngineConfig> core::fmt::Debug for Proof<SC> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Proof")
            .field("instance_counts", &self.instance_counts)
            .field("log_heights", &SC::log_heights(&self.batch))
            .field("public_values", &self.public_values)
            .finish_non_exhaustive()
    }
}
