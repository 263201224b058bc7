//! Guest memory on the host, and the controller through which executors access it.

mod controller;
mod words;

use p3_field::{PrimeCharacteristicRing, PrimeField32};

use crate::stark::F;

pub use controller::{GuestMemory, MemoryController, MemoryError, MemoryResult, ReadRecord, WriteRecord};
pub use words::WordStore;

/// Address space of registers.
pub const REGISTER_SPACE: u32 = 1;
/// Address space of main memory.
pub const MAIN_SPACE: u32 = 2;
/// Address space of user public values.
pub const PUBLIC_VALUES_SPACE: u32 = 3;

/// log2 of the largest gap between two accesses of a word. An access proves that the previous one is at most 2^16 ticks
/// older; a word whose last access is older is refreshed first.
pub const ACCESS_GAP_BITS: usize = 16;

/// Number of bits of a cell.
pub const CELL_BITS: usize = 16;
/// 2^16, the weight of the high cell of a word.
pub const CELL: F = F::new(1 << CELL_BITS);
/// 2^−16.
pub const CELL_INV: F = inv_pow2(CELL_BITS);

/// Returns 2^−bits, for `bits` ≤ 27.
pub const fn inv_pow2(bits: usize) -> F {
    // p − 1 = 15·2^27, so 2^bits · (p − (p − 1) / 2^bits) = 1 modulo p.
    F::new(F::ORDER_U32 - ((F::ORDER_U32 - 1) >> bits))
}

/// Splits a word into its two cells, low cell first.
#[inline(always)]
pub fn cells_of(word: u32) -> [F; 2] {
    [F::from_u16(word as u16), F::from_u16((word >> 16) as u16)]
}
