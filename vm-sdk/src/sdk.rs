//! Running, setting up and proving programs: what the command does, as functions. Verification is in
//! [`crate::verifier`].

mod estimate;
mod progress;
mod store;

use std::cmp::Reverse;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use vm_core::arch::{HexDigest, Streams, VmConfig};
use vm_core::machine::fusion::FusionPlan;
use vm_core::machine::{
    ContinuationProof, RowLimits, RunControl, RunPlan, SavedState, SetupError, VirtualMachine, VmChipComplex,
    VmExecutionError, VmExecutor, VmProveError, VmProvingKey, VmVerificationError, VmVerifyingKey,
};
use vm_core::stark::codec::{self, FileKind};
use vm_core::stark::{AirDescriptor, BabyBearWhirPoseidon2Engine, MachineAir, SecurityPreset, StarkEngine, debug};

use crate::backtrace::{backtrace, with_backtrace};
use crate::config::Rv32imVm;
use crate::cpu::Vectors;
use crate::error::SdkError;
use crate::files;
use crate::fused::PlanOption;
use crate::program::GuestProgram;
use crate::report::{
    CheckReport, ChipReport, GuestOutput, HexBytes, PhaseReport, ProveReport, RowReport, RunReport, SegmentReport,
};
use crate::resources::{Stopwatch, address_space_limit, available_memory_bytes, peak_rss_bytes, total_memory_bytes};
use crate::run_folder::{OTHER_KEY, RunFolder, RunFolderError, RunManifest, StoredSegment};

use store::{Store, StoreError};

#[cfg(feature = "cli")]
pub(crate) use progress::to_milliseconds;
pub use progress::{Progress, ProgressEvent, Silent};

pub use crate::verifier::{ProofFile, decode_key, encode_key, machine_airs, read_file, verify};

/// A new proof, which has been verified.
pub struct ProvenProgram<E: StarkEngine> {
    /// The proof.
    pub proof: ContinuationProof<E>,
    /// Contents of the proof file.
    pub proof_file: Vec<u8>,
    /// Figures of the run and of the proof.
    pub report: ProveReport,
}

/// Options for proving a run.
#[derive(Clone, Debug, Default)]
pub struct ProveOptions<'a> {
    /// Checks every constraint and bus on the traces before proving (slow).
    pub check: bool,
    /// Number of segments that are proven at the same time. By default one per eight processors, if memory allows: a
    /// single proof uses all processors anyway.
    pub jobs: Option<NonZeroUsize>,
    /// Folder for the proofs of segments, from which an interrupted run is resumed.
    pub folder: Option<&'a Path>,
    /// Which blocks of the program get circuits of their own.
    pub plan: PlanOption,
}

/// A machine and a proof engine.
pub struct Sdk<E = BabyBearWhirPoseidon2Engine, VC = Rv32imVm> {
    vm: VirtualMachine<E, VC>,
}

/// Runs a program without proving it. With `metered`, also counts the rows and segments that a proof will have.
///
/// # Errors
///
/// - [`SdkError::Execution`] if the guest fails;
/// - [`SdkError::Machine`] or [`SdkError::Start`] if the machine cannot be built or cannot load the program.
pub fn run<VC: VmConfig>(
    executor: &VmExecutor<VC>,
    program: &GuestProgram,
    streams: impl Into<Streams>,
    metered: bool,
) -> Result<RunReport, SdkError> {
    let watch = Stopwatch::start();
    let streams = streams.into();
    let failed = |error| with_backtrace(execution_error(program, error), executor, program, streams.clone());
    let (execution, rows, segments) = if metered {
        let plan = executor.plan(program.exe(), streams.clone(), &RowLimits::default()).map_err(failed)?;
        let sum = |air: usize| plan.segments.iter().map(|segment| segment.rows[air]).sum();
        let rows = plan.airs.iter().enumerate().map(|(air, (name, _))| (name.clone(), sum(air))).collect();
        (plan.report, rows, Some(plan.segments.len()))
    } else {
        let execution = executor.execute(program.exe(), streams.clone()).map_err(failed)?;
        (execution, Vec::new(), None)
    };
    let seconds = watch.cost().seconds;
    let mut chips: Vec<_> =
        rows.into_iter().filter(|(_, rows)| *rows > 0).map(|(name, rows)| RowReport { name, rows }).collect();
    chips.sort_by_key(|chip| Reverse(chip.rows));
    Ok(RunReport {
        instructions: execution.instructions,
        segments,
        exit_code: execution.exit.code(),
        backtrace: if execution.exit.code() == 0 { None } else { backtrace(executor, program, streams) },
        unread_inputs: execution.unread_inputs,
        public_values: HexBytes(execution.public_values),
        output: GuestOutput(execution.printed),
        chips,
        run_seconds: seconds,
        instructions_per_second: execution.instructions as f64 / seconds.max(1e-9),
        peak_rss_bytes: peak_rss_bytes(),
    })
}

