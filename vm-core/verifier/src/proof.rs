//! Proofs of segments and of runs.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use vm_stark::{Proof, SecurityReport, StarkEngine};

use super::public_values::UserPublicValuesProof;
use crate::hasher::Digest;

/// Largest number of segments of a run. Proofs with more segments are refused before any segment is checked.
pub const MAX_SEGMENTS: usize = 1 << 16;

/// Proof of one segment. On machines without continuations, the segment is the whole run.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
pub struct VmProof<E: StarkEngine> {
    /// Digest of the verifying key that the prover used. The verifier only compares it with the digest of its own key.
    pub key_digest: Digest,
    /// Proof of the backend.
    pub stark: Proof<E::SC>,
}

impl<E: StarkEngine> VmProof<E> {
    /// Creates a proof from its parts.
    pub fn new(key_digest: Digest, stark: Proof<E::SC>) -> Self {
        Self { key_digest, stark }
    }
}

/// Proof of a run in any number of segments.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
pub struct ContinuationProof<E: StarkEngine> {
    /// Proofs of the segments, in the order of the run.
    pub segments: Vec<VmProof<E>>,
    /// User public values, with a proof that the final memory contains them.
    pub public_values: UserPublicValuesProof,
    /// The plan of the fused blocks of the key under which the segments were proven, so that whoever has the program can
    /// derive that key. The verifier compares it with the plan of its own key.
    pub plan: Vec<u8>,
}

/// Facts that a verified proof establishes about a run.
#[derive(Clone, Debug)]
pub struct VerifiedRun {
    /// Bytes that the guest revealed, padded with zeros to the number that the machine has.
    pub public_values: Vec<u8>,
    /// Merkle root of memory at the end of the run.
    pub final_root: Digest,
    /// Number of segments.
    pub segments: usize,
    /// Security of the weakest segment's proof.
    pub security: SecurityReport,
}
