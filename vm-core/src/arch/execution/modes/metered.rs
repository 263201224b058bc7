//! Metered runs: rows are counted while running.

use rustc_hash::FxHashSet;

use crate::arch::buses::{MEMORY_WIDE_BUSES, adapter_name};
use crate::arch::config::{LEAF_BYTES, LEAF_WORDS, MemoryConfig};
use crate::arch::execution::memory::{ACCESS_GAP_BITS, WordStore};
use crate::arch::execution::{ExecutionMode, WideAccess};
use crate::instructions::MemoryImage;

/// Set in [`Metered::last`] when the word's leaf is already counted as dirty by this word.
const DIRTY: u32 = 1 << 31;

/// Rows of the memory system, counted while running.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryRows {
    /// Touched leaves.
    pub leaves: usize,
    /// Touched inner nodes.
    pub nodes: usize,
    /// Hashes of leaves and nodes before and after, at most.
    pub hashes: usize,
    /// Refresh rows.
    pub refreshes: usize,
    /// Rows of the access adapters that read and that write, by width.
    pub adapters: AdapterRows,
}

impl MemoryRows {
    /// AIRs of the memory system with their exact rows; of the access adapters, those that are used.
    pub fn by_air(&self) -> Vec<(String, usize)> {
        let memory = [("MemoryLeaf", self.leaves), ("MemoryNode", self.nodes), ("MemoryRefresh", self.refreshes)];
        let adapters = self.adapters.iter().filter(|(.., rows)| *rows > 0);
        let adapters = adapters.map(|(words, is_write, rows)| (adapter_name(words, is_write), rows));
        memory.into_iter().map(|(air, rows)| (air.to_owned(), rows)).chain(adapters).collect()
    }
}

/// Rows of the access adapters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AdapterRows {
    /// Reads and writes per width: 2, 4, 8, 16 and 32 words.
    rows: [[usize; 2]; MEMORY_WIDE_BUSES.len()],
}

impl AdapterRows {
    /// Rows of the adapter of a width; 0 for widths that do not exist.
    pub fn get(&self, words: usize, is_write: bool) -> usize {
        self.iter().find(|(width, write, _)| (*width, *write) == (words, is_write)).map_or(0, |(.., rows)| rows)
    }

    /// (words, whether it writes, rows) of every adapter.
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

/// Nodes of the memory tree, leaves among them, that may differ from zeroed memory at the start of a segment. The hash of
/// any other one is that of its height, which is in a proof once, however many there are.
#[derive(Clone, Debug, Default)]
pub struct WrittenNodes(FxHashSet<u64>);

impl WrittenNodes {
    /// The nodes above the words of an initial image.
    pub fn of_image(config: &MemoryConfig, image: &MemoryImage) -> Self {
        let mut nodes = FxHashSet::default();
        for &(space, pointer) in image.keys() {
            let space = u64::from(space.wrapping_sub(config.as_offset));
            let label = (space << config.log_leaves()) + u64::from(pointer) / LEAF_BYTES as u64;
            Metered::mark(&mut nodes, label, config.tree_height(), |_, _| ());
        }
        Self(nodes)
    }
}

/// Counts rows per executor and touched memory; decides where segments end before any trace exists.
#[derive(Debug)]
pub struct Metered {
    timestamp: u32,
    /// Time of the last access per word; 0: never accessed.
    last: WordStore,
    log_leaves: usize,
    tree_height: usize,
    touched: FxHashSet<u64>,
    dirty: FxHashSet<u64>,
    written_before: WrittenNodes,
    /// Bit per height: the hash of zeroed memory is counted.
    zero_hashes: u64,
    memory_rows: MemoryRows,
    rows: Vec<usize>,
    /// Executor of the current instruction.
    current: usize,
    phantoms: usize,
    /// Rows of chips that executors ask for, by AIR name. A handful, and asked for by instructions that take thousands of
    /// cycles, so a list.
    periphery: Vec<(&'static str, usize)>,
}

impl Metered {
    /// Counters at the start of a segment, for `num_executors` executors, in a run that has written `written_before`.
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
            written_before,
            zero_hashes: 0,
            memory_rows: MemoryRows::default(),
            rows: vec![0; num_executors],
            current: 0,
            phantoms: 0,
            periphery: Vec::new(),
        }
    }

    /// Phantom instructions.
    pub fn phantom_rows(&self) -> usize {
        self.phantoms
    }

    /// Rows of a chip of an extension's periphery, by the name of its AIR.
    pub fn periphery_rows(&self, air: &str) -> usize {
        self.periphery.iter().find(|(name, _)| *name == air).map_or(0, |(_, rows)| *rows)
    }

    /// Rows per executor.
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// What was written before the segment.
    pub fn take_written_before(&mut self) -> WrittenNodes {
        std::mem::take(&mut self.written_before)
    }

    /// What was written before the segment and in it.
    pub fn take_written(&mut self) -> WrittenNodes {
        let mut written = self.take_written_before();
        written.0.extend(self.dirty.drain());
        written
    }

    /// Rows of the memory system: hashes are an upper bound, the rest is exact.
    pub fn memory_rows(&self) -> MemoryRows {
        self.memory_rows
    }

    /// Counts a leaf as touched although nothing accesses it (public values are always in the proof).
    pub fn touch_leaf(&mut self, space: usize, leaf: usize) {
        let label = self.label(space, leaf);
        Self::mark(&mut self.touched, label, self.tree_height, |level, node| {
            if level == 0 {
                self.memory_rows.leaves += 1
            } else {
                self.memory_rows.nodes += 1
            }
            let seen = 1 << level;
            if self.written_before.0.contains(&node) {
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

    /// Adds a leaf and those of its ancestors that are new to a set; nodes are keyed as (height, label).
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
        Self::mark(&mut self.dirty, label, self.tree_height, |_, _| self.memory_rows.hashes += 1);
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
