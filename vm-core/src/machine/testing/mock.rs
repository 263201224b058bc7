//! Tests of one chip without a machine. [`MockVm`] executes instructions, so that the chip has records.
//! [`MockEnvironment`] adds mock AIRs for memory, program and execution, so that the chip's traces can be proven and
//! forged.

use std::collections::{BTreeMap, BTreeSet};

use p3_field::PrimeField32;
use p3_matrix::dense::RowMajorMatrix;

use super::chip_test::ColumnRef;
use super::error::{Rejection, TestError};
use super::mirror::{EntriesAir, MirrorAir};
use super::recount::{UnansweredQuery, recount};
use crate::arch::{
    Chip, ChipTraces, ExecutionResult, ExecutionState, GuestMemory, HostRng, InstructionExecutor, LoadedProgram,
    MemoryController, OfflineMemory, Streams, SystemConfig, TraceContext, VmState,
};
use crate::instructions::{Instruction, MemoryImage, Program, Region};
use crate::machine::VmExecutionError;
use crate::stark::debug::{DebugReport, check};
use crate::stark::{
    AirProofInput, AirRef, AirSet, Bus, BusKind, Expr, F, KeygenLimits, Printer, ProverMemory, RowEvaluator, RowResult,
    RowValues, SecurityPreset, StarkEngine, SymbolicAir, SymbolicMessage, Tape,
};

/// A mock execution environment: memory, host streams and time in the preflight mode. It has no program and does not
/// choose executors; the test passes both to [`Self::execute`].
pub struct MockVm {
    config: SystemConfig,
    state: VmState<OfflineMemory>,
    instructions: BTreeMap<u32, Instruction>,
    at: ExecutionState<u32>,
}

impl MockVm {
    /// Creates an environment with the initial memory `image`. Execution starts at program counter `pc` and timestamp
    /// 1.
    ///
    /// # Errors
    /// - [`TestError::Inventory`] if the configuration is invalid.
    /// - [`TestError::Execution`] if the image does not fit the memory.
    pub fn new(config: SystemConfig, image: &MemoryImage, pc: u32) -> Result<Self, TestError> {
        config.validate()?;
        let memory = GuestMemory::from_image(&config.memory_config, config.num_public_values, image)
            .map_err(VmExecutionError::from)?;
        let mode = OfflineMemory::new(&config.memory_config, config.num_public_values);
        let memory = MemoryController::new(memory, mode);
        let state = VmState::new(memory, Streams::default(), HostRng::new(0));
        Ok(Self { config, state, instructions: BTreeMap::new(), at: ExecutionState::new(pc, 1) })
    }

    /// Executes one instruction at the current program counter. Returns the program counter and timestamp after it.
    ///
    /// # Errors
    /// Any error of the executor.
    pub fn execute<E: InstructionExecutor>(
        &mut self,
        chip: &mut E,
        instruction: Instruction,
    ) -> ExecutionResult<ExecutionState<u32>> {
        self.instructions.insert(self.at.pc, instruction);
        self.at = chip.execute(&mut self.state, &instruction, self.at)?;
        Ok(self.at)
    }

    /// Advances time by `ticks`, as other instructions would.
    pub fn tick(&mut self, ticks: usize) {
        (0..ticks).for_each(|_| self.state.memory.tick());
        self.at.timestamp = self.state.memory.timestamp();
    }

    /// Sets the program counter of the next instruction.
    pub fn jump(&mut self, pc: u32) {
        self.at.pc = pc;
    }

    /// Returns the state: memory, host streams and the random source.
    pub fn state(&self) -> &VmState<OfflineMemory> {
        &self.state
    }

    /// Returns the host streams as a mutable reference, for example to add input.
    pub fn streams_mut(&mut self) -> &mut Streams {
        &mut self.state.streams
    }

    /// Fills the chip's traces from the records of the executed instructions.
    ///
    /// # Errors
    /// - [`TestError::Generation`] if the chip cannot fill its traces.
    /// - [`TestError::Program`] if the program counters of the executed instructions are invalid.
    pub fn generate_traces<C: Chip>(&self, chip: &mut C) -> Result<ChipTraces, TestError> {
        let regions = self.instructions.iter().map(|(pc, i)| Region { base: *pc, instructions: vec![Some(*i)] });
        let program = LoadedProgram::new(&Program::new(regions.collect())?, |_| Some(0));
        let ctx = TraceContext { program: &program, split: self.config.split_rule(ProverMemory::default()) };
        Ok(chip.generate_traces(&ctx)?)
    }
}

/// One AIR with its traces, real lookup tables, and mock AIRs on all other buses.
///
/// The rows of the mocks have the counterparts of the messages in the traces given to [`Self::new`]. So the environment
/// can be proven as it is, and a changed trace is refused if its messages differ from the honest ones.
pub struct MockEnvironment {
    set: AirSet,
    tables: Vec<Box<dyn Chip>>,
    /// Traces of each AIR: first the chip, then the mocks, then the tables.
    pub inputs: Vec<AirProofInput>,
}

