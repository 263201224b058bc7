//! Folders of runs that are proven piece by piece: by a process that may be killed, or by several.
//!
//! | file | content |
//! |---|---|
//! | `run.plan` | which run it is: program, input, segments |
//! | `program.vk` | verifying key |
//! | `segment-00000.state` | what another process needs to execute the segment (`cargo chipwright segment` writes them) |
//! | `segment-00000.proof` | the finished segment |
//!
//! Files appear whole under their names, so what is there is finished; a damaged file is an error, not work to repeat.

use std::fmt;
use std::path::{Path, PathBuf};

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use vm_core::arch::{
    Digest, MAX_SEGMENTS, Poseidon2Hasher, ProvenSegment, RunPlan, SavedState, SegmentPlan, SystemConfig, VmConfig,
    VmProof, VmVerificationError, VmVerifyingKey,
};
use vm_core::stark::codec::{self, FileHeader, FileKind, MAX_FILE_LEN};
use vm_core::stark::{F, StarkEngine};
use vm_core::system::connector::ConnectorPublicValues;
use vm_core::system::public_values_proof::UserPublicValuesProof;

use crate::error::SdkError;
use crate::files::{self, PendingFiles};
use crate::report::PlanReport;
use crate::sdk::{decode_key, encode_key};

/// Why a folder cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RunFolderError {
    /// It belongs to another run.
    #[error("it belongs to another run ({what} differs); choose an empty folder, or remove this one")]
    OtherRun {
        /// What differs.
        what: &'static str,
    },
    /// A segment's proof is not valid.
    #[error("{}: {source}; remove the file to prove the segment again", name(path))]
    Proof {
        /// The file.
        path: PathBuf,
        /// Why.
        source: VmVerificationError,
    },
    /// A segment's proof is valid, but for another part of the run.
    #[error("{}: not the proof of segment {segment}: {what}; remove the file to prove the segment again", name(path))]
    OtherSegment {
        /// The file.
        path: PathBuf,
        /// The segment that the file's name says.
        segment: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// Two proofs are valid, but one does not begin where the other ends.
    #[error(
        "{}: segment {segment} does not begin where {} ends: one of them is of another run; remove it to prove its segment \
         again",
        name(path),
        name(before)
    )]
    Gap {
        /// The later segment.
        segment: usize,
        /// Its file.
        path: PathBuf,
        /// The file of the segment before.
        before: PathBuf,
    },
    /// A segment that the run does not have.
    #[error("there is no segment {segment}: the run has segments 0 to {last}")]
    NoSuchSegment {
        /// The segment.
        segment: usize,
        /// The last one.
        last: usize,
    },
    /// Segments are not proven yet.
    #[error("{} of {total} segments are not proven yet: {}", missing.len(), list(missing))]
    Incomplete {
        /// The segments.
        missing: Vec<usize>,
        /// Number of segments.
        total: usize,
    },
    /// The plan contradicts itself.
    #[error("{PLAN}: no run has these segments; plan the run again in another folder")]
    Plan,
    /// A state is another segment's.
    #[error(
        "{}: this is not the state of segment {segment}; `cargo chipwright segment` writes the states again",
        name(path)
    )]
    OtherState {
        /// The file.
        path: PathBuf,
        /// The segment that the file's name says.
        segment: usize,
    },
    /// A state does not fit the machine.
    #[error("{}: the state of the segment does not fit the machine: {source}", name(path))]
    State {
        /// The file.
        path: PathBuf,
        /// Why.
        source: vm_core::system::memory::MemoryError,
    },
}

/// Name of a file: the folder is named by the error around.
fn name(path: &Path) -> impl fmt::Display {
    path.file_name().unwrap_or(path.as_os_str()).display()
}

fn list(segments: &[usize]) -> String {
    let shown: Vec<String> = segments.iter().take(8).map(ToString::to_string).collect();
    shown.join(", ") + if segments.len() > shown.len() { ", …" } else { "" }
}

/// Which run a folder belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunManifest {
    key_digest: Digest,
    /// BLAKE3 of the input vectors with their lengths.
    inputs: [u8; 32],
    seed: u64,
    /// AIRs that the rows of `segments` belong to, and their columns.
    airs: Vec<(String, usize)>,
    segments: Vec<SegmentPlan>,
    exit_code: u32,
    public_values: Vec<u8>,
    printed: String,
}

