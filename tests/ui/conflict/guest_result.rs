//! A guest function cannot return a register that the encoding fixes.
extern crate vm_core as vm_sdk;

use vm_core::arch::authoring::{Core, Word};
use vm_core::machine::testing::TestAdapter;
use vm_derive::{columns, instruction};

#[instruction(
    adapter = TestAdapter,
    columns = Cols,
    encode(custom0, funct3 = 0, funct7 = 0, rd = 0),
    guest(fn rotate(x: u32, y: u32) -> u32),
)]
struct Rotate;

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, funct3 = 1, funct7 = 0, rd = 1), guest = mask)]
struct Mask;

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
