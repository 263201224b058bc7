//! An instruction is a struct, or an enum if several share a chip. On the impl of `Core` the attribute has no
//! arguments.
extern crate vm_core as vm_sdk;

use vm_core::arch::authoring::{Core, Word};
use vm_core::machine::testing::TestAdapter;
use vm_derive::{columns, instruction};

#[instruction(adapter = TestAdapter, columns = Cols)]
fn rotate() {}

#[instruction]
trait Rotations {}

#[instruction(adapter = TestAdapter, columns = Cols)]
struct Rotate;

#[instruction(adapter = TestAdapter)]
impl Core for Rotate {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x
    }
}

#[instruction(adapter = TestAdapter, columns = Cols)]
struct Borrowed<'a>(&'a str);

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
