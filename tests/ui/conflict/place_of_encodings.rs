//! Encodings and guest functions are arguments on a struct, and attributes of the variants on an enum.
extern crate vm_core as vm_sdk;

use vm_core::arch::authoring::{Core, Word};
use vm_core::machine::testing::TestAdapter;
use vm_derive::{columns, instruction};

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, funct3 = 0, funct7 = 0), guest = shift)]
enum Shift {
    Left,
}

#[instruction(adapter = TestAdapter, columns = Cols)]
#[encode(custom0, funct3 = 1, funct7 = 0)]
#[guest = rotate]
struct Rotate;

#[instruction(adapter = TestAdapter, columns = Cols)]
#[encode(custom0, funct3 = 2, funct7 = 0)]
enum Mask {
    Low,
}

#[instruction]
impl Core for Shift {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x
    }
}

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
