//! Every instruction needs a variant of its own.
extern crate vm_core as vm_sdk;

use vm_derive::vm_extension;

#[vm_extension(
    instructions(left::Rotate, right::Rotate, Shift<1> = Shift, Shift<2> = Shift, Mask),
    executors(Mask: MaskChip => MaskOpcode),
)]
struct Arithmetic;

fn main() {}
