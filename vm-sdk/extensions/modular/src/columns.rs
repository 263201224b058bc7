//! Numbers in columns.

use p3_field::PrimeCharacteristicRing;
use vm_sdk::prelude::*;

use crate::number::{Number, words};

/// Returns the lowest words of a number as bytes.
pub fn byte_cells<const WORDS: usize>(number: Number) -> [Bytes<F>; WORDS] {
    words(number).map(|word: u32| word.to_le_bytes().map(F::from_u8))
}

/// Returns the lowest words of a number as 16-bit cells.
pub fn word_cells<const WORDS: usize>(number: Number) -> [Word<F>; WORDS] {
    words(number).map(|word: u32| [word & 0xFFFF, word >> 16].map(F::from_u32))
}

/// Returns the two 16-bit cells of a word of bytes.
pub fn word_of_bytes<E: PrimeCharacteristicRing, C: Copy + Into<E>>(bytes: &Bytes<C>) -> [E; 2] {
    let [b0, b1, b2, b3] = bytes.map(Into::into);
    [b0 + b1 * E::from_u32(1 << 8), b2 + b3 * E::from_u32(1 << 8)]
}

/// Returns the 16-bit cells of words of bytes.
pub fn cells_of_bytes<E: PrimeCharacteristicRing, C: Copy + Into<E>>(words: &[Bytes<C>]) -> Vec<E> {
    words.iter().flat_map(word_of_bytes).collect()
}
