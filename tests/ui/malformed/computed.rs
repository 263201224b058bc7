//! Computed values are listed by kind and number.
extern crate vm_core as vm_sdk;

use vm_core::machine::testing::TestAdapter;
use vm_derive::instruction;

#[instruction(adapter = TestAdapter, columns = Cols, computed)]
struct A;

#[instruction(adapter = TestAdapter, columns = Cols, computed = 0)]
struct B;

#[instruction(adapter = TestAdapter, columns = Cols, computed(0))]
struct C;

#[instruction(adapter = TestAdapter, columns = Cols, computed(write))]
struct D;

#[instruction(adapter = TestAdapter, columns = Cols, computed(write(x)))]
struct E;

#[instruction(adapter = TestAdapter, columns = Cols, computed(write(300)))]
struct F;

#[instruction(adapter = TestAdapter, columns = Cols, computed(write(0 1)))]
struct G;

#[vm_derive::columns]
struct Cols<T> {
    #[read(0)]
    x: [T; 2],
    #[read(1)]
    y: [T; 2],
    #[write(0)]
    z: [T; 2],
}

fn main() {}
