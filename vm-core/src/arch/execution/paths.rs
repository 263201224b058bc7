//! Paths through a program: which jumps a run takes, and how often it executes the instructions of given paths one after
//! another.

use std::cmp::Reverse;

use rustc_hash::FxHashMap;

use super::program_table::LoadedProgram;
use crate::instructions::PC_STEP;

/// Jumps of a run, by the slot of the program table from which they come.
#[derive(Clone, Debug)]
pub struct JumpProfile {
    /// Number of executions of each slot.
    pub counts: Vec<u64>,
    jumps: Vec<Jumps>,
    /// Numbers of jumps to other targets than the first one, by slot and target.
    others: FxHashMap<usize, FxHashMap<u32, u64>>,
    /// Program counter and slot of the last instruction.
    last: Option<(u32, usize)>,
}

/// Jumps from one slot.
#[derive(Clone, Copy, Debug, Default)]
struct Jumps {
    /// Number of all jumps.
    count: u64,
    /// Target of the first jump, and number of jumps there. Branches and calls have no other target.
    first: (u32, u64),
}

impl JumpProfile {
    /// Creates an empty profile of a program.
    pub fn new(program: &LoadedProgram) -> Self {
        let slots = program.num_slots();
        let jumps = vec![Jumps::default(); slots];
        Self { counts: vec![0; slots], jumps, others: FxHashMap::default(), last: None }
    }

    /// Returns where a run goes most often from an instruction, and how often, if it goes on at all.
    pub fn successor(&self, program: &LoadedProgram, pc: u32) -> Option<(u32, u64)> {
        let slot = program.slot_index(pc)?;
        let (count, jumps) = (*self.counts.get(slot)?, self.jumps.get(slot)?);
        let others = self.others.get(&slot).into_iter().flatten().map(|(pc, count)| (*pc, *count));
        let targets = others.chain([jumps.first, (pc + PC_STEP, count - jumps.count)]);
        targets.filter(|(_, count)| *count > 0).max_by_key(|&(pc, count)| (count, Reverse(pc)))
    }

    #[inline]
    pub(super) fn reach(&mut self, program: &LoadedProgram, pc: u32) {
        if let Some((last, slot)) = self.last
            && last.wrapping_add(PC_STEP) != pc
        {
            let jumps = &mut self.jumps[slot];
            if jumps.count == 0 {
                jumps.first.0 = pc;
            }
            jumps.count += 1;
            if jumps.first.0 == pc {
                jumps.first.1 += 1;
            } else {
                *self.others.entry(slot).or_default().entry(pc).or_default() += 1;
            }
        }
        self.last = program.slot_index(pc).map(|slot| {
            self.counts[slot] += 1;
            (pc, slot)
        });
    }
}

/// One execution of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathExecution {
    /// Index of the path.
    pub path: u32,
    /// Time before its first instruction.
    pub timestamp: u32,
}

/// A path: its program counters, and the time before each instruction, from 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TimedPath {
    /// Program counters.
    pub pcs: Vec<u32>,
    /// Ticks from the start of the path to each instruction.
    pub times: Vec<u32>,
}

/// The paths of a program.
#[derive(Clone, Debug, Default)]
pub struct PathTable {
    paths: Vec<TimedPath>,
    /// For each slot of the program table, the number of a list of paths, or [`NO_PATH`].
    starts: Vec<u32>,
    /// Lists of the paths that start at a slot, the longest first.
    lists: Vec<Vec<u32>>,
}

/// Mark of slots at which no path starts.
const NO_PATH: u32 = u32::MAX;

impl PathTable {
    /// Creates the table of paths.
    pub fn new(program: &LoadedProgram, paths: impl IntoIterator<Item = TimedPath>) -> Self {
        let paths: Vec<TimedPath> = paths.into_iter().collect();
        let mut by_slot: FxHashMap<usize, Vec<u32>> = FxHashMap::default();
        for (index, path) in paths.iter().enumerate() {
            if let Some(slot) = path.pcs.first().and_then(|pc| program.slot_index(*pc)) {
                by_slot.entry(slot).or_default().push(index as u32);
            }
        }
        let mut starts = vec![NO_PATH; if paths.is_empty() { 0 } else { program.num_slots() }];
        let mut lists = Vec::new();
        for (slot, mut list) in by_slot {
            list.sort_by_key(|index| Reverse(paths[*index as usize].pcs.len()));
            starts[slot] = lists.len() as u32;
            lists.push(list);
        }
        Self { paths, starts, lists }
    }