impl<E: StarkEngine, VC: VmConfig + Serialize + DeserializeOwned> Sdk<E, VC> {
    /// Returns an SDK whose keys have the given security preset.
    pub fn new(executor: VmExecutor<VC>, preset: SecurityPreset) -> Self {
        Self { vm: VirtualMachine { engine: E::new(preset), executor } }
    }

    /// Returns what cancels the runs and proofs of this SDK. After [`RunControl::reset`], it can be used again.
    pub fn control(&self) -> &RunControl {
        self.vm.executor.control()
    }

    /// Makes the proving and verifying key of a program.
    ///
    /// # Errors
    ///
    /// [`SdkError::Setup`] if the machine or the program is not valid.
    pub fn setup(&self, program: &GuestProgram) -> Result<VmProvingKey<E, VC>, SdkError> {
        self.vm.setup(program.exe().clone()).map_err(SdkError::Setup)
    }

    /// Same as [`Self::setup`], with circuits for the blocks of a plan.
    ///
    /// # Errors
    ///
    /// [`SdkError::Setup`], also if the plan is not one of this program and machine.
    pub fn setup_fused(&self, program: &GuestProgram, plan: FusionPlan) -> Result<VmProvingKey<E, VC>, SdkError> {
        self.vm.setup_fused(program.exe().clone(), plan).map_err(SdkError::Setup)
    }

    /// Does work that runs a program. If the guest fails, the error has a backtrace.
    fn traced<T>(
        &self,
        program: &GuestProgram,
        streams: Streams,
        work: impl FnOnce(Streams) -> Result<T, SdkError>,
    ) -> Result<T, SdkError> {
        let result = work(streams.clone());
        result.map_err(|error| with_backtrace(error, &self.vm.executor, program, streams))
    }

    /// Makes the keys for proving a run, with circuits for the blocks that `plan` selects.
    fn setup_for(
        &self,
        program: &GuestProgram,
        streams: &Streams,
        plan: &PlanOption,
        progress: &dyn Progress,
    ) -> Result<VmProvingKey<E, VC>, SdkError> {
        progress.phase("choosing blocks");
        let plan = plan.plan::<E, VC>(&self.vm.executor, program, streams.clone())?;
        if self.control().is_cancelled() {
            return Err(SdkError::Cancelled { output: Vec::new() });
        }
        progress.phase("committing to the program");
        self.setup_fused(program, plan)
    }

    /// Runs a program in metered mode and plans its segments.
    ///
    /// # Errors
    ///
    /// - [`SdkError::Execution`] or [`SdkError::ExitCode`] if the guest fails;
    /// - [`SdkError::Prove`] if the run does not fit the limits of the key.
    pub fn plan(
        &self,
        program: &GuestProgram,
        key: &VmProvingKey<E, VC>,
        streams: impl Into<Streams>,
    ) -> Result<RunPlan, SdkError> {
        self.vm.plan(key, streams).map_err(|error| prove_error(program, error))
    }

    /// Proves a run, in as many segments as it needs, and verifies the proof.
    ///
    /// # Errors
    ///
    /// - [`SdkError::File`] and [`SdkError::RunFolder`] if the folder in `options` cannot be used, for example because it
    ///   belongs to another run;
    /// - [`SdkError::Execution`] or [`SdkError::ExitCode`] if the guest fails;
    /// - [`SdkError::Setup`] or [`SdkError::Prove`] if no key or proof can be made;
    /// - [`SdkError::AddressSpace`] or [`SdkError::Memory`] if the process cannot have enough memory;
    /// - [`SdkError::Cancelled`] if [`Self::control`] has cancelled it;
    /// - [`SdkError::Debug`] if `options.check` is set and a trace is wrong;
    /// - [`SdkError::SelfCheck`] if the new proof does not verify.
    pub fn prove(
        &self,
        program: &GuestProgram,
        streams: impl Into<Streams>,
        options: ProveOptions<'_>,
        progress: &dyn Progress,
    ) -> Result<(ProvenProgram<E>, VmProvingKey<E, VC>), SdkError> {
        self.traced(program, streams.into(), |streams| self.prove_run(program, streams, options, progress))
    }

