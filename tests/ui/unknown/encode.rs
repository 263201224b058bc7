//! Misspelt major opcodes, fields and attributes of a variant are reported with a suggestion.
extern crate vm_core as vm_sdk;

use vm_core::arch::authoring::{Core, Word};
use vm_core::machine::testing::TestAdapter;
use vm_derive::{columns, instruction};

#[instruction(adapter = TestAdapter, columns = Cols)]
enum Shift {
    #[encode(custom4, funct3 = 0, funct7 = 0)]
    Left,
    #[encode(custom1, func3 = 0, funct7 = 0)]
    Right,
    #[encode(opcode = ops, funct3 = 0)]
    Arithmetic,
    #[encoding(custom2, funct3 = 0)]
    #[gest = rotate]
    Rotate,
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
