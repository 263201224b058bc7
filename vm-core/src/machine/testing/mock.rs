//! One chip without a machine: a mock execution environment that makes its records, and mock AIRs that answer for
//! memory, program and execution, so that its traces can be proven and forged.

use std::collections::BTreeMap;

use p3_field::PrimeCharacteristicRing;
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
    AirProofInput, AirRef, AirSet, Bus, BusKind, F, KeygenLimits, RowBuilder, SecurityPreset, StarkEngine, SymbolicAir,
};

/// A mock execution environment: memory in recording mode, without program, dispatch or proof.
pub struct MockVm {
    config: SystemConfig,
    state: VmState<OfflineMemory>,
    instructions: BTreeMap<u32, Instruction>,
    at: ExecutionState<u32>,
}

impl MockVm {
    /// An environment whose memory starts with `image`. Execution starts at `pc`, time at 1.
    pub fn new(config: SystemConfig, image: &MemoryImage, pc: u32) -> Result<Self, TestError> {
        config.validate()?;
        let memory = GuestMemory::from_image(&config.memory_config, config.num_public_values, image)
            .map_err(VmExecutionError::from)?;
        let mode = OfflineMemory::new(&config.memory_config, config.num_public_values);
        let memory = MemoryController::new(memory, mode);
        let state = VmState::new(memory, Streams::default(), HostRng::new(0));
        Ok(Self { config, state, instructions: BTreeMap::new(), at: ExecutionState::new(pc, 1) })
    }

    /// Executes one instruction at the current program counter.
    pub fn execute<E: InstructionExecutor>(
        &mut self,
        chip: &mut E,
        instruction: Instruction,
    ) -> ExecutionResult<ExecutionState<u32>> {
        self.instructions.insert(self.at.pc, instruction);
        self.at = chip.execute(&mut self.state, &instruction, self.at)?;
        Ok(self.at)
    }

    /// Lets time pass, as other instructions would.
    pub fn tick(&mut self, ticks: usize) {
        (0..ticks).for_each(|_| self.state.memory.tick());
        self.at.timestamp = self.state.memory.timestamp();
    }

    /// Continues elsewhere.
    pub fn jump(&mut self, pc: u32) {
        self.at.pc = pc;
    }

    /// Memory, host streams and randomness.
    pub fn state(&self) -> &VmState<OfflineMemory> {
        &self.state
    }

    /// Host streams, to give input.
    pub fn streams_mut(&mut self) -> &mut Streams {
        &mut self.state.streams
    }

    /// Fills the chip's traces from the records of the executed instructions.
    pub fn generate_traces<C: Chip>(&self, chip: &mut C) -> Result<ChipTraces, TestError> {
        let regions = self.instructions.iter().map(|(pc, i)| Region { base: *pc, instructions: vec![Some(*i)] });
        let program = LoadedProgram::new(&Program::new(regions.collect())?, |_| Some(0));
        let ctx = TraceContext {
            program: &program,
            max_log_height: self.config.max_log_height,
            max_instances: self.config.max_instances,
        };
        Ok(chip.generate_traces(&ctx)?)
    }
}

/// One AIR with its traces, real tables, and mocks of everything else it speaks to.
///
/// The mocks' rows mirror the messages of the traces given at construction. So the environment is provable as it is,
/// and a chip trace that says anything else than the honest one is refused.
pub struct MockEnvironment {
    set: AirSet,
    tables: Vec<Box<dyn Chip>>,
    /// Traces per AIR: the chip is number 0, then mocks, then tables.
    pub inputs: Vec<AirProofInput>,
}

impl MockEnvironment {
    /// An environment for `air` with these traces. `buses` declares the buses that it speaks on; `tables` are the real
    /// tables among its partners (without counts), every other bus is mocked.
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

    /// AIRs and buses.
    pub fn air_set(&self) -> &AirSet {
        &self.set
    }

    /// Replaces the value of a cell of the chip.
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

    /// Recomputes the multiplicities of the real tables from the chip's present traces; returns the queries that no
    /// table answers.
    pub fn recount_lookups(&mut self) -> Result<Vec<UnansweredQuery>, TestError> {
        let unanswered = {
            let tables: Vec<_> = self.tables.iter().filter_map(|chip| chip.as_lookup_table()).collect();
            recount(&self.set.airs, &self.inputs, &tables)
        };
        let program = LoadedProgram::new(&Program::default(), |_| None);
        let ctx = TraceContext { program: &program, max_log_height: 22, max_instances: 8 };
        let first = self.inputs.len() - self.tables.len();
        for (index, table) in self.tables.iter_mut().enumerate() {
            self.inputs[first + index].traces = table.generate_traces(&ctx)?.traces;
        }
        Ok(unanswered)
    }

    /// Every constraint on every row and every bus message, checked without a proof.
    pub fn debug(&self) -> DebugReport {
        check(&self.set, &self.inputs)
    }

    /// What the real prover and verifier say about the present traces.
    pub fn attempt<E: StarkEngine>(&self) -> Result<Result<(), Rejection>, TestError> {
        let engine = E::new(SecurityPreset::Conjectured100);
        let key = engine.keygen(&self.set, KeygenLimits::default())?;
        let judge = || -> Result<(), Rejection> {
            let proof = engine.prove(&key, self.inputs.clone())?;
            Ok(engine.verify(key.verifying_key(), &proof)?)
        };
        Ok(judge())
    }

    /// Checks the present traces with the debug checker, then with a proof.
    pub fn prove_and_verify<E: StarkEngine>(&self) -> Result<(), TestError> {
        let report = self.debug();
        if !report.is_ok() {
            return Err(TestError::Debug(Box::new(report)));
        }
        Ok(self.attempt::<E>()??)
    }

    /// Whether the real prover or the real verifier refuses the present traces.
    pub fn is_rejected<E: StarkEngine>(&self) -> Result<bool, TestError> {
        Ok(self.attempt::<E>()?.is_err())
    }
}

/// Net messages per bus: fields → sends minus receives.
fn messages(air: &AirRef, input: &AirProofInput) -> BTreeMap<String, BTreeMap<Vec<F>, i64>> {
    let symbolic = SymbolicAir::record(&**air);
    let preprocessed = air.preprocessed_trace();
    let mut net: BTreeMap<String, BTreeMap<Vec<F>, i64>> = BTreeMap::new();
    for trace in &input.traces {
        let height = trace.values.len() / trace.width;
        let window = |matrix: &'_ RowMajorMatrix<F>, row: usize| -> [Vec<F>; 2] {
            [row, (row + 1) % height].map(|r| matrix.values[r * matrix.width..(r + 1) * matrix.width].to_vec())
        };
        for row in 0..height {
            let main = window(trace, row);
            let fixed = preprocessed.as_ref().map_or_else(Default::default, |matrix| window(matrix, row));
            let mut builder = RowBuilder::new(&input.public_values, &[], false);
            builder.set_row(row, height, (&main[0], &main[1]), (&fixed[0], &fixed[1]));
            air.eval_row(&mut builder);
            for message in &builder.messages {
                let bus = symbolic.messages[message.interaction as usize].bus.clone();
                let count = if message.count == -F::ONE { -1 } else { i64::from(message.count.as_canonical_u32()) };
                *net.entry(bus).or_default().entry(builder.fields_of(message).to_vec()).or_insert(0) += count;
            }
        }
    }
    net
}
