//! A column struct has exactly one type parameter, and no lifetimes.
use vm_derive::AlignedBorrow;

#[repr(C)]
#[derive(AlignedBorrow)]
struct Two<T, U> {
    a: T,
    b: U,
}

#[repr(C)]
#[derive(AlignedBorrow)]
struct Borrowed<'a, T> {
    a: &'a T,
}

fn main() {}
