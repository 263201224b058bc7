//! The state that executors work on.

use std::collections::VecDeque;

use crate::system::memory::MemoryController;

use super::execution::ExecutionMode;

/// Host streams of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Streams {
    /// Input vectors, in order.
    pub input_stream: VecDeque<Vec<u8>>,
    /// Bytes that hint instructions consume.
    pub hint_stream: VecDeque<u8>,
    /// Number of input vectors consumed so far.
    pub inputs_consumed: usize,
    /// What the guest printed.
    pub printed: String,
}

impl Streams {
    /// Streams with the given input vectors.
    pub fn new(inputs: impl IntoIterator<Item = Vec<u8>>) -> Self {
        Self { input_stream: inputs.into_iter().collect(), ..Self::default() }
    }
}

/// Memory and host streams of a run in mode `M`.
pub struct VmState<M> {
    /// Memory.
    pub memory: MemoryController<M>,
    /// Host streams.
    pub streams: Streams,
    /// Source of `hintrandom` bytes (seeded per run, so that re-execution agrees).
    pub rng: rand::rngs::StdRng,
}

impl<M: ExecutionMode> VmState<M> {
    /// A state over `memory`.
    pub fn new(memory: MemoryController<M>, streams: Streams, rng: rand::rngs::StdRng) -> Self {
        Self { memory, streams, rng }
    }
}
