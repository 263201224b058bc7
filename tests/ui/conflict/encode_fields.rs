//! An immediate occupies the bits of other fields.
extern crate vm_core as vm_sdk;

use vm_core::machine::testing::TestAdapter;
use vm_derive::instruction;

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, imm = 1, funct7 = 0))]
struct A;

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, rs2 = 1, imm = 1))]
struct B;

#[vm_derive::columns]
struct Cols<T> {
    #[read(0)]
    x: [T; 2],
    #[read(1)]
    y: [T; 2],
    #[write(0)]
    z: [T; 2],
}

fn main() {}
