//! The cell is a type parameter: the same struct names columns, holds values and holds expressions.
use vm_derive::AlignedBorrow;

#[repr(C)]
#[derive(AlignedBorrow)]
struct Columns<const N: usize> {
    a: [u32; N],
}

fn main() {}
