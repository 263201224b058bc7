//! Misspelt arguments are reported with a suggestion.
extern crate vm_core as vm_sdk;

use vm_core::arch::authoring::{Core, Word};
use vm_core::machine::testing::TestAdapter;
use vm_derive::{columns, instruction};

#[instruction(adaptor = TestAdapter, column = Cols, encoding(custom0), adapter = TestAdapter, columns = Cols)]
struct Rotate;

#[instruction(adapter = TestAdapter, columns = Cols, computed(wrote(0)))]
struct Mask;

#[instruction(
    adapter = TestAdapter,
    columns = Cols,
    encode(custom0, funct3 = 0, funct7 = 0),
    guest(fn shift(x: u32, y: u32) -> u32, hosted = shift_on_host),
)]
struct Shift;

#[instruction]
impl Core for Rotate {
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
impl Core for Shift {
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
