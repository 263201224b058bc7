//! A multi-row instruction needs `operands`.
extern crate vm_core as vm_sdk;

use vm_derive::instruction;

#[instruction(multi_row)]
struct Hash;

fn main() {}
