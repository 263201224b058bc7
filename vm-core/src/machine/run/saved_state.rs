//! States of runs in files.

use serde::{Deserialize, Serialize};

use super::state::RunState;
use crate::arch::{GuestMemory, HostRng, MemoryError, Printed, RngPosition, Streams, SystemConfig};

/// Number of words in a piece of memory.
const PIECE_WORDS: usize = 1 << 12;

/// Serialisable form of a [`RunState`]: the parts of memory that are not zero, the host streams, and the position of
/// the random source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedState {
    pc: u32,
    instructions: u64,
    memory: Vec<Piece>,
    streams: Streams,
    rng: RngPosition,
}

/// Consecutive words of memory, at least one of which is not zero.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Piece {
    space: u32,
    /// Byte pointer of the first word.
    pointer: u32,
    words: Vec<u32>,
}

impl SavedState {
    /// Converts a state. The text that the guest has printed so far is left out.
    pub fn new(state: &RunState) -> Self {
        let words = state.memory.words();
        let mut memory: Vec<Piece> = Vec::new();
        for (index, space) in (0..words.num_spaces()).zip(state.memory.offset()..) {
            let mut last = None;
            for (word, value) in words.nonzero(index) {
                let first = word - word % PIECE_WORDS;
                if last != Some(first) {
                    last = Some(first);
                    memory.push(Piece { space, pointer: 4 * first as u32, words: Vec::new() });
                }
                if let Some(piece) = memory.last_mut() {
                    piece.words.resize(word - first, 0);
                    piece.words.push(value);
                }
            }
        }
        let streams = Streams { printed: Printed::default(), ..state.streams.clone() };
        let RunState { pc, instructions, ref rng, .. } = *state;
        Self { pc, instructions, memory, streams, rng: rng.position() }
    }

    /// Returns the program counter of the next instruction.
    pub fn pc(&self) -> u32 {
        self.pc
    }

    /// Returns the number of instructions executed so far.
    pub fn instructions(&self) -> u64 {
        self.instructions
    }

    /// Restores the state on a machine with this configuration.
    ///
    /// # Errors
    /// - [`MemoryError::OutOfRange`] if the saved memory does not fit the machine.
    /// - [`MemoryError::Misaligned`] if the file contains a pointer that is not a multiple of 4.
    pub fn restore(self, system: &SystemConfig) -> Result<RunState, MemoryError> {
        let mut memory = GuestMemory::new(&system.memory_config, system.num_public_values);
        for piece in &self.memory {
            for (pointer, word) in (u64::from(piece.pointer)..).step_by(4).zip(&piece.words) {
                // A pointer of 2^32 or more becomes the last aligned pointer, which is out of range, too.
                memory.poke(piece.space, u32::try_from(pointer).unwrap_or(!3), *word)?;
            }
        }
        let Self { pc, instructions, streams, rng, .. } = self;
        Ok(RunState { pc, instructions, memory, streams, rng: HostRng::at(rng) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instructions::MemoryImage;

    fn state(image: &MemoryImage) -> RunState {
        let system = SystemConfig::default();
        let memory = GuestMemory::from_image(&system.memory_config, system.num_public_values, image).unwrap();
        let mut rng = HostRng::new(3);
        rng.bytes(10);
        let mut streams = Streams::new([vec![1, 2, 3]]);
        streams.printed.push(b"before");
        RunState { pc: 0x44, instructions: 77, memory, streams, rng }
    }

    #[test]
    fn restored_states_are_the_saved_ones() {
        let image: MemoryImage =
            [((1, 8), 5), ((2, 0), 1), ((2, 0x3ffc), 2), ((2, 0x4000), 3), ((2, (1 << 29) - 4), 4), ((3, 12), 6)]
                .into_iter()
                .collect();
        let saved = SavedState::new(&state(&image));
        let mut restored = saved.clone().restore(&SystemConfig::default()).unwrap();
        assert_eq!((restored.pc, restored.instructions), (0x44, 77));
        assert_eq!(restored.streams, Streams::new([vec![1, 2, 3]]));
        assert_eq!(restored.rng.position(), RngPosition { seed: 3, words: 3 });
        for (&(space, pointer), &value) in &image {
            assert_eq!(restored.memory.peek(space, pointer).unwrap(), value);
        }
        assert_eq!(SavedState::new(&restored.snapshot()), saved);
        let nonzero = (0..4).map(|space| restored.memory.words().nonzero(space).count()).sum::<usize>();
        assert_eq!(nonzero, image.len());
    }

    #[test]
    fn memory_that_does_not_fit_is_an_error() {
        let image: MemoryImage = [((2, 0x40), 1)].into_iter().collect();
        let saved = SavedState::new(&state(&image));
        let with = |change: &dyn Fn(&mut Piece)| {
            let mut saved = saved.clone();
            change(&mut saved.memory[0]);
            saved.restore(&SystemConfig::default()).map(|_| ())
        };
        assert_eq!(with(&|_| ()), Ok(()));
        assert!(matches!(with(&|piece| piece.pointer = 2), Err(MemoryError::Misaligned { .. })));
        for change in [
            &(|piece: &mut Piece| piece.space = 9) as &dyn Fn(&mut Piece),
            &|piece| piece.space = 0,
            &|piece| piece.pointer = 1 << 29,
            &|piece| piece.pointer = !3,
            &|piece| piece.space = 3,
        ] {
            assert!(matches!(with(change), Err(MemoryError::OutOfRange { .. })));
        }
    }
}
