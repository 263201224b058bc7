//! The layout of a row and the numbers of instructions are the same in every build.
extern crate vm_core as vm_sdk;

use vm_core::arch::authoring::{Core, Word};
use vm_core::machine::testing::TestAdapter;
use vm_derive::{columns, instruction};

#[columns]
struct Cols<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    y: Word<T>,
    #[write(0)]
    z: Word<T>,
    #[cfg(feature = "more")]
    more: T,
}

#[instruction(adapter = TestAdapter, columns = Cols)]
enum Shift {
    Left,
    #[cfg(feature = "more")]
    Right,
}

#[instruction]
impl Core for Shift {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x
    }
}

fn main() {}
