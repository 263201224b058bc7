//! `imm` covers the field `rs2`, so an encoding with it leaves no register there.
extern crate vm_core as vm_sdk;

use vm_core::arch::authoring::{Core, Word};
use vm_derive::{columns, instruction};
use vm_rv32im::adapters::Rv32Alu;

#[instruction(adapter = Rv32Alu, columns = Cols, encode(custom0, funct3 = 1, imm = 5))]
struct Rotate;

#[instruction]
impl Core for Rotate {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x
    }
}

// Helper functions use the attribute as well: guest programs do not contain them.
#[instruction]
impl Rotate {
    fn helper() {}
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
