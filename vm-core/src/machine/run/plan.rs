//! Plans of runs: where segments begin and end. A metered run makes the plan before any trace exists.

use std::collections::BTreeSet;
use std::sync::Arc;

use p3_field::PrimeField64;

use super::executor::{ComplexOf, VmExecutionError, VmExecutor, run_chips};
use super::memory::{GuestUsage, MemoryModel};
use super::metering::{AirRows, MeteredAirs};
use super::report::{ExecutionReport, profile_of, report};
use super::state::RunState;
use crate::arch::{
    ExecutionError, ExitStatus, GenerationError, LoadedProgram, MemoryController, Metered, Observer, PathFollower,
    PathTable, RunLimits, RunOutcome, SegmentationStrategy, SplitRule, Streams, VmConfig, VmState, WrittenNodes,
};
use crate::instructions::VmExe;
use crate::machine::MAX_SEGMENTS;
use crate::stark::{AirDescriptor, F, ProverMemory};

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
    /// Rows of padding that another instance must save ([`SplitRule::rows_per_instance`]).
    pub rows_per_instance: usize,
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
    /// Estimated peak memory, in bytes, of proving the segments one at a time.
    pub memory: usize,
    /// Report of the whole run.
    pub report: ExecutionReport,
}

impl RunPlan {
    /// Returns the number of committed cells of each AIR in [`Self::airs`], for one segment.
    pub fn cells(&self, segment: &SegmentPlan) -> Vec<usize> {
        segment.rows.iter().zip(&self.airs).map(|(rows, (_, columns))| rows * columns).collect()
    }
}

/// Limits on the traces of one AIR.
#[derive(Clone, Debug)]
pub struct AirLimits {
    /// Name of the AIR.
    pub name: String,
    /// log2 of the greatest height of an instance.
    pub max_log_height: usize,
    /// Greatest number of instances.
    pub max_instances: usize,
    /// Number of messages of a row, or what else a row weighs.
    pub weight: u64,
}

impl AirLimits {
    /// Returns the limits that a key sets.
    pub fn of(air: &AirDescriptor) -> Self {
        let AirDescriptor { name, max_log_height, max_instances, weight, .. } = air;
        Self { name: name.clone(), max_log_height: *max_log_height, max_instances: *max_instances, weight: *weight }
    }

    /// Returns how rows are spread over at most `max_instances` instances.
    fn rule(&self, max_instances: usize, rows_per_instance: usize) -> SplitRule {
        let max_instances = self.max_instances.min(max_instances);
        SplitRule { max_log_height: self.max_log_height, max_instances, rows_per_instance }
    }
}

/// Limits on the traces of one proof, and what its prover needs.
#[derive(Clone, Debug)]
pub struct RowLimits {
    /// Limits of each AIR. AIRs that are not listed have no limit.
    pub per_air: Vec<AirLimits>,
    /// Largest number of instances of all AIRs together.
    pub total_instances: usize,
    /// Largest number of columns of all instances together.
    pub total_columns: usize,
    /// What the prover holds in memory.
    pub prover_memory: ProverMemory,
}

impl Default for RowLimits {
    /// No limits, and the prover of the univariate engines.
    fn default() -> Self {
        Self {
            per_air: Vec::new(),
            total_instances: usize::MAX,
            total_columns: usize::MAX,
            prover_memory: ProverMemory::default(),
        }
    }
}

impl RowLimits {
    /// Returns the limits of each AIR whose rows depend on the run.
    fn of_airs(&self, airs: &MeteredAirs) -> Vec<Option<AirLimits>> {
        let of = |air: &String| self.per_air.iter().find(|limits| limits.name == *air).cloned();
        airs.names().iter().map(of).collect()
    }

