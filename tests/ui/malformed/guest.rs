//! A guest function is a name or a signature. A signature may be followed by a function for the host.
extern crate vm_core as vm_sdk;

use vm_core::machine::testing::TestAdapter;
use vm_derive::instruction;

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, funct3 = 1, funct7 = 0), guest)]
struct A;

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, funct3 = 1, funct7 = 0), guest = 7)]
struct B;

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, funct3 = 1, funct7 = 0), guest = "not a name")]
struct C;

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, funct3 = 1, funct7 = 0), guest())]
struct D;

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, funct3 = 1, funct7 = 0), guest(rotate))]
struct E;

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, funct3 = 1, funct7 = 0), guest(pub fn rotate(x: u32, y: u32) -> u32))]
struct F;

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, funct3 = 1, funct7 = 0), guest(fn rotate(x: u32, y: u32) -> u32, rotate))]
struct G;

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, funct3 = 1, funct7 = 0), guest(fn rotate(x: u32, y: u32) -> u32, host))]
struct H;

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, funct3 = 1, funct7 = 0), guest(fn rotate(x: u32, y: u32) -> u32, host = 7))]
struct I;

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, funct3 = 1, funct7 = 0), guest(fn rotate(x: u32, y: u32) -> u32 { x }))]
struct J;

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
