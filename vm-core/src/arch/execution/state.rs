//! The state of a run on which executors work.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use chacha20::ChaCha12Rng;
use rand::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

use super::memory::MemoryController;
use super::{ExecutionError, ExecutionMode, ExecutionResult};

/// Streams of data between host and guest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Streams {
    /// Input vectors that were not consumed yet, in order.
    pub input_stream: VecDeque<Vec<u8>>,
    /// Bytes that the guest can read with hint instructions.
    pub hint_stream: VecDeque<u8>,
    /// Number of input vectors consumed so far.
    pub inputs_consumed: usize,
    /// What the guest has printed so far.
    #[serde(skip)]
    pub printed: Printed,
}

impl Streams {
    /// Creates streams with the given input vectors.
    pub fn new(inputs: impl IntoIterator<Item = Vec<u8>>) -> Self {
        Self { input_stream: inputs.into_iter().collect(), ..Self::default() }
    }

    /// Passes on what the guest prints, as soon as it is printed. A run is executed several times on the way to a proof;
    /// the callback gets every byte once, from the execution that comes first to it.
    pub fn with_live_output(mut self, print: impl Fn(&[u8]) + Send + Sync + 'static) -> Self {
        self.printed.live = Some(Arc::new(Live { passed_on: Mutex::new(0), print: Box::new(print) }));
        self
    }
}

impl Streams {
    /// Takes the next words of the hint stream.
    ///
    /// # Errors
    /// [`ExecutionError::HintOutOfBounds`] if there are fewer, with the program counter.
    #[inline]
    pub fn take_hints<const N: usize>(&mut self, pc: u32) -> ExecutionResult<[u32; N]> {
        let (requested, available) = (4 * N, self.hint_stream.len());
        if available < requested {
            return Err(Box::new(ExecutionError::HintOutOfBounds { pc, requested, available }));
        }
        let mut words = [0; N];
        for (i, byte) in self.hint_stream.drain(..requested).enumerate() {
            words[i / 4] |= u32::from(byte) << (8 * (i % 4));
        }
        Ok(words)
    }
}

impl From<Vec<Vec<u8>>> for Streams {
    /// Streams with these input vectors.
    fn from(inputs: Vec<Vec<u8>>) -> Self {
        Self::new(inputs)
    }
}

/// What a guest has printed: any bytes, although most guests print UTF-8.
#[derive(Clone, Default)]
pub struct Printed {
    bytes: Vec<u8>,
    /// Shared by all executions of a run.
    live: Option<Arc<Live>>,
}

type Print = Box<dyn Fn(&[u8]) + Send + Sync>;

struct Live {
    /// Number of bytes that were passed on, counted from the start of the run.
    passed_on: Mutex<usize>,
    print: Print,
}

impl Printed {
    /// Appends bytes, and passes on those that no earlier execution of the run has printed.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        if let Some(live) = &self.live {
            let mut passed_on = live.passed_on.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(new @ [_, ..]) = self.bytes.get(*passed_on..) {
                (live.print)(new);
                *passed_on = self.bytes.len();
            }
        }
    }

    /// Returns all bytes printed so far.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl PartialEq for Printed {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Printed {}

impl fmt::Debug for Printed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.bytes.escape_ascii())
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
    fn every_byte_is_passed_on_once() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&seen);
        let mut first = Streams::new([]).with_live_output(move |bytes| sink.lock().unwrap().push(bytes.to_vec()));
        let mut again = first.clone();
        first.printed.push(b"ab");
        let mut snapshot = first.clone();
        first.printed.push(b"c");
        again.printed.push(b"a");
        again.printed.push(b"bcd");
        snapshot.printed.push(b"");
        snapshot.printed.push(b"cde");
        assert_eq!(*seen.lock().unwrap(), [&b"ab"[..], b"c", b"d", b"e"]);
        assert_eq!((first.printed.as_bytes(), again.printed.as_bytes()), (&b"abc"[..], &b"abcd"[..]));
        assert_eq!(format!("{:?}", snapshot.printed), "\"abcde\"");
    }

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
