//! Runs that are watched instruction by instruction, with what each instruction costs in a proof.

use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};

use super::executor::{VmExecutionError, VmExecutor, run_chips};
use super::metering::MeteredAirs;
use super::report::{ExecutionProfile, ExecutionReport, report};
use crate::arch::{
    Chip, ExecutionMode, ExecutionState, ExitStatus, GuestMemory, InstructionExecutor, MemoryController, Observer,
    RunLimits, RunOutcome, Streams, VmConfig, VmState, WideAccess,
};
use crate::instructions::{Instruction, VmExe};
use crate::machine::complex::VmChipComplex;
use crate::machine::fusion::MESSAGE;
use crate::machine::slots::{AirSlot, SystemAir};
use crate::stark::{InstanceShape, ProverMemory};

/// What rows cost in a proof, without padding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowCost {
    /// Number of rows.
    pub rows: u64,
    /// Number of cells in main columns.
    pub cells: u64,
    /// Number of messages.
    pub messages: u64,
}

impl RowCost {
    /// Returns the cost in cells: the main cells, and two for each message. Fused blocks are chosen by the same measure.
    pub const fn total(&self) -> u64 {
        self.cells + MESSAGE * self.messages
    }

    /// Returns the cost of one row.
    fn of_row(shape: &InstanceShape) -> Self {
        Self { rows: 1, cells: shape.main as u64, messages: shape.messages as u64 }
    }

    /// Returns the cost of several of these rows.
    fn times(self, count: usize) -> Self {
        let count = count as u64;
        Self { rows: self.rows * count, cells: self.cells * count, messages: self.messages * count }
    }
}

impl Add for RowCost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { rows: self.rows + other.rows, cells: self.cells + other.cells, messages: self.messages + other.messages }
    }
}

impl AddAssign for RowCost {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for RowCost {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self { rows: self.rows - other.rows, cells: self.cells - other.cells, messages: self.messages - other.messages }
    }
}

impl Sum for RowCost {
    fn sum<I: Iterator<Item = Self>>(costs: I) -> Self {
        costs.fold(Self::default(), Add::add)
    }
}

/// An instruction that was executed.
#[derive(Clone, Copy)]
pub struct Step<'a> {
    /// Program counter of the instruction.
    pub pc: u32,
    /// Index of its slot: slots are counted over the regions of the program.
    pub slot: usize,
    /// The instruction.
    pub instruction: &'a Instruction,
    /// Program counter of the next instruction; that of this instruction if the run has terminated.
    pub next_pc: u32,
    /// Rows that the instruction adds to a proof without fused blocks: those of its executor, of the chips and access
    /// adapters that serve it, and of phantom instructions. Memory boundary, program table and lookup tables do not
    /// count.
    pub cost: RowCost,
    /// Memory after the instruction.
    pub memory: &'a GuestMemory,
}

/// Mode of runs that add up what instructions cost. It keeps no time.
struct Costs {
    /// Cost of a row of each executor.
    executors: Vec<RowCost>,
    /// Cost of a row of the access adapters, by the logarithm of the number of words and by whether it is a write.
    adapters: Vec<[RowCost; 2]>,
    /// Cost of a phantom instruction.
    phantom: RowCost,
    /// Names of periphery chips and the cost of one of their rows.
    periphery: Vec<(String, RowCost)>,
    /// Index of the last instruction's executor.
    current: usize,
    /// Sum so far.
    total: RowCost,
}

