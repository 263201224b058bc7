//! Arguments, entries and the attribute itself are written once.
extern crate vm_core as vm_sdk;

use vm_core::arch::authoring::{Core, Word};
use vm_core::machine::testing::TestAdapter;
use vm_derive::{columns, instruction};

#[instruction(adapter = TestAdapter, columns = Cols, adapter = TestAdapter, columns = Cols, multi_row, multi_row)]
struct Arguments;

#[instruction(adapter = TestAdapter, columns = Cols)]
#[instruction(name = "Mask")]
struct Mask;

#[instruction]
#[instruction]
impl Core for Mask {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x
    }
}

#[instruction(adapter = TestAdapter, columns = Cols, computed(write(0), write(0)))]
struct Computed;

#[instruction]
impl Core for Computed {
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

fn main() {}
