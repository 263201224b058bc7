//! The choice of paths from the execution counts of a run.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::arch::LoadedProgram;
use crate::instructions::{Instruction, PC_STEP};

use super::plan::{FusedPath, Fuser, FusionPlan, MAX_INSTRUCTIONS, MAX_PATH_LENGTH, MAX_PATHS};

/// What a plan may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FusionBudget {
    /// Greatest number of columns of all circuits together. Each column makes proofs longer.
    pub columns: usize,
    /// Greatest number of instructions of a path that repeats a loop.
    pub unrolled: usize,
    /// Number of cells that the whole plan saves at least. Otherwise nothing is fused.
    pub least_gain: u64,
}

impl FusionBudget {
    /// For proofs that are verified often.
    pub const SMALL: Self = Self { columns: 1000, unrolled: 24, least_gain: 0 };
    /// For most runs.
    pub const DEFAULT: Self = Self { columns: 4000, unrolled: 40, least_gain: 0 };
    /// For long runs.
    pub const WIDE: Self = Self { columns: 16_000, unrolled: 80, least_gain: 0 };
}

/// Cost of a message, in cells.
const MESSAGE: u64 = 2;
/// Cost of a column of another circuit, in cells: it is opened, and its height is rounded up.
const COLUMN: u64 = 1024;
/// A path goes on at an instruction that is executed at least this often, in percent of its first one.
const LEAST_PERCENT: u64 = 80;

/// A plan for a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChosenPlan {
    /// The plan.
    pub plan: FusionPlan,
    /// About how often each path is executed.
    pub executions: Vec<u64>,
    /// Number of instructions of the run.
    pub instructions: u64,
}

/// A path with its circuit's cost.
struct Candidate {
    steps: Vec<(u32, Instruction)>,
    executions: u64,
    columns: usize,
    /// Cells that the run saves.
    gain: u64,
}

impl ChosenPlan {
    /// Chooses the paths that save most of a run within a budget. `counts` are the numbers of executions by program counter,
    /// in ascending order (see [`ExecutionProfile::pcs`](crate::machine::ExecutionProfile::pcs)).
    ///
    /// Paths are sequences of instructions that are executed about equally often, across branches that mostly fall through.
    /// Paths that end where they begin are repeated. Those that save most per column are taken first.
    pub fn choose(program: &LoadedProgram, counts: &[(u32, u64)], fuser: &mut Fuser<'_>, budget: FusionBudget) -> Self {
        let run = counts.iter().map(|(_, count)| count).sum();
        let counts: BTreeMap<u32, u64> = counts.iter().copied().collect();
        let chooser = Chooser { program, counts: &counts, budget };
        let mut starts: Vec<(u32, u64)> = counts.iter().map(|(pc, count)| (*pc, *count)).collect();
        // A path begins where more runs arrive than from the instruction before.
        let before = |pc: u32| counts.get(&pc.wrapping_sub(PC_STEP)).copied().unwrap_or(0);
        starts.sort_by_key(|&(pc, count)| (Reverse(count), before(pc) == count, pc));
        let mut visited = BTreeSet::new();
        let mut candidates = Vec::new();
        for (start, count) in starts {
            if !visited.contains(&start) {
                candidates.extend(chooser.candidate(start, count, &mut visited, fuser));
            }
        }
        candidates.sort_by_key(|candidate| Reverse(candidate.gain / candidate.columns as u64));
        let (mut columns, mut instructions, mut gain) = (0, 0, 0);
        let mut chosen = Self { instructions: run, ..Self::default() };
        for candidate in candidates {
            let fits = columns + candidate.columns <= budget.columns
                && instructions + candidate.steps.len() <= MAX_INSTRUCTIONS
                && chosen.plan.paths.len() < MAX_PATHS;
            if fits {
                columns += candidate.columns;
                instructions += candidate.steps.len();
                gain += candidate.gain;
                chosen.plan.paths.push(FusedPath { steps: candidate.steps });
                chosen.executions.push(candidate.executions);
            }
        }
        if gain < budget.least_gain { Self { instructions: run, ..Self::default() } } else { chosen }
    }
}

struct Chooser<'a> {
    program: &'a LoadedProgram,
    counts: &'a BTreeMap<u32, u64>,
    budget: FusionBudget,
}

impl Chooser<'_> {
    /// Returns the best path from a start, if it saves anything.
    fn candidate(
        &self,
        start: u32,
        count: u64,
        visited: &mut BTreeSet<u32>,
        fuser: &mut Fuser<'_>,
    ) -> Option<Candidate> {
        let mut steps: Vec<(u32, Instruction)> = Vec::new();
        let mut pc = start;
        loop {
            let Some(&instruction) = self.program.instruction(pc) else { break };
            let Ok(next) = fuser.successor(pc, &instruction) else { break };
            visited.insert(pc);
            steps.push((pc, instruction));
            let next = next.unwrap_or_else(|| pc.wrapping_add(PC_STEP));
            let of_next = self.counts.get(&next).copied().unwrap_or(0);
            let is_as_hot = of_next * 100 >= count * LEAST_PERCENT && of_next * LEAST_PERCENT <= count * 100;
            if visited.contains(&next) || !is_as_hot || steps.len() == MAX_PATH_LENGTH {
                break;
            }
            pc = next;
        }
        let entered = self.counts.get(&start.wrapping_sub(PC_STEP)).copied().unwrap_or(0);
        let mut best = self.cost(&steps, count, fuser);
        // The last instruction may be a branch back to the start. If it is not, repetitions are impossible.
        let iterations = count / entered.max(1);
        let mut repeats = 2;
        while best.is_some() && steps.len() * repeats <= self.budget.unrolled && iterations >= 8 * repeats as u64 {
            let repeated: Vec<_> = steps.iter().copied().cycle().take(steps.len() * repeats).collect();
            let Some(candidate) = self.cost(&repeated, count / repeats as u64, fuser) else { break };
            if best.as_ref().is_some_and(|best| candidate.gain > best.gain) {
                best = Some(candidate);
            }
            repeats *= 2;
        }
        best
    }

    /// Returns a path with what it saves if it is executed `count` times. Returns `None` if it saves nothing or is impossible.
    fn cost(&self, steps: &[(u32, Instruction)], count: u64, fuser: &mut Fuser<'_>) -> Option<Candidate> {
        if steps.len() < 2 {
            return None;
        }
        let (circuit, _) = fuser.fuse(steps).ok()?;
        let cost = |columns: usize, messages: usize| columns as u64 + MESSAGE * messages as u64;
        let mut before = 0;
        for (pc, instruction) in steps {
            let (_, template) = fuser.template(*pc, instruction).ok()?;
            before += cost(template.columns.len(), template.messages.len());
        }
        let columns = circuit.num_columns();
        let saved = before.checked_sub(cost(columns, circuit.num_messages()))?;
        let gain = (count * saved).checked_sub(COLUMN * columns as u64)?;
        (gain > 0).then(|| Candidate { steps: steps.to_vec(), executions: count, columns, gain })
    }
}
