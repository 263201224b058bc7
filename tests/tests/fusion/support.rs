//! A machine whose AIRs and tables tests look at, and runs whose traces are checked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use vm_core::arch::{Chip, ChipUsageGetter, LookupTable, SegmentationStrategy, SystemConfig, TraceContext, VmConfig};
use vm_core::machine::fusion::{Fusion, FusionPlan};
use vm_core::machine::testing::answers;
use vm_core::machine::{
    CachedProgram, ProofInput, RowLimits, RunPlan, SegmentRunner, VirtualMachine, VmChipComplex, VmExecutionError,
    VmExecutor, VmProof, VmProvingKey,
};
use vm_core::stark::debug::{DebugReport, check};
use vm_core::stark::{
    AirProofInput, AirSet, BabyBearBlake3Engine, F, LookupPlan, ProverMemory, SecurityPreset, StarkEngine,
};
use vm_core::system::program::{ProgramAir, ProgramChip};
use vm_sdk::config::Rv32imVm;
use vm_sdk::p3::field::PrimeField32;

use crate::programs::Program;

/// Engine of all tests that do not compare engines: the fastest one.
pub(crate) type Engine = BabyBearBlake3Engine;

pub(crate) type Complex = VmChipComplex<<Rv32imVm as VmConfig>::Executor, <Rv32imVm as VmConfig>::Periphery>;

/// Returns the chips of a machine.
pub(crate) fn complex(config: &Rv32imVm) -> Complex {
    VmChipComplex::new(config).unwrap()
}

/// Returns a configuration with continuations.
pub(crate) fn in_segments(strategy: impl SegmentationStrategy + 'static) -> Rv32imVm {
    let system = SystemConfig::default().with_continuations().with_segmentation_strategy(Arc::new(strategy));
    Rv32imVm { system, ..Rv32imVm::default() }
}

/// Returns whether the table of a bus has an entry, or `None` if no table of the machine has that bus.
pub(crate) fn is_true(complex: &Complex, bus: &str, fields: &[F]) -> Option<bool> {
    let mut tables: Vec<&dyn LookupTable> = vec![&complex.base.range];
    tables.extend(complex.inventory.periphery().iter().filter_map(Chip::as_lookup_table));
    tables.into_iter().find(|table| table.bus().name == bus).map(|table| answers(table, fields))
}

/// A run with its traces.
pub(crate) struct Traces {
    pub(crate) set: AirSet,
    pub(crate) plan: RunPlan,
    /// One for each segment.
    pub(crate) segments: Vec<ProofInput>,
}

/// Runs a program with fused paths and fills the traces of all its segments.
pub(crate) fn traces(config: &Rv32imVm, program: &Program, fusion: &Arc<Fusion>) -> Result<Traces, VmExecutionError> {
    let complex = complex(config).with_fusion(Arc::clone(fusion));
    let program_air = ProgramAir::new(&complex.load_program(&program.exe.program));
    let set = complex.air_set(program_air.clone());
    let max_log_heights = vec![config.system.max_log_height; set.airs.len()];
    let cached = CachedProgram { airs: set.airs.clone(), max_log_heights, program_air };
    let executor = VmExecutor::new(config.clone()).with_fusion(Arc::clone(fusion));
    let plan = executor.plan(&program.exe, program.inputs.clone(), &RowLimits::default())?;
    let state = executor.initial_state(&program.exe, program.inputs.clone())?;
    let mut runner = SegmentRunner::new(executor, &program.exe, state)?;
    let mut segments = Vec::new();
    for segment in &plan.segments {
        let (recorded, _) = runner.record(segment.instructions)?;
        let (closed, _) = runner.close(recorded)?;
        segments.push(closed.generate_proof_input(&cached)?);
    }
    Ok(Traces { set, plan, segments })
}

impl Traces {
    /// Checks all constraints and buses of a segment.
    pub(crate) fn debug(&self, segment: usize) -> DebugReport {
        check(&self.set, &self.segments[segment].per_air)
    }

    /// Number of rows of fused blocks in all segments.
    pub(crate) fn fused_rows(&self) -> usize {
        let usage = self.segments.iter().flat_map(|segment| &segment.usage);
        usage.filter(|usage| usage.air.starts_with("Block")).map(|usage| usage.rows).sum()
    }

    /// Asserts that the traces satisfy all constraints, that all buses balance, and that they have the rows that the metered
    /// run has counted.
    pub(crate) fn assert_good(&self, complex: &Complex, what: &str) {
        // Tables have one row for equal queries, so the counts are upper bounds.
        let mut bounds: Vec<String> = complex.inventory.periphery().iter().map(ChipUsageGetter::air_name).collect();
        bounds.push("Poseidon2".to_owned());
        for (index, (segment, input)) in self.plan.segments.iter().zip(&self.segments).enumerate() {
            let rows: BTreeMap<&str, usize> =
                input.usage.iter().map(|usage| (usage.air.as_str(), usage.rows)).collect();
            for ((air, _), counted) in self.plan.airs.iter().zip(&segment.rows) {
                let rows = rows[air.as_str()];
                let agrees = if bounds.contains(air) { rows <= *counted } else { rows == *counted };
                assert!(agrees, "{what}, segment {index}: {air} has {rows} rows, {counted} were counted");
            }
            let report = self.debug(index);
            assert!(report.is_ok(), "{what}, segment {index}: {report}");
        }
    }
}