    fn prove_run(
        &self,
        program: &GuestProgram,
        streams: Streams,
        options: ProveOptions<'_>,
        progress: &dyn Progress,
    ) -> Result<(ProvenProgram<E>, VmProvingKey<E, VC>), SdkError> {
        options.folder.map_or(Ok(()), files::check_folder)?;
        self.check_memory(program, &streams)?;
        let setup = Stopwatch::start();
        let key = self.setup_for(program, &streams, &options.plan, progress)?;
        let setup = setup.cost();
        let watch = Stopwatch::start();
        progress.phase("running");
        let plan = self.plan(program, &key, streams.clone())?;
        let metered = watch.cost();
        check_limits(plan.memory)?;
        let (segments, memory_bytes) = (plan.segments.len(), plan.memory);
        progress.report(&ProgressEvent::Planned { instructions: plan.report.instructions, segments, memory_bytes });
        let manifest = RunManifest::new(key.verifying_key().digest(), &streams, self.vm.executor.seed(), &plan);
        let mut checked = None;
        if options.check {
            progress.phase("checking the traces");
            checked = Some(self.check(&key, &plan, streams.clone())?);
        }
        let folder = options.folder.map(|path| RunFolder::open(path, &manifest, key.verifying_key())).transpose()?;
        let mut store = Store::new(folder, &manifest, key.verifying_key(), progress)?;
        let jobs = options.jobs.map_or_else(|| default_jobs(&plan), NonZeroUsize::get);
        self.vm.prove_segments(&key, &plan, streams, jobs, &mut store).map_err(|error| match error {
            StoreError::Prove(error) => prove_error(program, error),
            StoreError::Sdk(error) => error,
        })?;
        let cost = watch.cost();
        progress.phase("verifying");
        let (proven_segments, proven_instructions) = (store.proven_segments, store.proven);
        let mut seconds = store.seconds;
        seconds.metered = metered.seconds;
        let merged = merge(&manifest, key.verifying_key(), store.segments)?;
        let phases = vec![
            PhaseReport { name: "setup", seconds: setup.seconds },
            PhaseReport { name: "metered run", seconds: seconds.metered },
            PhaseReport { name: "preflight run", seconds: seconds.preflight },
            PhaseReport { name: "traces", seconds: seconds.trace_generation },
            PhaseReport { name: "proof", seconds: seconds.prove },
        ];
        let report = ProveReport {
            proven_segments,
            proven_instructions,
            checked,
            prove_seconds: cost.seconds,
            prove_cpu_seconds: cost.cpu_seconds,
            phases,
            ..merged.report
        };
        Ok((ProvenProgram { report, ..merged }, key))
    }

    /// Writes the plan of a run and the state at the start of each segment into a folder. With the program and the folder,
    /// any process can then prove any segment ([`Self::prove_segment`]).
    ///
    /// # Errors
    ///
    /// - [`SdkError::File`] and [`SdkError::RunFolder`] if the folder cannot be used or belongs to another run;
    /// - [`SdkError::Execution`] or [`SdkError::ExitCode`] if the guest fails;
    /// - [`SdkError::Setup`] or [`SdkError::Prove`] if no key can be made or the run does not fit its limits.
    pub fn segment(
        &self,
        program: &GuestProgram,
        streams: impl Into<Streams>,
        plan: &PlanOption,
        folder: &Path,
        progress: &dyn Progress,
    ) -> Result<RunManifest, SdkError> {
        self.traced(program, streams.into(), |streams| self.segment_run(program, streams, plan, folder, progress))
    }

