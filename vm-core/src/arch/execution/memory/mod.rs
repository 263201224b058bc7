//! Guest memory on the host, and the controller through which executors access it.

mod controller;
mod words;

use p3_field::PrimeCharacteristicRing;

use crate::stark::F;

pub use controller::{GuestMemory, MemoryController, MemoryError, MemoryResult, ReadRecord, WriteRecord};
pub use words::WordStore;

/// Address space of registers.
pub const REGISTER_SPACE: u32 = 1;
/// Address space of main memory.
pub const MAIN_SPACE: u32 = 2;
/// Address space of user public values.
pub const PUBLIC_VALUES_SPACE: u32 = 3;

/// log2 of the largest gap, in ticks, between two accesses of a word. A word that was not accessed for longer is
/// refreshed first.
pub const ACCESS_GAP_BITS: usize = 16;

/// Splits a word into its two cells, low first.
#[inline(always)]
pub fn cells_of(word: u32) -> [F; 2] {
    [F::from_u16(word as u16), F::from_u16((word >> 16) as u16)]
}