impl RunManifest {
    pub(crate) fn new(key_digest: Digest, inputs: &[Vec<u8>], seed: u64, plan: &RunPlan) -> Self {
        let mut bytes = Vec::new();
        for input in inputs {
            bytes.extend((input.len() as u64).to_le_bytes());
            bytes.extend(input);
        }
        Self {
            key_digest,
            inputs: codec::blake3(&bytes),
            seed,
            airs: plan.airs.clone(),
            segments: plan.segments.clone(),
            exit_code: plan.report.exit.code(),
            public_values: plan.report.public_values.clone(),
            printed: plan.report.printed.clone(),
        }
    }

    /// The segments.
    pub fn segments(&self) -> &[SegmentPlan] {
        &self.segments
    }

    /// Instructions of the run.
    pub fn instructions(&self) -> u64 {
        self.segments.iter().map(|segment| segment.instructions).sum()
    }

    /// Whether there are segments that a machine could have, and each one begins where the one before ended.
    fn is_consistent(&self, system: &SystemConfig) -> bool {
        // Every instruction takes a tick.
        let longest = 1u64 << system.memory_config.clk_max_bits;
        let end = self.segments.iter().try_fold(0u64, |end, segment| {
            let fits = segment.first_instruction == end && (1..longest).contains(&segment.instructions);
            end.checked_add(segment.instructions).filter(|_| fits)
        });
        end.is_some() && (1..=MAX_SEGMENTS).contains(&self.segments.len())
    }

    /// What the guest printed.
    pub fn printed(&self) -> &str {
        &self.printed
    }

    /// What there is to say about the plan.
    pub fn report(&self) -> PlanReport {
        let segment_instructions: Vec<u64> = self.segments.iter().map(|segment| segment.instructions).collect();
        PlanReport {
            instructions: self.instructions(),
            output: self.printed.clone(),
            segments: segment_instructions.len(),
            segment_instructions,
        }
    }

    pub(crate) fn exit_code(&self) -> u32 {
        self.exit_code
    }

    /// What differs from another run.
    fn difference(&self, other: &Self) -> Option<&'static str> {
        [
            (self.key_digest == other.key_digest, "the program, machine or security level"),
            (self.inputs == other.inputs, "the input"),
            (self.seed == other.seed, "the seed of the guest's random bytes"),
            (self == other, "the segmentation"),
        ]
        .into_iter()
        .find_map(|(same, what)| (!same).then_some(what))
    }
}

/// A proven segment, as it is kept.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
pub struct SegmentProof<E: StarkEngine> {
    /// The proof.
    pub proof: VmProof<E>,
    /// Of the last segment: the public values of the run.
    pub public_values: Option<UserPublicValuesProof>,
    /// Rows in use of every AIR of the key, for reports: all that the proof itself does not tell.
    pub rows: Vec<usize>,
}

impl<E: StarkEngine> From<ProvenSegment<E>> for SegmentProof<E> {
    fn from(proven: ProvenSegment<E>) -> Self {
        let rows = proven.usage.iter().map(|air| air.rows).collect();
        Self { proof: proven.proof, public_values: proven.public_values, rows }
    }
}

impl<E: StarkEngine> SegmentProof<E> {
    /// Rows with padding of every AIR: of all its instances together.
    pub(crate) fn padded_rows(&self) -> impl Iterator<Item = usize> {
        self.proof.stark.log_heights().into_iter().map(|heights| heights.into_iter().map(|height| 1 << height).sum())
    }

    /// Whether the figures fit a proof that is valid.
    fn has_plausible_rows(&self) -> bool {
        let padded: Vec<usize> = self.padded_rows().collect();
        self.rows.len() == padded.len() && self.rows.iter().zip(padded).all(|(rows, padded)| *rows <= padded)
    }
}

/// A folder of a run.
#[derive(Clone, Debug)]
pub struct RunFolder {
    path: PathBuf,
    preset: &'static str,
    engine: &'static str,
}

const PLAN: &str = "run.plan";
const KEY: &str = "program.vk";

