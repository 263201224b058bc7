//! Declaration of an instruction, or of several that share a chip, as emitted by `#[instruction]`.

use std::borrow::Cow;
use std::fmt::Write;

use crate::arch::{Chip, InstructionExecutor, SystemPort, VmInventoryError};
use crate::stark::F;

use super::encoding::{DecodeOperands, Encoding};

/// Name, documentation and encoding of one instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstructionInfo {
    /// Name, spelled as in the declaration.
    pub name: &'static str,
    /// First paragraph of the instruction's documentation.
    pub summary: &'static str,
    /// Encoding in guest programs, if the instruction has one. Fields that depend on the instruction's parameters are not
    /// fixed here: see [`InstructionSpec::encoding`].
    pub encoding: Option<Encoding>,
    /// Signature of the guest function, if the instruction has one.
    pub guest: Option<&'static str>,
}

/// Declaration of one instruction (a struct) or of several instructions that share a chip (an enum). Implemented by
/// `#[instruction(…)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not declared as an instruction",
    note = "annotate it with `#[instruction(adapter = …, columns = …)]`"
)]
pub trait InstructionSpec: Sized + Send + Sync + 'static {
    /// Decoder of operands from instruction words.
    type Operands: DecodeOperands;
    /// Type of the chip, which is also the executor.
    type Chip: InstructionExecutor + Chip + 'static;
    /// Name of the chip's AIR, unless it depends on the instruction's parameters ([`Self::name`]).
    const NAME: &'static str;
    /// The instructions in the order of their opcodes.
    const INSTRUCTIONS: &'static [InstructionInfo];
    /// First opcode, if the declaration pins it. Otherwise every machine allocates opcodes.
    const OPCODE: Option<u32>;
    /// Returns the name of the chip's AIR.
    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed(Self::NAME)
    }
    /// Returns the encoding of the instruction with an index in [`Self::INSTRUCTIONS`], if it has one.
    ///
    /// # Errors
    /// [`VmInventoryError::EncodingField`] if the parameters give a field a value that is too large.
    fn encoding(&self, index: usize) -> Result<Option<Encoding>, VmInventoryError> {
        Ok(Self::INSTRUCTIONS.get(index).and_then(|info| info.encoding))
    }
    /// Returns the names of the AIR's columns whose values the prover may choose on every row, each with the reason why
    /// that is harmless.
    fn free_columns() -> Vec<(String, &'static str)> {
        Vec::new()
    }
    /// Returns why the prover may choose the cell of a column on this row, if it may. `column` is the name in the AIR;
    /// the row is not a padding row.
    fn free_cell(_column: &str, _row: &[F]) -> Option<&'static str> {
        None
    }

    /// Creates the chip. The instructions have consecutive opcodes, starting with `opcode`.
    fn into_chip(self, port: SystemPort, opcode: u32) -> Self::Chip;
}

/// Returns a Markdown table of instructions: name, encoding, guest function, summary.
pub fn instruction_table(instructions: &[InstructionInfo]) -> String {
    let mut table = String::from("| instruction | words | guest function | |\n|---|---|---|---|\n");
    for InstructionInfo { name, summary, encoding, guest } in instructions {
        let words = encoding.map(|encoding| format!("`{encoding}`")).unwrap_or_default();
        let guest = guest.map(|guest| format!("`{guest}`")).unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = writeln!(table, "| `{name}` | {words} | {guest} | {summary} |");
    }
    table
}

/// An instruction without parameters. `#[instruction]` implements this trait for unit structs and enums.
#[diagnostic::on_unimplemented(
    message = "the extension gives no value for the instruction `{Self}`",
    note = "an instruction with parameters is listed with its value, which may use `self`, the extension: \
            `instructions({Self} = {Self} {{ … }})`"
)]
pub trait DefaultInstruction: InstructionSpec {
    /// The instruction; for an enum, the first variant.
    const VALUE: Self;
}
