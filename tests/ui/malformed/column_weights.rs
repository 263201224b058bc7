//! The framework fills `#[opcode_bit]` columns with the bits of the instruction's number, unless `#[opcode]` columns
//! are also there.
extern crate vm_core as vm_sdk;

use vm_derive::columns;

#[columns]
struct Cols<T> {
    #[valid]
    is_valid: T,
    #[opcode_bit(1)]
    low: T,
    #[opcode_bit(3)]
    both: T,
}

fn main() {}
