//! Verifying keys of programs.

use std::sync::Arc;

use p3_field::PrimeCharacteristicRing;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::arch::{Digest, SystemConfig, VmConfig, VmInventoryError, commit_elements};
use crate::instructions::PC_LIMIT;
use crate::machine::audit::{MachineError, check_machine};
use crate::machine::complex::VmChipComplex;
use crate::stark::{F, KeyLoadError, StarkEngine, StoredVerifyingKey, VerifyingKey};
use crate::system::program::ProgramAir;

/// Domain tag of the digest of a verifying key ("vmvk").
const KEY_DOMAIN: u32 = 0x766d_766b;
/// Domain tag of the commitment to an executable ("vmex").
const EXE_DOMAIN: u32 = 0x766d_6578;

/// The parts of an executable that the program table does not contain: entry point and initial memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExeCommitment {
    /// Program counter of the first instruction.
    pub pc_start: u32,
    /// Merkle root of the initial memory.
    pub initial_root: Digest,
}

/// Verifying key of a program on a machine, for one proof engine.
pub struct VmVerifyingKey<E: StarkEngine, VC> {
    pub(super) config: VC,
    pub(super) stark: Arc<VerifyingKey<E::SC>>,
    pub(super) exe: ExeCommitment,
}

/// Serialised form of a [`VmVerifyingKey`].
///
/// AIRs, constraints, lookups and limits are never trusted from a file: [`VmVerifyingKey::load`] rebuilds them from the
/// configuration and compares.
#[derive(Serialize, Deserialize)]
#[serde(bound(serialize = "VC: Serialize", deserialize = "VC: Deserialize<'de>"))]
pub struct StoredVmVerifyingKey<E: StarkEngine, VC> {
    config: VC,
    stark: StoredVerifyingKey<E::SC>,
    exe: ExeCommitment,
    digest: Digest,
}

/// Reason for which a stored verifying key is refused.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum VmKeyError {
    /// No machine can be built from the configuration in the key.
    #[error("no machine can be built from the key's configuration: {0}")]
    Config(#[from] VmInventoryError),
    /// An AIR of the machine breaks a rule of the program, the execution or memory, or uses a bus of others.
    #[error("the machine of the key's configuration is not sound: {0}")]
    Machine(#[from] MachineError),
    /// The backend's part of the key does not describe the machine of the configuration.
    #[error(transparent)]
    Stark(#[from] KeyLoadError),
    /// The digest in the key is not the digest of its content.
    #[error("the key's digest does not match its content: the file is corrupted or was altered")]
    Digest,
    /// The entry point is 2^30 or greater, so it is no program counter.
    #[error("the key's entry point {pc_start:#x} is not a program counter: the limit is {PC_LIMIT:#x}")]
    EntryPoint {
        /// Entry point in the key.
        pc_start: u32,
    },
}

impl<E: StarkEngine, VC: VmConfig> VmVerifyingKey<E, VC> {
    /// Creates a key from its parts. Only setup calls this.
    #[cfg(feature = "prover")]
    pub(in crate::machine) fn new(config: VC, stark: Arc<VerifyingKey<E::SC>>, exe: ExeCommitment) -> Self {
        Self { config, stark, exe }
    }

    /// Returns the configuration of the machine.
    pub fn config(&self) -> &VC {
        &self.config
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
        key_digest(&self.stark.digest(), &self.exe)
    }

    /// Returns the commitment to the executable: program table, entry point and initial memory.
    pub fn exe_commitment(&self) -> Digest {
        // The backend's digest covers the commitment to the preprocessed columns, and so the program table.
        let mut elements = self.stark.digest().to_vec();
        elements.push(F::from_u32(self.exe.pc_start));
        elements.extend(self.exe.initial_root);
        commit_elements(EXE_DOMAIN, &elements)
    }

    /// Returns an upper bound on the length in bytes of the encoded proof of one segment that the key allows.
    pub fn max_segment_len(&self) -> usize {
        // The digest of the key has eight elements.
        self.stark.max_proof_len() + 64
    }

    /// Returns an upper bound on the length in bytes of the encoded proof of a run in `segments` segments that the key
    /// allows.
    pub fn max_run_len(&self, segments: usize) -> usize {
        let system = self.config.system();
        self.max_segment_len().saturating_mul(segments).saturating_add(public_values_len(system) + 16)
    }

    /// Returns the serialisable form of the key.
    pub fn to_stored(&self) -> StoredVmVerifyingKey<E, VC> {
        StoredVmVerifyingKey {
            config: self.config.clone(),
            stark: self.stark.to_stored(),
            exe: self.exe,
            digest: self.digest(),
        }
    }

    /// Rebuilds a key from its stored form. Every constraint comes from the configuration, not from the file.
    ///
    /// Loading only shows that the key is consistent. To decide whether it can be trusted, the caller compares
    /// [`Self::digest`] with a known digest.
    ///
    /// # Errors
    /// - [`VmKeyError::Config`] if no machine can be built from the configuration in the key.
    /// - [`VmKeyError::Machine`] if an AIR of that machine breaks a rule that setup checks.
    /// - [`VmKeyError::Stark`] if the backend's part of the key does not describe that machine.
    /// - [`VmKeyError::EntryPoint`] if the entry point is not a program counter.
    /// - [`VmKeyError::Digest`] if the stored digest is not the digest of the rebuilt key.
    pub fn load(stored: StoredVmVerifyingKey<E, VC>) -> Result<Self, VmKeyError> {
        let complex = VmChipComplex::new(&stored.config)?;
        let set = complex.air_set(ProgramAir::without_table());
        // Soundness (M36): the key may come from a program that does not make these checks.
        check_machine(&complex, &set)?;
        let stark = VerifyingKey::load(&set, stored.stark)?;
        if stored.exe.pc_start >= PC_LIMIT {
            return Err(VmKeyError::EntryPoint { pc_start: stored.exe.pc_start });
        }
        let key = Self { config: stored.config, stark: Arc::new(stark), exe: stored.exe };
        if key.digest() == stored.digest { Ok(key) } else { Err(VmKeyError::Digest) }
    }
}

/// Returns an upper bound on the length in bytes of the encoded public values with their path.
fn public_values_len(system: &SystemConfig) -> usize {
    // Two lengths, and digests of eight elements for the levels of address spaces.
    system.num_public_values + 64 * (system.memory_config.as_height + 1) + 32
}

fn key_digest(stark: &Digest, exe: &ExeCommitment) -> Digest {
    let mut elements = stark.to_vec();
    elements.push(F::from_u32(exe.pc_start));
    elements.extend(exe.initial_root);
    commit_elements(KEY_DOMAIN, &elements)
}
