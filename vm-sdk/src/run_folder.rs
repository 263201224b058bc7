//! Folders of runs whose segments are proven one by one: by a process that may be interrupted, or by several processes.
//!
//! | file | content |
//! |---|---|
//! | `run.plan` | identity of the run (program, input) and its segments |
//! | `program.vk` | verifying key |
//! | `segment-00000.state` | state of the machine at the start of the segment (written by `cargo chipwright segment`) |
//! | `segment-00000.proof` | proof of the segment |
//!
//! Files are written atomically, so a file that exists is complete. A damaged file is an error; it is never replaced silently.

use std::fmt;
use std::path::{Path, PathBuf};

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use vm_core::arch::{Digest, Poseidon2Hasher, Streams, SystemConfig, VmConfig};
use vm_core::machine::UserPublicValuesProof;
use vm_core::machine::{
    MAX_SEGMENTS, ProvenSegment, RunPlan, SavedState, SegmentPlan, VmProof, VmVerificationError, VmVerifyingKey,
};
use vm_core::stark::codec::{self, CodecError, FileHeader, FileKind, MAX_FILE_LEN};
use vm_core::stark::{F, StarkEngine};
use vm_core::system::connector::ConnectorPublicValues;

use crate::error::SdkError;
use crate::files::{self, Destination, PendingFiles};
use crate::report::{GuestOutput, PlanReport};
use crate::sdk::{decode_key, encode_key};

/// Why the folder of a run cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RunFolderError {
    /// The folder belongs to another run.
    #[error("it belongs to another run ({what} differs); choose an empty folder, or remove this one")]
    OtherRun {
        /// What differs.
        what: &'static str,
    },
    /// A file is damaged.
    #[error("{}: {source}; remove the file, and {remedy}", name(path))]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: CodecError,
        /// What makes the file again.
        remedy: &'static str,
    },
    /// A segment's proof is not valid.
    #[error("{}: {source}; remove the file to prove the segment again", name(path))]
    Proof {
        /// The file.
        path: PathBuf,
        /// Why it is not valid.
        source: VmVerificationError,
    },
    /// A segment's proof is valid, but for another part of the run.
    #[error("{}: not the proof of segment {segment}: {what}; remove the file to prove the segment again", name(path))]
    OtherSegment {
        /// The file.
        path: PathBuf,
        /// Segment in the name of the file.
        segment: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// Two proofs are valid, but the second does not begin where the first ends.
    #[error(
        "{}: segment {segment} does not begin where {} ends: one of them is of another run; remove it to prove its segment \
         again",
        name(path),
        name(before)
    )]
    Gap {
        /// The later segment.
        segment: usize,
        /// File of the later segment.
        path: PathBuf,
        /// File of the segment before it.
        before: PathBuf,
    },
    /// The run has no such segment.
    #[error("there is no segment {segment}: the run has segments 0 to {last}")]
    NoSuchSegment {
        /// The segment.
        segment: usize,
        /// Last segment of the run.
        last: usize,
    },
    /// Some segments have not been proven yet.
    #[error("{} of {total} segments are not proven yet: {}", missing.len(), list(missing))]
    Incomplete {
        /// The missing segments.
        missing: Vec<usize>,
        /// Number of segments.
        total: usize,
    },
    /// The plan contradicts itself.
    #[error("{PLAN}: no run has these segments; plan the run again in another folder")]
    Plan,
    /// The state belongs to another segment.
    #[error(
        "{}: this is not the state of segment {segment}; the command `segment` writes the states again",
        name(path)
    )]
    OtherState {
        /// The file.
        path: PathBuf,
        /// The segment that the file's name says.
        segment: usize,
    },
    /// The state does not fit the machine.
    #[error("{}: the state of the segment does not fit the machine: {source}", name(path))]
    State {
        /// The file.
        path: PathBuf,
        /// Why.
        source: vm_core::system::memory::MemoryError,
    },
}

/// Formats the name of a file. The enclosing error names the folder.
fn name(path: &Path) -> impl fmt::Display {
    path.file_name().unwrap_or(path.as_os_str()).display()
}

