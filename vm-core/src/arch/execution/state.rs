//! The state of a run on which executors work.

use std::collections::VecDeque;

use chacha20::ChaCha12Rng;
use rand::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

use super::ExecutionMode;
use super::memory::MemoryController;

/// Streams of data between host and guest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Streams {
    /// Input vectors that were not consumed yet, in order.
    pub input_stream: VecDeque<Vec<u8>>,
    /// Bytes that the guest can read with hint instructions.
    pub hint_stream: VecDeque<u8>,
    /// Number of input vectors consumed so far.
    pub inputs_consumed: usize,
    /// Text that the guest printed.
    pub printed: String,
}

impl Streams {
    /// Creates streams with the given input vectors.
    pub fn new(inputs: impl IntoIterator<Item = Vec<u8>>) -> Self {
        Self { input_stream: inputs.into_iter().collect(), ..Self::default() }
    }
}

/// Source of the random bytes that guests request. Runs with the same seed get the same bytes. The source can be
/// restored from its seed and position, so that a segment can be executed again elsewhere.
#[derive(Debug)]
pub struct HostRng {
    seed: u64,
    rng: ChaCha12Rng,
}

/// Seed and position of a [`HostRng`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RngPosition {
    /// Seed of the run.
    pub seed: u64,
    /// Number of 32-bit words drawn so far.
    pub words: u64,
}

impl Clone for HostRng {
    fn clone(&self) -> Self {
        Self::at(self.position())
    }
}

impl HostRng {
    /// Creates the source as it is at the start of a run.
    pub fn new(seed: u64) -> Self {
        Self { seed, rng: ChaCha12Rng::seed_from_u64(seed) }
    }

    /// Restores the source at a position.
    pub fn at(position: RngPosition) -> Self {
        let mut source = Self::new(position.seed);
        source.rng.set_word_pos(position.words.into());
        source
    }

    /// Returns the current position.
    pub fn position(&self) -> RngPosition {
        RngPosition { seed: self.seed, words: self.rng.get_word_pos() as u64 }
    }

    /// Returns `bytes` random bytes. Whole words are drawn, and unused bytes of the last one are dropped.
    pub fn bytes(&mut self, bytes: usize) -> Vec<u8> {
        let mut drawn: Vec<u8> = (0..bytes.div_ceil(4)).flat_map(|_| self.rng.next_u32().to_le_bytes()).collect();
        drawn.truncate(bytes);
        drawn
    }
}

/// Memory and host streams of a run in mode `M`.
pub struct VmState<M> {
    /// Controller of memory.
    pub memory: MemoryController<M>,
    /// Streams of data between host and guest.
    pub streams: Streams,
    /// Source of the random bytes that `hintrandom` puts into the hint stream.
    pub rng: HostRng,
}

impl<M: ExecutionMode> VmState<M> {
    /// Creates a state from its parts.
    pub fn new(memory: MemoryController<M>, streams: Streams, rng: HostRng) -> Self {
        Self { memory, streams, rng }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_says_what_comes_next() {
        let mut rng = HostRng::new(9);
        let first = rng.bytes(7);
        for words in (2..200).step_by(3) {
            assert_eq!(rng.position(), RngPosition { seed: 9, words });
            let mut restored = HostRng::at(rng.position());
            assert_eq!(rng.clone().bytes(400), restored.bytes(400));
            rng.bytes(11);
        }
        assert_eq!(HostRng::new(9).bytes(7), first);
        assert_ne!(HostRng::new(10).bytes(7), first);
        // A saved state may contain any position, so even the last one must not panic.
        let last = RngPosition { seed: 9, words: u64::MAX };
        assert_eq!(HostRng::at(last).position(), last);
        assert_eq!(HostRng::at(last).bytes(8).len(), 8);
    }
}
