//! The proofs of a run's segments while they are made.

use std::time::Instant;

use vm_core::arch::VmConfig;
use vm_core::machine::{PhaseSeconds, ProvenSegment, SegmentSink, VmProveError, VmVerifyingKey};
use vm_core::stark::StarkEngine;

use super::progress::to_milliseconds;
use super::{Progress, ProgressEvent};
use crate::error::SdkError;
use crate::run_folder::{RunFolder, RunManifest, StoredSegment};

/// Receives the proofs of segments: writes them to the folder of the run, if there is one, and keeps them.
pub(super) struct Store<'a, E: StarkEngine> {
    folder: Option<RunFolder>,
    manifest: &'a RunManifest,
    pub(super) segments: Vec<Option<StoredSegment<E>>>,
    pub(super) seconds: PhaseSeconds,
    progress: &'a dyn Progress,
    start: Instant,
    /// Number of segments proven since `start`.
    pub(super) proven_segments: usize,
    /// Instructions of the segments that have been proven since `start`, and of those that have not been proven.
    pub(super) proven: u64,
    left: u64,
}

/// Error of [`Store`], or of the prover.
pub(super) enum StoreError {
    Prove(VmProveError),
    Sdk(SdkError),
}

impl From<VmProveError> for StoreError {
    fn from(error: VmProveError) -> Self {
        Self::Prove(error)
    }
}

impl<'a, E: StarkEngine> Store<'a, E> {
    pub(super) fn new<VC: VmConfig>(
        folder: Option<RunFolder>,
        manifest: &'a RunManifest,
        key: &VmVerifyingKey<E, VC>,
        progress: &'a dyn Progress,
    ) -> Result<Self, SdkError> {
        let segments = match &folder {
            Some(folder) => folder.read_proofs(manifest, key)?,
            None => manifest.segments().iter().map(|_| None).collect(),
        };
        let planned = manifest.segments().iter().zip(&segments);
        let left = planned.filter(|(_, proof)| proof.is_none()).map(|(plan, _)| plan.instructions).sum();
        let (seconds, start) = (PhaseSeconds::default(), Instant::now());
        Ok(Self { folder, manifest, segments, seconds, progress, start, proven_segments: 0, proven: 0, left })
    }
}

impl<E: StarkEngine> SegmentSink<E> for Store<'_, E> {
    type Error = StoreError;

    fn has(&self, segment: usize) -> bool {
        self.segments.get(segment).is_some_and(Option::is_some)
    }

    fn begin(&mut self, segment: usize) {
        let elapsed = self.start.elapsed().as_secs_f64();
        let seconds_left = (self.proven > 0).then(|| to_milliseconds(elapsed * self.left as f64 / self.proven as f64));
        let segments = self.segments.len();
        self.progress.report(&ProgressEvent::SegmentBegun { segment, segments, seconds_left });
    }

    fn accept(&mut self, segment: usize, proven: ProvenSegment<E>) -> Result<(), StoreError> {
        let PhaseSeconds { preflight, trace_generation, prove, .. } = proven.seconds;
        let seconds = to_milliseconds(preflight + trace_generation + prove);
        self.seconds.preflight += preflight;
        self.seconds.trace_generation += trace_generation;
        self.seconds.prove += prove;
        let instructions = self.manifest.segments().get(segment).map_or(0, |plan| plan.instructions);
        self.proven_segments += 1;
        self.proven += instructions;
        self.left = self.left.saturating_sub(instructions);
        let proof = StoredSegment::from(proven);
        if let Some(folder) = &self.folder {
            folder.write_proof(segment, &proof).map_err(StoreError::Sdk)?;
        }
        if let Some(slot) = self.segments.get_mut(segment) {
            *slot = Some(proof);
        }
        let segments = self.segments.len();
        self.progress.report(&ProgressEvent::SegmentProven { segment, segments, instructions, seconds });
        Ok(())
    }
}
