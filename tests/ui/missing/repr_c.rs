//! Without `repr(C)`, the compiler could reorder columns.
use vm_derive::AlignedBorrow;

#[derive(AlignedBorrow)]
struct Columns<T> {
    a: T,
    b: [T; 3],
}

fn main() {
    // A rejected struct causes no further errors where it is used.
    let cells = [0u8; 4];
    let _: &Columns<u8> = vm_core::arch::columns(&cells[..]);
}
