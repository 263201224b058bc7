//! A multi-row instruction implements `MultiRowCore` and `MultiRowAir`.
extern crate vm_core as vm_sdk;

use vm_core::machine::testing::TestAdapter;
use vm_derive::instruction;

#[instruction(multi_row, operands = TestAdapter)]
struct Hash;

fn main() {}
