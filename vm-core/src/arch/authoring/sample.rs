//! Random operands for generated tests.

use crate::arch::REGISTER_SPACE;
use crate::arch::samples::Samples;
use crate::instructions::Instruction;

use super::encoding::DecodeOperands;

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
    /// Words in the hint stream at the start of the program, appended to those of earlier samples.
    pub hints: Vec<u32>,
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

    /// Puts a word of a value that is part of the instruction into the operands, or a word of a hint into the hints, and
    /// returns whether the value is such a one. The test calls it for each word in order, with what
    /// [`Core::sample`](super::Core::sample) returns.
    fn set_operand(_sample: &mut Sample, _value: usize, _word: u32) -> bool {
        false
    }
}