impl MockEnvironment {
    /// Creates an environment for `air` with these traces.
    ///
    /// `buses` contains at least the buses on which the AIR has messages. `tables` are real lookup tables, with
    /// multiplicities of 0. Every bus without a table gets a mock AIR.
    ///
    /// # Errors
    /// - [`TestError::UnknownBus`] if the AIR has messages on a bus that is not in `buses`.
    /// - [`TestError::Generation`] if the trace of a table cannot be filled.
    pub fn new(air: AirRef, traces: ChipTraces, buses: &[Bus], tables: Vec<Box<dyn Chip>>) -> Result<Self, TestError> {
        let mut environment = Self {
            set: AirSet::new(vec![air.clone()], buses.to_vec()),
            tables,
            inputs: vec![AirProofInput { air: 0, traces: traces.traces, public_values: traces.public_values }],
        };
        environment.add_mocks(&air)?;
        for index in 0..environment.tables.len() {
            let table = environment.tables[index].air();
            environment.push(table, Vec::new());
        }
        environment.recount_lookups()?;
        Ok(environment)
    }

    fn push(&mut self, air: AirRef, traces: Vec<RowMajorMatrix<F>>) {
        self.inputs.push(AirProofInput { air: self.set.airs.len(), traces, public_values: Vec::new() });
        self.set.airs.push(air);
    }

    fn add_mocks(&mut self, air: &AirRef) -> Result<(), TestError> {
        let mut spoken: Vec<Bus> = Vec::new();
        for message in SymbolicAir::record(&**air).messages {
            let bus = self.set.buses.iter().find(|bus| bus.name == message.bus);
            let bus = *bus.ok_or_else(|| TestError::UnknownBus { air: air.name(), bus: message.bus.clone() })?;
            let tables = self.tables.iter().filter_map(|chip| chip.as_lookup_table());
            if !spoken.contains(&bus) && !tables.map(|table| table.bus().name).any(|name| name == bus.name) {
                spoken.push(bus);
            }
        }
        let mut said = messages(air, &self.inputs[0]);
        for bus in spoken {
            let net = said.remove(bus.name).unwrap_or_default().into_iter().filter(|(_, count)| *count != 0);
            let net: Vec<(Vec<F>, i64)> = net.collect();
            match bus.kind {
                BusKind::Permutation => {
                    let mock = MirrorAir::new(bus);
                    self.push(std::sync::Arc::new(mock), vec![mock.generate_trace(&net)]);
                }
                BusKind::Lookup => {
                    let mock = EntriesAir::new(bus);
                    self.push(std::sync::Arc::new(mock), vec![mock.generate_trace(&net)]);
                }
            }
        }
        Ok(())
    }

    /// Returns the AIRs and buses of the environment.
    pub fn air_set(&self) -> &AirSet {
        &self.set
    }

    /// Replaces the value of a trace cell of the chip by `f` of it.
    ///
    /// # Errors
    /// [`TestError::NoSuchColumn`] or [`TestError::NoSuchPlace`] if there is no such column, instance or row.
    pub fn tamper(
        &mut self,
        instance: usize,
        row: usize,
        column: impl ColumnRef,
        f: impl FnOnce(F) -> F,
    ) -> Result<&mut Self, TestError> {
        let air = &self.set.airs[0];
        let column = column.index_in(air)?;
        let traces = &mut self.inputs[0].traces;
        let place = |what, index, available| TestError::NoSuchPlace { air: air.name(), what, index, available };
        let available = traces.len();
        let trace = traces.get_mut(instance).ok_or_else(|| place("instance", instance, available))?;
        let rows = trace.values.len() / trace.width;
        let cell = trace.values.get_mut(row * trace.width + column).ok_or_else(|| place("row", row, rows))?;
        *cell = f(*cell);
        Ok(self)
    }

    /// Recomputes the multiplicities of the real tables from the chip's present traces. Returns the queries that no
    /// table provides.
    ///
    /// # Errors
    /// [`TestError::Generation`] if the trace of a table cannot be filled.
    pub fn recount_lookups(&mut self) -> Result<Vec<UnansweredQuery>, TestError> {
        let unanswered = {
            let tables: Vec<_> = self.tables.iter().filter_map(|chip| chip.as_lookup_table()).collect();
            recount(&self.set.airs, &self.inputs, &tables)
        };
        let program = LoadedProgram::new(&Program::default(), |_| None);
        let ctx =
            TraceContext { program: &program, split: SystemConfig::default().split_rule(ProverMemory::default()) };
        let first = self.inputs.len() - self.tables.len();
        for (index, table) in self.tables.iter_mut().enumerate() {
            self.inputs[first + index].traces = table.generate_traces(&ctx)?.traces;
        }
        Ok(unanswered)
    }

    /// Checks every constraint on every row and the balance of every bus, without making a proof.
    pub fn debug(&self) -> DebugReport {
        check(&self.set, &self.inputs)
    }

