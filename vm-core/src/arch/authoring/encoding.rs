//! Encodings of instructions in the words of a guest program.

use std::fmt;

use crate::instructions::{Instruction, VmOpcode};

/// The words `w` with `w & mask == value`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoding {
    /// Bits that the encoding fixes.
    pub mask: u32,
    /// Their values; zero outside of the mask.
    pub value: u32,
}

impl Encoding {
    /// An encoding; bits of `value` outside of `mask` do not count.
    pub const fn new(mask: u32, value: u32) -> Self {
        Self { mask, value: value & mask }
    }

    /// Whether the word has this encoding.
    #[inline]
    pub const fn matches(self, word: u32) -> bool {
        word & self.mask == self.value
    }

    /// Whether some word has both encodings.
    pub const fn overlaps(self, other: Self) -> bool {
        (self.value ^ other.value) & self.mask & other.mask == 0
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "w & {:#010x} == {:#010x}", self.mask, self.value)
    }
}

/// How an adapter's operands are taken from a word of the guest program.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say how its operands are encoded",
    note = "implement `DecodeOperands`, or use an adapter of the library"
)]
pub trait DecodeOperands {
    /// Widths, in words, of the wide memory accesses that the instruction makes: the machine gets access adapters for
    /// them ([`VmInventory::add_access_width`](crate::arch::VmInventory::add_access_width)).
    const ACCESS_WIDTHS: &'static [usize] = &[];

    /// Operands `a` to `g` of the instruction that `word` encodes at `pc`.
    fn operands(word: u32, pc: u32) -> [u32; 7];
}

/// Turns the words of one encoding into instructions of the machine.
#[derive(Clone, Copy, Debug)]
pub struct WordDecoder {
    /// Name of the instruction.
    pub name: &'static str,
    /// Its words.
    pub encoding: Encoding,
    /// Its opcode in this machine. `None` for words that trap when they are executed, and that no instruction may have.
    pub opcode: Option<VmOpcode>,
    /// Operands of a word at a program counter.
    pub operands: fn(word: u32, pc: u32) -> [u32; 7],
}

impl WordDecoder {
    /// Returns the machine's instruction for `word` at `pc`, if the word has the encoding and an opcode.
    pub fn decode(&self, word: u32, pc: u32) -> Option<Instruction> {
        let opcode = self.opcode.filter(|_| self.encoding.matches(word))?;
        Some(Instruction::from_parts(opcode, (self.operands)(word, pc)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_overlap_exactly_when_a_word_has_both() {
        let rol = Encoding::new(0xFE00_707F, 0x6000_1033);
        let ror = Encoding::new(0xFE00_707F, 0x6000_5033);
        let any_op = Encoding::new(0x7F, 0x33);
        assert!(rol.matches(0x60C5_9533) && !ror.matches(0x60C5_9533) && any_op.matches(0x60C5_9533));
        assert!(!rol.overlaps(ror) && rol.overlaps(any_op) && any_op.overlaps(ror));
    }
}