/// Strategy that cuts after every `.0` instructions.
#[derive(Debug)]
pub(crate) struct Every(pub(crate) u64);

impl SegmentationStrategy for Every {
    fn should_segment(&self, _: &[String], _: &[usize], _: &[usize]) -> bool {
        true
    }
    fn stricter_strategy(&self) -> Arc<dyn SegmentationStrategy> {
        Arc::new(Self((self.0 / 2).max(1)))
    }
    fn check_interval(&self) -> u64 {
        self.0
    }
}

/// A key with fused blocks, and the traces of a run under it, which a test can change.
pub(crate) struct Forge {
    pub(crate) engine: Engine,
    pub(crate) key: VmProvingKey<Engine, Rv32imVm>,
    pub(crate) set: AirSet,
    pub(crate) inputs: Vec<AirProofInput>,
    config: Rv32imVm,
}

impl Forge {
    /// Makes the key and fills the traces of the honest run.
    pub(crate) fn new(program: &Program, plan: FusionPlan) -> Self {
        let config = Rv32imVm::default();
        let vm = VirtualMachine::new(Engine::new(SecurityPreset::Conjectured100), config.clone());
        let key = vm.setup_fused(program.exe.clone(), plan).unwrap();
        let (input, ..) = vm.generate_proof_input(&key, program.inputs.clone()).unwrap();
        let fused = complex(&config).with_fusion(Arc::clone(key.verifying_key().fusion()));
        let set = fused.air_set(key.cached().program_air.clone());
        Self { engine: vm.engine, key, set, inputs: input.per_air, config }
    }

    /// Returns the index of an AIR.
    pub(crate) fn air(&self, name: &str) -> usize {
        self.set.airs.iter().position(|air| air.name() == name).unwrap()
    }

    /// Returns the index of the first fused circuit.
    pub(crate) fn first_block(&self) -> usize {
        self.set.airs.len() - self.key.verifying_key().fusion().circuits.len()
    }

    /// Counts the lookups of the present traces, as an attacker would.
    pub(crate) fn recount(&mut self) {
        let mut complex = complex(&self.config);
        let program = Arc::new(complex.load_program(&self.key.exe().program));
        let mut program_chip = ProgramChip::new(self.key.cached().program_air.clone(), Arc::clone(&program));
        {
            let mut tables: Vec<&dyn LookupTable> = vec![&program_chip, &complex.base.range];
            tables.extend(complex.inventory.periphery().iter().filter_map(Chip::as_lookup_table));
            let names: Vec<&str> = tables.iter().map(|table| table.bus().name).collect();
            for input in &self.inputs {
                let air = &self.set.airs[input.air];
                let plan = LookupPlan::new(&**air, &names);
                for trace in &input.traces {
                    plan.count(
                        &**air,
                        trace,
                        &input.public_values,
                        || (),
                        |(), table, key, count| {
                            tables[table].record(key, count.as_canonical_u32());
                        },
                    );
                }
            }
        }
        let ctx = TraceContext { program: &program, split: self.config.system.split_rule(ProverMemory::default()) };
        let mut refill = |chip: &mut dyn Chip| {
            let index = self.set.airs.iter().position(|air| air.name() == chip.air_name()).unwrap();
            self.inputs[index].traces = chip.generate_traces(&ctx).unwrap().traces;
        };
        refill(&mut program_chip);
        refill(&mut complex.base.range);
        for chip in complex.inventory.periphery_mut() {
            if chip.as_lookup_table().is_some() {
                refill(chip);
            }
        }
    }

    /// Returns what refuses the present traces: AIRs with a failing constraint, and buses that do not balance.
    pub(crate) fn guards(&self) -> BTreeSet<String> {
        let report = check(&self.set, &self.inputs);
        assert!(report.problems.is_empty(), "{report}");
        let failures = report.failures.iter().map(|failure| report.airs[failure.air].clone());
        failures.chain(report.imbalances.iter().map(|message| message.bus.clone())).collect()
    }

    /// Returns whether the real prover or the real verifier refuses the present traces.
    pub(crate) fn is_refused(&self) -> bool {
        let Ok(stark) = self.engine.prove(self.key.stark(), self.inputs.clone()) else { return true };
        let key = self.key.verifying_key();
        key.verify(&key.exe_commitment(), &VmProof::new(key.digest(), stark)).is_err()
    }
}
