//! Flags are single cells, one-hot columns are an array, and every field is made of cells.
extern crate vm_core as vm_sdk;

use vm_derive::columns;

#[columns]
struct Cols<T> {
    #[valid]
    is_valid: [T; 2],
    #[opcode(Shift::Left)]
    is_left: [T; 1],
    #[opcode_bit(1)]
    bit: [T; 2],
    #[one_hot]
    choice: T,
    count: usize,
}

fn main() {}
