//! A multi-row instruction has semantics, and constraints.
extern crate vm_core as vm_sdk;

use vm_core::machine::testing::TestAdapter;
use vm_derive::instruction;

#[instruction(multi_row, operands = TestAdapter)]
struct Hash;

fn main() {}