    /// Returns the largest number of instances per AIR that keeps the totals within the limits. More instances mean less
    /// padding.
    ///
    /// `of_airs` has the limits of the AIRs, from [`Self::of_airs`].
    fn instances(
        &self,
        airs: &MeteredAirs,
        of_airs: &[Option<AirLimits>],
        heights: &[AirRows],
    ) -> Result<usize, GenerationError> {
        // Fixed tables and the connector have one instance each.
        let fixed = self.per_air.len().saturating_sub(airs.names().len());
        let fixed_columns: usize = airs.fixed().iter().map(|(shape, _)| shape.main).sum();
        let rows_per_instance = self.prover_memory.rows_per_instance();
        // Numbers of instances and of columns; `None` if the rows do not fit.
        let total = |max: usize| {
            let limited = of_airs.iter().zip(airs.shapes()).zip(heights).enumerate();
            let mut counted = limited.filter_map(|(index, ((limits, shape), &AirRows { rows, longest }))| {
                let rule = limits.as_ref()?.rule(max, rows_per_instance);
                // The rows of some AIRs are upper bounds. Fewer rows may be split into more instances (a power of two
                // needs only one), so these AIRs count with the largest number.
                let needed = rule.size_of_groups(rows, longest).map(|size| {
                    let needed = if airs.is_exact(index) || rows == 0 { size.instances } else { rule.max_instances };
                    (needed, needed * shape.main)
                });
                Some(needed)
            });
            counted.try_fold((fixed, fixed_columns), |(instances, columns), needed: Option<(usize, usize)>| {
                needed.map(|(more, more_columns)| (instances + more, columns + more_columns))
            })
        };
        let most = self.per_air.iter().map(|limits| limits.max_instances).max().unwrap_or(usize::MAX);
        let is_allowed = |(instances, columns)| instances <= self.total_instances && columns <= self.total_columns;
        let fitting = (1..=most).rev().find(|max| total(*max).is_some_and(is_allowed));
        fitting.ok_or_else(|| {
            let (instances, columns) = (1..=most).find_map(total).unwrap_or_default();
            if instances > self.total_instances {
                GenerationError::TooManyInstances { instances, limit: self.total_instances }
            } else {
                GenerationError::TooManyColumns { columns, limit: self.total_columns }
            }
        })
    }
}

/// Returns an error if the rows of a segment and `fixed` other messages reach the field's characteristic.
fn check_messages(
    fixed: u64,
    of_airs: &[Option<AirLimits>],
    heights: &[AirRows],
    max_instances: usize,
    rows_per_instance: usize,
) -> Result<(), GenerationError> {
    let sizes = of_airs.iter().zip(heights).filter_map(|(limits, &AirRows { rows, longest })| {
        let limits = limits.as_ref()?;
        let size = limits.rule(max_instances, rows_per_instance).size_of_groups(rows, longest)?;
        Some(limits.weight.saturating_mul(size.total as u64))
    });
    let (messages, limit) = (sizes.fold(fixed, u64::saturating_add), F::ORDER_U64);
    if messages < limit { Ok(()) } else { Err(GenerationError::TooManyMessages { messages, limit }) }
}

/// Returns an error if an AIR has more rows than its instances can hold.
fn check_rows(of_airs: &[Option<AirLimits>], heights: &[AirRows]) -> Result<(), GenerationError> {
    for (limits, &AirRows { rows, longest }) in of_airs.iter().zip(heights) {
        let Some(limits) = limits else { continue };
        if limits.rule(usize::MAX, 0).size_of_groups(rows, longest).is_none() {
            let limit = limits.max_instances << limits.max_log_height;
            return Err(GenerationError::TraceHeightsLimitExceeded { air: limits.name.clone(), height: rows, limit });
        }
    }
    Ok(())
}

/// Number of attempts, each with a stricter strategy and shorter intervals, before the planner returns an error.
const MAX_ATTEMPTS: u32 = 48;

/// Makes the plan of a run: executes it in the metered mode and cuts it into segments.
struct Planner<'a, VC: VmConfig> {
    executor: &'a VmExecutor<VC>,
    complex: ComplexOf<VC>,
    program: LoadedProgram,
    paths: Arc<PathTable>,
    airs: MeteredAirs,
    limits: &'a RowLimits,
    /// Limits of each AIR ([`RowLimits::of_airs`]).
    air_limits: Vec<Option<AirLimits>>,
    /// Messages of the AIRs that have the same rows in every segment.
    fixed_messages: u64,
    model: MemoryModel,
    profile: Option<Vec<u64>>,
    /// Nodes of the memory tree that may differ from those of zeroed memory at the start of the next segment.
    written: WrittenNodes,
    /// Whether a segment starts with short intervals, because the previous one exceeded the memory in one interval.
    cautious: bool,
}

