//! Random operands for generated tests.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::arch::NUM_REGISTERS;
use crate::arch::REGISTER_SPACE;
use crate::instructions::{Instruction, PC_STEP, VmOpcode};

use super::encoding::DecodeOperands;

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
    /// [`Sample::before`] puts others in front of it.
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

/// Operands of one execution, with the memory, instructions and input that it needs to succeed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// Operands `a` to `g`.
    pub operands: [u32; 7],
    /// Words at the start of the program: address space, byte pointer, value. If several samples set a word, the first
    /// one wins.
    pub words: Vec<(u32, u32, u32)>,
    /// Instructions that are executed right before this one.
    pub before: Vec<Instruction>,
    /// Input vectors, appended to those of earlier samples.
    pub inputs: Vec<Vec<u8>>,
}

impl Sample {
    /// Creates a sample that needs nothing beyond its operands.
    pub fn new(operands: [u32; 7]) -> Self {
        Self { operands, ..Self::default() }
    }

    /// Sets a register, given by its byte pointer, at the start of the program.
    pub fn register(self, pointer: u32, value: u32) -> Self {
        self.word(REGISTER_SPACE, pointer, value)
    }

    /// Returns the word at a byte pointer at the start of the program, if this sample sets it.
    pub fn word_at(&self, space: u32, pointer: u32) -> Option<u32> {
        let word = self.words.iter().find(|word| (word.0, word.1) == (space, pointer));
        word.map(|(.., value)| *value)
    }

    /// Sets a word at the start of the program.
    pub fn word(mut self, space: u32, pointer: u32, value: u32) -> Self {
        self.words.push((space, pointer, value));
        self
    }

    /// Executes another instruction right before this one. Several such instructions are executed in the order of the
    /// calls.
    pub fn before(mut self, instruction: Instruction) -> Self {
        self.before.push(instruction);
        self
    }

    /// Appends an input vector, for an instruction of [`Self::before`] that reads it.
    pub fn input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.inputs.push(bytes.into());
        self
    }
}

/// Source of the operands with which generated tests execute an instruction.
#[diagnostic::on_unimplemented(
    message = "`{Self}` provides no operands for the generated tests of its instructions",
    note = "implement `SampleOperands`, or write `tests = false` in `#[vm_extension(…)]` and test the instructions yourself"
)]
pub trait SampleOperands: DecodeOperands {
    /// Returns random operands, with the memory, instructions and input that an execution with them needs.
    ///
    /// All samples of a program share registers and memory, and instructions change them. A value on which success
    /// depends, such as a pointer, belongs in a register that no sample writes. Its content must be the same in every
    /// sample that uses the register ([`Samples::fixed`]).
    fn sample(samples: &mut Samples) -> Sample;

    /// Returns from where an execution of `sample` reads a word of a value: address space and byte pointer. The test sets
    /// it to what [`Core::sample`](super::Core::sample) returns.
    ///
    /// Returns `None` if the word is not in memory, or if the operand type does not support `Core::sample`.
    fn source(_sample: &Sample, _value: usize, _word: usize) -> Option<(u32, u32)> {
        None
    }
}
