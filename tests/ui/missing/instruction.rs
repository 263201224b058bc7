//! An extension lists annotated types, and only declared instructions can implement `Core`.
extern crate vm_core as vm_sdk;

use vm_core::arch::authoring::Core;
use vm_derive::{instruction, vm_extension};

struct Rotate;

#[vm_extension(instructions(Rotate))]
struct Rotations;

struct Mask;

#[instruction]
impl Core for Mask {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x
    }
}

fn main() {}
