//! Entries of `instructions` are annotated types.
extern crate vm_core as vm_sdk;

use vm_derive::vm_extension;

#[vm_extension(
    instructions(
        Sum: SumChip,
        Product: ProductChip => ProductOpcode,
        crate,
        Shift with,
        Rotate by Shift,
        #[inline]
        Mask,
        7,
    ),
    tests,
)]
struct Arithmetic;

#[vm_extension(instructions = Sum)]
struct Sums;

fn main() {}
