//! An opcode class needs the number of its first opcode.
use vm_core::instructions::LocalOpcode as _;
use vm_derive::LocalOpcode;

#[derive(Clone, Copy, LocalOpcode)]
enum AluOpcode {
    Add,
}

fn main() {
    // A rejected class causes no further errors where it is used.
    let _ = AluOpcode::Add.global_opcode();
}
