//! The adapter of an annotated instruction implements `CoreAdapter`.
extern crate vm_core as vm_sdk;

use vm_core::arch::authoring::{Core, Word};
use vm_derive::{columns, instruction};

struct Adapter;

#[instruction(adapter = Adapter, columns = Cols)]
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
