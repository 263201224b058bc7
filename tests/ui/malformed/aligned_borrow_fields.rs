//! Every field is made of cells. All wrong fields are reported at once.
use std::marker::PhantomData;

use vm_derive::AlignedBorrow;

#[repr(C)]
#[derive(AlignedBorrow)]
struct Columns<T> {
    fine: [T; 2],
    count: u32,
    nothing: PhantomData<T>,
    pair: (T, T),
    pointer: fn(T),
    nested: [Option<*const T>; 3],
}

fn main() {}
