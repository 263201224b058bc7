//! The virtual machine: setup, and proofs of runs in one segment.

use std::sync::Arc;

use super::error::{SetupError, VmProveError};
use super::key::VmProvingKey;
use crate::arch::{ExitStatus, Poseidon2Hasher, Streams, VmConfig};
use crate::instructions::VmExe;
use crate::machine::audit::check_machine;
use crate::machine::complex::VmChipComplex;
use crate::machine::fusion::{Fusion, FusionPlan};
use crate::machine::traces::{AirUsage, ProofInput};
use crate::machine::{
    AirLimits, CachedProgram, ExeCommitment, ExecutionReport, RowLimits, RunPlan, VmExecutionError, VmExecutor,
    VmProof, VmVerifyingKey, keygen_limits,
};
use crate::stark::{AirProofInput, EngineConfig, Proof, ProverMemory, SecurityReport, StarkEngine};
use crate::system::memory::MerkleTree;
use crate::system::program::ProgramAir;

/// A proof of a run in one segment, with statistics.
pub struct ProvenRun<E: StarkEngine> {
    /// The proof.
    pub proof: VmProof<E>,
    /// Report of the run.
    pub report: ExecutionReport,
    /// Rows and cells per AIR, in key order.
    pub usage: Vec<AirUsage>,
    /// Security of the proof, computed from its shape.
    pub security: SecurityReport,
    /// Wall-clock time of each phase.
    pub seconds: PhaseSeconds,
}

/// Wall-clock time of each phase of proving, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct PhaseSeconds {
    /// Metered run.
    pub metered: f64,
    /// Preflight run.
    pub preflight: f64,
    /// Filling traces, updating the memory tree and counting lookups.
    pub trace_generation: f64,
    /// The proof backend.
    pub prove: f64,
}

/// A machine with a proof engine: makes keys and proofs.
pub struct VirtualMachine<E, VC> {
    /// The proof engine.
    pub engine: E,
    /// Executes programs without proving them.
    pub executor: VmExecutor<VC>,
}

impl<E: StarkEngine, VC: VmConfig> VirtualMachine<E, VC> {
    /// Creates a machine from a proof engine and a configuration.
    pub fn new(engine: E, config: VC) -> Self {
        Self { engine, executor: VmExecutor::new(config) }
    }

    /// Returns the configuration.
    pub fn config(&self) -> &VC {
        self.executor.config()
    }

    /// Makes the keys of a program: commits to the program table and the other preprocessed columns, and computes the
    /// root of the initial memory.
    ///
    /// # Errors
    /// - [`SetupError::Vm`] if no machine can be built from the configuration, the executable is malformed, or its
    ///   initial memory does not fit the machine.
    /// - [`SetupError::Machine`] if an AIR breaks a rule of the program, the execution or memory, or uses a bus of others.
    /// - [`SetupError::Keygen`] if key generation refuses an AIR or the limits.
    pub fn setup(&self, exe: VmExe) -> Result<VmProvingKey<E, VC>, SetupError> {
        self.setup_fused(exe, FusionPlan::default())
    }

    /// Makes the keys of a program whose blocks in `plan` have circuits of their own. The commitment to the executable does
    /// not depend on the plan.
    ///
    /// # Errors
    /// - [`SetupError::Plan`] if the plan is out of limits, or is that of another program, or a block has no circuit.
    /// - The errors of [`Self::setup`].
    pub fn setup_fused(&self, exe: VmExe, plan: FusionPlan) -> Result<VmProvingKey<E, VC>, SetupError> {
        let complex = VmChipComplex::new(self.config()).map_err(VmExecutionError::from)?;
        exe.validate().map_err(VmExecutionError::from)?;
        let program = complex.load_program(&exe.program);
        plan.check_program(&program)?;
        let fusion = Arc::new(Fusion::new(plan, &mut complex.fuser())?);
        let complex = complex.with_fusion(Arc::clone(&fusion));
        let system = complex.config();
        let initial_tree = MerkleTree::from_image(
            Poseidon2Hasher::default(),
            &system.memory_config,
            system.num_public_values,
            &exe.init_memory,
        )
        .map_err(VmExecutionError::from)?;
        let program_air = ProgramAir::new(&program);
        let set = complex.air_set(program_air.clone());
        let limits = keygen_limits(system, &set, &fusion);
        check_machine(&complex, &set)?;
        let stark = self.engine.keygen(&set, limits)?;
        let commitment = ExeCommitment { pc_start: exe.pc_start, initial_root: initial_tree.root() };
        let airs = set.airs.clone();
        let verifying_key = Arc::clone(stark.verifying_key());
        let max_log_heights = verifying_key.airs().iter().map(|air| air.max_log_height).collect();
        let verifying_key = VmVerifyingKey::new(self.config().clone(), fusion, set, verifying_key, commitment)?;
        Ok(VmProvingKey {
            stark,
            verifying_key,
            exe: Arc::new(exe),
            initial_tree,
            cached: CachedProgram { airs, max_log_heights, program_air },
        })
    }

