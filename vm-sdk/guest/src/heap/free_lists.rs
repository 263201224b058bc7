//! Lists of freed blocks, one for each power of two. A block is taken from the list of its size, or else from the region.
//!
//! Blocks are neither split nor joined, so freed memory serves blocks of about the same size only.

#![cfg_attr(not(all(target_arch = "riscv32", feature = "allocator")), allow(dead_code))]

use core::alloc::Layout;

use super::{Block, Region};

/// Size and alignment of the smallest blocks.
const SMALLEST: usize = 16;
/// Number of lists. The largest blocks in lists have 64 MiB; rounding up larger ones would waste too much memory.
const LISTS: usize = 23;

/// Where lists have their links.
pub(crate) trait Links {
    /// Returns the block after this one.
    fn next(&self, block: usize) -> usize;
    /// Sets the block after this one.
    fn set_next(&mut self, block: usize, next: usize);
}

/// Links in the first words of the blocks.
#[cfg(target_arch = "riscv32")]
#[derive(Debug, Default)]
pub(crate) struct InPlace;

#[cfg(target_arch = "riscv32")]
#[allow(unsafe_code)]
impl Links for InPlace {
    fn next(&self, block: usize) -> usize {
        // SAFETY: the block is free, aligned to words, and `set_next` has been called for it.
        unsafe { (block as *const usize).read() }
    }

    fn set_next(&mut self, block: usize, next: usize) {
        // SAFETY: the block is free and aligned to words, and has at least one.
        unsafe { (block as *mut usize).write(next) }
    }
}

/// A region whose freed blocks are handed out again.
#[derive(Debug)]
pub(crate) struct FreeLists<L> {
    region: Region,
    /// The first block of each list, or 0.
    first: [usize; LISTS],
    links: L,
}

impl<L: Default> From<Region> for FreeLists<L> {
    fn from(region: Region) -> Self {
        Self { region, first: [0; LISTS], links: L::default() }
    }
}

/// Returns the list of a block and the layout that it really has. Large blocks, and those with a large alignment, have no list.
fn list(layout: Layout) -> Option<(usize, Layout)> {
    let (mut list, mut size) = (0, SMALLEST);
    // Most blocks are small, and the machine has no instruction that counts zeros.
    while size < layout.size() {
        (list, size) = (list + 1, 2 * size);
        if list == LISTS {
            return None;
        }
    }
    let rounded = Layout::from_size_align(size, SMALLEST).ok()?;
    (layout.align() <= SMALLEST).then_some((list, rounded))
}

impl<L: Links> FreeLists<L> {
    /// Returns a block, if there is room.
    pub(crate) fn allocate(&mut self, layout: Layout) -> Option<Block> {
        let Some((list, rounded)) = list(layout) else { return self.region.allocate(layout) };
        let start = self.first[list];
        if start == 0 {
            return self.region.allocate(rounded);
        }
        self.first[list] = self.links.next(start);
        Some(Block { start, used_before: layout.size() })
    }

    /// Frees a block.
    pub(crate) fn free(&mut self, start: usize, layout: Layout) {
        let Some((list, rounded)) = list(layout) else { return self.region.free(start, layout) };
        if self.region.is_newest(start, rounded.size()) {
            return self.region.free(start, rounded);
        }
        self.links.set_next(start, self.first[list]);
        self.first[list] = start;
    }

