//! Plans of runs: where segments begin and end. A metered run makes the plan before any trace exists.

use std::sync::Arc;

use super::executor::{ComplexOf, VmExecutionError, VmExecutor, run_chips};
use super::metering::MeteredAirs;
use super::report::{ExecutionReport, opcode_counts, report};
use super::state::RunState;
use crate::arch::{
    ExecutionError, ExitStatus, GenerationError, LoadedProgram, MemoryController, Metered, RunLimits, RunOutcome,
    SegmentationStrategy, Streams, VmConfig, VmState, WrittenNodes, split_heights,
};
use crate::instructions::VmExe;
use crate::machine::MAX_SEGMENTS;
use crate::machine::complex::VmChipComplex;

/// One segment of a planned run.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SegmentPlan {
    /// Program counter of the first instruction.
    pub initial_pc: u32,
    /// Number of instructions executed before the segment.
    pub first_instruction: u64,
    /// Number of instructions in the segment; at least one.
    pub instructions: u64,
    /// Largest number of instances per AIR with which the segment's proof stays within [`RowLimits::total_instances`].
    pub max_instances: usize,
    /// Rows of each AIR in [`RunPlan::airs`], without padding. Exact for most AIRs. For tables with one row per
    /// distinct query, such as Poseidon2, an upper bound.
    pub rows: Vec<usize>,
}

/// The segments of a run, with a report of the whole run.
#[derive(Clone, Debug)]
pub struct RunPlan {
    /// Name and number of committed columns of each AIR whose rows depend on the run, in key order.
    pub airs: Vec<(String, usize)>,
    /// Segments in the order of the run; at least one. The program terminates in the last one.
    pub segments: Vec<SegmentPlan>,
    /// Report of the whole run.
    pub report: ExecutionReport,
}

impl RunPlan {
    /// Returns the number of committed cells of each AIR in [`Self::airs`], for one segment.
    pub fn cells(&self, segment: &SegmentPlan) -> Vec<usize> {
        segment.rows.iter().zip(&self.airs).map(|(rows, (_, columns))| rows * columns).collect()
    }
}

/// Limits on the traces of one proof.
#[derive(Clone, Debug)]
pub struct RowLimits {
    /// Name, largest log2 height and largest number of instances of each AIR. AIRs that are not listed have no limit.
    pub per_air: Vec<(String, usize, usize)>,
    /// Largest number of instances of all AIRs together.
    pub total_instances: usize,
}

impl Default for RowLimits {
    /// No limits.
    fn default() -> Self {
        Self { per_air: Vec::new(), total_instances: usize::MAX }
    }
}

impl RowLimits {
    fn of(&self, air: &str) -> Option<(usize, usize)> {
        self.per_air.iter().find(|(name, ..)| name == air).map(|(_, log_height, instances)| (*log_height, *instances))
    }

    /// Returns an error if an AIR has more rows than its instances can hold.
    fn check_rows(&self, airs: &MeteredAirs, heights: &[usize]) -> Result<(), GenerationError> {
        for (air, &height) in airs.names().iter().zip(heights) {
            let limit = self.of(air).map_or(usize::MAX, |(log_height, instances)| instances << log_height);
            if height > limit {
                return Err(GenerationError::TraceHeightsLimitExceeded { air: air.clone(), height, limit });
            }
        }
        Ok(())
    }

    /// Returns the largest number of instances per AIR that keeps the total within the limit. More instances mean less
    /// padding.
    fn instances(&self, airs: &MeteredAirs, heights: &[usize]) -> Result<usize, GenerationError> {
        // Fixed tables and the connector have one instance each.
        let fixed = self.per_air.len().saturating_sub(airs.names().len());
        let total = |max: usize| {
            let counted = airs.names().iter().zip(heights).enumerate().filter_map(|(index, (air, &rows))| {
                let (log_height, instances) = self.of(air)?;
                let instances = instances.min(max);
                let fits = rows <= instances << log_height;
                // The rows of some AIRs are upper bounds. Fewer rows may be split into more instances (a power of two
                // needs only one), so these AIRs count with the largest number.
                let needed = if airs.is_exact(index) || rows == 0 {
                    split_heights(rows, log_height, instances).len()
                } else {
                    instances
                };
                Some(fits.then_some(needed))
            });
            counted.sum::<Option<usize>>().map(|needed| needed + fixed)
        };
        let most = self.per_air.iter().map(|(.., instances)| *instances).max().unwrap_or(usize::MAX);
        let fitting = (1..=most).rev().find(|max| total(*max).is_some_and(|total| total <= self.total_instances));
        fitting.ok_or_else(|| GenerationError::TooManyInstances {
            instances: (1..=most).find_map(total).unwrap_or(0),
            limit: self.total_instances,
        })
    }
}

