//! The choice of paths from the profile of a run.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::arch::{JumpProfile, LoadedProgram};
use crate::instructions::{Instruction, PC_STEP};

use super::plan::{FusedPath, Fuser, FusionPlan, MAX_INSTRUCTIONS, MAX_PATH_LENGTH, MAX_PATHS, MAX_TOTAL_COLUMNS};

/// What a plan may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FusionBudget {
    /// Greatest number of columns of all circuits together. Each column makes proofs longer.
    pub columns: usize,
    /// Long runs may have more columns, since they need several proofs, and columns make these fewer: one for each of this
    /// number of cells that remain with the plan. At most as many as [`Self::WIDE`] has.
    pub cells_per_column: u64,
    /// Greatest number of instructions of a path that repeats a loop.
    pub unrolled: usize,
    /// Number of cells that the whole plan saves at least. Otherwise nothing is fused.
    pub least_gain: u64,
}

impl FusionBudget {
    /// For proofs that are verified often.
    pub const SMALL: Self = Self { columns: 1000, cells_per_column: u64::MAX, unrolled: 24, least_gain: 0 };
    /// For most runs. A proof has room for about 2^27 cells.
    pub const DEFAULT: Self = Self { columns: 4000, cells_per_column: 1 << 14, unrolled: 40, least_gain: 0 };
    /// For long runs.
    pub const WIDE: Self = Self { columns: 16_000, cells_per_column: u64::MAX, unrolled: 80, least_gain: 0 };

    /// Returns the greatest number of columns if this number of cells remains.
    fn columns(&self, cells: u64) -> usize {
        let of_long_run = cells.checked_div(self.cells_per_column).map_or(usize::MAX, |columns| columns as usize);
        self.columns.max(of_long_run.min(Self::WIDE.columns)).min(MAX_TOTAL_COLUMNS)
    }
}

/// Cost of a message, in cells.
pub(in crate::machine) const MESSAGE: u64 = 2;
/// Cost of a column of another circuit, in cells: it is opened, and its height is rounded up.
const COLUMN: u64 = 1024;
/// A path goes on where at least this share of the executions of its first instruction goes on, in percent.
const LEAST_PERCENT: u64 = 70;
/// Greatest number of instructions of a path that is not a repeated loop.
const LONGEST: usize = 256;
/// Number of instructions in the circuits that are tried for longer paths, together, for any run.
const LEAST_EFFORT: u64 = 2000;
/// Longer runs are worth more circuits: one of their instructions for as many instructions of the run.
const PER_EFFORT: u64 = 500;

/// A plan for a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChosenPlan {
    /// The plan.
    pub plan: FusionPlan,
    /// Number of executions of each path.
    pub executions: Vec<u64>,
    /// Number of instructions of the run.
    pub instructions: u64,
}

/// A path with the cost of its circuit.
#[derive(Clone, Debug)]
struct Candidate {
    steps: Vec<(u32, Instruction)>,
    /// Number of executions. An estimate, except for short paths.
    executions: u64,
    columns: usize,
    messages: usize,
    /// Cost of a row.
    row: u64,
    /// Cost of the rows of its instructions.
    plain: u64,
    /// Program counter after it, if that is always the same.
    next: Option<u32>,
    is_loop: bool,
}

impl Candidate {
    fn start(&self) -> u32 {
        self.steps[0].0
    }

    /// Returns what no two paths of a plan have in common: start and length.
    fn key(&self) -> (u32, usize) {
        (self.start(), self.steps.len())
    }

    /// Returns the cost of its columns.
    fn fixed(&self) -> i64 {
        (COLUMN * self.columns as u64) as i64
    }

    /// Returns the cells that the run saves, if its instructions are not fused otherwise.
    fn gain(&self) -> i64 {
        (self.executions * self.plain.saturating_sub(self.row)) as i64 - self.fixed()
    }
}

/// A path that may be added to a plan.
struct Change {
    candidate: Candidate,
    /// The path that it replaces, by its key.
    replaces: Option<(u32, usize)>,
    /// Cells that it saves, and columns that it takes, if it replaces that path.
    gain: i64,
    columns: usize,
}

/// Paths that are chosen from a profile, before their executions are counted.
pub(in crate::machine) struct Estimate {
    paths: Vec<Candidate>,
}