/// Returns the error for a file of a folder that cannot be decoded.
fn damaged(folder: &Path, path: PathBuf, kind: FileKind, source: CodecError) -> SdkError {
    // The plan and the key are read first. If they are of another engine, the command line is wrong, and not the folder.
    if matches!((kind, &source), (FileKind::RunPlan | FileKind::VerifyingKey, CodecError::Engine { .. })) {
        return SdkError::Codec { path, source };
    }
    let remedy = match kind {
        FileKind::SegmentProof => "prove the segment again",
        _ => "plan the run again with the command `segment` or `prove --dir`",
    };
    SdkError::RunFolder { path: folder.to_owned(), source: Box::new(RunFolderError::Damaged { path, source, remedy }) }
}

fn list(segments: &[usize]) -> String {
    let shown: Vec<String> = segments.iter().take(8).map(ToString::to_string).collect();
    shown.join(", ") + if segments.len() > shown.len() { ", …" } else { "" }
}

/// What differs if another key belongs to a run.
pub(crate) const OTHER_KEY: &str = "the program, machine, security level or fused blocks";

/// Plan of a run, and what identifies the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunManifest {
    key_digest: Digest,
    /// BLAKE3 hash of the input vectors with their lengths.
    inputs: [u8; 32],
    seed: u64,
    /// Names of the AIRs to which the rows of `segments` belong, and their numbers of columns.
    airs: Vec<(String, usize)>,
    segments: Vec<SegmentPlan>,
    exit_code: u32,
    public_values: Vec<u8>,
    printed: Vec<u8>,
    unread_inputs: usize,
}

impl RunManifest {
    pub(crate) fn new(key_digest: Digest, streams: &Streams, seed: u64, plan: &RunPlan) -> Self {
        let mut bytes = Vec::new();
        for input in &streams.input_stream {
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
            unread_inputs: plan.report.unread_inputs,
        }
    }

    /// Returns the segments of the run.
    pub fn segments(&self) -> &[SegmentPlan] {
        &self.segments
    }

    /// Returns the number of instructions of the run.
    pub fn instructions(&self) -> u64 {
        self.segments.iter().map(|segment| segment.instructions).sum()
    }

    /// Returns whether a run of the machine can have these segments: each begins where the one before it ends.
    fn is_consistent(&self, system: &SystemConfig) -> bool {
        // Every instruction takes a tick.
        let longest = 1u64 << system.memory_config.clk_max_bits;
        let end = self.segments.iter().try_fold(0u64, |end, segment| {
            let fits = segment.first_instruction == end && (1..longest).contains(&segment.instructions);
            end.checked_add(segment.instructions).filter(|_| fits)
        });
        end.is_some() && (1..=MAX_SEGMENTS).contains(&self.segments.len())
    }

    /// Returns what the guest printed.
    pub fn printed(&self) -> &[u8] {
        &self.printed
    }

    /// Returns the number of input vectors that the guest did not read.
    pub fn unread_inputs(&self) -> usize {
        self.unread_inputs
    }

    /// Returns a report of the plan.
    pub fn report(&self) -> PlanReport {
        let segment_instructions: Vec<u64> = self.segments.iter().map(|segment| segment.instructions).collect();
        PlanReport {
            instructions: self.instructions(),
            output: GuestOutput(self.printed.clone()),
            unread_inputs: self.unread_inputs,
            segments: segment_instructions.len(),
            segment_instructions,
        }
    }

    pub(crate) fn exit_code(&self) -> u32 {
        self.exit_code
    }

    /// Returns what differs from another run, if anything.
    fn difference(&self, other: &Self) -> Option<&'static str> {
        [
            (self.key_digest == other.key_digest, OTHER_KEY),
            (self.inputs == other.inputs, "the input"),
            (self.seed == other.seed, "the seed of the guest's random bytes"),
            (self == other, "the segmentation"),
        ]
        .into_iter()
        .find_map(|(same, what)| (!same).then_some(what))
    }
}

/// Contents of a segment's proof file.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
pub struct StoredSegment<E: StarkEngine> {
    /// The proof.
    pub proof: VmProof<E>,
    /// Public values of the run; present in the last segment only.
    pub public_values: Option<UserPublicValuesProof>,
    /// Number of used rows of each AIR of the key. For reports only: the proof itself does not contain them.
    pub rows: Vec<usize>,
}

