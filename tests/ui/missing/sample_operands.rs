//! Generated tests need sample operands.
extern crate vm_core as vm_sdk;

use vm_core::arch::authoring::{Core, Word};
use vm_core::machine::testing::check_instruction;
use vm_derive::{columns, instruction, vm_extension};

#[path = "../../tests/macro_support/mod.rs"]
mod support;
use support::SameRegister;

#[instruction(adapter = SameRegister, columns = Cols)]
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

#[vm_extension(instructions(Rotate), tests = false)]
#[derive(Clone)]
struct Rotations;

fn main() {
    // The check that `tests = false` leaves out.
    check_instruction::<_, Rotate>(&Rotations);
}