impl Estimate {
    /// Chooses the paths that save most of a run within a budget.
    ///
    /// A path begins at an instruction that no hotter path contains, and follows the most frequent jumps. A path that leads
    /// back to its start is a loop; it is repeated, if the run mostly stays in it for several iterations. Other paths go on in
    /// the paths that follow them, as calls do in functions that are called from several places. Paths that save most per
    /// column are taken first.
    pub(in crate::machine) fn new(
        program: &LoadedProgram,
        run: &JumpProfile,
        fuser: &mut Fuser<'_>,
        budget: FusionBudget,
    ) -> Self {
        let counts = program.slots().zip(&run.counts).map(|((pc, _), count)| (pc, *count));
        let mut starts: Vec<(u32, u64)> = counts.filter(|(_, count)| *count > 0).collect();
        let mut chooser = Chooser { program, run, budget, fuser };
        let entered = chooser.entered(&starts);
        // Of instructions that are executed equally often, a path starts at one that others jump to.
        starts.sort_by_key(|&(pc, count)| (Reverse(count), !entered.contains(&pc), pc));
        let mut visited = BTreeSet::new();
        let mut short = Vec::new();
        for &(start, count) in &starts {
            if !visited.contains(&start) {
                short.extend(chooser.candidates(start, count, &mut visited));
            }
        }
        short.sort_by_key(|candidate| Reverse(candidate.gain()));
        let mut changes = chooser.longer(&Cover::new(&short), run.counts.iter().sum());
        changes.extend(short.iter().map(|candidate| Change {
            candidate: candidate.clone(),
            replaces: None,
            gain: candidate.gain(),
            columns: candidate.columns,
        }));
        changes.sort_by_key(|change| Reverse(change.gain / change.columns.max(1) as i64));
        let cells = starts.iter().map(|(pc, count)| count * chooser.plain_at(*pc)).sum();
        Self { paths: within(budget, cells, changes) }
    }

    /// Returns the plan.
    pub(in crate::machine) fn plan(&self) -> FusionPlan {
        FusionPlan { paths: self.paths.iter().map(|path| FusedPath { steps: path.steps.clone() }).collect() }
    }

    /// Sets the numbers of executions, and removes paths that save nothing. Returns whether there were any.
    pub(in crate::machine) fn count(&mut self, executions: &[usize]) -> bool {
        for (path, executions) in self.paths.iter_mut().zip(executions) {
            path.executions = *executions as u64;
        }
        let before = self.paths.len();
        self.paths.retain(|path| path.gain() > 0);
        self.paths.len() < before
    }

    /// Returns the plan with its numbers of executions; an empty one if it saves less than the budget says.
    pub(in crate::machine) fn finish(&self, instructions: u64, budget: FusionBudget) -> ChosenPlan {
        let gain: i64 = self.paths.iter().map(Candidate::gain).sum();
        if gain < budget.least_gain as i64 {
            return ChosenPlan { instructions, ..ChosenPlan::default() };
        }
        let executions = self.paths.iter().map(|path| path.executions).collect();
        ChosenPlan { plan: self.plan(), executions, instructions }
    }
}

/// Returns the changes that fit a budget, the first ones first. `cells` is the cost of the run without a plan.
fn within(budget: FusionBudget, cells: u64, changes: Vec<Change>) -> Vec<Candidate> {
    let mut chosen: Vec<Candidate> = Vec::new();
    let size = |candidate: &Candidate| [candidate.columns, candidate.messages, candidate.steps.len()];
    let (mut total, mut saved) = ([0; 3], 0);
    // Short paths for which a longer one was taken.
    let mut replaced = BTreeSet::new();
    for Change { candidate, replaces, gain, .. } in changes {
        let present = replaces.and_then(|key| chosen.iter().position(|chosen| chosen.key() == key));
        let freed = present.map_or([0; 3], |index| size(&chosen[index]));
        let added = size(&candidate);
        let after: [usize; 3] = std::array::from_fn(|i| total[i] + added[i] - freed[i]);
        let left = cells.saturating_sub((saved + gain).max(0) as u64);
        let most = [budget.columns(left), MAX_TOTAL_COLUMNS, MAX_INSTRUCTIONS];
        let fits = after.iter().zip(most).all(|(after, most)| *after <= most) && chosen.len() < MAX_PATHS;
        if !fits || replaced.contains(&candidate.key()) {
            continue;
        }
        (total, saved) = (after, saved + gain);
        replaced.extend(replaces);
        match present {
            Some(index) => chosen[index] = candidate,
            None => chosen.push(candidate),
        }
    }
    chosen
}

