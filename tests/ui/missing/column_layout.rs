//! A field whose type mentions the cell but is no column struct.
use vm_derive::AlignedBorrow;

#[repr(C)]
struct Plain<T> {
    a: T,
}

#[repr(C)]
#[derive(AlignedBorrow)]
struct Columns<T> {
    cell: T,
    plain: [Plain<T>; 2],
}

fn main() {}
