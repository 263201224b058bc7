//! The value of `crate` is a path.
use vm_derive::LocalOpcode;

#[derive(Clone, Copy, LocalOpcode)]
#[opcode_offset = 0x100]
#[vm(crate = "my core")]
enum NotAPath {
    A,
}

#[derive(Clone, Copy, LocalOpcode)]
#[opcode_offset = 0x200]
#[vm(crate = 7)]
enum Number {
    A,
}

#[derive(Clone, Copy, LocalOpcode)]
#[opcode_offset = 0x300]
#[vm(crate)]
enum NoValue {
    A,
}

#[derive(Clone, Copy, LocalOpcode)]
#[opcode_offset = 0x400]
#[vm]
enum NoOptions {
    A,
}

fn main() {}
