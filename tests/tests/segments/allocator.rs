//! Allocator that counts the memory that a thread allocates.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

thread_local! {
    static BYTES: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

/// Adds `bytes` to the counters of this thread. Does nothing while the thread ends, since its counters are gone then.
fn count(bytes: isize) {
    let _ = BYTES.try_with(|now| {
        now.set(now.get() + bytes);
        let _ = PEAK.try_with(|peak| peak.set(peak.get().max(now.get())));
    });
}

// SAFETY: all methods forward to the system's allocator, and updates of the counters do not allocate.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller upholds the contract of this method, which is that of `System.alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: as above. Every pointer comes from `System.alloc`.
        unsafe { System.dealloc(pointer, layout) }
    }

    // `realloc` is the provided method of the trait, which allocates, copies and deallocates. So a list that grows
    // counts twice, as in the worst case of the system's `realloc`.
}

/// Returns the result of `work`, and the peak number of bytes that this thread had allocated during it, less those
/// before.
pub(crate) fn peak<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = BYTES.get();
    PEAK.set(before);
    let result = work();
    (result, (PEAK.get() - before) as usize)
}

#[test]
fn peaks_are_counted() {
    let (list, bytes) = peak(|| {
        drop(vec![1u8; 3 << 20]);
        vec![1u8; 1 << 20]
    });
    assert!((3 << 20..4 << 20).contains(&bytes), "{bytes}");
    assert_eq!(peak(|| drop(list)).1, 0);
    // While a list grows, both the old and the new allocation exist.
    let (_, bytes) = peak(|| {
        let mut list = vec![1u8; 1 << 20];
        list.push(1);
        list
    });
    assert!(bytes >= 3 << 20, "{bytes}");
}
