//! Control of runs from other threads.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Cancels the runs of an executor, and counts their instructions. Clones control the same runs.
///
/// A run notices after at most 2^16 instructions, and a prover before it hands the traces of a segment to the proof backend,
/// which is not interrupted.
#[derive(Clone, Debug, Default)]
pub struct RunControl(Arc<State>);

#[derive(Debug, Default)]
struct State {
    is_cancelled: AtomicBool,
    instructions: AtomicU64,
}

impl RunControl {
    /// Ends all runs of the executor, those that begin later included, with an error: see
    /// [`VmProveError::is_cancelled`](crate::machine::VmProveError::is_cancelled).
    pub fn cancel(&self) {
        self.0.is_cancelled.store(true, Ordering::Relaxed);
    }

    /// Returns whether the runs have been cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.is_cancelled.load(Ordering::Relaxed)
    }

    /// Lets the executor run again. Runs that were cancelled must have ended.
    pub fn reset(&self) {
        self.0.is_cancelled.store(false, Ordering::Relaxed);
    }

    /// Returns the number of instructions of all runs of the executor so far. A proof runs its program at least twice, and so does
    /// a failed run that gets a backtrace.
    pub fn instructions(&self) -> u64 {
        self.0.instructions.load(Ordering::Relaxed)
    }

    pub(super) fn count(&self, instructions: u64) {
        self.0.instructions.fetch_add(instructions, Ordering::Relaxed);
    }
}
