//! Proofs of runs, verifying keys of programs, and the verifier.

use std::fmt;
use std::str::FromStr;
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
use crate::system::public_values_proof::{PublicValuesError, UserPublicValuesProof};

use super::chip_complex::VmChipComplex;
use super::config::VmConfig;
use super::execution::ExitStatus;
use super::extensions::VmInventoryError;
use super::hasher::{Digest, Poseidon2Hasher, commit_elements};

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

    /// Verifies that the program ran from its entry point and initial memory to a successful end, in one segment, and
    /// returns its public values. `exe_commitment` is the program that the caller trusts (see
    /// [`Self::exe_commitment`]). For machines without continuations.
    pub fn verify(&self, exe_commitment: &Digest, proof: &VmProof<E>) -> Result<VerifiedRun, VmVerificationError> {
        if self.config.system().continuation_enabled {
            return Err(VmVerificationError::Continuations { expected: true });
        }
        self.verify_segment(0, proof)?;
        let end = self.verify_chain(exe_commitment, std::slice::from_ref(proof))?;
        let num_public_values = self.config.system().num_public_values;
        let public_values = if num_public_values == 0 {
            Vec::new()
        } else {
            let air = PublicValuesAir::new(num_public_values).name();
            public_value_bytes(self.values_of(0, proof, &air)?)
                .ok_or(VmVerificationError::PublicValueOutOfRange { segment: 0 })?
        };
        self.verified(public_values, &end, std::slice::from_ref(proof))
    }

    /// Verifies that the program ran from its entry point and initial memory to a successful end, in any number of
    /// segments, and returns its public values. `exe_commitment` is the program that the caller trusts (see
    /// [`Self::exe_commitment`]). For machines with continuations.
    pub fn verify_continuation(
        &self,
        exe_commitment: &Digest,
        proof: &ContinuationProof<E>,
    ) -> Result<VerifiedRun, VmVerificationError> {
        let system = self.config.system();
        if !system.continuation_enabled {
            return Err(VmVerificationError::Continuations { expected: false });
        }
        let end = self.verify_chain(exe_commitment, &proof.segments)?;
        let public = &proof.public_values;
        let hasher = Poseidon2Hasher::default();
        public.verify(&hasher, &system.memory_config, system.num_public_values, &end.final_root)?;
        for (segment, proof) in proof.segments.iter().enumerate() {
            self.verify_stark(segment, proof)?;
        }
        self.verified(public.public_values.clone(), &end, &proof.segments)
    }

    /// Verifies one segment of a run, but not that it follows from the program or from another segment. Returns what it
    /// says about its start and end.
    pub fn verify_segment(
        &self,
        segment: usize,
        proof: &VmProof<E>,
    ) -> Result<ConnectorPublicValues<F>, VmVerificationError> {
        let connector = self.connector_of(segment, proof)?;
        self.verify_stark(segment, proof)?;
        Ok(connector)
    }

    /// Everything about a list of segments but the STARKs: that they are segments of this program, that each begins
    /// where the one before ends, and that the last one, and only the last one, is the successful end. Cheap, so it
    /// comes first where there are many. Returns what the last one shows.
    ///
    /// Soundness (M26, M27): nothing here is a fact unless the STARKs of all segments are verified as well.
    fn verify_chain(
        &self,
        exe_commitment: &Digest,
        segments: &[VmProof<E>],
    ) -> Result<ConnectorPublicValues<F>, VmVerificationError> {
        use VmVerificationError as Refused;
        let own = self.exe_commitment();
        if own != *exe_commitment {
            return Err(Refused::ExeCommitmentMismatch { expected: (*exe_commitment).into(), got: own.into() });
        }
        if segments.len() > MAX_SEGMENTS {
            return Err(Refused::TooManySegments { max: MAX_SEGMENTS, got: segments.len() });
        }
        let (mut pc, mut root) = (F::from_u32(self.exe.pc_start), self.exe.initial_root);
        let mut end = None;
        for (segment, proof) in segments.iter().enumerate() {
            let connector = self.connector_of(segment, proof)?;
            if connector.initial_pc != pc {
                let (expected, got) = (pc.as_canonical_u32(), connector.initial_pc.as_canonical_u32());
                return Err(Refused::InitialPcMismatch { segment, expected, got });
            }
            if connector.initial_root != root {
                let (expected, got) = (root.into(), connector.initial_root.into());
                return Err(Refused::InitialMemoryRootMismatch { segment, expected, got });
            }
            let is_last = segment + 1 == segments.len();
            if connector.is_terminate != F::from_bool(is_last) {
                let got = connector.is_terminate != F::ZERO;
                return Err(Refused::IsTerminateMismatch { segment, expected: is_last, got });
            }
            let expected = if is_last { 0 } else { ExitStatus::SUSPENDED_CODE };
            let got = connector.exit_code_u32();
            if got != expected {
                return Err(Refused::ExitCodeMismatch { segment, expected, got });
            }
            (pc, root) = (connector.final_pc, connector.final_root);
            end = Some(connector);
        }
        end.ok_or(Refused::NoSegments)
    }

    fn verify_stark(&self, segment: usize, proof: &VmProof<E>) -> Result<(), VmVerificationError> {
        // Parameters come from the key (M22).
        let verdict = E::new(self.stark.preset()).verify(&self.stark, &proof.stark);
        verdict.map_err(|source| VmVerificationError::Stark { segment, source })
    }

    /// What a segment shows, after checks of which AIRs it has and what they show.
    fn connector_of(
        &self,
        segment: usize,
        proof: &VmProof<E>,
    ) -> Result<ConnectorPublicValues<F>, VmVerificationError> {
        let expected = self.digest();
        if proof.key_digest != expected {
            let (expected, got) = (expected.into(), proof.key_digest.into());
            return Err(VmVerificationError::ProgramCommitMismatch { segment, expected, got });
        }
        // Soundness: the backend checks both again; here they have names.
        for (index, air) in self.stark.airs().iter().enumerate() {
            let present = proof.stark.instance_counts.get(index).is_some_and(|count| *count > 0);
            if air.required && !present {
                return Err(missing(segment, &air.name));
            }
            let expected = if present { air.public_values } else { 0 };
            let got = proof.stark.public_values.get(index).map_or(0, Vec::len);
            if got != expected {
                let air = air.name.clone();
                return Err(VmVerificationError::UnexpectedPublicValues { segment, air, expected, got });
            }
        }
        let air = ConnectorAir::new(&self.config.system().memory_config).name();
        ConnectorPublicValues::from_slice(self.values_of(segment, proof, &air)?).ok_or_else(|| missing(segment, &air))
    }

    fn values_of<'a>(&self, segment: usize, proof: &'a VmProof<E>, air: &str) -> Result<&'a [F], VmVerificationError> {
        let values = self.stark.air_index(air).and_then(|index| proof.stark.public_values.get(index));
        values.map(Vec::as_slice).ok_or_else(|| missing(segment, air))
    }

    fn verified(
        &self,
        public_values: Vec<u8>,
        end: &ConnectorPublicValues<F>,
        segments: &[VmProof<E>],
    ) -> Result<VerifiedRun, VmVerificationError> {
        // A forger needs one false segment, and all work on any of them counts towards it; so a run is as secure as its
        // weakest segment, however many there are (the bound counts the forger's hashes).
        let reports = segments.iter().map(|proof| self.stark.security(&proof.stark.log_heights()));
        let security = reports.min_by(|a, b| a.bits.total_cmp(&b.bits)).ok_or(VmVerificationError::NoSegments)?;
        Ok(VerifiedRun { public_values, final_root: end.final_root, segments: segments.len(), security })
    }
}

