//! Traces of a run, to tamper with, and the real prover and verifier to judge them.

use std::sync::Arc;

use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;

use super::builder::ModesReport;
use super::error::{Rejection, TestError};
use super::mutation::{Survivor, Sweep, sweep, sweep_function};
use super::recount::{CompressTable, UnansweredQuery, recount};
use crate::arch::{Chip, LoadedProgram, LookupTable, Poseidon2Hasher, TraceContext, VmConfig};
use crate::machine::complex::VmChipComplex;
use crate::machine::traces::{AirUsage, ProofInput};
use crate::machine::{
    ContinuationProof, UserPublicValuesProof, VerifiedRun, VirtualMachine, VmExecutionError, VmProof, VmProvingKey,
};
use crate::stark::debug::{DebugReport, check};
use crate::stark::{AirProofInput, AirRef, AirSet, AnyAir, F, ProveError, StarkEngine};
use crate::system::memory::MerkleTree;
use crate::system::program::ProgramChip;

/// A column by name or by index.
pub trait ColumnRef {
    /// Index of the column in an AIR.
    fn index_in(&self, air: &AirRef) -> Result<usize, TestError>;
}

impl ColumnRef for usize {
    fn index_in(&self, air: &AirRef) -> Result<usize, TestError> {
        if *self < air.width() {
            return Ok(*self);
        }
        Err(TestError::NoSuchColumn { air: air.name(), column: self.to_string(), known: air.column_names() })
    }
}

impl ColumnRef for &str {
    fn index_in(&self, air: &AirRef) -> Result<usize, TestError> {
        let known = air.column_names();
        known.iter().position(|name| name == self).ok_or_else(|| TestError::NoSuchColumn {
            air: air.name(),
            column: (*self).to_owned(),
            known,
        })
    }
}

impl ColumnRef for String {
    fn index_in(&self, air: &AirRef) -> Result<usize, TestError> {
        self.as_str().index_in(air)
    }
}

/// The traces of a run. A test tampers with them, recounts the lookups (so that no stale multiplicity gives the forgery
/// away) and asks the real prover and verifier.
pub struct ChipTest<E: StarkEngine, VC> {
    vm: Arc<VirtualMachine<E, VC>>,
    key: Arc<VmProvingKey<E, VC>>,
    set: AirSet,
    modes: ModesReport,
    usage: Vec<AirUsage>,
    /// Public values of the run, shown by its final memory.
    public_values: UserPublicValuesProof,
    /// Traces and public values, one entry per AIR in key order.
    pub inputs: Vec<AirProofInput>,
}

impl<E: StarkEngine, VC: VmConfig> ChipTest<E, VC> {
    pub(super) fn new(
        vm: Arc<VirtualMachine<E, VC>>,
        key: Arc<VmProvingKey<E, VC>>,
        input: ProofInput,
        modes: ModesReport,
    ) -> Result<Self, TestError> {
        let complex = VmChipComplex::new(vm.config())?;
        let set = complex.air_set(key.cached().program_air.clone());
        let system = vm.config().system();
        let (hasher, config) = (Poseidon2Hasher::default(), &system.memory_config);
        let tree = MerkleTree::from_image(hasher, config, system.num_public_values, &modes.memory);
        let tree = tree.map_err(VmExecutionError::from)?;
        let public_values = UserPublicValuesProof::new(&tree, config, modes.run.public_values.clone());
        Ok(Self { vm, key, set, modes, usage: input.usage, public_values, inputs: input.per_air })
    }

    /// A copy with the same keys, to tamper with.
    pub fn fork(&self) -> Self {
        Self {
            vm: Arc::clone(&self.vm),
            key: Arc::clone(&self.key),
            set: self.set.clone(),
            modes: self.modes.clone(),
            usage: self.usage.clone(),
            public_values: self.public_values.clone(),
            inputs: self.inputs.clone(),
        }
    }

    /// The same traces under the keys of another machine or program, with as many AIRs.
    pub fn under(&self, vm: &Arc<VirtualMachine<E, VC>>, key: &Arc<VmProvingKey<E, VC>>) -> Result<Self, TestError> {
        let complex = VmChipComplex::new(vm.config())?;
        let set = complex.air_set(key.cached().program_air.clone());
        Ok(Self { vm: Arc::clone(vm), key: Arc::clone(key), set, ..self.fork() })
    }

    /// The machine.
    pub fn vm(&self) -> &Arc<VirtualMachine<E, VC>> {
        &self.vm
    }

