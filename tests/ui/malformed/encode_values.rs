//! Values of fields are numbers, constants, or expressions with `self`. Guest functions need to know them.
extern crate vm_core as vm_sdk;

use vm_core::arch::authoring::{Core, Word};
use vm_core::machine::testing::TestAdapter;
use vm_derive::{columns, instruction};

const FUNCT3: u32 = 8;

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, funct3 = FUNCT3))]
struct A;

#[instruction]
impl Core for A {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x
    }
}

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, funct3 = "5", funct7 = self.0))]
struct B(u32);

#[instruction(
    adapter = TestAdapter,
    columns = Cols,
    encode(custom0, funct3 = 5, funct7 = self.0),
    guest(fn c(x: u32, y: u32) -> u32, host = c_on_host)
)]
struct C(u32);

fn c_on_host(x: u32, _: u32) -> u32 {
    x
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
