//! The types in the functions of `Core` follow from the adapter and the columns.
extern crate vm_core as vm_sdk;

use vm_core::arch::authoring::{Core, CoreBuilder, Io, Word};
use vm_core::machine::testing::TestAdapter;
use vm_core::stark::F;
use vm_derive::{columns, instruction};

#[instruction(adapter = TestAdapter, columns = Cols)]
struct Rotate;

#[instruction]
impl Core for Rotate {
    fn execute(&self, x: u32) -> u32 {
        x
    }
}

#[instruction(adapter = TestAdapter, columns = Cols)]
struct Mask;

#[instruction]
impl Core for Mask {
    fn execute(&self, [x, _]: [u32; 2]) -> [u32; 2] {
        [x, x]
    }

    fn witness(&self, _: &Io<Self>, _: &mut OtherCols<F>) {}

    fn eval<B: CoreBuilder>(&self, _: &mut B, _: &OtherCols<B::Var>) {}
}

#[columns]
struct OtherCols<T> {
    x: T,
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
