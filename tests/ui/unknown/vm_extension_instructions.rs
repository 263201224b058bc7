//! Misspelt arguments are reported with a suggestion.
use vm_derive::vm_extension;

#[vm_extension(instruction(Rotate), test = false)]
struct Arithmetic;

fn main() {}