fn missing(segment: usize, air: &str) -> VmVerificationError {
    VmVerificationError::SystemAirMissing { segment, air: air.to_owned() }
}

fn key_digest(stark: &Digest, exe: &ExeCommitment) -> Digest {
    let mut elements = stark.to_vec();
    elements.push(F::from_u32(exe.pc_start));
    elements.extend(exe.initial_root);
    commit_elements(KEY_DOMAIN, &elements)
}

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

impl FromStr for HexDigest {
    type Err = HexDigestError;

    fn from_str(text: &str) -> Result<Self, HexDigestError> {
        let mut digest = Digest::default();
        if text.len() != 8 * digest.len() || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(HexDigestError);
        }
        for (i, limb) in digest.iter_mut().enumerate() {
            let value = u32::from_str_radix(&text[8 * i..8 * (i + 1)], 16).map_err(|_| HexDigestError)?;
            // A digest has one spelling.
            if value >= F::ORDER_U32 {
                return Err(HexDigestError);
            }
            *limb = F::from_u32(value);
        }
        Ok(Self(digest))
    }
}

impl From<HexDigest> for Digest {
    fn from(digest: HexDigest) -> Self {
        digest.0
    }
}

/// Text that is not a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a digest: 64 hexadecimal digits, as this program prints them")]
pub struct HexDigestError;

