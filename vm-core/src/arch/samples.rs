//! The source of random values for generated tests.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::instructions::{PC_STEP, VmOpcode};

use super::config::NUM_REGISTERS;

/// Words at the limits of bytes, cells and signed integers.
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

/// Reproducible source of random values for samples, with the program counter and the opcode of the next sample.
#[derive(Debug)]
pub struct Samples {
    seed: u64,
    rng: StdRng,
    pc: u32,
    opcode: VmOpcode,
}

impl Samples {
    /// Creates a source whose values depend only on `seed`.
    pub fn new(seed: u64) -> Self {
        Self { seed, rng: StdRng::seed_from_u64(seed), pc: 0, opcode: VmOpcode::from_u32(0) }
    }

    /// Sets the program counter and the opcode of the next sample.
    pub fn at(&mut self, pc: u32, opcode: VmOpcode) -> &mut Self {
        (self.pc, self.opcode) = (pc, opcode);
        self
    }

    /// Returns the program counter of the sample's first instruction. This is the instruction under test, unless
    /// [`Sample::before`](super::authoring::Sample::before) puts others in front of it.
    pub const fn pc(&self) -> u32 {
        self.pc
    }

    /// Returns the opcode of the sample's instruction, for operand types that several instructions share.
    pub const fn opcode(&self) -> VmOpcode {
        self.opcode
    }

    /// Returns a random target for a jump at [`Self::pc`]: the next instruction or the one after it. The program can
    /// continue at both, as long as later instructions do not depend on the one that is skipped.
    pub fn target(&mut self) -> u32 {
        self.pc + PC_STEP * (1 + self.below(2))
    }

    /// Returns a random word. Half of the words are taken from a list: those at the limits of bytes, cells and signed
    /// integers.
    pub fn word(&mut self) -> u32 {
        any_word(&mut self.rng)
    }

    /// Returns a random number below `end`.
    ///
    /// # Panics
    /// Panics if `end` is 0.
    pub fn below(&mut self, end: u32) -> u32 {
        self.rng.random_range(0..end)
    }

    /// Returns the byte pointer of a random register other than the first.
    pub fn register(&mut self) -> u32 {
        4 * self.rng.random_range(1..NUM_REGISTERS as u32)
    }

    /// Returns a random word that is the same for all samples of a program: the content of the register with byte
    /// pointer `register`. Use it for a register on which operands depend and that no sample writes.
    pub fn fixed(&self, register: u32) -> u32 {
        any_word(&mut StdRng::seed_from_u64(self.seed << 32 | u64::from(register)))
    }
}

fn any_word(rng: &mut StdRng) -> u32 {
    if rng.random() { EDGES[rng.random_range(0..EDGES.len())] } else { rng.random() }
}