    /// The keys.
    pub fn key(&self) -> &Arc<VmProvingKey<E, VC>> {
        &self.key
    }

    /// AIRs and buses.
    pub fn air_set(&self) -> &AirSet {
        &self.set
    }

    /// What the modes of execution agreed on.
    pub fn modes(&self) -> &ModesReport {
        &self.modes
    }

    /// Rows and cells per AIR, in key order.
    pub fn usage(&self) -> &[AirUsage] {
        &self.usage
    }

    /// Index of an AIR.
    pub fn air_index(&self, air: &str) -> Result<usize, TestError> {
        self.set.index_of(air).ok_or_else(|| TestError::NoSuchAir {
            air: air.to_owned(),
            known: self.set.airs.iter().map(|air| air.name()).collect(),
        })
    }

    /// An AIR.
    pub fn air(&self, air: &str) -> Result<&AirRef, TestError> {
        Ok(&self.set.airs[self.air_index(air)?])
    }

    /// Traces and public values of an AIR.
    pub fn input(&self, air: &str) -> Result<&AirProofInput, TestError> {
        Ok(&self.inputs[self.air_index(air)?])
    }

    /// Traces and public values of an AIR, to change.
    pub fn input_mut(&mut self, air: &str) -> Result<&mut AirProofInput, TestError> {
        let index = self.air_index(air)?;
        Ok(&mut self.inputs[index])
    }

    /// A trace.
    pub fn trace(&self, air: &str, instance: usize) -> Result<&RowMajorMatrix<F>, TestError> {
        let traces = &self.input(air)?.traces;
        traces.get(instance).ok_or_else(|| no_such_instance(air, instance, traces.len()))
    }

    /// A trace, to change.
    pub fn trace_mut(&mut self, air: &str, instance: usize) -> Result<&mut RowMajorMatrix<F>, TestError> {
        let traces = &mut self.input_mut(air)?.traces;
        let available = traces.len();
        traces.get_mut(instance).ok_or_else(|| no_such_instance(air, instance, available))
    }

    /// A row.
    pub fn row_mut(&mut self, air: &str, instance: usize, row: usize) -> Result<&mut [F], TestError> {
        let trace = self.trace_mut(air, instance)?;
        let height = trace.height();
        if row >= height {
            return Err(TestError::NoSuchPlace { air: air.to_owned(), what: "row", index: row, available: height });
        }
        Ok(trace.row_mut(row))
    }

    /// A cell.
    pub fn cell(&self, air: &str, instance: usize, row: usize, column: impl ColumnRef) -> Result<F, TestError> {
        let column = column.index_in(self.air(air)?)?;
        let trace = self.trace(air, instance)?;
        trace.get(row, column).ok_or_else(|| TestError::NoSuchPlace {
            air: air.to_owned(),
            what: "row",
            index: row,
            available: trace.height(),
        })
    }

    /// Rows, over an instance, on which `wanted` holds for the value of a column.
    pub fn rows_where(
        &self,
        air: &str,
        instance: usize,
        column: impl ColumnRef,
        wanted: impl Fn(F) -> bool,
    ) -> Result<Vec<usize>, TestError> {
        let column = column.index_in(self.air(air)?)?;
        let trace = self.trace(air, instance)?;
        let rows = trace.values.chunks(trace.width).enumerate();
        Ok(rows.filter(|(_, row)| wanted(row[column])).map(|(index, _)| index).collect())
    }

    /// Replaces the value of a cell.
    pub fn tamper(
        &mut self,
        air: &str,
        instance: usize,
        row: usize,
        column: impl ColumnRef,
        f: impl FnOnce(F) -> F,
    ) -> Result<&mut Self, TestError> {
        let column = column.index_in(self.air(air)?)?;
        let cell = &mut self.row_mut(air, instance, row)?[column];
        *cell = f(*cell);
        Ok(self)
    }

