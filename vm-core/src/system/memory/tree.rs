//! The sparse Merkle tree over the memory of all address spaces.

use rustc_hash::FxHashMap;

use crate::arch::{Digest, GuestMemory, Hasher, LEAF_BYTES, MemoryConfig, MemoryError, cells_of};
use crate::instructions::MemoryImage;
use crate::parallel::*;
use crate::stark::F;

/// A Merkle tree over memory. It stores only nodes that may differ from those of the all-zero memory.
///
/// A leaf holds 8 cells (16 bytes). Its label is `(address space index << log_leaves) + leaf index`, with a 0-based
/// index of the address space.
#[derive(Clone)]
pub struct MerkleTree<H> {
    hasher: H,
    height: usize,
    /// Hash of an all-zero subtree, for each height.
    zero: Vec<Digest>,
    nodes: FxHashMap<(usize, u64), Digest>,
}

impl<H: Hasher> MerkleTree<H> {
    /// Creates the tree of the all-zero memory.
    pub fn new(hasher: H, config: &MemoryConfig) -> Self {
        let height = config.tree_height();
        let mut zero = vec![hasher.hash_leaf(&Digest::default())];
        for level in 0..height {
            zero.push(hasher.compress(&zero[level], &zero[level]));
        }
        Self { hasher, height, zero, nodes: FxHashMap::default() }
    }

    /// Creates the tree of an initial memory image.
    ///
    /// # Errors
    /// An entry of the image is misaligned or outside of its address space (see [`GuestMemory::from_image`]).
    pub fn from_image(
        hasher: H,
        config: &MemoryConfig,
        num_public_values: usize,
        image: &MemoryImage,
    ) -> Result<Self, MemoryError> {
        Ok(Self::from_memory(hasher, config, &GuestMemory::from_image(config, num_public_values, image)?))
    }

    /// Creates the tree of the present content of `memory`.
    pub fn from_memory(hasher: H, config: &MemoryConfig, memory: &GuestMemory) -> Self {
        let mut tree = Self::new(hasher, config);
        let mut leaves: Vec<(u64, [u32; LEAF_BYTES / 4])> = Vec::new();
        for space in 0..memory.words().num_spaces() {
            for (word, value) in memory.words().nonzero(space) {
                let label = ((space as u64) << config.log_leaves()) + (word * 4 / LEAF_BYTES) as u64;
                if leaves.last().is_none_or(|(last, _)| *last != label) {
                    leaves.push((label, [0; LEAF_BYTES / 4]));
                }
                if let Some((_, words)) = leaves.last_mut() {
                    words[word % (LEAF_BYTES / 4)] = value;
                }
            }
        }
        let mut level: Vec<(u64, Digest)> =
            leaves.par_iter().map(|(label, words)| (*label, tree.hasher.hash_leaf(&leaf_cells(words)))).collect();
        for height in 0..=tree.height {
            tree.nodes.extend(level.iter().map(|(label, hash)| ((height, *label), *hash)));
            if height < tree.height {
                let pairs: Vec<&[(u64, Digest)]> = level.chunk_by(|a, b| a.0 / 2 == b.0 / 2).collect();
                level = pairs
                    .par_iter()
                    .map(|pair| {
                        let parent = pair[0].0 / 2;
                        let left = tree.get(height, 2 * parent);
                        let right = tree.get(height, 2 * parent + 1);
                        (parent, tree.hasher.compress(&left, &right))
                    })
                    .collect();
            }
        }
        tree
    }

    /// Returns the Merkle path of a node: the siblings on the way up to the root, lowest first.
    pub fn siblings(&self, height: usize, label: u64) -> Vec<Digest> {
        (height..self.height).map(|level| self.get(level, (label >> (level - height)) ^ 1)).collect()
    }

    /// Returns the number of levels above the leaves.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Returns the hash function of the tree.
    pub fn hasher(&self) -> &H {
        &self.hasher
    }

    /// Returns the hash of the node with `label` at `height`. Leaves have height 0.
    ///
    /// # Panics
    /// If `height` exceeds the height of the tree.
    pub fn get(&self, height: usize, label: u64) -> Digest {
        self.nodes.get(&(height, label)).copied().unwrap_or(self.zero[height])
    }

    /// Replaces the hash of a node. The nodes above it are not updated.
    pub fn set(&mut self, height: usize, label: u64, hash: Digest) {
        self.nodes.insert((height, label), hash);
    }

    /// Returns the hash of the root.
    pub fn root(&self) -> Digest {
        self.get(self.height, 0)
    }
}

/// Splits the words of a leaf into cells.
pub(crate) fn leaf_cells(words: &[u32; LEAF_BYTES / 4]) -> [F; 8] {
    std::array::from_fn(|i| cells_of(words[i / 2])[i % 2])
}
