//! States of runs.

use super::report::ExecutionReport;
use crate::arch::{GuestMemory, HostRng, MemoryController, Streams};

/// Report of a finished run, with the memory at its end.
pub struct FinalState<M> {
    /// Report of the run.
    pub report: ExecutionReport,
    /// Memory at the end of the run, with the counters of the mode.
    pub memory: MemoryController<M>,
}

/// State of a run between two instructions: everything that the following instructions depend on.
pub struct RunState {
    /// Program counter of the next instruction.
    pub pc: u32,
    /// Number of instructions executed so far.
    pub instructions: u64,
    /// Content of all address spaces.
    pub memory: GuestMemory,
    /// Input, hints and output of the host.
    pub streams: Streams,
    /// Source of the random bytes that the guest can request.
    pub rng: HostRng,
}

impl RunState {
    /// Copies the state. The copy shares pages of memory with the original until one of them changes a page.
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
