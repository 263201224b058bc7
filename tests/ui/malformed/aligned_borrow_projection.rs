//! An associated type of the cell has no known layout.
use vm_derive::AlignedBorrow;

trait Cell {
    type Wide;
}

#[repr(C)]
#[derive(AlignedBorrow)]
struct Columns<T: Cell> {
    a: T::Wide,
    b: <T as Cell>::Wide,
}

fn main() {}
