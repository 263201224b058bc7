//! A guest function that cannot call `Core::execute` on the host names another function.
extern crate vm_core as vm_sdk;

use vm_core::arch::authoring::{Core, Word};
use vm_core::machine::testing::TestAdapter;
use vm_derive::{columns, instruction};

#[instruction(
    adapter = TestAdapter,
    columns = Cols,
    encode(custom0, funct3 = 0, funct7 = 0),
    guest(unsafe fn load(from: *const u32, offset: u32) -> u32),
)]
struct Load;

#[instruction(
    adapter = TestAdapter,
    columns = Cols,
    encode(custom0, funct3 = 1, funct7 = 0, rd = 0),
    guest(fn reveal(x: u32, index: u32)),
)]
struct Reveal;

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, funct3 = 2, funct7 = 0), guest = scale)]
struct Scale {
    by: u32,
}

#[instruction(adapter = TestAdapter, columns = Cols)]
enum Generic<const N: usize> {
    #[encode(custom0, funct3 = 3, funct7 = 0)]
    #[guest = generic]
    Only,
}

#[instruction]
impl Core for Load {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x
    }
}

#[instruction]
impl Core for Reveal {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x
    }
}

#[instruction]
impl Core for Scale {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x
    }
}

#[instruction]
impl<const N: usize> Core for Generic<N> {
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
