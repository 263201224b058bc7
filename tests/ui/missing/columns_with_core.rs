//! Forgotten columns in an otherwise complete instruction with an impl of `Core`.
extern crate vm_core as vm_sdk;

use vm_core::arch::authoring::{Core, Word};
use vm_core::machine::testing::TestAdapter;
use vm_derive::{columns, instruction, vm_extension};

#[instruction(adapter = TestAdapter, encode(custom0, funct3 = 0, funct7 = 0), guest = rotate)]
struct Rotate;

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

#[vm_extension(instructions(Rotate))]
struct Rotations;

fn main() {}
