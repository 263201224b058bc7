//! A core needs an adapter and columns.
extern crate vm_core as vm_sdk;

use vm_core::arch::authoring::Word;
use vm_core::machine::testing::TestAdapter;
use vm_derive::{columns, instruction};

#[instruction]
struct Nothing;

#[instruction(columns = Cols)]
struct NoAdapter;

#[instruction(adapter = TestAdapter)]
struct NoColumns;

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
