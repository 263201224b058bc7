//! States of runs.

use super::report::ExecutionReport;
use crate::arch::{GuestMemory, HostRng, MemoryController, Streams};

/// A run in progress or finished, with its memory: what [`VmExecutor`] hands out for inspection.
pub struct FinalState<M> {
    /// Report.
    pub report: ExecutionReport,
    /// Memory and mode at the end.
    pub memory: MemoryController<M>,
}

/// Where a run stands between two instructions: all that the instructions behind it depend on.
pub struct RunState {
    /// Program counter.
    pub pc: u32,
    /// Instructions executed so far.
    pub instructions: u64,
    /// Memory.
    pub memory: GuestMemory,
    /// Host streams.
    pub streams: Streams,
    /// Source of random bytes.
    pub rng: HostRng,
}

impl RunState {
    /// A copy, which shares the pages of memory that neither side changes.
    pub fn snapshot(&mut self) -> Self {
        Self {
            pc: self.pc,
            instructions: self.instructions,
            memory: self.memory.snapshot(),
            streams: self.streams.clone(),
            rng: self.rng.clone(),
        }
    }
}