/// Number of attempts, each with a stricter strategy and shorter intervals, before the planner returns an error.
const MAX_ATTEMPTS: u32 = 48;

/// Makes the plan of a run: executes it in the metered mode and cuts it into segments.
struct Planner<'a, VC: VmConfig> {
    executor: &'a VmExecutor<VC>,
    complex: ComplexOf<VC>,
    program: LoadedProgram,
    airs: MeteredAirs,
    limits: &'a RowLimits,
    profile: Option<Vec<u64>>,
    /// Nodes of the memory tree that may differ from those of zeroed memory at the start of the next segment.
    written: WrittenNodes,
}

/// Result of counting a segment.
enum Counted {
    Segment { vm: Box<VmState<Metered>>, outcome: RunOutcome, rows: Vec<usize>, max_instances: usize },
    Infeasible(GenerationError),
}

impl RunPlan {
    pub(super) fn new<VC: VmConfig>(
        executor: &VmExecutor<VC>,
        exe: &VmExe,
        streams: impl Into<Streams>,
        limits: &RowLimits,
    ) -> Result<Self, VmExecutionError> {
        let complex = VmChipComplex::new(executor.config())?;
        let mut state = executor.initial_state(exe, streams)?;
        let program = complex.load_program(&exe.program);
        let airs = MeteredAirs::new(&complex);
        let profile = executor.system().profiling.then(|| vec![0; program.num_slots()]);
        let written = WrittenNodes::of_image(&executor.system().memory_config, &exe.init_memory);
        let mut planner = Planner { executor, complex, program, airs, limits, profile, written };
        let mut strategy = Arc::clone(&executor.system().segmentation_strategy);
        let mut segments = Vec::new();
        let mut attempt = 0;
        loop {
            let (initial_pc, first_instruction) = (state.pc, state.instructions);
            let start = state.snapshot();
            let profile = planner.profile.clone();
            match planner.count(state, &*strategy, attempt)? {
                Counted::Infeasible(error) if attempt == MAX_ATTEMPTS || !executor.system().continuation_enabled => {
                    return Err(error.into());
                }
                Counted::Infeasible(_) => {
                    attempt += 1;
                    strategy = strategy.stricter_strategy();
                    planner.profile = profile;
                    state = start;
                }
                Counted::Segment { .. } if segments.len() == MAX_SEGMENTS => {
                    return Err(GenerationError::TooManySegments { max: MAX_SEGMENTS }.into());
                }
                Counted::Segment { vm, outcome, rows, max_instances } => {
                    // Later segments keep the stricter strategy, but start with full intervals again.
                    attempt = 0;
                    let instructions = outcome.instructions;
                    segments.push(SegmentPlan { initial_pc, first_instruction, instructions, max_instances, rows });
                    if let ExitStatus::Terminated(_) = outcome.exit {
                        let total = RunOutcome { instructions: first_instruction + instructions, ..outcome };
                        let counts = planner.profile.take();
                        let opcodes = counts
                            .map_or_else(Vec::new, |counts| opcode_counts(&planner.complex, &planner.program, &counts));
                        let names = planner.airs.names().iter().cloned();
                        let airs = names.zip(planner.airs.columns().iter().copied()).collect();
                        return Ok(Self { airs, segments, report: report(&total, &vm, opcodes) });
                    }
                    let VmState { memory, streams, rng } = *vm;
                    let (memory, _) = memory.into_parts();
                    let instructions = first_instruction + instructions;
                    state = RunState { pc: outcome.state.pc, instructions, memory, streams, rng };
                }
            }
        }
    }
}