    fn segment_run(
        &self,
        program: &GuestProgram,
        streams: Streams,
        plan: &PlanOption,
        folder: &Path,
        progress: &dyn Progress,
    ) -> Result<RunManifest, SdkError> {
        files::check_folder(folder)?;
        self.check_memory(program, &streams)?;
        let key = self.setup_for(program, &streams, plan, progress)?;
        progress.phase("running");
        let plan = self.plan(program, &key, streams.clone())?;
        let manifest = RunManifest::new(key.verifying_key().digest(), &streams, self.vm.executor.seed(), &plan);
        let folder = RunFolder::open(folder, &manifest, key.verifying_key())?;
        let mut runner = self.vm.segments(&key, streams)?;
        for (index, segment) in plan.segments.iter().enumerate() {
            progress.report(&ProgressEvent::State { segment: index, segments: plan.segments.len() });
            let state = SavedState::new(runner.state().map_err(|error| SdkError::Prove(error.into()))?);
            folder.write_state(index, &state)?;
            if index + 1 < plan.segments.len() {
                runner.skip(segment.instructions).map_err(|error| execution_error(program, error))?;
            }
        }
        Ok(manifest)
    }

    /// Proves one segment, counted from 0, of a folder that [`Self::segment`] has written, and writes its proof there.
    ///
    /// # Errors
    ///
    /// - [`SdkError::File`], [`SdkError::Codec`] and [`SdkError::RunFolder`] if files of the folder are missing or
    ///   damaged, do not belong to this program, or there is no such segment;
    /// - [`SdkError::Setup`] or [`SdkError::Prove`] if no key or proof can be made.
    pub fn prove_segment(
        &self,
        program: &GuestProgram,
        folder: &Path,
        segment: usize,
        progress: &dyn Progress,
    ) -> Result<SegmentReport, SdkError> {
        progress.phase("committing to the program");
        let path = folder;
        let (folder, manifest, stored) = RunFolder::existing::<E, VC>(path)?;
        let key = self.vm.setup_fused(program.exe().clone(), stored.fusion().plan.clone());
        let key = match key {
            Ok(key) if key.verifying_key().digest() == stored.digest() => key,
            Ok(_) | Err(SetupError::Plan(_)) => {
                let source = Box::new(RunFolderError::OtherRun { what: OTHER_KEY });
                return Err(SdkError::RunFolder { path: path.to_owned(), source });
            }
            Err(error) => return Err(SdkError::Setup(error)),
        };
        let state = folder.read_state(segment, &manifest, self.vm.config())?;
        let total = manifest.segments().len();
        progress.report(&ProgressEvent::SegmentBegun { segment, segments: total, seconds_left: None });
        let watch = Stopwatch::start();
        let mut runner = self.vm.segments_from(&key, state)?;
        let plan = &manifest.segments()[segment];
        let ready = self.vm.execute_segment(&mut runner, plan).map_err(|error| prove_error(program, error))?;
        let proven = self.vm.prove_segment(&key, ready)?;
        let security_bits = proven.security.bits;
        folder.write_proof(segment, &StoredSegment::from(proven))?;
        let cost = watch.cost();
        Ok(SegmentReport {
            segment,
            segments: total,
            instructions: plan.instructions,
            prove_seconds: cost.seconds,
            prove_cpu_seconds: cost.cpu_seconds,
            security_bits,
            peak_rss_bytes: peak_rss_bytes(),
            vectors: Vectors::here(),
        })
    }

    /// Checks every constraint and bus on the traces of a run. Returns how much was checked.
    ///
    /// # Errors
    ///
    /// - [`SdkError::Debug`] with all violated constraints and unbalanced buses of the first segment that has any;
    /// - [`SdkError::Machine`] or [`SdkError::Prove`] if the traces cannot be made.
    pub fn check(
        &self,
        key: &VmProvingKey<E, VC>,
        plan: &RunPlan,
        streams: impl Into<Streams>,
    ) -> Result<CheckReport, SdkError> {
        let mut checked = CheckReport::default();
        let complex = VmChipComplex::new(self.vm.config())?.with_fusion(Arc::clone(key.verifying_key().fusion()));
        let set = complex.air_set(key.cached().program_air.clone());
        let mut runner = self.vm.segments(key, streams)?;
        for segment in &plan.segments {
            let ready = self.vm.execute_segment(&mut runner, segment)?;
            let input = ready.generate_proof_input(key.cached());
            let report = debug::check(&set, &input.map_err(|error| SdkError::Prove(error.into()))?.per_air);
            if !report.is_ok() {
                return Err(SdkError::Debug(Box::new(report)));
            }
            checked.segments += 1;
            checked.rows += report.checked.rows as u64;
            checked.constraints = checked.constraints.max(report.checked.constraints);
            checked.buses = report.checked.buses;
        }
        Ok(checked)
    }

