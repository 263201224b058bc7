//! The columns of an instruction are a struct with `#[columns]`.
extern crate vm_core as vm_sdk;

use vm_core::arch::authoring::Core;
use vm_core::machine::testing::TestAdapter;
use vm_derive::{AlignedBorrow, instruction};

#[instruction(adapter = TestAdapter, columns = Cols)]
struct Rotate;

#[instruction]
impl Core for Rotate {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x
    }
}

#[repr(C)]
#[derive(AlignedBorrow)]
struct Cols<T> {
    x: [T; 2],
}

fn main() {}
