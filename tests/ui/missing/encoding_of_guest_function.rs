//! A guest function needs an encoding.
extern crate vm_core as vm_sdk;

use vm_core::arch::authoring::{Core, Word};
use vm_core::machine::testing::TestAdapter;
use vm_derive::{columns, instruction};

#[instruction(adapter = TestAdapter, columns = Cols, guest = rotate)]
struct Rotate;

#[instruction(adapter = TestAdapter, columns = Cols)]
enum Shift {
    #[guest(fn left(x: u32, y: u32) -> u32)]
    Left,
}

#[instruction]
impl Core for Rotate {
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
