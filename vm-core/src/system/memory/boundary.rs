//! The boundary of memory: ties the accesses of a segment to the Merkle roots before and after it.

use crate::arch::{
    ChipTraces, Digest, GenerationError, GuestMemory, Hasher, LEAF_WORDS, MemoryConfig, OfflineMemory,
    PUBLIC_VALUES_SPACE, Refresh, TraceContext,
};
use crate::parallel::*;
use crate::primitives::width_of;
use crate::stark::F;

use super::leaf::{LeafCols, LeafRecord};
use super::node::{NodeCols, NodeRecord};
use super::refresh::{RefreshCols, fill_refresh};
use super::tree::{MerkleTree, leaf_cells};

/// Rows of the leaf, node and refresh AIRs for one segment.
pub struct MemoryBoundary {
    /// Touched leaves, in ascending order of their labels.
    pub leaves: Vec<LeafRecord>,
    /// Touched nodes, from the lowest height up.
    pub nodes: Vec<NodeRecord>,
    /// Merkle root before the segment.
    pub initial_root: Digest,
    /// Merkle root after the segment.
    pub final_root: Digest,
    refreshes: Vec<Refresh>,
    as_offset: u32,
}

/// Builds the boundary rows of a segment from the log of its preflight run, and updates `tree` from the initial to the
/// final memory.
///
/// The first `public_leaves` leaves of the public values' address space get a row even if they are not touched.
pub fn finalize_memory<H: Hasher>(
    config: &MemoryConfig,
    memory: &GuestMemory,
    log: OfflineMemory,
    tree: &mut MerkleTree<H>,
    public_leaves: usize,
) -> MemoryBoundary {
    let public_space = PUBLIC_VALUES_SPACE - config.as_offset;
    let mut touched: Vec<(u32, u32)> =
        log.first_touches().iter().map(|touch| (touch.space, touch.word / LEAF_WORDS as u32)).collect();
    touched.extend((0..public_leaves as u32).map(|leaf| (public_space, leaf)));
    // Without any row, no node would receive the connector's message for the root.
    touched.push((0, 0));
    sort_unstable(&mut touched);
    touched.dedup();

    let mut leaves: Vec<LeafRecord> = touched
        .par_iter()
        .map(|&(space, leaf)| {
            let words = memory.words();
            let final_: [u32; 4] =
                std::array::from_fn(|i| words.get(space as usize, leaf as usize * LEAF_WORDS + i).unwrap_or(0));
            let final_timestamps =
                std::array::from_fn(|i| log.last_access(space as usize, leaf as usize * LEAF_WORDS + i));
            LeafRecord {
                space,
                leaf,
                initial: final_,
                final_,
                // This row both sends and receives a word that was not accessed, at timestamp 0.
                initial_timestamps: [0; 4],
                final_timestamps,
                initial_hash: Digest::default(),
                final_hash: Digest::default(),
                is_public: space == public_space,
            }
        })
        .collect();
    for touch in log.first_touches() {
        let key = (touch.space, touch.word / LEAF_WORDS as u32);
        if let Ok(index) = touched.binary_search(&key) {
            let word = touch.word as usize % LEAF_WORDS;
            leaves[index].initial[word] = touch.value;
            leaves[index].initial_timestamps[word] = touch.timestamp;
        }
    }

    let initial_root = tree.root();
    let label = |space: u32, leaf: u32| (u64::from(space) << config.log_leaves()) + u64::from(leaf);
    let hasher = tree.hasher().clone();
    leaves.par_iter_mut().for_each(|leaf| {
        leaf.initial_hash = tree.get(0, label(leaf.space, leaf.leaf));
        leaf.final_hash = if leaf.dirty() { hasher.hash_leaf(&leaf_cells(&leaf.final_)) } else { leaf.initial_hash };
    });

    let mut nodes = Vec::new();
    // (label, initial hash, final hash) of the touched nodes of the current height.
    let mut level: Vec<(u64, Digest, Digest)> =
        leaves.iter().map(|leaf| (label(leaf.space, leaf.leaf), leaf.initial_hash, leaf.final_hash)).collect();
    for height in 0..tree.height() {
        let groups: Vec<&[(u64, Digest, Digest)]> = level.chunk_by(|a, b| a.0 / 2 == b.0 / 2).collect();
        let parents: Vec<NodeRecord> = groups
            .par_iter()
            .map(|group| {
                let parent = group[0].0 / 2;
                let child = |side: u64| group.iter().find(|(label, ..)| *label == 2 * parent + side);
                let before: [Digest; 2] = [0, 1].map(|side| tree.get(height, 2 * parent + side));
                let after: [Digest; 2] = [0, 1].map(|side| child(side).map_or(before[side as usize], |c| c.2));
                let initial_hash = tree.get(height + 1, parent);
                NodeRecord {
                    height: height as u32 + 1,
                    label: parent as u32,
                    touched: [child(0).is_some(), child(1).is_some()],
                    initial_children: before,
                    final_children: after,
                    initial_hash,
                    final_hash: if before == after { initial_hash } else { hasher.compress(&after[0], &after[1]) },
                }
            })
            .collect();
        set_changed(tree, height, &level);
        level = parents.iter().map(|node| (u64::from(node.label), node.initial_hash, node.final_hash)).collect();
        nodes.extend(parents);
    }
    set_changed(tree, tree.height(), &level);

    MemoryBoundary {
        leaves,
        nodes,
        initial_root,
        final_root: tree.root(),
        refreshes: log.refreshes().to_vec(),
        as_offset: config.as_offset,
    }
}

