//! The facade: run, set up, prove; verifying is [`crate::verifier`]. What the command line does, as functions.

use std::cmp::Reverse;

use serde::Serialize;
use serde::de::DeserializeOwned;
use vm_core::arch::{
    AirUsage, ExecutionReport, Proven, VirtualMachine, VmChipComplex, VmConfig, VmExecutionError, VmExecutor, VmProof,
    VmProveError, VmProvingKey, VmVerifyingKey,
};
use vm_core::stark::codec::{self, FileKind};
use vm_core::stark::{AirDescriptor, BabyBearPoseidon2Engine, SecurityPreset, StarkEngine, debug};

use crate::config::Rv32imVm;
use crate::error::SdkError;
use crate::program::GuestProgram;
use crate::report::{ChipReport, HexBytes, OpcodeReport, PhaseReport, ProveReport, RowReport, RunReport};
use crate::resources::{Stopwatch, peak_rss_bytes};

pub use crate::verifier::{ProofFile, decode_key, encode_key, machine_airs, read_file, verify};

/// Is told what happens during long work.
pub trait Progress: Sync {
    /// A phase begins.
    fn phase(&self, text: &str);
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn phase(&self, _text: &str) {}
}

/// A proof that was made and verified.
pub struct ProvenRun<E: StarkEngine> {
    /// The proof.
    pub proof: VmProof<E>,
    /// The proof as a file.
    pub proof_file: Vec<u8>,
    /// How it was made.
    pub report: ProveReport,
}

/// A machine with a proof engine.
pub struct Sdk<E = BabyBearPoseidon2Engine, VC = Rv32imVm> {
    vm: VirtualMachine<E, VC>,
}

/// Runs a program. `metered` also counts the rows of a proof.
pub fn run<VC: VmConfig>(
    executor: &VmExecutor<VC>,
    program: &GuestProgram,
    inputs: Vec<Vec<u8>>,
    metered: bool,
) -> Result<RunReport, SdkError> {
    let watch = Stopwatch::start();
    let (execution, rows) = if metered {
        let (state, counted) =
            executor.execute_metered(program.exe(), inputs).map_err(|error| execution_error(program, error))?;
        let memory = counted.memory;
        let memory =
            [("memory leaves", memory.leaves), ("memory nodes", memory.nodes), ("refreshes", memory.refreshes)];
        let memory = memory.map(|(name, rows)| (name.to_owned(), rows));
        (state.report, counted.executors.into_iter().chain(memory).collect())
    } else {
        let execution = executor.execute(program.exe(), inputs).map_err(|error| execution_error(program, error))?;
        (execution, Vec::new())
    };
    let seconds = watch.cost().seconds;
    let mut chips: Vec<_> =
        rows.into_iter().filter(|(_, rows)| *rows > 0).map(|(name, rows)| RowReport { name, rows }).collect();
    chips.sort_by_key(|chip| Reverse(chip.rows));
    Ok(RunReport {
        instructions: execution.instructions,
        segments: metered.then_some(1),
        exit_code: execution.exit.code(),
        public_values: HexBytes(execution.public_values),
        output: execution.printed,
        chips,
        opcodes: execution.opcodes.into_iter().map(|(name, count)| OpcodeReport { name, count }).collect(),
        run_seconds: seconds,
        instructions_per_second: execution.instructions as f64 / seconds.max(1e-9),
        peak_rss_bytes: peak_rss_bytes(),
    })
}

impl<E: StarkEngine, VC: VmConfig + Serialize + DeserializeOwned> Sdk<E, VC> {
    /// A machine whose keys have the given security.
    pub fn new(executor: VmExecutor<VC>, preset: SecurityPreset) -> Self {
        Self { vm: VirtualMachine { engine: E::new(preset), executor } }
    }

    /// Makes the keys of a program.
    pub fn setup(&self, program: &GuestProgram) -> Result<VmProvingKey<E, VC>, SdkError> {
        self.vm.setup(program.exe().clone()).map_err(SdkError::Setup)
    }