    /// Returns whether there are no paths, so that nothing has to be followed.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// Returns the paths that start at a program counter, the longest first.
    #[inline]
    fn starting_at(&self, program: &LoadedProgram, pc: u32) -> &[u32] {
        let list = program.slot_index(pc).and_then(|slot| self.starts.get(slot));
        list.and_then(|list| self.lists.get(*list as usize)).map_or(&[], Vec::as_slice)
    }
}

/// Follows a run along the paths of a program.
///
/// Where the run reaches the start of paths and follows none, it begins to follow the longest of them. If it leaves that path,
/// the instructions so far are followed again from the start, and shorter paths count. This depends on the run alone, so all
/// modes find the same executions.
#[derive(Clone, Debug)]
pub struct PathFollower<'a> {
    table: &'a PathTable,
    /// The rest of the path that is followed; empty if there is none.
    rest: &'a [u32],
    current: PathExecution,
    /// Finished executions in order of time, if they are recorded.
    executions: Option<Vec<PathExecution>>,
    /// Number of finished executions of each path.
    counts: Vec<usize>,
}

impl<'a> PathFollower<'a> {
    /// Creates a follower for the start of a segment.
    pub fn new(table: &'a PathTable, record: bool) -> Self {
        Self {
            table,
            rest: &[],
            current: PathExecution { path: 0, timestamp: 0 },
            executions: record.then(Vec::new),
            counts: vec![0; table.paths.len()],
        }
    }

    /// Returns the number of finished executions of each path.
    pub fn counts(&self) -> &[usize] {
        &self.counts
    }

    /// Ends the segment: shorter paths count if the run is within a longer one.
    pub fn end(&mut self, program: &LoadedProgram) {
        if !self.rest.is_empty() {
            self.leave(program, None);
        }
    }

    /// Returns the finished executions in order of time; empty if they are not recorded.
    pub fn into_executions(self) -> Vec<PathExecution> {
        self.executions.unwrap_or_default()
    }

    /// Called before each instruction is executed.
    #[inline(always)]
    pub(super) fn reach(&mut self, program: &LoadedProgram, pc: u32, timestamp: u32) {
        match self.rest {
            [next, rest @ ..] if *next == pc => {
                self.rest = rest;
                if rest.is_empty() {
                    self.finish(self.current);
                }
            }
            [] => self.begin(program, pc, timestamp),
            _ => self.leave(program, Some((pc, timestamp))),
        }
    }

    #[inline]
    fn begin(&mut self, program: &LoadedProgram, pc: u32, timestamp: u32) {
        if let [longest, ..] = *self.table.starting_at(program, pc) {
            self.current = PathExecution { path: longest, timestamp };
            self.rest = &self.table.paths[longest as usize].pcs[1..];
        }
    }

    /// Follows the instructions since the start of the current path again, and then the next one, which is not on the path.
    #[cold]
    fn leave(&mut self, program: &LoadedProgram, next: Option<(u32, u32)>) {
        let path = &self.table.paths[self.current.path as usize];
        let start = self.current.timestamp;
        let reached = &path.pcs[..path.pcs.len() - self.rest.len()];
        self.rest = &[];
        let mut position = 0;
        while position < reached.len() {
            let rest = &reached[position..];
            let timestamp = start + path.times[position];
            let candidates = self.table.starting_at(program, reached[position]);
            let pcs = |index: &u32| self.table.paths[*index as usize].pcs.as_slice();
            if let Some(&finished) = candidates.iter().find(|index| rest.starts_with(pcs(index))) {
                position += pcs(&finished).len();
                self.finish(PathExecution { path: finished, timestamp });
                continue;
            }
            // A path that the run is still on.
            let goes_on = |index: &&u32| {
                let pcs = pcs(index);
                pcs.starts_with(rest) && pcs.get(rest.len()).copied() == next.map(|(pc, _)| pc)
            };
            if let (Some(&index), Some((pc, time))) = (candidates.iter().find(goes_on), next) {
                self.current = PathExecution { path: index, timestamp };
                self.rest = &self.table.paths[index as usize].pcs[rest.len()..];
                return self.reach(program, pc, time);
            }
            position += 1;
        }
        if let Some((pc, timestamp)) = next {
            self.begin(program, pc, timestamp);
        }
    }

    fn finish(&mut self, execution: PathExecution) {
        self.rest = &[];
        self.counts[execution.path as usize] += 1;
        if let Some(executions) = &mut self.executions {
            executions.push(execution);
        }
    }
}