/// Stores the final hashes of (label, initial hash, final hash) that differ from the initial ones. The tree stays small,
/// because nodes that are only read are not stored.
fn set_changed<H: Hasher>(tree: &mut MerkleTree<H>, height: usize, nodes: &[(u64, Digest, Digest)]) {
    for (label, _, after) in nodes.iter().filter(|(_, before, after)| before != after) {
        tree.set(height, *label, *after);
    }
}

impl MemoryBoundary {
    /// Fills the traces of the leaf AIR and drops the leaves. Also returns the number of rows without padding.
    pub(crate) fn fill_leaves(&mut self, ctx: &TraceContext<'_>) -> Result<(ChipTraces, usize), GenerationError> {
        fill(ctx, "MemoryLeaf", width_of::<LeafCols<u8>>(), &mut self.leaves, LeafRecord::fill)
    }

    /// Fills the traces of the node AIR and drops the nodes. Also returns the number of rows without padding.
    pub(crate) fn fill_nodes(&mut self, ctx: &TraceContext<'_>) -> Result<(ChipTraces, usize), GenerationError> {
        fill(ctx, "MemoryNode", width_of::<NodeCols<u8>>(), &mut self.nodes, NodeRecord::fill)
    }

    /// Fills the traces of the refresh AIR and drops the refreshes. Also returns the number of rows without padding.
    pub(crate) fn fill_refreshes(&mut self, ctx: &TraceContext<'_>) -> Result<(ChipTraces, usize), GenerationError> {
        let as_offset = self.as_offset;
        let fill_row = |refresh: &Refresh, row: &mut [F]| fill_refresh(refresh, as_offset, row);
        fill(ctx, "MemoryRefresh", width_of::<RefreshCols<u8>>(), &mut self.refreshes, fill_row)
    }
}

/// Takes records and fills their traces.
fn fill<R: Sync>(
    ctx: &TraceContext<'_>,
    air: &str,
    width: usize,
    records: &mut Vec<R>,
    fill_row: impl Fn(&R, &mut [F]) + Sync,
) -> Result<(ChipTraces, usize), GenerationError> {
    let records = std::mem::take(records);
    let traces = ChipTraces::fill(ctx, air, width, &records, |record, row| {
        fill_row(record, row);
        Ok(())
    })?;
    Ok((traces, records.len()))
}
