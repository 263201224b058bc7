//! Classes whose numbers overlap are an error, with both names, when the extension is compiled.
use vm_derive::{LocalOpcode, vm_extension};

#[path = "../../tests/macro_support/mod.rs"]
mod support;
use support::{AddChip, MulChip};

#[derive(Clone, Copy, LocalOpcode)]
#[opcode_offset = 0x100]
enum AddOpcode {
    Add,
    Sub,
}

#[derive(Clone, Copy, LocalOpcode)]
#[opcode_offset = 0x101]
enum MulOpcode {
    Mul,
}

#[vm_extension(executors(Add: AddChip => AddOpcode, Mul: MulChip => MulOpcode))]
struct Arithmetic;

fn main() {}
