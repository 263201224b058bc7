//! Random operands, for the tests that are generated for every instruction.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::arch::NUM_REGISTERS;
use crate::arch::REGISTER_SPACE;
use crate::instructions::{Instruction, PC_STEP, VmOpcode};

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

/// A source of reproducible random values, and what is known about the execution that the next sample is for.
#[derive(Debug)]
pub struct Samples {
    seed: u64,
    rng: StdRng,
    pc: u32,
    opcode: VmOpcode,
}

impl Samples {
    /// Values that depend on `seed` alone.
    pub fn new(seed: u64) -> Self {
        Self { seed, rng: StdRng::seed_from_u64(seed), pc: 0, opcode: VmOpcode::from_u32(0) }
    }

    /// Announces the next execution: where the sample will stand, and the opcode of its instruction.
    pub fn at(&mut self, pc: u32, opcode: VmOpcode) -> &mut Self {
        (self.pc, self.opcode) = (pc, opcode);
        self
    }

    /// Program counter of the sample: of its instruction, or of the first one that goes before it ([`Sample::before`]).
    pub const fn pc(&self) -> u32 {
        self.pc
    }

    /// Opcode of the sample's instruction, for operands that several instructions share.
    pub const fn opcode(&self) -> VmOpcode {
        self.opcode
    }

    /// Where a jump at [`Self::pc`] may go: to the next instruction, or to the one behind it. The program goes on from both,
    /// as long as the instruction that is skipped prepares nothing for later ones.
    pub fn target(&mut self) -> u32 {
        self.pc + PC_STEP * (1 + self.below(2))
    }

    /// Any word; in half of the cases one at an edge.
    pub fn word(&mut self) -> u32 {
        any_word(&mut self.rng)
    }

    /// A number below `end`, which is not zero.
    pub fn below(&mut self, end: u32) -> u32 {
        self.rng.random_range(0..end)
    }

    /// Byte pointer of a register other than the first.
    pub fn register(&mut self) -> u32 {
        4 * self.rng.random_range(1..NUM_REGISTERS as u32)
    }

    /// As [`Self::word`], but the same for all samples of a program: the content of a register (by its byte pointer) that
    /// operands depend on, and that no sample writes.
    pub fn fixed(&self, register: u32) -> u32 {
        any_word(&mut StdRng::seed_from_u64(self.seed << 32 | u64::from(register)))
    }
}

fn any_word(rng: &mut StdRng) -> u32 {
    if rng.random() { EDGES[rng.random_range(0..EDGES.len())] } else { rng.random() }
}

/// Operands of one execution, with what it needs to succeed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// Operands `a` to `g`.
    pub operands: [u32; 7],
    /// Words at the start: address space, byte pointer, value. A word that an earlier sample sets keeps its value.
    pub words: Vec<(u32, u32, u32)>,
    /// Instructions that are executed before.
    pub before: Vec<Instruction>,
    /// Input vectors of the program, behind those of earlier samples.
    pub inputs: Vec<Vec<u8>>,
}

impl Sample {
    /// Operands without memory.
    pub fn new(operands: [u32; 7]) -> Self {
        Self { operands, ..Self::default() }
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

    /// Executes another instruction right before, behind those that were given already.
    pub fn before(mut self, instruction: Instruction) -> Self {
        self.before.push(instruction);
        self
    }

    /// Appends an input vector, for an instruction of [`Self::before`] that asks for it.
    pub fn input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.inputs.push(bytes.into());
        self
    }
}

/// Operands that generated tests execute an instruction with.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say which operands its instructions can be tested with",
    note = "implement `SampleOperands`, or write `tests = false` in `#[vm_extension(…)]` and test the instructions yourself"
)]
pub trait SampleOperands: DecodeOperands {
    /// Random operands, and what an execution with them needs: memory, instructions before it, input.
    ///
    /// All samples of a program share registers and memory, and instructions change them. What success depends on, such as
    /// a pointer, belongs into a register that no sample writes, with the same content in every sample that uses it.
    fn sample(samples: &mut Samples) -> Sample;
}
