//! Guest memory on the host, and the controller through which executors access it.

mod controller;
mod words;

use p3_field::PrimeCharacteristicRing;

use crate::stark::F;

pub use controller::{GuestMemory, MemoryController, MemoryError, MemoryResult, ReadRecord, WriteRecord};
pub use words::WordStore;

/// Splits a word into its two cells, low cell first.
#[inline(always)]
pub fn cells_of(word: u32) -> [F; 2] {
    [F::from_u16(word as u16), F::from_u16((word >> 16) as u16)]
}
