//! Encodings of instructions as instruction words of guest programs.

use std::fmt;

use crate::instructions::{Instruction, VmOpcode};

/// The set of instruction words `w` with `w & mask == value`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoding {
    /// Bits that the encoding fixes.
    pub mask: u32,
    /// Values of the fixed bits; all other bits are zero.
    pub value: u32,
}

impl Encoding {
    /// Creates an encoding. Bits of `value` outside of `mask` are ignored.
    pub const fn new(mask: u32, value: u32) -> Self {
        Self { mask, value: value & mask }
    }

    /// Returns this encoding with another field fixed, of `bits` bits from bit `low` on. `None` if the value is too large.
    pub const fn with_field(self, low: u32, bits: u32, value: u32) -> Option<Self> {
        if value >> bits != 0 {
            return None;
        }
        Some(Self::new(self.mask | ((1 << bits) - 1) << low, self.value | value << low))
    }

    /// Returns whether `word` has this encoding.
    #[inline]
    pub const fn matches(self, word: u32) -> bool {
        word & self.mask == self.value
    }

    /// Returns whether some instruction word has both encodings.
    pub const fn overlaps(self, other: Self) -> bool {
        (self.value ^ other.value) & self.mask & other.mask == 0
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "w & {:#010x} == {:#010x}", self.mask, self.value)
    }
}

/// Decoding of operands from instruction words. Implemented by adapters, and by the operand types of multi-row
/// instructions.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not define how operands are decoded",
    note = "implement `DecodeOperands`, or use an adapter of the library"
)]
pub trait DecodeOperands {
    /// Widths, in words, of the wide memory accesses that the instruction makes. The machine gets access adapters for
    /// these widths ([`VmInventory::add_access_width`](crate::arch::VmInventory::add_access_width)).
    const ACCESS_WIDTHS: &'static [usize] = &[];
    /// Bits of the words with the registers that are operands, if they are known. `#[instruction]` refuses an encoding whose
    /// `imm` covers one of them.
    const REGISTER_BITS: u32 = 0;

    /// Returns operands `a` to `g` of the instruction that `word` encodes at program counter `pc`.
    fn operands(word: u32, pc: u32) -> [u32; 7];
}

/// Decoder of the instruction words of one encoding into instructions of the machine.
#[derive(Clone, Copy, Debug)]
pub struct WordDecoder {
    /// Name of the instruction.
    pub name: &'static str,
    /// Encoding of the instruction.
    pub encoding: Encoding,
    /// Opcode of the instruction in this machine. `None` reserves words that no instruction may have: they trap when they
    /// are executed.
    pub opcode: Option<VmOpcode>,
    /// [`DecodeOperands::operands`] of the instruction's operand type.
    pub operands: fn(word: u32, pc: u32) -> [u32; 7],
    /// Discriminant of a phantom instruction: its operand `c`.
    pub discriminant: Option<u16>,
}

impl WordDecoder {
    /// Decodes `word` at program counter `pc`. Returns `None` if the word does not have the encoding or has no opcode.
    pub fn decode(&self, word: u32, pc: u32) -> Option<Instruction> {
        let opcode = self.opcode.filter(|_| self.encoding.matches(word))?;
        let mut operands = (self.operands)(word, pc);
        if let Some(discriminant) = self.discriminant {
            operands[2] = discriminant.into();
        }
        Some(Instruction::from_parts(opcode, operands))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_fixed_one_by_one() {
        let custom1 = Encoding::new(0x7F, 0x2B);
        let funct7 = custom1.with_field(12, 3, 5).and_then(|encoding| encoding.with_field(25, 7, 0x7F));
        assert_eq!(funct7, Some(Encoding::new(0xFE00_707F, 0xFE00_502B)));
        assert_eq!(custom1.with_field(12, 3, 8), None);
    }

    #[test]
    fn encodings_overlap_exactly_when_a_word_has_both() {
        let rol = Encoding::new(0xFE00_707F, 0x6000_1033);
        let ror = Encoding::new(0xFE00_707F, 0x6000_5033);
        let any_op = Encoding::new(0x7F, 0x33);
        assert!(rol.matches(0x60C5_9533) && !ror.matches(0x60C5_9533) && any_op.matches(0x60C5_9533));
        assert!(!rol.overlaps(ror) && rol.overlaps(any_op) && any_op.overlaps(ror));
    }
}
