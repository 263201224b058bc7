//! An enum of instructions has at least one variant, without fields and discriminants.
extern crate vm_core as vm_sdk;

use vm_core::arch::authoring::{Core, Word};
use vm_core::machine::testing::TestAdapter;
use vm_derive::{columns, instruction};

#[instruction(adapter = TestAdapter, columns = Cols)]
enum Shift {
    Left(u32),
    Right { by: u32 },
}

#[instruction(adapter = TestAdapter, columns = Cols)]
enum Mask {
    Low = 7,
}

#[instruction(adapter = TestAdapter, columns = Cols)]
enum Nothing {}

#[instruction]
impl Core for Shift {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x
    }
}

#[instruction]
impl Core for Mask {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x
    }
}

#[instruction]
impl Core for Nothing {
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
