//! Proofs of segments and of runs.

use serde::{Deserialize, Serialize};

use super::public_values::UserPublicValuesProof;
use crate::arch::Digest;
use crate::stark::{Proof, SecurityReport, StarkEngine};

/// More segments than this are refused before anything else is looked at.
pub const MAX_SEGMENTS: usize = 1 << 16;

/// Proof of one segment: of a whole run, on machines without continuations.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
pub struct VmProof<E: StarkEngine> {
    /// Digest of the verifying key that the prover used; only compared.
    pub key_digest: Digest,
    /// The backend's proof.
    pub stark: Proof<E::SC>,
}

impl<E: StarkEngine> VmProof<E> {
    /// A proof from its parts.
    pub fn new(key_digest: Digest, stark: Proof<E::SC>) -> Self {
        Self { key_digest, stark }
    }
}

/// Proof of a run in any number of segments.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
pub struct ContinuationProof<E: StarkEngine> {
    /// The segments, in order.
    pub segments: Vec<VmProof<E>>,
    /// The public values, and that the memory at the end has them.
    pub public_values: UserPublicValuesProof,
}

/// What a verified proof says.
#[derive(Clone, Debug)]
pub struct VerifiedRun {
    /// User public values.
    pub public_values: Vec<u8>,
    /// Root of the memory at the end.
    pub final_root: Digest,
    /// Number of segments.
    pub segments: usize,
    /// Security of the proof's shape: of the weakest segment.
    pub security: SecurityReport,
}
