//! Declarations of phantom instructions.

use crate::arch::{PhantomSubExecutor, VmInventoryError};
use crate::instructions::{LocalOpcode, SystemOpcode};

use super::encoding::{Encoding, WordDecoder};
use super::spec::InstructionInfo;

/// Declaration of a phantom instruction: its word and its discriminant. Implemented by `#[phantom]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not declared as a phantom instruction",
    note = "annotate it with `#[phantom(discriminant = …, encode(…))]`, or write `discriminant => {Self}`"
)]
pub trait PhantomSpec: PhantomSubExecutor + Sized + 'static {
    /// Name, summary and encoding. The encoding has no fields that depend on parameters.
    const INFO: InstructionInfo;
    /// Lowest bits of the register fields that the encoding leaves open, at most two: operands `a` and `b`.
    const REGISTERS: &'static [u32];

    /// Returns the discriminant, by which the machine tells phantom instructions apart.
    fn discriminant(&self) -> u16;

    /// Returns the encoding of this value.
    ///
    /// # Errors
    /// [`VmInventoryError::EncodingField`] if a parameter gives a field a value that is too large.
    fn encoding(&self) -> Result<Option<Encoding>, VmInventoryError> {
        Ok(Self::INFO.encoding)
    }
}

/// Returns the decoder of the words of a phantom instruction, if they have an encoding.
pub(crate) fn phantom_decoder<P: PhantomSpec>(phantom: &P) -> Result<Option<WordDecoder>, VmInventoryError> {
    Ok(phantom.encoding()?.map(|encoding| WordDecoder {
        name: P::INFO.name,
        encoding,
        opcode: Some(SystemOpcode::PHANTOM.global_opcode()),
        operands: operands::<P>,
        discriminant: Some(phantom.discriminant()),
    }))
}

fn operands<P: PhantomSpec>(word: u32, _pc: u32) -> [u32; 7] {
    let mut operands = [0; 7];
    for (operand, low) in operands.iter_mut().take(2).zip(P::REGISTERS) {
        *operand = 4 * (word >> low & 31);
    }
    operands
}