impl Costs {
    fn new<E, P>(complex: &VmChipComplex<E, P>, program_slots: usize) -> Self
    where
        E: InstructionExecutor + Chip,
        P: Chip,
    {
        // Messages and main columns are the same for all provers, and this one needs no lookup columns, which take long.
        let airs = MeteredAirs::new(complex, program_slots, ProverMemory::Stacked { log_blowup: 1 });
        let mut costs = Self {
            executors: vec![RowCost::default(); complex.inventory.executors().len()],
            adapters: Vec::new(),
            phantom: RowCost::default(),
            periphery: Vec::new(),
            current: 0,
            total: RowCost::default(),
        };
        for ((slot, shape), name) in airs.slots().iter().zip(airs.shapes()).zip(airs.names()) {
            let row = RowCost::of_row(shape);
            match slot {
                AirSlot::Executor(id) => costs.executors[*id] = row,
                AirSlot::Periphery(_) => costs.periphery.push((name.clone(), row)),
                AirSlot::System(SystemAir::Phantom) => costs.phantom = row,
                AirSlot::System(SystemAir::Adapter(air)) => {
                    let width = air.words().ilog2() as usize;
                    costs.adapters.resize(costs.adapters.len().max(width + 1), Default::default());
                    costs.adapters[width][usize::from(air.is_write())] = row;
                }
                AirSlot::System(_) | AirSlot::PlannedInstructions | AirSlot::Fused(_) => {}
            }
        }
        costs
    }

    fn row(&self, executor: usize) -> RowCost {
        self.executors.get(executor).copied().unwrap_or_default()
    }
}

impl ExecutionMode for Costs {
    const METERED: bool = true;
    const RECORD: bool = false;

    fn timestamp(&self) -> u32 {
        0
    }

    fn access(&mut self, _space: usize, _word: usize, _value: u32, _is_write: bool) -> u32 {
        0
    }

    fn wide_access(&mut self, access: WideAccess<'_>) {
        let width = access.data.len().max(1).ilog2() as usize;
        let row = self.adapters.get(width).map(|rows| rows[usize::from(access.prev_data.is_some())]);
        self.total += row.unwrap_or_default();
    }

    fn tick(&mut self) {}

    fn add_rows(&mut self, executor: usize, rows: usize) {
        self.current = executor;
        self.total += self.row(executor).times(rows);
    }

    fn add_more_rows(&mut self, rows: usize) {
        self.total += self.row(self.current).times(rows);
    }

    fn add_phantom(&mut self) {
        self.total += self.phantom;
    }

    fn add_periphery_rows(&mut self, air: &'static str, rows: usize) {
        let row = self.periphery.iter().find(|(name, _)| name == air).map(|(_, row)| *row);
        self.total += row.unwrap_or_default().times(rows);
    }
}

impl<VC: VmConfig> VmExecutor<VC> {
    /// Runs a program and calls a function after each instruction, also after the last one, TERMINATE. The run has the
    /// results of [`Self::execute`] and takes about ten times as long.
    ///
    /// # Errors
    /// As [`Self::execute`]. The function has been called for the instructions before the one that fails.
    pub fn execute_steps(
        &self,
        exe: &VmExe,
        streams: impl Into<Streams>,
        mut on_step: impl FnMut(Step<'_>),
    ) -> Result<ExecutionReport, VmExecutionError> {
        let mut complex = VmChipComplex::new(&self.config)?;
        let program = complex.load_program(&exe.program);
        let start = self.initial_state(exe, streams)?;
        let mode = Costs::new(&complex, program.num_slots());
        let mut vm = VmState::new(MemoryController::new(start.memory, mode), start.streams, start.rng);
        let limits = RunLimits { max_instructions: 1, clk_max_bits: self.clk_max_bits() };
        let (mut state, mut instructions) = (ExecutionState::new(start.pc, 0), 0);
        let mut exit = ExitStatus::Suspended;
        while exit == ExitStatus::Suspended && instructions < self.max_instructions {
            let (pc, before) = (state.pc, vm.memory.mode.total);
            let step = run_chips(&mut complex, &program, &mut vm, pc, limits, Observer::default(), &self.control)?;
            instructions += step.instructions;
            (state, exit) = (step.state, step.exit);
            // The instruction exists, because it was executed.
            if let Some((slot, instruction)) = program.slot_index(pc).zip(program.instruction(pc)) {
                let cost = vm.memory.mode.total - before;
                on_step(Step { pc, slot, instruction, next_pc: state.pc, cost, memory: vm.memory.memory() });
            }
        }
        let outcome = RunOutcome { state, instructions, exit };
        self.check_terminated(&outcome, 0, vm.memory.memory(), &vm.streams)?;
        Ok(report(&outcome, &vm, ExecutionProfile::default()))
    }
}