impl<VC: VmConfig> VmExecutor<VC> {
    /// Runs a program in the metered mode and cuts the run into segments that fit `limits`. On machines without
    /// continuations, the plan has one segment.
    ///
    /// # Errors
    /// - [`VmExecutionError::Segmentation`] if no way of cutting the run fits the limits, or the run has more than
    ///   [`MAX_SEGMENTS`] segments.
    /// - [`VmExecutionError::Execution`] if an instruction fails, or the run exceeds the limit of instructions.
    /// - [`VmExecutionError::Inventory`], [`VmExecutionError::Exe`] or [`VmExecutionError::InitMemory`] if the machine
    ///   cannot be built or the executable is unusable.
    pub fn plan(
        &self,
        exe: &VmExe,
        streams: impl Into<Streams>,
        limits: &RowLimits,
    ) -> Result<RunPlan, VmExecutionError> {
        RunPlan::new(self, exe, streams, limits)
    }
}

impl<VC: VmConfig> Planner<'_, VC> {
    /// Runs from `start` until the strategy ends the segment or the program terminates.
    ///
    /// After every interval, the counted rows are compared with the limits. Each attempt halves the interval.
    fn count(
        &mut self,
        start: RunState,
        strategy: &dyn SegmentationStrategy,
        attempt: u32,
    ) -> Result<Counted, VmExecutionError> {
        let system = self.executor.system();
        let clock_end = 1u32 << system.memory_config.clk_max_bits;
        let interval = if system.continuation_enabled {
            (strategy.check_interval() >> attempt.min(63)).max(1)
        } else {
            self.executor.max_instructions()
        };
        let written = std::mem::take(&mut self.written);
        let mode = self.executor.metered_mode(self.complex.inventory.executors().len(), written);
        let RunState { mut pc, instructions: before, memory, streams, rng } = start;
        let mut vm = Box::new(VmState::new(MemoryController::new(memory, mode), streams, rng));
        let (mut instructions, mut longest) = (0, 0);
        loop {
            let left = self.executor.max_instructions().saturating_sub(before + instructions);
            let limits = RunLimits { max_instructions: interval.min(left), clk_max_bits: self.executor.clk_max_bits() };
            let time = vm.memory.timestamp();
            let run = run_chips(&mut self.complex, &self.program, &mut vm, pc, limits, self.profile.as_deref_mut());
            let step = match run {
                Err(error)
                    if system.continuation_enabled && matches!(error.error, ExecutionError::ClockOverflow { .. }) =>
                {
                    self.written = vm.memory.mode.take_written_before();
                    return Ok(Counted::Infeasible(GenerationError::Execution(Box::new(error.error))));
                }
                other => other?,
            };
            instructions += step.instructions;
            pc = step.state.pc;
            let outcome = RunOutcome { instructions, ..step };
            let suspended = step.exit == ExitStatus::Suspended;
            if suspended && limits.max_instructions == left {
                self.executor.check_terminated(&outcome, before, vm.memory.memory(), &vm.streams)?;
            }
            let heights = self.airs.heights(&vm.memory.mode);
            if let Err(error) = self.limits.check_rows(&self.airs, &heights) {
                self.written = vm.memory.mode.take_written_before();
                return Ok(Counted::Infeasible(error));
            }
            longest = longest.max(vm.memory.timestamp() - time);
            // The segment ends if the clock would overflow in an interval as long as the longest one so far.
            let cut = || {
                vm.memory.timestamp().saturating_add(longest) >= clock_end
                    || strategy.should_segment(self.airs.names(), &heights, &self.airs.cells(&heights))
            };
            if suspended && !cut() {
                continue;
            }
            return Ok(match self.limits.instances(&self.airs, &heights) {
                Ok(max_instances) => {
                    self.written = vm.memory.mode.take_written();
                    Counted::Segment { vm, outcome, rows: heights, max_instances }
                }
                Err(error) => {
                    self.written = vm.memory.mode.take_written_before();
                    Counted::Infeasible(error)
                }
            });
        }
    }
}
