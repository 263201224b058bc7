//! Traces of a run that a test can change, with the real prover and verifier to check them.

use std::borrow::BorrowMut;
use std::sync::Arc;

use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;

use super::builder::ModesReport;
use super::error::{Rejection, TestError};
use super::mock::MockEnvironment;
use super::mutation::{Survivor, Sweep, sweep};
use super::recount::{CompressTable, UnansweredQuery, recount};
use crate::arch::{Chip, ChipTraces, LoadedProgram, LookupTable, Poseidon2Hasher, SystemPort, TraceContext, VmConfig};
use crate::machine::complex::VmChipComplex;
use crate::machine::traces::{AirUsage, ProofInput};
use crate::machine::{
    ContinuationProof, UserPublicValuesProof, VerifiedRun, VirtualMachine, VmExecutionError, VmProof, VmProvingKey,
    user_public_values,
};
use crate::primitives::RangeTable;
use crate::stark::debug::{DebugReport, check};
use crate::stark::{AirProofInput, AirRef, AirSet, AnyAir, F, ProveError, ProverMemory, StarkEngine};
use crate::system::memory::MerkleTree;
use crate::system::program::ProgramChip;

/// A reference to a column, by name or by index.
pub trait ColumnRef {
    /// Returns the index of the column in an AIR.
    ///
    /// # Errors
    /// [`TestError::NoSuchColumn`] if the AIR has no such column.
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

/// The traces of a run, for tests of soundness.
///
/// A test changes cells, for example with [`Self::tamper`]; recomputes the multiplicities of the lookup tables with
/// [`Self::recount_lookups`], so that no outdated multiplicity reveals the forgery; and passes the traces to the real
/// prover and verifier with [`Self::attempt`].
pub struct ChipTest<E: StarkEngine, VC> {
    vm: Arc<VirtualMachine<E, VC>>,
    key: Arc<VmProvingKey<E, VC>>,
    set: AirSet,
    modes: ModesReport,
    usage: Vec<AirUsage>,
    /// Public values of the run, with the proof that its final memory contains them.
    public_values: UserPublicValuesProof,
    /// Traces and public values of each AIR, in key order.
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
        let public_values = user_public_values(&tree, config, modes.run.public_values.clone());
        Ok(Self { vm, key, set, modes, usage: input.usage, public_values, inputs: input.per_air })
    }

    /// Copies the traces, for a further change. The copy has the same keys.
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

    /// Copies the traces and combines them with the keys of another machine or program, which must have as many AIRs.
    ///
    /// # Errors
    /// [`TestError::Inventory`] if the other machine cannot be built.
    pub fn under(&self, vm: &Arc<VirtualMachine<E, VC>>, key: &Arc<VmProvingKey<E, VC>>) -> Result<Self, TestError> {
        let complex = VmChipComplex::new(vm.config())?;
        let set = complex.air_set(key.cached().program_air.clone());
        Ok(Self { vm: Arc::clone(vm), key: Arc::clone(key), set, ..self.fork() })
    }

    /// Returns the machine.
    pub fn vm(&self) -> &Arc<VirtualMachine<E, VC>> {
        &self.vm
    }

    /// Returns the keys of the program.
    pub fn key(&self) -> &Arc<VmProvingKey<E, VC>> {
        &self.key
    }

    /// Returns the AIRs in key order, and the buses.
    pub fn air_set(&self) -> &AirSet {
        &self.set
    }

    /// Returns the result of the run, on which all modes agreed.
    pub fn modes(&self) -> &ModesReport {
        &self.modes
    }

    /// Returns the rows and cells of each AIR in the honest traces, in key order.
    pub fn usage(&self) -> &[AirUsage] {
        &self.usage
    }

    /// Returns the index of the AIR with this name.
    ///
    /// # Errors
    /// [`TestError::NoSuchAir`] if the machine has no such AIR.
    pub fn air_index(&self, air: &str) -> Result<usize, TestError> {
        self.set.index_of(air).ok_or_else(|| TestError::NoSuchAir {
            air: air.to_owned(),
            known: self.set.airs.iter().map(|air| air.name()).collect(),
        })
    }

    /// Returns the AIR with this name.
    ///
    /// # Errors
    /// [`TestError::NoSuchAir`] if the machine has no such AIR.
    pub fn air(&self, air: &str) -> Result<&AirRef, TestError> {
        Ok(&self.set.airs[self.air_index(air)?])
    }

    /// Returns the traces and public values of an AIR.
    ///
    /// # Errors
    /// [`TestError::NoSuchAir`] if the machine has no such AIR.
    pub fn input(&self, air: &str) -> Result<&AirProofInput, TestError> {
        Ok(&self.inputs[self.air_index(air)?])
    }

