//! Nothing but `repr(C)`: the cast relies on the plain layout.
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