impl<E: StarkEngine> From<ProvenSegment<E>> for StoredSegment<E> {
    fn from(proven: ProvenSegment<E>) -> Self {
        let rows = proven.usage.iter().map(|air| air.rows).collect();
        Self { proof: proven.proof, public_values: proven.public_values, rows }
    }
}

impl<E: StarkEngine> StoredSegment<E> {
    /// Returns the number of rows of each AIR, padding included, summed over its instances.
    pub(crate) fn padded_rows(&self) -> impl Iterator<Item = usize> {
        self.proof.stark.log_heights().into_iter().map(|heights| heights.into_iter().map(|height| 1 << height).sum())
    }

    /// Returns whether the figures are possible for the proof.
    fn has_plausible_rows(&self) -> bool {
        let padded: Vec<usize> = self.padded_rows().collect();
        self.rows.len() == padded.len() && self.rows.iter().zip(padded).all(|(rows, padded)| *rows <= padded)
    }
}

/// Folder of a run.
#[derive(Clone, Debug)]
pub struct RunFolder {
    path: PathBuf,
    preset: &'static str,
    engine: &'static str,
}

const PLAN: &str = "run.plan";
const KEY: &str = "program.vk";
const SEGMENT: &str = "segment-";

impl RunFolder {
    /// Returns whether a path is that of a file of the run, which may not exist yet, in the folder of the run.
    pub fn owns(folder: &Path, path: &Path) -> bool {
        let name = path.file_name().and_then(|name| name.to_str());
        let is_own = name.is_some_and(|name| name == PLAN || name == KEY || name.starts_with(SEGMENT));
        let (parent, folder) = (files::directory_of(path).canonicalize(), folder.canonicalize());
        is_own && matches!((parent, folder), (Ok(parent), Ok(folder)) if parent == folder)
    }

