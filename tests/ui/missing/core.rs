//! An instruction needs an impl of `Core`.
extern crate vm_core as vm_sdk;

use vm_core::arch::authoring::Word;
use vm_core::machine::testing::TestAdapter;
use vm_derive::{columns, instruction};

#[instruction(adapter = TestAdapter, columns = Cols)]
struct Rotate;

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
