//! A multi-row instruction has no adapter. Other instructions have no `operands`.
extern crate vm_core as vm_sdk;

use vm_core::arch::authoring::{Core, Word};
use vm_core::machine::testing::TestAdapter;
use vm_derive::{columns, instruction};

#[instruction(multi_row, adapter = TestAdapter, operands = TestAdapter, columns = Cols)]
struct Hash;

#[instruction(multi_row, operands = TestAdapter, computed(read(0), write(1)))]
struct Computed;

#[instruction(multi_row, operands = TestAdapter)]
enum Hashes {
    Keccak,
    Sha,
}

#[instruction(adapter = TestAdapter, columns = Cols, operands = TestAdapter)]
struct Rotate;

#[instruction]
impl Core for Rotate {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x
    }
}

#[columns]
struct Cols<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    y: Word<T>,
    #[write(0)]
    z: Word<T>,
}

fn main() {}
