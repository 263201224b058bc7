//! Operands of instructions whose chips make the accesses themselves.

use vm_core::arch::authoring::{DecodeOperands, Sample, SampleOperands, Samples};
use vm_core::system::memory::MAIN_SPACE;

use super::{sample_fixed, sample_pointer};
use crate::opcodes::register;

/// Operands `a`, `b` and `c`: byte pointers of the registers in the fields rd, rs1 and rs2, all of which the
/// instruction reads. For multi-row instructions, as in `#[instruction(multi_row, operands = Rv32Registers, …)]`.
#[derive(Clone, Copy, Debug)]
pub struct Rv32Registers;

impl DecodeOperands for Rv32Registers {
    const REGISTER_BITS: u32 = 31 << 7 | 31 << 15 | 31 << 20;

    /// R format.
    fn operands(word: u32, _pc: u32) -> [u32; 7] {
        let field = |low: u32| register((word >> low & 31) as u8);
        [field(7), field(15), field(20), 0, 0, 0, 0]
    }
}

/// [`Rv32Registers`] of an instruction on a message, such as a hash: pointer to the result, pointer to the message,
/// number of bytes. Generated tests use aligned pointers and fewer than `LIMIT` bytes.
#[derive(Clone, Copy, Debug)]
pub struct Rv32Message<const LIMIT: u32>;

impl<const LIMIT: u32> DecodeOperands for Rv32Message<LIMIT> {
    const REGISTER_BITS: u32 = Rv32Registers::REGISTER_BITS;

    fn operands(word: u32, pc: u32) -> [u32; 7] {
        Rv32Registers::operands(word, pc)
    }
}

impl<const LIMIT: u32> SampleOperands for Rv32Message<LIMIT> {
    fn sample(samples: &mut Samples) -> Sample {
        let (rd, to) = sample_pointer(samples);
        let (rs1, from) = sample_pointer(samples);
        let (rs2, word) = sample_fixed(samples);
        let length = word % LIMIT;
        let sample = Sample::new([rd, rs1, rs2, 0, 0, 0, 0]).register(rd, to).register(rs1, from).register(rs2, length);
        (0..length.div_ceil(4)).fold(sample, |sample, i| sample.word(MAIN_SPACE, from + 4 * i, samples.word()))
    }
}
