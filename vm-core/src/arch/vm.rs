//! The virtual machine: keys of programs, and proofs of runs in one segment.

use std::sync::Arc;

use thiserror::Error;

use crate::instructions::VmExe;
use crate::stark::{
    AirRef, AirSet, KeygenError, KeygenLimits, Proof, ProveError, ProvingKey, SecurityReport, StarkEngine,
};
use crate::system::memory::MerkleTree;
use crate::system::program::ProgramAir;

use super::chip::GenerationError;
use super::chip_complex::{AirUsage, ProofInput, VmChipComplex};
use super::config::{SystemConfig, VmConfig};
use super::execution::ExitStatus;
use super::executor::{ExecutionReport, VmExecutionError, VmExecutor};
use super::hasher::{Digest, Poseidon2Hasher};
use super::plan::{RowLimits, RunPlan};
use super::proof::{ExeCommitment, VmProof, VmVerifyingKey};

/// Why no keys could be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The machine or the executable is not usable.
    #[error(transparent)]
    Vm(#[from] VmExecutionError),
    /// An AIR may not take part in execution.
    #[error(transparent)]
    Machine(#[from] super::audit::MachineError),
    /// Key generation refused the machine.
    #[error(transparent)]
    Keygen(#[from] KeygenError),
}

/// Why no proof could be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum VmProveError {
    /// The run failed.
    #[error(transparent)]
    Vm(#[from] VmExecutionError),
    /// The guest ended with a non-zero exit code: there is nothing to prove.
    #[error("the guest ended with exit code {code}; only successful runs are proven")]
    GuestFailed {
        /// Exit code.
        code: u32,
    },
    /// The configuration enables continuations: its proofs are made by [`VirtualMachine::prove_continuation`].
    #[error("this machine has continuations enabled; a single-segment proof needs a configuration without them")]
    ContinuationsEnabled,
    /// The configuration has no continuations: its proofs are made by [`VirtualMachine::prove`].
    #[error("this machine has continuations disabled; a proof of several segments needs `with_continuations`")]
    ContinuationsDisabled,
    /// No traces could be generated.
    #[error(transparent)]
    Generation(#[from] GenerationError),
    /// The backend refused the traces.
    #[error(transparent)]
    Prove(#[from] ProveError),
}

/// What all segments and proofs of one program share.
pub struct CachedProgram {
    /// AIRs in key order.
    pub airs: Vec<AirRef>,
    /// The program table.
    pub program_air: ProgramAir,
}

/// Proving key of a program on a machine.
pub struct VmProvingKey<E: StarkEngine, VC> {
    stark: ProvingKey<E::SC>,
    verifying_key: VmVerifyingKey<E, VC>,
    exe: Arc<VmExe>,
    initial_tree: MerkleTree<Poseidon2Hasher>,
    cached: CachedProgram,
}

impl<E: StarkEngine, VC> VmProvingKey<E, VC> {
    /// The verifying key.
    pub fn verifying_key(&self) -> &VmVerifyingKey<E, VC> {
        &self.verifying_key
    }

    /// Commitment of the executable: what a verifier has to know besides the verifying key.
    pub fn exe_commitment(&self) -> Digest
    where
        VC: VmConfig,
    {
        self.verifying_key.exe_commitment()
    }

    /// The executable.
    pub fn exe(&self) -> &VmExe {
        &self.exe
    }

    /// The backend's key.
    pub fn stark(&self) -> &ProvingKey<E::SC> {
        &self.stark
    }

    /// AIRs and program table.
    pub fn cached(&self) -> &CachedProgram {
        &self.cached
    }

    /// The memory tree at the start.
    pub fn initial_tree(&self) -> &MerkleTree<Poseidon2Hasher> {
        &self.initial_tree
    }
}

/// A proof and how it was made.
pub struct Proven<E: StarkEngine> {
    /// The proof.
    pub proof: VmProof<E>,
    /// Report of the run.
    pub report: ExecutionReport,
    /// Rows and cells per AIR, in key order.
    pub usage: Vec<AirUsage>,
    /// Security of the proof's shape.
    pub security: SecurityReport,
    /// Wall-clock seconds: metered run, recording run, trace generation, proving.
    pub seconds: PhaseSeconds,
}

/// Wall-clock seconds per phase.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct PhaseSeconds {
    /// Metered run.
    pub metered: f64,
    /// Recording run.
    pub preflight: f64,
    /// Filling traces, the memory tree and counting lookups.
    pub trace_generation: f64,
    /// The backend.
    pub prove: f64,
}

/// A machine with a proof engine.
pub struct VirtualMachine<E, VC> {
    /// The engine.
    pub engine: E,
    /// The executor.
    pub executor: VmExecutor<VC>,
}

/// Limits of the keys of a configuration.
fn keygen_limits(system: &SystemConfig, airs: &AirSet) -> KeygenLimits {
    KeygenLimits {
        max_log_height: system.max_log_height,
        max_instances_per_air: system.max_instances,
        max_total_instances: airs.airs.len() + 4 * system.max_instances,
    }
}

impl<E: StarkEngine, VC: VmConfig> VirtualMachine<E, VC> {
    /// A machine of a configuration.
    pub fn new(engine: E, config: VC) -> Self {
        Self { engine, executor: VmExecutor::new(config) }
    }

    /// The configuration.
    pub fn config(&self) -> &VC {
        self.executor.config()
    }

    /// Makes the keys of a program: commits the program table and the fixed tables, computes the initial memory root.
    pub fn setup(&self, exe: VmExe) -> Result<VmProvingKey<E, VC>, SetupError> {
        let complex = VmChipComplex::new(self.config()).map_err(VmExecutionError::from)?;
        exe.validate().map_err(VmExecutionError::from)?;
        let system = complex.config();
        let initial_tree = MerkleTree::from_image(
            Poseidon2Hasher::default(),
            &system.memory_config,
            system.num_public_values,
            &exe.init_memory,
        )
        .map_err(VmExecutionError::from)?;
        let program_air = ProgramAir::new(&complex.load_program(&exe.program));
        let set = complex.air_set(program_air.clone());
        let limits = keygen_limits(system, &set);
        super::audit::check_machine(&set)?;
        let stark = self.engine.keygen(&set, limits)?;
        let commitment = ExeCommitment { pc_start: exe.pc_start, initial_root: initial_tree.root() };
        let verifying_key = VmVerifyingKey::new(self.config().clone(), Arc::clone(stark.verifying_key()), commitment);
        Ok(VmProvingKey {
            stark,
            verifying_key,
            exe: Arc::new(exe),
            initial_tree,
            cached: CachedProgram { airs: set.airs, program_air },
        })
    }

    /// Runs a program and cuts the run into segments that can be proven. An error if the guest fails, since only
    /// successful runs are proven.
    pub fn plan(&self, key: &VmProvingKey<E, VC>, inputs: Vec<Vec<u8>>) -> Result<RunPlan, VmProveError> {
        let stark = key.stark.verifying_key();
        let limits = RowLimits {
            per_air: stark.airs().iter().map(|air| (air.name.clone(), air.max_log_height, air.max_instances)).collect(),
            total_instances: stark.body().limits.max_total_instances,
        };
        let plan = self.executor.plan(&key.exe, inputs, &limits).map_err(|error| match error {
            VmExecutionError::Segmentation(error) => VmProveError::Generation(error),
            other => VmProveError::Vm(other),
        })?;
        match plan.report.exit {
            ExitStatus::Terminated(code @ 1..) => Err(VmProveError::GuestFailed { code }),
            _ => Ok(plan),
        }
    }

    /// Runs a program in one segment, on any machine, and fills all traces of the run.
    pub fn generate_proof_input(
        &self,
        key: &VmProvingKey<E, VC>,
        inputs: Vec<Vec<u8>>,
    ) -> Result<(ProofInput, ExecutionReport, PhaseSeconds), VmProveError> {
        let mut seconds = PhaseSeconds::default();
        let plan = timed(&mut seconds.metered, || self.plan(key, inputs.clone()))?;
        let mut runner = self.segments(key, inputs)?;
        let (segment, _) =
            timed(&mut seconds.preflight, || runner.record(plan.report.instructions).map_err(VmProveError::from))?;
        let report = segment.report.clone();
        let max_instances = plan.segments.first().map_or(1, |segment| segment.max_instances);
        let segment = segment.with_max_instances(max_instances);
        let mut tree = key.initial_tree.clone();
        let input = timed(&mut seconds.trace_generation, || segment.generate_proof_input(&key.cached, &mut tree))?;
        Ok((input, report, seconds))
    }

    /// Proves a run of a program in one segment, on a machine without continuations.
    pub fn prove(&self, key: &VmProvingKey<E, VC>, inputs: Vec<Vec<u8>>) -> Result<Proven<E>, VmProveError> {
        if self.config().system().continuation_enabled {
            return Err(VmProveError::ContinuationsEnabled);
        }
        let (input, report, mut seconds) = self.generate_proof_input(key, inputs)?;
        let usage = input.usage;
        let stark: Proof<E::SC> = timed(&mut seconds.prove, || self.engine.prove(&key.stark, input.per_air))?;
        let security = self.engine.security(key.stark.verifying_key(), &stark.log_heights());
        let proof = VmProof::new(key.verifying_key.digest(), stark);
        Ok(Proven { proof, report, usage, security, seconds })
    }
}

/// Runs `f` and notes how long it took.
pub(super) fn timed<T>(seconds: &mut f64, f: impl FnOnce() -> T) -> T {
    let start = std::time::Instant::now();
    let value = f();
    *seconds = start.elapsed().as_secs_f64();
    value
}
