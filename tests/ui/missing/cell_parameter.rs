//! The cell is a type parameter: one struct is used for names, for values and for expressions.
use vm_derive::AlignedBorrow;

#[repr(C)]
#[derive(AlignedBorrow)]
struct Columns<const N: usize> {
    a: [u32; N],
}

fn main() {}
