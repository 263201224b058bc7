//! The offset is a positive `u32` literal, and all opcodes of the class fit in the field.
use vm_derive::LocalOpcode;

const BASE: u32 = 0x100;

#[derive(Clone, Copy, LocalOpcode)]
#[opcode_offset = 0]
enum Zero {
    A,
}

#[derive(Clone, Copy, LocalOpcode)]
#[opcode_offset = BASE]
enum Named {
    A,
}

#[derive(Clone, Copy, LocalOpcode)]
#[opcode_offset = "0x100"]
enum Text {
    A,
}

#[derive(Clone, Copy, LocalOpcode)]
#[opcode_offset = 0x100u64]
enum Suffix {
    A,
}

#[derive(Clone, Copy, LocalOpcode)]
#[opcode_offset(0x100)]
enum List {
    A,
}

#[derive(Clone, Copy, LocalOpcode)]
#[opcode_offset = 0x1_0000_0000]
enum TooWide {
    A,
}

#[derive(Clone, Copy, LocalOpcode)]
#[opcode_offset = 0x7800_0000]
enum OutOfTheField {
    A,
    B,
}

#[derive(Clone, Copy, LocalOpcode)]
#[opcode_offset = 1]
enum Terminate {
    A,
}

#[derive(Clone, Copy, LocalOpcode)]
#[opcode_offset = 2]
enum Phantom {
    A,
}

fn main() {}