    /// Opens the folder of a run, which is created if it does not exist.
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
            let found: RunManifest = folder.read(FileKind::RunPlan, &plan, MAX_FILE_LEN)?;
            if let Some(what) = manifest.difference(&found) {
                return Err(folder.error(RunFolderError::OtherRun { what }));
            }
            // Somebody may have removed a damaged key.
            if !path.join(KEY).exists() {
                let mut pending = PendingFiles::new();
                pending.write(Destination::new(&path.join(KEY))?, encode_key(key)?)?;
                pending.commit()?;
            }
            return Ok(folder);
        }
        files::create_folder(path)?;
        let mut pending = PendingFiles::new();
        pending.write(Destination::new(&path.join(KEY))?, encode_key(key)?)?;
        pending.write(Destination::new(&plan)?, folder.encode(FileKind::RunPlan, manifest)?)?;
        pending.commit()?;
        Ok(folder)
    }

    /// Reads the header of a folder's plan, which names the engine and the security preset. Also returns the path of the plan.
    ///
    /// # Errors
    ///
    /// [`SdkError::File`] or [`SdkError::Codec`] if the folder has no readable plan.
    pub fn header(path: &Path) -> Result<(PathBuf, FileHeader), SdkError> {
        let plan = path.join(PLAN);
        let bytes = files::read(&plan, MAX_FILE_LEN as u64)?;
        match codec::peek(&bytes) {
            Ok(header) => Ok((plan, header)),
            Err(source) => Err(SdkError::Codec { path: plan, source }),
        }
    }

    /// Opens an existing folder and returns its plan and verifying key.
    ///
    /// # Errors
    ///
    /// - [`SdkError::File`], [`SdkError::Codec`] or [`SdkError::Key`] if a file is missing or damaged;
    /// - [`SdkError::RunFolder`] if the plan does not belong to the key or is not consistent.
    pub fn existing<E, VC>(path: &Path) -> Result<(Self, RunManifest, VmVerifyingKey<E, VC>), SdkError>
    where
        E: StarkEngine,
        VC: VmConfig + Serialize + DeserializeOwned,
    {
        let key = path.join(KEY);
        let key: VmVerifyingKey<E, VC> = match decode_key(&key, &files::read(&key, MAX_FILE_LEN as u64)?) {
            Err(SdkError::Codec { path: key, source }) => {
                return Err(damaged(path, key, FileKind::VerifyingKey, source));
            }
            key => key?,
        };
        let folder = Self { path: path.to_owned(), preset: key.stark().preset().name(), engine: E::name() };
        let manifest: RunManifest = folder.read(FileKind::RunPlan, &path.join(PLAN), MAX_FILE_LEN)?;
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

    /// Reads a file of at most `max_len` bytes.
    fn read<T: Serialize + DeserializeOwned>(
        &self,
        kind: FileKind,
        path: &Path,
        max_len: usize,
    ) -> Result<T, SdkError> {
        let bytes = files::read(path, max_len as u64)?;
        match codec::decode(kind, self.engine, &bytes, max_len) {
            Ok((_, body)) => Ok(body),
            Err(source) => Err(damaged(&self.path, path.to_owned(), kind, source)),
        }
    }

    fn write<T: Serialize>(&self, kind: FileKind, path: &Path, body: &T) -> Result<(), SdkError> {
        let mut pending = PendingFiles::new();
        pending.write(Destination::new(path)?, self.encode(kind, body)?)?;
        Ok(pending.commit()?)
    }

    fn state_path(&self, segment: usize) -> PathBuf {
        self.path.join(format!("{SEGMENT}{segment:05}.state"))
    }

    fn proof_path(&self, segment: usize) -> PathBuf {
        self.path.join(format!("{SEGMENT}{segment:05}.proof"))
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
    ) -> Result<vm_core::machine::RunState, SdkError> {
        let last = manifest.segments.len().saturating_sub(1);
        let plan = manifest.segments.get(segment);
        let plan = plan.ok_or_else(|| self.error(RunFolderError::NoSuchSegment { segment, last }))?;
        let path = self.state_path(segment);
        let state: SavedState = self.read(FileKind::SegmentState, &path, MAX_FILE_LEN)?;
        if (state.pc(), state.instructions()) != (plan.initial_pc, plan.first_instruction) {
            return Err(self.error(RunFolderError::OtherState { path, segment }));
        }
        state.restore(config.system()).map_err(|source| self.error(RunFolderError::State { path, source }))
    }

    /// Writes the proof of a segment.
    pub(crate) fn write_proof<E: StarkEngine>(&self, segment: usize, proof: &StoredSegment<E>) -> Result<(), SdkError> {
        self.write(FileKind::SegmentProof, &self.proof_path(segment), proof)
    }

    /// Reads the proofs that the folder contains. Verifies each of them, and checks that it is a part of this run.
    pub(crate) fn read_proofs<E: StarkEngine, VC: VmConfig>(
        &self,
        manifest: &RunManifest,
        key: &VmVerifyingKey<E, VC>,
    ) -> Result<Vec<Option<StoredSegment<E>>>, SdkError> {
        let mut proofs = Vec::with_capacity(manifest.segments.len());
        // Program counter and memory root at the end of the segment before, if it has been proven.
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

    /// Reads and verifies the proof of a segment, and checks that it begins and ends as planned. Returns the proof and the
    /// public values of its connector.
    fn read_proof<E: StarkEngine, VC: VmConfig>(
        &self,
        segment: usize,
        manifest: &RunManifest,
        key: &VmVerifyingKey<E, VC>,
    ) -> Result<(StoredSegment<E>, ConnectorPublicValues<F>), SdkError> {
        let path = self.proof_path(segment);
        // A run of one segment has all parts of this file except the rows, one number for each AIR, and the header.
        let max_len = key.max_run_len(1) + 10 * key.stark().airs().len() + 1024;
        let proof: StoredSegment<E> = self.read(FileKind::SegmentProof, &path, max_len)?;
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
            let verdict = shown.verify(&Poseidon2Hasher::default(), key.layout(), &connector.final_root);
            verdict.map_err(|source| self.error(RunFolderError::Proof { path, source: source.into() }))?;
        }
        Ok((proof, connector))
    }

    /// Returns the error for a folder in which the proofs of these segments are missing.
    pub(crate) fn incomplete(&self, missing: Vec<usize>, total: usize) -> SdkError {
        self.error(RunFolderError::Incomplete { missing, total })
    }
}