/// Short paths, by their starts.
struct Cover<'a> {
    paths: &'a [Candidate],
    /// Those that start at a program counter, the longest first.
    starting: BTreeMap<u32, Vec<usize>>,
}

impl<'a> Cover<'a> {
    fn new(paths: &'a [Candidate]) -> Self {
        let mut starting: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (index, path) in paths.iter().enumerate() {
            starting.entry(path.start()).or_default().push(index);
        }
        starting.values_mut().for_each(|list| list.sort_by_key(|index| Reverse(paths[*index].steps.len())));
        Self { paths, starting }
    }

    fn starting_at(&self, pc: u32) -> impl Iterator<Item = &'a Candidate> {
        self.starting.get(&pc).into_iter().flatten().map(|index| &self.paths[*index])
    }
}

struct Chooser<'a, 'b> {
    program: &'a LoadedProgram,
    run: &'a JumpProfile,
    budget: FusionBudget,
    fuser: &'a mut Fuser<'b>,
}

/// Returns the cost of a row.
fn cost(columns: usize, messages: usize) -> u64 {
    columns as u64 + MESSAGE * messages as u64
}

impl Chooser<'_, '_> {
    /// Returns the instructions to which the run mostly jumps from somewhere.
    fn entered(&self, executed: &[(u32, u64)]) -> BTreeSet<u32> {
        let successor =
            |(pc, _): &(u32, u64)| self.run.successor(self.program, *pc).filter(|(next, _)| *next != pc + PC_STEP);
        executed.iter().filter_map(successor).map(|(next, _)| next).collect()
    }

    fn count(&self, pc: u32) -> u64 {
        self.program.slot_index(pc).map_or(0, |slot| self.run.counts[slot])
    }

    /// Returns the paths from a start that save something: the path itself, and repetitions if it is a loop.
    fn candidates(&mut self, start: u32, count: u64, visited: &mut BTreeSet<u32>) -> Vec<Candidate> {
        let mut steps: Vec<(u32, Instruction)> = Vec::new();
        let (mut pc, mut on_path, mut repeated) = (start, count, 0);
        while let Some(&instruction) = self.program.instruction(pc) {
            if self.fuser.template(pc, &instruction).is_err() {
                break;
            }
            visited.insert(pc);
            steps.push((pc, instruction));
            let Some((next, taken)) = self.run.successor(self.program, pc) else { break };
            let going_on = on_path.min(taken);
            if going_on * 100 < count * LEAST_PERCENT {
                break;
            }
            if next == start {
                repeated = going_on;
            }
            if repeated > 0 || visited.contains(&next) || steps.len() == LONGEST {
                break;
            }
            (pc, on_path) = (next, going_on);
        }
        let Some(once) = self.candidate(steps.clone(), on_path, repeated > 0) else { return Vec::new() };
        let mut candidates = vec![once];
        // How often the loop is entered, and how many iterations an execution has.
        let entries = count.saturating_sub(repeated).max(1);
        let iterations = count / entries;
        let mut repeats = 2;
        let unrolled = self.budget.unrolled.min(MAX_PATH_LENGTH);
        while repeated > 0 && steps.len() * repeats <= unrolled && iterations >= 2 * repeats as u64 {
            let path: Vec<_> = steps.iter().copied().cycle().take(steps.len() * repeats).collect();
            let executions = (count - entries) / repeats as u64;
            let Some(candidate) = self.candidate(path, executions, true) else { break };
            if candidates.last().is_some_and(|best| candidate.gain() > best.gain()) {
                candidates.truncate(1);
                candidates.push(candidate);
            }
            repeats *= 2;
        }
        candidates
    }

