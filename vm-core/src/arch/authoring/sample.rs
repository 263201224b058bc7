//! Random operands, for the tests that are generated for every instruction.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::arch::NUM_REGISTERS;
use crate::system::memory::REGISTER_SPACE;

use super::encoding::DecodeOperands;

/// Words at the edges of cells, bytes and signs.
const EDGES: [u32; 14] = [
    0,
    1,
    2,
    0xFF,
    0xFFFF,
    0x1_0000,
    0x7FFF_FFFF,
    0x8000_0000,
    0x8000_FFFF,
    0xFFFF_0000,
    0xFFFF_8000,
    0xFFFF_FFFE,
    0xFFFF_FFFF,
    0x1234_5678,
];

/// A source of reproducible random values.
#[derive(Debug)]
pub struct Samples(StdRng);

impl Samples {
    /// Values that depend on `seed` alone.
    pub fn new(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    /// Any word; in half of the cases one at an edge.
    pub fn word(&mut self) -> u32 {
        if self.0.random() { EDGES[self.0.random_range(0..EDGES.len())] } else { self.0.random() }
    }

    /// A number below `end`, which is not zero.
    pub fn below(&mut self, end: u32) -> u32 {
        self.0.random_range(0..end)
    }

    /// Byte pointer of a register other than the first.
    pub fn register(&mut self) -> u32 {
        4 * self.0.random_range(1..NUM_REGISTERS as u32)
    }
}

/// Operands of one execution, with memory on which it succeeds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// Operands `a` to `g`.
    pub operands: [u32; 7],
    /// Words at the start: address space, byte pointer, value. A word that an earlier sample sets keeps its value.
    pub words: Vec<(u32, u32, u32)>,
}

impl Sample {
    /// Operands without memory.
    pub fn new(operands: [u32; 7]) -> Self {
        Self { operands, words: Vec::new() }
    }

    /// Sets a register, by its byte pointer.
    pub fn register(self, pointer: u32, value: u32) -> Self {
        self.word(REGISTER_SPACE, pointer, value)
    }

    /// Sets a word.
    pub fn word(mut self, space: u32, pointer: u32, value: u32) -> Self {
        self.words.push((space, pointer, value));
        self
    }
}

/// Operands that generated tests execute an instruction with.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say which operands its instructions can be tested with",
    note = "implement `SampleOperands`, or write `tests = false` in `#[vm_extension(…)]` and test the instructions yourself"
)]
pub trait SampleOperands: DecodeOperands {
    /// Random operands, and the memory that they need.
    fn sample(samples: &mut Samples) -> Sample;
}