impl RunFolder {
    /// The folder of a run: a new one, or the one that the same run was begun in.
    pub(crate) fn open<E, VC>(
        path: &Path,
        manifest: &RunManifest,
        key: &VmVerifyingKey<E, VC>,
    ) -> Result<Self, SdkError>
    where
        E: StarkEngine,
        VC: VmConfig + Serialize + DeserializeOwned,
    {
        let folder = Self { path: path.to_owned(), preset: key.stark().preset().name(), engine: E::name() };
        let plan = path.join(PLAN);
        if plan.try_exists().map_err(|source| files::FileError::new("read", &plan, source))? {
            let (_, found): (_, RunManifest) = folder.read(FileKind::RunPlan, &plan)?;
            return match manifest.difference(&found) {
                None => Ok(folder),
                Some(what) => Err(folder.error(RunFolderError::OtherRun { what })),
            };
        }
        files::create_folder(path)?;
        let mut pending = PendingFiles::new();
        pending.write(&path.join(KEY), &encode_key(key)?)?;
        pending.write(&plan, &folder.encode(FileKind::RunPlan, manifest)?)?;
        pending.commit()?;
        Ok(folder)
    }

    /// A folder's plan, and its header: engine and security preset.
    pub fn header(path: &Path) -> Result<(PathBuf, FileHeader), SdkError> {
        let plan = path.join(PLAN);
        let bytes = files::read(&plan, MAX_FILE_LEN as u64)?;
        match codec::peek(&bytes) {
            Ok(header) => Ok((plan, header)),
            Err(source) => Err(SdkError::Codec { path: plan, source }),
        }
    }

    /// A folder that exists, with its run and its key.
    pub fn existing<E, VC>(path: &Path) -> Result<(Self, RunManifest, VmVerifyingKey<E, VC>), SdkError>
    where
        E: StarkEngine,
        VC: VmConfig + Serialize + DeserializeOwned,
    {
        let key = path.join(KEY);
        let key: VmVerifyingKey<E, VC> = decode_key(&key, &files::read(&key, MAX_FILE_LEN as u64)?)?;
        let folder = Self { path: path.to_owned(), preset: key.stark().preset().name(), engine: E::name() };
        let (_, manifest): (_, RunManifest) = folder.read(FileKind::RunPlan, &path.join(PLAN))?;
        if manifest.key_digest != key.digest() {
            return Err(folder.error(RunFolderError::OtherRun { what: "the verifying key" }));
        }
        if !manifest.is_consistent(key.config().system()) {
            return Err(folder.error(RunFolderError::Plan));
        }
        Ok((folder, manifest, key))
    }

    fn error(&self, source: RunFolderError) -> SdkError {
        SdkError::RunFolder { path: self.path.clone(), source: Box::new(source) }
    }

    fn encode<T: Serialize>(&self, kind: FileKind, body: &T) -> Result<Vec<u8>, SdkError> {
        codec::encode(kind, self.engine, self.preset, body)
            .map_err(|source| SdkError::Encode { what: "file of the run", source })
    }

    fn read<T: Serialize + DeserializeOwned>(&self, kind: FileKind, path: &Path) -> Result<(FileHeader, T), SdkError> {
        let bytes = files::read(path, MAX_FILE_LEN as u64)?;
        codec::decode(kind, self.engine, &bytes, MAX_FILE_LEN)
            .map_err(|source| SdkError::Codec { path: path.to_owned(), source })
    }

    fn write<T: Serialize>(&self, kind: FileKind, path: &Path, body: &T) -> Result<(), SdkError> {
        let mut pending = PendingFiles::new();
        pending.write(path, &self.encode(kind, body)?)?;
        Ok(pending.commit()?)
    }

    fn state_path(&self, segment: usize) -> PathBuf {
        self.path.join(format!("segment-{segment:05}.state"))
    }

    fn proof_path(&self, segment: usize) -> PathBuf {
        self.path.join(format!("segment-{segment:05}.proof"))
    }

    /// Writes the state at the start of a segment.
    pub(crate) fn write_state(&self, segment: usize, state: &SavedState) -> Result<(), SdkError> {
        self.write(FileKind::SegmentState, &self.state_path(segment), state)
    }

