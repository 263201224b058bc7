//! Metered runs, which count the rows that a proof will need.

use rustc_hash::FxHashSet;

use crate::arch::buses::{MEMORY_WIDE_BUSES, adapter_name};
use crate::arch::config::{LEAF_BYTES, LEAF_WORDS, MemoryConfig, TREE_BLOCK_LEVELS};
use crate::arch::execution::memory::{ACCESS_GAP_BITS, WordStore};
use crate::arch::execution::{ExecutionMode, WideAccess};
use crate::instructions::MemoryImage;

/// Flag in [`Metered::last`]: the word was written, so its leaf is already in [`Metered::dirty`].
const DIRTY: u32 = 1 << 31;

/// Numbers of rows of the memory system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryRows {
    /// Number of touched leaves.
    pub leaves: usize,
    /// Number of touched inner nodes.
    pub nodes: usize,
    /// Upper bound on the number of hashes of leaves and nodes, before and after the segment.
    pub hashes: usize,
    /// Number of refreshes.
    pub refreshes: usize,
    /// Numbers of rows of the access adapters.
    pub adapters: AdapterRows,
}

impl MemoryRows {
    /// Returns the names of the AIRs of leaves, nodes, refreshes and of those access adapters that are used, each with
    /// its exact number of rows.
    pub fn by_air(&self) -> Vec<(String, usize)> {
        let memory = [("MemoryLeaf", self.leaves), ("MemoryNode", self.nodes), ("MemoryRefresh", self.refreshes)];
        let adapters = self.adapters.iter().filter(|(.., rows)| *rows > 0);
        let adapters = adapters.map(|(words, is_write, rows)| (adapter_name(words, is_write), rows));
        memory.into_iter().map(|(air, rows)| (air.to_owned(), rows)).chain(adapters).collect()
    }
}

/// Numbers of rows of the access adapters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AdapterRows {
    /// Numbers of reads and writes, for widths of 2, 4, 8, 16 and 32 words.
    rows: [[usize; 2]; MEMORY_WIDE_BUSES.len()],
}

impl AdapterRows {
    /// Returns the number of rows of the adapter that reads or writes `words` words; 0 if there is no such adapter.
    pub fn get(&self, words: usize, is_write: bool) -> usize {
        self.iter().find(|(width, write, _)| (*width, *write) == (words, is_write)).map_or(0, |(.., rows)| rows)
    }

    /// Returns (words, whether it writes, rows) for every adapter.
    pub fn iter(&self) -> impl Iterator<Item = (usize, bool, usize)> + '_ {
        let widths = self.rows.iter().enumerate();
        widths.flat_map(|(i, [reads, writes])| [(2 << i, false, *reads), (2 << i, true, *writes)])
    }

    fn add(&mut self, access: &WideAccess<'_>) {
        if let Some(rows) = self.rows.get_mut(access.data.len().trailing_zeros() as usize - 1) {
            rows[usize::from(access.prev_data.is_some())] += 1;
        }
    }
}

/// Leaves and nodes of the memory tree that may differ from zeroed memory at the start of a segment.
///
/// All other nodes of a height have the same hash. A proof contains this hash only once, however many such nodes there
/// are.
#[derive(Clone, Debug, Default)]
pub struct WrittenNodes {
    nodes: FxHashSet<u64>,
    /// Number of blocks with these nodes.
    blocks: usize,
}

impl WrittenNodes {
    /// Returns the leaves that hold words of an initial image, and all nodes above them.
    pub fn of_image(config: &MemoryConfig, image: &MemoryImage) -> Self {
        let mut written = Self::default();
        for &(space, pointer) in image.keys() {
            let space = u64::from(space.wrapping_sub(config.as_offset));
            let label = (space << config.log_leaves()) + u64::from(pointer) / LEAF_BYTES as u64;
            let Self { nodes, blocks } = &mut written;
            Metered::mark(nodes, label, config.tree_height(), |height, _| *blocks += usize::from(is_block_top(height)));
        }
        written
    }
}

