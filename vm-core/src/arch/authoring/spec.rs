//! What `#[instruction]` says about an instruction, or about several that share a chip.

use std::fmt::Write;

use crate::arch::{Chip, InstructionExecutor, SystemPort};
use crate::stark::F;

use super::encoding::{DecodeOperands, Encoding};

/// One instruction of a declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstructionInfo {
    /// Name, in the spelling of the declaration.
    pub name: &'static str,
    /// First paragraph of its documentation.
    pub summary: &'static str,
    /// Its words in guest programs, if it has an encoding.
    pub encoding: Option<Encoding>,
    /// Signature of its guest function, if it has one.
    pub guest: Option<&'static str>,
}

/// A struct (one instruction) or an enum (several that share a chip) with `#[instruction(…)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not declared as an instruction",
    note = "annotate it with `#[instruction(adapter = …, columns = …)]`"
)]
pub trait InstructionSpec: Sized + Send + Sync + 'static {
    /// How operands are taken from a word of the guest program.
    type Operands: DecodeOperands;
    /// Executor and chip.
    type Chip: InstructionExecutor + Chip + 'static;
    /// Name of the chip's AIR.
    const NAME: &'static str;
    /// The instructions, in order of their opcodes.
    const INSTRUCTIONS: &'static [InstructionInfo];
    /// First opcode, if the declaration pins it; otherwise every machine allocates its own.
    const OPCODE: Option<u32>;
    /// Columns of the AIR that the prover may choose, by name, and why that is harmless.
    fn free_columns() -> Vec<(String, &'static str)> {
        Vec::new()
    }
    /// Why the prover may choose the cell of a column on a row that is no padding, if it may: for columns that rows use
    /// only sometimes.
    fn free_cell(_column: &str, _row: &[F]) -> Option<&'static str> {
        None
    }

    /// The chip, for opcodes from `opcode` on.
    fn into_chip(self, port: SystemPort, opcode: u32) -> Self::Chip;
}

/// Markdown table of instructions: name, encoding, guest function, summary.
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

/// An instruction without parameters: `#[instruction]` implements it for unit structs and enums.
#[diagnostic::on_unimplemented(
    message = "the extension does not say which `{Self}`",
    note = "an instruction with parameters is listed with its value, which may use `self`, the extension: \
            `instructions({Self} = {Self} {{ … }})`"
)]
pub trait DefaultInstruction: InstructionSpec {
    /// The instruction; of an enum, the first variant.
    const VALUE: Self;
}