    /// Returns the traces and public values of an AIR as a mutable reference.
    ///
    /// # Errors
    /// [`TestError::NoSuchAir`] if the machine has no such AIR.
    pub fn input_mut(&mut self, air: &str) -> Result<&mut AirProofInput, TestError> {
        let index = self.air_index(air)?;
        Ok(&mut self.inputs[index])
    }

    /// Returns the trace of one instance of an AIR.
    ///
    /// # Errors
    /// [`TestError::NoSuchAir`] or [`TestError::NoSuchPlace`] if there is no such AIR or instance.
    pub fn trace(&self, air: &str, instance: usize) -> Result<&RowMajorMatrix<F>, TestError> {
        let traces = &self.input(air)?.traces;
        traces.get(instance).ok_or_else(|| no_such_instance(air, instance, traces.len()))
    }

    /// Returns the trace of one instance of an AIR as a mutable reference.
    ///
    /// # Errors
    /// [`TestError::NoSuchAir`] or [`TestError::NoSuchPlace`] if there is no such AIR or instance.
    pub fn trace_mut(&mut self, air: &str, instance: usize) -> Result<&mut RowMajorMatrix<F>, TestError> {
        let traces = &mut self.input_mut(air)?.traces;
        let available = traces.len();
        traces.get_mut(instance).ok_or_else(|| no_such_instance(air, instance, available))
    }

    /// Returns a row of a trace as a mutable reference.
    ///
    /// # Errors
    /// [`TestError::NoSuchAir`] or [`TestError::NoSuchPlace`] if there is no such AIR, instance or row.
    pub fn row_mut(&mut self, air: &str, instance: usize, row: usize) -> Result<&mut [F], TestError> {
        let trace = self.trace_mut(air, instance)?;
        let height = trace.height();
        if row >= height {
            return Err(TestError::NoSuchPlace { air: air.to_owned(), what: "row", index: row, available: height });
        }
        Ok(trace.row_mut(row))
    }

    /// Returns the value of a trace cell.
    ///
    /// # Errors
    /// [`TestError::NoSuchAir`], [`TestError::NoSuchColumn`] or [`TestError::NoSuchPlace`] if there is no such AIR,
    /// column, instance or row.
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

    /// Returns the indices of the rows of an instance for which `wanted` returns `true` when given the value of a
    /// column.
    ///
    /// # Errors
    /// [`TestError::NoSuchAir`], [`TestError::NoSuchColumn`] or [`TestError::NoSuchPlace`] if there is no such AIR,
    /// column or instance.
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

    /// Replaces the value of a trace cell by `f` of it.
    ///
    /// # Errors
    /// [`TestError::NoSuchAir`], [`TestError::NoSuchColumn`] or [`TestError::NoSuchPlace`] if there is no such AIR,
    /// column, instance or row.
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

    /// Returns a chip alone, with a changed trace, and with the machine's lookup tables. All other buses have the counterparts
    /// of the *changed* messages, so only the checks of the chip itself can refuse the change.
    ///
    /// # Errors
    /// [`TestError::NoSuchAir`] or [`TestError::NoSuchPlace`] if the chip has no trace, [`TestError::Inventory`] if the machine
    /// cannot be built, and those of [`MockEnvironment::new`].
    pub fn alone(&self, air: &str, change: impl FnOnce(&mut RowMajorMatrix<F>)) -> Result<MockEnvironment, TestError> {
        let mut trace = self.trace(air, 0)?.clone();
        change(&mut trace);
        let traces = ChipTraces { traces: vec![trace], public_values: Vec::new() };
        let mut tables: Vec<Box<dyn Chip>> = vec![Box::new(RangeTable::default())];
        let periphery = self.vm.config().create_inventory(SystemPort::default())?.into_periphery();
        let periphery = periphery.into_iter().filter(|chip| chip.as_lookup_table().is_some());
        tables.extend(periphery.map(|chip| Box::new(chip) as _));
        MockEnvironment::new(self.air(air)?.clone(), traces, &self.set.buses, tables)
    }

    /// Same as [`Self::alone`], with changed columns of the core, which are the last ones, on the first row.
    ///
    /// # Errors
    /// Those of [`Self::alone`].
    ///
    /// # Panics
    /// If the chip has fewer columns.
    pub fn alone_with<C>(&self, air: &str, change: impl FnOnce(&mut C)) -> Result<MockEnvironment, TestError>
    where
        [F]: BorrowMut<C>,
    {
        self.alone(air, |trace| {
            let (first, row) = (trace.width - size_of::<C>() / size_of::<F>(), trace.row_mut(0));
            change(row[first..].borrow_mut());
        })
    }

