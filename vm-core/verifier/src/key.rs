//! Verifying keys of programs.

use alloc::sync::Arc;
use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use vm_stark::{F, KeyLoadError, StarkEngine, StoredVerifyingKey, VerifyingKey};

use crate::hasher::{Digest, HexDigest, commit_elements};
use crate::layout::RunLayout;

/// Domain tag of the digest of a verifying key ("vmvk").
const KEY_DOMAIN: u32 = 0x766d_766b;
/// Domain tag of the commitment to an executable ("vmex").
const EXE_DOMAIN: u32 = 0x766d_6578;
/// Domain tag of the commitment to an executable with the circuits of its fused blocks ("vmtc").
const TRUSTED_DOMAIN: u32 = 0x766d_7463;

/// The parts of an executable that the program table does not contain: entry point and initial memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExeCommitment {
    /// Program counter of the first instruction.
    pub pc_start: u32,
    /// Merkle root of the initial memory.
    pub initial_root: Digest,
}

/// All that the verifier knows of a program and its machine, for one proof engine.
pub struct RunVerifyingKey<E: StarkEngine> {
    pub(crate) layout: RunLayout,
    pub(crate) stark: Arc<VerifyingKey<E::SC>>,
    pub(crate) exe: ExeCommitment,
    /// Digest of the backend's key for the same program without fused blocks.
    plain: Digest,
    /// Encoded plan of the fused blocks.
    plan: Vec<u8>,
}

/// Serialised form of a verifying key: the content of a key file.
///
/// It contains the circuits of the machine as data. `C` is the machine's configuration, which only code of the machine can
/// read; for all others, it is bytes.
#[derive(Serialize, Deserialize)]
#[serde(bound(serialize = "C: Serialize", deserialize = "C: Deserialize<'de>"))]
pub struct StoredRunKey<E: StarkEngine, C = Vec<u8>> {
    /// Configuration of the machine.
    pub config: C,
    /// What the verifier needs to know of the machine besides its circuits.
    pub layout: RunLayout,
    /// Key of the proof backend, with the circuits.
    pub stark: StoredVerifyingKey<E::SC>,
    /// Entry point and initial memory.
    pub exe: ExeCommitment,
    /// The plan of the fused blocks, which only code of the machine can read. Empty if there are none.
    pub plan: Vec<u8>,
    /// Digest of the backend's key for the same program without fused blocks.
    pub plain: Digest,
    /// Digest of the key.
    pub digest: Digest,
}

/// Reason for which a stored key is refused.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum RunKeyError {
    /// The key belongs to another program or machine than the one that the caller trusts.
    #[error("the key is for program {got}, expected program {expected}")]
    ExeCommitmentMismatch {
        /// Commitment that the caller trusts.
        expected: HexDigest,
        /// Commitment of the key's program.
        got: HexDigest,
    },
    /// The backend's part of the key is refused.
    #[error(transparent)]
    Stark(#[from] KeyLoadError),
}

impl<E: StarkEngine> RunVerifyingKey<E> {
    /// Creates a key from its parts. Only code that has derived them from a machine may do this; others load a
    /// [`StoredRunKey`].
    pub fn new(layout: RunLayout, stark: Arc<VerifyingKey<E::SC>>, exe: ExeCommitment) -> Self {
        let plain = stark.digest();
        Self { layout, stark, exe, plain, plan: Vec::new() }
    }

    /// Adds the plan of the fused blocks among the circuits, and the digest of the backend's key without them.
    pub fn with_plan(self, plan: Vec<u8>, plain: Digest) -> Self {
        Self { plain, plan, ..self }
    }

    /// Returns the digest of the backend's key for the same program without fused blocks.
    pub fn plain(&self) -> Digest {
        self.plain
    }

    /// Returns the encoded plan of the fused blocks; empty if there are none. Without the machine's code, nothing shows that
    /// it is the plan of the circuits.
    pub fn plan(&self) -> &[u8] {
        &self.plan
    }

    /// Returns what the verifier needs to know of the machine besides its circuits.
    pub fn layout(&self) -> &RunLayout {
        &self.layout
    }

    /// Returns the verifying key of the proof backend.
    pub fn stark(&self) -> &VerifyingKey<E::SC> {
        &self.stark
    }

    /// Returns the entry point and the root of the initial memory.
    pub fn exe(&self) -> &ExeCommitment {
        &self.exe
    }

