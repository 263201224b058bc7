//! Following paths: the execution loop notices when a run has executed the instructions of a fused path one after another.

use super::program_table::LoadedProgram;

/// One execution of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathExecution {
    /// Index of the path.
    pub path: u32,
    /// Time before its first instruction.
    pub timestamp: u32,
}

/// The paths of a program.
#[derive(Clone, Debug, Default)]
pub struct PathTable {
    /// Program counters of each path; at least two.
    paths: Vec<Vec<u32>>,
    /// For each slot of the program table, the path that starts there, or [`NO_PATH`].
    starts: Vec<u32>,
}

/// Mark of slots at which no path starts.
const NO_PATH: u32 = u32::MAX;

impl PathTable {
    /// Creates the table of paths, given by their program counters. Of paths with the same start, the last one counts.
    pub fn new(program: &LoadedProgram, paths: impl IntoIterator<Item = Vec<u32>>) -> Self {
        let paths: Vec<Vec<u32>> = paths.into_iter().collect();
        let mut starts = vec![NO_PATH; program.num_slots()];
        for (index, path) in paths.iter().enumerate() {
            if let Some(slot) = path.first().and_then(|pc| program.slot_index(*pc)) {
                starts[slot] = index as u32;
            }
        }
        Self { paths, starts }
    }
}

/// Follows a run along the paths of a program.
///
/// A path begins when the run reaches its start and follows no other path. It is followed until the run leaves it or has
/// executed its last instruction. This rule depends on the run alone, so all modes find the same executions.
#[derive(Clone, Debug)]
pub struct PathFollower<'a> {
    table: &'a PathTable,
    /// The path that is followed; empty if there is none.
    path: &'a [u32],
    /// Number of its instructions that were reached.
    position: usize,
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
            path: &[],
            position: 0,
            current: PathExecution { path: 0, timestamp: 0 },
            executions: record.then(Vec::new),
            counts: vec![0; table.paths.len()],
        }
    }

    /// Returns the number of finished executions of each path.
    pub fn counts(&self) -> &[usize] {
        &self.counts
    }

    /// Returns the finished executions in order of time; empty if they are not recorded.
    pub fn into_executions(self) -> Vec<PathExecution> {
        self.executions.unwrap_or_default()
    }

    /// Called before each instruction is executed.
    #[inline(always)]
    pub(super) fn reach(&mut self, program: &LoadedProgram, pc: u32, timestamp: u32) {
        if self.path.get(self.position) == Some(&pc) {
            self.position += 1;
            if self.position == self.path.len() {
                self.finish();
            }
        } else {
            self.begin(program, pc, timestamp);
        }
    }

    #[inline(never)]
    fn begin(&mut self, program: &LoadedProgram, pc: u32, timestamp: u32) {
        self.path = &[];
        let index = program.slot_index(pc).map_or(NO_PATH, |slot| self.table.starts[slot]);
        if let Some(path) = self.table.paths.get(index as usize) {
            self.path = path;
            self.position = 1;
            self.current = PathExecution { path: index, timestamp };
        }
    }

    fn finish(&mut self) {
        self.path = &[];
        self.counts[self.current.path as usize] += 1;
        if let Some(executions) = &mut self.executions {
            executions.push(self.current);
        }
    }
}