    /// Recomputes the multiplicities of all lookup tables from the present traces, as an attacker would. Returns the
    /// queries that no table provides; a proof must fail because of them.
    ///
    /// # Errors
    /// - [`TestError::Generation`] if the trace of a table cannot be filled.
    /// - [`TestError::Inventory`] if the machine cannot be built.
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
        let ctx = TraceContext { program: &program, split: system.split_rule(ProverMemory::default()) };
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

    /// Checks every constraint on every row and the balance of every bus, without making a proof.
    pub fn debug(&self) -> DebugReport {
        check(&self.set, &self.inputs)
    }

    /// Proves the present traces.
    ///
    /// # Errors
    /// Any error of the backend's prover (see [`StarkEngine::prove`]).
    pub fn prove(&self) -> Result<VmProof<E>, ProveError> {
        let stark = self.vm.engine.prove(self.key.stark(), self.inputs.clone())?;
        Ok(VmProof::new(self.key.verifying_key().digest(), stark))
    }

    /// Proves the present traces and verifies the proof, with the real prover and verifier.
    ///
    /// On machines with continuations, the traces are the only segment of a run, and the path of the public values is
    /// taken from the final memory of the honest run.
    ///
    /// # Errors
    /// - [`Rejection::Prover`] if the prover refuses the traces.
    /// - [`Rejection::Verifier`] if the verifier refuses the proof.
    pub fn attempt(&self) -> Result<VerifiedRun, Rejection> {
        let key = self.key.verifying_key();
        let (commitment, proof) = (key.exe_commitment(), self.prove()?);
        let system = self.vm.config().system();
        if !system.continuation_enabled {
            return Ok(key.verify(&commitment, &proof)?);
        }
        let mut public_values = self.public_values.clone();
        public_values.public_values.resize(system.num_public_values, 0);
        Ok(key.verify_continuation(
            &commitment,
            &ContinuationProof { segments: vec![proof], public_values, plan: Vec::new() },
        )?)
    }

    /// Checks that honest traces are accepted: first by the debug checker, which explains failures, then by the prover
    /// and the verifier.
    ///
    /// # Errors
    /// - [`TestError::Debug`] if a constraint fails or a bus is not balanced.
    /// - [`TestError::Rejected`] if the prover or the verifier refuses.
    pub fn prove_and_verify(&self) -> Result<VerifiedRun, TestError> {
        let report = self.debug();
        if !report.is_ok() {
            return Err(TestError::Debug(Box::new(report)));
        }
        Ok(self.attempt()?)
    }

    /// Returns whether the real prover or the real verifier refuses the present traces.
    pub fn is_rejected(&self) -> bool {
        self.attempt().is_err()
    }

    /// Mutates every column of all traces of an AIR, with the machine's lookup tables (see [`sweep`](super::sweep)).
    ///
    /// # Errors
    /// - [`TestError::NoSuchAir`] if the machine has no such AIR.
    /// - [`TestError::Inventory`] if the machine cannot be built.
    pub fn sweep(&self, air: &str) -> Result<Sweep, TestError> {
        let mut total = Sweep::new(&**self.air(air)?);
        self.each_trace(air, |air, trace, public_values, tables| {
            total.merge(sweep(air, trace, public_values, tables));
        })?;
        Ok(total)
    }

    /// Calls `visit` for each trace of an AIR, with the public values and the machine's lookup tables.
    pub(super) fn each_trace(
        &self,
        air: &str,
        mut visit: impl FnMut(&dyn AnyAir, &RowMajorMatrix<F>, &[F], &[&dyn LookupTable]),
    ) -> Result<(), TestError> {
        let complex = VmChipComplex::new(self.vm.config())?;
        let program: Arc<LoadedProgram> = Arc::new(complex.load_program(&self.key.exe().program));
        let program_chip = ProgramChip::new(self.key.cached().program_air.clone(), program);
        let compress = CompressTable::default();
        let mut tables: Vec<&dyn LookupTable> = vec![&program_chip, &complex.base.range, &compress];
        tables.extend(complex.inventory.periphery().iter().filter_map(Chip::as_lookup_table));
        let input = self.input(air)?;
        for trace in &input.traces {
            visit(&**self.air(air)?, trace, &input.public_values, &tables);
        }
        Ok(())
    }

    /// Returns the mutations of an AIR's traces that no check rejects.
    ///
    /// # Errors
    /// As [`Self::sweep`].
    pub fn survivors(&self, air: &str) -> Result<Vec<Survivor>, TestError> {
        Ok(self.sweep(air)?.survivors)
    }
}

fn no_such_instance(air: &str, index: usize, available: usize) -> TestError {
    TestError::NoSuchPlace { air: air.to_owned(), what: "instance", index, available }
}