    /// Returns the digest of the key. It covers everything that the verifier relies on.
    pub fn digest(&self) -> Digest {
        commit(KEY_DOMAIN, &self.stark.digest(), &self.exe, &self.layout)
    }

    /// Returns the commitment to the executable: program table, entry point, initial memory, and the machine on which it
    /// runs. It does not depend on fused blocks.
    pub fn exe_commitment(&self) -> Digest {
        commit(EXE_DOMAIN, &self.plain, &self.exe, &self.layout)
    }

    /// Returns the commitment that a verifier without the machine's code has to trust ([`StoredRunKey::load_trusted`]). It
    /// covers the circuits of fused blocks; without such blocks, it is the commitment to the executable.
    pub fn trusted_commitment(&self) -> Digest {
        trusted(&self.stark.digest(), &self.plain, &self.exe, &self.layout)
    }

    /// Returns an upper bound on the length in bytes of the encoded proof of one segment that the key allows.
    pub fn max_segment_len(&self) -> usize {
        // The digest of the key has eight elements.
        self.stark.max_proof_len() + 64
    }

    /// Returns an upper bound on the length in bytes of the encoded proof of a run in `segments` segments that the key
    /// allows.
    pub fn max_run_len(&self, segments: usize) -> usize {
        // Two lengths, and digests of eight elements for the levels of address spaces.
        let public_values = self.layout.num_public_values + 64 * (self.layout.as_height + 1) + 32;
        self.max_segment_len().saturating_mul(segments).saturating_add(public_values + self.plan.len() + 32)
    }

    /// Returns the serialised form, with the configuration from which the machine's code can derive the key again.
    pub fn to_stored<C>(&self, config: C) -> StoredRunKey<E, C> {
        let stark = self.stark.to_stored();
        let (plan, plain) = (self.plan.clone(), self.plain);
        StoredRunKey { config, layout: self.layout, stark, exe: self.exe, plan, plain, digest: self.digest() }
    }
}

impl<E: StarkEngine, C> StoredRunKey<E, C> {
    /// Makes the key without the machine's code. Refuses every key except that of the program that the caller trusts, so
    /// nothing of it is derived again. `commitment` is [`RunVerifyingKey::trusted_commitment`] of that key.
    ///
    /// # Errors
    /// - [`RunKeyError::ExeCommitmentMismatch`] if it is another key.
    /// - [`RunKeyError::Stark`] if a circuit is not the one that the key describes, or if another engine made the key.
    pub fn load_trusted(self, commitment: &Digest) -> Result<RunVerifyingKey<E>, RunKeyError> {
        let Self { layout, exe, stark, plan, plain, .. } = self;
        let digest = stark.body.digest();
        let got = trusted(&digest, &plain, &exe, &layout);
        if got != *commitment {
            let expected = (*commitment).into();
            return Err(RunKeyError::ExeCommitmentMismatch { expected, got: got.into() });
        }
        let stark = VerifyingKey::load_trusted(stark, &digest)?;
        Ok(RunVerifyingKey { layout, stark: Arc::new(stark), exe, plain, plan })
    }
}

/// Returns the commitment to all circuits of a key and to its executable. Without fused blocks, it is that to the executable.
fn trusted(stark: &Digest, plain: &Digest, exe: &ExeCommitment, layout: &RunLayout) -> Digest {
    if stark == plain {
        return commit(EXE_DOMAIN, plain, exe, layout);
    }
    let mut elements = stark.to_vec();
    elements.extend(commit(EXE_DOMAIN, plain, exe, layout));
    commit_elements(TRUSTED_DOMAIN, &elements)
}

fn commit(domain: u32, stark: &Digest, exe: &ExeCommitment, layout: &RunLayout) -> Digest {
    // The backend's digest covers the circuits and the commitment to the preprocessed columns, and so the program table.
    let mut elements = stark.to_vec();
    elements.extend(exe.initial_root);
    // Soundness: a number is committed in limbs of 16 bits. As one field element, it would be the same as others modulo p,
    // and a key with another of them would pass for the trusted one.
    for number in [u64::from(exe.pc_start)].into_iter().chain(layout.numbers()) {
        elements.extend((0..4).map(|limb| F::from_u16((number >> (16 * limb)) as u16)));
    }
    commit_elements(domain, &elements)
}
