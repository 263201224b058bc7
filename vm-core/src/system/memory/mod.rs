//! Memory: host storage, the bridge of AIRs, access adapters, refresh rows and the persistent Merkle boundary.

mod adapter;
mod bridge;
mod controller;
mod leaf;
mod node;
mod persistent;
mod refresh;
mod tree;
mod words;

pub use adapter::{AccessAdapterAir, WideLog, adapter_name};
pub use bridge::{
    ACCESS_GAP_BITS, MAIN_SPACE, MemoryAddress, MemoryBridge, PUBLIC_VALUES_SPACE, REGISTER_SPACE, WriteAux,
};
pub use controller::{GuestMemory, MemoryController, MemoryError, MemoryResult, ReadRecord, WriteRecord};
pub use leaf::{LeafAir, LeafCols, LeafRecord};
pub use node::{NodeAir, NodeCols, NodeRecord};
pub use persistent::{MemoryBoundary, finalize_memory};
pub use refresh::{RefreshAir, RefreshCols};
pub use tree::MerkleTree;
pub(crate) use tree::leaf_cells;
pub use words::WordStore;

use p3_field::{PrimeCharacteristicRing, PrimeField32};

use crate::stark::F;

/// Number of bits of a cell.
pub const CELL_BITS: usize = 16;
/// 2^16, the weight of a word's high cell.
pub const CELL: F = F::new(1 << CELL_BITS);
/// 2^−16.
pub const CELL_INV: F = inv_pow2(CELL_BITS);

/// Returns 2^−bits, for `bits` ≤ 27.
pub const fn inv_pow2(bits: usize) -> F {
    // p − 1 = 15·2^27, so 2^bits · (p − (p − 1) / 2^bits) = 1 modulo p.
    F::new(F::ORDER_U32 - ((F::ORDER_U32 - 1) >> bits))
}

/// Splits a word into its two cells, low first.
#[inline(always)]
pub fn cells_of(word: u32) -> [F; 2] {
    [F::from_u16(word as u16), F::from_u16((word >> 16) as u16)]
}
