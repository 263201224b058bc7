//! Checkpoints of a run, from which earlier states are computed.

use std::collections::VecDeque;
use std::sync::Arc;

use vm_core::arch::{GuestMemory, HostRng, Printed, Streams};
use vm_core::machine::RunState;

/// Number of instructions between the checkpoints of a run that goes forwards.
pub(super) const INTERVAL: u64 = 1 << 20;
/// Largest number of checkpoints.
const MAX_CHECKPOINTS: usize = 64;
/// Number of checkpoints that are kept in any case.
const MIN_CHECKPOINTS: usize = 8;
/// Memory that checkpoints may take if they share no page, in bytes. It lowers their largest number.
const MAX_BYTES: usize = 1 << 30;

/// A state of the run. It shares pages of memory and streams with others.
struct Checkpoint {
    pc: u32,
    instructions: u64,
    memory: GuestMemory,
    rng: HostRng,
    input_stream: Arc<VecDeque<Vec<u8>>>,
    hint_stream: Arc<VecDeque<u8>>,
    inputs_consumed: usize,
    printed: Arc<Printed>,
}

/// Returns a value for sharing: that of the neighbour if it is equal.
fn share<T: PartialEq>(neighbour: Option<&Arc<T>>, value: T) -> Arc<T> {
    match neighbour {
        Some(shared) if **shared == value => Arc::clone(shared),
        _ => Arc::new(value),
    }
}

impl Checkpoint {
    fn new(state: RunState, neighbour: Option<&Self>) -> Self {
        let RunState { pc, instructions, memory, streams, rng } = state;
        let Streams { input_stream, hint_stream, inputs_consumed, printed } = streams;
        Self {
            pc,
            instructions,
            memory,
            rng,
            input_stream: share(neighbour.map(|other| &other.input_stream), input_stream),
            hint_stream: share(neighbour.map(|other| &other.hint_stream), hint_stream),
            inputs_consumed,
            printed: share(neighbour.map(|other| &other.printed), printed),
        }
    }

    fn state(&mut self) -> RunState {
        let streams = Streams {
            input_stream: VecDeque::clone(&self.input_stream),
            hint_stream: VecDeque::clone(&self.hint_stream),
            inputs_consumed: self.inputs_consumed,
            printed: Printed::clone(&self.printed),
        };
        RunState {
            pc: self.pc,
            instructions: self.instructions,
            memory: self.memory.snapshot(),
            streams,
            rng: self.rng.clone(),
        }
    }
}

/// The checkpoints of a run. There are more of them near the present than long before it.
pub(super) struct History {
    /// In ascending order of instructions. The first one is the start of what can be gone back to.
    checkpoints: Vec<Checkpoint>,
}

impl History {
    /// Creates the history of a run that is in this state. What was before is forgotten.
    pub(super) fn new(state: RunState) -> Self {
        Self { checkpoints: vec![Checkpoint::new(state, None)] }
    }

    /// Returns the number of instructions at the start.
    pub(super) fn start(&self) -> u64 {
        self.checkpoints[0].instructions
    }

    /// Returns the number of checkpoints.
    pub(super) fn len(&self) -> usize {
        self.checkpoints.len()
    }

    /// Returns the index of the last checkpoint at or before a number of instructions; the first one if there is none.
    fn index(&self, instructions: u64) -> usize {
        self.checkpoints.partition_point(|checkpoint| checkpoint.instructions <= instructions).saturating_sub(1)
    }

    /// Returns whether there is a checkpoint at a number of instructions.
    pub(super) fn contains(&self, instructions: u64) -> bool {
        self.checkpoints[self.index(instructions)].instructions == instructions
    }

    /// Returns the last checkpoint at or before a number of instructions, which is not before the start.
    pub(super) fn before(&mut self, instructions: u64) -> RunState {
        let index = self.index(instructions);
        self.checkpoints[index].state()
    }

    /// Adds the present state as a checkpoint. If there are too many, removes the one whose neighbours are closest
    /// together, in relation to how long ago it was.
    pub(super) fn add(&mut self, state: RunState) {
        let now = state.instructions;
        if self.contains(now) {
            return;
        }
        let max = (MAX_BYTES / state.memory.words().allocated_bytes().max(1)).clamp(MIN_CHECKPOINTS, MAX_CHECKPOINTS);
        let index = self.index(now);
        let checkpoint = Checkpoint::new(state, Some(&self.checkpoints[index]));
        self.checkpoints.insert(index + 1, checkpoint);
        while self.checkpoints.len() > max {
            let gap = |index: usize| {
                let [before, at, after] = [index - 1, index, index + 1].map(|i| self.checkpoints[i].instructions);
                (after - before) as f64 / (at.abs_diff(now) + 1) as f64
            };
            let inner = 1..self.checkpoints.len() - 1;
            let Some(closest) = inner.min_by(|a, b| gap(*a).total_cmp(&gap(*b))) else { return };
            self.checkpoints.remove(closest);
        }
    }
}
