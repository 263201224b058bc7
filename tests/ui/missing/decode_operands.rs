//! The operands of a multi-row instruction are decoded by a type that implements `DecodeOperands`.
extern crate vm_core as vm_sdk;

use vm_derive::instruction;

struct Pointers;

#[instruction(multi_row, operands = Pointers)]
struct Hash;

fn main() {}