/// What earlier attempts to count a segment have found.
#[derive(Clone, Copy, Debug, Default)]
struct Attempt {
    /// Number of attempts that exceeded the limits of the key. Each halves the interval.
    infeasible: u32,
    /// First interval after an attempt that exceeded the memory in one interval. `None` if there was none.
    interval: Option<u64>,
    /// Number of instructions from the start of the segment on after which the limit of memory was not exceeded.
    fitting: u64,
    /// Whether the segment ends after these instructions, because the next one exceeds the memory.
    ends: bool,
}

/// Returns the length of intervals after one of `interval` instructions has exceeded the memory.
fn shorter(interval: u64) -> u64 {
    (interval / 64).max(1)
}

/// A segment may exceed the limit of memory by this fraction of it (a 64th) without being counted again. The rows that
/// an interval adds vary from interval to interval.
const TOLERANCE: usize = 64;

/// A segment is nearly full if less than this fraction of the limit of memory is left (an eighth).
const NEARLY_FULL: usize = 8;

/// Returns the rows after another `next` instructions, if they add as many rows as the last `instructions` instructions.
fn rows_ahead(before: &[AirRows], now: &[AirRows], instructions: u64, next: u64) -> Vec<AirRows> {
    let added = |rows: usize| (rows as u64).saturating_mul(next).div_ceil(instructions.max(1)) as usize;
    let pairs = now.iter().zip(before);
    pairs
        .map(|(now, before)| AirRows { rows: now.rows + added(now.rows.saturating_sub(before.rows)), ..*now })
        .collect()
}

/// Memory for which a segment must have room besides what every segment takes, in bytes: that of some thousand ordinary
/// instructions.
const LEAST_ROOM: usize = 16 << 20;

/// Number of ticks after which an interval of several instructions is counted again with a shorter interval. Ordinary
/// instructions take fewer than 16 ticks.
const LONG_INTERVAL: u32 = 1 << 22;

/// Result of counting a segment.
enum Counted {
    Segment {
        vm: Box<VmState<Metered>>,
        outcome: RunOutcome,
        rows: Vec<usize>,
        max_instances: usize,
        rows_per_instance: usize,
        memory: usize,
    },
    /// The segment exceeds the limits of the key.
    Infeasible(GenerationError),
    /// The instructions of one interval exceed the limit of memory. The next attempt uses shorter intervals.
    Overshoot(Attempt),
}

impl RunPlan {
    pub(super) fn new<VC: VmConfig>(
        executor: &VmExecutor<VC>,
        exe: &VmExe,
        streams: impl Into<Streams>,
        limits: &RowLimits,
    ) -> Result<Self, VmExecutionError> {
        let state = executor.initial_state(exe, streams)?;
        let mut planner = Planner::new(executor, exe, &state, limits)?;
        planner.plan(state)
    }
}

impl<VC: VmConfig> VmExecutor<VC> {
    /// Runs a program in the metered mode and cuts the run into segments that fit `limits`. On machines without
    /// continuations, the plan has one segment.
    ///
    /// # Errors
    /// - [`VmExecutionError::Segmentation`] if no way of cutting the run fits the limits, or the run has more than
    ///   [`MAX_SEGMENTS`] segments, or an instruction or the program itself needs more memory than the strategy allows.
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

    /// Checks that the program table, the initial memory and the input leave room for a segment in the memory that the
    /// segmentation strategy allows. Returns the estimated memory of a short segment, in bytes. [`Self::plan`] makes this
    /// check as well; alone it takes milliseconds, and it needs no key.
    ///
    /// # Errors
    /// - [`VmExecutionError::Segmentation`] if they do not.
    /// - [`VmExecutionError::Inventory`], [`VmExecutionError::Exe`] or [`VmExecutionError::InitMemory`] if the machine
    ///   cannot be built or the executable is unusable.
    pub fn check_memory(&self, exe: &VmExe, streams: impl Into<Streams>) -> Result<usize, VmExecutionError> {
        let state = self.initial_state(exe, streams)?;
        let limits = RowLimits::default();
        let mut planner = Planner::new(self, exe, &state, &limits)?;
        let mode = planner.metered_mode();
        let limit = planner.max_memory(&*self.system().segmentation_strategy);
        Ok(planner.check_room(GuestUsage::of(&state.memory, &mode), &planner.airs.heights(&mode, &[]), limit)?)
    }
}

