//! The virtual machine: executing, proving and verifying.

use std::sync::Arc;

use rand::SeedableRng;
use rand::rngs::StdRng;
use thiserror::Error;

use crate::instructions::{ExeError, VmExe};
use crate::stark::{
    AirRef, AirSet, KeygenError, KeygenLimits, Proof, ProveError, ProvingKey, SecurityReport, StarkEngine,
};
use crate::system::memory::{GuestMemory, MemoryController, MemoryError, MerkleTree, PUBLIC_VALUES_SPACE};
use crate::system::program::ProgramAir;

use super::chip::{Chip, ChipUsageGetter, GenerationError};
use super::chip_complex::{AirUsage, ProofInput, RunRecord, VmChipComplex};
use super::config::{LEAF_BYTES, SystemConfig, VmConfig};
use super::execution::{ExecutionError, ExecutionMode, ExitStatus};
use super::extensions::VmInventoryError;
use super::hasher::Poseidon2Hasher;
use super::interpreter::{OpcodeCounts, RunLimits, RunOutcome, run};
use super::modes::{MemoryRows, Metered, OfflineMemory, Pure};
use super::program_table::LoadedProgram;
use super::proof::{ExeCommitment, VmProof, VmVerifyingKey};
use super::vm_state::{Streams, VmState};

