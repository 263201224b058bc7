//! The critical section of crates that make atomic operations of it, such as `portable-atomic`.

#![allow(unsafe_code)]

use critical_section::{Impl, RawRestoreState, set_impl};

struct OneThread;

set_impl!(OneThread);

// SAFETY: a guest has one thread and no interrupts.
unsafe impl Impl for OneThread {
    unsafe fn acquire() -> RawRestoreState {}
    unsafe fn release(_: RawRestoreState) {}
}
