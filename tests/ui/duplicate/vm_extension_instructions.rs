//! An extension lists an instruction once.
extern crate vm_core as vm_sdk;

use vm_derive::vm_extension;

#[vm_extension(instructions(Rotate, Mask, Rotate), instructions(Shift))]
struct Arithmetic;

fn main() {}
