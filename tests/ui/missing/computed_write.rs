//! A computed value needs the method that computes it.
extern crate vm_core as vm_sdk;

use vm_core::arch::authoring::{Core, Word};
use vm_core::machine::testing::TestAdapter;
use vm_derive::{columns, instruction};

#[instruction(adapter = TestAdapter, columns = Cols, computed(write(0)))]
struct First;

#[columns]
struct Cols<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    y: Word<T>,
}

#[instruction]
impl Core for First {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x
    }
}

fn main() {}