    /// Returns the longer paths that begin with short ones and save more than these.
    fn longer(&mut self, cover: &Cover<'_>, instructions: u64) -> Vec<Change> {
        let mut effort = LEAST_EFFORT.max(instructions / PER_EFFORT);
        let mut changes = Vec::new();
        for short in cover.paths.iter().filter(|short| !short.is_loop) {
            let mut best: Option<Change> = None;
            let (mut steps, mut on_path, mut next) = (short.steps.clone(), short.executions, short.next);
            while let Some(executions) = self.go_on(cover, short, &mut steps, on_path, next) {
                let Some(left) = effort.checked_sub(steps.len() as u64) else { break };
                (on_path, effort) = (executions, left);
                let Some(candidate) = self.candidate(steps.clone(), on_path, false) else { break };
                next = candidate.next;
                let otherwise = self.covered(cover, &candidate.steps);
                let saved = (candidate.executions * otherwise.saturating_sub(candidate.row)) as i64 - candidate.fixed();
                let lost = (short.executions.saturating_sub(on_path) * (short.plain - short.row)) as i64;
                let if_replaced = saved + short.fixed() - lost;
                let replaces = if_replaced > saved;
                let gain = saved.max(if_replaced);
                if gain > best.as_ref().map_or(0, |best| best.gain) {
                    let columns = candidate.columns.saturating_sub(if replaces { short.columns } else { 0 });
                    best = Some(Change { candidate, replaces: replaces.then(|| short.key()), gain, columns });
                }
            }
            changes.extend(best);
        }
        changes
    }

    /// Extends a path by the short path that follows it, or by instructions up to the next one. Returns how often it is
    /// executed then, or `None` if it ends.
    fn go_on(
        &mut self,
        cover: &Cover<'_>,
        short: &Candidate,
        steps: &mut Vec<(u32, Instruction)>,
        executions: u64,
        next: Option<u32>,
    ) -> Option<u64> {
        let least = short.executions * LEAST_PERCENT / 100;
        let share = |executions: u64, taken: u64, of: u64| executions * taken / of.max(1);
        let (last, _) = *steps.last()?;
        let (mut pc, mut executions) = match next {
            Some(next) => (next, executions),
            None => {
                let (next, taken) = self.run.successor(self.program, last)?;
                (next, share(executions, taken, self.count(last)))
            }
        };
        if let Some(following) = cover.starting_at(pc).next() {
            steps.extend_from_slice(&following.steps);
            executions = share(executions, following.executions, self.count(pc));
            let fits = !following.is_loop && pc != short.start() && steps.len() <= LONGEST;
            return (fits && executions >= least.max(1)).then_some(executions);
        }
        loop {
            let &instruction = self.program.instruction(pc)?;
            if self.fuser.template(pc, &instruction).is_err() {
                break;
            }
            steps.push((pc, instruction));
            let (following, taken) = self.run.successor(self.program, pc)?;
            if following != pc + PC_STEP || cover.starting.contains_key(&following) {
                break;
            }
            executions = share(executions, taken, self.count(pc));
            pc = following;
        }
        let is_longer = steps.last().is_some_and(|(pc, _)| *pc != last);
        (is_longer && steps.len() <= LONGEST && executions >= least.max(1)).then_some(executions)
    }

    /// Returns the cost of instructions if short paths prove what they can of them.
    fn covered(&mut self, cover: &Cover<'_>, steps: &[(u32, Instruction)]) -> u64 {
        let (mut position, mut total) = (0, 0);
        while let Some(&(pc, instruction)) = steps.get(position) {
            match cover.starting_at(pc).find(|path| steps[position..].starts_with(&path.steps)) {
                Some(path) => {
                    position += path.steps.len();
                    total += path.row;
                }
                None => {
                    position += 1;
                    total += self.plain(pc, &instruction).unwrap_or(0);
                }
            }
        }
        total
    }

    /// Returns the cost of the instruction at a program counter without a plan; 0 if it cannot be fused.
    fn plain_at(&mut self, pc: u32) -> u64 {
        self.program.instruction(pc).and_then(|instruction| self.plain(pc, instruction)).unwrap_or(0)
    }

    fn plain(&mut self, pc: u32, instruction: &Instruction) -> Option<u64> {
        let (_, template) = self.fuser.template(pc, instruction).ok()?;
        Some(cost(template.columns.len(), template.messages.len()))
    }

    /// Returns a path with its cost. Returns `None` if it saves nothing or is impossible.
    fn candidate(&mut self, steps: Vec<(u32, Instruction)>, executions: u64, is_loop: bool) -> Option<Candidate> {
        if steps.len() < 2 {
            return None;
        }
        let (circuit, _) = self.fuser.fuse(&steps).ok()?;
        let plain = steps.iter().map(|(pc, instruction)| self.plain(*pc, instruction)).sum::<Option<u64>>()?;
        let (columns, messages) = (circuit.num_columns(), circuit.num_messages());
        let row = cost(columns, messages);
        let candidate =
            Candidate { steps, executions, columns, messages, row, plain, next: circuit.next_pc(), is_loop };
        (candidate.gain() > 0).then_some(candidate)
    }
}
