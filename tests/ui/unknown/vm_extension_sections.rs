//! Misspelt sections are met with a suggestion; all of them are reported.
use vm_derive::vm_extension;

#[vm_extension(lookup(Bytes: ByteTable), busses(BUS), instructions(Add), krate = vm_core)]
struct Arithmetic;

fn main() {}