    /// Recomputes the multiplicities of all tables from the present traces, as an attacker would. Returns the queries
    /// that no table answers: the proof has to fail on them.
    pub fn recount_lookups(&mut self) -> Result<Vec<UnansweredQuery>, TestError> {
        let mut complex = VmChipComplex::new(self.vm.config())?;
        let program = Arc::new(complex.load_program(&self.key.exe().program));
        let mut program_chip = ProgramChip::new(self.key.cached().program_air.clone(), Arc::clone(&program));
        let unanswered = {
            let mut tables: Vec<&dyn LookupTable> = vec![&program_chip, &complex.base.range, &complex.base.poseidon2];
            tables.extend(complex.inventory.periphery().iter().filter_map(Chip::as_lookup_table));
            recount(&self.set.airs, &self.inputs, &tables)
        };
        let system = complex.config().clone();
        let ctx = TraceContext {
            program: &program,
            max_log_height: system.max_log_height,
            max_instances: system.max_instances,
        };
        let mut refill = |chip: &mut dyn Chip| -> Result<(), TestError> {
            let traces = chip.generate_traces(&ctx)?;
            self.input_mut(&chip.air_name())?.traces = traces.traces;
            Ok(())
        };
        refill(&mut program_chip)?;
        refill(&mut complex.base.range)?;
        refill(&mut complex.base.poseidon2)?;
        for chip in complex.inventory.periphery_mut() {
            if chip.as_lookup_table().is_some() {
                refill(chip)?;
            }
        }
        Ok(unanswered)
    }

    /// Every constraint on every row and every bus message, checked without a proof.
    pub fn debug(&self) -> DebugReport {
        check(&self.set, &self.inputs)
    }

    /// A proof of the present traces.
    pub fn prove(&self) -> Result<VmProof<E>, ProveError> {
        let stark = self.vm.engine.prove(self.key.stark(), self.inputs.clone())?;
        Ok(VmProof::new(self.key.verifying_key().digest(), stark))
    }

    /// What the real prover and verifier say about the present traces. On machines with continuations they are the only
    /// segment of a run whose public values are shown by the memory of the honest one.
    pub fn attempt(&self) -> Result<VerifiedRun, Rejection> {
        let key = self.key.verifying_key();
        let (commitment, proof) = (key.exe_commitment(), self.prove()?);
        let system = self.vm.config().system();
        if !system.continuation_enabled {
            return Ok(key.verify(&commitment, &proof)?);
        }
        let mut public_values = self.public_values.clone();
        public_values.public_values.resize(system.num_public_values, 0);
        Ok(key.verify_continuation(&commitment, &ContinuationProof { segments: vec![proof], public_values })?)
    }

    /// Checks honest traces: first with the debug checker, which explains, then with a proof.
    pub fn prove_and_verify(&self) -> Result<VerifiedRun, TestError> {
        let report = self.debug();
        if !report.is_ok() {
            return Err(TestError::Debug(Box::new(report)));
        }
        Ok(self.attempt()?)
    }

    /// Whether the real prover or the real verifier refuses the present traces.
    pub fn is_rejected(&self) -> bool {
        self.attempt().is_err()
    }

    /// Mutates every column of all traces of an AIR, with the machine's tables (see [`sweep`]).
    pub fn sweep(&self, air: &str) -> Result<Sweep, TestError> {
        self.sweep_with(air, sweep)
    }

    /// As [`Self::sweep`], for an AIR whose every row is one instruction (see [`sweep_function`]).
    pub fn sweep_function(&self, air: &str) -> Result<Sweep, TestError> {
        self.sweep_with(air, sweep_function)
    }

    fn sweep_with(
        &self,
        air: &str,
        sweep: impl Fn(&dyn AnyAir, &RowMajorMatrix<F>, &[F], &[&dyn LookupTable]) -> Sweep,
    ) -> Result<Sweep, TestError> {
        let complex = VmChipComplex::new(self.vm.config())?;
        let program: Arc<LoadedProgram> = Arc::new(complex.load_program(&self.key.exe().program));
        let program_chip = ProgramChip::new(self.key.cached().program_air.clone(), program);
        let compress = CompressTable::default();
        let mut tables: Vec<&dyn LookupTable> = vec![&program_chip, &complex.base.range, &compress];
        tables.extend(complex.inventory.periphery().iter().filter_map(Chip::as_lookup_table));
        let air_ref = self.air(air)?;
        let input = self.input(air)?;
        let mut total = Sweep::new(&**air_ref);
        for trace in &input.traces {
            total.merge(sweep(&**air_ref, trace, &input.public_values, &tables));
        }
        Ok(total)
    }

    /// Mutations of an AIR's traces that nothing catches.
    pub fn survivors(&self, air: &str) -> Result<Vec<Survivor>, TestError> {
        Ok(self.sweep(air)?.survivors)
    }
}

fn no_such_instance(air: &str, index: usize, available: usize) -> TestError {
    TestError::NoSuchPlace { air: air.to_owned(), what: "instance", index, available }
}