/// Returns whether nodes of this height are the topmost nodes of blocks of the memory tree. If a node was written, so
/// were all nodes above it, so each written block has a written topmost node. The last block below the root is an
/// exception that does not matter.
fn is_block_top(height: usize) -> bool {
    height % TREE_BLOCK_LEVELS == TREE_BLOCK_LEVELS - 1
}

/// Metered mode: counts rows per executor and touched memory, so that the ends of segments can be planned before any
/// trace exists.
#[derive(Debug)]
pub struct Metered {
    timestamp: u32,
    /// Time of each word's last access, with the flag [`DIRTY`]; 0 if there was none.
    last: WordStore,
    log_leaves: usize,
    tree_height: usize,
    /// Leaves and nodes above words that were accessed.
    touched: FxHashSet<u64>,
    /// Leaves and nodes above words that were written.
    dirty: FxHashSet<u64>,
    /// Number of blocks of the memory tree that were written in the segment, but not before it.
    dirty_blocks: usize,
    written_before: WrittenNodes,
    /// One bit per height: the hash of zeroed memory is already counted.
    zero_hashes: u64,
    memory_rows: MemoryRows,
    rows: Vec<usize>,
    /// Largest number of rows of one instruction, per executor.
    longest: Vec<usize>,
    /// Index of the current instruction's executor.
    current: usize,
    phantoms: usize,
    /// Rows of periphery chips, by AIR name. A list suffices: there are few such chips, and the instructions that add
    /// to it take thousands of cycles anyway.
    periphery: Vec<(&'static str, usize)>,
}

impl Metered {
    /// Creates the counters for the start of a segment, for a machine with `num_executors` executors. `written_before`
    /// are the leaves and nodes that the run has written before the segment.
    pub fn new(
        config: &MemoryConfig,
        num_public_values: usize,
        num_executors: usize,
        written_before: WrittenNodes,
    ) -> Self {
        Self {
            timestamp: 1,
            last: WordStore::new(config, num_public_values),
            log_leaves: config.log_leaves(),
            tree_height: config.tree_height(),
            touched: FxHashSet::default(),
            dirty: FxHashSet::default(),
            dirty_blocks: 0,
            written_before,
            zero_hashes: 0,
            memory_rows: MemoryRows::default(),
            rows: vec![0; num_executors],
            longest: vec![1; num_executors],
            current: 0,
            phantoms: 0,
            periphery: Vec::new(),
        }
    }

    /// Returns the number of phantom instructions, which is the number of rows of their AIR.
    pub fn phantom_rows(&self) -> usize {
        self.phantoms
    }

    /// Returns the number of rows that instructions added to an extension's periphery chip, given by the name of its
    /// AIR.
    pub fn periphery_rows(&self, air: &str) -> usize {
        self.periphery.iter().find(|(name, _)| *name == air).map_or(0, |(_, rows)| *rows)
    }

    /// Returns the number of rows per executor, by its index in the inventory.
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// Returns the largest number of rows of one instruction, per executor; at least 1.
    pub fn longest(&self) -> &[usize] {
        &self.longest
    }

    /// Takes the leaves and nodes that were written before the segment.
    pub fn take_written_before(&mut self) -> WrittenNodes {
        std::mem::take(&mut self.written_before)
    }

    /// Takes the leaves and nodes that were written before the segment or in it.
    pub fn take_written(&mut self) -> WrittenNodes {
        let mut written = self.take_written_before();
        written.blocks += self.dirty_blocks;
        written.nodes.extend(self.dirty.drain());
        written
    }

    /// Returns the bytes of the pages with the times of last accesses. The log of a preflight run has the same pages.
    pub fn log_bytes(&self) -> usize {
        self.last.allocated_bytes()
    }

    /// Returns the number of blocks of the memory tree that the run has written so far, before the segment or in it.
    pub fn written_blocks(&self) -> usize {
        self.written_before.blocks + self.dirty_blocks
    }