    /// Returns an error if the program is too large for the limits of memory. Setup would exceed them, too.
    fn check_memory(&self, program: &GuestProgram, streams: &Streams) -> Result<(), SdkError> {
        let needed = self.vm.executor.check_memory(program.exe(), streams.clone());
        check_limits(needed.map_err(|error| execution_error(program, error))?)
    }
}

/// Merges the proofs of all segments in a folder into the proof of the run, and verifies it.
///
/// # Errors
///
/// - [`SdkError::File`], [`SdkError::Codec`] and [`SdkError::Key`] if a file cannot be read;
/// - [`SdkError::RunFolder`] if a proof is missing, is not valid or is not of this run;
/// - [`SdkError::SelfCheck`] if the merged proof does not verify.
pub fn merge_folder<E, VC>(path: &Path) -> Result<(ProvenProgram<E>, VmVerifyingKey<E, VC>), SdkError>
where
    E: StarkEngine,
    VC: VmConfig + Serialize + DeserializeOwned,
{
    let (folder, manifest, key) = RunFolder::existing::<E, VC>(path)?;
    let total = manifest.segments().len();
    let segments = folder.read_proofs(&manifest, &key)?;
    let missing: Vec<usize> = (0..total).filter(|segment| segments[*segment].is_none()).collect();
    if !missing.is_empty() {
        return Err(folder.incomplete(missing, total));
    }
    Ok((merge(&manifest, &key, segments)?, key))
}

/// Merges the proofs of all segments into the proof of the run, and verifies it.
fn merge<E: StarkEngine, VC: VmConfig>(
    manifest: &RunManifest,
    key: &VmVerifyingKey<E, VC>,
    segments: Vec<Option<StoredSegment<E>>>,
) -> Result<ProvenProgram<E>, SdkError> {
    let segments: Vec<StoredSegment<E>> = segments.into_iter().flatten().collect();
    let chips = chip_reports(&segments, key.stark().airs());
    let fused = key.fusion().circuits.iter().map(|circuit| {
        let rows = chips.iter().find(|chip| chip.name == circuit.name()).map_or(0, |chip| chip.rows);
        rows * circuit.pcs.len() as u64
    });
    let fused_instructions = fused.sum();
    let mut proofs = Vec::with_capacity(segments.len());
    let mut public_values = None;
    for segment in segments {
        proofs.push(segment.proof);
        public_values = segment.public_values;
    }
    let public_values = public_values.ok_or(SdkError::SelfCheck(VmVerificationError::NoSegments))?;
    let proof = ContinuationProof { segments: proofs, public_values, plan: key.plan().to_vec() };
    let watch = Stopwatch::start();
    let run = key.verify_continuation(&key.exe_commitment(), &proof).map_err(SdkError::SelfCheck)?;
    let verify_seconds = watch.cost().seconds;
    let proof_file = encode_proof(key, &proof)?;
    let instructions = manifest.instructions();
    let report = ProveReport {
        instructions,
        segments: run.segments,
        exit_code: manifest.exit_code(),
        public_values: HexBytes(run.public_values),
        exe_commitment: HexDigest::from(key.exe_commitment()).to_string(),
        trusted_commitment: HexDigest::from(key.trusted_commitment()).to_string(),
        fused_instructions,
        output: GuestOutput(manifest.printed().to_vec()),
        unread_inputs: manifest.unread_inputs(),
        proven_segments: 0,
        proven_instructions: 0,
        checked: None,
        prove_seconds: 0.0,
        prove_cpu_seconds: 0.0,
        verify_seconds,
        proof_bytes: proof_file.len(),
        security_bits: run.security.bits,
        security_regime: run.security.regime,
        security_preset: run.security.preset,
        engine: E::name(),
        main_cells: chips.iter().map(|chip| chip.main_cells).sum(),
        messages: chips.iter().map(|chip| chip.messages).sum(),
        committed_columns_per_instruction: chips.iter().map(|chip| chip.committed_cells).sum::<u64>() as f64
            / instructions as f64,
        peak_rss_bytes: peak_rss_bytes(),
        vectors: Vectors::here(),
        phases: Vec::new(),
        chips,
    };
    Ok(ProvenProgram { proof, proof_file, report })
}

