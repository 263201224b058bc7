//! A column struct is `repr(C)` and nothing else: the cast of slices relies on that layout.
use vm_derive::AlignedBorrow;

#[repr(C, packed)]
#[derive(AlignedBorrow)]
struct Packed<T> {
    a: T,
}

#[repr(C)]
#[repr(align(16))]
#[derive(AlignedBorrow)]
struct Aligned<T> {
    a: T,
}

#[repr(transparent)]
#[derive(AlignedBorrow)]
struct Transparent<T> {
    a: T,
}

fn main() {}