impl<'a, VC: VmConfig> Planner<'a, VC> {
    fn new(
        executor: &'a VmExecutor<VC>,
        exe: &VmExe,
        state: &RunState,
        limits: &'a RowLimits,
    ) -> Result<Self, VmExecutionError> {
        let system = executor.system();
        let complex = executor.complex()?;
        let program = complex.load_program(&exe.program);
        let paths = Arc::new(executor.path_table(&program));
        let airs = MeteredAirs::new(&complex, program.num_slots(), limits.prover_memory);
        let input_bytes = state.streams.input_stream.iter().map(Vec::len).sum();
        let profile = system.profiling.then(|| vec![0; program.num_slots()]);
        let written = WrittenNodes::of_image(&system.memory_config, &exe.init_memory);
        let air_limits = limits.of_airs(&airs);
        let metered: BTreeSet<&String> = airs.names().iter().collect();
        let fixed = limits.per_air.iter().filter(|limits| !metered.contains(&limits.name));
        let fixed_messages = fixed.map(|limits| limits.weight << limits.max_log_height).sum();
        let mut model = MemoryModel::new(&airs, system, exe, program.num_slots(), input_bytes, limits.prover_memory);
        model.limit_heights(air_limits.iter().map(|limits| limits.as_ref().map(|limits| limits.max_log_height)));
        Ok(Self {
            executor,
            complex,
            program,
            paths,
            airs,
            limits,
            air_limits,
            fixed_messages,
            model,
            profile,
            written,
            cautious: false,
        })
    }

    /// Runs the program from `state` to its end and cuts the run into segments.
    fn plan(&mut self, mut state: RunState) -> Result<RunPlan, VmExecutionError> {
        let continuations = self.executor.system().continuation_enabled;
        let mut strategy = Arc::clone(&self.executor.system().segmentation_strategy);
        let (mut segments, mut memory) = (Vec::new(), 0);
        let mut attempt = Attempt::default();
        loop {
            let (initial_pc, first_instruction) = (state.pc, state.instructions);
            let start = state.snapshot();
            let profile = self.profile.clone();
            match self.count(state, &*strategy, attempt)? {
                Counted::Infeasible(error) if attempt.infeasible == MAX_ATTEMPTS || !continuations => {
                    return Err(error.into());
                }
                Counted::Infeasible(_) => {
                    attempt = Attempt { infeasible: attempt.infeasible + 1, ..Attempt::default() };
                    strategy = strategy.stricter_strategy();
                    self.profile = profile;
                    state = start;
                }
                Counted::Overshoot(next) => {
                    attempt = next;
                    self.profile = profile;
                    state = start;
                }
                Counted::Segment { .. } if segments.len() == MAX_SEGMENTS => {
                    return Err(GenerationError::TooManySegments { max: MAX_SEGMENTS }.into());
                }
                Counted::Segment { vm, outcome, rows, max_instances, rows_per_instance, memory: of_segment } => {
                    // Later segments keep the stricter strategy, but start with full intervals again.
                    self.cautious = attempt.interval.is_some()
                        || (self.cautious && outcome.instructions < strategy.check_interval());
                    attempt = Attempt::default();
                    memory = memory.max(of_segment);
                    let instructions = outcome.instructions;
                    segments.push(SegmentPlan {
                        initial_pc,
                        first_instruction,
                        instructions,
                        max_instances,
                        rows_per_instance,
                        rows,
                    });
                    if let ExitStatus::Terminated(_) = outcome.exit {
                        let total = RunOutcome { instructions: first_instruction + instructions, ..outcome };
                        let counts = self.profile.take();
                        let profile = counts.map(|counts| profile_of(&self.complex, &self.program, &counts));
                        let profile = profile.unwrap_or_default();
                        let names = self.airs.names().iter().cloned();
                        let airs = names.zip(self.airs.columns().iter().copied()).collect();
                        return Ok(RunPlan { airs, segments, memory, report: report(&total, &vm, profile) });
                    }
                    let VmState { memory, streams, rng } = *vm;
                    let (memory, _) = memory.into_parts();
                    let instructions = first_instruction + instructions;
                    state = RunState { pc: outcome.state.pc, instructions, memory, streams, rng };
                }
            }
        }
    }

