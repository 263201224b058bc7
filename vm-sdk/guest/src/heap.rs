//! The allocator. It hands out ascending addresses; only the newest block can grow, shrink in place or be freed.
//!
//! Programs run once and for a short time, so searching for free blocks would cost more than the memory is worth. With the feature
//! `free-heap`, freed blocks are handed out again (`free_lists`).

#![cfg_attr(not(all(target_arch = "riscv32", feature = "allocator")), allow(dead_code))]

use core::alloc::Layout;

#[cfg(any(test, feature = "free-heap"))]
mod free_lists;

/// Blocks are aligned to words, so that copies and hints need no other alignment.
const MIN_ALIGN: usize = 4;

/// Addresses of free memory.
#[derive(Debug)]
pub(crate) struct Region {
    /// First free address.
    next: usize,
    /// First address that has never been handed out. Memory from here on is zero.
    untouched: usize,
    /// First address after the region.
    end: usize,
}

/// A new block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// Address of the block.
    pub(crate) start: usize,
    /// Number of bytes at its start that may differ from zero.
    pub(crate) used_before: usize,
}

impl Region {
    /// Returns a region from `start` to `end`, which must be zero.
    pub(crate) const fn new(start: usize, end: usize) -> Self {
        Self { next: start, untouched: start, end }
    }

    /// Returns a new block, if there is room.
    pub(crate) fn allocate(&mut self, layout: Layout) -> Option<Block> {
        let start = self.next.checked_next_multiple_of(layout.align().max(MIN_ALIGN))?;
        let untouched = self.untouched;
        self.set_next(start.checked_add(layout.size())?)?;
        Some(Block { start, used_before: untouched.saturating_sub(start).min(layout.size()) })
    }

    /// Frees the newest block. Other blocks are not reused.
    pub(crate) fn free(&mut self, start: usize, layout: Layout) {
        if self.is_newest(start, layout.size()) {
            self.next = start;
        }
    }

    /// Changes the size of a block in place, if possible.
    pub(crate) fn resize(&mut self, start: usize, layout: Layout, new_size: usize) -> Option<()> {
        if self.is_newest(start, layout.size()) {
            return self.set_next(start.checked_add(new_size)?);
        }
        (new_size <= layout.size()).then_some(())
    }

    fn is_newest(&self, start: usize, size: usize) -> bool {
        start + size == self.next
    }

    fn set_next(&mut self, next: usize) -> Option<()> {
        if next > self.end {
            return None;
        }
        self.next = next;
        self.untouched = self.untouched.max(next);
        Some(())
    }
}

#[cfg(all(target_arch = "riscv32", feature = "allocator"))]
#[allow(unsafe_code)]
mod global {
    use core::alloc::{GlobalAlloc, Layout};
    use core::cell::UnsafeCell;

    use super::Region;
    #[cfg(feature = "free-heap")]
    use super::free_lists::{FreeLists, InPlace};
    use crate::sys::{MEMORY_END, program_end};

    #[cfg(not(feature = "free-heap"))]
    type Memory = Region;
    #[cfg(feature = "free-heap")]
    type Memory = FreeLists<InPlace>;

    /// The heap, from the end of the program to the end of memory.
    struct Heap(UnsafeCell<Option<Memory>>);

    // SAFETY: a guest has one thread and no interrupts.
    unsafe impl Sync for Heap {}

    #[global_allocator]
    static HEAP: Heap = Heap(UnsafeCell::new(None));

    impl Heap {
        /// Calls a function with the free memory.
        fn with<T>(&self, action: impl FnOnce(&mut Memory) -> T) -> T {
            // SAFETY: there is one thread, and no action allocates.
            let memory = unsafe { &mut *self.0.get() };
            action(memory.get_or_insert_with(|| Region::new(program_end(), MEMORY_END).into()))
        }
    }

    // SAFETY: every block lies in free memory of the region, above all blocks that are in use, or has been freed.
    unsafe impl GlobalAlloc for Heap {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            self.with(|memory| memory.allocate(layout)).map_or(core::ptr::null_mut(), |block| block.start as *mut u8)
        }

        unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
            let Some(block) = self.with(|memory| memory.allocate(layout)) else { return core::ptr::null_mut() };
            let start = block.start as *mut u8;
            // Memory is zero when a program starts, so only reused bytes need clearing.
            // SAFETY: these bytes belong to the new block.
            unsafe { start.write_bytes(0, block.used_before) };
            start
        }

        unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
            self.with(|memory| memory.free(block as usize, layout));
        }

        unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
            if self.with(|memory| memory.resize(block as usize, layout, new_size)).is_some() {
                return block;
            }
            // SAFETY: the caller guarantees that the new size is valid for this alignment.
            let new_layout = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
            // SAFETY: as above; the caller guarantees that the size is not zero.
            let new_block = unsafe { self.alloc(new_layout) };
            if !new_block.is_null() {
                // SAFETY: the blocks do not overlap, and have as many bytes.
                unsafe { new_block.copy_from_nonoverlapping(block, layout.size().min(new_size)) };
                if cfg!(feature = "free-heap") {
                    // SAFETY: the old block is not used any more.
                    unsafe { self.dealloc(block, layout) };
                }
            }
            new_block
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(size: usize, align: usize) -> Layout {
        Layout::from_size_align(size, align).unwrap()
    }

    #[test]
    fn blocks_are_aligned_and_do_not_overlap() {
        let mut region = Region::new(0x1001, 0x2000);
        let mut end = 0x1001;
        for (size, align) in [(1, 1), (3, 2), (8, 8), (1, 1), (16, 64), (5, 4)] {
            let block = region.allocate(layout(size, align)).unwrap();
            assert!(block.start >= end && block.start.is_multiple_of(align.max(4)), "{block:x?}");
            end = block.start + size;
        }
    }

    #[test]
    fn the_newest_block_grows_shrinks_and_goes_in_place() {
        let mut region = Region::new(0x1000, 0x2000);
        let first = region.allocate(layout(16, 4)).unwrap().start;
        let second = region.allocate(layout(16, 4)).unwrap().start;
        assert!(
            region.resize(second, layout(16, 4), 64).is_some() && region.resize(second, layout(64, 4), 8).is_some()
        );
        assert!(region.resize(first, layout(16, 4), 17).is_none(), "another block follows it");
        assert!(region.resize(first, layout(16, 4), 8).is_some());
        region.free(first, layout(8, 4));
        region.free(second, layout(8, 4));
        assert_eq!(region.allocate(layout(4, 4)).unwrap(), Block { start: second, used_before: 4 });
    }

    #[test]
    fn only_bytes_that_were_handed_out_before_need_clearing() {
        let mut region = Region::new(0x1000, 0x2000);
        let block = region.allocate(layout(16, 4)).unwrap();
        assert_eq!(block.used_before, 0);
        region.free(block.start, layout(16, 4));
        assert_eq!(region.allocate(layout(100, 4)).unwrap().used_before, 16);
        assert_eq!(region.allocate(layout(100, 4)).unwrap().used_before, 0);
    }

    #[test]
    fn there_is_an_end() {
        let mut region = Region::new(0x1000, 0x1100);
        assert!(region.allocate(layout(0x101, 1)).is_none());
        let block = region.allocate(layout(0x100, 1)).unwrap();
        assert!(region.allocate(layout(1, 1)).is_none());
        assert!(region.resize(block.start, layout(0x100, 4), 0x101).is_none());
        assert!(Region::new(usize::MAX - 2, usize::MAX).allocate(layout(1, 1)).is_none());
        assert!(region.allocate(layout(isize::MAX as usize, 1)).is_none());
    }
}
