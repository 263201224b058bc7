//! An opcode class is a plain enum, numbered in order.
use vm_derive::LocalOpcode;

#[derive(Clone, Copy, LocalOpcode)]
#[opcode_offset = 0x100]
enum WithFields {
    Add,
    AddImmediate(u16),
    Shift { by: u8 },
}

#[derive(Clone, Copy, LocalOpcode)]
#[opcode_offset = 0x200]
enum WithDiscriminants {
    Add = 3,
    Sub,
}

#[derive(Clone, Copy, LocalOpcode)]
#[opcode_offset = 0x300]
enum Empty {}

#[derive(Clone, Copy, LocalOpcode)]
#[opcode_offset = 0x400]
enum Generic<const N: usize> {
    Add,
}

#[derive(Clone, Copy, LocalOpcode)]
#[opcode_offset = 0x500]
struct NotAnEnum;

fn main() {}