/// Why a program could not be executed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum VmExecutionError {
    /// The machine could not be built.
    #[error(transparent)]
    Inventory(#[from] VmInventoryError),
    /// The executable is malformed.
    #[error(transparent)]
    Exe(#[from] ExeError),
    /// The initial memory does not fit the machine.
    #[error("initial memory: {0}")]
    InitMemory(#[from] MemoryError),
    /// The run failed.
    #[error(transparent)]
    Execution(#[from] Box<ExecutionError>),
}

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
    /// The configuration enables continuations, whose proofs are made of several segments.
    #[error("this machine has continuations enabled; a single-segment proof needs a configuration without them")]
    ContinuationsEnabled,
    /// No traces could be generated.
    #[error(transparent)]
    Generation(#[from] GenerationError),
    /// The backend refused the traces.
    #[error(transparent)]
    Prove(#[from] ProveError),
}

/// A finished run.
#[derive(Clone, Debug)]
pub struct ExecutionReport {
    /// Executed instructions.
    pub instructions: u64,
    /// How it ended.
    pub exit: ExitStatus,
    /// Program counter at the end.
    pub pc: u32,
    /// Registers at the end (words of address space 1).
    pub registers: Vec<u32>,
    /// User public values.
    pub public_values: Vec<u8>,
    /// What the guest printed.
    pub printed: String,
    /// Executions per opcode name, when profiling is enabled; most frequent first.
    pub opcodes: Vec<(String, u64)>,
}

/// Rows that a metered run predicts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeteredReport {
    /// AIR name and rows of every executor, in key order. Exact.
    pub executors: Vec<(String, usize)>,
    /// Rows of the memory system: hashes at least the actual number, the rest exact.
    pub memory: MemoryRows,
}

/// A run in progress or finished, with its memory: what [`VmExecutor`] hands out for inspection.
pub struct FinalState<M> {
    /// Report.
    pub report: ExecutionReport,
    /// Memory and mode at the end.
    pub memory: MemoryController<M>,
}

/// Executes programs on a machine.
#[derive(Clone, Debug)]
pub struct VmExecutor<VC> {
    config: VC,
    seed: u64,
    max_instructions: u64,
}

/// Chips of a configuration.
type ComplexOf<VC> = VmChipComplex<<VC as VmConfig>::Executor, <VC as VmConfig>::Periphery>;
/// Segments of a configuration.
type SegmentOf<VC> = ExecutionSegment<<VC as VmConfig>::Executor, <VC as VmConfig>::Periphery>;

/// A finished run with everything that it used.
struct FinishedRun<VC: VmConfig, M> {
    complex: ComplexOf<VC>,
    program: LoadedProgram,
    outcome: RunOutcome,
    state: FinalState<M>,
}

/// One segment of a run, ready for trace generation.
pub struct ExecutionSegment<E, P> {
    complex: VmChipComplex<E, P>,
    program: Arc<LoadedProgram>,
    run: RunRecord,
    /// Report of the run.
    pub report: ExecutionReport,
}

impl<E, P> ExecutionSegment<E, P>
where
    E: super::InstructionExecutor + Chip,
    P: Chip,
{
    /// Fills the traces; `cached` carries what all segments of a program share.
    pub fn generate_proof_input(
        self,
        cached: &CachedProgram,
        tree: &mut MerkleTree<Poseidon2Hasher>,
    ) -> Result<ProofInput, GenerationError> {
        self.complex.generate_proof_input(&cached.airs, self.program, cached.program_air.clone(), self.run, tree)
    }
}

impl<VC: VmConfig> VmExecutor<VC> {
    /// An executor for a configuration.
    pub fn new(config: VC) -> Self {
        Self { config, seed: 0, max_instructions: u64::MAX }
    }

    /// Seeds the random bytes that guests may ask for; runs with the same seed agree.
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Stops runs that execute more instructions, with [`ExecutionError::DidNotTerminate`].
    pub fn with_max_instructions(mut self, limit: u64) -> Self {
        self.max_instructions = limit;
        self
    }

    /// The configuration.
    pub fn config(&self) -> &VC {
        &self.config
    }

    fn system(&self) -> &SystemConfig {
        self.config.system()
    }

    fn run_in<M: ExecutionMode>(
        &self,
        exe: &VmExe,
        inputs: Vec<Vec<u8>>,
        mode: impl FnOnce(&SystemConfig, usize) -> M,
    ) -> Result<FinishedRun<VC, M>, VmExecutionError> {
        let mut complex = VmChipComplex::new(&self.config)?;
        exe.validate()?;
        let program = complex.load_program(&exe.program);
        let system = self.system();
        let memory = GuestMemory::from_image(&system.memory_config, system.num_public_values, &exe.init_memory)?;
        let mode = mode(system, complex.inventory.executors().len());
        let rng = StdRng::seed_from_u64(self.seed);
        let mut vm = VmState::new(MemoryController::new(memory, mode), Streams::new(inputs), rng);
        let limits =
            RunLimits { max_instructions: self.max_instructions, clk_max_bits: system.memory_config.clk_max_bits };
        let mut profile = system.profiling.then(|| vec![0; program.num_slots()]);
        let outcome = run(
            &program,
            complex.inventory.executors_mut(),
            &mut complex.base.phantom,
            &mut vm,
            exe.pc_start,
            limits,
            profile.as_deref_mut(),
        )?;
        let space = |number: u32| vm.memory.memory().space_words(number);
        let report = ExecutionReport {
            instructions: outcome.instructions,
            exit: outcome.exit,
            pc: outcome.state.pc,
            registers: space(crate::system::memory::REGISTER_SPACE),
            public_values: space(PUBLIC_VALUES_SPACE).iter().flat_map(|word| word.to_le_bytes()).collect(),
            printed: std::mem::take(&mut vm.streams.printed),
            opcodes: profile.map_or_else(Vec::new, |counts| opcode_counts(&complex, &program, &counts)),
        };
        Ok(FinishedRun { complex, program, outcome, state: FinalState { report, memory: vm.memory } })
    }

    /// Runs without time or counts: the fastest mode.
    pub fn execute(&self, exe: &VmExe, inputs: Vec<Vec<u8>>) -> Result<ExecutionReport, VmExecutionError> {
        Ok(self.execute_state(exe, inputs)?.report)
    }

    /// [`Self::execute`], with the memory at the end.
    pub fn execute_state(&self, exe: &VmExe, inputs: Vec<Vec<u8>>) -> Result<FinalState<Pure>, VmExecutionError> {
        Ok(self.run_in(exe, inputs, |_, _| Pure)?.state)
    }

    /// Runs and counts the rows that a proof will need.
    pub fn execute_metered(
        &self,
        exe: &VmExe,
        inputs: Vec<Vec<u8>>,
    ) -> Result<(FinalState<Metered>, MeteredReport), VmExecutionError> {
        let FinishedRun { complex, state, .. } = self.run_in(exe, inputs, |system, executors| {
            let mut mode = Metered::new(&system.memory_config, system.num_public_values, executors);
            let public_space = (PUBLIC_VALUES_SPACE - system.memory_config.as_offset) as usize;
            mode.touch_leaf(0, 0);
            (0..system.num_public_values / LEAF_BYTES).for_each(|leaf| mode.touch_leaf(public_space, leaf));
            mode
        })?;
        let names = complex.inventory.executors().iter().map(ChipUsageGetter::air_name);
        let report = MeteredReport {
            executors: names.zip(state.memory.mode.rows().iter().copied()).collect(),
            memory: state.memory.mode.memory_rows(),
        };
        Ok((state, report))
    }

    /// Runs and records everything that traces need. One segment: the whole run.
    pub fn execute_segments(&self, exe: &VmExe, inputs: Vec<Vec<u8>>) -> Result<Vec<SegmentOf<VC>>, VmExecutionError> {
        let FinishedRun { complex, program, outcome, state } =
            self.run_in(exe, inputs, |system, _| OfflineMemory::new(&system.memory_config, system.num_public_values))?;
        let (memory, log) = state.memory.into_parts();
        let run = RunRecord { initial_pc: exe.pc_start, outcome, memory, log };
        Ok(vec![ExecutionSegment { complex, program: Arc::new(program), run, report: state.report }])
    }
}

/// Sums executions per slot into executions per opcode name, most frequent first.
fn opcode_counts<E, P>(complex: &VmChipComplex<E, P>, program: &LoadedProgram, counts: &[u64]) -> Vec<(String, u64)>
where
    E: super::InstructionExecutor + Chip,
    P: Chip,
{
    let mut sums = OpcodeCounts::default();
    for ((_, slot), &count) in program.slots().zip(counts) {
        if count > 0 {
            *sums.entry(slot.instruction.opcode).or_default() += count;
        }
    }
    let mut named: Vec<(String, u64)> = sums.into_iter().map(|(op, count)| (complex.opcode_name(op), count)).collect();
    named.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    named
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

    /// Runs a program and fills all traces of the run.
    pub fn generate_proof_input(
        &self,
        key: &VmProvingKey<E, VC>,
        inputs: Vec<Vec<u8>>,
    ) -> Result<(ProofInput, ExecutionReport, PhaseSeconds), VmProveError> {
        if self.config().system().continuation_enabled {
            return Err(VmProveError::ContinuationsEnabled);
        }
        let mut seconds = PhaseSeconds::default();
        let (state, metered) = timed(&mut seconds.metered, || self.executor.execute_metered(&key.exe, inputs.clone()))?;
        if let ExitStatus::Terminated(code @ 1..) = state.report.exit {
            return Err(VmProveError::GuestFailed { code });
        }
        drop(state);
        self.check_heights(&metered)?;
        let segments = timed(&mut seconds.preflight, || self.executor.execute_segments(&key.exe, inputs))?;
        let [segment] = <[_; 1]>::try_from(segments)
            .map_err(|s| GenerationError::Internal(format!("{} segments without continuations", s.len())))?;
        let report = segment.report.clone();
        let mut tree = key.initial_tree.clone();
        let input = timed(&mut seconds.trace_generation, || segment.generate_proof_input(&key.cached, &mut tree))?;
        Ok((input, report, seconds))
    }

    fn check_heights(&self, metered: &MeteredReport) -> Result<(), GenerationError> {
        let system = self.config().system();
        let limit = system.max_instances << system.max_log_height;
        let executors = metered.executors.iter().cloned();
        match executors.chain(metered.memory.by_air()).find(|(_, rows)| *rows > limit) {
            None => Ok(()),
            Some((air, height)) => Err(GenerationError::TraceHeightsLimitExceeded { air, height, limit }),
        }
    }

    /// Proves a run of a program.
    pub fn prove(&self, key: &VmProvingKey<E, VC>, inputs: Vec<Vec<u8>>) -> Result<Proven<E>, VmProveError> {
        let (input, report, mut seconds) = self.generate_proof_input(key, inputs)?;
        let usage = input.usage;
        let stark: Proof<E::SC> = timed(&mut seconds.prove, || self.engine.prove(&key.stark, input.per_air))?;
        let security = self.engine.security(key.stark.verifying_key(), &stark.log_heights());
        let proof = VmProof::new(key.verifying_key.digest(), stark);
        Ok(Proven { proof, report, usage, security, seconds })
    }
}

/// Runs `f` and notes how long it took.
fn timed<T>(seconds: &mut f64, f: impl FnOnce() -> T) -> T {
    let start = std::time::Instant::now();
    let value = f();
    *seconds = start.elapsed().as_secs_f64();
    value
}