    /// Returns the numbers of rows of the memory system. Hashes are an upper bound; all other numbers are exact.
    pub fn memory_rows(&self) -> MemoryRows {
        self.memory_rows
    }

    /// Counts a leaf as touched even if no instruction accesses it. The leaves of public values are always in the
    /// proof.
    pub fn touch_leaf(&mut self, space: usize, leaf: usize) {
        let label = self.label(space, leaf);
        Self::mark(&mut self.touched, label, self.tree_height, |level, node| {
            if level == 0 {
                self.memory_rows.leaves += 1
            } else {
                self.memory_rows.nodes += 1
            }
            let seen = 1 << level;
            if self.written_before.nodes.contains(&node) {
                self.memory_rows.hashes += 1;
            } else if self.zero_hashes & seen == 0 {
                self.zero_hashes |= seen;
                self.memory_rows.hashes += 1;
            }
        });
    }

    fn label(&self, space: usize, leaf: usize) -> u64 {
        ((space as u64) << self.log_leaves) + leaf as u64
    }

    /// Adds a leaf and its ancestors to a set, and calls `on_new(height, node)` for those that are new. A node's key in
    /// the set combines its height and its label.
    fn mark(set: &mut FxHashSet<u64>, label: u64, tree_height: usize, mut on_new: impl FnMut(usize, u64)) {
        for level in 0..=tree_height {
            let node = ((level as u64) << 40) | (label >> level);
            if !set.insert(node) {
                break;
            }
            on_new(level, node);
        }
    }

    #[cold]
    #[inline(never)]
    fn first_touch(&mut self, space: usize, word: usize) {
        self.touch_leaf(space, word / LEAF_WORDS);
    }

    #[cold]
    #[inline(never)]
    fn first_write(&mut self, space: usize, word: usize) {
        let label = self.label(space, word / LEAF_WORDS);
        Self::mark(&mut self.dirty, label, self.tree_height, |height, node| {
            self.memory_rows.hashes += 1;
            let is_new = is_block_top(height) && !self.written_before.nodes.contains(&node);
            self.dirty_blocks += usize::from(is_new);
        });
    }
}

impl ExecutionMode for Metered {
    const METERED: bool = true;
    const RECORD: bool = false;

    #[inline(always)]
    fn timestamp(&self) -> u32 {
        self.timestamp
    }

    #[inline(always)]
    fn access(&mut self, space: usize, word: usize, _value: u32, is_write: bool) -> u32 {
        let now = self.timestamp;
        self.timestamp = now + 1;
        let Some(slot) = self.last.get_mut(space, word) else { return 0 };
        let last = *slot;
        let dirty = if is_write { DIRTY } else { last & DIRTY };
        *slot = now | dirty;
        if last == 0 {
            self.first_touch(space, word);
        } else if now - (last & !DIRTY) > 1 << ACCESS_GAP_BITS {
            self.memory_rows.refreshes += 1;
        }
        if dirty != last & DIRTY {
            self.first_write(space, word);
        }
        0
    }

    #[inline(always)]
    fn wide_access(&mut self, access: WideAccess<'_>) {
        self.memory_rows.adapters.add(&access);
    }

    #[inline(always)]
    fn tick(&mut self) {
        self.timestamp += 1;
    }

    #[inline(always)]
    fn add_rows(&mut self, executor: usize, rows: usize) {
        self.rows[executor] += rows;
        self.current = executor;
    }

    #[inline(always)]
    fn add_more_rows(&mut self, rows: usize) {
        self.rows[self.current] += rows;
        let longest = &mut self.longest[self.current];
        *longest = (*longest).max(rows + 1);
    }

    #[inline]
    fn add_phantom(&mut self) {
        self.phantoms += 1;
    }

    #[inline]
    fn add_periphery_rows(&mut self, air: &'static str, rows: usize) {
        match self.periphery.iter_mut().find(|(name, _)| *name == air) {
            Some((_, count)) => *count += rows,
            None => self.periphery.push((air, rows)),
        }
    }
}
