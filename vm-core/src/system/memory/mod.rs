//! The AIRs of memory: access adapters for wide accesses, refreshes, and the leaves and nodes of the Merkle tree.

mod adapter;
#[cfg(feature = "prover")]
mod boundary;
mod leaf;
mod node;
mod refresh;
mod tree;

#[doc(no_inline)]
pub use crate::arch::{
    ACCESS_GAP_BITS, CELL, CELL_BITS, CELL_INV, GuestMemory, MAIN_SPACE, MemoryAddress, MemoryBridge, MemoryController,
    MemoryError, MemoryResult, PUBLIC_VALUES_SPACE, REGISTER_SPACE, ReadRecord, WideLog, WordStore, WriteAux,
    WriteRecord, adapter_name, cells_of, inv_pow2,
};
pub use adapter::AccessAdapterAir;
#[cfg(feature = "prover")]
pub use boundary::{MemoryBoundary, finalize_memory};
pub use leaf::{LeafAir, LeafCols, LeafRecord};
pub use node::{NodeAir, NodeCols, NodeRecord};
pub use refresh::{RefreshAir, RefreshCols};
pub use tree::MerkleTree;
