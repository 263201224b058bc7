//! Errors show what the value of an argument looks like.
extern crate vm_core as vm_sdk;

use vm_core::arch::authoring::Word;
use vm_core::machine::testing::TestAdapter;
use vm_derive::{columns, instruction};

#[instruction(adapter, columns = "Cols", name = Rotate, opcode = FIRST)]
struct Several;

#[instruction(adapter = 3, columns = Cols)]
struct Adapter;

#[instruction(adapter = TestAdapter, columns = Cols, name = "")]
struct A;

#[instruction(adapter = TestAdapter, columns = Cols, opcode = 0)]
struct B;

#[instruction(adapter = TestAdapter, columns = Cols, opcode = 0x7800_0001)]
struct C;

#[instruction(adapter = TestAdapter, columns = Cols, opcode = 5u8)]
struct D;

#[instruction(adapter = TestAdapter, columns = Cols, crate)]
struct E;

#[instruction(adapter = TestAdapter, columns = Cols, crate = 7)]
struct F;

#[instruction(adapter = TestAdapter, columns = Cols, multi_row = true)]
struct G;

#[instruction(adapter = TestAdapter, columns = Cols, = 3)]
struct H;

#[instruction(adapter = TestAdapter, columns = Cols, multi_row(3))]
struct I;

#[instruction(adapter = TestAdapter, columns = Cols, opcode = 1)]
struct J;

#[instruction(adapter = TestAdapter, columns = Cols, opcode = 2)]
struct K;

#[columns]
struct Cols<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    y: Word<T>,
    #[write(0)]
    z: Word<T>,
}

fn main() {}