    fn metered_mode(&mut self) -> Metered {
        let written = std::mem::take(&mut self.written);
        self.executor.metered_mode(self.complex.inventory.executors().len(), written)
    }

    /// Returns the estimated memory of a segment, in bytes, with as many instances as the plan will allow.
    fn estimate(&self, guest: GuestUsage, heights: &[AirRows]) -> usize {
        // Rows that do not fit at all are refused elsewhere.
        let max_instances = self.limits.instances(&self.airs, &self.air_limits, heights).unwrap_or(1);
        self.model.estimate(guest, heights, max_instances)
    }

    /// Returns the memory that a short segment needs, or an error if the limit of memory leaves no room for it.
    fn check_room(
        &self,
        guest: GuestUsage,
        heights: &[AirRows],
        limit: Option<usize>,
    ) -> Result<usize, GenerationError> {
        let needed = self.estimate(guest, heights) + LEAST_ROOM;
        match limit {
            Some(limit) if needed > limit => Err(GenerationError::ProgramTooLarge {
                instructions: self.program.num_slots(),
                guest_memory: guest.bytes(),
                needed,
                limit,
            }),
            _ => Ok(needed),
        }
    }

    /// Returns the limit of the memory for proving a segment. On machines without continuations, runs cannot be cut, so
    /// they have no limit.
    fn max_memory(&self, strategy: &dyn SegmentationStrategy) -> Option<usize> {
        strategy.max_memory().filter(|_| self.executor.system().continuation_enabled)
    }