impl fmt::Debug for HexDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a proof is refused. Segments are counted from 0; a run that is not cut is segment 0.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum VmVerificationError {
    /// The caller trusts another program than the key's.
    #[error("the verifying key is for program {got}, expected program {expected}")]
    ExeCommitmentMismatch {
        /// Commitment that the caller trusts.
        expected: HexDigest,
        /// Commitment of the key's program.
        got: HexDigest,
    },
    /// The machine's runs are proven in the other way.
    #[error(
        "the verifying key's machine has continuations {}, so its proofs are {} proofs",
        if *.expected { "enabled" } else { "disabled" },
        if *.expected { "continuation" } else { "single-segment" }
    )]
    Continuations {
        /// Whether the machine has continuations.
        expected: bool,
    },
    /// A list without segments.
    #[error("the proof has no segments")]
    NoSegments,
    /// A list of more segments than are looked at.
    #[error("the proof has {got} segments, at most {max} are verified")]
    TooManySegments {
        /// Limit.
        max: usize,
        /// Segments of the proof.
        got: usize,
    },
    /// The segment was proven for another program, machine or parameters.
    #[error("segment {segment} is for another program or machine: key digest {got}, expected {expected}")]
    ProgramCommitMismatch {
        /// The segment.
        segment: usize,
        /// Digest of the verifier's key.
        expected: HexDigest,
        /// Digest named by the proof.
        got: HexDigest,
    },
    /// The segment does not start at the entry point, or where the segment before ended.
    #[error("segment {segment} starts at pc {got:#x}, expected {expected:#x}")]
    InitialPcMismatch {
        /// The segment.
        segment: usize,
        /// Entry point, or the final pc of the segment before.
        expected: u32,
        /// Start of the segment.
        got: u32,
    },
    /// The segment does not start with the program's memory, or with the memory at the end of the segment before.
    #[error("segment {segment} starts with memory root {got}, expected {expected}")]
    InitialMemoryRootMismatch {
        /// The segment.
        segment: usize,
        /// Root of the program's memory, or the final root of the segment before.
        expected: HexDigest,
        /// Root at the start of the segment.
        got: HexDigest,
    },
    /// The program ends in a segment that is not the last one, or does not end in the last one.
    #[error("segment {segment}: is_terminate is {got}, expected {expected}")]
    IsTerminateMismatch {
        /// The segment.
        segment: usize,
        /// Expected value.
        expected: bool,
        /// Value in the proof.
        got: bool,
    },
    /// The guest reported failure, or a segment that is not the last one shows an exit code.
    #[error("segment {segment} ends with exit code {got}, expected {expected}")]
    ExitCodeMismatch {
        /// The segment.
        segment: usize,
        /// Expected code.
        expected: u32,
        /// Code in the proof.
        got: u32,
    },
    /// A required AIR is missing in the proof.
    #[error("segment {segment} lacks the system AIR {air}")]
    SystemAirMissing {
        /// The segment.
        segment: usize,
        /// The AIR.
        air: String,
    },
    /// An AIR shows more or fewer public values than it has.
    #[error("segment {segment}: AIR {air} shows {got} public values, expected {expected}")]
    UnexpectedPublicValues {
        /// The segment.
        segment: usize,
        /// The AIR.
        air: String,
        /// Public values of the AIR.
        expected: usize,
        /// Public values in the proof.
        got: usize,
    },
    /// A public value is not a 16-bit cell.
    #[error("segment {segment}: a public value of the proof is not a 16-bit cell")]
    PublicValueOutOfRange {
        /// The segment.
        segment: usize,
    },
    /// The user public values are not those of the final memory.
    #[error(transparent)]
    PublicValues(#[from] PublicValuesError),
    /// The backend refuses a segment.
    #[error("segment {segment}: {source}")]
    Stark {
        /// The segment.
        segment: usize,
        /// Why.
        source: VerifyError,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_have_one_spelling() {
        let digest: Digest = std::array::from_fn(|i| F::from_u32(0x1234_5678 + i as u32));
        let text = HexDigest::from(digest).to_string();
        assert_eq!(Digest::from(text.parse::<HexDigest>().unwrap()), digest);
        let above = format!("{:08x}{}", F::ORDER_U32, &text[8..]);
        for wrong in ["", &text[1..], &format!("{text}0"), &text.replace('1', "g"), &above, &format!("+{}", &text[1..])]
        {
            assert!(wrong.parse::<HexDigest>().is_err(), "{wrong}");
        }
    }
}
