//! The offset of a class is written once.
use vm_derive::LocalOpcode;

#[derive(Clone, Copy, LocalOpcode)]
#[opcode_offset = 0x100]
#[opcode_offset = 0x200]
#[vm(crate = "vm_core", crate = "vm_core")]
enum AluOpcode {
    Add,
}

fn main() {}
