//! A multi-row instruction with columns implements `RowCore`.
extern crate vm_core as vm_sdk;

use vm_core::machine::testing::TestAdapter;
use vm_derive::{columns, instruction};

#[instruction(multi_row, operands = TestAdapter, columns = HashCols)]
struct Hash;

#[columns]
struct HashCols<T> {
    x: T,
}

fn main() {}
