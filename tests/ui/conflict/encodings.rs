//! No instruction word has two encodings.
extern crate vm_core as vm_sdk;

use vm_core::arch::authoring::{Core, Word};
use vm_core::machine::testing::TestAdapter;
use vm_derive::{columns, instruction};

#[instruction(adapter = TestAdapter, columns = Cols)]
enum Shift {
    #[encode(custom0, funct3 = 1, funct7 = 0)]
    Left,
    #[encode(custom0, funct3 = 2, funct7 = 0)]
    Right,
    #[encode(opcode = 0x0B, funct3 = 1)]
    Arithmetic,
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
