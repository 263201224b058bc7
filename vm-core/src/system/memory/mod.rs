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

/// Splits a word into its two cells, low first.
#[inline(always)]
pub fn cells_of(word: u32) -> [crate::stark::F; 2] {
    use p3_field::PrimeCharacteristicRing;
    [crate::stark::F::from_u16(word as u16), crate::stark::F::from_u16((word >> 16) as u16)]
}