    /// Runs from `start` until the strategy ends the segment, the next interval would exceed the memory, or the program
    /// terminates.
    ///
    /// After every interval, the counted rows are compared with the limits.
    fn count(
        &mut self,
        start: RunState,
        strategy: &dyn SegmentationStrategy,
        attempt: Attempt,
    ) -> Result<Counted, VmExecutionError> {
        let system = self.executor.system();
        let clock_end = 1u32 << system.memory_config.clk_max_bits;
        let full = if system.continuation_enabled {
            (strategy.check_interval() >> attempt.infeasible.min(63)).max(1)
        } else {
            self.executor.max_instructions()
        };
        let cautious = || if self.cautious { shorter(full) } else { full };
        let mut interval = attempt.interval.unwrap_or_else(cautious);
        let max_memory = self.max_memory(strategy);
        let mode = self.metered_mode();
        let RunState { pc: initial_pc, instructions: before, memory, streams, rng } = start;
        let mut vm = Box::new(VmState::new(MemoryController::new(memory, mode), streams, rng));
        let paths = Arc::clone(&self.paths);
        let mut follower = PathFollower::new(&paths, false);
        let mut heights = self.airs.heights(&vm.memory.mode, follower.counts());
        self.check_room(GuestUsage::of(vm.memory.memory(), &vm.memory.mode), &heights, max_memory)?;
        let (mut pc, mut instructions, mut longest) = (initial_pc, 0, 0);
        loop {
            let left = self.executor.max_instructions().saturating_sub(before + instructions);
            // The first interval repeats what earlier attempts have found to fit.
            let repeats = instructions < attempt.fitting;
            let max_instructions = if repeats { attempt.fitting } else { interval.min(left) };
            let time = vm.memory.timestamp();
            let clk_max_bits = self.executor.clk_max_bits();
            // Bounds the work of an interval of wide instructions, which may count billions of rows.
            let bounded = max_memory.is_some() && !repeats && interval > 1;
            let interval_bits = (time.saturating_add(LONG_INTERVAL).ilog2() + 1) as usize;
            let is_bounded = bounded && interval_bits < clk_max_bits;
            let limits =
                RunLimits { max_instructions, clk_max_bits: if is_bounded { interval_bits } else { clk_max_bits } };
            let observer = Observer {
                profile: self.profile.as_deref_mut(),
                paths: (!paths.is_empty()).then_some(&mut follower),
                ..Observer::default()
            };
            let run =
                run_chips(&mut self.complex, &self.program, &mut vm, pc, limits, observer, &self.executor.control);
            let step = match run {
                Err(error)
                    if system.continuation_enabled && matches!(error.error, ExecutionError::ClockOverflow { .. }) =>
                {
                    self.written = vm.memory.mode.take_written_before();
                    return Ok(if is_bounded {
                        Counted::Overshoot(Attempt {
                            interval: Some(shorter(interval)),
                            fitting: instructions,
                            ..attempt
                        })
                    } else {
                        Counted::Infeasible(GenerationError::Execution(Box::new(error.error)))
                    });
                }
                other => other?,
            };
            instructions += step.instructions;
            pc = step.state.pc;
            let outcome = RunOutcome { instructions, ..step };
            let suspended = step.exit == ExitStatus::Suspended;
            if suspended && !repeats && max_instructions == left {
                self.executor.check_terminated(&outcome, before, vm.memory.memory(), &vm.streams)?;
            }
            let mut ended = follower.clone();
            ended.end(&self.program);
            let last_heights = std::mem::replace(&mut heights, self.airs.heights(&vm.memory.mode, ended.counts()));
            let rows: Vec<usize> = heights.iter().map(|air| air.rows).collect();
            let guest = GuestUsage::of(vm.memory.memory(), &vm.memory.mode);
            let needed = self.estimate(guest, &heights);
            if let Some(limit) = max_memory.filter(|limit| needed > limit.saturating_add(limit / TOLERANCE))
                && !repeats
            {
                let fitting = instructions - step.instructions;
                self.written = vm.memory.mode.take_written_before();
                if step.instructions == 1 && fitting == 0 {
                    let opcode = self.program.instruction(initial_pc).map(|instruction| instruction.opcode);
                    let opcode = opcode.map_or_else(String::new, |opcode| self.complex.opcode_name(opcode));
                    return Err(GenerationError::InstructionTooLarge { pc: initial_pc, opcode, needed, limit }.into());
                }
                let (interval, ends) = (Some(shorter(step.instructions)), step.instructions == 1);
                return Ok(Counted::Overshoot(Attempt { interval, fitting, ends, ..attempt }));
            }
            if let Err(error) = check_rows(&self.air_limits, &heights) {
                self.written = vm.memory.mode.take_written_before();
                return Ok(Counted::Infeasible(error));
            }
            let cut = if repeats {
                attempt.ends
            } else {
                longest = longest.max(vm.memory.timestamp() - time);
                let exceeds = |interval: u64, limit: usize| {
                    let ahead = rows_ahead(&last_heights, &heights, step.instructions, interval);
                    self.estimate(guest, &ahead) > limit
                };
                let exceeds_memory = max_memory.is_some_and(|limit| {
                    if needed < limit - limit / NEARLY_FULL {
                        // The longest interval that does not exceed the limit, but at most twice the last one.
                        interval = interval.saturating_mul(2).min(full);
                        while interval > 1 && exceeds(interval, limit) {
                            interval /= 2;
                        }
                    }
                    exceeds(interval, limit)
                });
                // The segment ends if the clock would overflow in an interval as long as the longest one so far.
                vm.memory.timestamp().saturating_add(longest) >= clock_end
                    || strategy.should_segment(self.airs.names(), &rows, &self.airs.cells(&rows))
                    || exceeds_memory
            };
            if suspended && !cut {
                continue;
            }
            let spread = self.limits.instances(&self.airs, &self.air_limits, &heights).and_then(|max_instances| {
                let rows_per_instance = self.model.rows_per_instance(&heights, max_instances);
                check_messages(self.fixed_messages, &self.air_limits, &heights, max_instances, rows_per_instance)?;
                Ok((max_instances, rows_per_instance))
            });
            return Ok(match spread {
                Ok((max_instances, rows_per_instance)) => {
                    self.written = vm.memory.mode.take_written();
                    Counted::Segment { vm, outcome, rows, max_instances, rows_per_instance, memory: needed }
                }
                Err(error) => {
                    self.written = vm.memory.mode.take_written_before();
                    Counted::Infeasible(error)
                }
            });
        }
    }
}
