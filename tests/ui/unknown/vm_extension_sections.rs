//! Misspelt arguments are reported with a suggestion, all of them at once.
use vm_derive::vm_extension;

#[vm_extension(lookup(Bytes: ByteTable), busses(BUS), instructions(Add), krate = vm_core)]
struct Arithmetic;

fn main() {}
