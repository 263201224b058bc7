//! Generated tests need annotated instructions and a value of the extension.
extern crate vm_core as vm_sdk;

use vm_derive::vm_extension;

#[vm_extension(tests = Nothing)]
struct Nothing;

#[vm_extension(instructions(Rotate))]
struct Generic<const N: usize>;

#[vm_extension(instructions(Rotate), tests = Typed(7))]
struct Typed<T>(T);

#[vm_extension(instructions(Rotate))]
struct Parameters {
    by: u32,
}

#[vm_extension(machine = Machine)]
struct Idle;

#[vm_extension(instructions(Rotate), tests = Twice, machine = Machine { twice: Twice })]
struct Twice;

fn main() {}
