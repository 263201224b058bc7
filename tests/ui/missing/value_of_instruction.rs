//! An extension gives an instruction with parameters a value.
extern crate vm_core as vm_sdk;

use vm_core::arch::authoring::{Core, Word};
use vm_core::machine::testing::TestAdapter;
use vm_derive::{columns, instruction, vm_extension};

#[instruction(adapter = TestAdapter, columns = Cols)]
struct Scale {
    by: u32,
}

#[instruction]
impl Core for Scale {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x
    }
}

#[columns]
struct Cols<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    y: Word<T>,
    #[write(0)]
    z: Word<T>,
}

#[vm_extension(instructions(Scale))]
struct Scaling;

fn main() {}