    /// Proves a run and verifies the proof. `check` first looks for violated constraints on the traces.
    pub fn prove(
        &self,
        program: &GuestProgram,
        inputs: Vec<Vec<u8>>,
        check: bool,
        progress: &dyn Progress,
    ) -> Result<(ProvenRun<E>, VmProvingKey<E, VC>), SdkError> {
        progress.phase("committing to the program");
        let setup = Stopwatch::start();
        let key = self.setup(program)?;
        let setup = setup.cost();
        if check {
            progress.phase("checking the traces");
            self.check(program, &key, inputs.clone())?;
        }
        progress.phase("running and proving");
        let watch = Stopwatch::start();
        let proven = self.vm.prove(&key, inputs.clone()).map_err(|error| self.prove_error(program, inputs, error))?;
        let cost = watch.cost();
        progress.phase("verifying");
        let watch = Stopwatch::start();
        key.verifying_key().verify(&proven.proof).map_err(SdkError::SelfCheck)?;
        let verify_seconds = watch.cost().seconds;
        let proof_file = encode_proof(key.verifying_key(), &proven.proof)?;

        let phases = vec![
            PhaseReport { name: "setup", seconds: setup.seconds },
            PhaseReport { name: "metered run", seconds: proven.seconds.metered },
            PhaseReport { name: "recording run", seconds: proven.seconds.preflight },
            PhaseReport { name: "traces", seconds: proven.seconds.trace_generation },
            PhaseReport { name: "proof", seconds: proven.seconds.prove },
        ];
        let Proven { proof, report, usage, security, .. } = proven;
        let chips = chip_reports(&usage, key.verifying_key().stark().airs());
        let ExecutionReport { instructions, exit, public_values, printed, .. } = report;
        let report = ProveReport {
            instructions,
            segments: 1,
            exit_code: exit.code(),
            public_values: HexBytes(public_values),
            output: printed,
            prove_seconds: cost.seconds,
            prove_cpu_seconds: cost.cpu_seconds,
            verify_seconds,
            proof_bytes: proof_file.len(),
            security_bits: security.bits,
            security_regime: security.regime,
            security_preset: security.preset,
            engine: E::name(),
            main_cells: chips.iter().map(|chip| chip.main_cells).sum(),
            committed_columns_per_instruction: chips.iter().map(|chip| chip.committed_cells).sum::<u64>() as f64
                / instructions as f64,
            peak_rss_bytes: peak_rss_bytes(),
            phases,
            chips,
        };
        Ok((ProvenRun { proof, proof_file, report }, key))
    }

    /// Looks for violated constraints and unbalanced buses on the traces of a run.
    pub fn check(
        &self,
        program: &GuestProgram,
        key: &VmProvingKey<E, VC>,
        inputs: Vec<Vec<u8>>,
    ) -> Result<(), SdkError> {
        let input = self.vm.generate_proof_input(key, inputs.clone());
        let input = input.map_err(|error| self.prove_error(program, inputs, error))?.0;
        let set = VmChipComplex::new(self.vm.config())?.air_set(key.cached().program_air.clone());
        let report = debug::check(&set, &input.per_air);
        if report.is_ok() { Ok(()) } else { Err(SdkError::Debug(Box::new(report))) }
    }

    fn prove_error(&self, program: &GuestProgram, inputs: Vec<Vec<u8>>, error: VmProveError) -> SdkError {
        match error {
            VmProveError::Vm(error) => execution_error(program, error),
            VmProveError::GuestFailed { code } => {
                // The guest has probably printed why; running again is cheap.
                let output = self.vm.executor.execute(program.exe(), inputs).map(|report| report.printed);
                SdkError::ExitCode { code, output: output.unwrap_or_default() }
            }
            other => SdkError::Prove(other),
        }
    }
}

fn encode_proof<E: StarkEngine, VC: VmConfig>(
    key: &VmVerifyingKey<E, VC>,
    proof: &VmProof<E>,
) -> Result<Vec<u8>, SdkError> {
    codec::encode(FileKind::Proof, E::name(), key.stark().preset().name(), proof)
        .map_err(|source| SdkError::Encode { what: "proof", source })
}

fn chip_reports(usage: &[AirUsage], airs: &[AirDescriptor]) -> Vec<ChipReport> {
    let mut chips: Vec<ChipReport> = usage
        .iter()
        .filter(|air| air.instances > 0)
        .map(|air| {
            let descriptor = airs.iter().find(|descriptor| descriptor.name == air.air);
            // Lookup columns and their accumulator are in the extension field of degree 4.
            let lookups = descriptor.filter(|d| d.lookup_columns > 0).map_or(0, |d| 4 * (d.lookup_columns + 1));
            let committed_columns = air.width + lookups;
            ChipReport {
                name: air.air.clone(),
                columns: air.width,
                committed_columns,
                instances: air.instances,
                rows: air.rows as u64,
                padded_rows: air.padded_rows as u64,
                main_cells: air.padded_cells() as u64,
                committed_cells: (air.padded_rows * committed_columns) as u64,
            }
        })
        .collect();
    chips.sort_by_key(|chip| Reverse(chip.committed_cells));
    chips
}

fn execution_error(program: &GuestProgram, error: VmExecutionError) -> SdkError {
    match error {
        VmExecutionError::Execution(error) => program.explain(error),
        VmExecutionError::Inventory(error) => SdkError::Machine(error),
        other => SdkError::Start(other),
    }
}
