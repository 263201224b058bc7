//! The instructions of an enum share a chip, and so the adapter and the columns.
extern crate vm_core as vm_sdk;

use vm_core::arch::authoring::{Core, Word};
use vm_core::machine::testing::TestAdapter;
use vm_derive::{columns, instruction};

#[instruction(adapter = TestAdapter, columns = Cols)]
enum Rotate {
    #[encode(custom0, funct3 = 1, funct7 = 0)]
    Left,
    #[encode(custom0, funct3 = 2, funct7 = 0)]
    #[adapter = Other]
    #[columns(OtherCols)]
    Right,
}

#[instruction]
impl Core for Rotate {
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
