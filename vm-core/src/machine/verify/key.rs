//! Proofs of runs, verifying keys of programs, and the verifier.

use std::sync::Arc;

use p3_field::PrimeCharacteristicRing;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::arch::{Digest, VmConfig, VmInventoryError, commit_elements};
use crate::instructions::PC_LIMIT;
use crate::machine::complex::VmChipComplex;
use crate::stark::{F, KeyLoadError, StarkEngine, StoredVerifyingKey, VerifyingKey};
use crate::system::program::ProgramAir;

/// Domain of the digest of a verifying key ("vmvk").
const KEY_DOMAIN: u32 = 0x766d_766b;
/// Domain of the commitment of an executable ("vmex").
const EXE_DOMAIN: u32 = 0x766d_6578;

/// What ties a proof to an executable besides the committed program table: entry point and initial memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExeCommitment {
    /// Entry point.
    pub pc_start: u32,
    /// Root of the initial memory.
    pub initial_root: Digest,
}

/// Verifying key of a program on a machine, for one engine.
pub struct VmVerifyingKey<E: StarkEngine, VC> {
    pub(super) config: VC,
    pub(super) stark: Arc<VerifyingKey<E::SC>>,
    pub(super) exe: ExeCommitment,
}

/// A verifying key as it is written to disk.
///
/// Constraints, lookups and limits are not read from it: they are rebuilt from the configuration and compared.
#[derive(Serialize, Deserialize)]
#[serde(bound(serialize = "VC: Serialize", deserialize = "VC: Deserialize<'de>"))]
pub struct StoredVmVerifyingKey<E: StarkEngine, VC> {
    config: VC,
    stark: StoredVerifyingKey<E::SC>,
    exe: ExeCommitment,
    digest: Digest,
}

/// Why a stored verifying key is unusable.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum VmKeyError {
    /// The configuration in it builds no machine.
    #[error("the key's configuration is not usable: {0}")]
    Config(#[from] VmInventoryError),
    /// It does not describe the machine of its configuration.
    #[error(transparent)]
    Stark(#[from] KeyLoadError),
    /// Its digest does not match its content.
    #[error("the key's digest does not match its content: the file is corrupted or was altered")]
    Digest,
    /// The entry point cannot be one.
    #[error("the key's entry point {pc_start:#x} is not a program counter")]
    EntryPoint {
        /// Entry point.
        pc_start: u32,
    },
}

impl<E: StarkEngine, VC: VmConfig> VmVerifyingKey<E, VC> {
    /// A key from its parts; made by setup.
    #[cfg(feature = "prover")]
    pub(in crate::machine) fn new(config: VC, stark: Arc<VerifyingKey<E::SC>>, exe: ExeCommitment) -> Self {
        Self { config, stark, exe }
    }

    /// The machine.
    pub fn config(&self) -> &VC {
        &self.config
    }

    /// The backend's key.
    pub fn stark(&self) -> &VerifyingKey<E::SC> {
        &self.stark
    }

    /// Entry point and initial memory.
    pub fn exe(&self) -> &ExeCommitment {
        &self.exe
    }

    /// Digest that binds everything that the verifier relies on.
    pub fn digest(&self) -> Digest {
        key_digest(&self.stark.digest(), &self.exe)
    }

    /// Commitment of the executable: program table, entry point and initial memory.
    pub fn exe_commitment(&self) -> Digest {
        // The program table is part of the preprocessed commitment, which the key's digest covers.
        let mut elements = self.stark.digest().to_vec();
        elements.push(F::from_u32(self.exe.pc_start));
        elements.extend(self.exe.initial_root);
        commit_elements(EXE_DOMAIN, &elements)
    }

    /// The form that is written to disk.
    pub fn to_stored(&self) -> StoredVmVerifyingKey<E, VC> {
        StoredVmVerifyingKey {
            config: self.config.clone(),
            stark: self.stark.to_stored(),
            exe: self.exe,
            digest: self.digest(),
        }
    }

    /// Rebuilds a key from its stored form: every constraint comes from the configuration, not from the file. The
    /// caller decides whether to trust the key (compare [`Self::digest`]).
    pub fn load(stored: StoredVmVerifyingKey<E, VC>) -> Result<Self, VmKeyError> {
        let set = VmChipComplex::new(&stored.config)?.air_set(ProgramAir::without_table());
        let stark = VerifyingKey::load(&set, stored.stark)?;
        if stored.exe.pc_start >= PC_LIMIT {
            return Err(VmKeyError::EntryPoint { pc_start: stored.exe.pc_start });
        }
        let key = Self { config: stored.config, stark: Arc::new(stark), exe: stored.exe };
        if key.digest() == stored.digest { Ok(key) } else { Err(VmKeyError::Digest) }
    }
}

fn key_digest(stark: &Digest, exe: &ExeCommitment) -> Digest {
    let mut elements = stark.to_vec();
    elements.push(F::from_u32(exe.pc_start));
    elements.extend(exe.initial_root);
    commit_elements(KEY_DOMAIN, &elements)
}
