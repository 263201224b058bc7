//! Proofs of runs, verifying keys of programs, and the verifier.

use std::fmt;
use std::sync::Arc;

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::stark::{
    F, KeyLoadError, Proof, SecurityReport, StarkEngine, StoredVerifyingKey, VerifyError, VerifyingKey,
};
use crate::system::connector::{ConnectorAir, ConnectorPublicValues};
use crate::system::program::ProgramAir;
use crate::system::public_values::{PublicValuesAir, public_value_bytes};

use super::chip_complex::VmChipComplex;
use super::config::VmConfig;
use super::extensions::VmInventoryError;
use super::hasher::{Digest, commit_elements};

use crate::stark::MachineAir;

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
    config: VC,
    stark: Arc<VerifyingKey<E::SC>>,
    exe: ExeCommitment,
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
    pub(super) fn new(config: VC, stark: Arc<VerifyingKey<E::SC>>, exe: ExeCommitment) -> Self {
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
        if stored.exe.pc_start >= crate::instructions::PC_LIMIT {
            return Err(VmKeyError::EntryPoint { pc_start: stored.exe.pc_start });
        }
        let key = Self { config: stored.config, stark: Arc::new(stark), exe: stored.exe };
        if key.digest() == stored.digest { Ok(key) } else { Err(VmKeyError::Digest) }
    }

    /// Verifies that the program ran from its entry point and initial memory to a successful end, and returns its
    /// public values.
    pub fn verify(&self, proof: &VmProof<E>) -> Result<VerifiedRun, VmVerificationError> {
        let expected = self.digest();
        if proof.key_digest != expected {
            return Err(VmVerificationError::ProgramCommitMismatch {
                expected: expected.into(),
                got: proof.key_digest.into(),
            });
        }
        // Parameters come from the key (M22).
        E::new(self.stark.preset()).verify(&self.stark, &proof.stark)?;

        let values_of = |air: &str| -> Result<&[F], VmVerificationError> {
            let index = self.stark.air_index(air).ok_or_else(|| missing(air))?;
            proof.stark.public_values.get(index).map(Vec::as_slice).ok_or_else(|| missing(air))
        };
        let connector_air = ConnectorAir::new(&self.config.system().memory_config).name();
        let connector =
            ConnectorPublicValues::from_slice(values_of(&connector_air)?).ok_or_else(|| missing(&connector_air))?;
        let initial_pc = connector.initial_pc.as_canonical_u32();
        if initial_pc != self.exe.pc_start {
            return Err(VmVerificationError::InitialPcMismatch { expected: self.exe.pc_start, got: initial_pc });
        }
        if connector.initial_root != self.exe.initial_root {
            return Err(VmVerificationError::InitialMemoryRootMismatch {
                expected: self.exe.initial_root.into(),
                got: connector.initial_root.into(),
            });
        }
        if connector.is_terminate != F::ONE {
            return Err(VmVerificationError::IsTerminateMismatch { expected: true, got: false });
        }
        let exit_code = connector.exit_code_u32();
        if exit_code != 0 {
            return Err(VmVerificationError::ExitCodeMismatch { expected: 0, got: exit_code });
        }
        let num_public_values = self.config.system().num_public_values;
        let public_values = if num_public_values == 0 {
            Vec::new()
        } else {
            let air = PublicValuesAir::new(num_public_values).name();
            public_value_bytes(values_of(&air)?).ok_or(VmVerificationError::PublicValueOutOfRange)?
        };
        Ok(VerifiedRun {
            public_values,
            final_root: connector.final_root,
            security: self.stark.security(&proof.stark.log_heights()),
        })
    }
}

fn missing(air: &str) -> VmVerificationError {
    VmVerificationError::SystemAirMissing { air: air.to_owned() }
}

fn key_digest(stark: &Digest, exe: &ExeCommitment) -> Digest {
    let mut elements = stark.to_vec();
    elements.push(F::from_u32(exe.pc_start));
    elements.extend(exe.initial_root);
    commit_elements(KEY_DOMAIN, &elements)
}

/// Proof of a run in one segment.
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

/// What a verified proof says.
#[derive(Clone, Debug)]
pub struct VerifiedRun {
    /// User public values.
    pub public_values: Vec<u8>,
    /// Root of the memory at the end.
    pub final_root: Digest,
    /// Security of the proof's shape.
    pub security: SecurityReport,
}

/// A digest in hexadecimal, for messages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct HexDigest(Digest);

impl From<Digest> for HexDigest {
    fn from(digest: Digest) -> Self {
        Self(digest)
    }
}

impl fmt::Display for HexDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|x| write!(f, "{:08x}", x.as_canonical_u32()))
    }
}

impl fmt::Debug for HexDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a proof is refused.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum VmVerificationError {
    /// The proof was made for another program, machine or parameters.
    #[error("the proof is for another program or machine: key digest {got}, expected {expected}")]
    ProgramCommitMismatch {
        /// Digest of the verifier's key.
        expected: HexDigest,
        /// Digest named by the proof.
        got: HexDigest,
    },
    /// The run did not start at the entry point.
    #[error("the run starts at pc {got:#x}, the program's entry point is {expected:#x}")]
    InitialPcMismatch {
        /// Entry point.
        expected: u32,
        /// Start of the run.
        got: u32,
    },
    /// The run did not start with the program's memory.
    #[error("the run starts with memory root {got}, the program's is {expected}")]
    InitialMemoryRootMismatch {
        /// Root of the program's memory.
        expected: HexDigest,
        /// Root at the start of the run.
        got: HexDigest,
    },
    /// The run ended where it should not, or did not end where it should.
    #[error("is_terminate is {got}, expected {expected}")]
    IsTerminateMismatch {
        /// Expected value.
        expected: bool,
        /// Value in the proof.
        got: bool,
    },
    /// The guest reported failure.
    #[error("the guest ended with exit code {got}, expected {expected}")]
    ExitCodeMismatch {
        /// Expected code.
        expected: u32,
        /// Code in the proof.
        got: u32,
    },
    /// A system AIR is missing in the proof.
    #[error("the proof lacks the system AIR {air}")]
    SystemAirMissing {
        /// The AIR.
        air: String,
    },
    /// A public value is not a 16-bit cell.
    #[error("a public value of the proof is not a 16-bit cell")]
    PublicValueOutOfRange,
    /// The backend refuses the proof.
    #[error(transparent)]
    Stark(#[from] VerifyError),
}