    /// Reads the state at the start of a segment.
    pub(crate) fn read_state<VC: VmConfig>(
        &self,
        segment: usize,
        manifest: &RunManifest,
        config: &VC,
    ) -> Result<vm_core::arch::RunState, SdkError> {
        let last = manifest.segments.len().saturating_sub(1);
        let plan = manifest.segments.get(segment);
        let plan = plan.ok_or_else(|| self.error(RunFolderError::NoSuchSegment { segment, last }))?;
        let path = self.state_path(segment);
        let (_, state): (_, SavedState) = self.read(FileKind::SegmentState, &path)?;
        if (state.pc(), state.instructions()) != (plan.initial_pc, plan.first_instruction) {
            return Err(self.error(RunFolderError::OtherState { path, segment }));
        }
        state.restore(config.system()).map_err(|source| self.error(RunFolderError::State { path, source }))
    }

    /// Writes the proof of a segment.
    pub(crate) fn write_proof<E: StarkEngine>(&self, segment: usize, proof: &SegmentProof<E>) -> Result<(), SdkError> {
        self.write(FileKind::SegmentProof, &self.proof_path(segment), proof)
    }

    /// The proofs of the segments that are there. They are checked: the STARKs, and that they are pieces of this run.
    pub(crate) fn read_proofs<E: StarkEngine, VC: VmConfig>(
        &self,
        manifest: &RunManifest,
        key: &VmVerifyingKey<E, VC>,
    ) -> Result<Vec<Option<SegmentProof<E>>>, SdkError> {
        let mut proofs = Vec::with_capacity(manifest.segments.len());
        // Where the segment before ends, if that is known.
        let mut end = Some((F::from_u32(key.exe().pc_start), key.exe().initial_root));
        for segment in 0..manifest.segments.len() {
            let path = self.proof_path(segment);
            if !path.try_exists().map_err(|source| files::FileError::new("read", &path, source))? {
                proofs.push(None);
                end = None;
                continue;
            }
            let (proof, connector) = self.read_proof(segment, manifest, key)?;
            if end.is_some_and(|end| end != (connector.initial_pc, connector.initial_root)) {
                return Err(self.error(match segment.checked_sub(1) {
                    Some(before) => RunFolderError::Gap { segment, path, before: self.proof_path(before) },
                    None => {
                        let what = "it does not begin with the program's memory";
                        RunFolderError::OtherSegment { path, segment, what }
                    }
                }));
            }
            end = Some((connector.final_pc, connector.final_root));
            proofs.push(Some(proof));
        }
        Ok(proofs)
    }

    /// The proof of a segment and what it shows. It is checked: the STARK, and that it begins and ends as planned.
    fn read_proof<E: StarkEngine, VC: VmConfig>(
        &self,
        segment: usize,
        manifest: &RunManifest,
        key: &VmVerifyingKey<E, VC>,
    ) -> Result<(SegmentProof<E>, ConnectorPublicValues<F>), SdkError> {
        let path = self.proof_path(segment);
        let (_, proof): (_, SegmentProof<E>) = self.read(FileKind::SegmentProof, &path)?;
        let connector = key
            .verify_segment(segment, &proof.proof)
            .map_err(|source| self.error(RunFolderError::Proof { path: path.clone(), source }))?;
        let is_last = segment + 1 == manifest.segments.len();
        let initial_pc = manifest.segments.get(segment).map(|plan| plan.initial_pc);
        let shown = proof.public_values.as_ref().map(|shown| &shown.public_values);
        let what = [
            (Some(connector.initial_pc.as_canonical_u32()) == initial_pc, "it begins at another pc"),
            ((connector.is_terminate.as_canonical_u32() == 1) == is_last, "it ends in another way"),
            (shown.is_some() == is_last, "only the last segment shows public values"),
            (shown.is_none_or(|shown| *shown == manifest.public_values), "it shows other public values"),
            (proof.has_plausible_rows(), "it says that more rows are in use than there are"),
        ];
        if let Some((_, what)) = what.into_iter().find(|(fine, _)| !fine) {
            return Err(self.error(RunFolderError::OtherSegment { path, segment, what }));
        }
        if let Some(shown) = &proof.public_values {
            let system = key.config().system();
            let (hasher, len) = (Poseidon2Hasher::default(), system.num_public_values);
            let verdict = shown.verify(&hasher, &system.memory_config, len, &connector.final_root);
            verdict.map_err(|source| self.error(RunFolderError::Proof { path, source: source.into() }))?;
        }
        Ok((proof, connector))
    }

    /// The error of a folder in which these segments are missing.
    pub(crate) fn incomplete(&self, missing: Vec<usize>, total: usize) -> SdkError {
        self.error(RunFolderError::Incomplete { missing, total })
    }
}
