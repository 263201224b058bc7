//! The sparse Merkle tree over the memory of all address spaces.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::arch::{Digest, GuestMemory, Hasher, LEAF_BYTES, MemoryConfig, MemoryError, TREE_BLOCK_LEVELS, cells_of};
use crate::instructions::MemoryImage;
use crate::parallel::*;
use crate::stark::F;

/// Number of nodes in a block of the tree.
const BLOCK_NODES: usize = (1 << TREE_BLOCK_LEVELS) - 1;

/// A subtree of [`TREE_BLOCK_LEVELS`] levels: its nodes from the lowest level up, from left to right.
type Block = [Digest; BLOCK_NODES];

/// A Merkle tree over memory. It stores only blocks of nodes that may differ from those of the all-zero memory. Clones
/// share the blocks that neither of them changes.
///
/// A leaf holds 8 cells (16 bytes). Its label is `(address space index << log_leaves) + leaf index`, with a 0-based
/// index of the address space.
#[derive(Clone)]
pub struct MerkleTree<H> {
    hasher: H,
    height: usize,
    /// Hash of an all-zero subtree, for each height.
    zero: Vec<Digest>,
    /// Blocks by the index of their levels and the label of their topmost node.
    blocks: FxHashMap<(usize, u64), Arc<Block>>,
}

/// Returns the key of the block with a node, and the index of the node in the block.
fn locate(height: usize, label: u64) -> ((usize, u64), usize) {
    let (group, level) = (height / TREE_BLOCK_LEVELS, height % TREE_BLOCK_LEVELS);
    let above = TREE_BLOCK_LEVELS - 1 - level;
    let first_of_level = BLOCK_NODES + 1 - (2 << above);
    ((group, label >> above), first_of_level + (label as usize & ((1 << above) - 1)))
}

impl<H: Hasher> MerkleTree<H> {
    /// Creates the tree of the all-zero memory.
    pub fn new(hasher: H, config: &MemoryConfig) -> Self {
        let height = config.tree_height();
        let mut zero = vec![hasher.hash_leaf(&Digest::default())];
        for level in 0..height {
            zero.push(hasher.compress(&zero[level], &zero[level]));
        }
        Self { hasher, height, zero, blocks: FxHashMap::default() }
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
            for (label, hash) in &level {
                tree.set(height, *label, *hash);
            }
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
        let (block, node) = locate(height, label);
        self.blocks.get(&block).map_or(self.zero[height], |block| block[node])
    }

    /// Replaces the hash of a node. The nodes above it are not updated.
    pub fn set(&mut self, height: usize, label: u64, hash: Digest) {
        let (key, node) = locate(height, label);
        let zero = &self.zero;
        let block = self.blocks.entry(key).or_insert_with(|| {
            let first = key.0 * TREE_BLOCK_LEVELS;
            let level = |node: usize| TREE_BLOCK_LEVELS - 1 - (BLOCK_NODES - node).ilog2() as usize;
            Arc::new(std::array::from_fn(|node| zero.get(first + level(node)).copied().unwrap_or_default()))
        });
        Arc::make_mut(block)[node] = hash;
    }

    /// Returns the hash of the root.
    pub fn root(&self) -> Digest {
        self.get(self.height, 0)
    }
}

/// Splits the words of a leaf into cells.
pub(super) fn leaf_cells(words: &[u32; LEAF_BYTES / 4]) -> [F; 8] {
    std::array::from_fn(|i| cells_of(words[i / 2])[i % 2])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch::Poseidon2Hasher;

    #[test]
    fn nodes_of_a_block_are_distinct_and_others_are_zero() {
        let config = MemoryConfig::default();
        let mut tree = MerkleTree::new(Poseidon2Hasher::default(), &config);
        let zero = tree.clone();
        let digest = |i: usize| leaf_cells(&[i as u32 + 1; 4]);
        let nodes: Vec<(usize, u64)> = (0..=tree.height())
            .flat_map(|height| (0..9.min(1 << (tree.height() - height))).map(move |label| (height, label)))
            .collect();
        for (i, (height, label)) in nodes.iter().enumerate() {
            tree.set(*height, *label, digest(i));
        }
        for (i, (height, label)) in nodes.iter().enumerate() {
            assert_eq!(tree.get(*height, *label), digest(i), "{height} {label}");
        }
        for height in 0..tree.height() - 4 {
            // Some of these nodes are in blocks with nodes that have been set.
            for label in 9..20 {
                assert_eq!(tree.get(height, label), zero.get(height, label), "{height} {label}");
            }
        }
    }

    #[test]
    fn clones_are_independent() {
        let mut tree = MerkleTree::new(Poseidon2Hasher::default(), &MemoryConfig::default());
        let digest = leaf_cells(&[7; 4]);
        tree.set(0, 5, digest);
        let mut copy = tree.clone();
        copy.set(0, 4, digest);
        copy.set(0, 5, Digest::default());
        assert_eq!((tree.get(0, 5), tree.get(0, 4)), (digest, copy.get(0, 6)));
        assert_eq!((copy.get(0, 5), copy.get(0, 4)), (Digest::default(), digest));
    }
}