/// Returns an error if the process cannot have as much memory as proving a segment needs. Without this check, the process
/// would be killed in the middle.
fn check_limits(needed: usize) -> Result<(), SdkError> {
    check_against(needed as u64, address_space_limit(), total_memory_bytes())
}

fn check_against(needed: u64, address_space: Option<u64>, memory: Option<u64>) -> Result<(), SdkError> {
    match (address_space, memory) {
        (Some(limit), _) if limit < needed => Err(SdkError::AddressSpace { needed, limit }),
        (_, Some(total)) if total < needed => Err(SdkError::Memory { needed, total }),
        _ => Ok(()),
    }
}

/// Returns the number of segments to prove at the same time: one per eight processors, if memory allows.
fn default_jobs(plan: &RunPlan) -> usize {
    let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let fitting = available_memory_bytes().map_or(1, |bytes| bytes as usize / plan.memory.max(1));
    (processors / 8).min(fitting).max(1)
}

fn encode_proof<E: StarkEngine, VC: VmConfig>(
    key: &VmVerifyingKey<E, VC>,
    proof: &ContinuationProof<E>,
) -> Result<Vec<u8>, SdkError> {
    codec::encode(FileKind::ContinuationProof, E::name(), key.stark().preset().name(), proof)
        .map_err(|source| SdkError::Encode { what: "proof", source })
}

fn chip_reports<E: StarkEngine>(segments: &[StoredSegment<E>], airs: &[AirDescriptor]) -> Vec<ChipReport> {
    let empty = |air: &AirDescriptor| {
        let (name, columns, committed_columns) = (air.name.clone(), air.width, air.committed_columns());
        let messages = air.messages as u64;
        ChipReport { name, columns, committed_columns, messages, ..ChipReport::default() }
    };
    let mut chips: Vec<ChipReport> = airs.iter().map(empty).collect();
    for segment in segments {
        let instances = segment.proof.stark.instance_counts.iter();
        let figures = instances.zip(segment.padded_rows()).zip(&segment.rows);
        for (chip, ((instances, padded_rows), rows)) in chips.iter_mut().zip(figures) {
            chip.instances += *instances as usize;
            chip.rows += *rows as u64;
            chip.padded_rows += padded_rows as u64;
        }
    }
    for chip in &mut chips {
        chip.main_cells = chip.padded_rows * chip.columns as u64;
        chip.messages *= chip.padded_rows;
        chip.committed_cells = chip.padded_rows * chip.committed_columns as u64;
    }
    chips.retain(|chip| chip.instances > 0);
    chips.sort_by_key(|chip| Reverse(chip.committed_cells));
    chips
}

fn prove_error(program: &GuestProgram, error: VmProveError) -> SdkError {
    match error {
        VmProveError::Vm(error) => execution_error(program, error),
        VmProveError::GuestFailed { code, printed } => SdkError::ExitCode { code, output: printed, backtrace: None },
        other => other.into(),
    }
}

pub(crate) fn execution_error(program: &GuestProgram, error: VmExecutionError) -> SdkError {
    match error {
        error if error.is_cancelled() => VmProveError::from(error).into(),
        VmExecutionError::Execution(failure) => program.explain(*failure),
        VmExecutionError::Inventory(error) => SdkError::Machine(error),
        VmExecutionError::Segmentation(error) => SdkError::Prove(error.into()),
        other => SdkError::Start(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused_with_the_option_that_helps() {
        let mib = |mebibytes: u64| mebibytes << 20;
        assert!(check_against(mib(3000), None, None).is_ok());
        assert!(check_against(mib(3000), Some(mib(3000)), Some(mib(3000))).is_ok());
        let error = check_against(mib(3000), None, Some(mib(2000))).unwrap_err().to_string();
        assert!(error.contains("about 3000 MiB") && error.ends_with("give --segment-memory 1500 or less"), "{error}");
        let error = check_against(mib(3000), Some(mib(100)), Some(mib(2000))).unwrap_err();
        assert!(matches!(error, SdkError::AddressSpace { .. }), "{error}");
    }
}