    /// Changes the size of a block in place, if it stays in its list or is the newest one.
    pub(crate) fn resize(&mut self, start: usize, layout: Layout, new_size: usize) -> Option<()> {
        let new_layout = Layout::from_size_align(new_size, layout.align()).ok()?;
        match (list(layout), list(new_layout)) {
            (None, None) => self.region.resize(start, layout, new_size),
            (Some((old, _)), Some((new, _))) if old == new => Some(()),
            (Some((_, old)), Some((_, new))) if self.region.is_newest(start, old.size()) => {
                self.region.resize(start, old, new.size())
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::vec::Vec;

    use super::*;

    #[derive(Default)]
    struct Map(HashMap<usize, usize>);

    impl Links for Map {
        fn next(&self, block: usize) -> usize {
            self.0[&block]
        }

        fn set_next(&mut self, block: usize, next: usize) {
            self.0.insert(block, next);
        }
    }

    fn lists(size: usize) -> FreeLists<Map> {
        Region::new(0x1000, 0x1000 + size).into()
    }

    fn layout(size: usize, align: usize) -> Layout {
        Layout::from_size_align(size, align).unwrap()
    }

    #[test]
    fn freed_blocks_are_handed_out_again() {
        let mut lists = lists(0x1000);
        let sizes = [1, 16, 17, 100, 100, 500];
        let starts = sizes.map(|size| lists.allocate(layout(size, 8)).unwrap().start);
        for (start, size) in starts.into_iter().zip(sizes) {
            lists.free(start, layout(size, 8));
        }
        let again = [16, 1, 32, 128, 65, 512].map(|size| lists.allocate(layout(size, 16)).unwrap());
        let mut found = again.map(|block| block.start);
        found.sort();
        assert_eq!(found, starts);
        assert_eq!(again.map(|block| block.used_before), [16, 1, 32, 128, 65, 512]);
        // No list has another block.
        assert!(lists.allocate(layout(100, 8)).unwrap().start > starts[5]);
    }

    #[test]
    fn blocks_in_use_do_not_overlap() {
        let mut lists = lists(1 << 20);
        let mut used: Vec<(usize, Layout)> = Vec::new();
        let mut random = 1u32;
        for _ in 0..5000 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (choice, index) = ((random >> 8) % 5, (random >> 16) as usize);
            let new = layout(1 + index % 700, 1 << (index % 6));
            match choice {
                0 | 1 if used.len() < 100 => {
                    let block = lists.allocate(new).unwrap();
                    assert!(block.start.is_multiple_of(new.align()));
                    used.push((block.start, new));
                }
                2 if !used.is_empty() => {
                    let at = index % used.len();
                    let (start, layout) = used[at];
                    if lists.resize(start, layout, new.size()).is_some() {
                        used[at].1 = Layout::from_size_align(new.size(), layout.align()).unwrap();
                    }
                }
                _ if !used.is_empty() => {
                    let (start, layout) = used.swap_remove(index % used.len());
                    lists.free(start, layout);
                }
                _ => {}
            }
            let mut sorted: Vec<_> = used.iter().map(|(start, layout)| (*start, start + layout.size())).collect();
            sorted.sort();
            assert!(sorted.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{sorted:x?}");
        }
    }

    #[test]
    fn blocks_grow_in_their_list_and_at_the_end() {
        let mut lists = lists(0x1000);
        let first = lists.allocate(layout(20, 4)).unwrap().start;
        let second = lists.allocate(layout(20, 4)).unwrap().start;
        assert!(lists.resize(first, layout(20, 4), 32).is_some());
        assert!(lists.resize(first, layout(32, 4), 33).is_none(), "another block follows it");
        assert!(lists.resize(first, layout(32, 4), 16).is_none(), "the rest would be lost");
        assert!(lists.resize(second, layout(20, 4), 200).is_some());
        assert_eq!(lists.allocate(layout(1, 1)).unwrap().start, second + 256);
    }

    #[test]
    fn large_blocks_and_alignments_come_from_the_region() {
        let mut lists = lists(1 << 30);
        let large = lists.allocate(layout((1 << 26) + 1, 4)).unwrap().start;
        assert_eq!(lists.allocate(layout(64, 64)).unwrap().start, (large + (1 << 26) + 1).next_multiple_of(64));
        assert!(lists.resize(large, layout((1 << 26) + 1, 4), 1 << 26).is_none());
        assert!(list(layout(1 << 26, 16)).is_some() && list(layout(16, 32)).is_none());
        assert!(lists.allocate(layout(isize::MAX as usize - 31, 1)).is_none());
    }
}
