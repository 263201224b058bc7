//! The choice of paths from the profile of a run.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::arch::{JumpProfile, LoadedProgram};
use crate::instructions::Instruction;

use super::plan::{FusedPath, Fuser, FusionPlan, MAX_INSTRUCTIONS, MAX_PATHS};

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
/// A path goes on where at least this share of the executions of its first instruction goes on, in percent.
const LEAST_PERCENT: u64 = 70;
/// Greatest number of instructions of a path that is not a repeated loop.
const LONGEST: usize = 256;

/// A plan for a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChosenPlan {
    /// The plan.
    pub plan: FusionPlan,
    /// Number of instructions of the run.
    pub instructions: u64,
}

/// A path with the cost of its circuit.
struct Candidate {
    steps: Vec<(u32, Instruction)>,
    columns: usize,
    /// Cells that the run saves.
    gain: u64,
}

impl ChosenPlan {
    /// Chooses the paths that save most of a run within a budget.
    ///
    /// A path begins at an instruction that no hotter path contains, and follows the most frequent jumps. A path that leads
    /// back to its start is a loop; it is repeated, if the run mostly stays in it for several iterations. Paths that save most
    /// per column are taken first.
    pub fn choose(program: &LoadedProgram, run: &JumpProfile, fuser: &mut Fuser<'_>, budget: FusionBudget) -> Self {
        let counts = program.slots().zip(&run.counts).map(|((pc, _), count)| (pc, *count));
        let mut starts: Vec<(u32, u64)> = counts.filter(|(_, count)| *count > 0).collect();
        starts.sort_by_key(|&(pc, count)| (Reverse(count), pc));
        let chooser = Chooser { program, run, budget };
        let entered = chooser.entered(&starts);
        // Of instructions that are executed equally often, a path starts at one that others jump to.
        starts.sort_by_key(|&(pc, count)| (Reverse(count), !entered.contains(&pc), pc));
        let mut visited = BTreeSet::new();
        let mut candidates = Vec::new();
        for &(start, count) in &starts {
            if !visited.contains(&start) {
                candidates.extend(chooser.candidates(start, count, &mut visited, fuser));
            }
        }
        candidates.sort_by_key(|candidate| Reverse(candidate.gain / candidate.columns as u64));
        let instructions = run.counts.iter().sum();
        let (mut columns, mut steps, mut gain) = (0, 0, 0);
        let mut chosen = Self { instructions, ..Self::default() };
        for candidate in candidates {
            let fits = columns + candidate.columns <= budget.columns
                && steps + candidate.steps.len() <= MAX_INSTRUCTIONS
                && chosen.plan.paths.len() < MAX_PATHS;
            if fits {
                columns += candidate.columns;
                steps += candidate.steps.len();
                gain += candidate.gain;
                chosen.plan.paths.push(FusedPath { steps: candidate.steps });
            }
        }
        if gain < budget.least_gain { Self { instructions, ..Self::default() } } else { chosen }
    }
}

struct Chooser<'a> {
    program: &'a LoadedProgram,
    run: &'a JumpProfile,
    budget: FusionBudget,
}

impl Chooser<'_> {
    /// Returns the instructions to which the run mostly jumps from somewhere.
    fn entered(&self, executed: &[(u32, u64)]) -> BTreeSet<u32> {
        let successor =
            |(pc, _): &(u32, u64)| self.run.successor(self.program, *pc).filter(|(next, _)| *next != pc + 4);
        executed.iter().filter_map(successor).map(|(next, _)| next).collect()
    }

    /// Returns the paths from a start that save something: the path itself, and repetitions if it is a loop.
    fn candidates(&self, start: u32, count: u64, visited: &mut BTreeSet<u32>, fuser: &mut Fuser<'_>) -> Vec<Candidate> {
        let mut steps: Vec<(u32, Instruction)> = Vec::new();
        let (mut pc, mut on_path) = (start, count);
        let mut is_loop = false;
        while let Some(&instruction) = self.program.instruction(pc) {
            if fuser.template(pc, &instruction).is_err() {
                break;
            }
            visited.insert(pc);
            steps.push((pc, instruction));
            let Some((next, taken)) = self.run.successor(self.program, pc) else { break };
            on_path = on_path.min(taken);
            if on_path * 100 < count * LEAST_PERCENT {
                break;
            }
            is_loop = next == start;
            if is_loop || visited.contains(&next) || steps.len() == LONGEST {
                break;
            }
            pc = next;
        }
        let on_path = on_path.max(count * LEAST_PERCENT / 100);
        let Some(once) = self.cost(&steps, on_path, fuser) else { return Vec::new() };
        let mut candidates = vec![once];
        // How often the loop is entered, and how many iterations an execution has.
        let entries = if is_loop { count.saturating_sub(on_path).max(1) } else { count };
        let iterations = count / entries.max(1);
        let mut repeats = 2;
        while is_loop && steps.len() * repeats <= self.budget.unrolled && iterations >= 2 * repeats as u64 {
            let repeated: Vec<_> = steps.iter().copied().cycle().take(steps.len() * repeats).collect();
            let executions = (count - entries) / repeats as u64;
            let Some(candidate) = self.cost(&repeated, executions, fuser) else { break };
            if let Some(best) = candidates.last()
                && candidate.gain > best.gain
            {
                candidates.truncate(1);
                candidates.push(candidate);
            }
            repeats *= 2;
        }
        candidates
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
        (gain > 0).then(|| Candidate { steps: steps.to_vec(), columns, gain })
    }
}
