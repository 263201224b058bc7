//! Discriminants are `u16`.
use vm_derive::vm_extension;

#[vm_extension(phantoms(0x1_0000 => HintInput, "hint" => HintInput, 0x20u32 => PrintStr))]
struct Io;

fn main() {}
