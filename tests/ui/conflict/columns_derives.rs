//! `#[columns]` adds the layout and the borrows itself.
extern crate vm_core as vm_sdk;

use vm_derive::{AlignedBorrow, columns};

#[columns]
#[derive(Clone, AlignedBorrow)]
struct Derived<T> {
    a: T,
}

#[columns]
#[derive(vm_derive::AlignedBorrow)]
struct Qualified<T> {
    a: T,
}

#[columns]
#[repr(C, packed)]
struct Packed<T> {
    a: T,
}

fn main() {}
