//! Operands of declared adapters, from instruction words.

use crate::arch::authoring::DecodeOperands;

use super::layout::{DestinationKind, SourceKind};
use super::{Constants, DeclaredAdapter};

/// A field of an instruction word with the number of a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegisterField {
    /// Name of the field, and of the column with its operand.
    pub name: &'static str,
    /// Lowest bit of the field in the word.
    pub bit: u32,
}

/// A format of instruction words. `#[adapter(format = W, read(rs1))]` names the associated constant `W::RS1`, a
/// [`RegisterField`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a format of instruction words",
    note = "use a format of the library, such as `Rv32R`, or implement `WordFormat`"
)]
pub trait WordFormat: 'static {
    /// Returns the immediate of a word, if words of the format have one.
    const IMMEDIATE: Option<fn(word: u32) -> u32> = None;
    /// Returns the target of the branch that a word encodes at a program counter, if words of the format have one. It
    /// must be at most [`PC_LIMIT`](crate::instructions::PC_LIMIT).
    const TARGET: Option<fn(word: u32, pc: u32) -> u32> = None;

    /// Returns the byte pointer of the register that a field names, for an instruction that reads it.
    fn source(word: u32, field: RegisterField) -> u32;
    /// Returns the byte pointer of the register that a field names, for an instruction that writes it.
    fn destination(word: u32, field: RegisterField) -> u32;
}

impl<A: DeclaredAdapter> DecodeOperands for A {
    const ACCESS_WIDTHS: &'static [usize] = Constants::<A>::WIDTHS.as_slice();
    const REGISTER_BITS: u32 = Constants::<A>::REGISTER_BITS;

    fn operands(word: u32, pc: u32) -> [u32; 7] {
        let mut operands = [0; 7];
        let mut slots = operands.iter_mut();
        let mut put = |operand: u32| {
            if let Some(slot) = slots.next() {
                *slot = operand;
            }
        };
        if let Some(field) = A::DESTINATION {
            // A register with a pointer is read.
            put(match Constants::<A>::KIND {
                DestinationKind::Register => A::Format::destination(word, field),
                _ => A::Format::source(word, field),
            });
        }
        let mut fields = A::REGISTERS.iter();
        for kind in Constants::<A>::KINDS {
            match (kind, A::Format::IMMEDIATE) {
                (SourceKind::Immediate, Some(immediate)) => {
                    let immediate = immediate(word);
                    put(immediate & 0xFFFF);
                    put(immediate >> 16);
                }
                (SourceKind::Hint(_), _) => {}
                // `Constants::CHECK` excludes immediates without a format that has them, and lists that are too short.
                _ => put(fields.next().map_or(0, |field| A::Format::source(word, *field))),
            }
        }
        if let (DestinationKind::Branch, Some(target)) = (Constants::<A>::KIND, A::Format::TARGET) {
            put(target(word, pc));
        }
        operands
    }
}