    /// Proves the present traces and verifies the proof, with the real prover and verifier. The inner result says
    /// whether they accept.
    ///
    /// # Errors
    /// [`TestError::Keygen`] if no keys can be made for the environment.
    pub fn attempt<E: StarkEngine>(&self) -> Result<Result<(), Rejection>, TestError> {
        let engine = E::new(SecurityPreset::Conjectured100);
        let key = engine.keygen(&self.set, KeygenLimits::default())?;
        let judge = || -> Result<(), Rejection> {
            let proof = engine.prove(&key, self.inputs.clone())?;
            Ok(engine.verify(key.verifying_key(), &proof)?)
        };
        Ok(judge())
    }

    /// Checks that the real prover or the real verifier refuses the present traces, and why: every constraint and message of
    /// the chip that fails contains one of `texts`, in its formula or in the name of a column that it reads, and each of `texts`
    /// is in one of them.
    ///
    /// # Panics
    /// If the traces are accepted, or refused for another reason.
    #[track_caller]
    pub fn assert_refused_by<E: StarkEngine>(&self, texts: &[&str]) {
        let report = self.debug();
        assert!(report.problems.is_empty(), "{report}");
        let air = &self.set.airs[0];
        let (symbolic, names) = (SymbolicAir::record(&**air), air.column_names());
        // The text of a long check has no end, so the columns that it reads follow.
        let check = |what: String, exprs: &[Expr]| {
            let tape = Tape::new(exprs);
            let columns: Vec<&str> = tape.cells().map(|(_, column)| names[column].as_str()).collect();
            format!("{what}, reads {}", columns.join(" "))
        };
        let message = |index: usize| {
            let SymbolicMessage { bus, fields, .. } = &symbolic.messages[index];
            let text: Vec<String> = fields.iter().map(|field| Printer::short(&**air, field)).collect();
            check(format!("{bus}({})", text.join(", ")), fields)
        };
        let constraint = |index: usize| {
            let expr = &symbolic.constraints[index];
            check(Printer::short(&**air, expr), std::slice::from_ref(expr))
        };
        let messages = report.imbalances.iter().flat_map(|imbalance| &imbalance.participants);
        let messages =
            messages.filter(|participant| participant.air == 0).map(|participant| message(participant.message));
        let constraints = report.labels.keys().filter(|(air, _)| *air == 0).map(|(_, index)| constraint(*index));
        let failed: BTreeSet<String> = constraints.chain(messages).collect();
        let is_expected = |check: &String| texts.iter().any(|text| check.contains(text));
        assert!(matches!(self.attempt::<E>(), Ok(Err(_))), "the verifier accepts the forged traces, {failed:#?}");
        assert!(failed.iter().all(is_expected), "not only {texts:?} fail: {failed:#?}");
        let fails = |text: &&str| failed.iter().any(|check| check.contains(*text));
        assert!(texts.iter().all(fails), "not all of {texts:?} fail: {failed:#?}");
    }

    /// Checks that the present traces are accepted: first by the debug checker, which explains failures, then by the
    /// prover and the verifier.
    ///
    /// # Errors
    /// - [`TestError::Debug`] if a constraint fails or a bus is not balanced.
    /// - [`TestError::Rejected`] if the prover or the verifier refuses.
    /// - [`TestError::Keygen`] if no keys can be made for the environment.
    pub fn prove_and_verify<E: StarkEngine>(&self) -> Result<(), TestError> {
        let report = self.debug();
        if !report.is_ok() {
            return Err(TestError::Debug(Box::new(report)));
        }
        Ok(self.attempt::<E>()??)
    }

    /// Returns whether the real prover or the real verifier refuses the present traces.
    ///
    /// # Errors
    /// [`TestError::Keygen`] if no keys can be made for the environment.
    pub fn is_rejected<E: StarkEngine>(&self) -> Result<bool, TestError> {
        Ok(self.attempt::<E>()?.is_err())
    }
}

/// Returns, per bus, a map from the fields of a message to its net multiplicity (sends minus receives).
fn messages(air: &AirRef, input: &AirProofInput) -> BTreeMap<String, BTreeMap<Vec<F>, i64>> {
    let symbolic = SymbolicAir::record(&**air);
    let preprocessed = air.preprocessed_trace();
    let evaluator = RowEvaluator::new(&symbolic);
    let mut result = RowResult::default();
    let mut net: BTreeMap<String, BTreeMap<Vec<F>, i64>> = BTreeMap::new();
    for trace in &input.traces {
        for row in 0..trace.values.len() / trace.width {
            let (values, fixed) = (&trace.values, preprocessed.as_ref());
            evaluator.eval(&RowValues::of_trace(values, trace.width, fixed, &input.public_values, row), &mut result);
            for message in &result.messages {
                let bus = symbolic.messages[message.interaction as usize].bus.clone();
                let count = i64::from(message.count.as_canonical_u32());
                let count = if count > i64::from(F::ORDER_U32 / 2) { count - i64::from(F::ORDER_U32) } else { count };
                *net.entry(bus).or_default().entry(result.fields_of(message).to_vec()).or_insert(0) += count;
            }
        }
    }
    net
}
