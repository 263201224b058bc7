//! Each value, the flag of a row and each bit of the instruction's number have one column.
extern crate vm_core as vm_sdk;

use vm_derive::columns;

#[columns]
struct Cols<T> {
    #[read(0)]
    a: [T; 2],
    #[read(0x0)]
    b: [T; 2],
    #[write(1)]
    c: [T; 2],
    #[write(1, proven)]
    d: [T; 2],
    #[valid]
    e: T,
    #[valid]
    f: T,
    #[opcode_bit(1)]
    g: T,
    #[opcode_bit(1)]
    h: T,
}

fn main() {}
