//! A multi-row instruction says how its operands are encoded.
extern crate vm_core as vm_sdk;

use vm_derive::instruction;

#[instruction(multi_row)]
struct Hash;

fn main() {}
