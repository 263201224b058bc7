//! A machine whose AIRs and tables tests look at, and runs whose traces are checked.

use std::collections::BTreeMap;
use std::sync::Arc;

use vm_core::arch::{
    Chip, ChipUsageGetter, LookupTable, SystemConfig, VmConfig,
};
use vm_core::machine::fusion::{Fuser, Fusion};
use vm_core::machine::testing::answers;
use vm_core::machine::{
    CachedProgram, ProofInput, RowLimits, RunPlan, SegmentRunner, VmChipComplex, VmExecutionError, VmExecutor,
};
use vm_core::stark::debug::{DebugReport, check};
use vm_core::stark::{AirSet, BabyBearBlake3Engine, F};
use vm_core::system::program::ProgramAir;
use vm_sdk::config::Rv32imVm;

use crate::programs::Program;

/// Engine of all tests that do not compare engines: the fastest one.
pub(crate) type Engine = BabyBearBlake3Engine;

pub(crate) type Complex = VmChipComplex<<Rv32imVm as VmConfig>::Executor, <Rv32imVm as VmConfig>::Periphery>;

/// Returns the chips of a machine.
pub(crate) fn complex(config: &Rv32imVm) -> Complex {
    VmChipComplex::new(config).unwrap()
}

/// Returns a configuration with continuations.
pub(crate) fn in_segments(strategy: impl vm_core::arch::SegmentationStrategy + 'static) -> Rv32imVm {
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
pub(crate) fn traces(
    config: &Rv32imVm,
    program: &Program,
    fusion: &Arc<Fusion>,
) -> Result<Traces, VmExecutionError> {
    let complex = complex(config).with_fusion(Arc::clone(fusion));
    let program_air = ProgramAir::new(&complex.load_program(&program.exe.program));
    let set = complex.air_set(program_air.clone());
    let cached = CachedProgram { airs: set.airs.clone(), program_air };
    let executor = VmExecutor::new(config.clone()).with_fusion(Arc::clone(fusion));
    let plan = executor.plan(&program.exe, Vec::<Vec<u8>>::new(), &RowLimits::default())?;
    let state = executor.initial_state(&program.exe, Vec::<Vec<u8>>::new())?;
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

    /// Asserts that the traces satisfy all constraints, that all buses balance, and that they have the rows that the metered
    /// run has counted.
    pub(crate) fn assert_good(&self, complex: &Complex, what: &str) {
        // Tables have one row for equal queries, so the counts are upper bounds.
        let mut bounds: Vec<String> = complex.inventory.periphery().iter().map(ChipUsageGetter::air_name).collect();
        bounds.push("Poseidon2".to_owned());
        for (index, (segment, input)) in self.plan.segments.iter().zip(&self.segments).enumerate() {
            let rows: BTreeMap<&str, usize> = input.usage.iter().map(|usage| (usage.air.as_str(), usage.rows)).collect();
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

/// Calls `test` with a fuser of a machine.
pub(crate) fn with_fuser<T>(complex: &Complex, test: impl FnOnce(&mut Fuser<'_>) -> T) -> T {
    test(&mut complex.fuser())
}