    /// Proves traces, unless the runs of the executor have been cancelled: this is the longest phase, and is not interrupted.
    pub(super) fn prove_traces(
        &self,
        key: &VmProvingKey<E, VC>,
        traces: Vec<AirProofInput>,
    ) -> Result<Proof<E::SC>, VmProveError> {
        if self.executor.control().is_cancelled() {
            return Err(VmProveError::Cancelled);
        }
        Ok(self.engine.prove(key.stark(), traces)?)
    }

    pub(super) fn prover_memory(&self) -> ProverMemory {
        E::SC::prover_memory(self.engine.preset())
    }

    /// Returns the executor, which follows the fused blocks of a key.
    pub(super) fn executor_of(&self, key: &VmProvingKey<E, VC>) -> VmExecutor<VC> {
        self.executor.clone().with_fusion(Arc::clone(key.verifying_key().fusion()))
    }

    /// Runs a program in the metered mode and cuts the run into segments that fit the limits of the key.
    ///
    /// # Errors
    /// - [`VmProveError::GuestFailed`] if the guest terminates with an exit code other than 0.
    /// - [`VmProveError::Generation`] if no way of cutting the run fits the limits.
    /// - [`VmProveError::Vm`] if the run fails.
    pub fn plan(&self, key: &VmProvingKey<E, VC>, streams: impl Into<Streams>) -> Result<RunPlan, VmProveError> {
        let stark = key.stark().verifying_key();
        let limits = RowLimits {
            per_air: stark.airs().iter().map(AirLimits::of).collect(),
            total_instances: stark.body().limits.max_total_instances,
            total_columns: E::SC::max_columns(stark.params()),
            prover_memory: self.prover_memory(),
        };
        let plan = self.executor_of(key).plan(key.exe(), streams, &limits).map_err(|error| match error {
            VmExecutionError::Segmentation(error) => VmProveError::Generation(error),
            other => VmProveError::Vm(other),
        })?;
        match plan.report.exit {
            ExitStatus::Terminated(code @ 1..) => Err(VmProveError::GuestFailed { code, printed: plan.report.printed }),
            _ => Ok(plan),
        }
    }

    /// Runs a program in one segment and fills all traces of the run. Also works on machines with continuations.
    ///
    /// # Errors
    /// As [`Self::plan`]. In addition, [`VmProveError::Generation`] if the whole run does not fit into one segment, or
    /// if a trace cannot be filled.
    pub fn generate_proof_input(
        &self,
        key: &VmProvingKey<E, VC>,
        streams: impl Into<Streams>,
    ) -> Result<(ProofInput, ExecutionReport, PhaseSeconds), VmProveError> {
        let streams = streams.into();
        let mut seconds = PhaseSeconds::default();
        let plan = timed(&mut seconds.metered, || self.plan(key, streams.clone()))?;
        let mut runner = self.segments(key, streams)?;
        let (segment, _) =
            timed(&mut seconds.preflight, || runner.record(plan.report.instructions).map_err(VmProveError::from))?;
        let report = segment.report.clone();
        let segment = segment.split_for(&plan.segments[0]);
        let mut tree = key.initial_tree().clone();
        let input = timed(&mut seconds.trace_generation, || segment.generate_proof_input(key.cached(), &mut tree))?;
        Ok((input, report, seconds))
    }

    /// Runs a program and proves the run in one segment, on a machine without continuations.
    ///
    /// # Errors
    /// - [`VmProveError::ContinuationsEnabled`] if the machine has continuations enabled.
    /// - [`VmProveError::Cancelled`] if the runs of the executor have been cancelled.
    /// - [`VmProveError::Prove`] if the backend refuses the traces.
    /// - The errors of [`Self::generate_proof_input`].
    pub fn prove(&self, key: &VmProvingKey<E, VC>, streams: impl Into<Streams>) -> Result<ProvenRun<E>, VmProveError> {
        if self.config().system().continuation_enabled {
            return Err(VmProveError::ContinuationsEnabled);
        }
        let (input, report, mut seconds) = self.generate_proof_input(key, streams)?;
        let usage = input.usage;
        let stark = timed(&mut seconds.prove, || self.prove_traces(key, input.per_air))?;
        let security = self.engine.security(key.stark().verifying_key(), &stark.log_heights());
        let proof = VmProof::new(key.verifying_key().digest(), stark);
        Ok(ProvenRun { proof, report, usage, security, seconds })
    }
}

/// Calls `f` and sets `seconds` to the wall-clock time that it took.
pub(super) fn timed<T>(seconds: &mut f64, f: impl FnOnce() -> T) -> T {
    let start = std::time::Instant::now();
    let value = f();
    *seconds = start.elapsed().as_secs_f64();
    value
}
